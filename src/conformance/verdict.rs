//! The verdict in a sentence or two: what a function computes, and what to do about it.

use super::identify::{Agreement, Identification, Match};
use super::report::Report;
use crate::measure::Measure;

/// Names of rules that are listed before the rest is counted.
const NAMED: usize = 4;

impl Report {
    /// The verdict in words: whether it is the measure, what it computes otherwise, how to mend it,
    /// and which rules are broken.
    pub fn verdict(&self) -> String {
        let Self { measure, tried, largest: (n, p), broken, computes } = self;
        if broken.is_empty() {
            return format!("{measure}: yes. All {tried} rules hold, of up to {n} examples and {p} neurons.");
        }
        let of = |kind: &str| broken.iter().filter_map(|broken| broken.rule.strip_prefix(kind)).collect::<Vec<_>>();
        let laws: Vec<&str> = of("law::").into_iter().map(|law| law.strip_prefix(&format!("{measure}::")).unwrap_or(law)).collect();
        let words = match computes {
            None if laws.is_empty() => format!("{measure}: yes on plain data, and wrong at the edges of its domain."),
            None => format!("{measure}: its values agree on plain data, and it breaks laws."),
            Some(found) => said(measure, found),
        };
        let kinds =
            [("law", laws), ("table", of("golden::")), ("drawn pair", of("value::")), ("size", of("size::")), ("edge", of("edge::"))];
        let counted: Vec<String> = kinds.iter().filter(|(_, names)| !names.is_empty()).map(|(kind, names)| listed(kind, names)).collect();
        format!("{words} Broken: {} of {tried} rules ({}).", broken.len(), counted.join("; "))
    }
}

/// What was found in place of a measure, and what to do about it.
fn said(measure: &str, found: &Identification) -> String {
    if let (0, Some(declined)) = (found.answered, &found.declined) {
        return format!("{measure}: no. It has no value on any of {} pairs: {declined}.", found.pairs);
    }
    let Some(first) = found.matches.first() else { return format!("{measure}: no. It computes {found}.") };
    let advice = first.advice(measure);
    let advice = if advice.is_empty() { String::new() } else { format!(" {}.", advice.join("; ")) };
    if first.is(measure) {
        let nearly = if first.agreement == Agreement::Double { String::new() } else { format!(" (to {:.0e})", first.difference) };
        return format!("{measure}: not everywhere. On ordinary pairs it is what it says{nearly}, and elsewhere it is not.{advice}");
    }
    format!("{measure}: no. It computes {first}.{advice}")
}

impl Match {
    /// What to change for it to be this measure, a sentence each; nothing where it is.
    pub fn advice(&self, measure: &str) -> Vec<String> {
        let found = self;
        let mut advice = Vec::new();
        let mut add = |text: &str| advice.push(text.to_string());
        match found.preparation.trim() {
            "" => {}
            "of features that are not centered" => add("You forgot to center: subtract from every neuron its mean over the examples"),
            "of neurons scaled to standard deviation 1" => add("Neurons are standardised first: do not divide by the standard deviation"),
            "of examples scaled to length 1" => add("Examples are scaled to length 1 first: leave them as they are"),
            other => add(&format!("It is {}: take the features themselves", other.trim_start_matches("of "))),
        }
        match found.agreement {
            Agreement::Double => {}
            Agreement::Single => add("It computes in single precision (f32): convert to float64 before the products"),
            Agreement::Near => add(&format!(
                "It is off by up to {:.0e}, which rounding does not explain: look for a constant that is added, or a formula that is nearly this one",
                found.difference
            )),
            Agreement::Random => add("It does not answer the same twice: something in it is drawn at random"),
        }
        if found.swapped {
            add("X and Y are exchanged");
        }
        if found.transformation != "s" {
            add(&format!("The value is {} of it: say so, or return s", found.transformation));
        }
        match Measure::parse(&found.computes) {
            Err(_) => add("That is no convention of the measure"),
            Ok(other) if other.spec().id != measure.split(':').next().unwrap_or(measure) => add("That is another measure"),
            Ok(other) => {
                let asked = Measure::parse(measure).map(|asked| asked.convention()).unwrap_or_default();
                let differs =
                    |(key, value): &(&str, String)| *key != "degenerate" && asked.iter().all(|(other, is)| other != key || is != value);
                let keys: Vec<String> =
                    other.convention().iter().filter(|pair| differs(pair)).map(|(key, value)| format!("{key}={value}")).collect();
                if !keys.is_empty() {
                    add(&format!("That is another convention: {}", keys.join(", ")));
                }
            }
        }
        advice
    }
}

fn listed(kind: &str, names: &[&str]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    let more = names.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{} {kind}{plural}: {}{rest}", names.len(), names[..names.len() - more].join(", "))
}
