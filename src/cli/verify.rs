//! `similitude verify`: the laws, tried now.

use std::io::{self, Write};

use crate::laws::{Expectation, Law, MARGIN, Subject, Verdict, laws_of};
use crate::registry;
use rayon::prelude::*;
use serde_json::json;

use crate::cli::arguments::{Common, TableFormat, Verify};
use crate::cli::output;
use crate::cli::stop::{Status, Stop};

pub fn run(options: &Verify, common: &Common) -> Result<Status, Stop> {
    let measures = if options.measures.is_empty() { registry::conventions() } else { options.measures.clone() };
    let laws: Vec<Law> = measures.iter().flat_map(laws_of).collect();
    let bar = crate::cli::progress::plain(laws.len(), "trying laws");
    let verdicts: Vec<Verdict> = laws
        .par_iter()
        .map(|law| {
            let verdict = law.try_on(&Subject::fast(law.measure()), options.cases.get(), common.seed);
            bar.inc(1);
            verdict
        })
        .collect();
    bar.finish_and_clear();
    let tried: Vec<(&Law, &Verdict)> = laws.iter().zip(&verdicts).collect();
    match options.format.format {
        TableFormat::Table => output::print(&table(&tried))?,
        TableFormat::Json => output::print(&tried.iter().map(|tried| format!("{}\n", object(tried))).collect::<String>())?,
        TableFormat::Csv => csv(&tried)?,
    }
    Ok(status(&verdicts))
}

fn status(verdicts: &[Verdict]) -> Status {
    if verdicts.iter().any(Verdict::is_failure) { Status::LawFailed } else { Status::Done }
}

fn word(verdict: &Verdict) -> &'static str {
    match (verdict.holds, &verdict.untried) {
        (_, Some(_)) => "not tried",
        (true, None) => "stands",
        (false, None) => "FAILED",
    }
}

/// The laws of each measure, then a summary with every failure in full.
fn table(tried: &[(&Law, &Verdict)]) -> String {
    let mut text = format!(
        "ratio: the largest change of the value over the bound on its error. A law that says \"holds\" stands at 1 and below, one that says \"fails\" at {MARGIN} and above.\n"
    );
    for group in tried.chunk_by(|(a, _), (b, _)| a.measure().to_string() == b.measure().to_string()) {
        let rows = group.iter().map(|(law, verdict)| {
            let cases = match law.half() {
                Expectation::Holds | Expectation::Slightly | Expectation::Undefined => {
                    format!("{} of {}", verdict.answered, verdict.answered + verdict.refused)
                }
                Expectation::Fails => "witness".to_string(),
            };
            vec![law.statement().to_string(), word(verdict).to_string(), format!("{:.2e}", verdict.worst_ratio), cases]
        });
        text +=
            &format!("\n{}\n{}", group[0].0.measure(), output::table(&["law", "verdict", "worst ratio", "cases with a value"], rows, 2));
    }
    let failed: Vec<_> = tried.iter().filter(|(_, verdict)| verdict.is_failure()).collect();
    let untried: Vec<_> = tried.iter().filter_map(|(law, verdict)| Some((law, verdict.untried.as_ref()?))).collect();
    let (count, not_tried) = (tried.len() - untried.len(), untried.len());
    text += &match not_tried {
        0 => format!("\n{count} laws tried, {} failed\n", failed.len()),
        _ => format!("\n{count} laws tried, {} failed, {not_tried} not tried\n", failed.len()),
    };
    for (law, why) in untried {
        text += &format!("\n{law}\n  {why}\n");
    }
    for (law, verdict) in failed {
        text += &format!("\n{law}\n  worst ratio {:.3e}, seed {}\n  {}\n", verdict.worst_ratio, verdict.seed, verdict.detail);
    }
    text
}

fn object((law, verdict): &(&Law, &Verdict)) -> serde_json::Value {
    json!({
        "law": law.to_string(),
        "measure": law.measure().to_string(),
        "statement": law.statement().to_string(),
        "holds": verdict.holds,
        "untried": verdict.untried,
        "worst_ratio": verdict.worst_ratio,
        "seed": verdict.seed,
        "answered": verdict.answered,
        "refused": verdict.refused,
        "detail": verdict.detail,
    })
}

fn csv(tried: &[(&Law, &Verdict)]) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(io::stdout().lock());
    table.write_record(["measure", "law", "holds", "worst_ratio", "seed", "answered", "refused", "detail"])?;
    for (law, verdict) in tried {
        table.write_record([
            law.measure().to_string(),
            law.statement().to_string(),
            verdict.holds.to_string(),
            format!("{:?}", verdict.worst_ratio),
            verdict.seed.to_string(),
            verdict.answered.to_string(),
            verdict.refused.to_string(),
            verdict.detail.clone(),
        ])?;
    }
    table.into_inner().map_err(|error| error.into_error())?.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_law_that_failed_decides_the_status() {
        let verdict = |holds| Verdict { holds, worst_ratio: 0.5, seed: 1, answered: 1, refused: 0, detail: String::new(), untried: None };
        assert_eq!(status(&[verdict(true), verdict(true)]), Status::Done);
        // That a law cannot be tried says nothing about the measure.
        let untried = Verdict { untried: Some("no case".to_string()), ..verdict(false) };
        assert_eq!(status(&[verdict(true), untried]), Status::Done);
        assert_eq!(status(&[verdict(true), verdict(false)]), Status::LawFailed);
        assert_eq!(Status::LawFailed as u8, 1);
    }
}
