//! `similitude report`: the page of a finished sweep.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::page::{self, PageError, Section, Words};
use crate::report::files::{self, PAGE};
use crate::report::picture::Look;
use crate::report::{Finished, read_scores};
use crate::sweep::Scores;

use crate::cli::methods::{entries, paragraphs, said_of};
use crate::cli::picture_options::PictureOptions;
use crate::cli::stop::{Status, Stop};
use crate::cli::tell::tell;
use crate::cli::{curves, networks, output};

/// The page of a finished sweep.
#[derive(Debug, Args)]
pub struct Report {
    /// A directory of results, as `sweep -o`, `merge` and `networks` write it
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// The page; report.html in DIR unless given
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub pictures: PictureOptions,
}

pub fn run(options: &Report) -> Result<Status, Stop> {
    let scores = read_scores(&options.directory)?;
    let beside =
        if options.directory.is_dir() { options.directory.as_path() } else { options.directory.parent().unwrap_or(Path::new(".")) };
    let file = options.output.clone().unwrap_or_else(|| beside.join(PAGE));
    let html = page(&scores, beside, &options.pictures.look())?.map_err(|error| Stop::Unusable(error.to_string()))?;
    output::put(&file, html.as_bytes())?;
    Ok(Status::Done)
}

/// Writes the page of a sweep beside its results. One of more layers than a page shows has none,
/// and says so.
pub fn beside_results(scores: &Scores, directory: &Path, look: &Look) -> Result<(), Stop> {
    let file = directory.join(PAGE);
    match page(scores, directory, look)? {
        Ok(html) => output::put(&file, html.as_bytes()),
        Err(error) => {
            // One of an earlier sweep would read as that of this one.
            files::remove_file(&file)?;
            tell(format!("warning: {PAGE} is not written: {error}"));
            Ok(())
        }
    }
}

fn page(scores: &Scores, directory: &Path, look: &Look) -> Result<Result<String, PageError>, Stop> {
    let finished = Finished::of(scores);
    let methods = Words::STYLES.map(|style| paragraphs(&finished, scores.measures(), style).map(|paragraphs| paragraphs.join("\n\n")));
    let [text, markdown, latex] = methods;
    let words = Words { methods: [text?, markdown?, latex?], bibtex: entries(scores.measures(), &said_of(&finished, scores.measures())?) };
    let curves = curves::beside(scores, directory)?.and_then(|curves| curves.section());
    let sections: Vec<Section> = networks::sections(scores, directory)?.into_iter().chain(curves).collect();
    Ok(page::render(scores, look, &words, &sections))
}
