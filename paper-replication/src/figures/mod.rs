//! Files that leave an experiment: pictures and tables, each whole or absent.

mod chart;
mod folder;
mod heat;
mod table;

pub use chart::{COLORS, Chart, Points, Series};
pub use folder::{Folder, number, read_json, write_table, write_whole};
pub use heat::{HeatPicture, write_heat_map};
pub use table::Table;
