//! `similitude methods`: the words for a methods section.

use crate::inference::Scheme;
use crate::report::methods::{bibtex, paragraph};

use crate::cli::arguments::{Common, Methods};
use crate::cli::output;
use crate::cli::stop::{Status, Stop};

pub fn run(options: &Methods, common: &Common) -> Result<Status, Stop> {
    let paragraphs: Vec<String> = options.measures.iter().map(|measure| paragraph(measure, common.precision)).collect();
    let sentences = [
        options.null.null.map(|null| null.sentence(&Scheme::Free, common.seed)),
        options.adjust.map(|adjust| adjust.choice().sentence().to_string()),
        options.interval.interval.map(|how| how.choice().sentence(options.interval.resamples, common.seed, options.interval.level)),
    ];
    let inference = sentences.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let paragraphs: Vec<String> = paragraphs.into_iter().chain((!inference.is_empty()).then_some(inference)).collect();
    output::print(&format!("{}\n\n{}\n", paragraphs.join("\n\n"), bibtex(&options.measures)))?;
    Ok(Status::Done)
}
