//! Owns the names of Word's built-in styles: the Chinese ones that some programs write, as those that Word writes.
//! Must not know definitions of styles.

/// Chinese names of Word's built-in styles, with the names used in files.
const BUILTIN_STYLE_NAMES: [(&str, &str); 26] = [
    ("正文", "normal"),
    ("标题", "title"),
    ("副标题", "subtitle"),
    ("页眉", "header"),
    ("页脚", "footer"),
    ("页码", "page number"),
    ("题注", "caption"),
    ("引用", "quote"),
    ("明显引用", "intense quote"),
    ("强调", "emphasis"),
    ("要点", "strong"),
    ("超链接", "hyperlink"),
    ("网格型", "table grid"),
    ("普通表格", "normal table"),
    ("table normal", "normal table"),
    ("默认段落字体", "default paragraph font"),
    ("无列表", "no list"),
    ("列表段落", "list paragraph"),
    ("列出段落", "list paragraph"),
    ("正文文本", "body text"),
    ("正文文本缩进", "body text indent"),
    ("脚注文本", "footnote text"),
    ("脚注引用", "footnote reference"),
    ("尾注文本", "endnote text"),
    ("尾注引用", "endnote reference"),
    ("批注文字", "annotation text"),
];

/// Returns a style's name in canonical form, which is the same in every document.
pub fn canonical_style_name(name: &str) -> String {
    let name = name.trim().to_lowercase();
    if name.is_ascii() && name != "table normal" {
        return name;
    }
    if let Some((_, own)) = BUILTIN_STYLE_NAMES.iter().find(|(chinese, _)| *chinese == name) {
        return (*own).to_owned();
    }
    for (chinese, own) in [("标题", "heading"), ("目录", "toc"), ("索引", "index")] {
        let number = name.strip_prefix(chinese).map(str::trim);
        if let Some(number) = number.filter(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit()) {
            return format!("{own} {number}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_style_has_one_name() {
        for (name, common) in [
            ("Heading 1", "heading 1"),
            ("标题 1", "heading 1"),
            ("标题1", "heading 1"),
            ("标题", "title"),
            ("Normal", "normal"),
            ("正文", "normal"),
            ("公文正文", "公文正文"),
            ("目录 3", "toc 3"),
        ] {
            assert_eq!(canonical_style_name(name), common);
        }
    }
}
