//! Owns the child process: it restricts itself, typesets documents on request, and answers. It
//! opens no file and no connection; everything comes through its standard input.
//! Must not be used by anything but [`super::ProcessPool`].

use super::wire::{self, ChildRequest};
use crate::cli::interrupt;
use docx_fill::diag::Sink;
use nianbao::render::TypesetWorker;
use nianbao::render::fonts::Fonts;
use nianbao::render::sandbox::TypesetJob;
use nianbao::report::Date;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Exit code of a child that reached its memory limit.
pub(super) const MEMORY_EXIT_CODE: i32 = 81;
/// Exit code of a child that reached its time limit.
pub(super) const TIME_EXIT_CODE: i32 = 82;
/// Exit code of a child whose parent has gone; nobody sees it.
const ORPHANED_EXIT_CODE: i32 = 83;
/// Interval at which the child checks its limits.
const WATCH_INTERVAL: Duration = Duration::from_millis(10);
/// Additional seconds after which a child whose parent has gone stops itself; normally the parent
/// stops it.
const ORPHAN_GRACE_SECONDS: u64 = 5;
/// Stack of the typesetting thread in bytes: deeper nesting ends the child.
const STACK_BYTES: usize = 16 << 20;

/// Limits for one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChildLimits {
    pub(super) seconds: u64,
    /// Memory limit in megabytes.
    pub(super) megabytes: u64,
}

impl ChildLimits {
    fn memory_bytes(self) -> u64 {
        self.megabytes.saturating_mul(1 << 20)
    }
}

/// Milliseconds from the start to the beginning of the current document, plus one; 0 between
/// documents.
static DOCUMENT_BEGAN: AtomicU64 = AtomicU64::new(0);
/// Number of requests received and not yet done.
static PENDING_REQUESTS: AtomicUsize = AtomicUsize::new(0);

/// Runs the child: `nianbao <WORD> SECONDS MEGABYTES`.
pub(super) fn run_child(bounds: ChildLimits) -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "a limit of time, in no output")]
    let start = Instant::now();
    interrupt::ignore_signals();
    let base = restrict_process(bounds);
    let watched =
        std::thread::Builder::new().spawn(move || watch_limits(start, bounds, base)).is_ok();
    // One thread, so that documents are as reproducible and as cheap as in the parent.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES).build();
    let (true, Ok(pool)) = (watched, pool) else { return ExitCode::FAILURE };
    match pool.install(|| serve_requests(start)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// A request of the parent, or the reason for which no more will come.
type ReceivedRequest = io::Result<(ChildRequest, Vec<Vec<u8>>)>;

/// Receives the parent's requests. If the parent has gone, the current document is abandoned.
fn receive_requests(orders: &SyncSender<ReceivedRequest>) {
    let mut from = io::stdin().lock();
    loop {
        let received = wire::receive_frame::<ChildRequest>(&mut from).transpose();
        let last = !matches!(received, Some(Ok(_)));
        if let Some(order) = received {
            PENDING_REQUESTS.fetch_add(1, Ordering::SeqCst);
            if orders.send(order).is_err() {
                return;
            }
        }
        if last {
            if PENDING_REQUESTS.load(Ordering::SeqCst) > 0 {
                exit_process(ORPHANED_EXIT_CODE);
            }
            return;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "its standard output is the pipe to its parent")]
fn serve_requests(start: Instant) -> io::Result<()> {
    let (orders, wanted) = sync_channel(1);
    std::thread::Builder::new().spawn(move || receive_requests(&orders))?;
    let mut to = io::stdout().lock();
    let mut bench = None;
    for order in wanted {
        let (ask, blobs) = order?;
        match ask {
            ChildRequest::Fonts(names) => {
                let files = names.into_iter().zip(blobs.into_iter().map(Arc::new));
                // Faults of the fonts were reported when the parent read them.
                bench = Some(TypesetWorker::new(Fonts::new(files, &mut Sink::new())));
            }
            ChildRequest::Project(number, paths) => {
                let bench = bench.as_mut().ok_or(io::ErrorKind::InvalidData)?;
                let files = paths.into_iter().zip(blobs).collect();
                mark_document_begin(start);
                let taken = bench.load_project(number, &files);
                DOCUMENT_BEGAN.store(0, Ordering::Relaxed);
                if !taken {
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
            ChildRequest::Document(project, ident, (year, month, day), paths, options) => {
                let bench = bench.as_ref().ok_or(io::ErrorKind::InvalidData)?;
                let files = paths.into_iter().zip(blobs).collect();
                let date = Date { year, month, day };
                mark_document_begin(start);
                let setting = bench.typeset(project, TypesetJob { ident, files, date, options });
                DOCUMENT_BEGAN.store(0, Ordering::Relaxed);
                wire::send_response(&mut to, setting)?;
            }
        }
        PENDING_REQUESTS.fetch_sub(1, Ordering::SeqCst);
    }
    Ok(())
}

fn mark_document_begin(start: Instant) {
    DOCUMENT_BEGAN.store(millis_since(start).saturating_add(1), Ordering::Relaxed);
}

fn millis_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Restricts the process by limits of the system; returns its physical memory in use, in bytes.
fn restrict_process(bounds: ChildLimits) -> u64 {
    let stats = memory_stats::memory_stats();
    let (physical, virtually) =
        stats.map_or((0, 0), |stats| (stats.physical_mem as u64, stats.virtual_mem as u64));
    #[cfg(unix)]
    {
        use rlimit::Resource;
        // Reserved, not used: stacks and the allocator's space for each thread.
        let reserve = 256 << 20;
        let space = virtually.saturating_add(bounds.memory_bytes()).saturating_add(reserve);
        // On a system without this limit, `watch_limits` checks the memory.
        let _ = Resource::AS.set(space, space);
        // No file is written, no core dumped.
        let _ = Resource::FSIZE.set(0, 0);
        let _ = Resource::CORE.set(0, 0);
    }
    #[cfg(not(unix))]
    let _ = (virtually, bounds);
    physical
}

/// Ends the process when it exceeds its memory or time.
fn watch_limits(start: Instant, bounds: ChildLimits, base: u64) {
    let most = base.saturating_add(bounds.memory_bytes());
    loop {
        std::thread::sleep(WATCH_INTERVAL);
        let held = memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64);
        if held > most {
            exit_process(MEMORY_EXIT_CODE);
        }
        let began = DOCUMENT_BEGAN.load(Ordering::Relaxed);
        let allowed = bounds.seconds.saturating_add(ORPHAN_GRACE_SECONDS).saturating_mul(1000);
        if began > 0 && millis_since(start).saturating_sub(began) > allowed {
            exit_process(TIME_EXIT_CODE);
        }
    }
}

#[expect(clippy::exit, reason = "the other thread cannot be asked to stop")]
fn exit_process(code: i32) {
    std::process::exit(code);
}
