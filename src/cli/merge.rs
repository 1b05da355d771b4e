//! `similitude merge`: the results of one sweep from its parts.

use crate::sweep::merge_shards;

use crate::cli::arguments;
use crate::cli::output;
use crate::cli::stop::{Status, Stop};
use crate::cli::sweep::write_merged;
use crate::cli::tables;

pub fn run(options: &arguments::Merge) -> Result<Status, Stop> {
    let scores = merge_shards(&options.directory)?;
    write_merged(&scores, &options.output)?;
    output::write(options.format.format, &scores, || tables::summary(&scores))?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}
