//! Tests of `partial.rs`.

use super::*;
use crate::kept::NetworkHeader;
use crate::precision::Precision;
use crate::results::{Facts, Failure, Outcome};

fn header() -> Header {
    let a = NetworkHeader { name: "a.npz".into(), layers: vec![("conv1".into(), 10, 3), ("conv2".into(), 10, 4)], identity: vec![] };
    Header {
        similitude: "0.1.0".into(),
        a,
        b: None,
        measures: vec!["cka:kernel=linear,estimator=biased".into()],
        precision: Precision::Double,
    }
}

fn cells() -> Vec<Cell> {
    let diagnostics = serde_json::from_str(r#"{"condition": 1.5, "rank_x": 3}"#).unwrap();
    let value = Outcome::Value { value: 0.1, diagnostics };
    let failure = Outcome::Failure { error: Failure { kind: "degenerate".into(), message: "n = 10".into() } };
    vec![Cell { row: 0, column: 1, measure: 0, outcome: value }, Cell { row: 1, column: 1, measure: 0, outcome: failure }]
}

fn written() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cells.jsonl");
    let (partial, earlier) = Partial::open(&path, &header()).unwrap();
    assert_eq!(earlier, []);
    partial.append(&cells()).unwrap();
    (directory, path)
}

#[test]
fn cells_come_back_to_the_bit() {
    let (_directory, path) = written();
    assert_eq!(Partial::open(&path, &header()).unwrap().1, cells());
    // A parser of decimals that is not exact reads some of these one bit too low.
    let mut wide = header();
    wide.a.layers = (0..25).map(|layer| (format!("h.{layer}"), 10, 3)).collect();
    let path = path.with_file_name("wide.jsonl");
    let many: Vec<Cell> = (0..500_usize)
        .map(|index| {
            let outcome = Outcome::Value { value: (index as f64).sin().abs(), diagnostics: Facts::default() };
            Cell { row: index / 25, column: index % 25, measure: 0, outcome }
        })
        .collect();
    let (partial, _) = Partial::open(&path, &wide).unwrap();
    many.chunks(99).for_each(|cells| partial.append(cells).unwrap());
    drop(partial);
    assert_eq!(Partial::open(&path, &wide).unwrap().1, many);
    // A cell that is there twice, with one outcome, is one cell.
    let bytes = std::fs::read(&path).unwrap();
    let last = bytes[..bytes.len() - 1].rsplit(|&byte| byte == b'\n').next().unwrap();
    std::fs::write(&path, [&bytes[..], last, b"\n"].concat()).unwrap();
    assert_eq!(Partial::open(&path, &wide).unwrap().1, many);
}

#[test]
fn a_torn_last_line_is_dropped_wherever_it_is_torn() {
    let (_directory, path) = written();
    let whole = std::fs::read(&path).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] == b'\n').map(|at| at + 1).collect();
    for length in 0..=whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let (partial, cells_read) = Partial::open(&path, &header()).unwrap();
        let complete = ends.iter().filter(|&&end| end <= length).count();
        assert_eq!(cells_read, cells()[..complete.saturating_sub(1)], "cut after {length} bytes");
        // What was torn is gone, so that the next cell does not continue it.
        partial.append(&cells()[complete.saturating_sub(1)..]).unwrap();
        drop(partial);
        assert_eq!(std::fs::read(&path).unwrap(), whole, "cut after {length} bytes");
    }
}

#[test]
fn another_sweep_is_refused_and_the_difference_named() {
    let (_directory, path) = written();
    let mut other = header();
    other.measures = vec!["procrustes:form=distance".into()];
    let message = Partial::open(&path, &other).unwrap_err().to_string();
    assert!(message.contains("measures: there cka:kernel=linear,estimator=biased, here procrustes:form=distance"), "{message}");
    other = header();
    other.a.layers[1].2 = 5;
    let message = Partial::open(&path, &other).unwrap_err().to_string();
    assert!(message.contains("conv2 10 x 4") && message.contains("conv2 10 x 5"), "{message}");
    // Nothing of the refused file is lost.
    assert_eq!(Partial::open(&path, &header()).unwrap().1, cells());
}

#[test]
fn a_line_that_a_full_disk_tore_is_left_out_wherever_it_is_torn() {
    let (_directory, path) = written();
    let text = std::fs::read(&path).unwrap();
    let starts: Vec<usize> = std::iter::once(0).chain((0..text.len()).filter(|&at| text[at] == b'\n').map(|at| at + 1)).collect();
    let (first, second) = (&text[starts[1]..starts[2]], &text[starts[2]..]);
    for length in 1..first.len() {
        let torn = [&text[..starts[1]], &first[..length], second].concat();
        std::fs::write(&path, torn).unwrap();
        let (partial, found) = Partial::open(&path, &header()).unwrap();
        // Without its end alone the first line is torn too.
        assert_eq!(found, cells()[1..], "torn after {length} bytes");
        assert!(partial.notices()[0].contains("1 torn line"), "{:?}", partial.notices());
        partial.append(&cells()[..1]).unwrap();
        drop(partial);
        let (partial, found) = Partial::open(&path, &header()).unwrap();
        assert_eq!((found.len(), partial.notices().len()), (2, 0));
    }
}

/// The file with its first cell changed, as somebody would who edits it, or with the checksum
/// right.
fn changed(path: &Path, from: &str, to: &str, with_sum: bool) -> Error {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<Vec<u8>> = text
        .lines()
        .map(|line| {
            let changed = line.replacen(from, to, 1);
            if with_sum { super::super::lines::seal(&changed.as_bytes()[18..]) } else { changed.into_bytes() }
        })
        .collect();
    let changed = path.with_file_name("changed.jsonl");
    std::fs::write(&changed, [lines.join(&b'\n'), b"\n".to_vec()].concat()).unwrap();
    Partial::open(changed, &header()).unwrap_err()
}

#[test]
fn edited_lines_and_values_that_cannot_be_are_errors_with_their_line() {
    let (_directory, path) = written();
    let at_line_2 = |error: Error, word: &str| {
        let message = error.to_string();
        assert!(matches!(error, Error::Damaged { line: 2, .. }) && message.contains(word), "{message}");
    };
    at_line_2(changed(&path, "0.1,", "0.2,", false), "checksum");
    at_line_2(changed(&path, "0.1,", "1.9,", true), "the value 1.9 is outside [0, 1]");
    at_line_2(changed(&path, "\"row\":0", "\"row\":2", true), "row 2, column 1, measure 0 are outside this sweep");
    at_line_2(changed(&path, "\"row\":0", "\"row\":x", true), "expected value");
    // Two outcomes of one cell.
    let message = changed(&path, "\"row\":0", "\"row\":1", true).to_string();
    assert!(message.contains("line 3") && message.contains("another outcome"), "{message}");
}

#[test]
fn a_header_of_no_sweep_is_refused() {
    let (directory, _) = written();
    let mut wrong = header();
    wrong.a.layers[0].2 = 0;
    let message = Partial::open(directory.path().join("other.jsonl"), &wrong).unwrap_err().to_string();
    assert!(message.contains("\"conv1\" is 10 x 0"), "{message}");
}

#[test]
fn a_refused_sweep_is_in_nobodys_way() {
    let (directory, path) = written();
    let mut other = header();
    other.a.identity = vec!["another file".into()];
    Partial::open(&path, &header()).unwrap().0.refuse().unwrap();
    // The sweep that was refused may go on.
    let (partial, found) = Partial::open(&path, &header()).unwrap();
    assert_eq!((found, partial.notices().len()), (cells(), 0));
    // It goes on, and is not refused any more.
    partial.append(&[Cell { row: 0, column: 0, ..cells().remove(0) }]).unwrap();
    drop(partial);
    assert!(matches!(Partial::open(&path, &other), Err(Error::OtherSweep { .. })));
    Partial::open(&path, &header()).unwrap().0.refuse().unwrap();
    let (partial, found) = Partial::open(&path, &other).unwrap();
    assert_eq!(found, []);
    assert!(partial.notices()[0].contains("3 cells of another sweep"), "{:?}", partial.notices());
    let aside = directory.path().join("cells.refused.jsonl");
    assert_eq!(Partial::open(&aside, &header()).unwrap().1.len(), 3);
    // Without cells nothing is left.
    partial.refuse().unwrap();
    assert!(!path.exists());
    drop(Partial::open(&path, &header()).unwrap());
    assert_eq!(Partial::open(&path, &other).unwrap().1, []);
}

#[test]
fn two_writers_are_refused() {
    let (_directory, path) = written();
    let _first = Partial::open(&path, &header()).unwrap();
    assert!(matches!(Partial::open(&path, &header()), Err(Error::InUse { .. })));
}
