//! The page itself: one file without network, script or markup of a user, the same each time, in both languages.

use super::{Desk, STEM, TODAY, has_end, sample, wrong};

#[test]
fn the_page_needs_nothing_but_itself() {
    let desk = Desk::new();
    desk.write("甲.toml", wrong());
    desk.drop(&["甲.toml"]);
    let page = desk.text("甲检查结果.html");
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">"), "{page}");
    for foreign in ["<script", "<link", "<img", "src=", "url(", "http:", "https:", "@import"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("default-src 'none'") && page.contains("@page { size: A4"));
    for landmark in ["<header>", "<main>", "<footer>", "<h1>", "<title>"] {
        assert_eq!(page.matches(landmark).count(), 1, "{landmark}");
    }
    // Neither the folder of this run nor that of the user stands on it.
    let dir = desk.dir.path().to_string_lossy().into_owned();
    assert!(!page.contains(&dir) && !page.contains("/home/"), "{page}");
}

#[test]
fn elements_are_closed_and_headings_do_not_skip() {
    let desk = Desk::new();
    desk.write("报来/甲.toml", sample("yunyan-2025").replace("云砚镇", "甲镇"));
    desk.write("报来/乙.toml", wrong());
    desk.write("丙.pdf", "x");
    desk.drop(&["报来", "丙.pdf"]);
    let page = desk.text("报来等 2 个检查结果.html");
    let (mut open, mut level) = (Vec::new(), 0);
    for tag in page.split('<').skip(1).map(|part| part.split('>').next().expect("an end")) {
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{tag}");
        } else if !matches!(name, "meta" | "!DOCTYPE") {
            open.push(name);
        }
        if let Some(heading) = name.strip_prefix('h').and_then(|h| h.parse::<u8>().ok()) {
            assert!(heading <= level + 1, "{tag} after h{level}");
            level = heading;
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let ids = page.split(" id=\"").skip(1);
    let mut ids: Vec<&str> = ids.map(|id| id.split('"').next().expect("an end")).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id is given once");
}

#[test]
fn nothing_of_a_file_becomes_markup() {
    let desk = Desk::new();
    let hostile = "</title><script>alert(1)</script>\\\"' onload=x &lt; \\u202Efdp";
    let text = wrong().replace("云砚镇人民政府", hostile);
    let name = if cfg!(windows) { "a&b 'c'.toml" } else { "a<b>&\"c\" 'd'.toml" };
    desk.write(name, text);
    assert_eq!(desk.drop(&[name]).code, 1);
    let page = desk.names().into_iter().find(|name| has_end(name, "html")).expect("a page");
    let page = desk.text(&page);
    assert!(!page.contains("<script") && !page.contains('\u{202e}'), "{page}");
    assert!(page.contains("&lt;script&gt;") && page.contains("\\u{202E}"), "{page}");
    assert!(!page.contains("a<b>") && page.contains("&amp;"), "{page}");
}

#[test]
fn the_same_drop_gives_the_same_page_anywhere() {
    let page = |name: &str| {
        let desk = Desk::new();
        desk.write(name, sample("yunyan-2025"));
        desk.drop(&[name]);
        desk.text(&name.replace(".toml", "检查结果.html"))
    };
    assert_eq!(page("a/甲.toml"), page("b/c/甲.toml"));
}

#[test]
fn english_pages_are_english() {
    let desk = Desk::new();
    desk.write("甲.toml", sample("yunyan-2025"));
    let ran = desk.run(&["drop", "--lang", "en", "--today", TODAY, "甲.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = desk.text("甲检查结果.html");
    assert!(page.contains("<html lang=\"en\">") && page.contains("Word and PDF are made"));
    assert!(page.contains(STEM), "files keep their Chinese names");
}
