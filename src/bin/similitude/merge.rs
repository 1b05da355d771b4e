//! `similitude merge`: the results of one sweep from its parts.

use similitude::sweep::merge_shards;

use crate::arguments;
use crate::output;
use crate::stop::{Status, Stop};
use crate::sweep::write_merged;
use crate::tables;

pub fn run(options: &arguments::Merge) -> Result<Status, Stop> {
    let scores = merge_shards(&options.directory)?;
    write_merged(&scores, &options.output)?;
    output::write(options.format.format, scores.records(), || tables::summary(&scores))?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}
