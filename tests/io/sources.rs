//! What a source alone gives without being read whole: its shape, its rows, its columns; the same
//! errors where it is wrong.

use similitude::io::{Error, Network, Reading, Source, Spatial, read_representation};

use super::columns::{array, every_type};
use super::{fixture, named, says, stored_columns, temporary};

/// Examples and neurons from the header.
fn shape(source: &Source, reading: Option<&Reading>) -> Result<(usize, usize), Error> {
    Network::of_source(source, reading)?.representation_shape(0, reading)
}

fn require_rows(source: &Source) -> Result<(), Error> {
    let flattened = named(Spatial::Flatten);
    Network::of_source(source, None)?.require_rows(0, flattened.as_ref())
}

fn rows_from(source: &Source, reading: Option<&Reading>, rows: std::ops::Range<usize>, room: Vec<f64>) -> Result<Vec<f64>, Error> {
    Network::of_source(source, reading)?.read_rows(0, reading, rows, room)
}

/// A csv file, a Fortran-order matrix, images, and tensors of archives.
fn sources() -> (tempfile::TempDir, [Source; 6]) {
    let (directory, csv) = temporary("x.csv", "a,b,c\n1,2,3\n4,5,6\n");
    let write = |name: &str, bytes: Vec<u8>| {
        let file = directory.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let matrix = write("f.npy", array("f2", &[5, 3], false, true));
    let images = write("i.npy", array("f4", &[5, 3, 2, 4], true, false));
    let archive = write("net.safetensors", every_type());
    let sources = [
        Source::from_parts(csv, None),
        Source::from_parts(matrix, None),
        Source::from_parts(images, None),
        Source::from_parts(&archive, Some("odd")),
        Source::from_parts(&archive, Some("u4")),
        Source::from_parts(fixture("layers.npz"), Some("conv1")),
    ];
    (directory, sources)
}

const CHOICES: [Option<Spatial>; 4] = [None, Some(Spatial::Flatten), Some(Spatial::Mean), Some(Spatial::Positions)];

#[test]
fn the_shape_is_that_of_the_representation() {
    let (_directory, sources) = sources();
    // A .csv file has no header that tells: it is read as a whole or not at all.
    assert!(matches!(shape(&sources[0], None).unwrap_err(), Error::NotANetwork { .. }));
    for source in &sources[1..] {
        for spatial in CHOICES {
            let reading = named(spatial);
            let whole = read_representation(source, reading.as_ref()).map(|whole| (whole.n(), whole.p()));
            match (shape(source, reading.as_ref()), whole) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{source} {spatial:?}"),
                (found, expected) => assert_eq!(found.unwrap_err().to_string(), expected.unwrap_err().to_string()),
            }
        }
    }
    assert_eq!(shape(&sources[2], named(Spatial::Flatten).as_ref()).unwrap(), (5, 24));
}

#[test]
fn sources_that_are_wrong_are_refused_as_they_are_in_reading() {
    let (directory, sources) = sources();
    let at = |source: &Source, tensor| Source::from_parts(source.path(), tensor);
    let wrong = [
        at(&sources[0], Some("x")),
        at(&sources[1], Some("x")),
        at(&sources[3], Some("absent")),
        at(&sources[3], None),
        at(&sources[5], Some("absent")),
        at(&sources[5], None),
        Source::from_parts(directory.path(), None),
        Source::from_parts(directory.path().join("absent.npy"), None),
        Source::from_parts(directory.path().join("x.txt"), None),
        Source::from_parts(fixture("scalar.npy"), None),
        Source::from_parts(fixture("empty.npy"), None),
        Source::from_parts(fixture("unsupported.npz"), Some("complex")),
        Source::from_parts(fixture("unsupported.safetensors"), Some("complex")),
        Source::from_parts(fixture("unsupported.safetensors"), Some("scalar")),
        Source::from_parts(fixture("unsupported.safetensors"), Some("empty")),
    ];
    for source in wrong {
        let expected = read_representation(&source, None).unwrap_err().to_string();
        assert_eq!(shape(&source, None).unwrap_err().to_string(), expected);
        // A member of a .npz archive has no rows and no columns, whatever it is.
        if source.path().file_name().is_none_or(|name| name != "unsupported.npz") {
            assert_eq!(stored_columns(&source, None).unwrap_err().to_string(), expected);
            assert_eq!(require_rows(&source).unwrap_err().to_string(), expected);
            assert_eq!(rows_from(&source, None, 0..1, Vec::new()).unwrap_err().to_string(), expected);
        }
    }
}

#[test]
fn the_rows_of_a_source_are_those_of_a_layer() {
    let (_directory, sources) = sources();
    for (source, reason) in [(&sources[1], "Fortran order"), (&sources[5], "member of a .npz")] {
        for error in [require_rows(source).unwrap_err(), rows_from(source, None, 0..1, Vec::new()).unwrap_err()] {
            assert!(matches!(error, Error::NotByRows { .. }), "{error}");
            says(&error, &[&source.to_string(), "blocks of rows", reason]);
        }
    }
    for source in &sources[2..5] {
        require_rows(source).unwrap();
        for spatial in &CHOICES[1..] {
            let reading = named(*spatial);
            let whole = read_representation(source, reading.as_ref()).unwrap();
            let (n, p, values) = (whole.n(), whole.p(), whole.to_row_major());
            for first in 0..n {
                let room = vec![f64::NAN; 7];
                let rows = rows_from(source, reading.as_ref(), first..n, room).unwrap();
                assert_eq!(rows, values[first * p..], "{source} {spatial:?}, from row {first}");
            }
        }
    }
}
