#!/usr/bin/env python3
"""Makes the Word documents of this folder that show how reports deviate from the official form.

    python3 tests/import/make.py            needs nothing but Python

The same script gives the same bytes. `blank.py` makes the documents that python-docx writes, and
`libreoffice.sh` those that LibreOffice saved again.
"""
import pathlib
import re
import zipfile
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
NS = ('xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
      'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
      'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
      'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
      'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
      'xmlns:v="urn:schemas-microsoft-com:vml" '
      'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"')
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def run(text, look=""):
    lines = text.split("\n")
    inner = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
    return f"<w:r>{'<w:rPr>' + look + '</w:rPr>' if look else ''}{inner}</w:r>"


def p(text="", look="", align="", props="", raw=""):
    jc = f'<w:jc w:val="{align}"/>' if align else ""
    ppr = f"<w:pPr>{props}{jc}</w:pPr>" if props or jc else ""
    return f"<w:p>{ppr}{run(text, look) if text else ''}{raw}</w:p>"


def bold(text):
    return p(text, "<w:b/>")


class C:
    """A cell: text, columns, and `down` (rows that it covers) or `up` (it continues the one above)."""

    def __init__(self, text="", span=1, down=False, up=False, raw=None):
        self.text, self.span, self.down, self.up, self.raw = text, span, down, up, raw

    def xml(self):
        merge = '<w:vMerge w:val="restart"/>' if self.down else "<w:vMerge/>" if self.up else ""
        span = f'<w:gridSpan w:val="{self.span}"/>' if self.span > 1 else ""
        body = self.raw if self.raw is not None else p(self.text, align="center")
        return f'<w:tc><w:tcPr><w:tcW w:w="800" w:type="dxa"/>{span}{merge}</w:tcPr>{body}</w:tc>'


def table(rows, look='<w:tblLook w:val="04A0"/>', columns=None):
    cells = [[c if isinstance(c, C) else C(str(c)) for c in row] for row in rows]
    count = columns or max(sum(c.span for c in row) for row in cells)
    grid = "".join('<w:gridCol w:w="800"/>' for _ in range(count))
    body = "".join("<w:tr>" + "".join(c.xml() for c in row) + "</w:tr>" for row in cells)
    return f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/>{look}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>'


def write(name, body, parts=None, styles=""):
    parts = dict(parts or {})
    rels = [f'<Relationship Id="rId{n}" Type="{REL}/{part.split("/")[1].split(".")[0]}" Target="{part.split("/")[1]}"/>'
            for n, part in enumerate(parts, 1)]
    rels.append(f'<Relationship Id="rIdLink" Type="{REL}/hyperlink" Target="https://qinghe.example.org/" TargetMode="External"/>')
    kinds = "".join(f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.'
                    f'wordprocessingml.{part.split("/")[1].split(".")[0]}+xml"/>' for part in parts)
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    files = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{main}"/>{kinds}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{REL}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{"".join(rels)}</Relationships>',
        "word/document.xml": f"{HEAD}<w:document {NS}><w:body>{body}<w:sectPr/></w:body></w:document>",
        **{part: HEAD + text for part, text in parts.items()},
    }
    with zipfile.ZipFile(HERE / name, "w", zipfile.ZIP_DEFLATED) as out:
        for path, text in files.items():
            info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, text.encode())


PEOPLE = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
NOTE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
GROUPS_2021 = [
    (None, ["（一）予以公开", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"]),
    ("（三）不予公开", ["1.属于国家秘密", "2.其他法律行政法规禁止公开", "3.危及“三安全一稳定”", "4.保护第三方合法权益",
                  "5.属于三类内部事务信息", "6.属于四类过程性信息", "7.属于行政执法案卷", "8.属于行政查询事项"]),
    ("（四）无法提供", ["1.本机关不掌握相关政府信息", "2.没有现成信息需要另行制作", "3.补正后申请内容仍不明确"]),
    ("（五）不予处理", ["1.信访举报投诉类申请", "2.重复申请", "3.要求提供公开出版物", "4.无正当理由大量反复申请",
                  "5.要求行政机关确认或重新出具已获取信息"]),
    ("（六）其他处理", ["1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
                  "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请", "3.其他"]),
    (None, ["（七）总计"]),
]


def figures(row):
    """Seven figures that differ from row to row; the last is their sum."""
    values = [row + 1, row % 3, 0, row % 2, 0, row % 5]
    return [*map(str, values), str(sum(values))]


def requests(groups=GROUPS_2021, merged=True, label=lambda text: text, fill=figures, heads=True):
    rows = []
    if heads:
        rows += [
            [C(NOTE, 3, down=True), C("申请人情况", 7)],
            [C("", 3, up=True), C("自然人", down=True), C("法人或其他组织", 5), C("总计", down=True)],
            [C("", 3, up=True), C("", up=True), *PEOPLE[1:6], C("", up=True)],
        ]
    number = 0
    for text in ["一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量"]:
        rows.append([C(label(text), 3), *fill(number)])
        number += 1
    first = True
    for group, labels in groups:
        for at, text in enumerate(labels):
            block = C("三、本年度办理结果", down=first, up=not first) if merged else C("三、本年度办理结果")
            if group is None:
                head = [block, C(label(text), 2)]
            elif merged:
                head = [block, C(group, down=at == 0, up=at > 0), label(text)]
            else:
                head = [block, C(group), label(text)]
            rows.append(head + fill(number))
            number, first = number + 1, False
    rows.append([C(label("四、结转下年度继续办理"), 3), *fill(number)])
    return rows


def review(values=None):
    five = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    values = values or ["1", "0", "2", "0", "3", *["0"] * 10]
    return [
        [C("行政复议", 5), C("行政诉讼", 10)],
        [*[C(text, down=True) for text in five], C("未经复议直接起诉", 5), C("复议后起诉", 5)],
        [*[C("", up=True) for _ in five], *five, *five],
        values,
    ]


def disclosure(labels=("规章", "行政规范性文件", "行政许可", "行政处罚", "行政强制", "行政事业性收费"),
               valid="现行有效件数", extra=None):
    rows = [
        [C("第二十条第（一）项", 4)], ["信息内容", "本年制发件数", "本年废止件数", valid],
        [labels[0], "0", "0", "0"], [labels[1], "2", "1", "5"],
    ]
    if extra:
        rows.append(extra)
    rows += [
        [C("第二十条第（五）项", 4)], ["信息内容", C("本年处理决定数量", 3)], [labels[2], C("12", 3)],
        [C("第二十条第（六）项", 4)], ["信息内容", C("本年处理决定数量", 3)],
        [labels[3], C("7", 3)], [labels[4], C("3", 3)],
        [C("第二十条第（八）项", 4)], ["信息内容", C("本年收费金额（单位：万元）", 3)], [labels[5], C("1.25", 3)],
    ]
    return rows


def broken():
    """A real report as a text extraction from its PDF leaves it: brackets lost, rows cut by the page break,
    the table in three parts with fewer and fewer columns, one column blank in all of them."""
    six = ["", "0", "0", "0", "0", "0", "0"]
    part_a = [
        ["", "", "", C("申请人情况", 6), C("总计", down=True)],
        ["", "", "", C("自然人", down=True), C("法人或其他组织", 5), C("", up=True)],
        ["", "", "", C("", up=True), *PEOPLE[1:6], C("", up=True)],
        [C("一、本年新收政府信息公开申请数量", 3), *six],
        [C("二、上年结转政府信息公开申请数量", 3), *six],
        [C("、 本 年 度 办 理 结 果", down=True), C("(一) 予以公开", 2), *six],
        [C("", up=True), C("(二) 部分公开", 2), *six],
    ]
    labels = ["1. 属于国家秘密", "2. 其他法律行政法规禁止公开", "3. 危及“三安全一稳定”", "4. 保护第三方合法权益",
              "5. 属于三类内部事务信息"]
    for at, text in enumerate(labels):
        part_a.append([C("", up=True), C("三) 不 予 公 开", down=at == 0, up=at > 0), text, *six])
    part_a.append([C("", up=True), C("", up=True), "6. 属于四类过程性", *six])
    nine = ["", "0", "0", "0", "0", "0", "0"]
    part_b = [["", "信息", *[""] * 7], ["", "7. 属于行政执法案卷", *nine], ["", "8. 属于行政查询事项", *nine]]
    for group, texts in [("四) 无法\n提供", ["1. 本机关不掌握相关政府信息", "2. 没有现成信息需要另行制作", "3. 补正后申请内容仍不明确"]),
                         ("五) 不予\n处理", ["1. 信访举报投诉类申请", "2. 重复申请", "3. 要求提供公开出版物", "4. 无正当理由大量反复申请",
                                         "5. 要求行政机关确认或重新出具已获取信息"])]:
        part_b += [[C(group, down=at == 0, up=at > 0), text, *nine] for at, text in enumerate(texts)]
    part_b.append([C("(六) 其他处理", 2), *nine])
    part_c = [["", "(七) 总计", *["0"] * 6], [C("四、结转下年度继续办理", 2), *["0"] * 6]]
    two_a = [
        [C("第二十条第（一）项", 4)], ["信息内容", "本年新制作数量", "本年新公开数量", "对外公开总数量"],
        ["规章", "0", "0", "0"], ["规范性文件", "0", "0", "0"], [C("第二十条第（五）项", 4)],
        ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"], ["行政许可", "0", "10", "0"],
        ["其他对外管理服务事项", "0", "151", "0"], [C("第二十条第（六）项", 4)],
    ]
    two_b = [
        ["信息内容", "上一年项目\n数量", "本年增/\n减", "处理决定数\n量"], ["行政处罚", "0", "5", "0"], ["行政强制", "0", "5", "0"],
        [C("第二十条第（八）项", 4)], ["信息内容", "上一年项目\n数量", "本年增/减", ""], ["行政事业性收费", "0", "0", ""],
        [C("第二十条第（九）项", 4)], ["信息内容", "采购项目数\n量", "采购总金额", ""], ["政府集中采购", "0", "0", ""],
    ]
    lead = ("按照《中华人民共和国政府信息公开条例》、《中华人民共和国政府信息公开工作年度报告格式（试行）》要求，特向社会公布 2020 年本级政府信息公开年度报告。"
            "报告中所列数据的统计期限自 2020 年 1 月 1 日起至 2020 年 12 月 31 日止。电子版在市政府门户网站（http://www.ya.gov.cn/）下载。如对本报告有疑问，"
            "请联系安砂镇党政办公室（永安市安砂镇龙江路 61 号），联系电话：")
    body = [
        p("安砂镇政府信息公开工作年度报告", align="center"), p(), p(lead),
        p("0598-3560010 ， 邮 编 ： 366021， 电 子 邮 箱 ：\nasz3560010@163.com。"),
        p("一、总体情况"), p("2020年安砂镇党委、政府高度重视政府信息公开工作，有序推进决策、执行、管理、服务、结果“五公开”。"),
        p("（一）主动公开政府信息的情况"), p("2020年度我镇共制作信息54条，其中主动公开信息数44条，占比81.48%。"),
        p("（二）依申请公开政府信息的情况"), p("2020年度我镇未受理依申请公开信息申请，历年也未受理依申请公开信息申请。"),
        p("二、主动公开政府信息情况"), table(two_a), p(), table(two_b),
        p("三、收到和处理政府信息公开申请情况"), table(part_a, columns=10), p(), table(part_b, columns=9), p(), table(part_c, columns=8),
        p("四、政府信息公开行政复议、行政诉讼情况"), table(review(["0"] * 15)),
        p("五、存在的主要问题及改进情况"), p("(一) 工作中存在的主要问题"), p("我镇的政务公开工作虽然取得了一定的成绩，但离上级和群众的要求还有差距，部分所站公开内容的审查不足。"),
        p("(二) 具体解决办法和改进措施。以上问题我们将在今后的工作中切实加以解决。"), p("1. 完善我镇审查制度，对拟公开的政府信息进行严格依法审查。"),
        p("六、其他需要报告的事项"), p("无。"),
    ]
    write("broken.docx", "".join(body))


def web():
    """Pasted from a web page: everything in a table that only arranges, headings without numbers in bold,
    blanks of all kinds, no merged labels, the web's own paragraph style, table 4 in a cell of its own."""
    look = '<w:tblCellMar><w:left w:w="0" w:type="dxa"/></w:tblCellMar><w:tblLook w:val="04A0" w:firstRow="1" w:noVBand="1"/>'
    nbsp = "\u00a0"

    def spaced(text):
        return f"{nbsp}{text[:4]}\u200b{text[4:]} "

    style = '<w:pStyle w:val="a3"/><w:spacing w:before="0" w:beforeAutospacing="0"/>'

    def para(text):
        return p(f"\u3000\u3000{text}", props=style)

    blue = '<w:color w:val="0563C1"/>'
    link = f'<w:hyperlink r:id="rIdLink">{run("https://qinghe.example.org/", blue)}</w:hyperlink>'
    inner = [
        p("青禾镇人民政府2025年度政府信息公开工作报告", "<w:b/>", "center", style),
        p(raw=run("\u3000\u3000根据《中华人民共和国政府信息公开条例》编制本报告，统计期限自2025年1月1日起至2025年12月31日止。电子版见青禾镇人民政府网站（") + link
          + run("）。地址：霁川县青禾镇学府路1号，邮政编码：000000，联系电话：000-0000000，电子邮箱：qinghe@example.org。"), props=style),
        bold("总体情况"), para("2025年，青禾镇围绕群众关心的事项做好政府信息公开工作。"),
        bold("主动公开政府信息情况"), table([[spaced(c) if isinstance(c, str) else c for c in row] for row in disclosure()], look),
        bold("收到和处理政府信息公开申请情况"), table(requests(merged=False, label=spaced), look),
        bold("政府信息公开行政复议、行政诉讼情况"),
        table([[C(raw=table(review(), look) + p())]], look),
        bold("存在的主要问题及改进情况"), para("一是解读形式单一；二是公开栏更新不及时。下一步每月巡查。"),
        bold("其他需要报告的事项"), para("本年度未收取信息处理费。"), p("青禾镇人民政府", align="right"), p("2026年1月20日", align="right"),
    ]
    outer = table([[C(raw="".join(inner) + p())]], look)
    styles = (f'<w:styles {NS}><w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>'
              '<w:style w:type="paragraph" w:styleId="a3"><w:name w:val="Normal (Web)"/><w:basedOn w:val="a"/></w:style></w:styles>')
    write("web.docx", outer + p(), {"word/styles.xml": styles})


def odd():
    """Labels and headings in other words, automatic numbers, a row that the form does not have, tracked
    changes, a table in a text box, labels split over cells, look-alikes, blanks and strokes."""
    numbering = (f'<w:numbering {NS}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
                 '<w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
                 '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>')
    auto = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'

    def head(text):
        return p(text, props=auto)

    rows = disclosure(("规章（设区的市、自治州人民政府应提供相关数据）", "规范性文件", "⾏政许可", "行政处罚", "行政强制", "行政事业型收费"),
                      "现行有效件数（历史累计）", ["其他主动公开文件", "3", "0", "9"])
    rows[2][1:] = ["/", "/", "/"]
    changed = ('<w:p><w:del w:id="1" w:author="a"><w:r><w:delText>99</w:delText></w:r></w:del>'
               f'<w:ins w:id="2" w:author="a">{run("7")}</w:ins></w:p>')
    rows[-5 if len(rows) == 15 else -4][1] = C(raw=changed, span=3)

    def fill(number):
        values = figures(number)
        return ["", *values[1:]] if number == 4 else values

    three = requests(fill=fill)
    # The number of a label in a cell of its own, and half-width brackets.
    for row in three:
        for at, cell in enumerate(row):
            if cell == "1.属于国家秘密":
                row[at] = "属于国家秘密"
            if cell == "8.属于行政查询事项":
                row[at] = "8. 属于行政查询事项"
            if isinstance(cell, C) and cell.text.startswith("（一）予以"):
                cell.text = "(一)予以公开"
    box = ('<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><a:graphic><a:graphicData '
           'uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:txbx><w:txbxContent>'
           f'{table(review())}<w:p/></w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice>'
           f'<mc:Fallback><w:pict><v:textbox><w:txbxContent>{table(review())}<w:p/></w:txbxContent></v:textbox></w:pict></mc:Fallback>'
           "</mc:AlternateContent></w:r></w:p>")
    body = [
        p("青禾镇人民政府文件", align="center"), p("青政〔2026〕1号", align="center"),
        p("青禾镇人民政府", align="center"), p("2025年政务信息公开工作报告", align="center"), p("（2026年1月20日）", align="center"),
        p("根据《中华人民共和国政府信息公开条例》编制本报告，统计期限自2025年1月1日起至2025年12月31日止。"),
        head("工作基本情况"), p("2025年，青禾镇做好政府信息公开工作。", raw=run("全年公开信息86条", "<w:b/>") + run("。")),
        head("行政机关主动公开政府信息情况"), table(rows),
        head("收到和处理政府信息公开申请情况"), table(three),
        head("政务公开行政复议、行政诉讼情况"), box,
        head("存在问题及改进情况"), p("公开栏更新不及时，下一步每月巡查。"), head("其他需要报告的事项"), p("无。"),
    ]
    write("odd.docx", "".join(body), {"word/numbering.xml": numbering})


def lacking():
    """A table as a picture (none at all), a row and a column less, a table given twice, a heading less, no
    title, and the table of requests in two parts with a blank line and heads again."""
    three = requests()
    split = 14
    first, second = three[:split], three[:3] + [list(row) for row in three[split:]]
    # A merge that began in the first part begins anew in the second.
    second[3][0] = C("三、本年度办理结果", down=True)
    second[3][1] = C("（四）无法提供", down=True)
    second = [row for row in second if not any(getattr(c, "text", c) == "2.重复申请" for c in row)]
    two = [[c for at, c in enumerate(row) if not (len(row) == 4 and at == 2)] for row in disclosure()]
    body = [
        p("2025年度工作", align="center"),
        p("本报告的统计期限自2025年1月1日起至2025年12月31日止。"),
        p("一、总体情况"), p("见各表。"), p("二、主动公开政府信息情况"), table(two),
        p("三、收到和处理政府信息公开申请情况"), table(first), p(), table(second), p("上表另附一份："), table(requests()),
        p("四、政府信息公开行政复议、行政诉讼情况"), p("五、存在的主要问题及改进情况"), p("公开不够及时，下一步每月检查。"), p("无其他事项。"),
    ]
    write("lacking.docx", "".join(body))


def trial():
    """The trial form with six physical columns, thirds and halves, as some places publish it."""
    two = [
        [C("第二十条第（一）项", 7)], ["信息内容", C("本年新制作数量", 2), C("本年新公开数量", 2), C("对外公开总数量", 2)],
        ["规章", C("0", 2), C("0", 2), C("0", 2)], ["规范性文件", C("1", 2), C("2", 2), C("30", 2)], [C("第二十条第（五）项", 7)],
        ["信息内容", C("上一年项目数量", 2), C("本年增/减", 2), C("处理决定数量", 2)], ["行政许可", C("10", 2), C("减4", 2), C("52", 2)],
        ["其他对外管理服务事项", C("8", 2), C("-2", 2), C("6", 2)], [C("第二十条第（六）项", 7)],
        ["信息内容", C("上一年项目数量", 2), C("本年增/减", 2), C("处理决定数量", 2)], ["行政处罚", C("3", 2), C("0", 2), C("1", 2)],
        ["行政强制", C("0", 2), C("0", 2), C("0", 2)], [C("第二十条第（八）项", 7)], ["信息内容", C("上一年项目数量", 3), C("本年增/减", 3)],
        ["行政事业性收费", C("2", 3), C("0", 3)], [C("第二十条第（九）项", 7)], ["信息内容", C("采购项目数量", 3), C("采购总金额", 3)],
        ["政府集中采购", C("4", 3), C("251000元", 3)],
    ]
    groups = [*GROUPS_2021[:4], (None, ["（六）其他处理", "（七）总计"])]
    body = [
        p("青禾镇人民政府2019年政府信息公开工作年度报告", align="center"),
        p("统计期限自2019年1月1日起至2019年12月31日止。"),
        p("一、总体情况\n2019年做好公开工作。"), p("二、主动公开政府信息情况"), table(two), p("三、收到和处理政府信息公开申请情况"), table(requests(groups)),
        p("四、政府信息公开行政复议、行政诉讼情况"), table(review()), p("五、存在的主要问题及改进情况"), p("公开不够及时，下一步每月检查。"),
        p("六、其他需要报告的事项"), p("无。"),
    ]
    write("trial.docx", "".join(body))


if __name__ == "__main__":
    for make in (broken, web, odd, lacking, trial):
        make()
