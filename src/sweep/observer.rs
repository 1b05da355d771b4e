//! Watching a sweep.

use std::time::Duration;

use super::error::Error;
use super::fit::Groups;
use super::reading::Reading;
use super::streaming::Blocking;
use crate::results::Cell;

/// Sees a sweep go by: to keep its cells, or to show how far it is. Called from many threads.
pub trait Observer: Sync {
    /// Before anything is loaded: how many layers will be prepared, and how many cells computed.
    fn started(&self, layers: usize, cells: usize) {
        let _ = (layers, cells);
    }

    /// The layers do not fit into memory, and are passed over this many times in blocks of rows.
    fn streams(&self, blocking: &Blocking, passes: usize) {
        let _ = (blocking, passes);
    }

    /// The kernel matrices of all layers do not fit into memory: those of `kept` of the layers are
    /// kept, and the others' computed again for each pair.
    fn recomputes(&self, kept: usize, layers: usize) {
        let _ = (kept, layers);
    }

    /// The layers do not fit into memory together: they are compared in groups.
    fn groups(&self, groups: &Groups) {
        let _ = groups;
    }

    /// All cells are computed, in `elapsed`: what was read of layers in blocks of neurons.
    fn read(&self, reading: &Reading, elapsed: Duration) {
        let _ = (reading, elapsed);
    }

    /// A layer is prepared.
    fn prepared(&self, layer: &str) {
        let _ = layer;
    }

    /// The cells of one pair of layers are finished.
    ///
    /// # Errors
    /// An error ends the sweep.
    fn finished(&self, cells: &[Cell]) -> Result<(), Error> {
        let _ = cells;
        Ok(())
    }
}

/// An observer that does nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoObserver;

impl Observer for NoObserver {}
