//! Owns the settings common to all workbooks written here: no clock, no trace of the system.
//! Must not know the content of a workbook.

use docx_fill::opc;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

/// Creates an empty workbook with a fixed creation date, because the default is the current time.
pub(crate) fn new_workbook(title: Option<&str>) -> Result<Workbook, XlsxError> {
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let properties = DocProperties::new().set_creation_datetime(&created);
    #[expect(clippy::disallowed_methods, reason = "here it gets its date")]
    let mut book = Workbook::new();
    book.set_properties(&match title {
        Some(title) => properties.set_title(title),
        None => properties,
    });
    Ok(book)
}

/// Returns the bytes of a workbook, equal on every system.
pub(crate) fn workbook_bytes(book: &mut Workbook) -> Result<Vec<u8>, XlsxError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "here its bytes are made the same on every system"
    )]
    let written = book.save_to_buffer()?;
    opc::unify_host_system(written).map_err(XlsxError::ZipError)
}
