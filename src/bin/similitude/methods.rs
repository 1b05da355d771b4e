//! `similitude methods`: the words for a methods section.

use similitude::report::methods::{bibtex, paragraph};

use crate::arguments::Methods;
use crate::output;
use crate::stop::{Status, Stop};

pub fn run(options: &Methods) -> Result<Status, Stop> {
    let paragraphs: Vec<String> = options.measures.iter().map(paragraph).collect();
    output::print(&format!("{}\n\n{}\n", paragraphs.join("\n\n"), bibtex(&options.measures)))?;
    Ok(Status::Done)
}
