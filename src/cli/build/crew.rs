//! Owns working in parallel: each worker is a thread of its own, and what they made comes back in order.
//! Must not know what is made.

use crate::cli::stop;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many results a worker may be ahead of the one that is waited for: bounds the memory.
const AHEAD: usize = 32;
/// How often the progress is shown at least.
const TICK: Duration = Duration::from_millis(200);
/// A worker has the stack that a main thread has.
const STACK: usize = 8 << 20;

/// What comes back.
pub(super) enum Back<R> {
    /// Number `.0` is done.
    Done(usize, R),
    /// Time has passed.
    Tick,
}

struct Shared<R> {
    /// The next one to be begun.
    next: usize,
    /// The next one to be given back.
    turn: usize,
    /// Results whose turn has not come.
    ready: BTreeMap<usize, R>,
}

struct Crew<R> {
    shared: Mutex<Shared<R>>,
    changed: Condvar,
    count: usize,
    ahead: usize,
}

impl<R> Crew<R> {
    fn lock(&self) -> MutexGuard<'_, Shared<R>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next number to work on; waits while too much is ready.
    fn begin(&self) -> Option<usize> {
        let mut shared = self.lock();
        while shared.next >= shared.turn + self.ahead && shared.next < self.count && !stop::asked()
        {
            shared =
                self.changed.wait_timeout(shared, TICK).map_or_else(|e| e.into_inner().0, |w| w.0);
        }
        if shared.next >= self.count || stop::asked() {
            return None;
        }
        shared.next += 1;
        Some(shared.next - 1)
    }

    fn done(&self, number: usize, result: R) {
        self.lock().ready.insert(number, result);
        self.changed.notify_all();
    }

    /// The result whose turn it is, if it comes soon. An error if there will be no more.
    fn turn(&self) -> Result<Option<(usize, R)>, ()> {
        let mut shared = self.lock();
        let turn = shared.turn;
        if turn >= self.count || stop::asked() && turn >= shared.next {
            return Err(());
        }
        if !shared.ready.contains_key(&turn) {
            shared =
                self.changed.wait_timeout(shared, TICK).map_or_else(|e| e.into_inner().0, |w| w.0);
        }
        let Some(result) = shared.ready.remove(&turn) else { return Ok(None) };
        shared.turn += 1;
        drop(shared);
        self.changed.notify_all();
        Ok(Some((turn, result)))
    }
}

/// What the workers do.
pub(super) struct Work<S, F, B> {
    /// Makes what a worker keeps between two numbers.
    pub(super) start: S,
    /// Works on a number.
    pub(super) make: F,
    /// Stands in for the result of a number on which the work panicked; the worker starts afresh.
    pub(super) broken: B,
}

/// Works on the numbers below `count` with `jobs` workers, each apart from the others if it is so wished,
/// and hands everything back in order. Fails if the system gives no thread.
pub(super) fn run<W, R: Send>(
    count: usize,
    (jobs, apart): (usize, bool),
    with: &Work<
        impl Fn() -> W + Sync,
        impl Fn(&mut W, usize) -> R + Sync,
        impl Fn(usize) -> R + Sync,
    >,
    mut back: impl FnMut(Back<R>),
) -> std::io::Result<()> {
    let shared = Mutex::new(Shared { next: 0, turn: 0, ready: BTreeMap::new() });
    let crew = Crew { shared, changed: Condvar::new(), count, ahead: AHEAD * jobs };
    let worker = || {
        let mut own = (with.start)();
        while let Some(number) = crew.begin() {
            let made = catch_unwind(AssertUnwindSafe(|| (with.make)(&mut own, number)));
            let result = made.unwrap_or_else(|_| {
                own = (with.start)();
                (with.broken)(number)
            });
            crew.done(number, result);
        }
    };
    std::thread::scope(|scope| {
        for started in 0..jobs.min(count) {
            let thread = std::thread::Builder::new().stack_size(STACK);
            let worker = &worker;
            let task = move || if apart { set_apart(worker) } else { worker() };
            match thread.spawn_scoped(scope, task) {
                // With fewer workers it only takes longer.
                Err(error) if started == 0 => return Err(error),
                _ => {}
            }
        }
        while let Ok(result) = crew.turn() {
            back(result.map_or(Back::Tick, |(number, result)| Back::Done(number, result)));
        }
        Ok(())
    })
}

/// Keeps what Typst does in parallel within the worker: a thread that waits for a part of its document
/// would take up another document meanwhile.
#[cfg(feature = "pdf")]
fn set_apart(worker: &(impl Fn() + Sync)) {
    nianbao::render::apart(STACK, worker);
}

#[cfg(not(feature = "pdf"))]
fn set_apart(worker: &(impl Fn() + Sync)) {
    worker();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(count: usize, jobs: usize) -> Vec<(usize, Option<usize>)> {
        let with = Work {
            start: || 0_usize,
            make: |done: &mut usize, number: usize| {
                *done += 1;
                assert!(number % 10 != 3, "this one is broken");
                Some(number * number)
            },
            broken: |_| None,
        };
        let mut out = Vec::new();
        let back = |back| {
            if let Back::Done(number, result) = back {
                out.push((number, result));
            }
        };
        run(count, (jobs, true), &with, back).expect("threads");
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
