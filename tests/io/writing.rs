//! What is written reads back to the same bits, and is whole or absent.

use std::io::Write;
use std::path::Path;

use super::says;
use similitude::io::{
    ElementType, Error, Network, Source, TensorValues, read_representation, read_tensor, write_atomically, write_npy, write_safetensors,
};

/// The names of the files in a directory.
fn listing(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn npy_reads_back() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.npy");
    let values = [0.1, -0.0, 5e-324, f64::MAX, 1.0 / 3.0, -1e-200];
    write_npy(&file, 3, 2, &values).unwrap();
    let found = read_representation(&Source::from_parts(&file, None), None).unwrap();
    assert_eq!((found.n(), found.p()), (3, 2));
    assert_eq!(found.to_row_major().iter().map(|v| v.to_bits()).collect::<Vec<_>>(), values.map(f64::to_bits));
    assert_eq!(listing(directory.path()), ["x.npy"]);
}

#[test]
fn safetensors_reads_back_in_the_order_given() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.safetensors");
    let tensors: [(&str, &[usize], TensorValues<'_>); 3] = [
        ("z", &[3, 1], TensorValues::F32(&[1.5, 0.1, f32::MIN_POSITIVE])),
        ("a", &[2, 2], TensorValues::F64(&[0.1, -0.0, 5e-324, f64::MAX])),
        ("m", &[2, 1, 1, 1], TensorValues::F32(&[3.0, 4.0])),
    ];
    write_safetensors(&file, &tensors).unwrap();
    let network = Network::open(&file, None).unwrap();
    assert_eq!(network.layer_names(), ["z", "a", "m"]);
    for (name, shape, values) in tensors {
        let found = read_tensor(&Source::from_parts(&file, Some(name))).unwrap();
        assert_eq!(found.shape, shape);
        match values {
            TensorValues::F32(values) => {
                assert_eq!(found.element, ElementType::F32);
                assert_eq!(found.values, values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>());
            }
            TensorValues::F64(values) => {
                assert_eq!(found.element, ElementType::F64);
                assert_eq!(found.values, values);
            }
        }
    }
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.npy");
    let error = write_npy(&file, 2, 3, &[0.0; 5]).unwrap_err();
    assert!(matches!(error, Error::ValueCount { found: 5, .. }));
    says(&error, &["x.npy", "[2, 3]", "5 given"]);

    let file = directory.path().join("x.safetensors");
    let values = TensorValues::F64(&[1.0, 2.0]);
    let error = write_safetensors(&file, &[("x", &[3], values)]).unwrap_err();
    assert!(matches!(error, Error::ValueCount { found: 2, .. }));
    let error = write_safetensors(&file, &[("x", &[2], values), ("x", &[2], values)]).unwrap_err();
    assert!(matches!(error, Error::DuplicateTensor { .. }));
    let error = write_safetensors(&file, &[("__metadata__", &[2], values)]).unwrap_err();
    assert!(matches!(error, Error::ReservedName { .. }));
    says(&error, &["x.safetensors", "\"__metadata__\""]);
    assert!(matches!(write_safetensors(&file, &[]), Err(Error::NoTensors { .. })));
    assert!(listing(directory.path()).is_empty());
}

#[test]
fn a_file_is_whole_or_what_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scores.csv");
    write_atomically(&file, |writer| writer.write_all(b"first")).unwrap();

    // Fails half-way, with the half already on its way to the disk.
    let error = write_atomically(&file, |writer| {
        writer.write_all(b"sec")?;
        writer.flush()?;
        // The name still holds what it held: the half is not visible under it.
        assert_eq!(std::fs::read(&file)?, b"first");
        Err(std::io::Error::other("the disk is on fire"))
    })
    .unwrap_err();
    assert!(matches!(error, Error::System { .. }));
    says(&error, &["scores.csv", "the disk is on fire"]);
    assert_eq!(std::fs::read(&file).unwrap(), b"first");
    assert_eq!(listing(directory.path()), ["scores.csv"]);

    // A panic leaves nothing behind either.
    let panicked = std::panic::catch_unwind(|| write_atomically(&file, |_| panic!("planned")));
    assert!(panicked.is_err());
    assert_eq!(listing(directory.path()), ["scores.csv"]);

    write_atomically(&file, |writer| writer.write_all(b"second")).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"second");
    assert_eq!(listing(directory.path()), ["scores.csv"]);
}

#[test]
fn places_that_cannot_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let error = write_npy(directory.path().join("absent/x.npy"), 1, 1, &[0.0]).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    says(&error, &["absent/x.npy"]);
    // A directory of that name cannot be replaced by a file; nothing is left beside it.
    let taken = directory.path().join("taken.npy");
    std::fs::create_dir(&taken).unwrap();
    assert!(matches!(write_npy(&taken, 1, 1, &[0.0]), Err(Error::System { .. })));
    assert_eq!(listing(directory.path()), ["taken.npy"]);
    assert!(matches!(write_npy("..", 1, 1, &[0.0]), Err(Error::System { .. })));
}
