//! The files of results against those that the same command writes now.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use zip::ZipArchive;

use crate::cli::stop::Stop;
use crate::results::{Difference, Provenance};

/// A number or a text of a file that is not the same.
#[derive(Debug, Serialize)]
pub struct Found {
    pub file: String,
    #[serde(flatten)]
    pub difference: Difference,
}

/// What came of comparing a file.
#[derive(Debug, Serialize)]
pub struct OfFile {
    pub file: String,
    /// Numbers and texts that were compared.
    pub entries: usize,
    pub differences: usize,
    pub missing: bool,
}

/// What came of comparing all files.
#[derive(Debug, Default)]
pub struct Compared {
    pub files: Vec<OfFile>,
    pub found: Vec<Found>,
    /// Pictures, and the page that holds them.
    pub pictures: Vec<String>,
    /// What this command does not write.
    pub others: Vec<String>,
}

/// Differences of a file, as they are found.
#[derive(Default)]
struct Entries {
    count: usize,
    found: Vec<Difference>,
}

impl Entries {
    fn put(&mut self, what: String, earlier: &str, now: &str) {
        let difference = earlier.parse::<f64>().ok().zip(now.parse::<f64>().ok()).map(|(one, other)| other - one);
        let (earlier, now) = (earlier.to_string(), now.to_string());
        let (measure, layer_a, layer_b) = Default::default();
        self.found.push(Difference { measure, layer_a, layer_b, what, earlier, now, difference, error_bound: None });
    }

    /// Compares two texts.
    fn compare(&mut self, what: impl FnOnce() -> String, earlier: &str, now: &str) {
        self.count += 1;
        if earlier != now {
            self.put(what(), earlier, now);
        }
    }
}

impl Compared {
    /// Adds what was found of a file.
    pub fn add(&mut self, file: &str, entries: usize, found: Vec<Difference>) {
        self.files.push(OfFile { file: file.to_string(), entries, differences: found.len(), missing: false });
        self.found.extend(found.into_iter().map(|difference| Found { file: file.to_string(), difference }));
    }

    /// Adds the files of `now` but those that were compared, against those of `earlier`.
    pub fn add_files(&mut self, earlier: &Path, now: &Path) -> Result<(), Stop> {
        let (there, here) = (names(earlier)?, names(now)?);
        let is_compared = |name: &&String| !self.files.iter().any(|of| of.file == **name);
        let left: Vec<String> = here.iter().filter(is_compared).cloned().collect();
        for name in left {
            if !there.contains(&name) {
                self.files.push(OfFile { file: name, entries: 0, differences: 0, missing: true });
                continue;
            }
            let entries = of_file(&earlier.join(&name), &now.join(&name))?;
            self.add(&name, entries.count, entries.found);
        }
        for name in there.into_iter().filter(|name| !here.contains(name)) {
            let is_picture = [".svg", ".png", ".pdf", ".html"].iter().any(|extension| name.ends_with(extension));
            if is_picture { &mut self.pictures } else { &mut self.others }.push(name);
        }
        Ok(())
    }

    pub fn is_same(&self) -> bool {
        self.files.iter().all(|of| !of.missing && of.differences == 0)
    }
}

fn names(directory: &Path) -> Result<BTreeSet<String>, Stop> {
    let failed = |error: std::io::Error| Stop::Unusable(format!("{}: {error}", directory.display()));
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_file() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

/// Compares two files; one that cannot be read as what it should be differs as a whole.
fn of_file(earlier: &Path, now: &Path) -> Result<Entries, Stop> {
    let extension = now.extension().unwrap_or_default().to_string_lossy().into_owned();
    let compare = match extension.as_str() {
        "csv" => tables,
        "json" => documents,
        _ => archives,
    };
    let mut entries = Entries::default();
    match compare(&mut entries, earlier, now) {
        Ok(()) => Ok(entries),
        Err((file, error)) if file == earlier => {
            entries.put("the whole file".to_string(), &format!("unreadable: {error}"), "");
            Ok(entries)
        }
        Err((file, error)) => Err(Stop::Unusable(format!("{}: {error}", file.display()))),
    }
}

/// Why one of the two files cannot be read.
type Unreadable<'a> = (&'a Path, String);

fn tables<'a>(entries: &mut Entries, earlier: &'a Path, now: &'a Path) -> Result<(), Unreadable<'a>> {
    let read = |file: &'a Path| -> Result<Vec<csv::StringRecord>, Unreadable<'a>> {
        let failed = |error: csv::Error| (file, error.to_string());
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(file).map_err(failed)?;
        reader.records().collect::<Result<_, _>>().map_err(failed)
    };
    let (there, here) = (read(earlier)?, read(now)?);
    entries.compare(|| "lines".to_string(), &there.len().to_string(), &here.len().to_string());
    for (line, (one, other)) in there.iter().zip(&here).enumerate() {
        let of = |column: usize| here[0].get(column).map_or_else(|| format!("field {}", column + 1), str::to_string);
        for column in 0..one.len().max(other.len()) {
            let field = |record: &csv::StringRecord| record.get(column).unwrap_or_default().to_string();
            entries.compare(|| format!("line {}, {}", line + 1, of(column)), &field(one), &field(other));
        }
    }
    Ok(())
}

fn documents<'a>(entries: &mut Entries, earlier: &'a Path, now: &'a Path) -> Result<(), Unreadable<'a>> {
    let read = |file: &'a Path| -> Result<Value, Unreadable<'a>> {
        let text = std::fs::read_to_string(file).map_err(|error| (file, error.to_string()))?;
        let mut document: Value = serde_json::from_str(&text).map_err(|error| (file, error.to_string()))?;
        // The version is said elsewhere.
        document.as_object_mut().and_then(|document| document.remove("similitude"));
        Ok(document)
    };
    values(entries, "", &read(earlier)?, &read(now)?);
    Ok(())
}

fn values(entries: &mut Entries, at: &str, earlier: &Value, now: &Value) {
    match (earlier, now) {
        (Value::Object(one), Value::Object(other)) => {
            for name in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                let of = |object: &serde_json::Map<String, Value>| object.get(name).cloned().unwrap_or_default();
                values(entries, &at, &of(one), &of(other));
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).enumerate().for_each(|(place, (one, other))| values(entries, &format!("{at}[{place}]"), one, other));
        }
        (Value::Array(one), Value::Array(other)) => {
            entries.compare(|| format!("entries of {at}"), &one.len().to_string(), &other.len().to_string());
        }
        _ => entries.compare(|| at.to_string(), &earlier.to_string(), &now.to_string()),
    }
}

fn archives<'a>(entries: &mut Entries, earlier: &'a Path, now: &'a Path) -> Result<(), Unreadable<'a>> {
    let read = |file: &'a Path| -> Result<BTreeMap<String, Vec<u8>>, Unreadable<'a>> {
        let failed = |error: &dyn std::fmt::Display| (file, error.to_string());
        let mut archive = ZipArchive::new(File::open(file).map_err(|error| failed(&error))?).map_err(|error| failed(&error))?;
        let mut arrays = BTreeMap::new();
        for place in 0..archive.len() {
            let mut member = archive.by_index(place).map_err(|error| failed(&error))?;
            let name = member.name().map_err(|error| failed(&error))?.trim_end_matches(".npy").to_string();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).map_err(|error| failed(&error))?;
            arrays.insert(name, bytes);
        }
        Ok(arrays)
    };
    let (there, here) = (read(earlier)?, read(now)?);
    for name in there.keys().chain(here.keys()).collect::<BTreeSet<_>>() {
        match (there.get(name), here.get(name)) {
            (Some(one), Some(other)) => arrays(entries, name, one, other),
            (one, other) => {
                let said = |array: Option<&Vec<u8>>| if array.is_some() { "there" } else { "missing" };
                entries.compare(|| name.clone(), said(one), said(other));
            }
        }
    }
    Ok(())
}

/// Compares two arrays of NumPy's format: entry by entry where both hold as many numbers.
fn arrays(entries: &mut Entries, name: &str, earlier: &[u8], now: &[u8]) {
    match (numbers(earlier), numbers(now)) {
        (Some((head, one)), Some((other_head, other))) if head == other_head && one.len() == other.len() => {
            for (place, (one, other)) in one.iter().zip(&other).enumerate() {
                entries.count += 1;
                if one.to_bits() != other.to_bits() {
                    entries.put(format!("{name}[{place}]"), &format!("{one:?}"), &format!("{other:?}"));
                }
            }
        }
        _ => entries.compare(|| name.to_string(), &shown(earlier), &shown(now)),
    }
}

/// The header of an array and its numbers; none of one that has texts, or is damaged.
fn numbers(array: &[u8]) -> Option<(&[u8], Vec<f64>)> {
    let length = u16::from_le_bytes([*array.get(8)?, *array.get(9)?]) as usize;
    let (head, data) = array.split_at_checked(10 + length)?;
    let is_f64 = head.windows(3).any(|part| part == b"<f8");
    let entry = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    (is_f64 && data.len() % 8 == 0).then(|| (head, data.chunks_exact(8).map(entry).collect()))
}

/// The letters of an array of texts, or of a header.
fn shown(array: &[u8]) -> String {
    array.iter().filter(|byte| byte.is_ascii_graphic() || **byte == b' ').map(|byte| char::from(*byte)).collect()
}

/// What the provenance says that the command does not, or not so.
pub fn contradictions(earlier: &Provenance, now: &Provenance) -> (usize, Vec<Difference>) {
    let mut entries = Entries::default();
    let said = |word: Option<String>| word.unwrap_or_else(|| "none".to_string());
    let seed = |of: &Provenance| said(of.seed.map(|seed| seed.to_string()));
    entries.compare(|| "precision".to_string(), &earlier.precision.to_string(), &now.precision.to_string());
    if !earlier.measures.is_empty() {
        entries.compare(|| "measures".to_string(), &earlier.measures.join(" "), &now.measures.join(" "));
    }
    // Parts do not say a seed.
    if earlier.parts.is_none() {
        entries.compare(|| "seed".to_string(), &seed(earlier), &seed(now));
    }
    type Field = fn(&Provenance) -> &Option<String>;
    let fields: [(&str, Field); 3] = [("null", |of| &of.null), ("adjust", |of| &of.adjust), ("networks", |of| &of.networks)];
    for (name, field) in fields {
        entries.compare(|| name.to_string(), &said(field(earlier).clone()), &said(field(now).clone()));
    }
    // Another version may say it in other words.
    if earlier.version == now.version {
        entries.compare(|| "interval".to_string(), &said(earlier.interval.clone()), &said(now.interval.clone()));
    }
    (entries.count, entries.found)
}
