//! Owns interruption: Ctrl-C, and the signal with which a scheduler ends a job.
//! Must not know what is interrupted.

use crate::cli::{Outcome, temp_files};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// True if the user has requested the end.
static REQUESTED: AtomicBool = AtomicBool::new(false);
/// The signal handler is installed once per run.
static HANDLER_SET: Once = Once::new();

/// Installs a handler: the first signal requests the end, upon which reports that are nearly done
/// are finished and long ones abandoned; the second one exits at once.
pub(crate) fn catch_signals() {
    // Without a handler a signal ends the program at once; no file is harmed by that.
    HANDLER_SET.call_once(|| {
        let _ = ctrlc::set_handler(|| {
            if REQUESTED.swap(true, Ordering::SeqCst) {
                exit_at_once();
            }
        });
    });
}

/// Installs a handler by which a signal exits at once without leaving temporary files, unless one
/// is installed already.
pub(crate) fn clean_up_on_signal() {
    // Without a handler a temporary file may stay, which is removed later.
    HANDLER_SET.call_once(|| {
        let _ = ctrlc::set_handler(exit_at_once);
    });
}

/// Installs a handler that ignores signals: terminals and schedulers send them to children too,
/// which should finish their document. A child whose parent has gone exits by itself.
#[cfg(feature = "pdf")]
pub(crate) fn ignore_signals() {
    // Without a handler the current document is lost.
    let _ = ctrlc::set_handler(|| {});
}

#[expect(clippy::exit, reason = "the user means it")]
fn exit_at_once() {
    // Held to the end, so that nobody begins another file.
    let _held = temp_files::discard_temp_files();
    std::process::exit(Outcome::Stopped.exit_code().into())
}

/// Checks whether the user has requested the end.
pub(crate) fn is_requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
