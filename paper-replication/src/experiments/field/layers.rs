//! ReSi's tests of ten networks that differ in their seed: the order of layers, and whether
//! differences of accuracy and of outputs are seen in the last layer.

use super::answers::{Answer, of_pairs, similarities};
use super::networks::Captured;
use super::over;
use super::statistics::{mean_and_error, spearman};
use crate::error::Result;
use rayon::prelude::*;
use similitude::Measure;

/// Layers nearer to each other should be more alike: over all i <= a < b <= j that are not the
/// same pair, how often s(a, b) > s(i, j). Mean over networks.
pub(super) fn monotonicity(networks: &[Captured], measures: &[Measure]) -> Result<Vec<Answer>> {
    let of_network = |network: &Captured| -> Result<Vec<Option<f64>>> {
        let count = network.prepared.len();
        let pairs: Vec<(usize, usize)> = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).collect();
        let values: Vec<Vec<Option<f64>>> =
            pairs.iter().map(|&(a, b)| similarities(measures, &network.prepared[a], &network.prepared[b])).collect::<Result<_>>()?;
        Ok((0..measures.len()).map(|measure| in_order(&pairs, &values.iter().map(|all| all[measure]).collect::<Vec<_>>())).collect())
    };
    let found = networks.par_iter().with_max_len(1).map(of_network).collect::<Result<Vec<_>>>()?;
    let answer = |measure: usize| {
        let all: Option<Vec<f64>> = found.iter().map(|network| network[measure]).collect();
        Answer::new("layer monotonicity, conformity", measure, all.and_then(|all| mean_and_error(&all)))
    };
    Ok((0..measures.len()).map(answer).collect())
}

/// The share of nested pairs of layers whose inner pair is more alike.
fn in_order(pairs: &[(usize, usize)], values: &[Option<f64>]) -> Option<f64> {
    let (mut right, mut all) = (0.0, 0.0);
    for (&(i, j), outer) in pairs.iter().zip(values) {
        for (&(a, b), inner) in pairs.iter().zip(values) {
            if i <= a && b <= j && (a, b) != (i, j) {
                all += 1.0;
                right += f64::from((*inner)? > (*outer)?);
            }
        }
    }
    (all > 0.0).then_some(right / all)
}

/// Spearman's correlation, over pairs of networks, of the dissimilarity of their last layers with
/// the difference of their accuracies, and with the divergence of their outputs. Jackknife over
/// networks.
pub(super) fn functions(networks: &[Captured], measures: &[Measure]) -> Result<Vec<Answer>> {
    let pairs = super::super::context::all_pairs(networks.len());
    let values = pairs
        .par_iter()
        .with_max_len(1)
        .map(|&(a, b)| {
            let last = |network: &'_ Captured| network.prepared.len() - 1;
            similarities(measures, &networks[a].prepared[last(&networks[a])], &networks[b].prepared[last(&networks[b])])
        })
        .collect::<Result<Vec<_>>>()?;
    let mut answers = Vec::new();
    let differences: [(&str, Vec<f64>); 2] = [
        ("accuracy correlation", pairs.iter().map(|&(a, b)| (networks[a].accuracy - networks[b].accuracy).abs()).collect()),
        ("output correlation", pairs.iter().map(|&(a, b)| networks[a].divergence(&networks[b])).collect()),
    ];
    for (test, differences) in &differences {
        answers.extend((0..measures.len()).map(|measure| {
            let correlation = |without: Option<usize>| {
                let kept = pairs.iter().enumerate().filter(|(_, pair)| without != Some(pair.0) && without != Some(pair.1));
                let points: Option<Vec<(f64, f64)>> = kept.map(|(place, _)| Some((-values[place][measure]?, differences[place]))).collect();
                points.map(|points| spearman(&points))
            };
            Answer::new(test, measure, over(networks.len(), correlation))
        }));
    }
    Ok(answers)
}

/// What the last layers of these networks say of each other, by pair.
pub(super) fn last_layers(networks: Vec<Captured>, measures: &[Measure], pairs: &[(usize, usize)]) -> Result<Vec<Vec<Option<f64>>>> {
    let last: Vec<_> = networks.into_iter().map(|mut network| network.prepared.pop().expect("a network has layers")).collect();
    of_pairs(measures, &last, pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_pairs_are_counted() {
        let pairs = [(0, 1), (0, 2), (1, 2)];
        // Both inner pairs against the one outer pair.
        assert_eq!(in_order(&pairs, &[0.9, 0.5, 0.8].map(Some)), Some(1.0));
        assert_eq!(in_order(&pairs, &[0.9, 0.85, 0.8].map(Some)), Some(0.5));
        assert_eq!(in_order(&pairs, &[Some(0.9), Some(0.5), None]), None);
    }
}
