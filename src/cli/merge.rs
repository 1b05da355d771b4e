//! `similitude merge`: the results of one sweep from its parts.

use crate::sweep::merge_shards;

use crate::cli::arguments;
use crate::cli::command;
use crate::cli::output;
use crate::cli::stop::{Status, Stop};
use crate::cli::sweep::write_merged;
use crate::cli::tables;

pub fn run(options: &arguments::Merge) -> Result<Status, Stop> {
    let scores = merge_shards(&options.directory)?;
    let mut provenance = scores.provenance().clone();
    if provenance.command.is_empty() {
        // Parts that do not say by which sweep they were computed.
        (provenance.command, provenance.directory) = (command::line(), command::directory());
    }
    let scores = scores.with_provenance(provenance);
    write_merged(&scores, &options.output, &options.pictures.look(), options.report)?;
    output::write(options.format.format, &scores, || tables::summary(&scores))?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}
