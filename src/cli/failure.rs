//! Owns failures of the machine: the operation, and the system's reason in the user's language.
//! Must not know the caller, nor how the run continues.

use docx_fill::diag::{Lang, Message};
use nianbao::msg;
use std::io::{self, ErrorKind};
use std::path::Path;

/// A failed operation, or an impossible request: exit code 2.
#[derive(Debug)]
pub(crate) struct Failure {
    message: Message,
    cause: Option<FailureCause>,
}

/// The reason of a failure.
#[derive(Debug)]
pub(crate) struct FailureCause {
    /// Explanation for the user, for common reasons.
    explanation: Option<Message>,
    /// Text of the system or of a library.
    raw_text: String,
}

impl From<io::Error> for FailureCause {
    fn from(error: io::Error) -> FailureCause {
        FailureCause { explanation: explain_io_error(&error), raw_text: error.to_string() }
    }
}

impl From<String> for FailureCause {
    fn from(words: String) -> FailureCause {
        FailureCause { explanation: None, raw_text: words }
    }
}

/// Error codes of Windows for a file that another program has open or has locked in part.
const IN_USE_CODES: [i32; 2] = [32, 33];

/// Checks whether another program uses the file. On other systems these codes mean something else.
pub(crate) fn is_in_use(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error().is_some_and(|code| IN_USE_CODES.contains(&code))
}

fn explain_io_error(error: &io::Error) -> Option<Message> {
    if is_in_use(error) {
        return Some(msg!("io.in-use"));
    }
    Some(match error.kind() {
        ErrorKind::NotFound => msg!("io.absent"),
        ErrorKind::PermissionDenied => msg!("io.denied"),
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => msg!("io.in-use"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => msg!("io.full"),
        ErrorKind::ReadOnlyFilesystem => msg!("io.read-only"),
        ErrorKind::IsADirectory => msg!("io.is-folder"),
        ErrorKind::NotADirectory => msg!("io.not-folder"),
        ErrorKind::AlreadyExists => msg!("io.in-the-way"),
        ErrorKind::InvalidFilename => msg!("io.bad-name"),
        _ => return None,
    })
}

impl Failure {
    /// Creates a failure with its reason.
    pub(crate) fn new(message: Message, cause: impl Into<FailureCause>) -> Failure {
        Failure { message, cause: Some(cause.into()) }
    }

    /// Creates a failure without a further reason.
    pub(crate) fn without_cause(message: Message) -> Failure {
        Failure { message, cause: None }
    }

    /// Creates the failure of a file that could not be made.
    pub(crate) fn not_made(file: &Path, reason: Message) -> Failure {
        Failure::without_cause(msg!(
            "io.not-made",
            file = file.display().to_string(),
            reason = reason
        ))
    }

    /// Returns operation and reason as a message.
    pub(crate) fn to_message(&self) -> Message {
        let what = self.message.clone();
        let Some(FailureCause { explanation: known, raw_text: words }) = &self.cause else {
            return what;
        };
        let cause = match known {
            Some(known) => msg!("io.known-cause", known = known.clone(), cause = words),
            None => msg!("io.cause", cause = words),
        };
        msg!("io.failed", what = what, cause = cause)
    }

    /// Returns the failure with its message wrapped in another one.
    pub(crate) fn map_message(self, sentence: impl FnOnce(Message) -> Message) -> Failure {
        Failure { message: sentence(self.message), cause: self.cause }
    }

    /// Returns operation and reason in a language.
    pub(crate) fn in_lang(&self, lang: Lang) -> String {
        self.to_message().in_lang(lang)
    }

    /// Returns the whole line for the terminal.
    pub(crate) fn error_line(&self, lang: Lang) -> String {
        let word = msg!("print.error").in_lang(lang);
        format!("{word}: {}\n", self.in_lang(lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_reason_is_told_in_the_language_of_the_user() {
        let tried = || msg!("io.read", file = "a.toml");
        let lacking = Failure::new(tried(), io::Error::from_raw_os_error(2));
        assert!(lacking.in_lang(Lang::Zh).contains("不存在"), "{}", lacking.in_lang(Lang::Zh));
        assert!(lacking.in_lang(Lang::En).contains("does not exist"));
        let odd = Failure::new(tried(), io::Error::other("odd"));
        assert_eq!(odd.in_lang(Lang::Zh), "读不了“a.toml”（系统说明：odd）");
    }
}
