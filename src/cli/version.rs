//! Owns what the program says of its version: of what it was built, and where the fonts are.
//! Must not know what a command does.

use docx_fill::diag::Lang;
use nianbao::msg;
use std::fmt::Write as _;

/// Returns the version, of what it was built, and where the fonts are.
pub(crate) fn version_text(lang: Lang) -> String {
    let mut out = format!("nianbao {}\n", env!("CARGO_PKG_VERSION"));
    let mut line = |text: docx_fill::diag::Message| {
        let _ = writeln!(out, "{}", text.in_lang(lang));
    };
    line(match option_env!("NIANBAO_BUILT_FROM").filter(|commit| !commit.is_empty()) {
        Some(commit) => msg!("about.commit", commit = commit),
        None => msg!("about.no-commit"),
    });
    #[cfg(feature = "pdf")]
    {
        line(msg!("about.typst", version = nianbao::render::typst_version()));
        line(match crate::cli::fs::file_reader::font_folder() {
            Some(dir) => msg!("about.fonts", dir = crate::cli::fs::paths::display_path(&dir)),
            None => msg!("about.no-fonts"),
        });
    }
    #[cfg(not(feature = "pdf"))]
    line(msg!("io.no-pdf"));
    out
}
