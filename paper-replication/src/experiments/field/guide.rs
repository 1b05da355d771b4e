//! The numbers of the guide's page on choosing a measure, from the row of this experiment.

use super::judge::QUESTIONS;
use super::report::MEANS;
use crate::results::Row;
use serde_json::Value;
use similitude::Measure;

/// What stands around them in the page.
pub const MARKS: [&str; 2] = ["<!-- field -->", "<!-- /field -->"];

/// What the page names for its questions, and what it warns of.
const NAMED: [&str; 13] = [
    "cka",
    "cka:estimator=debiased",
    "procrustes:form=angle",
    "mutual-knn",
    "cca:summary=r2",
    "svcca",
    "linear-regression",
    "soft-matching",
    "soft-matching:form=distance",
    "rsa",
    "distance-correlation",
    "distance-correlation:estimator=corrected",
    "cka:kernel=laplace,estimator=debiased",
];

/// The tests that are shown of each.
const SHOWN: [&str; 5] = ["layer order", "outputs", "labels, conformity", "probe: layers", "probe: deleted"];

/// The index that a convention is a spelling of.
fn index_of<'a>(found: &'a Value, convention: &str) -> Option<&'a Value> {
    let full = Measure::parse(convention).ok()?.to_string();
    let spelled = |index: &&Value| index["spellings"].as_array().is_some_and(|all| all.iter().any(|one| *one == full.as_str()));
    found["indexes"].as_array()?.iter().find(spelled)
}

/// The marked part of the page.
pub fn guide(row: &Row) -> String {
    let found = Value::Object(row.found.clone());
    let number = |value: &Value, digits: usize| value.as_f64().map_or("undefined".to_owned(), |value| format!("{value:.digits$}"));
    let with_error = |tested: &Value| match (tested[0].as_f64(), tested[1].as_f64()) {
        (Some(value), Some(error)) => format!("{value:.2} ± {error:.2}"),
        _ => "undefined".to_owned(),
    };
    let mut block = format!(
        "{}\n| convention | layers found, % | {} | independent | ms |\n|---|---|{}---|---|\n",
        MARKS[0],
        SHOWN.join(" | "),
        "---|".repeat(SHOWN.len())
    );
    for convention in NAMED {
        let Some(index) = index_of(&found, convention) else { continue };
        let place = |short: &str| QUESTIONS.iter().position(|question| question.1 == short);
        let tests = SHOWN.map(|short| place(short).map_or(String::new(), |place| with_error(&index["tests"][place])));
        let layers = match index["layers"][2].as_f64() {
            None => "-".to_owned(),
            Some(_) => number(&index["layers"][0], 1),
        };
        // Of another spelling, such as a distance beside its square, that value is another.
        let is_first = Measure::parse(convention).is_ok_and(|measure| index["spellings"][0] == measure.to_string().as_str());
        let independent = if is_first { number(&index["means"][MEANS.len() - 1][0], 2) } else { "-".to_owned() };
        block += &format!(
            "| `{convention}` | {layers} | {} | {independent} | {} |\n",
            tests.join(
                " | \
                 "
            ),
            number(&index["milliseconds"][0], 1)
        );
    }
    let means =
        |convention: &str| index_of(&found, convention).map_or("-".to_owned(), |index| number(&index["means"][MEANS.len() - 1][0], 2));
    let layers = |convention: &str| index_of(&found, convention).map_or("-".to_owned(), |index| number(&index["layers"][0], 1));
    let conformity = QUESTIONS.iter().position(|question| question.1 == "labels, conformity").unwrap_or_default();
    let alone: Vec<String> = found["controls"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|control| {
            let name = control["name"].as_str().unwrap_or_default().trim_matches(['(', ')']);
            format!("{name} {}", number(&control["tests"][conformity][0], 2))
        })
        .collect();
    let telling = found["questions"].as_array().into_iter().flatten().filter(|question| question["tells"] == true).count();
    block += &format!(
        "\nOf independent layers with as many neurons as examples biased `distance-correlation` says {}, `estimator=corrected` {};\nbiased \
         linear CKA {}, `estimator=debiased` {}.\n`mutual-knn` finds {} % of the layers, and of unrelated layers shares k / (n - 1) of the \
         neighbours by chance.\nWhere networks learned from labels of other quality, one number of each side answers, too: \
         conformity has {}.\n\
         {telling} of the {} tests tell something by the best of all indexes.\n{}",
        means("distance-correlation"),
        means("distance-correlation:estimator=corrected"),
        means("cka"),
        means("cka:estimator=debiased"),
        layers("mutual-knn"),
        alone.join(", "),
        QUESTIONS.len(),
        MARKS[1]
    );
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every convention that the page names parses, and is one of those that are tried.
    #[test]
    fn what_the_page_names_is_tried() {
        let tried: Vec<String> = similitude::registry::conventions().iter().map(Measure::to_string).collect();
        for convention in NAMED {
            let full = Measure::parse(convention).unwrap().to_string();
            assert!(tried.contains(&full), "{full}");
        }
        assert!(SHOWN.iter().all(|short| QUESTIONS.iter().any(|question| question.1 == *short)));
    }
}
