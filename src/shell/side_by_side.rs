//! The same work on many things, on as many threads as there are processors.

use std::num::NonZero;
use std::thread;

/// Fewer things than this are not worth a thread.
const FEW: usize = 64;
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
    fn each_of_both_gives_its_own() {
        assert_eq!(both(|| 1, || "two"), (1, "two"));
    }
}
