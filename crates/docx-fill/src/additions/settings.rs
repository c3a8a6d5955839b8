//! Owns the wish that a program updates the fields of a document when it opens it (ISO/IEC 29500-1, 17.15.1.90).
//! Must not know which fields there are.

use super::resources::RenderResources;
use super::target_parts::{UPDATE_FIELDS_SUCCESSORS, find_root_child};
use crate::opc::OpcError;
use crate::slice::TextEdit as _;

const ELEMENT: &str = "<w:updateFields w:val=\"true\"/>";

/// Returns the settings with the wish.
pub(crate) fn ask_for_updates(text: &str) -> String {
    let mut out = text.to_owned();
    if let Some(start) = out.find("<w:updateFields")
        && let Some(length) = out.get(start..).and_then(|rest| rest.find('>'))
    {
        let end = start + length + 1;
        out.replace_text(start..end, ELEMENT);
    } else if let Some(at) = find_root_child(&out, &UPDATE_FIELDS_SUCCESSORS) {
        out.insert_text(at, ELEMENT);
    }
    out
}

impl RenderResources<'_> {
    /// Adds settings with the wish if the document has none.
    pub(crate) fn add_update_settings(&mut self) -> Result<(), OpcError> {
        let main = self.package().main_document_name();
        let known = self.package().relationships(main)?.target_by_type(main, "/settings");
        if known.is_some_and(|part| self.package().contains_part(&part)) {
            return Ok(());
        }
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:settings \
             xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">{ELEMENT}\
             </w:settings>"
        );
        let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml";
        let part = self.add_part("word/settings.xml", Some(kind), xml.into_bytes());
        self.relate_to_main_part("settings", &part).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wish_stands_where_the_schema_wants_it() {
        let found =
            ask_for_updates("<w:settings><w:zoom/><w:compat><w:x/></w:compat></w:settings>");
        assert_eq!(
            found,
            format!("<w:settings><w:zoom/>{ELEMENT}<w:compat><w:x/></w:compat></w:settings>")
        );
        assert_eq!(ask_for_updates(&found), found);
        let off = found.replace("true", "false");
        assert_eq!(ask_for_updates(&off), found);
    }
}
