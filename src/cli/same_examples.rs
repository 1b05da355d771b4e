//! Whether two sides are of the same examples.

use crate::cli::stop::Stop;
use crate::sweep::{Layers, StoredLayers};

fn is_table(source: &str) -> bool {
    let source = source.to_ascii_lowercase();
    source.ends_with(".csv") || source.ends_with(".tsv")
}

/// Asks that all layers have as many examples as the first one, and says what may be the matter
/// where one does not.
pub fn require_same_examples(a: &dyn Layers, b: &dyn Layers) -> Result<(), Stop> {
    let (n, p) = a.shape(0)?;
    let all = (0..a.layer_names().len()).map(|layer| (a, layer)).chain((0..b.layer_names().len()).map(|layer| (b, layer)));
    for (network, layer) in all {
        let (m, q) = network.shape(layer)?;
        if m == n {
            continue;
        }
        let name = &network.layer_names()[layer];
        let (axes, axes_b) = (axes_of(a, 0)?, axes_of(network, layer)?);
        let of_first = turned(axes);
        let first = format!("the first has {m} columns: if those are its examples, name its axes (--axes {of_first} --axes-b {axes_b})");
        let second = format!("the second has {n} columns: if those are its examples, name its axes (--axes-b {})", turned(axes_b));
        let transposed = if p == m || q == n {
            let either = [(p == m).then_some(first), (q == n).then_some(second)];
            format!("; {}", either.into_iter().flatten().collect::<Vec<_>>().join("; "))
        } else if n == m + 1 && is_table(&a.source(0)) {
            "; is the first row of the first one names of its columns? (--header yes)".to_string()
        } else if m == n + 1 && is_table(&network.source(layer)) {
            "; is the first row of the second one names of its columns? (--header-b yes)".to_string()
        } else if q == p {
            format!("; both have {p} columns: if those are the examples, name the axes (--axes {of_first})")
        } else {
            String::new()
        };
        let left_out = match network.layer_names().len() {
            1 => String::new(),
            _ => format!("; what is no layer is left out with --exclude {name:?}, or by naming the layers with --layers"),
        };
        return Err(Stop::Unusable(format!(
            "{} has {n} example{} and {} has {m}: row i of both must be the same example{transposed}{left_out}",
            a.source(0),
            if n == 1 { "" } else { "s" },
            network.source(layer)
        )));
    }
    Ok(())
}

/// The axes that a matrix is read with.
fn axes_of(layers: &dyn Layers, layer: usize) -> Result<&'static str, Stop> {
    let words = layers.convention(layer)?.unwrap_or_default();
    Ok(if words.split(", ").any(|word| word == "axes dn") { "dn" } else { "nd" })
}

fn turned(axes: &str) -> &'static str {
    if axes == "dn" { "nd" } else { "dn" }
}

/// Asks that every example has as many rows in all layers, where rows are positions: equal numbers
/// of rows in all may be those of other positions.
pub fn require_same_positions(a: &StoredLayers, b: &StoredLayers) -> Result<(), Stop> {
    let first = a.row_starts(0)?;
    let all = (0..a.layer_names().len()).map(|layer| (a, layer)).chain((0..b.layer_names().len()).map(|layer| (b, layer)));
    for (network, layer) in all {
        let found = network.row_starts(layer)?;
        if found == first {
            continue;
        }
        let (source, other) = (a.source(0), network.source(layer));
        if found.len() != first.len() {
            let (n, m) = (first.len() - 1, found.len() - 1);
            return Err(Stop::Unusable(format!("{source} has {n} examples and {other} has {m}: their positions are not the same rows")));
        }
        let count = |starts: &[usize], example: usize| starts[example + 1] - starts[example];
        let differs = |&example: &usize| count(&first, example) != count(&found, example);
        let example = (0..first.len() - 1).find(differs).unwrap_or_default();
        return Err(Stop::Unusable(format!(
            "example {example} has {} positions in {source} and {} in {other}: row i of both must be the same position; \
             average over them with --spatial mean",
            count(&first, example),
            count(&found, example)
        )));
    }
    Ok(())
}
