//! Tests of `blocking.rs`.

use super::*;

fn need(widths: &[usize]) -> Need<'_> {
    Need { n: 10_000, rows: widths, columns: widths, with_row_norms: false, moments: true, factor: None }
}

#[test]
fn tiles_shrink_with_the_memory_and_never_exceed_it() {
    let widths = [512; 50];
    let need = need(&widths);
    assert!(need.blocking(8 << 30).unwrap().once);
    let mut last = 0;
    for mebibytes in [4096, 2048, 1024, 512, 256, 160, 110] {
        let limit = mebibytes << 20;
        let blocking = need.blocking(limit).unwrap();
        let count = need.count(blocking.tile);
        assert!(blocking.memory <= limit && count >= last && !blocking.once, "{mebibytes} MiB: {blocking:?}");
        // One layer more would not fit.
        assert!(need.tiles(blocking.tile + 1, blocking.rows, blocking.together) > limit, "{mebibytes} MiB: {blocking:?}");
        last = count;
    }
    assert_eq!(need.blocking(50 << 20), None);
}

/// 25 x 25 layers in four passes, each layer read twice; with 24 it would be nine passes, and
/// three more for the layers with themselves are cheaper.
#[test]
fn layers_meet_themselves_in_the_passes_of_their_pairs_where_that_costs_no_pass() {
    let widths = [512; 50];
    let need = need(&widths);
    let (both, alone) = (need.tiles(25, ROWS, true), need.tiles(25, ROWS, false));
    assert_eq!(both - alone, 50 * 512 * 512 * 8);
    assert_eq!(need.blocking(both).map(|blocking| (blocking.tile, blocking.together)), Some((25, true)));
    assert_eq!(need.blocking(both - 1).map(|blocking| (blocking.tile, blocking.together)), Some((25, false)));
    // Two layers so wide that their moments with themselves are what does not fit.
    let wide = Need { n: 10_000, rows: &[8000], columns: &[8000], with_row_norms: false, moments: true, factor: None };
    assert!(wide.blocking(1 << 30).is_some_and(|blocking| !blocking.together && blocking.tile == 1));
}

#[test]
fn fewer_rows_before_giving_up() {
    // 2 x 74 MB for the rows of two layers beside 69 MB for their moments.
    let widths = [3000, 50];
    let need = Need { n: 100_000, rows: &widths, columns: &widths, with_row_norms: true, moments: true, factor: None };
    let blocking = need.blocking(200 << 20).unwrap();
    assert!(blocking.rows < ROWS && blocking.rows >= FEWEST_ROWS && blocking.memory <= 200 << 20, "{blocking:?}");
    assert_eq!(need.widest(), (0, 0));
    assert!((120 << 20..135 << 20).contains(&need.least()), "{}", need.least());
}
