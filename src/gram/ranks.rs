//! Ranks of dissimilarities, what rounding leaves undecided of their order, and how two orders
//! agree.

use rayon::prelude::*;

use crate::gram::exact::Key;

/// The order of some numbers.
#[derive(Debug)]
pub(crate) struct Ranks {
    /// Twice the mid-rank of each number less the mean: how many numbers are smaller, less how many
    /// are larger.
    pub(crate) centered: Vec<f64>,
    /// Pairs of equal numbers.
    pub(crate) ties: u64,
    /// How many other numbers each may have on its other side, for all that rounding decides,
    /// squared and summed.
    pub(crate) undecided_squares: f64,
    /// Pairs whose order is not decided.
    pub(crate) undecided: u64,
    /// The least difference between neighbours in the order.
    pub(crate) gap: f64,
}

/// Beyond so many numbers whose order rounding leaves undecided, exact arithmetic takes too long.
const EXACT: usize = 20_000;

impl Ranks {
    /// Ranks numbers, each within `error` of what it stands for. Where that does not decide,
    /// `exact` gives what it stands for.
    pub(crate) fn new(numbers: &[f64], error: impl Fn(f64) -> f64, exact: impl Fn(usize) -> Key + Sync) -> Self {
        let m = numbers.len();
        let (mut order, sorted) = ascending(numbers);
        let gap = least_gap(&sorted);
        // Whether a place holds what the place before it holds.
        let mut equal: Vec<bool> = (0..m).map(|place| place > 0 && sorted[place] == sorted[place - 1]).collect();
        // Places whose order with the next one is not decided follow each other in runs.
        let is_open = |place: usize| sorted[place + 1] - error(sorted[place + 1]) <= sorted[place] + error(sorted[place]);
        let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
        for place in (0..m.saturating_sub(1)).filter(|&place| is_open(place)) {
            match runs.last_mut().filter(|run| run.end == place + 1) {
                Some(run) => run.end += 1,
                None => runs.push(place..place + 2),
            }
        }
        let (mut undecided, mut undecided_squares) = (0, 0.0);
        if runs.iter().map(std::ops::Range::len).sum::<usize>() <= EXACT {
            for run in runs {
                let keys = order[run.clone()].par_iter().map(|&number| (exact(number as usize), number));
                let mut keys: Vec<(Key, u32)> = keys.collect();
                keys.par_sort_by(|a, b| a.0.compare(&b.0));
                for (place, pair) in (run.start + 1..).zip(keys.windows(2)) {
                    equal[place] = pair[0].0.compare(&pair[1].0).is_eq();
                }
                order[run].iter_mut().zip(&keys).for_each(|(number, key)| *number = key.1);
            }
        } else {
            let (mut after, mut last) = (vec![0u64; m], 0);
            for place in 0..m {
                let upper = sorted[place] + error(sorted[place]);
                last = last.max(place);
                while last + 1 < m && sorted[last + 1] - error(sorted[last + 1]) <= upper {
                    last += 1;
                }
                after[place] = (last - place) as u64;
                undecided += after[place];
            }
            undecided_squares = squares(&after);
        }
        let (centered, ties) = centered_ranks(&order, &equal);
        Self { centered, ties, undecided_squares, undecided, gap }
    }

    /// Ranks numbers that are what they stand for.
    pub(crate) fn of_exact(numbers: &[f64]) -> Self {
        let (order, sorted) = ascending(numbers);
        let equal: Vec<bool> = (0..numbers.len()).map(|place| place > 0 && sorted[place] == sorted[place - 1]).collect();
        let (centered, ties) = centered_ranks(&order, &equal);
        Self { centered, ties, undecided_squares: 0.0, undecided: 0, gap: least_gap(&sorted) }
    }
}

/// The numbers in ascending order, each with its place before.
fn ascending(numbers: &[f64]) -> (Vec<u32>, Vec<f64>) {
    let mut order: Vec<u32> = (0..numbers.len() as u32).collect();
    order.par_sort_unstable_by(|&a, &b| numbers[a as usize].total_cmp(&numbers[b as usize]));
    let sorted = order.iter().map(|&number| numbers[number as usize]).collect();
    (order, sorted)
}

fn least_gap(sorted: &[f64]) -> f64 {
    sorted.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min)
}

/// Twice the mid-ranks less their mean, and the pairs of equal numbers: of numbers in this order,
/// of which some places hold what the place before them holds.
fn centered_ranks(order: &[u32], equal: &[bool]) -> (Vec<f64>, u64) {
    let m = order.len();
    let (mut centered, mut ties, mut start) = (vec![0.0; m], 0, 0);
    while start < m {
        let end = (start + 1..m).find(|&place| !equal[place]).unwrap_or(m);
        let count = (end - start) as u64;
        ties += count * (count - 1) / 2;
        // `start` numbers are smaller, and m - end larger.
        order[start..end].iter().for_each(|&number| centered[number as usize] = start as f64 - (m - end) as f64);
        start = end;
    }
    (centered, ties)
}

/// The sum of squares of how many undecided neighbours each number has on both sides, from how many
/// each has after it.
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

/// Concordant pairs less discordant ones of two rows of numbers, and the pairs that are equal in
/// both (Knight 1966): in m log m operations.
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
    use crate::gram::exact::Kind;

    const A: [f64; 7] = [3.0, 1.0, 2.0, 2.0, 5.0, 1.0, 4.0];
    const B: [f64; 7] = [1.0, 1.0, 3.0, 2.0, 2.0, 0.0, 5.0];

    fn sign(x: f64) -> i64 {
        i64::from(x > 0.0) - i64::from(x < 0.0)
    }

    /// Numbers that are what they stand for.
    fn key(numbers: &[f64]) -> impl Fn(usize) -> Key + Sync {
        let column = faer::Mat::from_fn(numbers.len() + 1, 1, |i, _| if i == 0 { 0.0 } else { numbers[i - 1] });
        move |number| Key::new(Kind::Euclidean, column.as_ref(), 0, number + 1)
    }

    #[test]
    fn ranks_count_smaller_and_larger_numbers() {
        let counted = A.map(|a| A.iter().map(|other| sign(a - other)).sum::<i64>() as f64);
        // Decided by the numbers, and decided exactly.
        for error in [0.0, 0.1, 10.0] {
            let ranks = Ranks::new(&A, |_| error, key(&A));
            assert_eq!((ranks.centered, ranks.ties, ranks.gap, ranks.undecided), (counted.to_vec(), 2, 0.0, 0), "{error}");
        }
        let ranks = Ranks::of_exact(&A);
        assert_eq!((ranks.centered, ranks.ties, ranks.gap, ranks.undecided), (counted.to_vec(), 2, 0.0, 0));
    }

    #[test]
    fn too_many_undecided_numbers_are_counted() {
        let numbers: Vec<f64> = (0..EXACT + 5).map(|i| i as f64).collect();
        let ranks = Ranks::new(&numbers, |_| 0.6, |_| panic!("too many"));
        let (m, ends) = (numbers.len() as f64, 2.0);
        assert_eq!((ranks.undecided, ranks.undecided_squares), (numbers.len() as u64 - 1, (m - ends) * 4.0 + ends));
    }

    #[test]
    fn concordance_is_what_the_double_loop_counts() {
        let pairs = || (0..A.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let counted: i64 = pairs().map(|(i, j)| sign(A[i] - A[j]) * sign(B[i] - B[j])).sum();
        let ties = |numbers: &[f64]| pairs().filter(|&(i, j)| numbers[i] == numbers[j]).count() as u64;
        assert_eq!(concordance(&A, &B, (ties(&A), ties(&B))), counted);
    }
}
