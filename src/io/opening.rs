//! Which entries of an archive or a directory are layers, and in what order.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use glob::Pattern;

use super::archive::{find, require_names};
use super::error::Error;
use super::layers_error::LayersError;
use super::natural;

/// What a person says of the layers of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opening {
    /// Names, or patterns with `*`, `?` and `[...]`; several between commas. In this order.
    pub layers: Option<Vec<String>>,
    /// Names or patterns of entries that are no layers.
    pub exclude: Vec<String>,
    /// Whether layers stand in the order of the file, and not in that of their names.
    pub file_order: bool,
    /// How the pieces of one layer are called: `{layer}` and `{piece}`, a number.
    pub pieces: Option<String>,
}

/// What the order of the layers is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerOrder {
    /// The file's metadata.
    Metadata,
    /// The names, digits by their value.
    Names,
    /// Where the layers stand in the file.
    File,
    /// The order in which they were asked for.
    Asked,
    /// The axis that they are stacked along.
    Stack,
}

impl fmt::Display for LayerOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "in the order that the file's metadata name",
            Self::Names => "in the order of their names, numbers by their value",
            Self::File => "in the order of the file",
            Self::Asked => "in the order asked for",
            Self::Stack => "in the order that they are stacked in",
        })
    }
}

/// A layer among the entries of an archive or a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) name: String,
    /// Its entry; several where it is saved in pieces.
    pub(super) entries: Vec<usize>,
}

/// The layers of a network.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) layers: Vec<Chosen>,
    pub(super) order: LayerOrder,
    /// Whether no entry is a piece, where pieces were to be joined.
    pub(super) has_no_pieces: bool,
}

impl Opening {
    /// The layers that entries of these names make, in their order, before any is chosen or left
    /// out; `listed` is the order that the file itself names.
    pub(super) fn choose(&self, path: &Path, entries: &[String], listed: Option<Vec<String>>) -> Result<Layers, Error> {
        require_names(path, entries)?;
        let (mut layers, has_no_pieces) = self.join(path, entries)?;
        let mut order = if self.file_order { LayerOrder::File } else { LayerOrder::Names };
        if !self.file_order {
            layers.sort_by(|a, b| natural::compare(&a.name, &b.name));
        }
        if let (Some(listed), false) = (listed, self.file_order) {
            order = LayerOrder::Metadata;
            if let Some(name) = listed.iter().find(|name| !entries.contains(name)) {
                return Err(Error::Layers { path: path.to_owned(), problem: LayersError::Order { name: name.clone() } });
            }
            let place: BTreeMap<&String, usize> = listed.iter().enumerate().map(|(place, name)| (name, place)).collect();
            layers.sort_by_key(|layer| place.get(&entries[layer.entries[0]]).copied().unwrap_or(usize::MAX));
        }
        Ok(Layers { layers, order, has_no_pieces })
    }

    /// Which of these layers are taken, in what order, and what was to be left out and is not
    /// there; `stacks` names the entry that each is a layer of, where it is a stack of them.
    pub(super) fn select(&self, path: &Path, names: &[String], stacks: &[String]) -> Result<(Vec<usize>, Vec<String>), Error> {
        let names = Names { names, stacks };
        let (left_out, unmatched) = self.left_out(path, names)?;
        let mut taken = match &self.layers {
            Some(asked) => self.asked(path, asked, names)?,
            None => (0..names.names.len()).collect(),
        };
        taken.retain(|index| !left_out.contains(index));
        if taken.is_empty() {
            return Err(Error::Layers { path: path.to_owned(), problem: LayersError::NothingLeft });
        }
        Ok((taken, unmatched))
    }

    /// The layers asked for, each once.
    fn asked(&self, path: &Path, asked: &[String], names: Names<'_>) -> Result<Vec<usize>, Error> {
        if asked.is_empty() {
            return Err(Error::NoTensors { file: path.to_owned() });
        }
        let (mut layers, mut by_name) = (Vec::new(), Vec::new());
        for text in asked {
            for part in parts(text, names) {
                match names.called(&part)[..] {
                    [] => layers.extend(matches(path, &part, names)?),
                    _ if by_name.contains(&part) => {
                        return Err(Error::Layers { path: path.to_owned(), problem: LayersError::AskedTwice { name: part } });
                    }
                    ref found => {
                        layers.extend(found);
                        by_name.push(part);
                    }
                }
            }
        }
        let mut seen = vec![false; names.names.len()];
        layers.retain(|&index| !std::mem::replace(&mut seen[index], true));
        Ok(layers)
    }

    /// The layers that are left out, and what of it names none.
    fn left_out(&self, path: &Path, names: Names<'_>) -> Result<(Vec<usize>, Vec<String>), Error> {
        let (mut found, mut unmatched) = (Vec::new(), Vec::new());
        for part in self.exclude.iter().flat_map(|text| parts(text, names)) {
            match matches(path, &part, names) {
                Ok(more) => found.extend(more),
                Err(Error::MissingTensor { .. }) => unmatched.push(part),
                Err(error) => return Err(error),
            }
        }
        Ok((found, unmatched))
    }

    /// The entries, those that are pieces of one layer together; and whether none is, where there
    /// should be pieces.
    fn join(&self, path: &Path, entries: &[String]) -> Result<(Vec<Chosen>, bool), Error> {
        let single = |(index, name): (usize, &String)| Chosen { name: name.clone(), entries: vec![index] };
        let Some(template) = &self.pieces else { return Ok((entries.iter().enumerate().map(single).collect(), false)) };
        let template = Template::new(template)
            .ok_or_else(|| Error::Layers { path: path.to_owned(), problem: LayersError::Template { template: template.clone() } })?;
        let mut layers: Vec<Chosen> = Vec::new();
        let mut pieces: BTreeMap<String, Vec<(u64, usize)>> = BTreeMap::new();
        for (index, name) in entries.iter().enumerate() {
            match template.take_apart(name) {
                Some((layer, piece)) => pieces.entry(layer.to_owned()).or_default().push((piece, index)),
                None => layers.push(single((index, name))),
            }
        }
        let has_no_pieces = pieces.is_empty();
        for (layer, mut pieces) in pieces {
            pieces.sort_unstable();
            // Pieces are counted from 0 or from 1.
            let first = pieces[0].0.min(1);
            if let Some(missing) = (first..).zip(&pieces).find(|(expected, piece)| *expected != piece.0) {
                let problem = LayersError::MissingPiece { layer, found: pieces.len(), missing: missing.0 };
                return Err(Error::Layers { path: path.to_owned(), problem });
            }
            layers.push(Chosen { name: layer, entries: pieces.into_iter().map(|(_, index)| index).collect() });
        }
        require_names(path, &layers.iter().map(|layer| layer.name.clone()).collect::<Vec<_>>())?;
        Ok((layers, has_no_pieces))
    }
}

/// The names and patterns of a text: the text itself where it is a name, else what stands between
/// commas, those of names apart.
fn parts(text: &str, names: Names<'_>) -> Vec<String> {
    let is_name = |part: &str| !names.called(part).is_empty();
    let words: Vec<&str> = text.split(',').collect();
    let (mut parts, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let longest = (at + 1..=words.len()).rev().find(|&end| is_name(&words[at..end].join(",")));
        let end = longest.unwrap_or(at + 1);
        parts.push(words[at..end].join(","));
        at = end;
    }
    parts
}

/// The name that a text is, else the names that it matches as a pattern; `*` takes dots and slashes
/// too.
fn matches(path: &Path, pattern: &str, names: Names<'_>) -> Result<Vec<usize>, Error> {
    let called = names.called(pattern);
    if !called.is_empty() {
        return Ok(called);
    }
    let compiled = Pattern::new(pattern).map_err(|error| Error::Layers {
        path: path.to_owned(),
        problem: LayersError::BadPattern { pattern: pattern.to_owned(), detail: error.to_string() },
    })?;
    let all = || 0..names.names.len();
    let mut found: Vec<usize> = all().filter(|&index| compiled.matches(&names.names[index])).collect();
    if found.is_empty() {
        found = all().filter(|&index| compiled.matches(&names.stacks[index])).collect();
    }
    match found.is_empty() {
        true => find(path, names.names, pattern).map(|index| vec![index]),
        false => Ok(found),
    }
}

/// What layers are called, and the stacks that they stand in.
#[derive(Clone, Copy)]
struct Names<'a> {
    names: &'a [String],
    stacks: &'a [String],
}

impl Names<'_> {
    /// The layer of a name, else the layers of the stack of this name.
    fn called(self, name: &str) -> Vec<usize> {
        match self.names.iter().position(|other| other == name) {
            Some(index) => vec![index],
            None => (0..self.stacks.len()).filter(|&index| self.stacks[index] == name).collect(),
        }
    }
}

/// How the pieces of a layer are called.
struct Template<'a> {
    before: &'a str,
    between: &'a str,
    after: &'a str,
    piece_first: bool,
}

impl<'a> Template<'a> {
    fn new(text: &'a str) -> Option<Self> {
        let (layer, piece) = (text.find("{layer}")?, text.find("{piece}")?);
        let piece_first = piece < layer;
        let (first, second) = if piece_first { ("{piece}", "{layer}") } else { ("{layer}", "{piece}") };
        let (before, rest) = text.split_once(first)?;
        let (between, after) = rest.split_once(second)?;
        Some(Self { before, between, after, piece_first })
    }

    /// The layer and the number of the piece that a name names.
    fn take_apart<'b>(&self, name: &'b str) -> Option<(&'b str, u64)> {
        let inner = name.strip_prefix(self.before)?.strip_suffix(self.after)?;
        let (layer, digits) = if self.piece_first {
            let end = inner.find(|c: char| !c.is_ascii_digit())?;
            (inner[end..].strip_prefix(self.between)?, &inner[..end])
        } else {
            let start = inner.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            (inner[..start].strip_suffix(self.between)?, &inner[start..])
        };
        if layer.is_empty() { None } else { Some((layer, digits.parse().ok()?)) }
    }
}
