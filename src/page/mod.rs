//! The report of a sweep: one page of HTML that holds everything it shows.
//!
//! The page asks nothing of any network: its script and its style stand in it, and a policy in its
//! head forbids anything else. What comes from files is escaped by the template, or stands in a
//! block of JSON that cannot end before it ends; the script puts texts into the page as texts only.

mod data;
mod error;
mod inputs;
mod policy;
mod sizes;
mod tables;

pub use error::PageError;
pub use sizes::{Curve, Curves, Size};

use askama::Template;

use crate::report::Style;
use crate::report::picture::{self, Look};
use crate::report::visible;
use crate::results::Scores;
use tables::{Convention, Found, Undefined};

/// The most cells of one measure, and of all: a browser holds an element for each of the first.
const MOST_CELLS: usize = 40_000;
const MOST_NUMBERS: usize = 1_000_000;

const SCRIPT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/report.js"));
const STYLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/report.css"));

/// The words for a methods section.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The paragraphs in plain text, Markdown and LaTeX.
    pub methods: [String; 3],
    /// BibTeX entries.
    pub bibtex: String,
}

impl Words {
    /// The styles of [`Words::methods`].
    pub const STYLES: [Style; 3] = [Style::Text, Style::Markdown, Style::Latex];
}

/// Pictures and tables under one heading, after the heat map.
#[derive(Debug, Clone)]
pub struct Section {
    /// The anchor: a word.
    pub id: &'static str,
    /// The heading.
    pub heading: &'static str,
    /// The pictures and tables.
    pub figures: Vec<Figure>,
}

/// A picture that stands in the page, with what it shows in words; or a table alone.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The heading.
    pub title: String,
    /// What it shows.
    pub caption: String,
    /// The picture, an SVG document; none of what is a table only.
    pub svg: Option<String>,
    /// The same as a table: a header, and rows.
    pub header: Vec<String>,
    /// The rows of the table.
    pub rows: Vec<Vec<String>>,
}

/// The whole page.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    policy: String,
    style: &'a str,
    script: &'a str,
    data: String,
    title: String,
    lead: String,
    many_networks: bool,
    has_calibrated: bool,
    sections: &'a [Section],
    found: Vec<Found>,
    chance: String,
    same_names: bool,
    conventions: Vec<Convention>,
    undefined: Vec<Undefined>,
    words: &'a Words,
    measures: Vec<(usize, String, String)>,
    facts: Vec<(String, String)>,
    inputs: Vec<String>,
    command: String,
}

/// The report of a sweep as a page of HTML; the same scores give the same bytes.
///
/// # Errors
/// [`PageError::TooLarge`] for more cells than a page is useful for.
pub fn render(scores: &Scores, look: &Look, words: &Words, sections: &[Section]) -> Result<String, PageError> {
    let (rows, columns) = (scores.a().layers.len(), scores.b().layers.len());
    let measures = scores.measures();
    if rows * columns > MOST_CELLS || rows * columns * measures.len() > MOST_NUMBERS {
        return Err(PageError::TooLarge { rows, columns, measures: measures.len(), most: MOST_CELLS, most_numbers: MOST_NUMBERS });
    }
    let provenance = scores.provenance();
    let (a, b) = names(scores, look);
    let many_networks = provenance.networks.is_some();
    let title = match (&look.title, many_networks) {
        (Some(title), _) => visible(title).into_owned(),
        (None, true) => format!("{rows} networks"),
        (None, false) if scores.a() == scores.b() => format!("Layers of {a}"),
        (None, false) => format!("Layers of {a} and of {b}"),
    };
    let found = tables::found(scores);
    let page = Page {
        policy: policy::of(SCRIPT, STYLE),
        style: STYLE,
        script: SCRIPT,
        data: data::json(scores, look, words)?,
        title,
        lead: lead(scores, many_networks),
        many_networks,
        has_calibrated: scores.has_any(&["calibrated"]),
        sections,
        chance: tables::percent(1.0 / columns as f64),
        same_names: scores.a().layers.iter().map(|layer| &layer.name).eq(scores.b().layers.iter().map(|layer| &layer.name)),
        found,
        conventions: tables::conventions(scores),
        undefined: tables::undefined(scores),
        words,
        measures: measures.iter().enumerate().map(|(at, measure)| (at, picture::title(measure), measure.to_string())).collect(),
        facts: inputs::facts(scores),
        inputs: inputs::lines(provenance),
        command: inputs::command(provenance),
    };
    Ok(page.render()?)
}

/// What the two networks are called: as their files, and where these have one name by their whole
/// paths.
fn names(scores: &Scores, look: &Look) -> (String, String) {
    let whole = || (picture::network_name(scores.a()), picture::network_name(scores.b()));
    let (a, b) = look.names.clone().unwrap_or_else(|| {
        let file = |name: String| name.rsplit(['/', '\\']).next().map_or_else(|| name.clone(), str::to_string);
        let (a, b) = (file(whole().0), file(whole().1));
        if a == b && scores.a() != scores.b() { whole() } else { (a, b) }
    });
    (visible(&a).into_owned(), visible(&b).into_owned())
}

fn lead(scores: &Scores, many_networks: bool) -> String {
    let (rows, columns) = (scores.a().layers.len(), scores.b().layers.len());
    let count = scores.measures().len();
    let measures = if count == 1 { "one measure".to_string() } else { format!("{count} measures") };
    let compared = if many_networks { format!("{rows} × {columns} networks") } else { format!("{rows} × {columns} layers") };
    format!("{compared}, {measures}, n = {} examples", scores.n())
}
