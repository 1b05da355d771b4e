//! `similitude methods`: the words for a methods section.

use crate::inference::Scheme;
use crate::report::methods::{bibtex, styled};
use crate::report::{Finished, Style};

use crate::cli::arguments::{Common, Methods};
use crate::cli::output;
use crate::cli::stop::{Status, Stop};

pub fn run(options: &Methods, common: &Common) -> Result<Status, Stop> {
    let style: Style = options.style.into();
    let mut paragraphs = Vec::new();
    let (measures, precision, version) = match &options.results {
        Some(results) => {
            let finished = Finished::open(results)?;
            paragraphs.push(finished.sentence(style));
            (finished.measures()?, finished.provenance.precision, finished.version)
        }
        None => (options.measures.clone(), common.precision, env!("CARGO_PKG_VERSION").to_string()),
    };
    paragraphs.extend(measures.iter().map(|measure| styled(measure, precision, &version, style)));
    let sentences = [
        options.null.null.map(|null| null.sentence(&Scheme::Free, common.seed)),
        options.adjust.map(|adjust| adjust.choice().sentence().to_string()),
        options.interval.interval.map(|how| how.choice().sentence(options.interval.resamples, common.seed, options.interval.level)),
    ];
    let inference = sentences.into_iter().flatten().collect::<Vec<_>>().join(" ");
    paragraphs.extend((!inference.is_empty()).then(|| style.prose(&inference)));
    output::print(&format!("{}\n\n{}\n", paragraphs.join("\n\n"), bibtex(&measures)))?;
    Ok(Status::Done)
}
