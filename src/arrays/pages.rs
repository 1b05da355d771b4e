//! Memory for matrices that are not small, which the next one takes over.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytemuck::Pod;
use memmap2::MmapMut;
#[cfg(target_os = "linux")]
use rayon::prelude::*;

/// No more than this many bytes wait for the next matrix.
const WAITING: usize = 256 << 20;

/// Nor more than this many matrices: they are looked through one by one.
const MANY: usize = 64;

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
        while self.total() > WAITING || self.waiting.len() > MANY {
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
#[path = "pages_tests.rs"]
mod tests;
