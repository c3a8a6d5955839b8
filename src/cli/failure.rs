//! Owns what is said when the machine fails: what was tried, and the system's reason in the user's words.
//! Must not know who tried, nor how the run goes on.

use super::files::shown;
use docx_fill::diag::{Lang, Text};
use nianbao::text;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The machine failed, or what was asked for cannot be done: exit code 2.
#[derive(Debug)]
pub(crate) struct Failure {
    message: Text,
    cause: Option<Cause>,
}

/// Why it failed.
#[derive(Debug)]
pub(crate) struct Cause {
    /// What the user can make of it, where it is a usual thing.
    known: Option<Text>,
    /// The words of the system or of a library.
    words: String,
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Cause {
        Cause { known: known(&error), words: error.to_string() }
    }
}

impl From<String> for Cause {
    fn from(words: String) -> Cause {
        Cause { known: None, words }
    }
}

/// Windows tells by these numbers that another program has the file open or has locked a part of it.
const IN_USE: [i32; 2] = [32, 33];

/// Whether another program stands in the way. Elsewhere these numbers mean something else.
pub(crate) fn in_use(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error().is_some_and(|code| IN_USE.contains(&code))
}

fn known(error: &io::Error) -> Option<Text> {
    if in_use(error) {
        return Some(text!("io.in-use"));
    }
    Some(match error.kind() {
        ErrorKind::NotFound => text!("io.absent"),
        ErrorKind::PermissionDenied => text!("io.denied"),
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => text!("io.in-use"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => text!("io.full"),
        ErrorKind::ReadOnlyFilesystem => text!("io.read-only"),
        ErrorKind::IsADirectory => text!("io.is-folder"),
        ErrorKind::NotADirectory => text!("io.not-folder"),
        ErrorKind::AlreadyExists => text!("io.in-the-way"),
        ErrorKind::InvalidFilename => text!("io.bad-name"),
        _ => return None,
    })
}

impl Failure {
    /// With the reason.
    pub(crate) fn new(message: Text, cause: impl Into<Cause>) -> Failure {
        Failure { message, cause: Some(cause.into()) }
    }

    /// Without a further reason.
    pub(crate) fn plain(message: Text) -> Failure {
        Failure { message, cause: None }
    }

    /// A file that could not be made.
    pub(crate) fn not_made(file: &Path, reason: Text) -> Failure {
        Failure::plain(text!("io.not-made", file = shown(file), reason = reason))
    }

    /// What failed and why, as a message.
    pub(crate) fn text(&self) -> Text {
        let what = self.message.clone();
        let Some(Cause { known, words }) = &self.cause else { return what };
        let cause = match known {
            Some(known) => text!("io.known-cause", known = known.clone(), cause = words),
            None => text!("io.cause", cause = words),
        };
        text!("io.failed", what = what, cause = cause)
    }

    /// The same within another sentence.
    pub(crate) fn told_as(self, sentence: impl FnOnce(Text) -> Text) -> Failure {
        Failure { message: sentence(self.message), cause: self.cause }
    }

    /// What failed and why.
    pub(crate) fn words(&self, lang: Lang) -> String {
        self.text().in_lang(lang)
    }

    /// The whole line for the terminal.
    pub(crate) fn line(&self, lang: Lang) -> String {
        let word = text!("print.error").in_lang(lang);
        format!("{word}: {}\n", self.words(lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_reason_is_told_in_the_language_of_the_user() {
        let tried = || text!("io.read", file = "a.toml");
        let lacking = Failure::new(tried(), io::Error::from_raw_os_error(2));
        assert!(lacking.words(Lang::Zh).contains("不存在"), "{}", lacking.words(Lang::Zh));
        assert!(lacking.words(Lang::En).contains("does not exist"));
        let odd = Failure::new(tried(), io::Error::other("odd"));
        assert_eq!(odd.words(Lang::Zh), "读不了“a.toml”（系统说明：odd）");
    }
}
