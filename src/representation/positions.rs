//! Which rows of a representation belong together.

use super::Representation;
use crate::positions::Positions;

impl Representation<'_> {
    /// The same representation, of whose rows so many are the positions of one example.
    pub fn with_positions(self, positions: Positions) -> Self {
        Self { positions, ..self }
    }

    /// How many rows an example has.
    pub fn positions(&self) -> Positions {
        self.positions
    }
}
