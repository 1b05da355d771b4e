//! The table to choose by, in Markdown: the indexes that answer each question best, and how many
//! are not told apart from them.

use super::groups::{GROUPS, pairs};
use super::report::TESTS;
use super::statistics::guessed_precision;
use crate::results::Row;
use serde_json::Value;

/// The average precision of a guess in the group tests, with its standard deviation: all have as
/// many pairs.
pub(super) fn guess() -> (f64, f64) {
    let (positives, count) = pairs(&GROUPS[0]);
    guessed_precision(positives, count)
}

/// Whether the best of a test is two standard deviations above a guess; asked of average precision
/// alone.
pub(super) fn tells(place: usize, guess: (f64, f64), values: impl Iterator<Item = Option<f64>>) -> bool {
    !TESTS[place].0.ends_with("AUPRC") || values.flatten().fold(f64::NEG_INFINITY, f64::max) > guess.0 + 2.0 * guess.1
}

/// How many of these values, each with its standard error, are not told apart from the largest: they
/// are no more than two standard errors (the larger of both) below it.
fn not_told_apart(values: &[(f64, f64)]) -> usize {
    // What is exactly two errors away, in decimals, is not to hang on the last bit.
    const SLACK: f64 = 1e-9;
    let best = values.iter().copied().max_by(|one, other| one.0.total_cmp(&other.0));
    let near = |best: (f64, f64)| values.iter().filter(|other| best.0 - other.0 <= 2.0 * best.1.max(other.1) + SLACK).count();
    best.map_or(0, near)
}

/// The three best in words; those that share the highest value are said to, however many they are.
fn best_words(ranked: Vec<(f64, f64, String)>) -> String {
    let highest = ranked.first().map_or(0.0, |best| best.0);
    let tied = ranked.iter().filter(|one| highest - one.0 <= 1e-9).count();
    let best: Vec<String> = ranked.into_iter().take(3).map(|ranked| ranked.2).collect();
    match tied {
        0..=3 => best.join(", "),
        _ => format!("{tied} share the highest value, among them {}", best.join(", ")),
    }
}

pub(super) fn table(row: &Row) -> String {
    let indexes: Vec<&Value> = row.found.get("indexes").and_then(Value::as_array).into_iter().flatten().collect();
    let name = |index: &Value| index["spellings"][0].as_str().unwrap_or_default().to_owned();
    let cell = |value: &Value, error: &Value, digits: usize| match (value.as_f64(), error.as_f64()) {
        (Some(value), Some(error)) => format!("{value:.digits$} ± {error:.digits$}"),
        (Some(value), None) => format!("{value:.digits$}"),
        _ => "-".to_owned(),
    };
    let mut table = String::from(
        "#### Which measure for which question\n\nThe indexes with the highest values on the digits, each with its standard error, and \
         how many are not told apart from the best: within two standard errors (the \
         larger of both) of it. A large error of its own is among the reasons for that, so that it is no praise:\n\n| question | test | \
         best | not told apart |\n|---|---|---|---|\n",
    );
    let guess = guess();
    let mut line = |question: &str, test: &str, value: &dyn Fn(&Value) -> (Value, Value), digits: usize| {
        let mut ranked: Vec<(f64, f64, String)> = indexes
            .iter()
            .filter_map(|index| {
                let (value, error) = value(index);
                Some((value.as_f64()?, error.as_f64().unwrap_or(0.0), format!("`{}` ({})", name(index), cell(&value, &error, digits))))
            })
            .collect();
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
        let near = not_told_apart(&ranked.iter().map(|ranked| (ranked.0, ranked.1)).collect::<Vec<_>>());
        let count = ranked.len();
        let best = best_words(ranked);
        table += &format!("| {question} | {test} | {best} | {near} of {count} |\n");
    };
    line(
        "Which layer of another network corresponds?",
        "layers found, %",
        &|index| (index["found"][0].clone(), index["found"][1].clone()),
        1,
    );
    for (place, (test, _, question)) in TESTS.iter().enumerate().filter(|(_, test)| !test.2.is_empty()) {
        let values = indexes.iter().map(|index| index["tests"][place][0].as_f64());
        let test = if tells(place, guess, values) {
            (*test).to_owned()
        } else {
            format!("{test}: tells nothing, no index is told apart from a guess")
        };
        line(question, &test, &|index| (index["tests"][place][0].clone(), index["tests"][place][1].clone()), 2);
    }
    table += &format!(
        "\nA best one among many that are not told apart from it says nothing. HSIC is not normalised, so that its values follow the \
         lengths of the representations: where a probe loses with them, that alone \
              ranks it high. A guess, an order drawn by lot, has an AUPRC of {:.2} ± {:.2} (standard deviation) in each of the three \
              group tests. One data set of small pictures: take it as a guide to what to try, and report the convention.\n\n#### All \
              indexes\n\n",
        guess.0, guess.1
    );
    let headers: Vec<&str> = TESTS.iter().map(|test| test.1).collect();
    table += &format!(
        "| index | other spellings | layers found, % | ms a pair | {} |\n|---|---|---|---|{}\n",
        headers.join(" | "),
        "---|".repeat(TESTS.len())
    );
    for index in &indexes {
        let spellings = index["spellings"].as_array().map_or(0, |all| all.len().saturating_sub(1));
        let tests: Vec<String> = (0..TESTS.len()).map(|place| cell(&index["tests"][place][0], &index["tests"][place][1], 2)).collect();
        let milliseconds = index["found"][2].as_f64().map_or("-".to_owned(), |value| format!("{value:.2}"));
        table += &format!(
            "| `{}` | {spellings} | {} | {milliseconds} | {} |\n",
            name(index),
            cell(&index["found"][0], &index["found"][1], 1),
            tests.join(" | ")
        );
    }
    table
        + "\n*Layers found* and *ms a pair* come from `sanity-all`. *Layer order*: how often the inner of two nested pairs of layers of \
         one network is the more alike. *Accuracy*, \
           *outputs*: Spearman's correlation of dissimilarity with the difference of accuracy, and with the Jensen-Shannon divergence of \
           the outputs, over pairs of ten networks. *Labels*, \
           *shortcut*, *augmentation*: average precision of telling networks of one degree from others, twelve networks of four degrees \
           each. *Probe*: Spearman's correlation of \
           dissimilarity with what a probe loses. *One moved*: the similarity of a layer to itself after one of 516 examples moved by 100 \
           standard deviations. *Independent*: of two layers of independent normal \
           numbers, 40 examples and 40 neurons. A distance counts downwards, so that its last two columns are minus the distance. A dash: \
           undefined, with fewer examples than neurons among \
           others. `tests.csv` has Kendall's correlations, conformities and all ratios too.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 - 90.476 is twice 4.762 in decimals, and a little more in binary; 92.9 with no error is
    /// told apart, 83.3 with a large one is not.
    #[test]
    fn two_errors_away_is_not_told_apart() {
        assert_eq!(not_told_apart(&[(100.0, 0.0), (90.476, 4.762), (92.9, 0.0), (83.3, 12.6), (80.0, 1.0)]), 3);
        assert_eq!(not_told_apart(&[]), 0);
    }

    #[test]
    fn a_test_that_no_index_passes_tells_nothing() {
        let shortcut = TESTS.iter().position(|test| test.1 == "shortcut").unwrap();
        let values = |best: f64| [Some(0.2), None, Some(best)].into_iter();
        assert!(!tells(shortcut, (0.229, 0.066), values(0.294)));
        assert!(tells(shortcut, (0.229, 0.066), values(0.4)));
        assert!(tells(0, (0.229, 0.066), values(0.1)), "another kind of number");
    }

    #[test]
    fn all_that_share_the_highest_value_are_counted() {
        let ranked = |count: usize| (0..5).map(|place| (if place < count { 100.0 } else { 90.0 }, 0.0, place.to_string())).collect();
        assert_eq!(best_words(ranked(4)), "4 share the highest value, among them 0, 1, 2");
        assert_eq!(best_words(ranked(2)), "0, 1, 2");
    }
}
