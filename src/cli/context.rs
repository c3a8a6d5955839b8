//! Owns what every command gets besides its own arguments. Nothing of it holds for the process: two runs could go side
//! by side.
//! Must not know a command.

use crate::cli::fs::file_reader::FileReader;
use crate::cli::options::{DiagnosticArgs, GlobalArgs};
use crate::cli::output::terminal::Terminal;
use docx_fill::diag::Lang;
use nianbao::limits::Limits;
use std::path::PathBuf;

/// The circumstances of a run, whatever its command.
pub(crate) struct RunContext {
    /// Language of the messages.
    pub(crate) lang: Lang,
    /// Folder with further or changed templates.
    pub(crate) template_dir: Option<PathBuf>,
    /// Folders with further fonts.
    #[cfg_attr(not(feature = "pdf"), expect(dead_code, reason = "fonts are for PDF"))]
    pub(crate) font_dirs: Vec<PathBuf>,
    /// The limits on strangers' files.
    pub(crate) limits: Limits,
    /// Reads files.
    pub(crate) files: FileReader,
}

impl RunContext {
    /// Creates it by the options of the whole program.
    pub(crate) fn new(global: &GlobalArgs) -> RunContext {
        let limits = global.limits();
        RunContext {
            lang: global.lang.into(),
            template_dir: global.templates.clone(),
            font_dirs: global.fonts.clone(),
            limits,
            files: FileReader::new(&limits),
        }
    }

    /// Returns the terminal of a command that tells findings beside its results.
    pub(crate) fn terminal(&self, judge: &DiagnosticArgs) -> Terminal {
        Terminal::new(self.lang, judge, false)
    }

    /// Returns the terminal of a command whose result is its findings.
    pub(crate) fn findings_terminal(&self, judge: &DiagnosticArgs) -> Terminal {
        Terminal::new(self.lang, judge, true)
    }
}
