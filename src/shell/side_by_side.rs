//! The same work on many things, on as many threads as there are processors.

use std::num::NonZero;
use std::sync::mpsc::sync_channel;
use std::thread;

/// Fewer things than this are not worth a thread.
const FEW: usize = 64;
/// So many things are prepared before they are asked for, at most, by each thread.
const N_AHEAD: usize = 16;
/// As much as a main thread usually has, so that nesting is no deeper a matter here than there.
const STACK_BYTES: usize = 8 << 20;

/// Returns what `work` makes of each thing, in the order of the things, whichever thread did it.
pub fn map<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let n_threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = things.len().div_ceil(n_threads).max(FEW);
    let mut shares = things.chunks(share);
    let own = shares.next().unwrap_or_default();
    let on = |share: &[T]| share.iter().map(&work).collect::<Vec<R>>();
    thread::scope(|scope| {
        let started: Vec<_> = shares
            .map(|share| {
                let thread = thread::Builder::new().stack_size(STACK_BYTES);
                // Without room for another thread this one does the work.
                thread.spawn_scoped(scope, move || on(share)).map_err(|_| share)
            })
            .collect();
        let mut all = on(own);
        for started in started {
            match started {
                Ok(thread) => match thread.join() {
                    Ok(made) => all.extend(made),
                    Err(panic) => std::panic::resume_unwind(panic),
                },
                Err(share) => all.extend(on(share)),
            }
        }
        all
    })
}

/// Gives `take` each thing and what `prepare` makes of it, in the order of the things; other threads prepare what comes next meanwhile.
pub fn ahead<T: Sync, R: Send>(
    things: &[T],
    prepare: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(&T, R),
) {
    let n_others = thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1);
    let n_others = if things.len() < FEW { 0 } else { n_others };
    thread::scope(|scope| {
        // Each of the others has every n-th thing, so that the next one is always in a known queue.
        let prepare = &prepare;
        let queues: Vec<_> = (0..n_others)
            .map_while(|first| {
                let (put, queue) = sync_channel(N_AHEAD);
                let thread = thread::Builder::new().stack_size(STACK_BYTES);
                let work = move || {
                    let mut own = things.iter().skip(first).step_by(n_others);
                    // Nobody takes any more if `take` has panicked.
                    while own.next().is_some_and(|thing| put.send(prepare(thing)).is_ok()) {}
                };
                Some((queue, thread.spawn_scoped(scope, work).ok()?))
            })
            .collect();
        for (at, thing) in things.iter().enumerate() {
            let of = at.checked_rem(n_others).and_then(|at| queues.get(at));
            // Without room for another thread this one does its work.
            let prepared = of.and_then(|(queue, _)| queue.recv().ok());
            take(thing, prepared.unwrap_or_else(|| prepare(thing)));
        }
    });
}

/// Returns what both make; the second one on another thread, where there is a processor for it.
pub fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl Fn() -> B + Sync) -> (A, B) {
    let n_threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let started = (n_threads > 1).then(|| {
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            thread.spawn_scoped(scope, &other)
        });
        let one = one();
        match started {
            Some(Ok(thread)) => match thread.join() {
                Ok(made) => (one, made),
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Some(Err(_)) | None => (one, other()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_things() {
        let things: Vec<usize> = (0..10_000).collect();
        let doubled: Vec<usize> = things.iter().map(|n| n * 2).collect();
        assert_eq!(map(&things, |n| n * 2), doubled);
        assert_eq!(map(&[] as &[usize], |n| n * 2), Vec::<usize>::new());
    }

    #[test]
    fn what_is_prepared_ahead_is_taken_in_order() {
        let things: Vec<usize> = (0..10_000).collect();
        for things in [things.as_slice(), &[7], &[]] {
            let mut taken = Vec::new();
            ahead(things, |n| n * 2, |n, twice| taken.push((*n, twice)));
            assert_eq!(taken, things.iter().map(|n| (*n, n * 2)).collect::<Vec<_>>());
        }
    }

    #[test]
    #[should_panic(expected = "a thing too many")]
    fn a_panic_of_who_takes_ends_those_who_prepare() {
        let things: Vec<usize> = (0..10_000).collect();
        ahead(&things, |n| vec![*n; 100], |n, _| assert!(*n < 100, "a thing too many"));
    }

    #[test]
    #[should_panic(expected = "cannot be prepared")]
    fn a_panic_of_who_prepares_is_told() {
        let things: Vec<usize> = (0..10_000).collect();
        ahead(&things, |n| assert!(*n != 4_321, "cannot be prepared"), |_, ()| {});
    }

    #[test]
    fn each_of_both_gives_its_own() {
        assert_eq!(both(|| 1, || "two"), (1, "two"));
    }
}
