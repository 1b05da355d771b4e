//! `similitude methods`: the words for a methods section.

use clap::ValueEnum;

use crate::Measure;
use crate::inference::{NullChoice, Scheme};
use crate::report::methods::{bibtex, styled};
use crate::report::{Finished, Style};

use crate::cli::arguments::{Common, Methods};
use crate::cli::inference::Adjust;
use crate::cli::output;
use crate::cli::stop::{Status, Stop};

pub fn run(options: &Methods, common: &Common) -> Result<Status, Stop> {
    let style: Style = options.style.into();
    let measures;
    let mut texts;
    match &options.results {
        Some(results) => {
            let finished = Finished::open(results)?;
            measures = finished.measures()?;
            texts = paragraphs(&finished, &measures, style)?;
        }
        None => {
            measures = options.measures.clone();
            texts = measures.iter().map(|measure| styled(measure, common.precision, env!("CARGO_PKG_VERSION"), style)).collect();
        }
    }
    let sentences = [
        options.null.null.map(|null| null.sentence(&Scheme::Free, common.seed)),
        options.adjust.map(|adjust| adjust.choice().sentence().to_string()),
        options.interval.interval.map(|how| how.choice().sentence(options.interval.resamples, common.seed, options.interval.level)),
    ];
    let inference = sentences.into_iter().flatten().collect::<Vec<_>>().join(" ");
    texts.extend((!inference.is_empty()).then(|| style.prose(&inference)));
    output::print(&format!("{}\n\n{}\n", texts.join("\n\n"), bibtex(&measures)))?;
    Ok(Status::Done)
}

/// The paragraphs of a finished sweep: what was compared, by which measures, and beside which null.
pub fn paragraphs(finished: &Finished, measures: &[Measure], style: Style) -> Result<Vec<String>, Stop> {
    let provenance = &finished.provenance;
    let mut texts = vec![finished.sentence(style)];
    texts.extend(measures.iter().map(|measure| styled(measure, provenance.precision, &finished.version, style)));
    let mut sentences = Vec::new();
    if let Some(null) = &provenance.null {
        let null: NullChoice = null.parse().map_err(Stop::Unusable)?;
        sentences.push(null.sentence(&Scheme::Free, provenance.seed.unwrap_or_default()));
    }
    if let Some(adjust) = &provenance.adjust {
        sentences.push(Adjust::from_str(adjust, true).map_err(Stop::Unusable)?.choice().sentence().to_string());
    }
    sentences.extend(provenance.interval.clone());
    texts.extend((!sentences.is_empty()).then(|| style.prose(&sentences.join(" "))));
    Ok(texts)
}
