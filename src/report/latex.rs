//! A table of a sweep for a paper.

use std::fmt::Write as _;

use super::best::Best;
use super::picture;
use super::significance::{LEVEL, not_significant};
use super::style::Style;
use super::visible::visible;
use crate::claims::Direction;
use crate::results::{LayerFacts, Scores};

/// The scores of one measure as a LaTeX table with the rules of the package booktabs: layers of the
/// first network down, of the second across, the best of each row in bold. Three decimals are
/// shown, or three significant digits where values are small or large.
pub fn table(scores: &Scores, measure: usize) -> String {
    let style = Style::Latex;
    let definition = &scores.measures()[measure];
    let (rows, columns) = (&scores.a().layers, &scores.b().layers);
    let name = |layer: &LayerFacts| style.prose(&visible(&layer.name));
    let best = Best::of(scores, measure);
    let faint = not_significant(scores, measure);
    let of = match scores.networks_layer() {
        Some(_) => format!("Rows and columns: networks ({})", style.prose(&visible(&scores.a().name))),
        None => {
            let [a, b] = [scores.a(), scores.b()].map(|network| style.code(&visible(&picture::network_name(network))));
            format!("Rows: layers of {a}; columns: layers of {b}")
        }
    };
    let kind = if definition.properties().direction == Direction::Similarity { "Largest" } else { "Least" };
    let mut caption = format!(
        "{} ({}), $n = {}$. {of}. {kind} of each row in bold.",
        style.prose(&picture::title(definition)),
        style.code(&definition.to_string()),
        scores.n()
    );
    if faint.is_some() {
        let _ = write!(caption, " $^\\circ$: $p > {LEVEL}$.");
    }
    let mut text = format!(
        "% \\usepackage{{booktabs}}\n\\begin{{table}}\n  \\centering\n  \\caption{{{caption}}}\n  \\begin{{tabular}}{{l{}}}\n    \\toprule\n",
        "r".repeat(columns.len())
    );
    let line = |first: &str, cells: &[String]| format!("    {first} & {} \\\\\n", cells.join(" & "));
    text += &line("", &columns.iter().map(name).collect::<Vec<_>>());
    text += "    \\midrule\n";
    for (row, layer) in rows.iter().enumerate() {
        let cells: Vec<String> = (0..columns.len())
            .map(|column| {
                let place = row * columns.len() + column;
                let Some(value) = scores.outcomes(measure)[place].value() else { return "--".to_string() };
                let mut cell = number(value);
                if best.of_row(row).contains(&column) {
                    cell = format!("\\textbf{{{cell}}}");
                }
                if faint.as_ref().is_some_and(|faint| faint[place]) {
                    cell += "$^\\circ$";
                }
                cell
            })
            .collect();
        text += &line(&name(layer), &cells);
    }
    text + "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n"
}

fn number(value: f64) -> String {
    let is_plain = value == 0.0 || (1e-3..1e4).contains(&value.abs());
    if is_plain {
        let text = format!("{value:.3}");
        return text.strip_prefix('-').map_or_else(|| text.clone(), |digits| format!("$-${digits}"));
    }
    let text = format!("{value:.2e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("${mantissa} \\times 10^{{{exponent}}}$")
}
