//! Where this replication is not the paper.

use super::numbers::{main_row, seeds, setting, value};
use super::size::{Networks, listed, plain};
use super::store::{Results, Row};
use serde_json::Value;
use std::collections::BTreeSet;

/// The experiments that are the paper's, with what the page calls them.
const OF_PAPER: [(&str, &str); 15] = [
    ("table-2", "Table 2"),
    ("figure-1", "Figure 1"),
    ("figure-3", "Figure 3"),
    ("figure-4", "Figure 4"),
    ("figure-5", "Figure 5"),
    ("figure-6", "Figure 6"),
    ("figure-7", "Figure 7"),
    ("figure-8", "Figure 8"),
    ("figure-f3", "Figure F.3"),
    ("figure-f4", "Figure F.4"),
    ("figure-f5", "Figure F.5"),
    ("figure-f6", "Figure F.6"),
    ("figure-f7", "Figure F.7"),
    ("figure-f8", "Figure F.8"),
    ("table-f1", "Table F.1"),
];

/// What the rows of the paper's experiments say, those that say the same together: `15 in Table 2
/// and Figure 1; 6 in Figure 3`.
fn grouped(results: &Results, of: impl Fn(&str, &Row) -> Option<String>) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (id, name) in OF_PAPER {
        let Some(said) = main_row(results, id).and_then(|(_, row)| of(id, row)) else { continue };
        match groups.iter_mut().find(|group| group.0 == said) {
            Some(group) => group.1.push(name),
            None => groups.push((said, vec![name])),
        }
    }
    match groups.is_empty() {
        true => "-".to_owned(),
        false => groups.into_iter().map(|(said, names)| format!("{said} in {}", names.join(", "))).collect::<Vec<_>>().join("; "),
    }
}

fn epochs(_: &str, row: &Row) -> Option<String> {
    match Networks::of(row).epochs.as_slice() {
        [] => Some("none (not trained)".to_owned()),
        epochs => Some(listed(epochs)),
    }
}

/// What is compared of a kind of network: one a seed.
fn networks(id: &str, row: &Row) -> Option<String> {
    let subspace = setting(row, &["subspace", "networks"]).map(plain).unwrap_or_default();
    let count = seeds(row);
    match id {
        "table-2" => Some(format!("{count} for the kernel indexes and {subspace} for the CCA family")),
        "figure-f3" => Some(subspace),
        _ => (count > 0).then(|| count.to_string()),
    }
}

fn examples(id: &str, row: &Row) -> Option<String> {
    let number = |path: &[&str]| setting(row, path).map(plain);
    let (own, subspace) = (number(&["examples"])?, number(&["subspace", "examples"]).unwrap_or_default());
    Some(match id {
        "table-2" => format!("{own} for kernels and {subspace} for the CCA family"),
        "figure-f3" => subspace,
        "figure-f8" if borrows(row) => format!("{subspace} (linear CKA {own})"),
        "figure-f8" => subspace,
        "figure-3" => format!("{own} (probes fitted on {} training pictures)", number(&["probe_examples"]).unwrap_or_default()),
        "figure-f5" => format!("{own} (layers of up to {} neurons)", widest(row)),
        "figure-7" => format!("{own} of each half"),
        "table-f1" => format!("{own} token positions"),
        _ => own,
    })
}

/// Whether a row has linear CKA from Figure 5.
fn borrows(row: &Row) -> bool {
    row.files.iter().any(|file| file.ends_with("/linear-cka.csv"))
}

/// The neurons of the widest layer, from `channels x side` of all.
fn widest(row: &Row) -> u64 {
    let all = setting(row, &["channels_and_side_of_layers"]).and_then(Value::as_object).into_iter().flatten();
    let shapes = all.flat_map(|(_, shapes)| shapes.as_array().into_iter().flatten()).filter_map(Value::as_str);
    let neurons = shapes.filter_map(|shape| {
        let (channels, side) = shape.split_once(" x ")?;
        Some(channels.parse::<u64>().ok()? * side.parse::<u64>().ok()?.pow(2))
    });
    neurons.max().unwrap_or(0)
}

fn architectures(_: &str, row: &Row) -> Option<String> {
    let widths = listed(&Networks::of(row).widths);
    match setting(row, &["encoder", "blocks"]) {
        Some(blocks) => Some(format!("Transformer encoders of {blocks} blocks and width {widths}")),
        None => {
            let name = setting(row, &["architecture"]).map(plain)?;
            // The architecture that Figure 6 varies the width of has no other name.
            Some(if name == "width" { format!("widths {widths}") } else { format!("{name} of width {widths}") })
        }
    }
}

/// How many different indexes a row of Figure F.8 has.
fn indexes(row: &Row) -> usize {
    let keys = value(row, &["order"]).and_then(Value::as_object).into_iter().flatten();
    keys.filter_map(|(name, _)| name.split(' ').next()).collect::<BTreeSet<_>>().len()
}

/// What n/p the rows of Table 2 have for the CCA family, whose widest layer has so many neurons: of
/// networks as in its main row.
fn ratios(results: &Results, neurons: Option<usize>) -> String {
    let Some(((_, main), neurons)) = main_row(results, "table-2").zip(neurons) else { return "-".to_owned() };
    let like_main = |row: &&Row| ["architecture", "side", "width"].iter().all(|key| setting(row, &[key]) == setting(main, &[key]));
    let rows = results.0.get("table-2").into_iter().flatten().map(|(_, row)| row);
    let counts = rows.filter(like_main).filter_map(|row| setting(row, &["subspace", "examples"])?.as_u64());
    let counts: BTreeSet<u64> = counts.collect();
    let said: Vec<String> = counts.iter().map(|&n| format!("{:.2} for {n}", n as f64 / neurons as f64)).collect();
    format!("n/p of the CCA family in rows of Table 2 is {}", said.join(", "))
}

/// The section: what the paper did, what is done here, what that may change. What is done here
/// comes from the settings of the rows `standard`.
pub(super) fn deviations(results: &Results) -> String {
    let said = |experiment: &str, of: &dyn Fn(&Row) -> String| main_row(results, experiment).map_or("-".to_owned(), |(_, row)| of(row));
    let side = said("table-2", &|row| setting(row, &["side"]).map_or("-".to_owned(), plain));
    let widths = said("figure-6", &|row| listed(&Networks::of(row).widths));
    let curves = said("figure-7", &|row| value(row, &["curves"]).map_or("-".to_owned(), plain));
    let widest = side.parse::<usize>().ok().map(|side| side * side * 16);
    let neurons = widest.map_or("-".to_owned(), |neurons| neurons.to_string());
    let others = said("figure-f8", &|row| {
        let architectures = setting(row, &["architecture"]).map_or("-".to_owned(), plain);
        format!("{architectures}; test pictures; {} indexes", indexes(row))
    });
    let encoders = said("table-f1", &|row| setting(row, &["examples"]).map_or("-".to_owned(), plain));
    let rows = [
        [
            "pictures",
            "CIFAR-10, 32 x 32",
            &format!("CIFAR-10 averaged to {side} x {side} (32 x 32 in Figure F.5 alone); JPEG copies of the pictures"),
            "fewer details and neurons; test accuracy",
        ],
        [
            "epochs of training",
            "not stated in full; Tiny-10 reaches 89.4 %",
            &format!("AdamW: {}", grouped(results, epochs)),
            "networks are less trained, deep ones most of all",
        ],
        [
            "learning rate and weight decay",
            "not stated",
            "chosen by what linear CKA finds, on seeds that are in no row (README.md)",
            "favours linear CKA in Table 2",
        ],
        [
            "networks of a kind",
            "10",
            &format!("{} (of each width, half, kind or architecture)", grouped(results, networks)),
            "standard errors; one trial is several points",
        ],
        [
            "examples",
            "50,000 training pictures, n/p = 3.05",
            &format!("test pictures: {}. The widest layer of Tiny-10 of width 16 has {neurons} neurons", grouped(results, examples)),
            &format!("biased estimators are larger with fewer examples; CCA (R²). {}", ratios(results, widest)),
        ],
        [
            "architectures and widths",
            "Plain-10, 18, 34, 66; ResNet-14, 62; Tiny-10; widths 96 and 16, 4 to 4096 in Figure 6",
            &grouped(results, architectures),
            "no eightfold depth; fewer layers",
        ],
        ["layers of residual networks in Figures 5 and F.8", "all", "those after an addition", "the band has fewer steps"],
        ["Figure F.8", "Tiny-10 and ResNet-14, training pictures, eight indexes", &others, "not the paper's pair, nor all of its indexes"],
        ["Figure 6, widths", "4 to 4096", &widths, "saturation at large widths is not seen"],
        [
            "Figure 7",
            "CIFAR-10 and CIFAR-100, Plain-10, five curves",
            &format!("the two halves of the classes of CIFAR-10, Tiny-10, {curves} curves"),
            "the two tasks are more alike",
        ],
        [
            "Figure F.6, training",
            "learning rate chosen for networks without batch normalization too",
            "one learning rate for both",
            "networks without are worse than they could be",
        ],
        [
            "Table F.1",
            "Transformers on WMT18 English-German, 75,804 tokens",
            &format!("Transformer encoders on digits, {encoders} tokens"),
            "another task, and fewer tokens; neither explains what SVCCA finds here",
        ],
    ];
    let mut section = String::from("## Where this is not the paper\n\n| what | paper | here | what it may change |\n|---|---|---|---|\n");
    for row in rows {
        section += &format!("| {} |\n", row.join(" | "));
    }
    section
        + "\nNot done, and not worth it on a small machine: CIFAR-100 and WMT18 (no source at hand), widths up to 4096, the CCA family on \
         50,000 pictures with 16,384 neurons (the centered \
           features of one pair of such networks alone are 68 GB, by COST.md, and decompositions come on top). Networks of weight decay \
           0.3 were trained (README.md) and have no row.\n"
}

#[cfg(test)]
mod tests {
    use super::super::store::{Seconds, Verdict};
    use super::*;
    use serde_json::{Map, json};

    fn row(setting: Value) -> Row {
        Row {
            setting: setting.as_object().unwrap().clone(),
            found: Map::new(),
            verdict: Verdict::Holds,
            explanation: String::new(),
            command: String::new(),
            seconds: Seconds::default(),
            machine: None,
            files: Vec::new(),
        }
    }

    /// Two rows with epochs of their own, and one that is not trained: each is named with its own.
    #[test]
    fn every_row_is_named_with_what_it_ran() {
        let mut results = Results::default();
        let mut insert = |id: &str, setting: Value| {
            results.0.entry(id.to_owned()).or_default().insert("standard".to_owned(), row(setting));
        };
        insert("figure-1", json!({"examples": 2000, "regime": {"epochs": 15}, "seeds": [1, 2], "architecture": "tiny-10", "width": 16}));
        insert("figure-7", json!({"examples": 3000, "regime": {"epochs": 8}, "seeds": [1, 2], "architecture": "tiny-10", "width": 16}));
        insert(
            "figure-f5",
            json!({"examples": 250, "seeds": [1, 2], "architecture": "plain-18", "width": {"plain-18": 96},
                   "channels_and_side_of_layers": {"plain-18": ["96 x 32", "192 x 16"]}}),
        );
        assert_eq!(grouped(&results, epochs), "15 in Figure 1; 8 in Figure 7; none (not trained) in Figure F.5");
        assert_eq!(grouped(&results, networks), "2 in Figure 1, Figure 7, Figure F.5");
        assert_eq!(
            grouped(&results, examples),
            "2000 in Figure 1; 3000 of each half in Figure 7; 250 (layers of up to 98304 neurons) in Figure F.5"
        );
        assert!(deviations(&results).contains("tiny-10 of width 16 in Figure 1, Figure 7; plain-18 of width 96 in Figure F.5"));
        // Of networks as in the main row, whatever else is compared.
        let of = |n: u64, width: u64| json!({"architecture": "tiny-10", "side": 16, "width": width, "subspace": {"examples": n}});
        for (name, setting) in [("standard", of(10_000, 16)), ("more", of(12_500, 16)), ("narrow", of(25_000, 8))] {
            results.0.entry("table-2".to_owned()).or_default().insert(name.to_owned(), row(setting));
        }
        assert_eq!(ratios(&results, Some(4096)), "n/p of the CCA family in rows of Table 2 is 2.44 for 10000, 3.05 for 12500");
    }
}
