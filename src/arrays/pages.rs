//! Memory for large matrices, which the next one takes over.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytemuck::Pod;
use memmap2::MmapMut;
#[cfg(target_os = "linux")]
use rayon::prelude::*;

/// No more than this many bytes wait for the next matrix.
const WAITING: usize = 256 << 20;

/// Bytes of a huge page.
#[cfg(target_os = "linux")]
const HUGE: usize = 2 << 20;

static POOL: Mutex<Pool> = Mutex::new(Pool::EMPTY);

/// What is no longer used, the latest last.
struct Pool {
    waiting: Vec<MmapMut>,
    /// Bytes in use, now and at most.
    used: usize,
    most: usize,
}

impl Pool {
    const EMPTY: Self = Self { waiting: Vec::new(), used: 0, most: 0 };

    /// That of the process.
    fn shared() -> MutexGuard<'static, Self> {
        POOL.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Memory of this many bytes, or up to an eighth more; none where the caller is to get it from
    /// the system, and it counts as used then.
    fn take(&mut self, bytes: usize) -> Option<MmapMut> {
        let fits = |pages: &MmapMut| (bytes..=bytes + bytes / 8).contains(&pages.len());
        let found = self.waiting.iter().rposition(fits).map(|place| self.waiting.remove(place));
        self.used += found.as_ref().map_or(bytes, |pages| pages.len());
        self.most = self.most.max(self.used);
        // What waits never adds to the memory that matrices have taken before: the oldest goes
        // back.
        while self.used + self.total() > self.most {
            self.waiting.remove(0);
        }
        found
    }

    fn put(&mut self, pages: MmapMut) {
        self.used -= pages.len();
        self.waiting.push(pages);
        while self.total() > WAITING {
            self.waiting.remove(0);
        }
    }

    fn total(&self) -> usize {
        self.waiting.iter().map(|pages| pages.len()).sum()
    }
}

/// Values in pages of their own.
///
/// The first write to each page of fresh memory goes through the system, which took half as long as
/// the products of a comparison (10,000 x 512, pages of 4 KiB). Huge pages are asked for therefore,
/// where there are such (Linux): there the pages are 500 times fewer. The system still clears them,
/// and a virtual machine may have to fetch them from its host, which took as long as all the rest
/// of preparing a matrix; so the pages of the last matrices wait for the next ones.
pub(crate) struct Pages(Option<MmapMut>);

impl Pages {
    /// Values of this size in bytes, whatever they are: to be written before they are read. None
    /// where the system has no pages to give.
    pub(crate) fn new(bytes: usize) -> Option<Self> {
        let waiting = Pool::shared().take(bytes);
        let pages = waiting.or_else(|| {
            let Ok(mut pages) = MmapMut::map_anon(bytes) else {
                Pool::shared().used -= bytes;
                return None;
            };
            #[cfg(target_os = "linux")]
            {
                // A wish: without it all is slower and nothing else.
                let _ = pages.advise(memmap2::Advice::HugePage);
                // Each is fetched by one thread: where several write into a page that is not there
                // yet, each of them has another one cleared for it.
                pages.par_chunks_mut(HUGE).for_each(|page| page[0] = 0);
            }
            Some(pages)
        })?;
        Some(Self(Some(pages)))
    }

    pub(crate) fn values<T: Pod>(&self, count: usize) -> &[T] {
        let pages = self.0.as_ref().expect("there until it is dropped");
        bytemuck::cast_slice(&pages[..count * size_of::<T>()])
    }

    pub(crate) fn values_mut<T: Pod>(&mut self, count: usize) -> &mut [T] {
        let pages = self.0.as_mut().expect("there until it is dropped");
        bytemuck::cast_slice_mut(&mut pages[..count * size_of::<T>()])
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        Pool::shared().put(self.0.take().expect("dropped once"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(bytes: usize) -> MmapMut {
        MmapMut::map_anon(bytes).unwrap()
    }

    /// A pool with pages of these sizes in KiB that wait, all of which were in use at once.
    fn pool_with(kibibytes: &[usize]) -> Pool {
        let mut pool = Pool::EMPTY;
        kibibytes.iter().for_each(|size| assert!(pool.take(size << 10).is_none()));
        kibibytes.iter().for_each(|size| pool.put(pages(size << 10)));
        pool
    }

    fn waiting(pool: &Pool) -> Vec<usize> {
        pool.waiting.iter().map(|pages| pages.len() >> 10).collect()
    }

    #[test]
    fn what_waits_is_taken_over_by_what_is_nearly_as_large() {
        let mut pool = pool_with(&[90, 100]);
        assert_eq!(pool.take(95 << 10).unwrap().len(), 100 << 10);
        assert_eq!(pool.take(90 << 10).unwrap().len(), 90 << 10);
        assert!(pool.take(90 << 10).is_none());
        // Twice too large, or a byte too small: not taken.
        for other in [45 << 10, (90 << 10) + 1] {
            assert!(pool_with(&[90]).take(other).is_none());
        }
    }

    #[test]
    fn little_waits() {
        let half = WAITING / (2 << 10) - 1;
        let mut pool = pool_with(&[half; 5]);
        assert_eq!(waiting(&pool), [half, half]);
        pool.take(1 << 10);
        pool.put(pages(1 << 10));
        assert_eq!(waiting(&pool), [half, half, 1]);
        pool.take(WAITING + 1);
        pool.put(pages(WAITING + 1));
        assert!(pool.waiting.is_empty());
    }

    #[test]
    fn what_is_used_and_what_waits_are_no_more_than_was_used_at_most() {
        let mut pool = pool_with(&[40, 10, 41]);
        assert_eq!(pool.take(10 << 10).unwrap().len(), 10 << 10);
        assert_eq!(waiting(&pool), [40, 41]);
        // 20 that are not there: the oldest 40 go for them, and the 41 stay.
        assert!(pool.take(20 << 10).is_none());
        assert_eq!(waiting(&pool), [41]);
        // Beside 30 in use and 41 that wait there is room for 20 more of the 91 that have been used
        // at once.
        assert!(pool.take(20 << 10).is_none());
        assert_eq!(waiting(&pool), [41]);
        assert!(pool.take(1).is_none());
        assert!(pool.waiting.is_empty());
        // More than ever: nothing waits, and all of it may wait afterwards.
        assert!(pool.take(100 << 10).is_none());
        [10, 20, 20, 100].iter().for_each(|size| pool.put(pages(size << 10)));
        assert_eq!(waiting(&pool), [10, 20, 20, 100]);
    }
}
