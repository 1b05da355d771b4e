//! Tests of `pages.rs`.

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
    let sizes: Vec<usize> = (1..MANY + 6).collect();
    assert_eq!(waiting(&pool_with(&sizes)), sizes[5..]);
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
