//! The row in Markdown: the table to choose by, and what else came of the tests.

use super::judge::QUESTIONS;
use super::report::MEANS;
use crate::results::Row;
use serde_json::Value;

fn list<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten().collect()
}

/// The first convention of an index.
fn name(index: &Value) -> &str {
    index["spellings"][0].as_str().unwrap_or_default()
}

/// A value with its error.
fn cell(value: &Value, error: &Value, digits: usize) -> String {
    match (value.as_f64(), error.as_f64()) {
        (Some(value), Some(error)) => format!("{value:.digits$} ± {error:.digits$}"),
        (Some(value), None) => format!("{value:.digits$}"),
        _ => "undefined".to_owned(),
    }
}

/// The same, bold where it is better than its own guess.
fn tested(found: &Value) -> String {
    let text = cell(&found[0], &found[1], 2);
    if found[2].as_f64().is_some_and(|p| p <= super::judge::LEVEL) { format!("**{text}**") } else { text }
}

/// How many layers an index finds: undefined is not 0.
fn layers(index: &Value, digits: usize) -> String {
    let [percent, error, undefined] = [0, 1, 2].map(|place| &index["layers"][place]);
    match undefined.as_f64() {
        None => "-".to_owned(),
        Some(share) if share > 0.0 && share < 1.0 => {
            format!("{}, undefined in {:.0} % of trials", cell(percent, error, digits), 100.0 * share)
        }
        _ => cell(percent, error, digits),
    }
}

/// The three best in words; those that share the highest value are said to, however many they are.
fn best_words(ranked: Vec<(f64, String)>) -> String {
    let highest = ranked.first().map_or(0.0, |best| best.0);
    let tied = ranked.iter().filter(|one| highest - one.0 <= 1e-9).count();
    let best: Vec<String> = ranked.into_iter().take(3).map(|ranked| ranked.1).collect();
    match tied {
        0..=3 => best.join(", "),
        _ => format!("{tied} share the highest value, among them {}", best.join(", ")),
    }
}

fn ranked<'a>(indexes: &[&'a Value], value: impl Fn(&Value) -> &Value) -> Vec<(f64, &'a Value)> {
    let mut ranked: Vec<(f64, &Value)> = indexes.iter().filter_map(|index| Some((value(index).as_f64()?, *index))).collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    ranked
}

pub(super) fn table(row: &Row) -> String {
    let found = Value::Object(row.found.clone());
    let mut page = String::new();
    page += &choosing(&found);
    page += &lengths_and_ranks(&found);
    page += &moves(&found);
    page += &names(&found);
    page + &every_index(&found)
}

/// The table of questions, here and in the guide.
pub(in crate::experiments) fn best_table(found: &Value) -> String {
    let indexes = list(found, "indexes");
    let mut table = String::from(
        "| question | test | best | a guess | p of the best | better than their guess | not told apart from the best \
             |\n|---|---|---|---|---|---|---|\n",
    );
    let best = best_words(
        ranked(&indexes, |index| &index["layers"][0])
            .into_iter()
            .map(|(value, index)| (value, format!("`{}` ({})", name(index), layers(index, 1))))
            .collect(),
    );
    let layers_found = &found["layers_found"];
    let count = |value: &Value| value.as_u64().map_or("-".to_owned(), |count| count.to_string());
    table += &format!(
        "| Which layer of another network corresponds? | layers found, % | {best} | - | - | - | {} of {} |\n",
        count(&layers_found["near"]),
        count(&layers_found["defined"])
    );
    for (place, question) in list(found, "questions").into_iter().enumerate() {
        let Some((_, _, words)) = QUESTIONS.iter().find(|(test, _, _)| question["test"] == *test) else { continue };
        let best = ranked(&indexes, |index| &index["tests"][place][0]);
        let best = best.into_iter().map(|(value, index)| {
            (value, format!("`{}` ({})", name(index), cell(&index["tests"][place][0], &index["tests"][place][1], 2)))
        });
        let best = best_words(best.collect());
        let p = question["p"].as_f64().unwrap_or(1.0);
        let silent = if question["tells"] == true {
            ""
        } else {
            ": tells nothing, the best is no better than the best of as many \
             guesses"
        };
        table += &format!(
            "| {words} | {}{silent} | {best} | {:.2} ± {:.2} | {p:.3} | {} of {} | {} of {} |\n",
            question["test"].as_str().unwrap_or_default(),
            question["guess"][0].as_f64().unwrap_or(f64::NAN),
            question["guess"][1].as_f64().unwrap_or(f64::NAN),
            count(&question["beyond"]),
            count(&question["defined"]),
            count(&question["near"]),
            count(&question["defined"]),
        );
    }
    table
}

fn choosing(found: &Value) -> String {
    let layers = &found["layers_found"];
    let names = |key: &str| -> Vec<String> {
        layers[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(|name| format!("`{name}`")).collect()
    };
    let mut notes = String::new();
    let (undefined, not_there) = (names("undefined"), names("not_there"));
    if !undefined.is_empty() {
        notes += &format!(" Undefined in every trial of layers found, and in no mean of it: {}.", undefined.join(", "));
    }
    if !not_there.is_empty() {
        notes += &format!(" Not among the layers found, as the row of `sanity-all` was made before them: {}.", not_there.join(", "));
    }
    if layers["jackknifed"] == false {
        notes += " For layers found that difference has both errors, as if they were independent: the row of `sanity-all` does not \
             have the \
                  shares without each network.";
    }
    let missing = found["missing"].as_str().unwrap_or_default();
    format!(
        "{missing}{}#### Which measure for which question\n\nThe indexes with the highest values on the digits, each with its standard \
             error. \
         *A guess*: mean and standard deviation of the same statistic after what the test holds values against was permuted 999 times \
         (the order of layers, the accuracies and the groups of the networks, the parts): so it keeps what pairs have in common that \
         share a network. \
         *p of the best*: how often the best of all indexes is as good by a guess. \
         *Better than their guess*: indexes with p of at most 0.05, each by itself. *Not told apart from the best*: the jackknife over \
         networks, of the difference to the best, which is of the same networks, is not above Student's quantile for so few. A large \
         error is among the \
         reasons for that, so that it is no praise.{notes}\n\n{}\n\
         Errors of *probe: layers* are conditional on the layer that a probe reads best: it stays the reference when its network is left \
         out; `probes.csv` has what probes read. The groups are judged as in ReSi: the pairs inside each group against that group's \
         pairs with others, \
         mean over the four groups. Twelve networks with twelve seeds each, all networks of a degree trained on the same pictures and \
         labels. \
         One data set of small pictures: take it as a guide to what to try, and report the convention.\n\n",
        if missing.is_empty() { "" } else { "\n\n" },
        best_table(found),
    )
}

/// What one number of each side answers, which compares nothing, and what divisors do.
fn lengths_and_ranks(found: &Value) -> String {
    let headers: Vec<&str> = QUESTIONS.iter().map(|question| question.1).collect();
    let mut table = format!(
        "#### How much is ranks and lengths\n\n| what is compared | {} |\n|---|{}\n",
        headers.join(" | "),
        "---|".repeat(headers.len())
    );
    let line = |name: &str, tests: &Value| {
        let cells: Vec<String> = (0..headers.len()).map(|place| tested(&tests[place])).collect();
        format!("| {name} | {} |\n", cells.join(" | "))
    };
    for control in list(found, "controls") {
        table += &line(control["name"].as_str().unwrap_or_default(), &control["tests"]);
    }
    for family in list(found, "divisors") {
        for member in list(family, "members") {
            let name =
                format!("`{}`, over `{}`", family["family"].as_str().unwrap_or_default(), member["divisor"].as_str().unwrap_or_default());
            table += &line(&name, &member["tests"]);
        }
    }
    table += "\nThe first rows compare nothing but one number of each side: how many components hold 0.99 of the variance, and the \
         length of the centered Gram matrix, by HSIC over CKA. The others are the same correlations by several divisors: what differs \
         between them is the ranks'. \
              Measures that \
              are not normalised, such as HSIC and the distances of soft matching, follow the lengths.";
    table + &won_by_divisor(found) + "\n\n"
}

/// The best three of a question that would not be among them by another divisor, or that the ranks
/// or lengths alone come near to.
fn won_by_divisor(found: &Value) -> String {
    let indexes = list(found, "indexes");
    let mut words = String::new();
    for (place, question) in list(found, "questions").into_iter().enumerate().filter(|(_, question)| question["tells"] == true) {
        let ranked = ranked(&indexes, |index| &index["tests"][place][0]);
        let Some(third) = ranked.get(2).map(|third| third.0) else { continue };
        let short = QUESTIONS.iter().find(|known| question["test"] == known.0).map_or("", |known| known.1);
        for (value, index) in ranked.iter().take(3) {
            let lower = others_by_divisor(found, name(index), place).into_iter().filter(|other| other.1 < third);
            let lower: Vec<String> = lower.map(|(divisor, value)| format!("{value:.2} over `{divisor}`")).collect();
            if !lower.is_empty() {
                words += &format!(
                    " Among the three best for *{short}*, `{}` ({value:.2}) is there by its divisor: the same correlations have {}.",
                    name(index),
                    lower.join(", ")
                );
            }
        }
        for control in list(found, "controls") {
            let alone = control["tests"][place][0].as_f64().filter(|alone| *alone >= third);
            if let Some(alone) = alone {
                words += &format!(
                    " For *{short}*, {} have {alone:.2}, {}, though nothing was compared.",
                    control["name"].as_str().unwrap_or_default().trim_matches(['(', ')']),
                    if alone > ranked[0].0 { "and no index is as good" } else { "which would be among the three best" }
                );
            }
        }
    }
    words
}

/// What the same correlations say by other divisors than that of a convention.
fn others_by_divisor<'a>(found: &'a Value, convention: &str, place: usize) -> Vec<(&'a str, f64)> {
    let Some((id, options)) = convention.split_once(':') else { return Vec::new() };
    let option = |text: &str| options.split(',').any(|option| option == text);
    let is_of = |family: &&Value| {
        let text = family["family"].as_str().and_then(|family| family.split_once(':'));
        text.is_some_and(|(name, rest)| name == id && rest.split(',').all(option))
    };
    let members = list(found, "divisors").into_iter().filter(is_of).flat_map(|family| list(family, "members"));
    let other = |member: &&'a Value| {
        let divisor = member["divisor"].as_str()?;
        if option(&format!("divisor={divisor}")) { None } else { Some((divisor, member["tests"][place][0].as_f64()?)) }
    };
    members.filter_map(|member| other(&member)).collect()
}

/// All moves of Davari et al., on one scale.
fn moves(found: &Value) -> String {
    let mut table = String::from(
        "#### A layer beside itself with some examples moved\n\n| move | linear CKA | Procrustes, squared | by how much CKA is lower | \
             told apart |\n|---|---|---|---|---|\n",
    );
    for one in list(found, "moves") {
        let pair = |key: &str| cell(&one[key][0], &one[key][1], 4);
        let apart = match (one["apart"][0] == true, one["apart"][1] == true) {
            (true, _) => "CKA is lower",
            (_, true) => "CKA is higher",
            _ => "no",
        };
        let text = one["name"].as_str().unwrap_or_default();
        table += &format!("| {text} | {} | {} | {} | {apart} |\n", pair("cka"), pair("procrustes"), pair("lower"));
    }
    table
        + "\nProcrustes's similarity is squared: for one neuron on either side, CKA is the square of their correlation and \
             Procrustes's similarity its \
           absolute value. The last layers of five networks; a move is along one drawn direction, by so many standard deviations of \
           the layer; Student's \
           quantile for five.\n\n"
}

/// Indexes that have names under several measures.
fn names(found: &Value) -> String {
    let of = |spellings: &&Value| {
        let all: Vec<String> =
            spellings.as_array().into_iter().flatten().filter_map(Value::as_str).map(|text| format!("`{text}`")).collect();
        all.join(" = ")
    };
    let several: Vec<String> = list(found, "one_index_of_several_measures").iter().map(of).collect();
    match several.is_empty() {
        true => String::new(),
        false => format!("One index under the names of several measures, by every test of order: {}.\n\n", several.join("; ")),
    }
}

fn every_index(found: &Value) -> String {
    let headers: Vec<&str> = QUESTIONS.iter().map(|question| question.1).chain(MEANS.iter().map(|mean| mean.1)).collect();
    let mut table = format!(
        "#### All indexes\n\n| index | other spellings | layers found, % | ms a pair from scratch | ms a prepared pair | {} \
             |\n|---|---|---|---|---|{}\n",
        headers.join(" | "),
        "---|".repeat(headers.len())
    );
    for index in list(found, "indexes") {
        let spellings = list(index, "spellings").len().saturating_sub(1);
        let milliseconds = |kind: usize| index["milliseconds"][kind].as_f64().map_or("-".to_owned(), |value| format!("{value:.2}"));
        let mut cells: Vec<String> = (0..QUESTIONS.len()).map(|place| tested(&index["tests"][place])).collect();
        cells.extend((0..MEANS.len()).map(|place| cell(&index["means"][place][0], &index["means"][place][1], 2)));
        table += &format!(
            "| `{}` | {spellings} | {} | {} | {} | {} |\n",
            name(index),
            layers(index, 1),
            milliseconds(0),
            milliseconds(1),
            cells.join(" | ")
        );
    }
    table
        + "\nBold: better than its own guess (p of at most 0.05). *Other spellings*: conventions that say the same in every test of \
             order, whatever \
           measure they are of; `trade-off.csv` names them. *Layers found* comes from `sanity-all`. *Ms*: on a layer of 1000 x 256 \
           beside another, by this \
           measure alone, both layers prepared and compared, and compared alone; on a busy machine. *Layer order*: how often, of two \
           layers on the same side of a \
           third, the nearer is at least as alike, as in ReSi. *Accuracy*, \
           *outputs*: Spearman's correlation of dissimilarity with the difference of accuracy, and with the Jensen-Shannon divergence of \
           the outputs, over pairs of ten networks. *Labels*, \
           *shortcut*, *augmentation*: average precision of telling pairs inside a group from those with other groups, and how often \
           the first are the more alike. \
           *Probe*: Spearman's correlation of \
           dissimilarity with what a probe loses. *One moved*: the similarity of a layer to itself after one of 516 examples moved by \
           100 \
           standard deviations. *Independent*: of two layers of independent normal \
           numbers, 40 examples and 40 neurons. A distance counts downwards, so that its last two columns are minus the distance. \
           *Undefined*: \
           on some layer of the test, as where there are fewer examples than neurons or a neuron is constant; a dash: not in that row. \
           `values.csv` has all values that tests are computed of; \
           `tests.csv` has every convention, Kendall's correlations, all moves and all ratios too.\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_that_share_the_highest_value_are_counted() {
        let ranked = |count: usize| (0..5).map(|place| (if place < count { 100.0 } else { 90.0 }, place.to_string())).collect();
        assert_eq!(best_words(ranked(4)), "4 share the highest value, among them 0, 1, 2");
        assert_eq!(best_words(ranked(2)), "0, 1, 2");
    }

    #[test]
    fn what_is_undefined_is_not_zero() {
        let index = |layers: Value| json!({"layers": layers});
        assert_eq!(layers(&index(json!([null, null, 1.0])), 1), "undefined");
        assert_eq!(layers(&index(json!([50.0, 2.0, 0.0])), 1), "50.0 ± 2.0");
        assert_eq!(layers(&index(json!([50.0, 2.0, 0.5])), 1), "50.0 ± 2.0, undefined in 50 % of trials");
        assert_eq!(layers(&index(json!([null, null, null])), 1), "-");
    }

    /// The sentence follows from the values: an index that is among the best by its divisor alone
    /// is named, with what the others give.
    #[test]
    fn what_wins_by_its_divisor_is_named() {
        let test = |value: f64| json!([[value, 0.01, 0.001]]);
        let index = |name: &str, value: f64| json!({"spellings": [name], "tests": test(value)});
        let max = "svcca:summary=rho,threshold=0.99,divisor=max,degenerate=allow";
        let found = |other: f64| {
            json!({
                "indexes": [index(max, 0.66), index("cka", 0.5), index("rsa", 0.4)],
                "questions": [{"test": "random labels, AUPRC", "tells": true}],
                "controls": [{"name": "(the ranks alone)", "tests": test(0.6)}],
                "divisors": [{"family": "svcca:summary=rho,threshold=0.99", "members": [
                    {"divisor": "max", "tests": test(0.66)}, {"divisor": "min-rank", "tests": test(other)}]}],
            })
        };
        let words = won_by_divisor(&found(0.15));
        assert!(words.contains(max) && words.contains("0.15 over `min-rank`") && words.contains("the ranks alone have 0.60"), "{words}");
        assert!(words.contains("which would be among the three best"));
        assert!(!won_by_divisor(&found(0.7)).contains("by its divisor"));
    }
}
