//! Every element type, byte order and axis order widens to the same `f64` values that NumPy has.

use super::{fixture, npy, read, tensor};
use similitude::io::{ElementType, Error, Network, Source, read_representation};

/// Equal as bits: `-0.0` is not `0.0`.
#[track_caller]
fn assert_bits(found: &[f64], expected: &[f64], context: &str) {
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(found), bits(expected), "{context}: {found:?} instead of {expected:?}");
}

#[test]
fn numpy_types_byte_orders_and_axis_orders() {
    let floats = |max: f64, tiny: f64| vec![0.5, -1.25, 3.0, max, tiny, -0.0];
    let integers = |min: f64, max: f64| vec![0.0, 1.0, min, max, 2.0, 3.0];
    let two = |exponent: i32| 2.0_f64.powi(exponent);
    let types = [
        ("f2", ElementType::F16, floats(65504.0, two(-24))),
        ("f4", ElementType::F32, floats(f32::MAX.into(), two(-149))),
        ("f8", ElementType::F64, floats(f64::MAX, 5e-324)),
        ("i1", ElementType::I8, integers(-128.0, 127.0)),
        ("i2", ElementType::I16, integers(-32768.0, 32767.0)),
        ("i4", ElementType::I32, integers(-two(31), two(31) - 1.0)),
        ("i8", ElementType::I64, vec![0.0, 1.0, -two(63), two(62), two(53), -3.0]),
        ("u1", ElementType::U8, integers(0.0, 255.0)),
        ("u2", ElementType::U16, integers(0.0, 65535.0)),
        ("u4", ElementType::U32, integers(0.0, two(32) - 1.0)),
        ("u8", ElementType::U64, vec![0.0, 1.0, two(63), two(64) - 2048.0, two(53), 3.0]),
        ("b1", ElementType::Bool, vec![0.0, 1.0, 1.0, 0.0, 1.0, 1.0]),
    ];
    for (code, element, values) in types {
        for layout in ["little-C", "little-F", "big-C", "big-F"] {
            let name = format!("{code}-{layout}");
            let found = tensor("types.npz", Some(&name)).unwrap();
            assert_eq!((found.element, found.shape, &found.name), (element, vec![3, 2], &name));
            assert_bits(&found.values, &values, &name);
        }
    }
}

#[test]
fn safetensors_types() {
    let two = |exponent: i32| 2.0_f64.powi(exponent);
    let types = [
        ("a", ElementType::BF16, [1.0, 2.0, 3.0, 4.0]),
        ("b", ElementType::Bool, [1.0, 0.0, 0.0, 1.0]),
        ("c", ElementType::I64, [-1.0, 2.0, 3.0, -4.0]),
        ("d", ElementType::F16, [0.5, 65504.0, two(-24), -0.0]),
        ("e", ElementType::F32, [1.5, 2.5, 3.5, 4.5]),
        ("f", ElementType::F64, [f64::MAX, 0.1, 5e-324, 1.0]),
        ("g", ElementType::U32, [1.0, two(32) - 1.0, 0.0, 3.0]),
        ("h", ElementType::I8, [-128.0, 127.0, 0.0, 3.0]),
    ];
    for (name, element, values) in types {
        let found = tensor("types.safetensors", Some(name)).unwrap();
        assert_eq!((found.element, found.shape), (element, vec![2, 2]));
        assert_bits(&found.values, &values, name);
    }
}

#[test]
fn fortran_order_of_three_axes() {
    let found = tensor("fortran-big-endian.npy", None).unwrap();
    assert_eq!((found.name.as_str(), found.element, found.shape), ("fortran-big-endian", ElementType::F32, vec![2, 3, 4]));
    assert_bits(&found.values, &(0..24).map(f64::from).collect::<Vec<_>>(), "fortran");
}

#[test]
fn later_versions_of_npy() {
    for name in ["version2.npy", "version3.npy"] {
        assert_bits(&tensor(name, None).unwrap().values, &[1.0, 2.0, 3.0, 4.0], name);
    }
}

#[test]
fn python_2_wrote_long_integers_and_newlines() {
    let found = read("x.npy", npy("{'descr': '|u1', 'shape': (2L, 3L), 'fortran_order': False}\n", &[1, 2, 3, 4, 5, 6]));
    assert_bits(&found.unwrap().to_row_major(), &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "python 2");
}

#[test]
fn files_larger_than_one_chunk() {
    // 3 MiB and a bit of 8-byte elements in column-major order, so that a chunk ends inside a
    // column.
    let (n, p) = (1021_usize, 401_usize);
    let mut data = Vec::new();
    for column in 0..p {
        for row in 0..n {
            data.extend(((row * p + column) as f64).to_be_bytes());
        }
    }
    let header = format!("{{'descr': '>f8', 'fortran_order': True, 'shape': ({n}, {p}), }}");
    let found = read("large.npy", npy(&header, &data)).unwrap();
    assert_eq!((found.n(), found.p()), (n, p));
    assert_bits(&found.to_row_major(), &(0..n * p).map(|value| value as f64).collect::<Vec<_>>(), "large");
}

#[test]
fn integers_without_an_f64_are_refused() {
    let inexact = |error| match error {
        Error::InexactInteger { place, index, value } => (place.to_string(), index, value),
        other => panic!("{other}"),
    };
    // Column-major: the element is the fifth stored, and stands at row 1, column 1.
    let error = tensor("inexact.npy", None).unwrap_err();
    super::says(&error, &["inexact.npy: ", "9007199254740993", "row 1, column 1", ".astype(float)"]);
    assert_eq!(inexact(error).1, [1, 1]);

    // 2^64 - 1 rounds to 2^64, which as u64 would saturate back to itself.
    let (place, index, value) = inexact(tensor("unsupported.safetensors", Some("inexact")).unwrap_err());
    assert!(place.ends_with("unsupported.safetensors:inexact"));
    assert_eq!((index, value), (vec![0, 1, 0], i128::from(u64::MAX)));

    // Further into the file than one read reaches.
    let mut data = vec![0; 8 * 200_000];
    data[8 * 150_001..8 * 150_002].copy_from_slice(&u64::MAX.to_le_bytes());
    let error = read("x.npy", npy("{'descr': '<u8', 'fortran_order': False, 'shape': (2000, 100)}", &data)).unwrap_err();
    assert_eq!(inexact(error).1, [1500, 1]);

    let header = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,)}";
    for (value, exact) in [(i64::MAX, false), (i64::MIN, true), (i64::MIN + 1, false), ((1 << 53) + 2, true)] {
        let data = [0_i64.to_le_bytes(), value.to_le_bytes()].concat();
        match read("x.npy", npy(header, &data)) {
            Ok(found) => assert!(exact && i128::from(value) == found.to_row_major()[1] as i128, "{value}"),
            Err(error) => assert_eq!((exact, inexact(error).2), (false, i128::from(value))),
        }
    }
}

#[test]
fn a_source_is_a_file_or_a_tensor_of_a_file() {
    let layers = fixture("layers.npz");
    let layers = layers.display();
    // The tensor's name has a colon of its own.
    let source: Source = format!("{layers}:a:b").parse().unwrap();
    assert_eq!(source.tensor(), Some("a:b"));
    let found = read_representation(&source, None).unwrap();
    assert_eq!((found.name(), found.to_row_major()), (format!("{layers}:a:b").as_str(), vec![1.5, 2.5]));

    // So has the file's name; the whole text is a file before any part of it is.
    let directory = tempfile::tempdir().unwrap();
    let odd = directory.path().join("epoch:3.npz");
    std::fs::copy(fixture("layers.npz"), &odd).unwrap();
    std::fs::write(directory.path().join("epoch"), "a shorter part that exists as well").unwrap();
    let source = Source::new(format!("{}:a:b", odd.display()));
    assert_eq!((source.path(), source.tensor()), (odd.as_path(), Some("a:b")));
    let odder = directory.path().join("epoch:3.npz:a");
    std::fs::write(&odder, "").unwrap();
    let source = Source::new(odder.display().to_string());
    assert_eq!((source.path(), source.tensor()), (odder.as_path(), None));

    // Nothing exists: the part that looks like a file is meant.
    let source = Source::new("absent:1/x.safetensors:y.npz:z");
    assert_eq!((source.path().to_str(), source.tensor()), (Some("absent:1/x.safetensors"), Some("y.npz:z")));
    let source = Source::new("absent:1");
    assert_eq!((source.path().to_str(), source.tensor(), source.to_string().as_str()), (Some("absent:1"), None, "absent:1"));
}

#[test]
fn the_only_tensor_of_an_archive_needs_no_name() {
    let only = safetensors_of_one();
    let found = read("one.safetensors", only).unwrap();
    assert_eq!(found.to_row_major(), [1.0, 0.0]);
}

fn safetensors_of_one() -> Vec<u8> {
    super::safetensors(r#"{"x":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"#, &[1, 0])
}

#[test]
fn vectors_are_one_column() {
    let network = Network::open(fixture("layers.npz"), Some(&["labels".to_owned()])).unwrap();
    let labels = network.read_layer(0, None).unwrap();
    assert_eq!((labels.n(), labels.p(), labels.to_row_major()), (2, 1, vec![7.0, 8.0]));
}
