//! Owns working in parallel: each worker is a thread of its own, and what they made comes back in order.
//! Must not know what is made.

use crate::cli::interrupt;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many results a worker may be ahead of the one that is waited for: bounds the memory.
const MAX_AHEAD: usize = 32;
/// How often the progress is shown at least.
const TICK_INTERVAL: Duration = Duration::from_millis(200);
/// A worker has the stack that a main thread has.
const WORKER_STACK_BYTES: usize = 8 << 20;

/// What comes back.
pub(super) enum PoolEvent<R> {
    /// Number `.0` is done.
    Done(usize, R),
    /// Time has passed.
    Tick,
}

struct PoolState<R> {
    /// The next one to be begun.
    next_to_start: usize,
    /// The next one to be given back.
    next_to_return: usize,
    /// Results whose turn has not come.
    ready: BTreeMap<usize, R>,
}

struct OrderedPool<R> {
    state: Mutex<PoolState<R>>,
    changed: Condvar,
    count: usize,
    max_ahead: usize,
}

impl<R> OrderedPool<R> {
    fn lock_state(&self) -> MutexGuard<'_, PoolState<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next number to work on; waits while too much is ready.
    fn take_number(&self) -> Option<usize> {
        let mut shared = self.lock_state();
        while shared.next_to_start >= shared.next_to_return + self.max_ahead
            && shared.next_to_start < self.count
            && !interrupt::is_requested()
        {
            shared = self
                .changed
                .wait_timeout(shared, TICK_INTERVAL)
                .map_or_else(|e| e.into_inner().0, |w| w.0);
        }
        if shared.next_to_start >= self.count || interrupt::is_requested() {
            return None;
        }
        shared.next_to_start += 1;
        Some(shared.next_to_start - 1)
    }

    fn store_result(&self, number: usize, result: R) {
        self.lock_state().ready.insert(number, result);
        self.changed.notify_all();
    }

    /// The result whose turn it is, if it comes soon. An error if there will be no more.
    fn next_result(&self) -> Result<Option<(usize, R)>, ()> {
        let mut shared = self.lock_state();
        let turn = shared.next_to_return;
        if turn >= self.count || interrupt::is_requested() && turn >= shared.next_to_start {
            return Err(());
        }
        if !shared.ready.contains_key(&turn) {
            shared = self
                .changed
                .wait_timeout(shared, TICK_INTERVAL)
                .map_or_else(|e| e.into_inner().0, |w| w.0);
        }
        let Some(result) = shared.ready.remove(&turn) else { return Ok(None) };
        shared.next_to_return += 1;
        drop(shared);
        self.changed.notify_all();
        Ok(Some((turn, result)))
    }
}

/// What the workers do.
pub(super) struct PoolCallbacks<S, F, B> {
    /// Makes what a worker keeps between two numbers.
    pub(super) init_worker: S,
    /// Works on a number.
    pub(super) process: F,
    /// Stands in for the result of a number on which the work panicked; the worker starts afresh.
    pub(super) on_panic: B,
}

/// Works on the numbers below `count` with `jobs` workers, each apart from the others if it is so wished,
/// and hands everything back in order. Fails if the system gives no thread.
pub(super) fn run_in_order<W, R: Send>(
    count: usize,
    (jobs, apart): (usize, bool),
    with: &PoolCallbacks<
        impl Fn() -> W + Sync,
        impl Fn(&mut W, usize) -> R + Sync,
        impl Fn(usize) -> R + Sync,
    >,
    mut back: impl FnMut(PoolEvent<R>),
) -> std::io::Result<()> {
    let shared =
        Mutex::new(PoolState { next_to_start: 0, next_to_return: 0, ready: BTreeMap::new() });
    let crew =
        OrderedPool { state: shared, changed: Condvar::new(), count, max_ahead: MAX_AHEAD * jobs };
    let worker = || {
        let mut own = (with.init_worker)();
        while let Some(number) = crew.take_number() {
            let made = catch_unwind(AssertUnwindSafe(|| (with.process)(&mut own, number)));
            let result = made.unwrap_or_else(|_| {
                own = (with.init_worker)();
                (with.on_panic)(number)
            });
            crew.store_result(number, result);
        }
    };
    std::thread::scope(|scope| {
        for started in 0..jobs.min(count) {
            let thread = std::thread::Builder::new().stack_size(WORKER_STACK_BYTES);
            let worker = &worker;
            let task = move || if apart { set_apart(worker) } else { worker() };
            match thread.spawn_scoped(scope, task) {
                // With fewer workers it only takes longer.
                Err(error) if started == 0 => return Err(error),
                _ => {}
            }
        }
        while let Ok(result) = crew.next_result() {
            back(
                result.map_or(PoolEvent::Tick, |(number, result)| PoolEvent::Done(number, result)),
            );
        }
        Ok(())
    })
}

/// Keeps what Typst does in parallel within the worker: a thread that waits for a part of its document
/// would take up another document meanwhile.
#[cfg(feature = "pdf")]
fn set_apart(worker: &(impl Fn() + Sync)) {
    nianbao::render::run_single_threaded(WORKER_STACK_BYTES, worker);
}

#[cfg(not(feature = "pdf"))]
fn set_apart(worker: &(impl Fn() + Sync)) {
    worker();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(count: usize, jobs: usize) -> Vec<(usize, Option<usize>)> {
        let with = PoolCallbacks {
            init_worker: || 0_usize,
            process: |done: &mut usize, number: usize| {
                *done += 1;
                assert!(number % 10 != 3, "this one is broken");
                Some(number * number)
            },
            on_panic: |_| None,
        };
        let mut out = Vec::new();
        let back = |back| {
            if let PoolEvent::Done(number, result) = back {
                out.push((number, result));
            }
        };
        run_in_order(count, (jobs, true), &with, back).expect("threads");
        out
    }

    #[test]
    fn everything_comes_back_in_order_whatever_breaks() {
        for jobs in [1, 2, 7] {
            let out = ran(500, jobs);
            let expected = |n: usize| (n, (n % 10 != 3).then_some(n * n));
            assert!(out.iter().copied().eq((0..500).map(expected)), "{jobs}");
        }
        assert!(ran(0, 3).is_empty());
    }
}
