//! Tests of `gram.rs`.

use super::*;
use crate::arrays::tiles::WIDTH;

/// Small whole numbers, whose products are exact.
fn whole_numbers(n: usize, p: usize) -> Mat<f64> {
    Mat::from_fn(n, p, |row, column| ((row * 7 + column * 13 + row * column) % 17) as f64 - 8.0)
}

#[test]
fn blocks_add_up_to_the_whole_product() {
    for (n, p, block) in [(3, 10, 4), (40, 90, 90), (40, 300, 290), (WIDTH + 3, 30, 7)] {
        let x = whole_numbers(n, p);
        let mut gram = Gram::new(n);
        gram.rescale(3);
        for from in (0..p).step_by(block) {
            gram.add(x.as_ref().subcols(from, block.min(p - from)));
        }
        let exact = Mat::from_fn(n, n, |i, j| (0..p).map(|k| x[(i, k)] * x[(j, k)]).sum::<f64>());
        for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
            assert_eq!(gram.get(i, j), exact[(i, j)], "{n} x {p}, entry {i}, {j}");
        }
        assert_eq!((gram.diagonal()[n - 1], gram.column(1)[n - 1]), (exact[(n - 1, n - 1)], exact[(n - 1, 1)]));
        let b = whole_numbers(n, 5);
        assert_eq!(gram.times(b.as_ref()), &exact * &b);
        let lower = gram.lower(1, |_, _, value| -value);
        assert_eq!((lower.as_ref()[(n - 2, 0)], lower.as_ref()[(1, 1)]), (-exact[(n - 1, 1)], -exact[(2, 2)]));
        for width in [WIDTH, 2] {
            let tiling = Tiling::new(n, width);
            for tile in tiling.tiles() {
                let mut entries = vec![0.0; tiling.tile_entries()];
                gram.fill(&tile, &mut entries);
                assert!(tile.below(&entries).all(|(j, first, below)| (first..).zip(below).all(|(i, value)| *value == exact[(i, j)])));
                assert!(tile.diagonal(&entries).zip(tile.columns.clone()).all(|(value, i)| *value == exact[(i, i)]));
            }
        }
        gram.rescale(-2);
        assert_eq!(gram.get(2, 1), 0.25 * exact[(2, 1)]);
    }
}
