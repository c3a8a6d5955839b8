//! Owns drawing a Word report as the page of a portal, in the ways in which portals and programs write HTML.
//! Must not know what is read from the page.

use crate::generator::Random;
use docx_fill::word::blocks::{self, WordBlock, WordDocument, WordParagraph, WordTable};
use std::fmt::Write as _;

/// How a page is written.
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct PortalStyle {
    /// Elements around the report: 0 none, 1 `div`s with a menu and a footer, 2 tables in tables.
    pub(crate) frame: usize,
    /// Texts in `p`, in `div`, or as lines with `br` in one `div`.
    pub(crate) texts: usize,
    /// Looks of Word's own HTML within paragraphs and cells.
    pub(crate) from_word: bool,
    /// `th` in a `thead` for the first row of a table.
    pub(crate) heads: bool,
    /// Elements that HTML lets people leave open are.
    pub(crate) open: bool,
    /// Tables and texts that nobody sees.
    pub(crate) hidden: bool,
    /// Some of what merges cells is lost.
    pub(crate) lost_spans: bool,
    /// Characters as references, lines that end within words.
    pub(crate) odd_text: bool,
}

impl PortalStyle {
    /// A random one.
    pub(crate) fn random(random: &mut Random) -> PortalStyle {
        PortalStyle {
            frame: random.below(3),
            texts: random.below(3),
            from_word: random.one_in(2),
            heads: random.one_in(2),
            open: random.one_in(3),
            hidden: random.one_in(2),
            lost_spans: random.one_in(4),
            odd_text: random.one_in(2),
        }
    }
}

/// A drawing of a page.
pub(crate) struct PortalPage<'r> {
    style: PortalStyle,
    random: &'r mut Random,
    out: String,
}

impl PortalPage<'_> {
    /// Draws a document.
    pub(crate) fn draw(document: &WordDocument, style: PortalStyle, random: &mut Random) -> String {
        let mut page = PortalPage { style, random, out: String::new() };
        page.out.push_str("<!DOCTYPE html>\n<html><head><meta charset=\"{charset}\"><title>年报_某县人民政府</title>");
        page.out.push_str("<style>p{color:red}</style><script>var a='<p>一、总体情况</p>';</script></head><body>\n");
        page.open_frame();
        if style.texts == 2 {
            page.out.push_str("<div>");
        }
        for block in &document.blocks {
            match block {
                WordBlock::Paragraph(paragraph) => page.draw_paragraph(paragraph),
                WordBlock::Table(table) => page.draw_table(table),
            }
        }
        if style.texts == 2 {
            page.out.push_str("</div>");
        }
        page.close_frame();
        page.out.push_str("</body></html>\n");
        page.out
    }

    fn open_frame(&mut self) {
        let menu = "<ul class=\"nav\"><li><a href=\"/\">首页</a></li><li><a href=\"/zwgk/\">政务公开</a></li></ul>\
                    <div class=\"crumb\">您的位置：<a href=\"/\">首页</a> &gt; <a>政府信息公开年报</a></div>";
        let record = "<table><tr><td>索引号</td><td>000000000/2026-00002</td><td>发布机构</td><td>某县</td></tr>\
                      <tr><td>公开日期</td><td>2026-01-17</td><td>文号</td><td></td></tr></table>";
        self.out.push_str(match self.style.frame {
            0 => "",
            1 => "<div id=\"top\">",
            _ => "<TABLE width=1000><TR><TD colspan=2>",
        });
        if self.style.frame > 0 {
            self.out.push_str(menu);
        }
        self.out.push_str(match self.style.frame {
            0 => "",
            1 => "</div><div class=\"main\"><div class=\"article\">",
            _ => "</TD></TR><TR><TD width=200><TABLE><TR><TD><A>政策</A></TD><TD><A>解读</A></TD></TR></TABLE></TD><TD>",
        });
        if self.style.frame > 0 {
            self.out.push_str(record);
        }
        if self.style.hidden {
            self.out.push_str("<div style=\"DISPLAY: none;\">二维码<table><tr><td>规章</td><td>7</td></tr></table></div>");
        }
    }

    fn close_frame(&mut self) {
        let links = "<p>【<a href=\"javascript:window.print()\">打印本页</a>】【<a>关闭窗口</a>】</p><p>上一篇：<a>没有了</a></p>";
        let footer = "主办单位：某县人民政府办公室 网站标识码：0000000000";
        match self.style.frame {
            0 => {}
            1 => {
                let _ = write!(self.out, "{links}</div></div><div class=\"footer\">{footer}</div>");
            }
            _ => {
                let _ = write!(
                    self.out,
                    "{links}</TD></TR><TR><TD colspan=2>{footer}</TD></TR></TABLE>"
                );
            }
        }
    }

    fn draw_paragraph(&mut self, paragraph: &WordParagraph) {
        if paragraph.is_blank() {
            return;
        }
        let text = self.write_text(&paragraph.text()).replace('\n', "<br>").replace('\r', "\n");
        let text = self.look(&text);
        let indent = if paragraph.align.is_empty() { "　　" } else { "" };
        let align = match paragraph.align.as_str() {
            "" | "both" | "left" => String::new(),
            align => format!(" style=\"text-align: {align}\""),
        };
        let _ = match self.style.texts {
            0 if self.style.open => writeln!(self.out, "<p{align}>{indent}{text}"),
            0 => writeln!(self.out, "<p{align}>{indent}{text}</p>"),
            1 => writeln!(self.out, "<div{align}>&nbsp;&nbsp;&nbsp;&nbsp;{text}</div>"),
            _ => writeln!(self.out, "{indent}{text}<br>"),
        };
    }

    fn draw_table(&mut self, table: &WordTable) {
        let rows = blocks::slot_rows(table);
        self.out.push_str("<table border=1 cellspacing=0>");
        if self.style.from_word {
            self.out.push_str("<colgroup><col width=100></colgroup>");
        }
        // A cell of the first row may reach below it: a head of its own would cut it.
        let reaches =
            |at: usize| rows.get(at).is_some_and(|row| row.iter().any(|slot| slot.continued));
        let heads = self.style.heads && !reaches(1);
        for (at, row) in rows.iter().enumerate() {
            if heads && at == 0 {
                self.out.push_str("<thead>");
            }
            self.out.push_str("<tr>");
            for slot in row.iter().filter(|slot| !slot.continued) {
                let below = rows[at + 1..].iter().take_while(|row| {
                    row.iter().any(|other| other.continued && std::ptr::eq(other.cell, slot.cell))
                });
                let (columns, rows) = (slot.columns, below.count() + 1);
                let name = if heads && at == 0 { "th" } else { "td" };
                let text = self.write_text(&slot.text).replace('\n', "<br>").replace('\r', "\n");
                let text = self.look(&text);
                let _ = write!(self.out, "<{name}");
                let mut kept = |n| !self.style.lost_spans || !self.random.one_in(n);
                if columns > 1 && kept(12) {
                    let _ = write!(self.out, " colspan=\"{columns}\"");
                }
                if rows > 1 && kept(6) {
                    let _ = write!(self.out, " rowSpan={rows}");
                }
                let _ = write!(self.out, "><p align=center>{text}");
                if !self.style.open {
                    let _ = write!(self.out, "</p></{name}>");
                }
            }
            if !self.style.open {
                self.out.push_str("</tr>\n");
            }
            if heads && at == 0 {
                self.out.push_str("</thead>");
            }
            if self.style.hidden && at == 0 {
                self.out.push_str("<tr style='display:none'><td>9</td><td>9</td></tr>");
            }
        }
        self.out.push_str("</table>\n");
    }

    /// A text with the looks of Word's own HTML.
    fn look(&mut self, text: &str) -> String {
        if !self.style.from_word || text.is_empty() {
            return text.to_owned();
        }
        match self.random.below(4) {
            0 => format!(
                "<span lang=EN-US style='mso-bidi-font-size:12.0pt'>{text}<o:p></o:p></span>"
            ),
            1 => format!(
                "<font face=\"仿宋\">{text}</font><!--[if gte mso 9]><xml>1</xml><![endif]-->"
            ),
            2 => format!("<b style='font-weight:normal'>{text}</b>"),
            _ => format!("<![if !supportEmptyParas]><SPAN>{text}</SPAN><![endif]>"),
        }
    }

    /// The characters of a text as HTML.
    fn write_text(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut before = ' ';
        for c in text.chars() {
            let wide = |c: char| ('\u{4e00}'..'\u{9fff}').contains(&c);
            if self.style.odd_text && wide(before) && wide(c) && self.random.one_in(12) {
                out.push('\r');
            }
            match c {
                '<' => out.push_str("&lt;"),
                '&' => out.push_str("&amp;"),
                c if self.style.odd_text && c != '\n' && self.random.one_in(9) => {
                    let _ = write!(out, "&#x{:x};", u32::from(c));
                }
                '“' if self.style.from_word => out.push_str("&ldquo;"),
                c => out.push(c),
            }
            before = c;
        }
        out
    }
}
