//! Nulls, intervals and adjusted p-values beside the scores of `compare` and `sweep`.

use crate::inference::{
    self, Adjustment, FamilyNull, IntervalChoice, Load, NullChoice, Permutations, bytes_of_nulls, family_facts, family_null_of_itself,
    interval_facts, null_facts,
};
use crate::sweep::{Bytes, Layers, Scores};
use crate::{Measure, Representation};
use clap::{Args, ValueEnum};

use crate::cli::read_once::ReadOnce;
use crate::cli::stop::Stop;
use crate::cli::sweep::Null;
use crate::cli::tell::tell;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Interval {
    /// Halves of the examples, no example twice: right for every measure
    Halves,
    /// Percentiles of bootstrap samples: copies of examples look alike to kernels and neighbours
    Bootstrap,
    /// Bootstrap, corrected for bias and skewness by leaving out each example: for smooth measures
    Bca,
    /// Each example left out: for smooth measures
    Jackknife,
    /// The standard error of debiased CKA, unbiased HSIC and corrected distance correlation,
    /// without resamples
    Analytic,
}

impl Interval {
    pub fn choice(self) -> IntervalChoice {
        match self {
            Self::Halves => IntervalChoice::Halves,
            Self::Bootstrap => IntervalChoice::Bootstrap,
            Self::Bca => IntervalChoice::Bca,
            Self::Jackknife => IntervalChoice::Jackknife,
            Self::Analytic => IntervalChoice::Analytic,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Adjust {
    /// The null of the largest standardised value over all layer pairs, step by step from the
    /// largest down (Westfall and Young; needs drawn permutations)
    Max,
    /// For each layer of the first network the same over the layers of the second (needs drawn
    /// permutations): whether its best match is more than chance
    RowMax,
    /// Holm: any false claim is as rare as the level says
    Holm,
    /// Benjamini and Hochberg: few of the claims are false
    Bh,
}

impl Adjust {
    pub fn choice(self) -> Adjustment {
        match self {
            Self::Max => Adjustment::Max,
            Self::RowMax => Adjustment::RowMax,
            Self::Holm => Adjustment::Holm,
            Self::Bh => Adjustment::BenjaminiHochberg,
        }
    }
}

/// Which null.
#[derive(Debug, Args)]
pub struct NullOptions {
    /// Put each value beside those of N permutations of the examples of the second side, or beside
    /// the exact moments over all of them: p, null_mean, z, and the score calibrated at 0.05. The p
    /// of exact moments is that of a curve with these, an approximation; of up to 7 examples it is
    /// that of all orders. --seed draws
    #[arg(long, value_name = "N|exact")]
    pub null: Option<NullChoice>,
}

/// Which interval.
#[derive(Debug, Args)]
pub struct IntervalOptions {
    /// An interval for each value over resamples of the examples: lo, hi, se
    #[arg(long, value_name = "HOW", value_enum)]
    pub interval: Option<Interval>,
    /// Resamples that are drawn for an interval
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "interval")]
    pub resamples: usize,
    /// The level of the interval
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, requires = "interval")]
    pub level: f64,
}

/// Adds to a comparison its null and interval. A measure without a value stays as it is. A null or an
/// interval that cannot be had on these data costs no value: it is told, and the answer is false.
///
/// # Errors
/// What concerns all measures: too few draws, say.
pub fn beside_pair(
    scores: &mut Scores,
    x: &Representation<'_>,
    y: &Representation<'_>,
    null: Option<NullChoice>,
    interval: &IntervalOptions,
    seed: u64,
) -> Result<bool, Stop> {
    let mut complete = true;
    for (number, measure) in scores.measures().to_vec().iter().enumerate() {
        if scores.outcomes(number)[0].value().is_none() {
            continue;
        }
        let of_null = null.map(|null| null_facts(measure, x, y, null, seed));
        let of_interval =
            interval.interval.map(|how| interval_facts(measure, x, y, how.choice(), interval.resamples, seed, interval.level));
        for facts in of_null.into_iter().chain(of_interval) {
            match facts {
                Ok(facts) => scores.add_facts(number, 0, 0, &facts),
                Err(error) if error.is_of_measure() => {
                    complete = false;
                    // Most of them name it.
                    let (measure, error) = (measure.to_string(), error.to_string());
                    tell(if error.contains(&measure) { format!("warning: {error}") } else { format!("warning: {measure}: {error}") });
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(complete)
}

/// Refuses, before anything is computed, what no null can be of.
pub fn check_sweep(
    measures: &[Measure],
    null: Option<NullChoice>,
    adjust: Option<Adjust>,
    layers: [&dyn Layers; 2],
    memory: Option<u64>,
) -> Result<(), Stop> {
    let Some(null) = null else {
        return if adjust.is_some() {
            Err(Stop::Unusable("--adjust needs p-values: --null 1000, or --null exact".to_string()))
        } else {
            Ok(())
        };
    };
    null.check_adjustment(adjust.map(Adjust::choice))?;
    check_measures(measures, Some(null))?;
    let mut shapes = Vec::new();
    for network in layers {
        for layer in 0..network.layer_names().len() {
            shapes.push(network.shape(layer)?);
        }
    }
    let needed = bytes_of_nulls(shapes);
    match memory {
        Some(memory) if memory < needed => Err(Stop::Unusable(format!(
            "--null keeps all layers and their matrices between examples, about {}; {} may be taken (--memory). Sweep fewer layers at once \
             (--layers), or fewer examples (--sample)",
            Bytes(needed),
            Bytes(memory)
        ))),
        _ => Ok(()),
    }
}

/// Refuses, before anything is computed, a measure whose moments over all permutations are not
/// known, where these are asked for.
pub fn check_measures(measures: &[Measure], null: Option<NullChoice>) -> Result<(), Stop> {
    if null == Some(NullChoice::Exact) {
        measures.iter().try_for_each(inference::has_exact_null)?;
    }
    Ok(())
}

/// The same where one such measure is enough, because each answers for itself.
pub fn check_some_measure(measures: &[Measure], null: Option<NullChoice>) -> Result<(), Stop> {
    if measures.iter().any(|measure| check_measures(std::slice::from_ref(measure), null).is_ok()) {
        return Ok(());
    }
    check_measures(measures, null)
}

/// Refuses, before anything is computed, an interval that no measure has, or that so many resamples
/// do not give.
pub fn check_interval(measures: &[Measure], interval: &IntervalOptions) -> Result<(), Stop> {
    let Some(choice) = interval.interval.map(Interval::choice) else { return Ok(()) };
    choice.check(interval.resamples, interval.level)?;
    if measures.iter().any(|measure| choice.check_measure(measure).is_ok()) {
        return Ok(());
    }
    measures.iter().try_for_each(|measure| choice.check_measure(measure)).map_err(Stop::from)
}

/// Adds to the scores of a sweep the null of each pair of layers, measure after measure. Each layer
/// is read once.
pub fn beside_sweep(
    scores: &mut Scores,
    layers: [&dyn Layers; 2],
    null: NullChoice,
    adjust: Option<Adjust>,
    seed: u64,
) -> Result<(), Stop> {
    let [a, b] = layers.map(ReadOnce::new);
    // A network with itself.
    let b = if std::ptr::addr_eq(layers[0], layers[1]) { &a } else { &b };
    beside_read(scores, [&a, b], null, adjust, seed)
}

/// As [`beside_sweep`], of layers that others read too.
pub fn beside_read(
    scores: &mut Scores,
    [a, b]: [&ReadOnce<'_>; 2],
    null: NullChoice,
    adjust: Option<Adjust>,
    seed: u64,
) -> Result<(), Stop> {
    let of_itself = std::ptr::eq(a, b);
    if let Some(warning) = inference::out_of_reach(null, adjust.map(Adjust::choice), inference::most_claims(scores, of_itself)) {
        tell(format!("warning: {warning}"));
    }
    let (of_a, of_b) = (|layer| a.layer(layer), |layer| b.layer(layer));
    let second: &Load<'_, '_, Stop> = &of_b;
    let load: (&Load<'_, '_, Stop>, Option<&Load<'_, '_, Stop>>) = (&of_a, (!of_itself).then_some(second));
    for number in 0..scores.measures().len() {
        if let Some(why) = inference::beside_sweep(scores, number, load, null, adjust.map(Adjust::choice), seed)? {
            tell(format!("warning: {why}"));
        }
    }
    Ok(())
}

/// The nulls of the means over layers of many networks: each permutation the same for all layers.
/// Layers are added one after another.
pub struct MeanNulls {
    permutations: Permutations,
    adjust: Option<Adjustment>,
    /// Measures by their places, with the sums of their nulls.
    measures: Vec<(usize, Measure, Option<FamilyNull>)>,
    layers: usize,
}

impl MeanNulls {
    /// Of the measures that have a value for every pair of networks; none where no permutations
    /// are drawn.
    pub fn new(scores: &Scores, null: &Null<'_>) -> Option<Self> {
        let Some(NullChoice::Drawn(count)) = null.null else { return None };
        let adjust = null.adjust.map(Adjust::choice);
        if let Some(warning) = inference::out_of_reach(NullChoice::Drawn(count), adjust, inference::most_claims(scores, true)) {
            tell(format!("warning: {warning}"));
        }
        let mut measures = Vec::new();
        for (number, measure) in scores.measures().iter().enumerate() {
            if scores.outcomes(number).iter().any(|outcome| outcome.value().is_none()) {
                tell(format!("warning: {measure}: no null, because a pair of networks has no value"));
            } else {
                measures.push((number, measure.clone(), None));
            }
        }
        Some(Self { permutations: Permutations::new(count, null.seed), adjust, measures, layers: 0 })
    }

    /// Adds one layer of all networks.
    pub fn add(&mut self, layer: &ReadOnce<'_>) -> Result<(), Stop> {
        self.layers += 1;
        if self.measures.is_empty() {
            return Ok(());
        }
        let networks = layer.all()?;
        for (_, measure, sum) in &mut self.measures {
            let family = family_null_of_itself(measure, &networks, &self.permutations)?;
            match sum {
                Some(sum) => sum.add(&family),
                None => *sum = Some(family),
            }
        }
        Ok(())
    }

    /// Adds them to the scores.
    pub fn beside(self, scores: &mut Scores) -> Result<(), Stop> {
        let networks = scores.a().layers.len();
        for (number, _, sum) in self.measures {
            let Some(sum) = sum else { continue };
            for (place, facts) in family_facts(&sum.over(self.layers), self.adjust)?.into_iter().enumerate() {
                scores.add_facts(number, place / networks, place % networks, &facts);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_fact_has_a_column() {
        assert_eq!(crate::inference::FACTS, crate::report::csv::INFERENCE);
    }
}
