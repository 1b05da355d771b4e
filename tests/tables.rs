//! What stands in result tables, column by column and for tables that are not square.
#![cfg(feature = "cli")]

mod common;

use common::gaussian;
use similitude::report::csv;
use similitude::sweep::{LayersInMemory, NoObserver, Scores, Sweep};
use similitude::{Measure, Representation};

fn network(name: &str, widths: &[usize], seed: u64) -> LayersInMemory<'static> {
    let layer = |(index, &p): (usize, &usize)| {
        Representation::from_row_major(format!("{name}{index}"), 30, p, gaussian(30, p, seed + index as u64).values).unwrap()
    };
    LayersInMemory::new(name, widths.iter().enumerate().map(layer).collect())
}

fn scores(a: &LayersInMemory<'_>, b: &LayersInMemory<'_>, measures: &[&str]) -> Scores {
    let measures = measures.iter().map(|text| Measure::parse(text).unwrap()).collect();
    Sweep::new(a, Some(b), measures).resume(Vec::new(), &NoObserver).unwrap()
}

#[test]
fn every_column_holds_what_it_says() {
    let (a, b) = (network("a", &[2, 5], 1), network("b", &[3, 4, 7], 9));
    let scores = scores(&a, &b, &["cka", "cca", "procrustes"]);
    let mut text = Vec::new();
    csv::write(&mut text, scores.records()).unwrap();
    let mut reader = ::csv::Reader::from_reader(text.as_slice());
    assert_eq!(reader.headers().unwrap(), csv::COLUMNS.as_slice());
    let mut rows = 0;
    for (line, record) in reader.records().zip(scores.records()) {
        let line = line.unwrap();
        let cell = |column: &str| &line[csv::COLUMNS.iter().position(|known| *known == column).unwrap()];
        assert_eq!((cell("model_a"), cell("layer_a")), (record.model_a, record.layer_a.name.as_str()));
        assert_eq!((cell("model_b"), cell("layer_b")), (record.model_b, record.layer_b.name.as_str()));
        assert_eq!((cell("measure"), cell("error_kind")), (record.measure, ""));
        let number = |column: &str| cell(column).parse::<f64>().unwrap();
        assert_eq!(Some(number("value")), record.outcome.value());
        assert_eq!(["n", "p1", "p2"].map(number), [30.0, record.layer_a.p as f64, record.layer_b.p as f64]);
        let stated = ["condition", "error_bound"].map(|name| record.outcome.diagnostic(name).unwrap());
        assert_eq!(["condition", "error_bound"].map(number), stated);
        assert!(stated[1] < 1e-9 * stated[0], "a bound is far below a condition: {line:?}");
        rows += 1;
    }
    assert_eq!(rows, 3 * 2 * 3);
}

/// Two layers against three: a place that is right only in a square table shows.
#[test]
fn a_mirrored_table_is_the_sweep_the_other_way() {
    let (a, b) = (network("a", &[2, 5], 1), network("b", &[3, 4, 7], 9));
    let measures = ["cka", "cca", "procrustes"];
    let (mirrored, backward) = (scores(&a, &b, &measures).mirrored(), scores(&b, &a, &measures));
    let of = |scores: &Scores| {
        let cell = |record: similitude::sweep::Record<'_>| {
            (record.measure.to_string(), record.layer_a.name.clone(), record.layer_b.name.clone(), record.outcome.value().unwrap())
        };
        scores.records().map(cell).collect::<Vec<_>>()
    };
    let (mirrored, backward) = (of(&mirrored), of(&backward));
    assert_eq!(mirrored.len(), 3 * 3 * 2);
    for (one, other) in mirrored.iter().zip(&backward) {
        assert_eq!((&one.0, &one.1, &one.2), (&other.0, &other.1, &other.2));
        assert!((one.3 - other.3).abs() <= 1e-14, "{one:?} and {other:?}");
    }
}

/// A square array in Fortran order is not its transpose.
#[test]
fn a_square_array_in_fortran_order_keeps_its_axes() {
    use similitude::io::{Source, read_representation};
    let directory = tempfile::tempdir().unwrap();
    for (order, entry) in
        [("True", [[0.0, 3.0, 6.0], [1.0, 4.0, 7.0], [2.0, 5.0, 9.0]]), ("False", [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 9.0]])]
    {
        let mut header = format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': (3, 3), }}");
        header += &" ".repeat(128 - 10 - 1 - header.len());
        header.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.bytes());
        bytes.extend([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0f64].iter().flat_map(|value| value.to_le_bytes()));
        let path = directory.path().join("x.npy");
        std::fs::write(&path, bytes).unwrap();
        let x = read_representation(&Source::from_parts(&path, None), None).unwrap();
        let got: Vec<[f64; 3]> = (0..3).map(|i| [0, 1, 2].map(|j| x.view()[(i, j)])).collect();
        assert_eq!(got, entry, "fortran_order {order}");
    }
}
