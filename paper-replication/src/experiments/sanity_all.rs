//! Beyond the paper: the sanity check of Table 2 for every measure of the library, and the table
//! that a researcher chooses by.

mod report;

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs};
use super::pair_table::PairValues;
use super::score::Score;
use super::trade_off::{TradeOff, study};
use crate::analysis::{PairScores, Seconds, Subject};
use crate::error::Result;
use crate::figures::number;
use crate::preset::{Part, Preset, Setting, Subspace};
use similitude::{Claim, Group, Measure, Side, registry};

/// The column with the shares of layers found without each network, beside each other.
pub(super) const WITHOUT: &str = "percent_without_each_network";

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "sanity-all",
    title: "The library's measures: which find the corresponding layer, what do they cost, and what do they miss?",
    claim: "Beyond the paper. Its argument should hold for measures that it did not try: those that are invariant to every invertible \
            linear map find fewer layers than those that are not",
    rule: "The mean accuracy of the indexes that are invariant to all invertible linear maps of both sides is below that of \
           the others; the best of them is below the best of the others. Spellings that order all pairs of layers alike count as one \
           index, and what is undefined in every trial counts in no mean (both added later)",
    caption: "To the right what finds more layers, with standard errors, downwards what costs less of layers of which nothing is \
         prepared: a \
              measure is worth considering when none lies to the lower right of it. Measures without a time are not drawn",
    setting,
    run,
    report: report::report,
    table: report::table,
};

/// Half as wide as the networks of Table 2: every measure is tried, the costly ones too.
fn setting(preset: Preset) -> Setting {
    let setting = Setting { seeds: (1..=3).collect(), ..Setting::of(preset) };
    match preset {
        Preset::Quick => setting,
        Preset::Standard | Preset::Full => Setting {
            width: setting.width / 2,
            examples: 2000,
            // More than twice the widest layer, 2048 neurons.
            subspace: Subspace { networks: 3, examples: 5000, part: Part::Test },
            ..setting
        },
    }
}

/// The ids of all measures of the library, in the order of the registry.
pub(super) fn measure_ids() -> Vec<&'static str> {
    let mut ids: Vec<&str> = registry::conventions().iter().map(|measure| measure.spec().id).collect();
    ids.dedup();
    ids
}

/// The measures of the library of which no convention is among these, in words; empty: none.
pub(super) fn missing_words<'a>(conventions: impl Iterator<Item = &'a str>) -> String {
    let there: std::collections::BTreeSet<&str> = conventions.filter_map(|convention| convention.split(':').next()).collect();
    let missing: Vec<String> = measure_ids().into_iter().filter(|id| !there.contains(id)).map(|id| format!("`{id}`")).collect();
    match missing.as_slice() {
        [] => String::new(),
        missing => format!("Not in this row, which was made before the library had them: {}.", missing.join(", ")),
    }
}

/// The color of a measure in pictures, the same in all of them: its place in the registry.
pub(super) fn color_of(id: &str) -> usize {
    let ids = measure_ids();
    ids.iter().position(|known| *known == id).unwrap_or(ids.len())
}

/// Examples for measures that compute artifacts of their own, such as ranks, neighbours or
/// assignments: they grow with n^2 log n or with the cube of the neurons.
const FEW: usize = 600;

/// What came of one measure.
struct Found {
    measure: Measure,
    examples: usize,
    pairs: Vec<PairValues>,
    score: Score<()>,
    trade_off: TradeOff,
}

impl Found {
    /// Whether the measure claims to see nothing of any invertible linear map on either side.
    fn sees_no_linear_map(&self) -> bool {
        let claims = self.measure.properties().claims;
        Side::ALL.into_iter().all(|side| claims.get(Group::InvertibleLinear, side) == Claim::Holds)
    }
}

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let mut found = Vec::new();
    for (name, examples, part, measures) in groups(&context.setting) {
        let subjects = context.subjects_on(&networks, part, examples)?;
        let mut pairs = Vec::new();
        // Kernel matrices are n x n each: one measure at a time. The others share bases.
        let at_once = if name == "others" { measures.len() } else { 1 };
        for (place, group) in measures.chunks(at_once.max(1)).enumerate() {
            pairs.extend(compare(context, &format!("{name}{place}"), &subjects, group)?);
        }
        found.extend(study_all(context, name, &subjects, measures, pairs)?);
    }
    found.sort_by(|one, other| other.score.accuracy().total_cmp(&one.score.accuracy()));
    write(context, &found)?;
    Ok(Outcome::of_tables([("test_accuracy", accuracies(&networks))]))
}

/// Groups of measures that are computed on the same examples: a name, the examples and their part.
fn groups(setting: &Setting) -> [(&'static str, usize, Part, Vec<Measure>); 3] {
    let has_kernel = |measure: &Measure| measure.convention().iter().any(|(key, _)| *key == "kernel");
    let (kernels, others): (Vec<Measure>, Vec<Measure>) = registry::conventions().into_iter().partition(has_kernel);
    let (costly, others): (Vec<Measure>, Vec<Measure>) = others.into_iter().partition(|measure| !measure.needs(None).artifacts.is_empty());
    let Subspace { examples, part, .. } = setting.subspace;
    [
        ("kernels", setting.examples, setting.part, kernels),
        ("artifacts", setting.examples.min(FEW), setting.part, costly),
        ("others", examples, part, others),
    ]
}

/// What each measure says of all pairs of networks, in both orders; where it is symmetric, the one
/// is the other transposed.
fn compare(context: &mut Context, name: &str, subjects: &[Subject], measures: &[Measure]) -> Result<Vec<Vec<PairValues>>> {
    let texts: Vec<String> = measures.iter().map(Measure::to_string).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let pairs = all_pairs(subjects.len());
    let there = context.compare(name, subjects, &pairs, &texts)?;
    let asymmetric: Vec<usize> = (0..measures.len()).filter(|&place| measures[place].properties().symmetry != Claim::Holds).collect();
    let back = match asymmetric.is_empty() {
        true => Vec::new(),
        false => {
            let texts: Vec<&str> = asymmetric.iter().map(|&place| texts[place]).collect();
            let backwards: Vec<(usize, usize)> = pairs.iter().map(|&(a, b)| (b, a)).collect();
            context.compare(&format!("{name}-back"), subjects, &backwards, &texts)?
        }
    };
    let of = |place: usize| -> Vec<PairValues> {
        let both = |(pair, forward): (usize, &PairScores)| {
            let mut values = PairValues::symmetric(forward.a, forward.b, forward.rows, forward.values(place));
            if let Some(other) = asymmetric.iter().position(|&other| other == place) {
                values.back = back[pair].values(other);
            }
            values
        };
        there.iter().enumerate().map(both).collect()
    };
    Ok((0..measures.len()).map(of).collect())
}

/// What else there is to say of these measures, beside how many layers they find.
fn study_all(
    context: &mut Context,
    name: &str,
    subjects: &[Subject],
    measures: Vec<Measure>,
    pairs: Vec<Vec<PairValues>>,
) -> Result<Vec<Found>> {
    let (examples, layers) = (subjects[0].pictures.count(), subjects[0].layers()?.len());
    let folder = context.cells(context.id, &format!("{name}-parts"), examples);
    let (trade_offs, seconds) = study(subjects, &measures, &folder)?;
    context.count_kept(seconds.map(|comparison| Seconds { comparison, ..Seconds::default() }));
    let found = measures.into_iter().zip(pairs).zip(trade_offs);
    Ok(found
        .map(|((measure, pairs), trade_off)| {
            let score = Score::new((), measure.properties().direction, subjects.len(), examples, layers, &pairs);
            Found { measure, examples, pairs, score, trade_off }
        })
        .collect())
}

/// Whether two measures order all pairs of layers alike, the one perhaps upside down: then they are
/// one index in two spellings, for anything that depends on the order.
/// Two that are undefined everywhere are not: they order nothing.
fn order_alike(one: &[PairValues], other: &[PairValues]) -> bool {
    let flat =
        |pairs: &[PairValues]| -> Vec<Option<f64>> { pairs.iter().flat_map(|pair| pair.there.iter().chain(&pair.back).copied()).collect() };
    let mut both = Vec::new();
    for cell in flat(one).into_iter().zip(flat(other)) {
        match cell {
            (Some(one), Some(other)) => both.push((one, other)),
            (None, None) => {}
            _ => return false,
        }
    }
    if both.is_empty() {
        return false;
    }
    both.sort_by(|one, other| one.0.total_cmp(&other.0));
    let width =
        both.iter().map(|pair| pair.1).fold(f64::NEG_INFINITY, f64::max) - both.iter().map(|pair| pair.1).fold(f64::INFINITY, f64::min);
    // Far more than rounding, far less than any difference that is looked at.
    let slack = 1e-9 * width;
    let (rises, falls) = (|pair: &[(f64, f64)]| pair[1].1 >= pair[0].1 - slack, |pair: &[(f64, f64)]| pair[1].1 <= pair[0].1 + slack);
    both.windows(2).all(rises) || both.windows(2).all(falls)
}

fn write(context: &mut Context, found: &[Found]) -> Result<()> {
    let header = [
        "measure",
        "same_index_as",
        "percent",
        "standard_error",
        WITHOUT,
        "within_one_percent",
        "ties",
        "undefined",
        "trials",
        "networks",
        "examples",
        "invariant_to_invertible_linear_maps",
        "cost_of_a_layer",
        "cost_of_a_pair",
        "milliseconds_of_a_layer",
        "milliseconds_of_a_pair",
        "layers_defined",
        "layers_defined_with_fewer_examples",
        "value",
        "bias_with_fewer_examples",
        "value_of_unrelated_with_fewer_examples",
        "tail_deleted_unnoticed_share",
        "top_deleted_noticed_components",
    ];
    let rows = found.iter().enumerate().map(|(place, one)| {
        // The first that orders all pairs alike, whatever measure it is of.
        let same = found[..place].iter().find(|other| order_alike(&other.pairs, &one.pairs));
        let (trade_off, total) = (&one.trade_off, one.score.total(None));
        let sample = |kind: usize| number(trade_off.sample.map(|sample| sample[kind]));
        let without = |out: usize| number(Some(100.0 * one.score.total(Some(out)).accuracy()));
        let milliseconds = |kind: usize| number(trade_off.milliseconds.map(|milliseconds| milliseconds[kind]));
        [
            one.measure.to_string(),
            same.map_or(String::new(), |other| other.measure.to_string()),
            number(Some(100.0 * total.accuracy())),
            number(one.score.jackknife().standard_error.map(|error| 100.0 * error)),
            (0..one.score.networks).map(without).collect::<Vec<_>>().join(" "),
            number(Some(100.0 * total.accuracy_within_one())),
            total.ties.to_string(),
            total.undefined.to_string(),
            total.trials.to_string(),
            one.score.networks.to_string(),
            one.examples.to_string(),
            one.sees_no_linear_map().to_string(),
            one.measure.spec().prepare_cost.to_owned(),
            one.measure.spec().compare_cost.to_owned(),
            milliseconds(0),
            milliseconds(1),
            trade_off.layers.0.to_string(),
            trade_off.layers.1.to_string(),
            number(trade_off.value),
            sample(0),
            sample(1),
            number(trade_off.tail),
            number(trade_off.top),
        ]
    });
    let rows: Vec<_> = rows.collect();
    context.folder.table("measures.csv", header, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two measures of one color could not be told apart.
    #[test]
    fn every_measure_has_a_color_of_its_own() {
        let different: std::collections::BTreeSet<&str> = crate::figures::COLORS.into_iter().collect();
        assert_eq!(different.len(), crate::figures::COLORS.len());
        assert!(measure_ids().len() <= different.len(), "{} measures", measure_ids().len());
    }

    fn pair(values: [f64; 4]) -> Vec<PairValues> {
        vec![PairValues::symmetric(0, 1, 2, values.map(Some).to_vec())]
    }

    #[test]
    fn spellings_of_one_index_order_layers_alike() {
        let one = pair([0.9, 0.3, 0.2, 0.8]);
        for alike in [pair([0.81, 0.09, 0.04, 0.64]), pair([-0.9, -0.3, -0.2, -0.8]), pair([0.9, 0.3, 0.2, 0.8 + 1e-14])] {
            assert!(order_alike(&one, &alike), "{alike:?}");
        }
        assert!(!order_alike(&one, &pair([0.8, 0.3, 0.2, 0.9])));
        let mut undefined = one.clone();
        undefined[0].there[1] = None;
        assert!(!order_alike(&one, &undefined));
        (undefined[0].there, undefined[0].back) = (vec![None; 4], vec![None; 4]);
        assert!(!order_alike(&undefined, &undefined.clone()), "undefined everywhere");
    }

    /// A row says which measures it lacks: those of the registry without a convention in it.
    #[test]
    fn a_row_says_what_it_lacks() {
        let all: Vec<String> = registry::conventions().iter().map(Measure::to_string).collect();
        assert_eq!(missing_words(all.iter().map(String::as_str)), "");
        let lacking = all.iter().map(String::as_str).filter(|text| !text.starts_with("linear-predictivity"));
        assert!(missing_words(lacking).ends_with(": `linear-predictivity`."));
    }

    /// Measures of the registry come in by themselves, each in one group.
    #[test]
    fn every_convention_is_tried() {
        let groups = groups(&Setting::of(Preset::Quick));
        let count: usize = groups.iter().map(|group| group.3.len()).sum();
        assert_eq!(count, registry::conventions().len());
        assert!(groups.iter().all(|group| !group.3.is_empty()));
    }
}
