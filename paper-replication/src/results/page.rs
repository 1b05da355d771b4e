//! `RESULTS.md`, from `results.json` and the paper's claims.

use super::deviations::deviations;
use super::history::history;
use super::questions::questions;
use super::separate::SEPARATE;
use super::size::{plain, sizes, taken};
use super::store::{Results, Row};
use crate::experiments::EXPERIMENTS;
use std::fmt::Write;

/// The page: a summary, then a section for each experiment that has a row, in the order of the list
/// of experiments.
pub fn page(results: &Results) -> String {
    let mut page = String::from(
        "# Results\n\n\
         What the experiments of Kornblith et al. 2019 show here, beside what the paper reports. This page is made from \
         `results.json` by `cargo run --release -p paper-replication -- results`; every section names the command that made its \
         numbers.\n\n\
         | experiment | preset | verdict | in a sentence |\n|---|---|---|---|\n",
    );
    let rows = || entries().filter_map(|experiment| results.0.get(experiment.id).map(|presets| (experiment, presets)));
    for (experiment, presets) in rows() {
        for (preset, row) in presets {
            let link = format!("[{}](#{})", experiment.id, experiment.id);
            writeln!(page, "| {link} | {preset} | {} | {} |", row.verdict.words(), row.explanation).expect("a String takes all");
        }
    }
    page += &grounds(results);
    page += &questions(results);
    page.push('\n');
    page += &deviations(results);
    page.push('\n');
    page += &history(results);
    page.push('\n');
    page += &sizes(rows().flat_map(|(experiment, presets)| presets.iter().map(move |(preset, row)| (experiment.id, preset, row))));
    for (experiment, presets) in rows() {
        write!(
            page,
            "\n## {}\n\n{} {}\n\nRule: {}\n",
            experiment.id,
            sentence(experiment.title),
            sentence(experiment.claim),
            sentence(experiment.rule)
        )
        .expect("a String takes all");
        for (preset, row) in presets {
            section(&mut page, &experiment, preset, row);
        }
    }
    page
}

/// Experiments whose shares are counted over pairs of networks.
const COUNTED: [&str; 10] =
    ["table-2", "figure-f3", "divisor", "figure-6", "figure-f6", "figure-f7", "sanity-all", "field", "growth", "table-f1"];

/// What the verdicts rest on, and what of it a reader can count again.
fn grounds(results: &Results) -> String {
    let rows = COUNTED.iter().flat_map(|id| results.0.get(*id).into_iter().flatten().map(move |(preset, row)| (id, preset, row)));
    // Other rows have a `values.csv`, too, which is of layers.
    let keeps = |id: &str, file: &String| file.ends_with("/pairs.csv") || id == "field" && file.ends_with("/values.csv");
    let (with, without): (Vec<_>, Vec<_>) = rows.partition(|(id, _, row)| row.files.iter().any(|file| keeps(id, file)));
    let names = |rows: &[(&&str, &String, &Row)]| match rows.is_empty() {
        true => "none".to_owned(),
        false => rows.iter().map(|(id, preset, _)| format!("{id} ({preset})")).collect::<Vec<_>>().join(", "),
    };
    format!(
        "\nA verdict follows by the rule of its section, and is made again whenever this page is: from the tables beside it, and from \
         numbers that stand in `results.json` alone. Rows with \
         the values of all pairs of networks (`pairs.csv`, in the field's row `values.csv`), of which every share and standard error \
         can be counted again \
         (`scripts/recompute.py` and `scripts/field_numpy.py` do, with NumPy alone), are {}. The \
         shares found, and standard errors, of these can not, as the values of their pairs were not kept: {}. From `results.json` alone \
         come also the accuracies on test pictures (in the \
         verdict of Figure 3), the correlations of Figure 1's planes (`components.csv` has some of the pictures that they were computed \
         of), and in Figure 8 how many eigenvectors hold 0.9 of \
         the variance, and the means over these, where that is more than the eigenvectors listed.\n\n",
        names(&with),
        names(&without)
    )
}

/// A text with the full stop that it needs.
fn sentence(text: &str) -> String {
    let stops = text.ends_with(['.', '?', '!']);
    format!("{text}{}", if stops { "" } else { "." })
}

/// What the page says of an experiment, whoever runs it.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name on the command line and in `results.json`.
    pub id: &'static str,
    /// What it is, without a full stop.
    pub title: &'static str,
    /// What the paper says it shows, in our own words.
    pub claim: &'static str,
    /// The rule of the verdict.
    pub rule: &'static str,
    /// What to look at in its pictures.
    pub caption: &'static str,
    /// A row as a table in Markdown.
    pub table: fn(&Row) -> String,
}

/// All experiments, in the order of the page.
pub fn entries() -> impl Iterator<Item = Entry> {
    let listed = EXPERIMENTS.iter().map(|one| Entry {
        id: one.id,
        title: one.title,
        claim: one.claim,
        rule: one.rule,
        caption: one.caption,
        table: one.table,
    });
    listed.chain(SEPARATE.iter().map(|one| one.entry))
}

fn section(page: &mut String, experiment: &Entry, preset: &str, row: &Row) {
    let mut line = |text: String| {
        page.push_str(&text);
        page.push('\n');
    };
    line(format!("\n### {} ({preset}): {}\n", experiment.id, row.verdict.words()));
    line(format!("{}\n", row.explanation));
    line((experiment.table)(row));
    let setting: Vec<String> = row.setting.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect();
    line(format!("Setting: {}.\n", setting.join("; ")));
    let seconds = &row.seconds;
    let training = match seconds.networks_trained {
        0 => "networks loaded".to_owned(),
        count => format!("training {:.0} s for {count} networks", seconds.training),
    };
    line(format!("Time: {training}, capture {}, analysis {}.\n", taken(Some(seconds.capture)), taken(seconds.analysis)));
    line(format!("    {}\n", row.command));
    let (pictures, others): (Vec<&String>, Vec<&String>) = row.files.iter().partition(|file| file.ends_with(".svg"));
    let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    let links: Vec<String> = others.iter().filter(|file| file.ends_with(".csv")).map(|file| format!("[{}]({file})", name(file))).collect();
    line(format!("Numbers: {}.\n", links.join(", ")));
    // Side by side.
    let share = if pictures.len() > 4 { 32 } else { 48 };
    for file in &pictures {
        line(format!("<a href=\"{file}\"><img src=\"{file}\" alt=\"{}\" width=\"{share}%\"></a>", alternative(experiment, file)));
    }
    if !pictures.is_empty() {
        line(format!("\n*What to look at.* {}", sentence(experiment.caption)));
    }
}

/// What stands for a picture where it is not seen: what it is of, and what to look at.
fn alternative(experiment: &Entry, file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".svg").replace('-', " ");
    format!("{} ({name}). {}", experiment.title.trim_end_matches('?'), sentence(experiment.caption)).replace('"', "'")
}

#[cfg(test)]
mod tests {
    use super::super::store::{Seconds, Verdict};
    use super::*;
    use serde_json::{Map, json};

    /// Experiments come in the order of the list and not of the alphabet, and only those that have
    /// a row.
    #[test]
    fn the_page_has_a_section_for_every_row() {
        let row = |explanation: &str| Row {
            setting: Map::from_iter([("seeds".to_owned(), json!([1, 2])), ("regime".to_owned(), json!({"batch": 128}))]),
            found: Map::new(),
            verdict: Verdict::Partly,
            explanation: explanation.to_owned(),
            command: "the command".to_owned(),
            seconds: Seconds { training: 7.4, networks_trained: 2, capture: 0.2, analysis: Some(2.0) },
            machine: Some("a processor, 2 threads".to_owned()),
            files: vec!["results/x/numbers.csv".to_owned(), "results/x/picture.svg".to_owned()],
        };
        let mut results = Results::default();
        for (id, explanation) in [("figure-1", "The second."), ("table-2", "The first.")] {
            results.0.entry(id.to_owned()).or_default().insert("quick".to_owned(), row(explanation));
        }
        let page = page(&results);
        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text:?} is missing in {page}"));
        assert!(place("## table-2") < place("## figure-1"));
        assert!(!page.contains("figure-6"));
        for text in [
            "| [table-2](#table-2) | quick | holds partly | The first. |",
            "seeds 1, 2",
            "regime batch 128",
            "training 7 s for 2 networks, capture < 1 s, analysis 2 s",
            "    the command",
            "[numbers.csv](results/x/numbers.csv)",
            "<img src=\"results/x/picture.svg\" alt=\"Table 2 and Figure 2: finding the corresponding layer (picture). In each heat map",
            "*What to look at.* In each heat map",
            "| table-2 quick | - | - | - | - | 2 a kind | - | - | 7 s for 2 | 2 s | a processor, 2 threads |",
            "**RQ1.",
            "## Where this is not the paper",
            "## Rules that were changed",
            "are none. The shares found, and standard errors, of these can not, as the values of their pairs were not kept: table-2 \
             (quick).",
            "| linear CKA | 99.3 |",
        ] {
            place(text);
        }
    }

    #[test]
    fn a_question_needs_no_full_stop() {
        assert_eq!((sentence("What?"), sentence("So.)"), sentence("So")), ("What?".to_owned(), "So.).".to_owned(), "So.".to_owned()));
        for entry in entries() {
            assert!(!entry.rule.ends_with(')') || !entry.rule.contains(".)"), "{}", entry.id);
        }
    }
}
