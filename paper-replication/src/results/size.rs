//! How large every row is, from the networks and settings that were run.

use super::numbers::{seeds, setting, value};
use super::store::Row;
use serde_json::Value;
use std::collections::BTreeSet;

/// Experiments with indexes that compare subspaces, on examples of their own.
const SUBSPACES: [&str; 5] = ["table-2", "figure-f3", "figure-f8", "divisor", "sanity-all"];

/// What a row's networks have in common and what they differ in: numbers in rising order.
pub(super) struct Networks {
    /// Epochs; none of networks that are not trained.
    pub epochs: Vec<u64>,
    /// Widths.
    pub widths: Vec<u64>,
}

impl Networks {
    /// From the names of the networks, which hold both, and from the steps of a row that varies
    /// them; else from the setting.
    pub fn of(row: &Row) -> Self {
        let names: Vec<&str> =
            setting(row, &["test_accuracy"]).and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let marked =
            |mark: char| names.iter().flat_map(|name| name.split('_')).filter_map(move |part| part.strip_prefix(mark)?.parse().ok());
        let steps = |by: &'static str| {
            let all = row.found.get("steps").and_then(Value::as_array).into_iter().flatten();
            all.filter(move |step| step["by"] == by).filter_map(|step| step["count"].as_u64())
        };
        let or = |found: BTreeSet<u64>, path: &[&str]| match found.is_empty() {
            true => setting(row, path).and_then(Value::as_u64).into_iter().collect::<Vec<_>>(),
            false => found.into_iter().collect(),
        };
        let encoder = setting(row, &["encoder", "width"]).and_then(Value::as_u64);
        let mut widths = or(marked('w').chain(steps("width")).chain(encoder).collect(), &["width"]);
        if let Some(by_name) = setting(row, &["width"]).and_then(Value::as_object) {
            // Figure F.5 has the paper's width for each architecture.
            widths = by_name.values().filter_map(Value::as_u64).collect::<BTreeSet<_>>().into_iter().collect();
        }
        Self { epochs: or(marked('e').chain(steps("epochs")).collect(), &["regime", "epochs"]), widths }
    }
}

/// Numbers beside each other; a dash for none.
pub(super) fn listed(numbers: &[u64]) -> String {
    match numbers {
        [] => "-".to_owned(),
        _ => numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// The table of all rows: experiment, preset, row.
pub(super) fn sizes<'a>(rows: impl Iterator<Item = (&'static str, &'a String, &'a Row)>) -> String {
    let mut table = String::from(
        "## The size of every row\n\n| row | architectures | side | width | epochs | networks | n | n, CCA family | training | analysis | \
         processor |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let (mut count, mut without_processor, mut without_training) = (0, 0, 0);
    for (experiment, preset, row) in rows {
        table += &format!("| {experiment} {preset} | {} |\n", size(experiment, row).join(" | "));
        count += 1;
        without_processor += usize::from(row.machine.is_none());
        without_training += usize::from(row.seconds.networks_trained == 0);
    }
    table
        + &format!(
            "\nTraining is of the networks that were trained for the row, on all threads together. {without_training} of {count} rows \
             found their networks there from an earlier one, and \
             have none: what training these took is then in that row, or was not written down. Nor was the processor of \
             {without_processor} rows, which were made before it was. Of an \
             analysis that says *kept* a part was there from an earlier run that did not write its time down.\n"
        )
}

/// What a row's size is, by the columns of the table.
fn size(experiment: &str, row: &Row) -> [String; 10] {
    let number = |path: &[&str]| setting(row, path).map_or("-".to_owned(), plain);
    let subspace = match setting(row, &["subspace"]) {
        Some(_) if SUBSPACES.contains(&experiment) => {
            format!("{} ({} networks)", number(&["subspace", "examples"]), number(&["subspace", "networks"]))
        }
        _ => "-".to_owned(),
    };
    let seconds = &row.seconds;
    let networks = Networks::of(row);
    let groups = value(row, &["group_networks"])
        .map_or(String::new(), |groups| format!(", and {} of the groups, of {} epochs", plain(&groups["count"]), plain(&groups["epochs"])));
    [
        match setting(row, &["encoder", "blocks"]) {
            Some(blocks) => format!("Transformer encoder of {blocks} blocks"),
            None => number(&["architecture"]),
        },
        number(&["side"]),
        listed(&networks.widths),
        match networks.epochs.as_slice() {
            [] if seeds(row) > 0 && setting(row, &["regime"]).is_none() => "not trained".to_owned(),
            epochs => listed(epochs),
        },
        match seeds(row) {
            0 => "-".to_owned(),
            count => format!("{count} a kind{groups}"),
        },
        number(&["examples"]),
        subspace,
        match seconds.networks_trained {
            0 => "-".to_owned(),
            count => format!("{:.0} s for {count}", seconds.training),
        },
        taken(seconds.analysis),
        row.machine.clone().unwrap_or_else(|| "not written down".to_owned()),
    ]
}

/// Seconds in words; of none a part was kept.
pub(super) fn taken(seconds: Option<f64>) -> String {
    match seconds {
        None => "kept".to_owned(),
        Some(seconds) if seconds < 0.5 => "< 1 s".to_owned(),
        Some(seconds) => format!("{seconds:.0} s"),
    }
}

/// A value as a person writes it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(entries) => {
            let entries: Vec<String> = entries.iter().map(|(name, value)| format!("{} {}", name.replace('_', " "), plain(value))).collect();
            entries.join(", ")
        }
        // What was an f32 has the digits it was given with.
        Value::Number(number) if number.is_f64() => match number.as_f64() {
            Some(wide) if f64::from(wide as f32) == wide => (wide as f32).to_string(),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::{Seconds, Verdict};
    use super::*;
    use serde_json::json;

    fn row(setting: Value, found: Value) -> Row {
        let map = |value: Value| value.as_object().cloned().unwrap_or_default();
        Row {
            setting: map(setting),
            found: map(found),
            verdict: Verdict::Holds,
            explanation: String::new(),
            command: String::new(),
            seconds: Seconds::default(),
            machine: None,
            files: Vec::new(),
        }
    }

    /// The setting's own width and epochs are where a row starts from, and not what it ran.
    #[test]
    fn sizes_are_those_of_the_networks_that_were_run() {
        let names = json!({"digits_side8_width_w2_e30_seed1": 90.0, "digits_side8_width_w16_no-norm_e30_seed1": 95.0});
        let widths = row(json!({"width": 4, "regime": {"epochs": 200}, "seeds": [1], "test_accuracy": names}), json!({}));
        assert_eq!(size("figure-6", &widths)[2..4], ["2, 16", "30"]);
        let steps = json!({"steps": [{"by": "epochs", "count": 5}, {"by": "width", "count": 1}, {"by": "examples", "count": 7}]});
        let growth = row(json!({"width": 4, "seeds": [1], "test_accuracy": {"digits_side8_digits_w4_e200_seed1": 98.0}}), steps);
        assert_eq!(size("growth", &growth)[2..4], ["1, 4", "5, 200"]);
        let untrained = row(json!({"width": {"plain-18": 96, "resnet-62": 16}, "seeds": [1, 2]}), json!({}));
        assert_eq!(size("figure-f5", &untrained)[2..5], ["16, 96", "not trained", "2 a kind"]);
        let encoder = row(json!({"encoder": {"blocks": 6, "width": 64}, "regime": {"epochs": 60}, "seeds": [1]}), json!({}));
        let encoder = size("table-f1", &encoder);
        assert_eq!((encoder[0].as_str(), &encoder[2..4]), ("Transformer encoder of 6 blocks", ["64", "60"].map(str::to_owned).as_slice()));
        let field = row(json!({"seeds": [1], "group_networks": {"count": 36, "epochs": 30}}), json!({}));
        assert_eq!(size("field", &field)[4], "1 a kind, and 36 of the groups, of 30 epochs");
    }

    #[test]
    fn numbers_have_the_digits_they_were_given_with() {
        assert_eq!(plain(&json!(f64::from(0.3_f32))), "0.3");
        assert_eq!(
            (plain(&json!(0.3)), plain(&json!(1e-12)), plain(&json!(1200))),
            ("0.3".to_owned(), "1e-12".to_owned(), "1200".to_owned())
        );
    }
}
