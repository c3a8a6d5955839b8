//! Owns what stands around a report in a web page, read as a page or pasted into Word: navigation, the table of 索引号
//! and 发布机构, the lines of the site below title and text.
//! Must not know how a section is matched, nor what is said about the lines.

use super::headings::{FlowItem, HeadingMatcher};
use super::web_page::BlockHolders;
use crate::labels::{normalize_word, strip_blanks};
use docx_fill::diag::WordLocation;
use docx_fill::word::blocks::{WordCell, WordParagraph, WordTable};
use std::collections::BTreeSet;

/// Words with which a line of a site begins.
const LINE_BEGINNINGS: &[&str] = &[
    "发布时间",
    "发布日期",
    "公开日期",
    "公开时间",
    "更新时间",
    "发稿时间",
    "录入时间",
    "时间:",
    "日期:",
    "信息来源",
    "文章来源",
    "来源",
    "稿源",
    "供稿",
    "作者",
    "浏览",
    "点击",
    "阅读",
    "访问量",
    "访问次数",
    "字体",
    "字号",
    "视力保护",
    "背景色",
    "责任编辑",
    "编辑:",
    "审核:",
    "分享",
    "收藏",
    "索引号",
    "索取号",
    "信息索引",
    "发布机构",
    "发布单位",
    "公开方式",
    "公开目录",
    "信息分类",
    "主题分类",
    "组配分类",
    "体裁分类",
    "发文字号",
    "发文机关",
    "有效性",
    "信息名称",
    "成文日期",
    "生成日期",
    "您的位置",
    "您现在的位置",
    "您当前的位置",
    "当前位置",
    "所在位置",
    "打印",
    "关闭",
    "上一篇",
    "下一篇",
    "上一条",
    "下一条",
    "相关链接",
    "相关附件",
    "相关文章",
    "附件",
    "友情链接",
    "扫一扫",
    "返回顶部",
    "主办",
    "版权所有",
];

/// Words that only lines of a site have.
const SITE_WORDS: &[&str] = &[
    "打印本页",
    "打印此页",
    "打印页面",
    "打印文章",
    "关闭窗口",
    "关闭本页",
    "关闭页面",
    "[打印",
    "[关闭",
    "打印]",
    "关闭]",
    "分享到",
    "分享至",
    "浏览次数",
    "点击数",
    "点击次数",
    "阅读次数",
    "您的位置",
    "您现在的位置",
    "您当前的位置",
    "当前位置:",
    "网站标识码",
    "icp备",
    "公网安备",
    "版权所有",
    "copyright",
    "主办单位:",
    "承办单位:",
    "上一篇",
    "下一篇",
    "扫一扫",
    "返回顶部",
    "网站地图",
    "友情链接",
];

/// Lines of a site that are one word.
const SITE_LINES: &[&str] = &[
    "打印",
    "关闭",
    "分享",
    "收藏",
    "大",
    "中",
    "小",
    "顶部",
    "返回",
    "首页",
    "无障碍阅读",
    "长者模式",
    "繁体版",
    "附件下载",
];

/// Labels of the table that tells what is published; two of them make one.
const RECORD_LABELS: &[&str] = &[
    "索引号",
    "索取号",
    "信息索引号",
    "名称",
    "信息名称",
    "标题",
    "文件名称",
    "分类",
    "信息分类",
    "主题分类",
    "组配分类",
    "发布机构",
    "发布单位",
    "发布日期",
    "公开日期",
    "生成日期",
    "成文日期",
    "公开方式",
    "公开范围",
    "文号",
    "发文字号",
    "关键词",
    "主题词",
    "时效",
    "有效性",
    "文件下载",
];

/// Endings of files that are offered below a text.
const FILE_ENDINGS: &[&str] =
    &[".docx", ".doc", ".pdf", ".wps", ".ofd", ".xlsx", ".xls", ".et", ".zip", ".rar", ".ceb"];

/// Maximum number of lines at the end among which those of a site are looked for.
const MAX_FOOT_LINES: usize = 400;
/// Maximum number of characters of a line of a site.
const MAX_LINE_CHARS: usize = 160;
/// Minimum number of headings and official tables that show where in the page the report is.
const MIN_ANCHORS: usize = 3;
/// Maximum numbers of texts that are kept to be shown, and of characters of each.
const MAX_TEXTS: usize = 8;
const MAX_TEXT_CHARS: usize = 24;

/// Parts of a document that belong to the site that shows the report.
#[derive(Debug, Default)]
pub(crate) struct SkippedBoilerplate<'d> {
    /// Place of the first.
    pub(crate) first: Option<&'d WordLocation>,
    /// Number of lines and tables.
    pub(crate) count: usize,
    /// The first texts, shortened.
    pub(crate) texts: Vec<String>,
}

impl<'d> SkippedBoilerplate<'d> {
    /// Adds a line or table.
    pub(crate) fn add(&mut self, item: FlowItem<'d>) {
        let (place, text) = match item {
            FlowItem::Paragraph(paragraph) => (&paragraph.place, strip_blanks(&paragraph.text())),
            FlowItem::Table(table) => (&table.place, strip_blanks(&table_text(table))),
            FlowItem::Official(_) => return,
        };
        if text.is_empty() {
            return;
        }
        self.first.get_or_insert(place);
        self.count += 1;
        if self.texts.len() < MAX_TEXTS {
            let short: String = text.chars().take(MAX_TEXT_CHARS).collect();
            let cut = short.len() < text.len();
            self.texts.push(if cut { short + "…" } else { short });
        }
    }

    /// Adds what follows.
    pub(crate) fn append(&mut self, other: SkippedBoilerplate<'d>) {
        self.first = self.first.or(other.first);
        self.count += other.count;
        self.texts.extend(other.texts);
        self.texts.truncate(MAX_TEXTS);
    }

    /// Takes the items for which a condition holds out of a range.
    fn take_items(
        &mut self,
        items: &mut Vec<FlowItem<'d>>,
        range: std::ops::Range<usize>,
        is_site: impl Fn(usize, &FlowItem<'d>) -> bool,
    ) {
        let mut at = 0;
        items.retain(|item| {
            let own = range.contains(&at) && is_site(at, item);
            at += 1;
            if own {
                self.add(*item);
            }
            !own
        });
    }

    /// Takes out what follows the last part of the report and lies outside of the element that holds all parts.
    pub(crate) fn take_outside(
        &mut self,
        items: &mut Vec<FlowItem<'d>>,
        holders: &BlockHolders,
        anchors: &[usize],
    ) {
        let Some(&last) = anchors.last().filter(|_| anchors.len() >= MIN_ANCHORS) else { return };
        let Some(element) = holders.common_holder(anchors) else { return };
        let all = items.len();
        self.take_items(items, last + 1..all, |at, _| !holders.holds(element, at));
    }

    /// Takes the lines of a site out of what stands between the title and the first heading.
    pub(crate) fn take_below_title(
        &mut self,
        items: &mut Vec<FlowItem<'d>>,
        range: std::ops::Range<usize>,
    ) {
        self.take_items(items, range, |_, item| match item {
            FlowItem::Paragraph(paragraph) => is_site_line(&paragraph.text()),
            FlowItem::Table(table) => is_record_table(table),
            FlowItem::Official(_) => false,
        });
    }
}

/// Returns where the lines of a site begin at the end of a section: at the first one, if one of them is certain.
pub(crate) fn find_foot(items: &[FlowItem<'_>], is_page: bool) -> Option<usize> {
    let from = items.len().saturating_sub(MAX_FOOT_LINES);
    let text = |item: &FlowItem<'_>| item.shown_paragraph().map(WordParagraph::text);
    let certain = |item: &FlowItem<'_>| {
        text(item).is_some_and(|text| {
            has_site_word(&text) || (is_page && (is_site_line(&text) || offers_file(&text)))
        })
    };
    let last = from + items[from..].iter().rposition(certain)?;
    let begins = |item: &FlowItem<'_>| text(item).is_some_and(|text| is_site_line(&text));
    Some(items[from..=last].iter().position(begins).map_or(last, |at| from + at))
}

/// Returns the first items of each section and the official tables, in order.
pub(crate) fn find_anchors(
    items: &[FlowItem<'_>],
    heads: &HeadingMatcher<'_>,
    is_official: &dyn Fn(&WordTable) -> bool,
) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let anchors = items.iter().enumerate().filter(|(_, item)| match item {
        FlowItem::Paragraph(paragraph) => {
            heads.find_section(paragraph).is_some_and(|(section, ..)| seen.insert(section))
        }
        FlowItem::Table(table) => is_official(table),
        FlowItem::Official(_) => true,
    });
    anchors.map(|(at, _)| at).collect()
}

/// Checks whether a table tells what is published: at least two of its cells are labels of such tables.
pub(crate) fn is_record_table(table: &WordTable) -> bool {
    let labels: BTreeSet<String> = table_cells(table)
        .map(|cell| normalize_word(&cell.text()).trim_end_matches(':').to_owned())
        .filter(|text| RECORD_LABELS.contains(&text.as_str()))
        .collect();
    labels.len() >= 2
}

/// Returns the cells of a table.
pub(crate) fn table_cells(table: &WordTable) -> impl Iterator<Item = &WordCell> {
    table.rows.iter().flat_map(|row| &row.cells)
}

fn table_text(table: &WordTable) -> String {
    table_cells(table)
        .map(WordCell::text)
        .filter(|text| !text.trim().is_empty())
        .collect::<Vec<_>>()
        .join("|")
}

/// Returns a line in the form in which the words of sites are written here.
fn plain_line(text: &str) -> String {
    normalize_word(text).to_ascii_lowercase().replace("繁體", "繁体")
}

/// Checks whether a line is one of a site and no sentence.
fn is_site_line(text: &str) -> bool {
    let line = plain_line(text);
    if line.chars().count() > MAX_LINE_CHARS {
        return false;
    }
    let sentence = text.contains(['。', '；']);
    let bare = line.trim_matches(['[', ']', '(', ')', '|', '<', '>']);
    let begins = || LINE_BEGINNINGS.iter().any(|word| bare.starts_with(word));
    has_site_word(text) || (!sentence && (SITE_LINES.contains(&bare) || begins()))
}

/// Checks whether a paragraph is certainly a line of a site.
pub(crate) fn is_site_paragraph(paragraph: &WordParagraph) -> bool {
    has_site_word(&paragraph.text())
}

/// Checks whether a line has words that only lines of a site have.
fn has_site_word(text: &str) -> bool {
    let line = plain_line(text);
    let count = SITE_WORDS.iter().filter(|word| line.contains(*word)).count();
    // A sentence may speak of a site once.
    let needed = if text.contains('。') { 2 } else { 1 };
    count >= needed && line.chars().count() <= MAX_LINE_CHARS
}

/// Checks whether a line offers a file.
fn offers_file(text: &str) -> bool {
    let line = plain_line(text);
    FILE_ENDINGS.iter().any(|ending| line.trim_end_matches([')', ']']).ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_sites_are_told_from_sentences() {
        for line in [
            "【打印本页】【关闭窗口】",
            "发布时间：2024-01-17 10:20 来源：县教育局 浏览次数：12",
            "字体：[大 中 小]",
            "分享到：",
            "某ICP备00000000号",
            "Copyright © 2024",
            "上一篇：无",
            "繁體版",
            "您的位置：首页 > 政务公开",
            "[ 打印 ] [ 关闭 ]",
            "附件：年度报告.docx",
        ] {
            assert!(is_site_line(line), "{line}");
        }
        for line in [
            "无。",
            "没有其他需要报告的事项",
            "来源于群众的建议有12条。",
            "本报告可在县政府网站下载，联系电话：010-00000000。",
            "县政府网站主办单位落实三审三校。",
            "一、总体情况",
            "收取信息处理费0元",
        ] {
            assert!(!is_site_line(line), "{line}");
        }
        assert!(!has_site_word("附件：年度报告.docx") && offers_file("附件：年度报告.docx"));
    }
}
