//! Multiplications that large products take, counted where a test asks for it.

#[cfg(test)]
use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
};

#[cfg(test)]
thread_local! {
    static COUNTER: Cell<Option<&'static AtomicU64>> = const { Cell::new(None) };
}

/// Counts the multiplications of a product that a thread of [`counted`] computes; does nothing in
/// the library.
#[inline(always)]
pub(crate) fn count(multiplications: usize) {
    #[cfg(test)]
    if let Some(counter) = COUNTER.get() {
        counter.fetch_add(multiplications as u64, Ordering::Relaxed);
    }
    #[cfg(not(test))]
    let _ = multiplications;
}

/// The multiplications that the products of some work take, in a pool of threads of its own: more
/// than there may be processors, so that what each thread computes again is counted often.
#[cfg(test)]
pub(crate) fn counted(work: impl FnOnce() + Send) -> u64 {
    // A thread holds on to its counter, so each count leaks the eight bytes of one.
    let counter: &'static AtomicU64 = Box::leak(Box::new(AtomicU64::new(0)));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(8).start_handler(move |_| COUNTER.set(Some(counter)));
    pool.build().expect("a pool of threads").install(work);
    counter.load(Ordering::Relaxed)
}
