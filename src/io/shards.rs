//! One `.safetensors` archive, or the shards of one model.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::format::extension;
use super::layers_error::LayersError;
use super::safetensors::Safetensors;

/// Archives whose tensors are read as those of one.
#[derive(Debug)]
pub(super) struct Shards {
    /// What a person named: a file, a directory, or an index.
    path: PathBuf,
    parts: Vec<Safetensors>,
    names: Vec<String>,
    /// The part and the tensor in it of every name.
    places: Vec<(usize, usize)>,
}

impl Shards {
    /// A single archive.
    pub(super) fn open_file(file: &Path) -> Result<Self, Error> {
        Self::of_files(file, &[file.to_owned()])
    }

    /// Archives that `path` stands for, one after the other.
    pub(super) fn of_files(path: &Path, files: &[PathBuf]) -> Result<Self, Error> {
        let parts = files.iter().map(|file| Safetensors::open(file)).collect::<Result<Vec<_>, _>>()?;
        let (mut names, mut places) = (Vec::new(), Vec::new());
        for (part, archive) in parts.iter().enumerate() {
            names.extend_from_slice(archive.names());
            places.extend((0..archive.names().len()).map(|tensor| (part, tensor)));
        }
        Ok(Self { path: path.to_owned(), parts, names, places })
    }

    /// The shards that an index names, with the tensors that it puts there.
    pub(super) fn of_index(index: &Path) -> Result<Self, Error> {
        let damaged = |detail: String| Error::Layers { path: index.to_owned(), problem: LayersError::Index { detail } };
        let text = std::fs::read(index).map_err(|source| Error::system(index, source))?;
        let parsed: serde_json::Value = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        let map = parsed.get("weight_map").and_then(serde_json::Value::as_object);
        let map = map.ok_or_else(|| damaged("it has no object \"weight_map\" of tensors and files".to_owned()))?;
        let mut wanted: BTreeMap<&str, &str> = BTreeMap::new();
        for (tensor, file) in map {
            let file = file.as_str().ok_or_else(|| damaged(format!("the file of {tensor:?} is no text")))?;
            wanted.insert(tensor, file);
        }
        let mut files: Vec<PathBuf> = wanted.values().map(|file| index.with_file_name(file)).collect();
        files.sort();
        files.dedup();
        if let Some(missing) = files.iter().find(|file| !file.exists()) {
            return Err(Error::Layers { path: index.to_owned(), problem: LayersError::MissingShard { shard: missing.clone() } });
        }
        let mut shards = Self::of_files(index, &files)?;
        let mut kept = Vec::new();
        for (tensor, file) in wanted {
            let place = (0..shards.names.len())
                .find(|&at| shards.names[at] == tensor && shards.parts[shards.places[at].0].file() == index.with_file_name(file));
            kept.push(place.ok_or_else(|| damaged(format!("{file} does not hold {tensor:?}")))?);
        }
        shards.names = kept.iter().map(|&at| shards.names[at].clone()).collect();
        shards.places = kept.iter().map(|&at| shards.places[at]).collect();
        Ok(shards)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The archive that holds a tensor, and its number there.
    pub(super) fn part(&self, index: usize) -> (&Safetensors, usize) {
        let (part, tensor) = self.places[index];
        (&self.parts[part], tensor)
    }

    /// The order of layers that the metadata name, part after part.
    pub(super) fn order(&self) -> Option<Vec<String>> {
        let orders: Vec<Vec<String>> = self.parts.iter().filter_map(Safetensors::order).collect();
        if orders.is_empty() { None } else { Some(orders.concat()) }
    }

    /// The files.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.parts.iter().map(|part| part.file().to_owned()).collect()
    }
}

/// The shards among archives, in their order, if they are those of one model:
/// `NAME-00001-of-00003`.
pub(super) fn of_one_model(directory: &Path, archives: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let several = || Error::Layers { path: directory.to_owned(), problem: LayersError::SeveralArchives { files: archives.to_vec() } };
    if let [alone] = archives
        && shard(alone).is_none()
    {
        return Ok(archives.to_vec());
    }
    if archives.iter().any(|file| extension(file) != "safetensors") {
        return Err(several());
    }
    let mut found = BTreeMap::new();
    let mut models = Vec::new();
    for file in archives {
        let Some((model, number, of, digits)) = shard(file) else { return Err(several()) };
        models.push((model, of, digits));
        found.insert(number, file.clone());
    }
    models.dedup();
    let [(model, of, digits)] = &models[..] else { return Err(several()) };
    if let Some(missing) = (1..=*of).find(|number| !found.contains_key(number)) {
        let shard = PathBuf::from(format!("{model}-{missing:0digits$}-of-{of:0digits$}.safetensors", digits = *digits));
        return Err(Error::Layers { path: directory.to_owned(), problem: LayersError::MissingShard { shard } });
    }
    if found.len() != archives.len() || found.len() != *of {
        return Err(several());
    }
    Ok(found.into_values().collect())
}

/// The model, the number, the number of shards, and the digits of a number, in a shard's name.
fn shard(file: &Path) -> Option<(String, usize, usize, usize)> {
    let stem = file.file_stem()?.to_string_lossy().into_owned();
    let (rest, of) = stem.rsplit_once("-of-")?;
    let (model, number) = rest.rsplit_once('-')?;
    Some((model.to_owned(), number.parse().ok()?, of.parse().ok()?, number.len()))
}
