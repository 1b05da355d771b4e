//! `similitude methods`: the words for a methods section.

use clap::ValueEnum;

use crate::Measure;
use crate::inference::{NullChoice, Scheme};
use crate::report::methods::{bibtex, styled};
use crate::report::{Finished, Style, statistics};

use crate::cli::arguments::{Common, Methods};
use crate::cli::inference::Adjust;
use crate::cli::output;
use crate::cli::stop::{Status, Stop};

pub fn run(options: &Methods, common: &Common) -> Result<Status, Stop> {
    let style: Style = options.style.into();
    let measures;
    let mut texts;
    let mut sentences = Vec::new();
    match &options.results {
        Some(results) => {
            let finished = Finished::open(results)?;
            measures = finished.measures()?;
            texts = paragraphs(&finished, &measures, style)?;
            sentences.push(inference(&finished)?);
        }
        None => {
            measures = options.measures.clone();
            texts = measures.iter().map(|measure| styled(measure, common.precision, env!("CARGO_PKG_VERSION"), style)).collect();
        }
    }
    let asked = [
        options.null.null.map(|null| null.sentence(&Scheme::Free, common.seed)),
        options.adjust.map(|adjust| adjust.choice().sentence().to_string()),
        options.interval.interval.map(|how| how.choice().sentence(options.interval.resamples, common.seed, options.interval.level)),
    ];
    let asked = asked.into_iter().flatten().collect::<Vec<_>>().join(" ");
    texts.extend((!asked.is_empty()).then(|| statistics::styled(&asked, style)));
    sentences.push(asked);
    output::print(&format!("{}\n\n{}\n", texts.join("\n\n"), entries(&measures, &sentences.join(" "))))?;
    Ok(Status::Done)
}

/// The BibTeX entries of measures, and of what sentences name.
pub fn entries(measures: &[Measure], sentences: &str) -> String {
    let of_measures = bibtex(measures);
    // One that a measure cites too is there once.
    let of_sentences = statistics::bibtex(sentences).into_iter().filter(|entry| !of_measures.contains(entry));
    std::iter::once(of_measures.as_str()).chain(of_sentences).collect::<Vec<_>>().join("\n\n")
}

/// What there is to say of the null of a finished sweep, of its adjustment, and of intervals.
pub fn inference(finished: &Finished) -> Result<String, Stop> {
    let provenance = &finished.provenance;
    let mut sentences = Vec::new();
    if let Some(null) = &provenance.null {
        let null: NullChoice = null.parse().map_err(Stop::Unusable)?;
        sentences.push(null.sentence(&Scheme::Free, provenance.seed.unwrap_or_default()));
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
    let inference = inference(finished)?;
    texts.extend((!inference.is_empty()).then(|| statistics::styled(&inference, style)));
    Ok(texts)
}
