//! The verdict on a function in words, before everything that it rests on.

use crate::conformance::Match;

use super::record::{Comparison, Entry, LawVerdict};

/// Names that are listed before the rest is counted.
const NAMED: usize = 4;

/// Whether the function is the measure it names: its values, its laws on ordinary data, and its
/// edges.
pub fn conforms(entry: &Entry) -> bool {
    let laws = entry.laws.iter().all(kept);
    // Where only some laws were asked for, nothing else was tried.
    let only_laws = entry.identified.is_empty();
    entry.failure.is_none() && laws && (only_laws || (entry.as_named && all_agree(&entry.goldens) && all_agree(&entry.edges)))
}

/// The verdict; `recognised` is what the function computes where that is not what it names.
pub fn of(entry: &Entry, recognised: Option<&Match>) -> String {
    let mut words = match recognised {
        _ if entry.as_named && !conforms(entry) && entry.laws.iter().all(kept) && all_agree(&entry.goldens) => {
            "It computes what it names, but not at the edges.".to_string()
        }
        _ if entry.as_named && !conforms(entry) => "It computes what it names on ordinary pairs, and not everywhere.".to_string(),
        _ if entry.as_named => "It computes what it names.".to_string(),
        None => format!("It does not compute what it names, but {}.", entry.identified),
        Some(found) => {
            let advice = found.advice(&entry.measure);
            let advice = if advice.is_empty() { String::new() } else { format!(" {}.", advice.join("; ")) };
            format!("It does not compute what it names, but {found}.{advice}")
        }
    };
    if recognised.is_some() {
        let values: Vec<&Comparison> = entry.goldens.iter().chain(&entry.vectors).collect();
        let agreeing = values.iter().filter(|comparison| comparison.agrees_as_recognised).count();
        words += &format!(" As that, {agreeing} of {} tables and vectors agree.", values.len());
    }
    words = words + " " + &of_laws(entry);
    let wrong: Vec<&str> = entry.edges.iter().filter(|edge| !edge.agrees).map(|edge| edge.name.as_str()).collect();
    words + " " + &listed("edges are as the measure has them", entry.edges.len(), &wrong)
}

/// How many laws hold, and which do not.
pub fn of_laws(entry: &Entry) -> String {
    let broken: Vec<&str> = entry.laws.iter().filter(|law| !kept(law)).map(|law| law.law.as_str()).collect();
    listed("laws hold on ordinary data", entry.laws.len(), &broken)
}

fn kept(law: &LawVerdict) -> bool {
    law.verdict == "holds"
}

fn all_agree(comparisons: &[Comparison]) -> bool {
    comparisons.iter().all(|comparison| comparison.agrees)
}

fn listed(what: &str, total: usize, others: &[&str]) -> String {
    let more = others.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let but = if others.is_empty() { String::new() } else { format!(", not {}{rest}", others[..others.len() - more].join(", ")) };
    format!("{} of {total} {what}{but}.", total - others.len())
}
