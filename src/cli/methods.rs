//! `similitude methods`: the words for a methods section.

use crate::report::methods::{bibtex, paragraph};

use crate::cli::arguments::{Common, Methods};
use crate::cli::output;
use crate::cli::stop::{Status, Stop};

pub fn run(options: &Methods, common: &Common) -> Result<Status, Stop> {
    let paragraphs: Vec<String> = options.measures.iter().map(|measure| paragraph(measure, common.precision)).collect();
    output::print(&format!("{}\n\n{}\n", paragraphs.join("\n\n"), bibtex(&options.measures)))?;
    Ok(Status::Done)
}
