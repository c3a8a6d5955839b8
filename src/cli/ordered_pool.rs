//! Owns parallel work: each worker is a thread, and results are returned in order.
//! Must not know the work.

use crate::cli::interrupt;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Maximum number of results ahead of the one waited for, per worker; it bounds the memory.
const MAX_AHEAD: usize = 32;
/// Maximum time between two updates of the progress.
const TICK_INTERVAL: Duration = Duration::from_millis(200);
/// Stack size of a worker, that of a main thread.
const WORKER_STACK_BYTES: usize = 8 << 20;

/// An event for the caller.
pub(crate) enum PoolEvent<R> {
    /// The result of number `.0`.
    Done(usize, R),
    /// Time has passed without a result.
    Tick,
}

struct PoolState<R> {
    /// Next number to be started.
    next_to_start: usize,
    /// Next number to be returned.
    next_to_return: usize,
    /// Results that wait for their turn.
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

    /// Returns the next number to work on; waits while too many results are ready.
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

    /// Returns the next result in order, or `None` after a while; an error if all workers have
    /// gone.
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

/// The shape of a pool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolOptions {
    /// Number of workers.
    pub(crate) jobs: usize,
    /// True if each worker is isolated from the others.
    pub(crate) apart: bool,
}

/// The callbacks of the workers.
pub(crate) struct PoolCallbacks<S, F, B> {
    /// Creates the state that a worker keeps between numbers.
    pub(crate) init_worker: S,
    /// Computes the result of a number.
    pub(crate) process: F,
    /// Returns the result of a number whose computation panicked; the worker's state is created
    /// anew.
    pub(crate) on_panic: B,
}

/// Processes the numbers below `count` with the workers of a pool and passes all
/// results to `back` in order. Fails if the system provides no thread.
pub(crate) fn run_in_order<W, R: Send>(
    count: usize,
    pool: PoolOptions,
    with: &PoolCallbacks<
        impl Fn() -> W + Sync,
        impl Fn(&mut W, usize) -> R + Sync,
        impl Fn(usize) -> R + Sync,
    >,
    mut back: impl FnMut(PoolEvent<R>),
) -> std::io::Result<()> {
    let PoolOptions { jobs, apart } = pool;
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

/// Keeps Typst's parallel work within the worker's thread: a thread waiting for a part of its
/// document would otherwise take up another document.
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
        run_in_order(count, PoolOptions { jobs, apart: true }, &with, back).expect("threads");
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
