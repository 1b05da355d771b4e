//! Columns read without the others: the same values as reading the whole, whatever the type, the
//! order and the axes.

use std::fs::File;
use std::path::Path;

use half::{bf16, f16};
use similitude::Representation;
use similitude::io::{ColumnBlock, Error, Network, Source, Spatial, StoredColumns, read_representation};

use super::{fixture, layers, named, npy, safetensors, says, stored_columns, temporary};

/// NumPy's codes (bf for bfloat16, which has none), the names in safetensors, and whether every
/// value is an f32.
const TYPES: [(&str, &str, bool); 13] = [
    ("b1", "BOOL", true),
    ("i1", "I8", true),
    ("u1", "U8", true),
    ("i2", "I16", true),
    ("u2", "U16", true),
    ("i4", "I32", false),
    ("u4", "U32", false),
    ("i8", "I64", false),
    ("u8", "U64", false),
    ("f2", "F16", true),
    ("bf", "BF16", true),
    ("f4", "F32", true),
    ("f8", "F64", false),
];

/// Element number `index` of a tensor of this type, which an f64 holds; neighbours differ.
fn element(code: &str, index: usize) -> Vec<u8> {
    let wave = (index as f64).sin();
    // Integers over their whole range; those of 64 bits with 53 that count.
    let integer = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) & !0x7ff;
    match code {
        "b1" => vec![u8::from(index % 3 == 1)],
        "f2" => f16::from_f64(wave).to_le_bytes().to_vec(),
        "bf" => bf16::from_f64(wave * 1e30).to_le_bytes().to_vec(),
        "f4" => (wave as f32 * 1e30).to_le_bytes().to_vec(),
        "f8" => (wave * 1e300).to_le_bytes().to_vec(),
        _ => {
            let size: usize = code[1..].parse().unwrap();
            integer.to_le_bytes()[8 - size..].to_vec()
        }
    }
}

fn data(code: &str, count: usize, big_endian: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for index in 0..count {
        let mut element = element(code, index);
        if big_endian {
            element.reverse();
        }
        bytes.extend(element);
    }
    bytes
}

/// A `.npy` file of this type and shape.
pub fn array(code: &str, shape: &[usize], big_endian: bool, fortran: bool) -> Vec<u8> {
    let endian = if big_endian { '>' } else { '<' };
    let order = if fortran { "True" } else { "False" };
    let axes: String = shape.iter().map(|length| format!("{length}, ")).collect();
    let header = format!("{{'descr': '{endian}{code}', 'fortran_order': {order}, 'shape': ({axes}), }}\n");
    npy(&header.replace(", )", ",)"), &data(code, shape.iter().product(), big_endian))
}

/// A source in a new file, which lives as long as the guard.
fn stored(name: &str, bytes: &[u8]) -> (tempfile::TempDir, Source) {
    let (directory, file) = temporary(name, bytes);
    (directory, Source::from_parts(file, None))
}

/// Whether a block has the bits of these columns: `-0.0` is not `0.0`.
#[track_caller]
fn assert_columns(block: &ColumnBlock, of: &StoredColumns, first: usize, end: usize, whole: &[f64], context: &str) {
    let ((n, p), width) = (of.shape(), end - first);
    let found: Vec<f64> = match block {
        ColumnBlock::F32(values) => values.iter().copied().map(f64::from).collect(),
        ColumnBlock::F64(values) => values.clone(),
    };
    assert_eq!(found.len(), n * width, "{context}: columns {first}..{end}");
    for row in 0..n {
        for column in 0..width {
            let value = found[if of.is_row_major() { row * width + column } else { column * n + row }];
            let expected = whole[row * p + first + column];
            let place = format!("{context}: columns {first}..{end}, row {row}, column {column} of them");
            assert_eq!(value.to_bits(), expected.to_bits(), "{place}: {value} instead of {expected}");
        }
    }
}

/// Reads blocks of every width from everywhere, each in the room of the last.
#[track_caller]
fn assert_every_block(columns: &StoredColumns, whole: &Representation<'_>, is_single: bool, context: &str) {
    assert_eq!(columns.shape(), (whole.n(), whole.p()), "{context}");
    assert_eq!(columns.value_size(), if is_single { 4 } else { 8 }, "{context}");
    let (p, values) = (whole.p(), whole.to_row_major());
    let mut room = None;
    for width in 1..=p {
        for first in 0..=p - width {
            let block = columns.read(first..first + width, room).unwrap();
            assert_eq!(matches!(block, ColumnBlock::F32(_)), is_single, "{context}");
            assert_columns(&block, columns, first, first + width, &values, context);
            room = Some(block);
        }
    }
}

#[test]
fn npy_of_every_type_byte_order_and_axis_order() {
    for (code, _, is_single) in TYPES.into_iter().filter(|(code, ..)| *code != "bf") {
        for (big_endian, fortran) in [(false, false), (true, false), (false, true), (true, true)] {
            let (_directory, source) = stored("x.npy", &array(code, &[5, 7], big_endian, fortran));
            let (columns, whole) = (stored_columns(&source, None).unwrap(), read_representation(&source, None).unwrap());
            let context = format!("{code}, big-endian {big_endian}, Fortran {fortran}");
            assert_eq!(columns.is_row_major(), !fortran, "{context}");
            assert_every_block(&columns, &whole, is_single, &context);
        }
    }
}

/// Tensors of every type, 4 x 6, one after the other behind one of an odd number of bytes.
pub fn every_type() -> Vec<u8> {
    let (mut header, mut bytes) = (r#"{"odd":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}"#.to_string(), vec![9, 9, 9]);
    for (code, dtype, _) in TYPES {
        let start = bytes.len();
        bytes.extend(data(code, 4 * 6, false));
        header += &format!(r#","{code}":{{"dtype":"{dtype}","shape":[4,6],"data_offsets":[{start},{}]}}"#, bytes.len());
    }
    safetensors(&(header + "}"), &bytes)
}

#[test]
fn safetensors_of_every_type_among_others() {
    let (_directory, file) = temporary("net.safetensors", every_type());
    let names: Vec<String> = TYPES.iter().rev().map(|(code, ..)| (*code).to_string()).collect();
    let network = Network::open(&file, Some(&names)).unwrap();
    for (layer, (code, _, is_single)) in TYPES.into_iter().rev().enumerate() {
        let whole = network.read_layer(layer, None).unwrap();
        assert_every_block(&network.columns(layer, None).unwrap(), &whole, is_single, code);
        let source = Source::from_parts(&file, Some(code));
        assert_every_block(&stored_columns(&source, None).unwrap(), &whole, is_single, code);
    }
    assert!(matches!(network.columns(13, None).unwrap_err(), Error::NoSuchLayer { index: 13, layers: 13, .. }));
}

#[test]
fn vectors_and_flattened_tensors() {
    let shapes: [&[usize]; 5] = [&[6], &[6, 1], &[4, 3, 5], &[4, 3, 2, 2], &[3, 2, 1, 2, 3]];
    for (code, is_single) in [("f4", true), ("f2", true), ("f8", false)] {
        for shape in shapes {
            let (directory, source) = stored("x.npy", &array(code, shape, false, false));
            let flattened = named(Spatial::Flatten);
            let whole = read_representation(&source, flattened.as_ref()).unwrap();
            let columns = stored_columns(&source, flattened.as_ref()).unwrap();
            assert_every_block(&columns, &whole, is_single, &format!("{code} {shape:?}"));
            let network = Network::open(directory.path(), None).unwrap();
            assert_every_block(&network.columns(0, flattened.as_ref()).unwrap(), &whole, is_single, "a directory");
        }
    }
    // Vectors and matrices have no positions, whatever is chosen for them.
    let (_directory, source) = stored("x.npy", &array("f4", &[4, 3], false, false));
    let whole = read_representation(&source, None).unwrap();
    for spatial in [Spatial::Mean, Spatial::Positions] {
        assert_every_block(&stored_columns(&source, named(spatial).as_ref()).unwrap(), &whole, true, &spatial.to_string());
    }
}

#[test]
fn blocks_larger_than_what_is_decoded_at_a_time() {
    let (n, p) = (3, 70_001);
    for (big_endian, fortran) in [(true, false), (true, true), (false, false)] {
        let (_directory, source) = stored("x.npy", &array("f4", &[n, p], big_endian, fortran));
        let whole = read_representation(&source, None).unwrap().to_row_major();
        let columns = stored_columns(&source, None).unwrap();
        for (first, end) in [(0, p), (1, p), (0, 65_536), (1, 65_538), (p - 1, p), (0, 1), (30_000, 40_000)] {
            let block = columns.read(first..end, None).unwrap();
            assert_columns(&block, &columns, first, end, &whole, &format!("big-endian {big_endian}, Fortran {fortran}"));
        }
    }
}

/// Where the values of a block stand, and for how many there is room.
fn memory(block: &ColumnBlock) -> (*const u8, usize) {
    match block {
        ColumnBlock::F32(values) => (values.as_ptr().cast(), values.capacity()),
        ColumnBlock::F64(values) => (values.as_ptr().cast(), values.capacity()),
    }
}

#[test]
fn room_is_used_again_where_it_serves() {
    for (code, big_endian) in [("f4", false), ("f4", true), ("f8", false), ("f8", true), ("i2", false), ("i4", false)] {
        let (_directory, source) = stored("x.npy", &array(code, &[5, 40], big_endian, false));
        let (columns, whole) = (stored_columns(&source, None).unwrap(), read_representation(&source, None).unwrap().to_row_major());
        let mut block = columns.read(0..30, None).unwrap();
        let at = memory(&block);
        for (first, end) in [(30, 40), (3, 4), (10, 40), (5, 9)] {
            block = columns.read(first..end, Some(block)).unwrap();
            assert_eq!(memory(&block), at, "{code}: columns {first}..{end} moved");
            assert_columns(&block, &columns, first, end, &whole, code);
        }
        // More than there is room for, and room of either precision.
        for room in [block, ColumnBlock::F32(vec![f32::NAN; 90]), ColumnBlock::F64(vec![f64::NAN; 90])] {
            let block = columns.read(1..40, Some(room)).unwrap();
            assert_columns(&block, &columns, 1, 40, &whole, code);
        }
        for room in [ColumnBlock::F32(vec![f32::NAN; 900]), ColumnBlock::F64(vec![f64::NAN; 900])] {
            let block = columns.read(2..7, Some(room)).unwrap();
            assert_columns(&block, &columns, 2, 7, &whole, code);
        }
    }
}

#[test]
fn threads_read_at_once() {
    let (_directory, source) = stored("x.npy", &array("f4", &[1000, 64], false, false));
    let (columns, whole) = (stored_columns(&source, None).unwrap(), read_representation(&source, None).unwrap().to_row_major());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (own, whole) = (columns.clone(), &whole);
            scope.spawn(move || {
                for first in 0..48 {
                    let end = first + 4 * (thread + 1);
                    assert_columns(&own.read(first..end, None).unwrap(), &own, first, end, whole, "threads");
                }
            });
        }
    });
}

#[test]
fn what_has_no_columns_in_its_file_is_refused() {
    let remedies = ["blocks of columns", ".npy or .safetensors", "C order", "--spatial flatten"];
    let refused = |source: &Source, spatial: Option<Spatial>, reason: &str| {
        let error = stored_columns(source, named(spatial).as_ref()).unwrap_err();
        assert!(matches!(error, Error::NotByColumns { .. }), "{error}");
        says(&error, &remedies);
        says(&error, &[&source.to_string(), reason]);
    };
    let file = fixture("layers.npz");
    refused(&Source::from_parts(&file, Some("a:b")), None, "member of a .npz");
    let error = layers().columns(2, None).unwrap_err();
    assert!(matches!(error, Error::NotByColumns { .. }));
    says(&error, &["layers.npz:a:b", "member of a .npz"]);

    let (_directory, csv) = stored("x.csv", b"1,2\n3,4\n");
    assert!(matches!(stored_columns(&csv, None).unwrap_err(), Error::NotANetwork { .. }));
    for (shape, is_fortran) in [(&[3, 2, 4][..], false), (&[3, 2, 4], true), (&[3, 2, 2, 2], false)] {
        let (directory, source) = stored("x.npy", &array("f4", shape, false, is_fortran));
        refused(&source, Some(Spatial::Mean), "computed over positions");
        refused(&source, Some(Spatial::Positions), "positions");
        if is_fortran {
            refused(&source, Some(Spatial::Flatten), "Fortran order");
        }
        let network = Network::open(directory.path(), None).unwrap();
        assert!(matches!(network.columns(0, named(Spatial::Mean).as_ref()).unwrap_err(), Error::NotByColumns { .. }));
        assert!(matches!(stored_columns(&source, None).unwrap_err(), Error::Axes { .. }));
    }
}

/// A file that has become `length` bytes long.
fn cut(file: &Path, length: u64) {
    File::options().write(true).open(file).unwrap().set_len(length).unwrap();
}

#[test]
fn a_file_that_has_become_shorter_is_an_error() {
    for (code, big_endian, fortran) in
        [("f4", false, false), ("f4", true, false), ("f8", false, false), ("i2", false, false), ("f4", false, true), ("f2", true, true)]
    {
        let bytes = array(code, &[4, 6], big_endian, fortran);
        let (_directory, source) = stored("x.npy", &bytes);
        let columns = stored_columns(&source, None).unwrap();
        let damaged = |first, end| {
            let error = columns.read(first..end, None).unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{code}: {error}");
            says(&error, &["x.npy"]);
        };
        cut(source.path(), bytes.len() as u64 - 1);
        columns.read(0..5, None).unwrap();
        damaged(0, 6);
        damaged(5, 6);
        cut(source.path(), 0);
        damaged(0, 1);
        // What it says by itself is no longer true either.
        assert!(stored_columns(&source, None).is_err());
    }
}

#[test]
fn an_element_without_an_f64_is_named_by_its_place_in_the_whole() {
    // Beyond what is decoded at a time, also counted from the first of a block.
    let (n, p, row, column) = (3, 70_000, 1, 69_990);
    for fortran in [false, true] {
        for (code, bad) in [("<i8", &((1_i64 << 53) + 1).to_le_bytes()[..]), (">u8", &u64::MAX.to_be_bytes()), ("|b1", &[7])] {
            let at = if fortran { column * n + row } else { row * p + column } * bad.len();
            let mut data = vec![0; n * p * bad.len()];
            data[at..at + bad.len()].copy_from_slice(bad);
            let order = if fortran { "True" } else { "False" };
            let header = format!("{{'descr': '{code}', 'fortran_order': {order}, 'shape': ({n}, {p}), }}\n");
            let (_directory, source) = stored("x.npy", &npy(&header, &data));
            let columns = stored_columns(&source, None).unwrap();
            columns.read(0..column, None).unwrap();
            columns.read(column + 1..p, None).unwrap();
            let expected = read_representation(&source, None).unwrap_err().to_string();
            for (first, end) in [(0, p), (1, p), (column, column + 1), (column - 5, p)] {
                let error = columns.read(first..end, None).unwrap_err();
                assert_eq!(error.to_string(), expected);
                says(&error, &[if code == "|b1" { "index [1, 69990]" } else { "row 1, column 69990" }]);
            }
        }
    }
}

#[test]
#[should_panic(expected = "columns 2..7 of 6")]
fn columns_beyond_the_last() {
    let (_directory, source) = stored("x.npy", &array("f4", &[4, 6], false, false));
    let _ = stored_columns(&source, None).unwrap().read(2..7, None);
}

#[test]
#[should_panic(expected = "columns 2..2 of 6")]
fn no_columns() {
    let (_directory, source) = stored("x.npy", &array("f4", &[4, 6], false, false));
    let _ = stored_columns(&source, None).unwrap().read(2..2, None);
}
