//! Tests of `columns.rs`.

use super::*;

#[test]
fn large_and_small_matrices_keep_what_is_written() {
    // On either side of the size from which on a matrix has pages of its own; the second would
    // have columns 4 KiB apart.
    for (rows, columns) in [(7, 3), (512, 8), (1 << 16, 9), (65_537, 8)] {
        let mut matrix = Columns::<f64>::unset(rows, columns);
        assert!(matrix.as_ref().row_iter().all(|row| row.iter().all(|value| value.is_nan())));
        matrix.as_mut().col_iter_mut().enumerate().for_each(|(column, values)| slice_mut(values).fill(column as f64));
        for column in 0..columns {
            assert_eq!(matrix.column(column), vec![column as f64; rows]);
        }
        assert!(!(matrix.stride * 8).is_multiple_of(4096) && matrix.stride >= rows, "{}", matrix.stride);
    }
}

#[test]
fn panels_are_wide_where_they_fit_and_all_threads_have_some() {
    let with_threads = |threads, rows, columns| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| panel(rows, columns))
    };
    assert_eq!([with_threads(2, 10_000, 512), with_threads(2, 10_000, 200), with_threads(16, 10_000, 512)], [64, 24, 8]);
    assert_eq!([with_threads(2, 50_000, 1024), with_threads(2, 1_000_000, 1024), with_threads(2, 10, 3)], [64, 8, 8]);
}

#[test]
fn copies_are_the_same_from_any_strides() {
    for (rows, columns) in [(1, 1), (7, 3), (8, 8), (9, 17), (24, 16), (35, 10), (21, 300), (2 * ROWS + 9, 5)] {
        let values: Vec<f32> = (0..rows * columns).map(|index| index as f32 + 0.5).collect();
        let row_major = MatRef::from_row_major_slice(&values, rows, columns);
        let column_major = row_major.to_owned();
        let column_major = column_major.as_ref();
        for view in [row_major, column_major, row_major.reverse_rows(), row_major.reverse_cols(), column_major.reverse_rows()] {
            let mut copy = Columns::unset(rows + 1, columns);
            let sums = copy.fill(view, (0.5, 4.0), f64::from, |column| column.iter().sum::<f64>());
            assert_eq!(sums.len(), columns);
            for column in 0..columns {
                assert!(copy.column(column)[rows].is_nan());
                assert_eq!(sums[column], copy.column(column)[..rows].iter().sum::<f64>());
                for row in 0..rows {
                    assert_eq!(copy.as_ref()[(row, column)], 2.0 * f64::from(view[(row, column)]), "{rows} x {columns}");
                }
            }
        }
    }
}
