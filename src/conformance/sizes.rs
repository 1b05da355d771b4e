//! Pairs of the sizes that people have, where implementations begin to work in parts.

use super::example::Example;
use super::pairs::sized;
use crate::measure::Measure;

/// Examples and neurons: more examples than the minibatches of some packages, more neurons than a
/// sample has, and more of one side's than examples.
const SIZES: [(usize, usize, usize); 3] = [(300, 4, 3), (600, 40, 30), (60, 90, 5)];
/// The same of measures that take long on many examples: neighbours, ranks, transport.
const SMALLER: [(usize, usize, usize); 2] = [(120, 4, 3), (60, 90, 5)];

/// Pairs of these sizes with what the measure says of each.
pub(super) fn sizes(measure: &Measure) -> Vec<Example> {
    let sizes = if is_costly(measure) { &SMALLER[..] } else { &SIZES };
    let example = |&(n, p, q): &(usize, usize, usize)| {
        let (x, y) = sized(n, p, q);
        Example::new(format!("{n} examples, {p} and {q} neurons"), measure, x, y)
    };
    sizes.iter().map(example).collect()
}

/// Whether it takes long on many examples.
pub(super) fn is_costly(measure: &Measure) -> bool {
    !measure.needs(None).artifacts.is_empty()
}
