//! Owns the white space between elements that pretty-printed parts have: adding it, and leaving it out.
//! Must not know what a part means.

/// Puts a line end between any two tags that text does not divide, but within texts.
pub fn indented(xml: &str) -> String {
    xml.replace("><w:", ">\n  <w:").replace("></w:", ">\n</w:").replace(">\n</w:t>", "></w:t>")
}

pub fn without_blanks(xml: &str) -> String {
    let mut out = String::new();
    let mut rest = xml;
    while let Some(at) = rest.find('>') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let next = rest.find('<').unwrap_or(rest.len());
        if rest[..next].trim().is_empty()
            && !out.ends_with("preserve\">")
            && !out.ends_with("<w:t>")
        {
            rest = &rest[next..];
        }
    }
    out + rest
}
