//! Owns stopping: Ctrl-C, and the signal by which a scheduler ends a job.
//! Must not know what is stopped.

use super::{Outcome, temp_files};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user wants an end.
static REQUESTED: AtomicBool = AtomicBool::new(false);
/// Signals have one meaning in a run.
static HANDLER_SET: Once = Once::new();

/// From now on the first signal asks for an end: reports that are nearly done are ended, one that takes long is
/// given up. The second one ends at once.
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

/// From now on a signal ends the program at once, and no half file stays; unless it is listened to already.
pub(crate) fn clean_up_on_signal() {
    // Without a handler a half file may stay, under a name that is cleared away later.
    HANDLER_SET.call_once(|| {
        let _ = ctrlc::set_handler(exit_at_once);
    });
}

/// From now on signals do nothing: a terminal and a scheduler send them to children too, which are to end
/// what they have in hand. A child whose parent is gone ends by itself.
#[cfg(feature = "pdf")]
pub(crate) fn ignore_signals() {
    // Without a handler a report in hand is lost.
    let _ = ctrlc::set_handler(|| {});
}

#[expect(clippy::exit, reason = "the user means it")]
fn exit_at_once() {
    // Held to the end, so that nobody begins another file.
    let _held = temp_files::discard_temp_files();
    std::process::exit(Outcome::Stopped.exit_code().into())
}

/// Whether the user wants an end.
pub(crate) fn is_requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
