//! Exact median of a stream by sampling and counting (the selection of Floyd and Rivest 1975),
//! without holding or sorting its values.
//!
//! A sample tells between which two numbers they must lie, with a margin of four standard
//! deviations. One pass counts what is below and collects the few values between; the middle ones
//! are selected among those. Where the sample misled, or too many values are equal to be collected,
//! passes that only count narrow the bracket until it holds few values, or a single number.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Values that are collected at most: 128 MiB of them.
const COLLECTED: usize = 1 << 24;
/// Values below this number are all collected.
const FEW: usize = 1 << 16;
/// A pass that narrows a bracket divides it into this many parts.
const PARTS: u64 = 1 << 12;

/// The numbers, not negative, from `low` to `high`, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bracket {
    low: f64,
    high: f64,
}

/// What a pass does about the values within a bracket, beside counting them.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Purpose {
    Collect,
    Narrow,
}

/// One pass over all values: what to look for.
#[derive(Debug)]
pub(crate) struct Search {
    bracket: Bracket,
    purpose: Purpose,
    limit: usize,
    collected: AtomicUsize,
}

/// What one pass has seen, or a part of it.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    below: usize,
    within: usize,
    /// The least value above the bracket.
    above: f64,
    /// The values within, unless they were more than the limit.
    values: Vec<f64>,
    /// How many values lie in each part of the bracket.
    parts: Vec<usize>,
}

/// How many values to sample of so many: the more there are, the closer a bracket has to be for few
/// to lie within.
pub(crate) fn sample_size(values: usize) -> usize {
    if values <= FEW { 0 } else { (((values as f64).powf(2.0 / 3.0) / 8.0) as usize).clamp(1 << 10, 1 << 20) }
}

/// How many f64 a search among so many values holds: what is collected, in parts and put together.
/// Within four standard deviations of a rank in the sample, and as much again; where many values
/// are equal, up to [`COLLECTED`] of them.
pub(crate) fn room(values: usize) -> usize {
    let expected = match sample_size(values) {
        0 => values,
        sample => values / (sample as f64).sqrt() as usize * 4,
    };
    4 * expected.min(COLLECTED)
}

impl Search {
    /// The first pass for the `rank`-th of so many values (counted from 0), of which this is a
    /// sample in ascending order.
    pub(crate) fn first(sample: &[f64], rank: usize, values: usize) -> Self {
        let middle = (rank as f64 + 1.0) / values as f64 * sample.len() as f64;
        // The rank of a quantile in a sample has standard deviation sqrt(s) / 2 at most. The last
        // digits of a sampled value may differ from those of the same value among all.
        let margin = 2.0 * (sample.len() as f64).sqrt() + 1.0;
        let at = |place: f64, none: f64| if place < 0.0 { none } else { sample.get(place as usize).copied().unwrap_or(none) };
        let low = if sample.is_empty() { 0.0 } else { at(middle - margin, 0.0) * (1.0 - 1e-9) };
        let high = at(middle + margin, f64::INFINITY) * (1.0 + 1e-9);
        Self::within(Bracket { low, high }, Purpose::Collect, COLLECTED)
    }

    /// A pass that looks for nothing.
    pub(crate) fn nothing() -> Self {
        Self::within(Bracket { low: f64::INFINITY, high: f64::INFINITY }, Purpose::Collect, 0)
    }

    fn within(bracket: Bracket, purpose: Purpose, limit: usize) -> Self {
        Self { bracket, purpose, limit, collected: AtomicUsize::new(0) }
    }

    /// An empty counts, to begin with.
    pub(crate) fn counts(&self) -> Counts {
        let parts = if self.purpose == Purpose::Narrow { vec![0; PARTS as usize] } else { Vec::new() };
        Counts { below: 0, within: 0, above: f64::INFINITY, values: Vec::new(), parts }
    }

    /// Adds values to a counts. To be called where the machine's best instructions are compiled
    /// for.
    #[inline(always)]
    pub(crate) fn observe(&self, values: &[f64], counts: &mut Counts) {
        // Numbers that are not negative are in the order of their bits, and whole numbers may be
        // counted and compared side by side.
        let (low, high) = (self.bracket.low.to_bits() as i64, self.bracket.high.to_bits() as i64);
        let (mut below, mut above) = (0, counts.above.to_bits() as i64);
        for chunk in values.chunks(64) {
            let mut within = 0;
            for value in chunk {
                let value = value.to_bits() as i64;
                below += i64::from(value < low);
                within += i64::from(value >= low && value <= high);
                above = above.min(if value > high { value } else { i64::MAX });
            }
            if within > 0 {
                self.collect(chunk, counts);
            }
        }
        counts.below += below as usize;
        counts.above = f64::from_bits(above as u64);
    }

    /// Counts and collects those of the values that are within the bracket.
    fn collect(&self, values: &[f64], counts: &mut Counts) {
        let Bracket { low, high } = self.bracket;
        for &value in values.iter().filter(|value| (low..=high).contains(*value)) {
            counts.within += 1;
            match self.purpose {
                Purpose::Collect => {
                    if self.collected.load(Ordering::Relaxed) + counts.values.len() < self.limit {
                        counts.values.push(value);
                    }
                }
                Purpose::Narrow => counts.parts[self.bracket.part_of(value)] += 1,
            }
        }
    }

    /// Tells the other threads how many values a counts has collected, so that all together stay
    /// within the limit.
    pub(crate) fn record(&self, counts: &Counts) {
        self.collected.fetch_add(counts.values.len(), Ordering::Relaxed);
    }
}

impl Bracket {
    const ALL: Self = Self { low: 0.0, high: f64::INFINITY };

    // The bits of numbers that are not negative are in the order of the numbers.
    fn shift(&self) -> u32 {
        let length = self.high.to_bits() - self.low.to_bits();
        (u64::BITS - length.leading_zeros()).saturating_sub(PARTS.trailing_zeros())
    }

    fn part_of(&self, value: f64) -> usize {
        ((value.to_bits() - self.low.to_bits()) >> self.shift()) as usize
    }

    fn part(&self, index: usize) -> Self {
        let first = self.low.to_bits() + ((index as u64) << self.shift());
        let last = first + ((1 << self.shift()) - 1);
        Self { low: f64::from_bits(first), high: f64::from_bits(last.min(self.high.to_bits())) }
    }
}

impl Counts {
    /// This and another one of the same search.
    pub(crate) fn and(mut self, other: Counts) -> Counts {
        self.below += other.below;
        self.within += other.within;
        self.above = self.above.min(other.above);
        self.values.extend(other.values);
        self.parts.iter_mut().zip(other.parts).for_each(|(part, other)| *part += other);
        self
    }
}

/// The values of two ranks, the second the same or the next, from the counts of a first search;
/// `again` makes another pass.
pub(crate) fn select(
    ranks: (usize, usize),
    mut search: Search,
    mut counts: Counts,
    mut again: impl FnMut(&Search) -> Counts,
) -> (f64, f64) {
    let (rank, next) = ranks;
    let limit = search.limit;
    loop {
        let found = (counts.below..counts.below + counts.within).contains(&rank);
        let next_is_within = next < counts.below + counts.within;
        let Bracket { low, high } = search.bracket;
        search = if !found {
            assert_ne!(search.bracket, Bracket::ALL, "a value that is no number, or a negative one");
            Search::within(Bracket::ALL, Purpose::Narrow, limit)
        } else if low == high {
            return (low, if next_is_within { low } else { counts.above });
        } else if search.purpose == Purpose::Narrow {
            let mut before = counts.below;
            let holds = |count: &usize| {
                before += count;
                before > rank
            };
            let index = counts.parts.iter().position(holds).expect("the rank is within the bracket");
            let purpose = if counts.parts[index] <= limit { Purpose::Collect } else { Purpose::Narrow };
            Search::within(search.bracket.part(index), purpose, limit)
        } else if counts.values.len() < counts.within {
            Search::within(search.bracket, Purpose::Narrow, limit)
        } else {
            let (_, value, greater) = counts.values.select_nth_unstable_by(rank - counts.below, f64::total_cmp);
            let next_value = match next_is_within {
                _ if next == rank => *value,
                true => greater.iter().copied().min_by(f64::total_cmp).expect("the next rank is within the bracket"),
                false => counts.above,
            };
            return (*value, next_value);
        };
        counts = again(&search);
    }
}

#[cfg(test)]
#[path = "median_tests.rs"]
mod tests;
