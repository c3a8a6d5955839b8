//! Owns replacing the paths of pictures in Markdown without any other change.
//! Must not know the files that the paths name.

use crate::slice::TextSlice as _;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// Replaces the paths of pictures. `rename` returns the new path, or `None` to keep the old one. New paths must
/// not need escaping in Markdown.
pub fn replace_image_paths(
    markdown: &str,
    rename: &mut dyn FnMut(&str) -> Option<String>,
) -> String {
    if !markdown.contains("![") {
        return markdown.to_owned();
    }
    let mut out = String::with_capacity(markdown.len());
    let mut at = 0;
    for ImageSyntax { range, alt_range: inside, path } in find_images(markdown) {
        let Some(name) = rename(&path) else { continue };
        out.push_str(markdown.slice(at..range.start));
        out.push_str("![");
        out.push_str(markdown.slice(inside));
        out.push_str("](");
        out.push_str(&name);
        out.push(')');
        at = range.end;
    }
    out.push_str(markdown.slice(at..));
    out
}

/// A picture in a Markdown text.
struct ImageSyntax {
    /// Range of the whole picture.
    range: Range<usize>,
    /// Range of its description.
    alt_range: Range<usize>,
    path: String,
}

/// Finds the pictures of a text in order, without those within the description of another.
fn find_images(markdown: &str) -> Vec<ImageSyntax> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let (mut out, mut open) = (Vec::new(), Vec::<ImageSyntax>::new());
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        let last = matches!(event, Event::End(TagEnd::Image)) && open.len() == 1;
        if let (false, Some(first)) = (last, open.first_mut()) {
            first.alt_range.end = first.alt_range.end.max(range.end);
        }
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                let inside = range.start + 2..range.start + 2;
                open.push(ImageSyntax { range, alt_range: inside, path: dest_url.into_string() });
            }
            Event::End(TagEnd::Image) => {
                let done = open.pop();
                if open.is_empty() {
                    out.extend(done);
                }
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(markdown: &str) -> String {
        replace_image_paths(markdown, &mut |path| (path != "keep").then(|| "new.png".to_owned()))
    }

    #[test]
    fn only_the_paths_change() {
        for (text, changed) in [
            ("a![图{{b}}](c.png)d", "a![图{{b}}](new.png)d"),
            ("![](<a b.png> \"t\")", "![](new.png)"),
            ("![a\\]*b*`c`](x \"t\") e", "![a\\]*b*`c`](new.png) e"),
            ("![甲][r]\n\n[r]: nianbao.toml", "![甲](new.png)\n\n[r]: nianbao.toml"),
            ("![甲](keep)![乙](x)", "![甲](keep)![乙](new.png)"),
            ("[![甲](a)](http://b)", "[![甲](new.png)](http://b)"),
            ("![a![b](c)](d)", "![a![b](c)](new.png)"),
            ("`![a](b)` \\![a](b)", "`![a](b)` \\![a](b)"),
            ("| ![a](b) |\n|---|\n| ![c](d) |", "| ![a](new.png) |\n|---|\n| ![c](new.png) |"),
        ] {
            assert_eq!(renamed(text), changed, "{text}");
        }
    }
}
