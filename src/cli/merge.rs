//! `similitude merge`: the results of one sweep from its parts.

use crate::sweep::{Provenance, merge_shards};

use crate::cli::arguments;
use crate::cli::command;
use crate::cli::output;
use crate::cli::stop::{Status, Stop};
use crate::cli::sweep::write_merged;
use crate::cli::tables;

pub fn run(options: &arguments::Merge) -> Result<Status, Stop> {
    let scores = merge_shards(&options.directory)?;
    let provenance = Provenance { command: command::line(), directory: command::directory(), ..scores.provenance().clone() };
    let scores = scores.with_provenance(provenance);
    write_merged(&scores, &options.output, &options.pictures.look(), options.report)?;
    output::write(options.format.format, &scores, || tables::summary(&scores))?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}
