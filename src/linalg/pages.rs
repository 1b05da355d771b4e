//! Memory for large matrices, which the next one takes over.

use std::sync::{Mutex, PoisonError};

use bytemuck::Pod;
use memmap2::MmapMut;
#[cfg(target_os = "linux")]
use rayon::prelude::*;

/// No more than this many bytes wait for the next matrix.
const WAITING: usize = 256 << 20;

/// Bytes of a huge page.
#[cfg(target_os = "linux")]
const HUGE: usize = 2 << 20;

static POOL: Mutex<Pool> = Mutex::new(Pool { waiting: Vec::new() });

/// What is no longer used, the latest last.
struct Pool {
    waiting: Vec<MmapMut>,
}

impl Pool {
    /// Memory of this many bytes, or up to an eighth more.
    fn take(&mut self, bytes: usize) -> Option<MmapMut> {
        let fits = |pages: &MmapMut| (bytes..=bytes + bytes / 8).contains(&pages.len());
        let found = self.waiting.iter().rposition(fits).map(|place| self.waiting.remove(place));
        if found.is_none() {
            // As much as is taken goes back first, the oldest of it, so that what waits never adds to the memory that matrices have taken before.
            let mut left = bytes;
            while left > 0 && !self.waiting.is_empty() {
                left = left.saturating_sub(self.waiting.remove(0).len());
            }
        }
        found
    }

    fn put(&mut self, pages: MmapMut) {
        self.waiting.push(pages);
        let mut total: usize = self.waiting.iter().map(|pages| pages.len()).sum();
        while total > WAITING {
            total -= self.waiting.remove(0).len();
        }
    }
}

/// Values in pages of their own.
///
/// The first write to each page of fresh memory goes through the system, which took half as long as the products of a comparison (10,000 x 512, pages of 4 KiB). Huge pages are asked
/// for therefore, where there are such (Linux): there the pages are 500 times fewer. The system still clears them, and a virtual machine may have to fetch them from its host, which took
/// as long as all the rest of preparing a matrix; so the pages of the last matrices wait for the next ones.
pub(crate) struct Pages(Option<MmapMut>);

impl Pages {
    /// Values of this size in bytes, whatever they are: to be written before they are read. None where the system has no pages to give.
    pub(crate) fn new(bytes: usize) -> Option<Self> {
        let waiting = POOL.lock().unwrap_or_else(PoisonError::into_inner).take(bytes);
        let pages = waiting.or_else(|| {
            let mut pages = MmapMut::map_anon(bytes).ok()?;
            #[cfg(target_os = "linux")]
            {
                // A wish: without it all is slower and nothing else.
                let _ = pages.advise(memmap2::Advice::HugePage);
                // Each is fetched by one thread: where several write into a page that is not there yet, each of them has another one cleared for it.
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
        POOL.lock().unwrap_or_else(PoisonError::into_inner).put(self.0.take().expect("dropped once"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(bytes: usize) -> MmapMut {
        MmapMut::map_anon(bytes).unwrap()
    }

    #[test]
    fn what_waits_is_taken_over_by_what_is_nearly_as_large() {
        let mut pool = Pool { waiting: Vec::new() };
        pool.put(pages(90 << 10));
        pool.put(pages(100 << 10));
        assert_eq!(pool.take(95 << 10).unwrap().len(), 100 << 10);
        assert_eq!(pool.take(90 << 10).unwrap().len(), 90 << 10);
        assert!(pool.take(90 << 10).is_none());
        // Twice too large, or a byte too small: not taken.
        for other in [45 << 10, (90 << 10) + 1] {
            pool.put(pages(90 << 10));
            assert!(pool.take(other).is_none());
        }
    }

    #[test]
    fn little_waits() {
        let mut pool = Pool { waiting: Vec::new() };
        (0..5).for_each(|_| pool.put(pages(WAITING / 2 - 1)));
        assert_eq!(pool.waiting.len(), 2);
        pool.put(pages(2));
        assert_eq!(pool.waiting.len(), 3);
        pool.put(pages(WAITING + 1));
        assert!(pool.waiting.is_empty());
    }

    #[test]
    fn matrices_of_two_sizes_wait_beside_each_other_and_new_ones_take_the_place_of_the_oldest() {
        let mut pool = Pool { waiting: Vec::new() };
        let lengths = |pool: &Pool| pool.waiting.iter().map(|pages| pages.len() >> 10).collect::<Vec<_>>();
        for kibibytes in [40, 10, 41] {
            pool.put(pages(kibibytes << 10));
        }
        assert_eq!(pool.take(10 << 10).unwrap().len(), 10 << 10);
        assert_eq!(lengths(&pool), [40, 41]);
        // 20 that are not there: the oldest 40 go for them, and the 41 stay.
        assert!(pool.take(20 << 10).is_none());
        assert_eq!(lengths(&pool), [41]);
        assert!(pool.take(100 << 10).is_none());
        assert!(pool.waiting.is_empty());
    }
}
