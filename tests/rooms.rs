//! The rooms of `src` stand in one order, and no room knows of one above it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rooms, lowest first. A file that stands alone in `src` is a room. Rooms of one line do not
/// know each other.
const ORDER: &[&[&str]] = &[
    &["positions"],
    &["scaled_value", "precision", "tolerance", "diagnostics", "undefined", "axes", "tables", "pickle"],
    &["error"],
    &["claims", "convention"],
    &["key"],
    &["spec", "kernel", "score"],
    &["needs"],
    &["arrays", "transport"],
    &["representation"],
    &["preprocessing"],
    &["linalg"],
    &["gram"],
    &["prepared"],
    &["measure"],
    &["measures"],
    &["reference"],
    &["registry"],
    &["laws", "moments", "io"],
    &["conformance", "results"],
    &["kept"],
    &["sweep", "report", "inference"],
    &["networks", "page"],
    // The program.
    &["cli"],
];

/// No room holds a larger share of the lines of the library. `measures` grows by a file with each
/// measure, and its files do not know each other.
const LARGEST_SHARE: f64 = 0.125;

/// What a file of a room imports: the names that follow `crate::`, and the lines where they stand.
fn imports(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().flat_map(|(number, line)| {
        let code = line.split("//").next().unwrap_or_default();
        let starts: Vec<usize> = code.match_indices("crate::").map(|(at, word)| at + word.len()).collect();
        starts.into_iter().map(move |at| {
            let rest = &code[at..];
            (number + 1, &rest[..rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len())])
        })
    })
}

/// Every file of the library with its room.
fn files(directory: &Path, room: Option<&str>, found: &mut Vec<(String, String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_stem().unwrap().to_str().unwrap().to_string();
        if path.is_dir() {
            files(&path, Some(room.unwrap_or(&name)), found);
        } else if name != "lib" && name != "main" {
            let text = fs::read_to_string(&path).unwrap();
            found.push((room.unwrap_or(&name).to_string(), path.display().to_string(), text));
        }
    }
}

fn library() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), None, &mut found);
    found
}

/// Imports that do not go down, in words.
fn upward(files: &[(String, String, String)]) -> Vec<String> {
    let floor: BTreeMap<&str, usize> =
        ORDER.iter().enumerate().flat_map(|(floor, rooms)| rooms.iter().map(move |room| (*room, floor))).collect();
    let mut wrong = Vec::new();
    for (room, file, text) in files {
        // Tests may look at everything.
        let text = if file.ends_with("_tests.rs") { "" } else { text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default() };
        let own = floor.get(room.as_str()).unwrap_or_else(|| panic!("{file} is in a room without a place in the order: {room}"));
        for (line, other) in imports(text) {
            let Some(theirs) = floor.get(other) else {
                // The program is a user of the front page, as any other.
                if *own == ORDER.len() - 1 {
                    continue;
                }
                wrong.push(format!("{file}:{line}: {room} imports {other:?} of the front page and not of its room"));
                continue;
            };
            if other != room && theirs >= own {
                wrong.push(format!("{file}:{line}: {room} imports {other}, which does not stand below it"));
            }
        }
    }
    wrong
}

#[test]
fn no_import_goes_up() {
    let wrong = upward(&library());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_of_the_order_is_there() {
    let there: BTreeSet<String> = library().into_iter().map(|(room, ..)| room).collect();
    let missing: Vec<_> = ORDER.iter().flat_map(|rooms| rooms.iter()).filter(|room| !there.contains(**room)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_room_is_much_larger_than_the_others() {
    let files = library();
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for (room, _, text) in &files {
        *lines.entry(room).or_default() += text.lines().count();
    }
    let all: usize = lines.values().sum();
    for (room, lines) in lines {
        let share = lines as f64 / all as f64;
        assert!(room == "measures" || share <= LARGEST_SHARE, "{room} holds {lines} of {all} lines, {:.1} %", 100.0 * share);
    }
}

#[test]
fn an_import_that_goes_up_is_named() {
    let file = |text: &str| [("arrays".to_string(), "src/arrays/x.rs".to_string(), text.to_string())];
    assert!(upward(&file("use crate::error::Error;\n// crate::sweep in a comment\nuse crate::arrays::sums::sum;\n")).is_empty());
    let wrong = upward(&file("use crate::error::Error;\nuse crate::prepared::Pair;\n"));
    assert_eq!(wrong, ["src/arrays/x.rs:2: arrays imports prepared, which does not stand below it"]);
}
