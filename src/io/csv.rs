//! Text tables as tensors, and pairs of them whose rows are matched by their ids.

use std::path::Path;

use super::Reading;
use super::disguise::explain;
use super::element::ElementType;
use super::error::Error;
use super::format::{Format, extension};
use super::network::Network;
use super::place::Place;
use super::source::Source;
use super::tensor::{Tensor, element_count};
use crate::representation::Representation;
use crate::tables::{self, Choices, Partners, Table};

/// Reads a text table.
pub(super) fn read_table(file: &Path, choices: &Choices) -> Result<Table, Error> {
    tables::read(file, choices, extension(file) == "tsv").map_err(|problem| match problem {
        tables::Problem::System(source) => Error::system(file, source),
        problem => explain(file, Error::Table { file: file.to_owned(), problem }),
    })
}

/// Reads a text table as a tensor of two axes.
pub(super) fn read_file(file: &Path, choices: &Choices) -> Result<Tensor, Error> {
    let table = read_table(file, choices)?;
    require_left_out(file, &table, |_| false)?;
    tensor(file, table)
}

fn tensor(file: &Path, table: Table) -> Result<Tensor, Error> {
    let shape = vec![table.rows, table.columns];
    element_count(&Place::new(file, None), &shape)?;
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Tensor { name, shape, element: ElementType::F64, values: table.values })
}

/// Asks that what was to be left out of a table is there, here or elsewhere.
fn require_left_out(file: &Path, table: &Table, is_elsewhere: impl Fn(&String) -> bool) -> Result<(), Error> {
    match table.absent.iter().find(|name| !is_elsewhere(name)) {
        Some(name) => {
            let problem = tables::Problem::NoSuchColumn { name: name.clone(), option: "drop-columns", names: table.names.clone() };
            Err(Error::Table { file: file.to_owned(), problem })
        }
        None => Ok(()),
    }
}

/// A representation, and what was decided on the way to it.
#[derive(Debug)]
pub struct ReadRepresentation {
    /// The representation.
    pub representation: Representation<'static>,
    /// What decided its values, in words; none where nothing was decided.
    pub convention: Option<String>,
    /// Decisions that a person may want to see, a sentence each.
    pub notes: Vec<String>,
}

/// Reads two representations of the same examples, at least one of them a text table. Where both
/// have ids, the rows of the second are put into the order of the first; otherwise rows belong
/// together as they stand.
///
/// # Errors
///
/// As [`read_representation`](super::read_representation); [`Error::IdsDiffer`].
pub fn read_pair(sources: [&Source; 2], readings: [Option<&Reading>; 2]) -> Result<[ReadRepresentation; 2], Error> {
    let mut x = Side::read(sources[0], readings[0])?;
    let mut y = Side::read(sources[1], readings[1])?;
    let is_asked = readings.iter().all(|reading| reading.is_none_or(|reading| reading.tables.index.is_none()));
    match (&mut x, &mut y) {
        (Side::Table(x), Side::Table(y)) => {
            // Tables with different columns are compared too: that one has a column is enough.
            require_left_out(&x.place.file, &x.table, |name| !y.table.absent.contains(name))?;
            require_left_out(&y.place.file, &y.table, |name| !x.table.absent.contains(name))?;
            if let Some(column) = tables::shuffled_names(&x.table, &y.table).filter(|_| is_asked) {
                let looks = "has the same distinct integers in both tables, in another order";
                let name = x.table.names.get(column - 1).cloned();
                let problem = tables::Problem::IndexOrNeuron { column, name, looks };
                return Err(Error::Table { file: y.place.file.clone(), problem });
            }
            match_rows(x, y)?;
        }
        (Side::Table(table), Side::Tensor(_)) | (Side::Tensor(_), Side::Table(table)) => {
            require_left_out(&table.place.file, &table.table, |_| false)?;
            table.stands_alone();
        }
        (Side::Tensor(_), Side::Tensor(_)) => {}
    }
    Ok([x.finish(sources[0], readings[0])?, y.finish(sources[1], readings[1])?])
}

/// One side of a pair.
enum Side {
    Table(TableSide),
    Tensor(ReadRepresentation),
}

/// A text table, before its rows are matched.
struct TableSide {
    table: Table,
    place: Place,
    notes: Vec<String>,
    words: Vec<String>,
}

impl Side {
    fn read(source: &Source, reading: Option<&Reading>) -> Result<Self, Error> {
        let file = source.path();
        if source.tensor().is_some() || file.is_dir() || Format::of_file(file)? != Format::Csv {
            let network = Network::of_source(source, reading)?;
            let representation = network.read_layer(0, reading)?.renamed(source.to_string());
            return Ok(Self::Tensor(ReadRepresentation { representation, convention: network.convention(0, reading)?, notes: Vec::new() }));
        }
        let mut table = read_table(file, &reading.map_or_else(Choices::default, |reading| reading.tables.clone()))?;
        let notes = std::mem::take(&mut table.notes).into_iter().map(|note| format!("{source}: {note}")).collect();
        let words = table.ids.iter().map(|ids| format!("{} is no neuron", ids.column)).chain(table.dropped.iter().cloned()).collect();
        Ok(Self::Table(TableSide { table, place: Place::new(file, None), notes, words }))
    }

    fn finish(self, source: &Source, reading: Option<&Reading>) -> Result<ReadRepresentation, Error> {
        let TableSide { table, place, notes, mut words } = match self {
            Self::Tensor(read) => return Ok(read),
            Self::Table(table) => table,
        };
        let tensor = tensor(&place.file, table)?;
        let (representation, more) = tensor.into_representation(source.to_string(), &place, reading)?;
        words.extend(more);
        let convention = if words.is_empty() { None } else { Some(words.join(", ")) };
        Ok(ReadRepresentation { representation, convention, notes })
    }
}

impl TableSide {
    /// Says that its ids match nothing.
    fn stands_alone(&mut self) {
        if self.table.ids.is_some() {
            self.notes.push(format!("{}: the other side has no ids: rows belong together as they stand", self.place));
        }
    }
}

/// Puts the rows of the second table into the order of the first, where both have ids.
fn match_rows(x: &mut TableSide, y: &mut TableSide) -> Result<(), Error> {
    let (Some(ids_x), Some(ids_y)) = (&x.table.ids, &y.table.ids) else {
        x.stands_alone();
        y.stands_alone();
        return Ok(());
    };
    match tables::partners(ids_x, ids_y) {
        Partners::AsTheyStand => Ok(()),
        Partners::Missing { table, row, id } => {
            let (file, other) = if table == 0 { (x, y) } else { (y, x) };
            Err(Error::IdsDiffer { file: file.place.file.clone(), other: other.place.file.clone(), row, id })
        }
        Partners::Reordered(rows) => {
            let (p, values) = (y.table.columns, &y.table.values);
            y.table.values = rows.iter().flat_map(|row| &values[row * p..(row + 1) * p]).copied().collect();
            y.notes.push(format!("{}: rows are put into the order of {} by their ids", y.place, x.place));
            y.words.push(format!("rows in the order of {} by id", x.place));
            Ok(())
        }
    }
}
