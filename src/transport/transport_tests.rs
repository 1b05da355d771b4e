//! Tests against other algorithms in exact integer arithmetic, and of the proof by itself.

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::{FACTOR, NotConverged, Transport, dual, primal, shares, solve, transport};
use crate::transport::simplex::Simplex;
use crate::transport::sum::{Sum, lowest_rounded_down};

/// The least total cost of a plan in whole units, by successive shortest paths (Bellman-Ford).
fn shortest_paths(rows: usize, columns: usize, costs: &[i64]) -> i128 {
    let (supply, demand) = shares(rows, columns);
    let mut flow = vec![0_u64; rows * columns];
    let mut left = vec![supply; rows];
    let mut wanted = vec![demand; columns];
    let mut total = 0;
    while left.iter().any(|&left| left > 0) {
        let mut distance: Vec<Option<i128>> = left.iter().map(|&left| (left > 0).then_some(0)).collect();
        distance.resize(rows + columns, None);
        let mut from = vec![usize::MAX; rows + columns];
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for column in 0..columns {
                for row in 0..rows {
                    let cost = i128::from(costs[column * rows + row]);
                    let node = rows + column;
                    if let Some(length) = distance[row]
                        && distance[node].is_none_or(|known| known > length + cost)
                    {
                        (distance[node], from[node], changed) = (Some(length + cost), row, true);
                    }
                    if let Some(length) = distance[node]
                        && flow[column * rows + row] > 0
                        && distance[row].is_none_or(|known| known > length - cost)
                    {
                        (distance[row], from[row], changed) = (Some(length - cost), node, true);
                    }
                }
            }
        }
        let end = (0..columns).filter(|&column| wanted[column] > 0).min_by_key(|&column| distance[rows + column]).unwrap();
        let mut path = vec![rows + end];
        while let Some(&node) = path.last()
            && from[node] != usize::MAX
        {
            path.push(from[node]);
        }
        let start = *path.last().unwrap();
        let backward = |pair: &[usize]| pair[0] < rows;
        let arc = |pair: &[usize]| (pair[0].max(pair[1]) - rows) * rows + pair[0].min(pair[1]);
        let room = path.windows(2).filter(|pair| backward(pair)).map(|pair| flow[arc(pair)]).min();
        let units = room.unwrap_or(u64::MAX).min(left[start]).min(wanted[end]);
        for pair in path.windows(2) {
            if backward(pair) { flow[arc(pair)] -= units } else { flow[arc(pair)] += units }
        }
        left[start] -= units;
        wanted[end] -= units;
        total += i128::from(units) * distance[rows + end].unwrap();
    }
    total
}

/// The least total cost of a plan in whole units, over all permutations of the points repeated.
fn permutations(rows: usize, columns: usize, costs: &[i64]) -> i128 {
    fn best(row: usize, taken: u32, size: usize, cost: &dyn Fn(usize, usize) -> i128) -> i128 {
        let free = (0..size).filter(|column| taken & (1 << column) == 0);
        free.map(|column| cost(row, column) + best(row + 1, taken | (1 << column), size, cost)).min().unwrap_or(0)
    }
    let (supply, demand) = shares(rows, columns);
    let (supply, demand) = (supply as usize, demand as usize);
    best(0, 0, rows * supply, &|row, column| i128::from(costs[column / demand * rows + row / supply]))
}

/// A number times 2^60, rounded down.
fn fixed(number: f64) -> i128 {
    let bits = number.abs().to_bits();
    let mantissa = i128::from((bits & ((1 << 52) - 1)) | (u64::from(bits >> 52 > 0) << 52));
    let mantissa = if number < 0.0 { -mantissa } else { mantissa };
    let exponent = (bits >> 52) as i32 - 1075 + 60;
    if exponent >= 0 { mantissa << exponent } else { mantissa >> (-exponent).min(127) }
}

/// Asserts that the bounds enclose the optimum of whole costs exactly, and closely.
fn assert_encloses(rows: usize, columns: usize, costs: &[i64], optimum: i128) {
    let numbers: Vec<f64> = costs.iter().map(|&cost| cost as f64).collect();
    let Transport { cost, lower, plan } = transport(rows, columns, &numbers).unwrap();
    let total = i128::from(shares(rows, columns).0) * rows as i128;
    assert!(fixed(lower) * total <= optimum << 60, "{lower} <= {optimum} / {total}");
    assert!(optimum << 60 <= -fixed(-cost) * total, "{optimum} / {total} <= {cost}");
    let largest = numbers.iter().fold(0.0_f64, |largest, cost| largest.max(cost.abs()));
    assert!(cost - lower <= largest * 16.0 * f64::EPSILON, "{lower} {cost}");
    let value: i128 =
        plan.iter().map(|&(row, column, units)| i128::from(costs[column as usize * rows + row as usize]) * i128::from(units)).sum();
    assert_eq!(value, optimum);
    assert_eq!(primal(rows, columns, &numbers, &plan), Some(cost));
}

fn random(rows: usize, columns: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..rows * columns).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// Instances whose costs are small with many ties, nearly equal, or as long as a number can be.
fn instances(sizes: impl Strategy<Value = (usize, usize)>) -> impl Strategy<Value = (usize, usize, Vec<i64>)> {
    let ranges = prop_oneof![Just(0_i64..=1), Just(-3..=3), Just(1 << 44..=(1 << 44) + 8), Just(-(1 << 53)..=1 << 53)];
    (sizes, ranges).prop_flat_map(|((rows, columns), range)| (Just(rows), Just(columns), prop::collection::vec(range, rows * columns)))
}

proptest! {
    #[test]
    fn equal_sides_agree_with_all_permutations((rows, columns, costs) in instances((1_usize..=6).prop_map(|p| (p, p)))) {
        assert_encloses(rows, columns, &costs, permutations(rows, columns, &costs));
    }

    #[test]
    fn unequal_sides_agree_with_all_permutations_of_repeated_points(
        (rows, columns, costs) in instances(prop::sample::select(vec![(1, 5), (6, 1), (2, 3), (3, 2), (4, 2), (3, 6), (6, 2)])),
    ) {
        assert_encloses(rows, columns, &costs, permutations(rows, columns, &costs));
    }

    #[test]
    fn any_sides_agree_with_shortest_paths((rows, columns, costs) in instances((1_usize..=14, 1_usize..=14))) {
        assert_encloses(rows, columns, &costs, shortest_paths(rows, columns, &costs));
    }

    #[test]
    fn repeated_points_agree_with_shortest_paths(
        (rows, columns, costs) in instances((2_usize..=4, 2_usize..=4)), repeats in 2_usize..=5,
    ) {
        let repeated: Vec<i64> = (0..columns * repeats)
            .flat_map(|column| (0..rows * repeats).map(move |row| (row, column)))
            .map(|(row, column)| costs[column / repeats * rows + row % rows])
            .collect();
        let optimum = shortest_paths(rows * repeats, columns * repeats, &repeated);
        assert_encloses(rows * repeats, columns * repeats, &repeated, optimum);
    }

    #[test]
    fn any_potentials_give_a_lower_bound(
        (rows, columns, costs) in instances((1_usize..=6, 1_usize..=6)), seed in any::<u64>(), size in -3_i32..=53,
    ) {
        let numbers: Vec<f64> = costs.iter().map(|&cost| cost as f64).collect();
        let prices: Vec<f64> = random(rows, 1, seed).iter().map(|price| price * 2.0_f64.powi(size)).collect();
        let lower = dual(rows, columns, &numbers, &prices);
        let total = i128::from(shares(rows, columns).0) * rows as i128;
        let optimum = shortest_paths(rows, columns, &costs);
        prop_assert!(fixed(lower) * total <= optimum << 60, "{} <= {} / {}", lower, optimum, total);
    }

    #[test]
    fn a_sum_lies_between_its_bounds(
        terms in prop_oneof![weighted(53, 8), weighted(12, 49), weighted(1, 1)], total in 1_u64..=64, cancel in any::<bool>(),
    ) {
        let opposite = terms.iter().skip(1).map(|&(term, weight)| (-term, weight)).filter(|_| cancel);
        let mut sum = Sum::default();
        let mut exact = 0;
        for (term, weight) in terms.iter().copied().chain(opposite) {
            sum.add(term as f64, weight);
            exact += i128::from(term) * i128::from(weight);
        }
        let (down, up) = sum.bounds(total);
        let total = i128::from(total);
        prop_assert!(fixed(down) * total <= exact << 60 && exact << 60 <= -fixed(-up) * total, "{} {} {}", down, exact, up);
        prop_assert!(up - down <= 4.0 * f64::EPSILON * up.abs() + 1e-12, "{} {} {}", down, exact, up);
    }

    #[test]
    fn the_least_difference_is_rounded_down(pairs in prop::collection::vec((whole(53), whole(53)), 1..30), size in 0..=6) {
        let costs: Vec<f64> = pairs.iter().map(|pair| pair.0 as f64).collect();
        let prices: Vec<f64> = pairs.iter().map(|pair| (pair.1 << size) as f64).collect();
        let low = lowest_rounded_down(&costs, &prices);
        let least = pairs.iter().map(|&(cost, price)| i128::from(cost) - (i128::from(price) << size)).min().unwrap();
        prop_assert!(low as i128 <= least);
        prop_assert!(low == least as f64 || low == (least as f64).next_down());
    }
}

/// Whole numbers of at most the given number of bits.
fn whole(bits: u32) -> std::ops::RangeInclusive<i64> {
    -(1 << bits)..=1 << bits
}

/// Terms with weights, of at most the given numbers of bits.
fn weighted(bits: u32, weight_bits: u32) -> impl Strategy<Value = Vec<(i64, u64)>> {
    prop::collection::vec((whole(bits), 1_u64..=1 << weight_bits), 1..=15)
}

#[test]
fn a_sum_of_whole_numbers_is_exact_and_thirds_are_enclosed() {
    let mut sum = Sum::default();
    sum.add(0.5, 6);
    assert_eq!(sum.bounds(3), (1.0, 1.0));
    let mut sum = Sum::default();
    sum.add(1.0, 1);
    let third = 1.0 / 3.0_f64;
    assert_eq!(sum.bounds(3), (third, third.next_up()));
}

#[test]
fn a_sum_makes_room_for_what_it_loses() {
    let mut sum = Sum::default();
    for term in [2.0_f64.powi(110), 2.0_f64.powi(56), 1.0, -2.0_f64.powi(110)] {
        sum.add(term, 1);
    }
    let (down, up) = sum.bounds(1);
    let exact = (1_i128 << 56) + 1;
    assert!(down as i128 <= exact && exact <= up as i128);
    assert!(up - down <= 256.0);
}

#[test]
fn larger_instances_agree_with_shortest_paths() {
    for (seed, (rows, columns)) in [(40, 60), (60, 60), (64, 25), (31, 47), (7, 90)].into_iter().enumerate() {
        let costs: Vec<i64> = random(rows, columns, seed as u64).iter().map(|cost| (cost * 1e12) as i64).collect();
        assert_encloses(rows, columns, &costs, shortest_paths(rows, columns, &costs));
    }
}

#[test]
fn one_point_sends_to_all_and_equal_costs_are_their_own_mean() {
    let Transport { cost, lower, plan } = transport(1, 3, &[1.0, 2.0, 6.0]).unwrap();
    assert_eq!((lower, cost), (3.0, 3.0));
    assert_eq!(plan, [(0, 0, 1), (0, 1, 1), (0, 2, 1)]);
    assert_eq!(transport(1, 1, &[-0.3]).unwrap().plan, [(0, 0, 1)]);
    for cost in [0.0, 1.0, -7.25, 5e-324, f64::MAX, -f64::MAX] {
        for (rows, columns) in [(1, 1), (5, 1), (1, 4), (6, 6), (6, 9)] {
            let answer = transport(rows, columns, &vec![cost; rows * columns]).unwrap();
            assert_eq!((answer.lower, answer.cost), (cost, cost));
        }
    }
}

#[test]
fn ties_and_repeated_points_take_few_pivots() {
    for kinds in [1, 2, 3, 10] {
        for (rows, columns) in [(96, 96), (120, 96), (100, 99), (200, 20)] {
            let mut rng = ChaCha8Rng::seed_from_u64(kinds);
            let table: Vec<f64> = (0..kinds * kinds).map(|_| f64::from(rng.random_range(0..3))).collect();
            let row_kinds: Vec<u64> = (0..rows).map(|_| rng.random_range(0..kinds)).collect();
            let costs: Vec<f64> = (0..columns)
                .flat_map(|_| {
                    let kind = rng.random_range(0..kinds);
                    row_kinds.iter().map(|row| table[(row * kinds + kind) as usize]).collect::<Vec<_>>()
                })
                .collect();
            let answer = solve(rows, columns, &costs, 10 * (rows + columns) as u64).unwrap();
            assert!(answer.cost - answer.lower <= 4.0 * f64::EPSILON);
        }
    }
}

#[test]
fn a_power_of_two_scales_the_answer() {
    let costs = random(6, 9, 3);
    let answer = transport(6, 9, &costs).unwrap();
    for power in [-960, -890, -500, 1, 500, 895, 1000, 1023] {
        let factor = 2.0_f64.powi(power);
        let scaled: Vec<f64> = costs.iter().map(|cost| cost * factor).collect();
        let Transport { cost, lower, plan } = transport(6, 9, &scaled).unwrap();
        assert_eq!(plan, answer.plan);
        assert!((cost / factor - answer.cost).abs() <= 2.0 * f64::EPSILON && (lower / factor - answer.lower).abs() <= 2.0 * f64::EPSILON);
        assert!(power < 900 && power > -900 || lower < cost);
    }
}

#[test]
fn the_least_numbers_are_enclosed() {
    for seed in 0..200 {
        let costs: Vec<i64> = random(4, 6, seed).iter().map(|cost| (cost * 9.0) as i64).collect();
        let numbers: Vec<f64> = costs.iter().map(|&cost| cost as f64 * 5e-324).collect();
        let Transport { cost, lower, .. } = transport(4, 6, &numbers).unwrap();
        let units = |number: f64| (number * FACTOR / (5e-324 * FACTOR)) as i128;
        let optimum = shortest_paths(4, 6, &costs);
        assert!(12 * units(lower) <= optimum && optimum <= 12 * units(cost));
        assert!(units(cost) - units(lower) <= i128::from(optimum % 12 != 0));
    }
}

#[test]
fn the_largest_numbers_are_enclosed() {
    let costs = [f64::MAX, 1.0, 5e-324, -f64::MAX, 3.0, f64::MAX, -f64::MAX, -f64::MAX, 7.0];
    let Transport { cost, lower, .. } = transport(3, 3, &costs).unwrap();
    assert!(lower <= cost && cost.is_finite() && lower.is_finite());
    assert!(cost <= -f64::MAX / 3.0 && -f64::MAX <= lower);
    let costs = [5e-324, f64::MAX, f64::MAX, 5e-324];
    let Transport { cost, lower, .. } = transport(2, 2, &costs).unwrap();
    assert!(lower <= 5e-324 && 5e-324 <= cost);
}

#[test]
fn the_answer_is_the_same_each_time() {
    let costs = random(60, 45, 11);
    assert_eq!(transport(60, 45, &costs), transport(60, 45, &costs));
}

#[test]
fn a_limit_of_pivots_ends_with_bounds_that_hold() {
    let costs = random(60, 80, 5);
    let answer = transport(60, 80, &costs).unwrap();
    let NotConverged { pivots, cost, lower } = solve(60, 80, &costs, 20).unwrap_err();
    assert_eq!(pivots, 20);
    assert!(lower < answer.lower && answer.cost < cost);
}

#[test]
fn a_plan_with_a_false_share_has_no_value() {
    let costs = random(4, 6, 1);
    let plan = transport(4, 6, &costs).unwrap().plan;
    assert!(primal(4, 6, &costs, &plan).is_some());
    assert_eq!(primal(4, 6, &costs, &plan[1..]), None);
    let (row, column, units) = plan[0];
    for entry in [(row, column, units + 1), ((row + 1) % 4, column, units), (row, (column + 1) % 6, units), (4, column, units)] {
        let mut changed = plan.clone();
        changed[0] = entry;
        assert_eq!(primal(4, 6, &costs, &changed), None);
    }
}

#[test]
fn a_worse_plan_and_worse_potentials_leave_a_gap() {
    let costs = random(12, 12, 9);
    let Transport { cost, lower, plan } = transport(12, 12, &costs).unwrap();
    for other in 1..12 {
        let mut swapped = plan.clone();
        (swapped[0].1, swapped[other].1) = (swapped[other].1, swapped[0].1);
        assert!(primal(12, 12, &costs, &swapped).unwrap() > cost + 1e-9);
    }
    let mut simplex = Simplex::new(12, 12, 1, 1, &costs, 1.0);
    simplex.run(u64::MAX);
    let prices = simplex.row_prices();
    assert_eq!(dual(12, 12, &costs, prices), lower);
    for row in 0..12 {
        for change in [-2.0, 2.0] {
            let mut changed = prices.to_vec();
            changed[row] += change;
            assert!(dual(12, 12, &costs, &changed) < lower - 1e-9);
        }
    }
}
