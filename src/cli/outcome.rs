//! Owns how a run can end, and the exit code of each end.
//! Must not know a command.

/// The end of a run; of several inputs, the gravest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Nothing wrong, or warnings only.
    Clean,
    /// Errors found.
    ErrorsFound,
    /// Could not run.
    Failed,
    /// Stopped by the user before the end.
    Stopped,
}

impl Outcome {
    /// Returns the exit code of the program.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Outcome::Clean => 0,
            Outcome::ErrorsFound => 1,
            Outcome::Failed => 2,
            // 128 and the number of the signal, as shells have it.
            Outcome::Stopped => 130,
        }
    }
}
