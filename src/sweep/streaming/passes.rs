//! Which pairs of layers are gathered in which pass over the rows.

use std::collections::BTreeMap;

use super::{Blocking, Place, Streaming};

/// A pass over the rows of some layers.
#[derive(Debug, Default)]
pub(super) struct Pass {
    pub(super) layers: Vec<Place>,
    /// The pairs whose moments are gathered, by their place in `layers`.
    pub(super) pairs: Vec<(usize, usize)>,
    /// The cells that are finished after it, and the pair of each.
    pub(super) cells: BTreeMap<(usize, usize), (usize, usize)>,
}

/// The passes in their order: a layer meets itself before the cells that need it, or in the first
/// pass that has some of them.
pub(super) fn passes(streaming: &Streaming<'_>, blocking: &Blocking, normalised: bool) -> Vec<Pass> {
    let pair = |&(row, column): &(usize, usize)| [(false, row), streaming.column(column)];
    let (diagonal, cells): (Vec<_>, Vec<_>) = streaming.tasks.keys().partition(|cell| pair(cell)[0] == pair(cell)[1]);
    // Layers that meet themselves: because CKA divides by it, or because the cell is asked for.
    let mut selves: BTreeMap<Place, Option<(usize, usize)>> = BTreeMap::new();
    if normalised {
        selves.extend(cells.iter().flat_map(pair).map(|place| (place, None)));
    }
    selves.extend(diagonal.into_iter().map(|cell| (pair(&cell)[0], Some(cell))));
    let selves: Vec<_> = selves.into_iter().collect();
    if blocking.once {
        let mut pass = Pass::default();
        selves.iter().for_each(|&(place, cell)| pass.add([place, place], cell));
        cells.iter().for_each(|cell| pass.add(pair(cell), Some(*cell)));
        return vec![pass];
    }
    let mut tiles: BTreeMap<(usize, usize), Pass> = BTreeMap::new();
    for cell in &cells {
        let tile = tiles.entry((cell.0 / blocking.tile, cell.1 / blocking.tile)).or_default();
        tile.add(pair(cell), Some(*cell));
    }
    let mut tiles: Vec<Pass> = tiles.into_values().collect();
    // Those that no tile reads, or all of them where they do not fit in beside the pairs, have
    // passes of their own.
    let mut alone = Vec::new();
    for (place, cell) in selves {
        match tiles.iter_mut().find(|pass| blocking.together && pass.layers.contains(&place)) {
            Some(pass) => pass.add([place, place], cell),
            None => alone.push((place, cell)),
        }
    }
    let mut passes: Vec<Pass> = Vec::new();
    for places in alone.chunks(blocking.tile) {
        let mut pass = Pass::default();
        places.iter().for_each(|&(place, cell)| pass.add([place, place], cell));
        passes.push(pass);
    }
    passes.extend(tiles);
    passes
}

impl Pass {
    /// Adds a pair, and the cell that it belongs to.
    fn add(&mut self, pair: [Place; 2], cell: Option<(usize, usize)>) {
        let [x, y] = pair.map(|layer| self.place(layer));
        self.pairs.push((x, y));
        if let Some(cell) = cell {
            self.cells.insert(cell, (x, y));
        }
    }

    fn place(&mut self, layer: Place) -> usize {
        self.layers.iter().position(|&known| known == layer).unwrap_or_else(|| {
            self.layers.push(layer);
            self.layers.len() - 1
        })
    }
}
