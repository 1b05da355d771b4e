//! Ranks of dissimilarities, what rounding leaves undecided of their order, and how two orders agree.

use rayon::slice::ParallelSliceMut;

/// The order of some numbers.
#[derive(Debug)]
pub(crate) struct Ranks {
    /// Twice the mid-rank of each number less the mean: how many numbers are smaller, less how many are larger.
    pub(crate) centered: Vec<f64>,
    /// Pairs of equal numbers.
    pub(crate) ties: u64,
    /// How many other numbers each may have on its other side, for all that rounding decides, squared and summed.
    pub(crate) undecided_squares: f64,
    /// Pairs whose order is not decided.
    pub(crate) undecided: u64,
    /// The least difference between neighbours in the order.
    pub(crate) gap: f64,
}

impl Ranks {
    /// Ranks numbers, each within `error` of what it stands for.
    pub(crate) fn new(numbers: &[f64], error: impl Fn(f64) -> f64) -> Self {
        let m = numbers.len();
        let mut order: Vec<u32> = (0..m as u32).collect();
        order.par_sort_unstable_by(|&a, &b| numbers[a as usize].total_cmp(&numbers[b as usize]));
        let at = |place: usize| numbers[order[place] as usize];
        let (mut centered, mut ties, mut start) = (vec![0.0; m], 0, 0);
        while start < m {
            let end = (start..m).find(|&place| at(place) > at(start)).unwrap_or(m);
            let count = (end - start) as u64;
            ties += count * (count - 1) / 2;
            // `start` numbers are smaller, and m - end larger.
            order[start..end].iter().for_each(|&number| centered[number as usize] = start as f64 - (m - end) as f64);
            start = end;
        }
        let gap = (1..m).map(|place| at(place) - at(place - 1)).fold(f64::INFINITY, f64::min);
        let (mut undecided, mut after, mut last) = (0, vec![0u64; m], 0);
        for place in 0..m {
            // Up to here the numbers may come before this one; lower ends rise with the numbers.
            let upper = at(place) + error(at(place));
            last = last.max(place);
            while last + 1 < m && at(last + 1) - error(at(last + 1)) <= upper {
                last += 1;
            }
            after[place] = (last - place) as u64;
            undecided += after[place];
        }
        let undecided_squares = squares(&after);
        Self { centered, ties, undecided_squares, undecided, gap }
    }
}

/// The sum of squares of how many undecided neighbours each number has on both sides, from how many each has after it.
fn squares(after: &[u64]) -> f64 {
    let m = after.len();
    let mut ends = vec![0i64; m + 1];
    for (place, &count) in after.iter().enumerate() {
        if count > 0 {
            ends[place + 1] += 1;
            ends[place + 1 + count as usize] -= 1;
        }
    }
    let mut before = 0i64;
    let both = after.iter().enumerate().map(|(place, &count)| {
        before += ends[place];
        (count as f64 + before as f64).powi(2)
    });
    both.sum()
}

/// Concordant pairs less discordant ones of two rows of numbers, and the pairs that are equal in both (Knight 1966): in
/// m log m operations.
pub(crate) fn concordance(a: &[f64], b: &[f64], ties: (u64, u64)) -> i64 {
    let m = a.len();
    let mut order: Vec<u32> = (0..m as u32).collect();
    let by = |x: u32, y: u32| {
        let (x, y) = (x as usize, y as usize);
        a[x].total_cmp(&a[y]).then(b[x].total_cmp(&b[y]))
    };
    order.par_sort_unstable_by(|&x, &y| by(x, y));
    let (mut both, mut start) = (0u64, 0);
    while start < m {
        let end = (start..m).find(|&place| by(order[start], order[place]).is_ne()).unwrap_or(m);
        let count = (end - start) as u64;
        both += count * (count - 1) / 2;
        start = end;
    }
    let mut sorted: Vec<f64> = order.iter().map(|&number| b[number as usize]).collect();
    let discordant = inversions(&mut sorted, &mut vec![0.0; m]);
    let all = (m as u64) * (m as u64 - 1) / 2;
    let untied = (all + both - ties.0 - ties.1) as i64;
    untied - 2 * discordant as i64
}

/// How many pairs stand in descending order; the numbers are sorted on the way.
fn inversions(numbers: &mut [f64], room: &mut [f64]) -> u64 {
    let m = numbers.len();
    if m < 2 {
        return 0;
    }
    let half = m / 2;
    let mut count = inversions(&mut numbers[..half], &mut room[..half]) + inversions(&mut numbers[half..], &mut room[half..]);
    let (mut left, mut right) = (0, half);
    for place in room.iter_mut() {
        if right == m || (left < half && numbers[left] <= numbers[right]) {
            *place = numbers[left];
            left += 1;
        } else {
            count += (half - left) as u64;
            *place = numbers[right];
            right += 1;
        }
    }
    numbers.copy_from_slice(room);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 7] = [3.0, 1.0, 2.0, 2.0, 5.0, 1.0, 4.0];
    const B: [f64; 7] = [1.0, 1.0, 3.0, 2.0, 2.0, 0.0, 5.0];

    fn sign(x: f64) -> i64 {
        i64::from(x > 0.0) - i64::from(x < 0.0)
    }

    #[test]
    fn ranks_count_smaller_and_larger_numbers() {
        let ranks = Ranks::new(&A, |_| 0.0);
        let counted = A.map(|a| A.iter().map(|other| sign(a - other)).sum::<i64>() as f64);
        assert_eq!((ranks.centered, ranks.ties, ranks.gap), (counted.to_vec(), 2, 0.0));
    }

    #[test]
    fn equal_and_close_numbers_are_undecided() {
        let numbers = [1.0, 2.0, 2.5, 7.0, 2.2];
        assert_eq!(Ranks::new(&numbers, |_| 0.05).undecided, 0);
        // 2.0, 2.2 and 2.5 in a row: two pairs, and the one between has two neighbours.
        let ranks = Ranks::new(&numbers, |_| 0.16);
        assert_eq!((ranks.undecided, ranks.undecided_squares), (2, 1.0 + 4.0 + 1.0));
        let ranks = Ranks::new(&numbers, |_| 0.26);
        assert_eq!((ranks.undecided, ranks.undecided_squares), (3, 3.0 * 4.0));
    }

    #[test]
    fn concordance_is_what_the_double_loop_counts() {
        let pairs = || (0..A.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let counted: i64 = pairs().map(|(i, j)| sign(A[i] - A[j]) * sign(B[i] - B[j])).sum();
        let ties = |numbers: &[f64]| pairs().filter(|&(i, j)| numbers[i] == numbers[j]).count() as u64;
        assert_eq!(concordance(&A, &B, (ties(&A), ties(&B))), counted);
    }
}
