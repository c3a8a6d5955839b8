//! Owns writing: a file appears whole or not at all.
//! Must not know what is written.

use super::Failure;
use super::files::shown;
use nianbao::text;
use std::io::Write as _;
use std::path::Path;

/// Writes a file by way of a temporary one beside it: whenever the program is stopped, there is the old
/// file or the new one. It does not wait for the disk, which would take longer than making the document;
/// after a power failure the file system decides.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let wrong = |error| Failure::new(text!("io.write", file = shown(path)), error);
    let dir = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(dir).map_err(wrong)?;
    let mut file = builder().tempfile_in(dir).map_err(wrong)?;
    file.write_all(content).map_err(wrong)?;
    file.persist(path).map_err(|error| wrong(error.error))?;
    Ok(())
}

/// Temporary files are readable by others, like any file that a user makes.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".nianbao-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}
