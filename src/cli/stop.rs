//! Owns stopping: Ctrl-C, and the signal by which a scheduler ends a job.
//! Must not know what is stopped.

use super::Outcome;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user wants an end.
static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the first signal asks for an end between two reports, and the second one ends at once.
pub(crate) fn listen() {
    // Without a handler a signal ends the program at once; no file is harmed by that.
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            at_once();
        }
    });
}

/// From now on signals do nothing: a terminal and a scheduler send them to children too, which are to end
/// what they have in hand. A child whose parent is gone ends by itself.
#[cfg(feature = "pdf")]
pub(crate) fn leave_to_parent() {
    // Without a handler a report in hand is lost.
    let _ = ctrlc::set_handler(|| {});
}

#[expect(clippy::exit, reason = "the second signal means it")]
fn at_once() {
    std::process::exit(Outcome::Stopped.code().into())
}

/// Whether the user wants an end.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
