#!/usr/bin/env python3
"""Makes the web pages of this folder that show how portals publish reports.

    python3 tests/import/pages.py            needs nothing but Python

The same script gives the same bytes. Names and figures are made up.
"""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
ORGAN, YEAR = "云溪县教育局", 2025
TITLE = f"{ORGAN}{YEAR}年政府信息公开工作年度报告"
LEAD = (f"根据《中华人民共和国政府信息公开条例》（以下简称《条例》）和《中华人民共和国政府信息公开工作年度报告格式》"
        f"（国办公开办函〔2021〕30号）规定，编制本报告。本报告所列数据统计期限从{YEAR}年1月1日至{YEAR}年12月31日止。")
OVERVIEW = ["（一）主动公开。全年主动公开政府信息120条。",
            "（二）依申请公开。全年收到政府信息公开申请7件，上年结转1件，办结7件，结转下年度1件。",
            "（三）政府信息管理。严格执行三审三校。", "（四）平台建设。做好专栏维护。", "（五）监督保障。组织培训2次。"]
PROBLEMS = ["一是公开内容的针对性不够强。二是业务人员更换较多，业务不够熟练。",
            "下一步，将结合群众关切完善公开目录，每季度组织一次业务培训。"]
HEADINGS = ["一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况",
            "四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项"]

TABLE_2 = [
    [("第二十条第（一）项", 4, 1)], ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "0", "0", "0"], ["行政规范性文件", "2", "1", "9"],
    [("第二十条第（五）项", 4, 1)], ["信息内容", ("本年处理决定数量", 3, 1)], ["行政许可", ("31", 3, 1)],
    [("第二十条第（六）项", 4, 1)], ["信息内容", ("本年处理决定数量", 3, 1)], ["行政处罚", ("4", 3, 1)], ["行政强制", ("0", 3, 1)],
    [("第二十条第（八）项", 4, 1)], ["信息内容", ("本年收费金额（单位：万元）", 3, 1)], ["行政事业性收费", ("1.25", 3, 1)],
]
NIL = ["0"] * 7
RESULTS = [
    ([("（一）予以公开", 2, 1)], ["3", "0", "0", "0", "1", "0", "4"]),
    ([("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", 2, 1)], ["1", "0", "0", "0", "0", "0", "1"]),
    ([("（三）不予公开", 1, 8), "1.属于国家秘密"], NIL), (["2.其他法律行政法规禁止公开"], NIL), (["3.危及“三安全一稳定”"], NIL),
    (["4.保护第三方合法权益"], NIL), (["5.属于三类内部事务信息"], NIL), (["6.属于四类过程性信息"], NIL),
    (["7.属于行政执法案卷"], NIL), (["8.属于行政查询事项"], NIL),
    ([("（四）无法提供", 1, 3), "1.本机关不掌握相关政府信息"], ["1", "1", "0", "0", "0", "0", "2"]),
    (["2.没有现成信息需要另行制作"], NIL), (["3.补正后申请内容仍不明确"], NIL),
    ([("（五）不予处理", 1, 5), "1.信访举报投诉类申请"], NIL), (["2.重复申请"], NIL), (["3.要求提供公开出版物"], NIL),
    (["4.无正当理由大量反复申请"], NIL), (["5.要求行政机关确认或重新出具已获取信息"], NIL),
    ([("（六）其他处理", 1, 3), "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"], NIL),
    (["2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"], NIL), (["3.其他"], NIL),
    ([("（七）总计", 2, 1)], ["5", "1", "0", "0", "1", "0", "7"]),
]
TABLE_3 = [
    [("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3), ("申请人情况", 7, 1)],
    [("自然人", 1, 2), ("法人或其他组织", 5, 1), ("总计", 1, 2)],
    ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
    [("一、本年新收政府信息公开申请数量", 3, 1), "5", "1", "0", "0", "1", "0", "7"],
    [("二、上年结转政府信息公开申请数量", 3, 1), "1", "0", "0", "0", "0", "0", "1"],
    *[([("三、本年度办理结果", 1, 22)] if at == 0 else []) + labels + cells for at, (labels, cells) in enumerate(RESULTS)],
    [("四、结转下年度继续办理", 3, 1), "1", "0", "0", "0", "0", "0", "1"],
]
FIVE = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
TABLE_4 = [
    [("行政复议", 5, 1), ("行政诉讼", 10, 1)],
    [*[(word, 1, 2) for word in FIVE], ("未经复议直接起诉", 5, 1), ("复议后起诉", 5, 1)],
    [*FIVE, *FIVE], ["1", "0", "1", "0", "2", *["0"] * 10],
]


def table(rows, cell="<td{spans}>{text}</td>", open_="<table>", row="<tr>{cells}</tr>\n", close="</table>\n"):
    out = open_
    for cells in rows:
        drawn = ""
        for one in cells:
            text, columns, down = one if isinstance(one, tuple) else (one, 1, 1)
            spans = (f' colspan="{columns}"' if columns > 1 else "") + (f' rowspan="{down}"' if down > 1 else "")
            drawn += cell.format(text=text, spans=spans)
        out += row.format(cells=drawn)
    return out + close


def portal():
    """A portal of a county: menus, crumbs, the table of 索引号, a year list beside the report, share links, footer; GBK."""
    body = "".join(f"<p style='text-indent:2em'>{line}</p>\n" for line in [LEAD, HEADINGS[0], *OVERVIEW, HEADINGS[1]])
    body += table(TABLE_2, '<td{spans} align="center"><p align="center">{text}</p></td>', '<table border="1" width="600">')
    body += f"<p>{HEADINGS[2]}</p>" + table(TABLE_3, '<td{spans}>&nbsp;{text}&nbsp;</td>')
    body += f"<p>{HEADINGS[3]}</p>" + table(TABLE_4)
    body += "".join(f"<p>&nbsp;&nbsp;&nbsp;&nbsp;{line}</p>\n" for line in [HEADINGS[4], *PROBLEMS, HEADINGS[5], "无。"])
    years = "".join(f'<li><a href="t{year}.html">{ORGAN}{year}年政府信息公开工作年度报告</a></li>' for year in (2024, 2023, 2022))
    return f"""<!DOCTYPE html>
<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>{TITLE}_云溪县人民政府</title>
<script>document.write("<p>一、总体情况</p>");</script></head><body>
<div class="top"><ul><li><a href="/">首页</a></li><li>走进云溪</li><li>政务公开</li><li>无障碍阅读</li><li>长者模式</li></ul></div>
<div class="crumb">您的位置：<a href="/">首页</a> &gt; 政务公开 &gt; 政府信息公开年报</div>
<div class="side"><h3>历年年报</h3><ul>{years}</ul></div>
<div class="main"><table class="record"><tr><td>索引号</td><td>000000000/2026-00002</td><td>分类</td><td>信息公开年报</td></tr>
<tr><td>发布机构</td><td>{ORGAN}</td><td>公开日期</td><td>2026-01-17</td></tr></table>
<h1>{TITLE}</h1><div class="info">发布时间：2026-01-17 10:20&nbsp;&nbsp;来源：{ORGAN}&nbsp;&nbsp;浏览次数：<span id="hits">12</span>&nbsp;&nbsp;字体：[<a>大</a> <a>中</a> <a>小</a>]</div>
<div class="TRS_Editor">{body}</div>
<div class="share">分享到：<a>微信</a> <a>微博</a></div><p>附件：<a href="a.docx">{TITLE}.docx</a></p>
<p>【<a href="javascript:print()">打印本页</a>】【<a href="javascript:close()">关闭窗口</a>】</p><p>上一篇：没有了</p><p>下一篇：没有了</p></div>
<div class="footer"><p>主办单位：云溪县人民政府办公室</p><p>网站标识码：0000000000 某ICP备00000000号</p></div>
</body></html>
""".encode("gb18030")


def layout():
    """An old site of another organ: tables in tables, capital tags, fonts, lines with <br>, the third table cut in two by a paragraph."""
    lines = "".join(f"&nbsp;&nbsp;&nbsp;&nbsp;{line}<BR>\n" for line in [LEAD, HEADINGS[0], *OVERVIEW, HEADINGS[1]])
    cell = '<TD{spans}><FONT face="宋体" size=2>{text}</FONT></TD>'
    upper = {"open_": '<TABLE borderColor=#000000 cellSpacing=0 border=1><TBODY>', "row": "<TR>{cells}</TR>", "close": "</TBODY></TABLE>"}
    rest = "".join(f"　　{line}<BR><BR>" for line in [HEADINGS[4], *PROBLEMS, HEADINGS[5], "无。"])
    return f"""<HTML><HEAD><TITLE>政府信息公开</TITLE><META content="text/html; charset=utf-8" http-equiv=Content-Type></HEAD><BODY>
<TABLE width=1002 align=center><TR><TD colspan=2><IMG src="banner.jpg" width=1002></TD></TR>
<TR><TD width=200 vAlign=top><TABLE><TR><TD><A href="a.html">公开指南</A></TD><TD>&nbsp;</TD></TR><TR><TD><A href="b.html">公开年报</A></TD><TD>&nbsp;</TD></TR></TABLE></TD>
<TD vAlign=top><TABLE><TR><TD align=center><B><FONT size=4>云溪县司法局<BR>{YEAR}年政府信息公开工作年度报告</FONT></B></TD></TR>
<TR><TD align=center>时间：2026-01-17　作者：办公室　点击：<SCRIPT>hits()</SCRIPT>次</TD></TR>
<TR><TD><FONT face=仿宋_GB2312 size=3>{lines}</FONT>
{table(TABLE_2, cell, **upper)}
<P><STRONG>{HEADINGS[2]}</STRONG></P>{table(TABLE_3[:23], cell, **upper)}<P>&nbsp;</P>{table([[("", 1, 4)] + row if at == 0 else row for at, row in enumerate(TABLE_3[23:-1])] + TABLE_3[-1:], cell, **upper)}
<P><STRONG>{HEADINGS[3]}</STRONG></P><DIV align=center>{table(TABLE_4, cell, **upper)}</DIV><BR>{rest}</TD></TR>
<TR><TD align=right>[ <A href="#">打印</A> ] [ <A href="#">关闭</A> ]</TD></TR></TABLE></TD></TR>
<TR><TD colspan=2 align=center>版权所有：云溪县司法局　地址：云溪县中山路1号</TD></TR></TABLE></BODY></HTML>
""".encode()


def word():
    """A page that Word saved: mso styles, <o:p>, conditional comments, lines cut within words, a red head above the title."""
    def para(text, more=""):
        cut = "\n".join(text[at:at + 38] for at in range(0, len(text), 38))
        return f"<p class=MsoNormal style='text-indent:32.0pt;mso-char-indent-count:2.0{more}'><span style='font-family:仿宋;mso-bidi-font-family:\n仿宋'>{cut}<span lang=EN-US><o:p></o:p></span></span></p>\n\n"
    cell = "<td{spans} valign=top style='border:solid windowtext 1.0pt;mso-border-alt:solid windowtext .5pt'>\n  <p class=MsoNormal align=center style='text-align:center'><span lang=EN-US\n  style='mso-hansi-font-family:宋体'>{text}<o:p></o:p></span></p>\n  </td>"
    tables = [table(rows, cell, "<table class=MsoNormalTable border=1 cellspacing=0 cellpadding=0\n style='mso-padding-alt:0cm 5.4pt'>") for rows in (TABLE_2, TABLE_3, TABLE_4)]
    style = ";text-align:center"
    parts = [para(TITLE, style), para(LEAD), para(HEADINGS[0]), *map(para, OVERVIEW), para(HEADINGS[1]), tables[0], para(HEADINGS[2]), tables[1],
             para(HEADINGS[3]), tables[2], para(HEADINGS[4]), *map(para, PROBLEMS), para(HEADINGS[5]), para("无。"), para(ORGAN, ";text-align:right"),
             para(f"{YEAR + 1}年1月20日", ";text-align:right")]
    return f"""<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta http-equiv=Content-Type content="text/html; charset=gb2312"><meta name=Generator content="Microsoft Word 15">
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Print</w:View></w:WordDocument></xml><![endif]-->
<style><!-- p.MsoNormal {{mso-style-parent:""}} --></style></head><body lang=ZH-CN style='tab-interval:21.0pt'><div class=WordSection1>
{"".join(parts)}<![if !supportEmptyParas]>&nbsp;<![endif]><p class=MsoNormal><span style='display:none;mso-hide:all'>不显示的字</span><span lang=EN-US><o:p>&nbsp;</o:p></span></p>
</div></body></html>
""".encode("gb18030")


for name, made in {"portal.html": portal(), "layout.htm": layout(), "word.html": word()}.items():
    (HERE / name).write_bytes(made)
