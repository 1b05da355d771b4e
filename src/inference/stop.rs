//! Ending draws that nobody waits for any more.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::error::Error;

/// A request that draws end before their number is reached. Clones are one request.
///
/// ```
/// use similitude::inference::{Error, Permutations, Stop, permutation_null};
/// use similitude::{Measure, Representation};
/// let x = Representation::from_row_major("x", 6, 1, vec![1., 2., 3., 4., 5., 6.])?;
/// let stop = Stop::default();
/// // Another thread does this when a person interrupts.
/// stop.ask();
/// let null = stop.during(|| permutation_null(&Measure::parse("cka")?, &x, &x, &Permutations::new(1_000_000_000, 1)));
/// assert_eq!(null.map(|_| ()), Err(Error::Stopped));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

thread_local! {
    static CURRENT: RefCell<Stop> = RefCell::default();
}

impl Stop {
    /// Asks for an end.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether an end was asked for.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Does `work`, whose draws end with [`Error::Stopped`] where this is asked for.
    pub fn during<R>(&self, work: impl FnOnce() -> R) -> R {
        /// Puts the request of whoever is around back, whatever `work` does.
        struct Restored(Stop);
        impl Drop for Restored {
            fn drop(&mut self) {
                CURRENT.set(std::mem::take(&mut self.0));
            }
        }
        let _restored = Restored(CURRENT.replace(self.clone()));
        work()
    }
}

/// What is computed of each draw, in their order, on all threads.
///
/// # Errors
/// The first of `one`; [`Error::Stopped`].
pub(super) fn each<T: Send>(count: usize, one: impl Fn(usize) -> Result<T, Error> + Sync) -> Result<Vec<T>, Error> {
    // Of this thread: those that draw are others.
    let stop = CURRENT.with_borrow(Stop::clone);
    (0..count).into_par_iter().map(|number| if stop.is_asked() { Err(Error::Stopped) } else { one(number) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_end_where_that_is_asked_for() {
        let stop = Stop::default();
        let drawn = stop.during(|| {
            each(1_000_000, |number| {
                if number == 3 {
                    stop.ask();
                }
                Ok(number)
            })
        });
        assert_eq!(drawn, Err(Error::Stopped));
        // The request is that of its own work.
        assert_eq!(each(5, Ok), Ok(vec![0, 1, 2, 3, 4]));
        let other = Stop::default();
        assert_eq!(stop.during(|| other.during(|| each(2, Ok)).and_then(|_| each(1, Ok))), Err(Error::Stopped));
    }
}
