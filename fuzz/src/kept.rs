//! Kept results of sweeps.

use std::collections::BTreeSet;

use similitude::kept::{Header, NetworkHeader, Partial};
use similitude::sweep::{Layers, LayersInMemory, NoObserver, Part, Sweep, merge_shards};
use similitude::{Measure, Precision, Representation};

use super::file;

/// The header of the sweep that the cells are of.
fn header() -> Header {
    let network = |name: &str| NetworkHeader {
        name: name.to_owned(),
        layers: vec![("0".to_owned(), 8, 2), ("1".to_owned(), 8, 3)],
        identity: vec!["a file".to_owned()],
    };
    Header {
        similitude: env!("CARGO_PKG_VERSION").to_owned(),
        a: network("a"),
        b: Some(network("b")),
        measures: vec![Measure::parse("cka").expect("a measure").to_string()],
        precision: Precision::default(),
    }
}

/// Inputs that are no files of the corpus: results of a small sweep as this version writes them,
/// with what the machine adds.
pub fn made(target: &str) -> Vec<Vec<u8>> {
    let layer = |name: &str, p: usize| {
        let values: Vec<f64> = (0..8 * p).map(|at| ((at * at * 7 + p) % 11) as f64).collect();
        Representation::from_row_major(name.to_owned(), 8, p, values).expect("a layer")
    };
    let network = |name: &str| LayersInMemory::new(name, vec![layer("0", 2), layer("1", 3)]);
    let (a, b) = (network("a"), network("b"));
    let cka = || vec![Measure::parse("cka").expect("a measure")];
    let part = Part::new(1, 1);
    match target {
        "cells" => {
            let path = file("made.jsonl", b"");
            let (partial, _) = Partial::open(&path, &header()).expect("a new file");
            let cells = Sweep::new(&a, Some(&b), cka()).compute(&BTreeSet::new(), &NoObserver).expect("cells");
            partial.append(&cells).expect("room for the cells");
            let whole = std::fs::read(path).expect("the file");
            // A writer that was stopped in the header, and one that began anew.
            vec![[b"{\"", &whole[..]].concat(), whole]
        }
        "shards" => [Some(&b), None]
            .into_iter()
            .map(|b| {
                let path = file("made.json", b"");
                let sweep = Sweep::new(&a, b.map(|b| b as &dyn Layers), cka()).with_part(part);
                sweep.run_part(Vec::new(), &NoObserver, &path).expect("a part");
                std::fs::read(path).expect("the file")
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Takes up a sweep from its finished cells: a cell is in the table, and none is there twice.
pub(super) fn cells(bytes: &[u8]) {
    let path = file("cells.jsonl", &sealed_anew(bytes));
    if let Ok((partial, cells)) = Partial::open(&path, &header()) {
        for (index, cell) in cells.iter().enumerate() {
            assert!(cell.row < 2 && cell.column < 2 && cell.measure < 1, "a cell of the sweep");
            let twice = |other: &&similitude::results::Cell| (other.row, other.column) == (cell.row, cell.column);
            assert!(!cells[..index].iter().any(|other| twice(&other)), "a cell once");
        }
        drop(partial);
        let again = Partial::open(&path, &header()).expect("what was taken up can be taken up again").1;
        assert_eq!(again.len(), cells.len(), "cells of the file that was left");
    }
}

/// Puts parts together: one file is all of a sweep's parts or none.
pub(super) fn shards(bytes: &[u8]) {
    let path = file("shard-1-of-1.json", &sealed_anew(bytes));
    let directory = path.parent().expect("it is in a directory").to_owned();
    if let Ok(scores) = merge_shards(&directory) {
        let cells = scores.a().layers.len() * scores.b().layers.len();
        assert!((0..scores.measures().len()).all(|measure| scores.outcomes(measure).len() == cells), "a whole table");
    }
}

/// The lines with checksums that fit, so that what is behind them is tried too. A file that starts
/// with `!` is tried as it stands behind that.
fn sealed_anew(bytes: &[u8]) -> Vec<u8> {
    const START: &[u8] = b"{\"sum\":\"";
    if let [b'!', rest @ ..] = bytes {
        return rest.to_vec();
    }
    let mut whole = Vec::with_capacity(bytes.len());
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if index > 0 {
            whole.push(b'\n');
        }
        match line.strip_prefix(START).filter(|rest| rest.len() > 10) {
            Some(rest) => {
                let (rest, comma) = rest[10..].strip_suffix(b",").map_or((&rest[10..], &b""[..]), |rest| (rest, b","));
                let rest = rest.strip_prefix(b",").unwrap_or(rest);
                whole.extend_from_slice(START);
                whole.extend_from_slice(format!("{:08x}\",", crc32fast::hash(rest)).as_bytes());
                whole.extend_from_slice(rest);
                whole.extend_from_slice(comma);
            }
            None => whole.extend_from_slice(line),
        }
    }
    whole
}
