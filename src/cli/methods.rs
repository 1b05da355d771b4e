//! `similitude methods`: the words for a methods section.

use clap::ValueEnum;

use crate::Measure;
use crate::inference::{NullChoice, Scheme};
use crate::report::methods::{bibtex, styled};
use crate::report::{Finished, Style, statistics};

use crate::cli::arguments::{Common, Methods};
use crate::cli::inference::{self, Adjust};
use crate::cli::stop::{Status, Stop};
use crate::cli::{cautions, output};

pub fn run(options: &Methods, common: &Common) -> Result<Status, Stop> {
    let style: Style = options.style.into();
    let measures;
    let mut texts;
    let mut sentences = Vec::new();
    match &options.results {
        Some(results) => {
            if let Some(option) = options.null.null.map(|_| "--null").or(options.adjust.map(|_| "--adjust")) {
                return Err(says_itself(option));
            }
            if options.interval.interval.is_some() {
                return Err(says_itself("--interval"));
            }
            if let Some(option) = common.given.first() {
                return Err(says_itself(option));
            }
            let finished = Finished::open(results)?;
            measures = finished.measures()?;
            texts = paragraphs(&finished, &measures, style)?;
            sentences.push(said_of(&finished, &measures)?);
        }
        None => {
            measures = options.measures.clone();
            check(options)?;
            texts = measures.iter().map(|measure| styled(measure, common.precision, env!("CARGO_PKG_VERSION"), style)).collect();
        }
    }
    let asked = [
        options.null.null.map(|null| null.sentence(&Scheme::Free, common.seed)),
        options.null.null.and_then(|null| null.calibration(&measures)),
        options.adjust.map(|adjust| adjust.choice().sentence().to_string()),
        options.interval.interval.map(|how| how.choice().sentence(options.interval.resamples, common.seed, options.interval.level)),
    ];
    let asked = asked.into_iter().flatten().collect::<Vec<_>>().join(" ");
    texts.extend((!asked.is_empty()).then(|| statistics::styled(&asked, style)));
    sentences.push(asked);
    output::print(&format!("{}\n\n{}\n", texts.join("\n\n"), entries(&measures, &sentences.join(" "))))?;
    Ok(Status::Done)
}

/// Why an option does not go with finished results.
fn says_itself(option: &str) -> Stop {
    let why = "finished results say themselves what was done; the option describes measures (-m) of results that are not at hand";
    Stop::Unusable(format!("{option}: {why}"))
}

/// Refuses to describe what `compare` and `sweep` refuse to do.
fn check(options: &Methods) -> Result<(), Stop> {
    inference::check_measures(&options.measures, options.null.null)?;
    let adjustment = options.adjust.map(Adjust::choice);
    options.null.null.map_or(Ok(()), |null| null.check_adjustment(adjustment))?;
    cautions::of_null(options.null.null, adjustment);
    let Some(how) = options.interval.interval else { return Ok(()) };
    cautions::check_interval(how.choice(), &options.measures, options.interval.resamples, options.interval.level)?;
    cautions::of_interval(&options.interval);
    Ok(())
}

/// The BibTeX entries of measures, and of what sentences name.
pub fn entries(measures: &[Measure], sentences: &str) -> String {
    let of_measures = bibtex(measures);
    // One that a measure cites too is there once.
    let of_sentences = statistics::bibtex(sentences).into_iter().filter(|entry| !of_measures.contains(entry));
    std::iter::once(of_measures.as_str()).chain(of_sentences).collect::<Vec<_>>().join("\n\n")
}

/// What there is to say of the null of a finished sweep, of its adjustment, and of intervals.
pub fn said_of(finished: &Finished, measures: &[Measure]) -> Result<String, Stop> {
    let provenance = &finished.provenance;
    let mut sentences = Vec::new();
    if let Some(null) = &provenance.null {
        let null: NullChoice = null.parse().map_err(Stop::Unusable)?;
        sentences.push(null.sentence(&Scheme::Free, provenance.seed.unwrap_or_default()));
        sentences.extend(null.calibration(measures));
    }
    if let Some(adjust) = &provenance.adjust {
        sentences.push(Adjust::from_str(adjust, true).map_err(Stop::Unusable)?.choice().sentence().to_string());
    }
    sentences.extend(provenance.interval.clone());
    Ok(sentences.join(" "))
}

/// The paragraphs of a finished sweep: what was compared, by which measures, beside which null, and
/// how sure it is.
pub fn paragraphs(finished: &Finished, measures: &[Measure], style: Style) -> Result<Vec<String>, Stop> {
    let mut texts = vec![finished.sentence(style)];
    texts.extend(measures.iter().map(|measure| styled(measure, finished.provenance.precision, &finished.version, style)));
    let said = said_of(finished, measures)?;
    texts.extend((!said.is_empty()).then(|| statistics::styled(&said, style)));
    Ok(texts)
}
