//! Padded positions left out, and rows chosen: the values by index, and every refusal.

use super::{reading, says, temporary};
use similitude::io::{
    Error, Mask, MaskError, Network, Reading, RowChoice, RowsError, Source, Spatial, TensorValues, read_lengths, read_mask,
    read_representation, read_rows, write_safetensors,
};

const N: usize = 6;
const T: usize = 5;
const D: usize = 3;

fn value(i: usize, t: usize, k: usize) -> f64 {
    (((i * T + t) * D + k) * 7919 % 1009) as f64
}

/// A network of a padded sequence in two layouts, its mask and its lengths.
fn files() -> (tempfile::TempDir, Source, Source, Source, Source) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.safetensors");
    let lengths = [5.0, 1.0, 3.0, 2.0, 4.0, 2.0];
    let ntd: Vec<f64> = (0..N * T * D).map(|e| value(e / (T * D), e / D % T, e % D)).collect();
    let tnd: Vec<f64> = (0..N * T * D).map(|e| value(e / D % N, e / (N * D), e % D)).collect();
    let mask: Vec<f64> = (0..N * T).map(|e| f64::from(((e % T) as f64) < lengths[e / T])).collect();
    let tensors: [(&str, &[usize], TensorValues<'_>); 4] = [
        ("ntd", &[N, T, D], TensorValues::F64(&ntd)),
        ("tnd", &[T, N, D], TensorValues::F64(&tnd)),
        ("mask", &[N, 1, T], TensorValues::F64(&mask)),
        ("lengths", &[N], TensorValues::F64(&lengths)),
    ];
    write_safetensors(&file, &tensors).unwrap();
    let source = |name| Source::from_parts(&file, Some(name));
    let sources = (source("ntd"), source("tnd"), source("mask"), source("lengths"));
    (directory, sources.0, sources.1, sources.2, sources.3)
}

fn length(i: usize) -> usize {
    [5, 1, 3, 2, 4, 2][i]
}

/// How the sequences are read, with a mask and rows.
fn how(axes: &str, spatial: Spatial, mask: Option<Mask>, rows: Option<&str>) -> Reading {
    let mut reading = reading(axes, Some(spatial));
    reading.tensors.mask = mask;
    reading.tensors.rows = rows.map(|text| read_rows(text).unwrap());
    reading
}

/// The matrix as the definition says, example by example.
fn expected(spatial: Spatial, masked: bool, rows: &[usize]) -> Vec<f64> {
    let mut values = Vec::new();
    for &i in rows {
        let kept = if masked { length(i) } else { T };
        let at = |t: usize| (0..D).map(move |k| value(i, t, k));
        match spatial {
            Spatial::Positions => (0..kept).for_each(|t| values.extend(at(t))),
            Spatial::First => values.extend(at(0)),
            Spatial::Last => values.extend(at(kept - 1)),
            Spatial::Max => values.extend((0..D).map(|k| (0..kept).map(|t| value(i, t, k)).fold(f64::MIN, f64::max))),
            Spatial::Flatten => (0..T).for_each(|t| values.extend(at(t))),
            _ => values.extend((0..D).map(|k| (0..kept).map(|t| value(i, t, k)).sum::<f64>() / kept as f64)),
        }
    }
    values
}

#[test]
fn padding_is_left_out_and_rows_are_chosen() {
    let (_directory, ntd, tnd, mask, lengths) = files();
    let masks = [None, Some(read_mask(&mask).unwrap()), Some(read_lengths(&lengths).unwrap())];
    let choices: [(Option<&str>, &[usize]); 4] =
        [(None, &[0, 1, 2, 3, 4, 5]), (Some("1:4"), &[1, 2, 3]), (Some("::-1"), &[]), (Some("4:6,0,2"), &[4, 5, 0, 2])];
    for (source, axes) in [(&ntd, "ntd"), (&tnd, "tnd")] {
        for mask in &masks {
            for spatial in [Spatial::Mean, Spatial::Max, Spatial::First, Spatial::Last, Spatial::Positions, Spatial::Flatten] {
                for (text, rows) in choices.iter().filter(|(_, rows)| !rows.is_empty()) {
                    if spatial == Spatial::Flatten && (mask.is_some() || axes == "tnd") {
                        continue;
                    }
                    let reading = how(axes, spatial, mask.clone(), *text);
                    let found = read_representation(source, Some(&reading)).unwrap();
                    let wanted = expected(spatial, mask.is_some(), rows);
                    assert_eq!(found.to_row_major().to_vec(), wanted, "{axes} {spatial} {text:?}, padding left out: {}", mask.is_some());
                    let network = Network::of_source(source, Some(&reading)).unwrap();
                    assert_eq!(network.representation_shape(0, Some(&reading)).unwrap(), (found.n(), found.p()));
                    if axes == "ntd" {
                        let (n, p) = (found.n(), found.p());
                        for (start, end) in (0..n).flat_map(|start| (start + 1..=n).map(move |end| (start, end))) {
                            let rows = network.read_rows(0, Some(&reading), start..end, vec![f64::NAN; 2]).unwrap();
                            assert_eq!(rows, wanted[start * p..end * p], "{spatial} {text:?} rows {start}..{end}");
                        }
                    } else {
                        assert!(matches!(network.require_rows(0, Some(&reading)), Err(Error::NotByRows { .. })));
                    }
                }
            }
        }
    }
    assert!(RowChoice::ranges("::-1").is_none());
}

#[test]
fn what_was_decided_is_said() {
    let (_directory, ntd, _, mask, _) = files();
    let reading = how("ntd", Spatial::Mean, Some(read_mask(&mask).unwrap()), Some("0:4"));
    let words = Network::of_source(&ntd, Some(&reading)).unwrap().convention(0, Some(&reading)).unwrap().unwrap();
    for part in ["axes ntd", "spatial mean", "padding of", "x.safetensors:mask", "rows 0:4 of 6"] {
        assert!(words.contains(part), "{words}");
    }
    // Another mask, other rows, other axes: another identity.
    let identities = [
        how("ntd", Spatial::Mean, None, None),
        how("tnd", Spatial::Mean, None, None),
        how("ntd", Spatial::Max, None, None),
        how("ntd", Spatial::Mean, None, Some("0:4")),
        reading.clone(),
        how("ntd", Spatial::Mean, Some(Mask::from_mask(mask.to_string(), &[2, 1], &[1.0, 1.0]).unwrap()), Some("0:4")),
    ]
    .map(|reading| reading.identity());
    for (index, identity) in identities.iter().enumerate() {
        assert!(!identities[..index].contains(identity), "{identity}");
    }
    assert_eq!(identities[4], how("ntd", Spatial::Mean, Some(read_mask(&mask).unwrap()), Some("0:4")).identity());
}

#[test]
fn masks_that_do_not_fit() {
    let (_directory, ntd, _, mask, lengths) = files();
    let refused = |mask: Mask, spatial, rows| {
        let reading = how("ntd", spatial, Some(mask), rows);
        read_representation(&ntd, Some(&reading)).map(|found| found.n()).unwrap_err()
    };
    let whole = || read_mask(&mask).unwrap();
    says(&refused(whole(), Spatial::Flatten, None), &["x.safetensors:ntd", "would make neurons of the padding"]);
    says(&refused(whole(), Spatial::Token(2), None), &["token=2", "example 1 has 1 positions"]);
    let narrow = Mask::from_mask("m", &[N, 4], &[1.0; N * 4]).unwrap();
    says(&refused(narrow, Spatial::Mean, None), &["m: (6, 4)", "(6, 5)"]);
    let mut nothing = vec![1.0; N * T];
    nothing[2 * T..3 * T].fill(0.0);
    let nothing = Mask::from_mask("m", &[N, T], &nothing).unwrap();
    says(&refused(nothing.clone(), Spatial::Mean, None), &["all positions of example 2 are padding"]);
    let rows = how("ntd", Spatial::Mean, Some(nothing), Some("3:6"));
    assert!(read_representation(&ntd, Some(&rows)).is_ok());
    let long = Mask::from_lengths("l", &[N], &[5.0, 1.0, 3.0, 6.0, 4.0, 2.0]).unwrap();
    says(&refused(long, Spatial::Mean, None), &["l: example 3 has length 6", "5 positions"]);
    assert!(matches!(Mask::from_mask("m", &[1, 2], &[1.0, 0.5]), Err(MaskError::NotAMask { example: 0, .. })));
    assert!(matches!(Mask::from_mask("m", &[2], &[1.0, 0.0]), Err(MaskError::Shape { .. })));
    assert!(matches!(Mask::from_lengths("l", &[2], &[1.0, 0.0]), Err(MaskError::NotALength { example: 1, .. })));
    assert!(matches!(read_lengths(&mask), Err(Error::Mask(MaskError::Shape { .. }))));
    assert!(matches!(read_mask(&lengths), Err(Error::Mask(MaskError::Shape { .. }))));
}

#[test]
fn rows_as_they_are_asked_for() {
    let rows = |text: &str, n: usize| read_rows(text).unwrap().resolve(n).map(|rows| rows.to_vec());
    assert_eq!(rows("2:5", 10).unwrap(), [2, 3, 4]);
    assert_eq!(rows(":3", 10).unwrap(), [0, 1, 2]);
    assert_eq!(rows("-2:", 10).unwrap(), [8, 9]);
    assert_eq!(rows("-1", 10).unwrap(), [9]);
    assert_eq!(rows("::4,1", 10).unwrap(), [0, 4, 8, 1]);
    assert_eq!(rows("0:10:3", 10).unwrap(), [0, 3, 6, 9]);
    assert!(matches!(rows("0:11", 10), Err(RowsError::Beyond { row: 10, n: 10, .. })));
    assert!(matches!(rows("-11:", 10), Err(RowsError::Beyond { .. })));
    assert!(matches!(rows("10", 10), Err(RowsError::Beyond { .. })));
    assert!(matches!(rows("0:3,2", 10), Err(RowsError::Twice { row: 2, .. })));
    assert!(matches!(rows("3:3", 10), Err(RowsError::Nothing { .. })));
    assert!(matches!(read_rows("no such file"), Err(Error::Rows(RowsError::Unreadable { .. }))));

    let (directory, file) = temporary("rows.txt", "4\n0 7\n2,");
    assert_eq!(rows(file.to_str().unwrap(), 8).unwrap(), [4, 0, 7, 2]);
    assert!(matches!(rows(file.to_str().unwrap(), 7), Err(RowsError::Beyond { row: 7, .. })));
    std::fs::write(&file, "4\nfour\n").unwrap();
    assert!(matches!(read_rows(file.to_str().unwrap()), Err(Error::Rows(RowsError::NotARow { .. }))));
    let flags = directory.path().join("flags.npy");
    std::fs::write(&flags, super::npy("{'descr': '|b1', 'fortran_order': False, 'shape': (4,)}", &[1, 0, 0, 1])).unwrap();
    assert_eq!(rows(flags.to_str().unwrap(), 4).unwrap(), [0, 3]);
    assert!(matches!(rows(flags.to_str().unwrap(), 5), Err(RowsError::OtherLength { found: 4, n: 5, .. })));
    let numbers = directory.path().join("numbers.npy");
    std::fs::write(&numbers, super::npy("{'descr': '|i1', 'fortran_order': False, 'shape': (3,)}", &[1, 0, 3])).unwrap();
    assert_eq!(rows(numbers.to_str().unwrap(), 4).unwrap(), [1, 0, 3]);
}

#[test]
fn samples_are_drawn_from_their_seed() {
    let sample = |count, seed, n| RowChoice::sample(count, seed).resolve(n).map(|rows| rows.to_vec());
    let drawn = sample(100, 1, 1000).unwrap();
    assert!(drawn.len() == 100 && drawn.is_sorted() && drawn.windows(2).all(|pair| pair[0] != pair[1]) && drawn[99] < 1000);
    assert_eq!(sample(100, 1, 1000).unwrap(), drawn);
    assert_ne!(sample(100, 2, 1000).unwrap(), drawn);
    assert_eq!(sample(5, 1, 5).unwrap(), [0, 1, 2, 3, 4]);
    assert!(matches!(sample(6, 1, 5), Err(RowsError::TooFew { count: 6, n: 5 })));
    // Copies of a choice do not draw other examples of another number of them.
    let choice = RowChoice::sample(3, 1);
    choice.clone().resolve(10).unwrap();
    assert!(matches!(choice.resolve(11), Err(RowsError::OtherExamples { n: 11, known: 10, .. })));
    let last = read_rows("-3:").unwrap();
    last.resolve(10).unwrap();
    assert!(matches!(last.clone().resolve(11), Err(RowsError::OtherExamples { .. })));
    let first = read_rows("0:3").unwrap();
    assert_eq!(first.resolve(10).unwrap(), first.clone().resolve(11).unwrap());
    // Every example is drawn now and then.
    let mut seen = [0; 10];
    (0..200).for_each(|seed| sample(3, seed, 10).unwrap().iter().for_each(|&row| seen[row] += 1));
    assert!(seen.iter().all(|&count| (30..=90).contains(&count)), "{seen:?}");
}
