//! The experiments: one module for each figure or table, each with the paper's claim, its numbers,
//! and a stated rule for the verdict.

mod architectures;
mod context;
mod divisor;
mod field;
mod figure_1;
mod figure_3;
mod figure_4;
mod figure_5;
mod figure_6;
mod figure_7;
mod figure_8;
mod figure_f3;
mod figure_f4;
mod figure_f5;
mod figure_f6;
mod figure_f7;
mod growth;
mod layer_table;
mod order;
mod pair_table;
mod report;
mod sanity_all;
mod score;
mod table_2;
mod trade_off;

pub use context::{Context, Outcome};
pub use field::{MARKS as GUIDE_MARKS, group_networks, guide};
pub use report::{Judged, Report};

use crate::error::Result;
use crate::preset::{Preset, Setting};
use crate::results::Row;

/// An experiment.
pub struct Experiment {
    /// Its name on the command line and in `results.json`.
    pub id: &'static str,
    /// What it is, without a full stop.
    pub title: &'static str,
    /// What the paper says it shows, in our own words.
    pub claim: &'static str,
    /// The rule of the verdict: its parts, separated by semicolons, are checked one by one, and the
    /// claim holds when all of them do, partly when some do.
    pub rule: &'static str,
    /// What to look at in its pictures.
    pub caption: &'static str,
    /// What a preset stands for here.
    pub setting: fn(Preset) -> Setting,
    /// Runs it: writes the tables.
    pub run: fn(&mut Context) -> Result<Outcome>,
    /// Draws the pictures and comes to the verdict, from the tables and the numbers that the run
    /// kept.
    pub report: fn(&mut Report<'_>) -> Result<Judged>,
    /// The row as a table in Markdown, the paper's numbers beside ours where it has any.
    pub table: fn(&Row) -> String,
}

/// All experiments, in the order of the page.
pub static EXPERIMENTS: &[Experiment] = &[
    table_2::EXPERIMENT,
    figure_6::EXPERIMENT,
    figure_3::EXPERIMENT,
    figure_5::EXPERIMENT,
    figure_5::OTHER_INDEXES,
    figure_4::EXPERIMENT,
    figure_7::EXPERIMENT,
    figure_8::EXPERIMENT,
    figure_1::EXPERIMENT,
    figure_f3::EXPERIMENT,
    figure_f4::EXPERIMENT,
    figure_f5::EXPERIMENT,
    figure_f6::EXPERIMENT,
    figure_f7::EXPERIMENT,
    divisor::EXPERIMENT,
    sanity_all::EXPERIMENT,
    field::EXPERIMENT,
    growth::EXPERIMENT,
];

/// The experiment of this name.
pub fn find(id: &str) -> Option<&'static Experiment> {
    EXPERIMENTS.iter().find(|experiment| experiment.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_experiment_has_its_own_name_and_says_what_it_needs_to() {
        let ids: BTreeSet<&str> = EXPERIMENTS.iter().map(|experiment| experiment.id).collect();
        assert_eq!(ids.len(), EXPERIMENTS.len());
        for experiment in EXPERIMENTS {
            assert!(find(experiment.id).is_some_and(|found| std::ptr::eq(found, experiment)));
            for text in [experiment.title, experiment.claim, experiment.rule, experiment.caption] {
                assert!(text.len() > 20 && !text.ends_with('.') && !text.contains("  "), "{}: {text}", experiment.id);
            }
        }
        assert!(find("table-3").is_none());
    }
}
