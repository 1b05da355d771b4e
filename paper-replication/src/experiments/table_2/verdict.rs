//! The verdict on Table 2, and how far the indexes are from the paper's numbers.

use super::super::context::mean;
use super::super::layer_table::LayerTable;
use super::report::Line;
use crate::analysis::Family;
use crate::results::Verdict;

/// Indexes whose difference from the best has a smaller p-value are worse than the best.
const SIGNIFICANCE: f64 = 0.05;

/// Linear CKA finds nearly all layers when it finds at least this share, in %.
const NEARLY_ALL: f64 = 90.0;

/// The verdict, by the rule that the experiment states.
pub(super) fn judge(lines: &[Line], chance: f64) -> (Verdict, String) {
    let is_cka = |line: &&Line| line.index.key.starts_with("cka");
    let of = |key: &str| lines.iter().find(|line| line.index.key == key).expect("an index of the paper");
    let highest = |wanted: &dyn Fn(&&Line) -> bool| {
        let best = lines.iter().filter(|line| wanted(line)).max_by(|one, other| one.accuracy.total_cmp(&other.accuracy));
        best.expect("the paper has indexes of both kinds")
    };
    let (other, best) = (highest(&|line| !is_cka(line)), highest(&|_| true));
    let above = |key: &str| of(key).accuracy > other.accuracy;
    let linear = of("cka");
    let as_good = if linear.accuracy >= best.accuracy { Some(true) } else { linear.p.map(|p| p >= SIGNIFICANCE) };
    let verdict = Verdict::of_tested(&[
        Some(above("cka")),
        as_good,
        Some(above("cka:kernel=rbf,fraction=0.4") && above("cka:kernel=rbf,fraction=0.8")),
        Some(linear.accuracy >= NEARLY_ALL),
    ]);
    let beside_best = match as_good {
        Some(true) => String::new(),
        Some(false) => format!(", which is less than {} does ({:.1} %)", best.index.name, best.accuracy),
        None => format!(
            ", {} {:.1} %: whether the one is as good as the other was not tested, as {} networks are too few",
            best.index.name, best.accuracy, linear.networks
        ),
    };
    let explanation = format!(
        "Linear CKA finds {:.1} % of the corresponding layers{}{beside_best}; the best index that is no CKA, {}, finds {:.1} %; chance is \
         {chance:.1} %.",
        linear.accuracy,
        if linear.accuracy >= NEARLY_ALL { "" } else { ", which is not nearly all" },
        other.index.name,
        other.accuracy,
    );
    (verdict, explanation)
}

/// The index that is farthest from the paper.
fn farthest<'a>(lines: &[&'a Line]) -> Option<&'a Line> {
    lines.iter().copied().max_by(|one, other| one.difference().abs().total_cmp(&other.difference().abs()))
}

/// Why the index that is farthest from the paper is, where its values are nearly the same for most
/// pairs of layers.
pub(super) fn saturation(lines: &[Line], means: &[LayerTable]) -> String {
    const NEARLY_ONE: f64 = 0.99;
    let line = farthest(&lines.iter().collect::<Vec<_>>());
    let Some(table) = line.and_then(|line| means.iter().find(|table| table.name == line.index.key)) else {
        return String::new();
    };
    let layers = table.rows.len();
    let pairs = || (0..layers).flat_map(|a| (0..layers).filter(move |&b| b != a).map(move |b| (a, b)));
    let near: Vec<f64> = pairs().filter_map(|(a, b)| table.at(a, b)).filter(|value| *value > NEARLY_ONE).collect();
    let own: Vec<f64> = (0..layers).filter_map(|layer| table.at(layer, layer)).filter(|value| *value > NEARLY_ONE).collect();
    match (2 * near.len() > pairs().count(), mean(&near), mean(&own)) {
        (true, Some(others), Some(own)) => format!(
            " Of its mean values for different layers {} of {} are above {NEARLY_ONE}, {others:.4} on average, beside {own:.4} for \
             corresponding ones: a kernel so narrow makes nearly \
             every picture unlike every other in these layers, and the biased estimator then says nearly 1 of any two.",
            near.len(),
            pairs().count()
        ),
        _ => String::new(),
    }
}

/// How far all indexes, and the CCA family, are from the paper's numbers.
pub(super) fn nearness(lines: &[Line]) -> String {
    const NEAR: f64 = 10.0;
    let farthest = |lines: &[&Line]| -> String {
        farthest(lines).map_or(String::new(), |line| {
            format!("{} by {:+.1} points ({:.1} against {:.1})", line.index.name, line.difference(), line.accuracy, line.paper())
        })
    };
    let all: Vec<&Line> = lines.iter().collect();
    let family: Vec<&Line> = lines.iter().filter(|line| line.index.family == Family::Subspace && line.index.key.contains("cca")).collect();
    let near = all.iter().filter(|line| line.difference().abs() <= NEAR).count();
    let trial = family
        .first()
        .map_or(String::new(), |line| format!(", where one trial of {} is {:.1} points", line.trials, 100.0 / line.trials as f64));
    format!(
        " Of the {} indexes {near} are within {NEAR} points of the paper's numbers; farthest is {}, of the CCA family {}{trial}.",
        all.len(),
        farthest(&all),
        farthest(&family),
    )
}

#[cfg(test)]
mod tests {
    use super::super::report::{found, table};
    use super::*;
    use crate::analysis::{Index, PAPER_INDEXES};
    use crate::results::Row;
    use serde_json::Map;

    /// All indexes at 20 %, linear CKA and the RBF kernels at these shares.
    fn lines(linear: f64, kernel: f64, networks: u64, p: Option<f64>) -> Vec<Line> {
        let line = |index: &'static Index| Line {
            index,
            accuracy: match index.key {
                "cka" => linear,
                key if key.starts_with("cka") => kernel,
                _ => 20.0,
            },
            standard_error: Some(13.3539),
            within_one: 100.0,
            ties: 0,
            undefined: 0,
            trials: 54,
            networks,
            examples: 3000,
            p,
        };
        PAPER_INDEXES.iter().map(line).collect()
    }

    #[test]
    fn what_was_not_tested_is_not_passed() {
        assert_eq!(judge(&lines(95.0, 97.0, 10, Some(0.4)), 11.1).0, Verdict::Holds);
        let (verdict, words) = judge(&lines(95.0, 97.0, 3, None), 11.1);
        assert_eq!(verdict, Verdict::Partly);
        assert!(words.contains("was not tested, as 3 networks are too few"), "{words}");
        // What is the best needs no test.
        assert_eq!(judge(&lines(97.0, 95.0, 3, None), 11.1).0, Verdict::Holds);
    }

    #[test]
    fn a_little_more_than_half_is_not_nearly_all() {
        let (verdict, words) = judge(&lines(57.4, 40.0, 10, Some(1.0)), 11.1);
        assert_eq!(verdict, Verdict::Partly);
        assert!(words.contains("57.4 % of the corresponding layers, which is not nearly all"), "{words}");
    }

    /// 13.3539 is 13.4, and 13.35 is 13.3.
    #[test]
    fn the_page_rounds_once() {
        let row = Row {
            setting: Map::new(),
            found: found(&lines(57.4, 61.1, 3, None), 11.1),
            verdict: Verdict::Partly,
            explanation: String::new(),
            command: String::new(),
            seconds: crate::results::Seconds::default(),
            machine: None,
            files: Vec::new(),
        };
        let table = table(&row);
        assert!(table.contains("| linear CKA | 99.3 | 57.4 | 13.4 |"), "{table}");
    }

    #[test]
    fn a_saturated_kernel_is_said_to_be() {
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let table = |other: f64| LayerTable {
            name: "cka:kernel=rbf,fraction=0.2".to_owned(),
            rows: names.clone(),
            columns: names.clone(),
            values: (0..9).map(|cell| Some(if cell % 4 == 0 { 0.9997 } else { other })).collect(),
        };
        // 20 where the paper has 80.6 is the farthest.
        let mut lines = lines(99.0, 97.0, 10, Some(1.0));
        lines.iter_mut().filter(|line| line.index.key.ends_with("0.2")).for_each(|line| line.accuracy = 20.0);
        let words = saturation(&lines, &[table(0.9986)]);
        assert!(words.contains("6 of 6 are above 0.99, 0.9986 on average, beside 0.9997"), "{words}");
        assert_eq!(saturation(&lines, &[table(0.5)]), "");
    }
}
