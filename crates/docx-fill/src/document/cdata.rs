//! Owns converting CDATA sections to escaped text, so that their tags are found like others.
//! Must not know tags.

use crate::opc::OpcError;
use crate::opc::xml::{XmlEventReader, escape_into};
use crate::slice::TextSlice as _;
use quick_xml::events::Event;

/// Returns the part with its CDATA sections as escaped text, or `None` if it has none.
pub(crate) fn unwrap_cdata(text: &str, part: &str) -> Result<Option<String>, OpcError> {
    const OPEN: &str = "<![CDATA[";
    if !text.contains(OPEN) {
        return Ok(None);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    let mut reader = XmlEventReader::new(text, part);
    while let Some((event, range)) = reader.next()? {
        if let Event::CData(_) = event {
            out.push_str(text.slice(from..range.start));
            escape_into(&mut out, text.slice(range.start + OPEN.len()..range.end - "]]>".len()));
            from = range.end;
        }
    }
    out.push_str(text.slice(from..));
    Ok(Some(out))
}
