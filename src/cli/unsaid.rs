//! Matrices between examples that nothing said to be such.

use crate::Preprocessing;
use crate::cli::tell::tell_once;
use crate::representation::examples_of;
use crate::sweep::Layers;

/// Rows that are looked at: a corner of this size that is symmetric is no chance.
const CORNER: usize = 64;
/// Bytes of a layer that is read as a whole where its first rows cannot be read alone.
const MOST: usize = 1 << 26;

/// Says which layers look like kernels or dissimilarities between the examples, where they are read
/// as examples by neurons.
pub fn note<L: Layers + ?Sized>(sides: &[(&L, Preprocessing)]) {
    let unsaid = || sides.iter().filter(|(_, steps)| !steps.gram && !steps.rdm).map(|(layers, _)| *layers);
    for layers in unsaid() {
        for layer in 0..layers.layer_names().len() {
            let Ok((n, p)) = layers.shape(layer) else { continue };
            if n == p
                && n > 2
                && let Some(rows) = corner(layers, layer, n)
            {
                note_square(&layers.source(layer), n, &rows);
            }
        }
    }
    let vectors = |layers: &L| (0..layers.layer_names().len()).all(|layer| is_condensed(layers, layer));
    if unsaid().count() > 0 && unsaid().count() == sides.len() && unsaid().all(vectors) {
        let first = sides[0].0;
        if let Ok((n, _)) = first.shape(0) {
            let examples = examples_of(n).unwrap_or_default();
            tell_once(format!(
                "note: {}: {n} numbers, one of each example; if they are the dissimilarities of all pairs of {examples} examples (pdist), \
                 say --rdm",
                first.source(0)
            ));
        }
    }
}

/// The first rows of a square layer; none where they cannot be read, which is said elsewhere.
fn corner<L: Layers + ?Sized>(layers: &L, layer: usize, n: usize) -> Option<Vec<Vec<f64>>> {
    let rows = n.min(CORNER);
    let values = if layers.require_rows(layer).is_ok() {
        layers.read_rows(layer, 0..rows, Vec::new()).ok()?
    } else if n * n * size_of::<f64>() <= MOST {
        layers.load(layer).ok()?.to_row_major()
    } else {
        return None;
    };
    Some(values.chunks_exact(n).take(rows).map(|row| row[..rows].to_vec()).collect())
}

fn note_square(source: &str, n: usize, rows: &[Vec<f64>]) {
    let pairs = || (0..rows.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    // A diagonal matrix is a label of each example more often than a kernel.
    let is_symmetric = pairs().all(|(i, j)| rows[i][j] == rows[j][i]) && pairs().any(|(i, j)| rows[i][j] != 0.0);
    if !is_symmetric {
        return;
    }
    let (looks, what, option) = if (0..rows.len()).all(|i| rows[i][i] == 0.0) {
        ("symmetric with zeros on its diagonal", "dissimilarities between the examples", "--rdm")
    } else {
        ("symmetric", "a kernel (Gram) matrix between the examples", "--gram")
    };
    tell_once(format!("note: {source}: {n} x {n}, {looks}, and read as {n} neurons; if it is {what}, say {option}"));
}

/// Whether a layer is a vector as long as the pairs of some examples, none of them negative.
fn is_condensed<L: Layers + ?Sized>(layers: &L, layer: usize) -> bool {
    let Ok((n, 1)) = layers.shape(layer) else { return false };
    let is_positive = || layers.load(layer).is_ok_and(|vector| vector.to_row_major().iter().all(|&value| value >= 0.0));
    n > 3 && n * size_of::<f64>() <= MOST && examples_of(n).is_ok() && is_positive()
}
