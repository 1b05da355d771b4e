//! Every way in which an input is refused, and that the message says where and with which numbers.

use std::path::Path;

use super::{fixture, npy, read, safetensors, says, temporary, tensor};
use similitude::io::{Error, Source, TableProblem, read_tensor};

fn read_source(text: &str) -> Error {
    read_tensor(&Source::new(text)).unwrap_err()
}

#[test]
fn files_that_are_not_there_or_not_files() {
    let error = read_source("no/such.npz:conv1");
    assert!(matches!(&error, Error::NotFound { file } if file == Path::new("no/such.npz")));
    says(&error, &["no/such.npz: no such file"]);
    assert!(matches!(read_source(""), Error::NotFound { .. }));

    let directory = tempfile::tempdir().unwrap();
    let named = directory.path().join("layers.npz");
    std::fs::create_dir(&named).unwrap();
    let error = read_source(named.to_str().unwrap());
    assert!(matches!(&error, Error::NotAFile { file } if *file == named));
    says(&error, &["layers.npz: not a regular file", "network"]);
}

#[test]
fn extensions() {
    let (_directory, file) = temporary("x.foo", "");
    let error = read_source(file.to_str().unwrap());
    assert!(matches!(&error, Error::UnknownExtension { extension, .. } if extension == "foo"));
    says(&error, &["x.foo: ", "\"foo\"", ".npy, .npz, .safetensors, .pt, .h5, .csv"]);

    // Whichever features are built in, these are known to be HDF5, and an empty file is not.
    for name in ["x.h5", "x.HDF5"] {
        let (_directory, file) = temporary(name, "");
        let error = read_source(&format!("{}:group/layer", file.display()));
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        says(&error, &[name]);
    }
    // Capitals are the same extension.
    assert_eq!(read("X.CSV", "1\n2\n").unwrap().to_row_major(), [1.0, 2.0]);
}

#[test]
fn names_in_archives() {
    for (file, some) in [("layers.npz", "\"block/attention\", \"a:b\""), ("order.safetensors", "\"stem\", \"block10\"")] {
        let error = tensor(file, Some("conv9")).unwrap_err();
        assert!(matches!(&error, Error::MissingTensor { tensor, .. } if tensor == "conv9"));
        says(&error, &[file, "\"conv9\"", some]);
        let error = tensor(file, None).unwrap_err();
        assert!(matches!(&error, Error::TensorNotNamed { available, .. } if available.len() >= 3));
        says(&error, &[file, "tensors, name one as", some]);
    }
    let error = tensor("scalar.npy", Some("x")).unwrap_err();
    assert!(matches!(&error, Error::UnexpectedTensorName { tensor, .. } if tensor == "x"));
    says(&error, &["scalar.npy: ", "\":x\""]);
    assert!(matches!(tensor("layers.npz", Some("")), Err(Error::MissingTensor { .. })));
}

#[test]
fn archives_without_tensors() {
    let empty_zip = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    for (name, bytes) in [("none.npz", empty_zip), ("none.safetensors", safetensors("{}", &[]))] {
        let error = read(name, bytes).unwrap_err();
        assert!(matches!(error, Error::NoTensors { .. }), "{error}");
        says(&error, &[name, "no tensors"]);
    }
}

#[test]
fn names_that_stand_for_two_tensors() {
    // The central directory lists the members again at the end: "conv1.npy" becomes a second
    // "a:b.npy" by name, padded.
    let mut bytes = std::fs::read(fixture("types.npz")).unwrap();
    for position in 0..bytes.len() - 15 {
        if &bytes[position..position + 15] == b"f2-little-F.npy" {
            bytes[position..position + 15].copy_from_slice(b"f2-little-C.npy");
        }
    }
    let (_directory, file) = temporary("twice.npz", bytes);
    let error = read_tensor(&Source::from_parts(file, Some("f2-little-C"))).unwrap_err();
    assert!(matches!(&error, Error::DuplicateTensor { tensor, .. } if tensor == "f2-little-C"));
    says(&error, &["twice.npz", "\"f2-little-C\" stands for more than one"]);
}

/// The last of two keys would hide the first, of another type at the same bytes.
#[test]
fn a_header_that_describes_a_tensor_twice_is_refused() {
    let header = r#"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"a":{"dtype":"I32","shape":[2,1],"data_offsets":[0,8]}}"#;
    let error = read("twice.safetensors", safetensors(header, &[0; 8])).unwrap_err();
    assert!(matches!(&error, Error::DuplicateTensor { tensor, .. } if tensor == "a"), "{error}");
    // Keys of one tensor are its own.
    let one = r#"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"I32","shape":[2,1],"data_offsets":[8,16]}}"#;
    let error = read("two.safetensors", safetensors(one, &[0; 16])).unwrap_err();
    assert!(matches!(error, Error::TensorNotNamed { .. }), "{error}");
}

#[test]
fn a_member_that_is_compressed_otherwise_says_how_to_save_it() {
    let mut bytes = std::fs::read(fixture("types.npz")).unwrap();
    for position in 0..bytes.len() - 12 {
        match &bytes[position..position + 4] {
            b"PK\x03\x04" => bytes[position + 8] = 12,
            b"PK\x01\x02" => bytes[position + 10] = 12,
            _ => {}
        }
    }
    let (_directory, file) = temporary("bzip2.npz", bytes);
    let error = read_tensor(&Source::from_parts(file, Some("f2-little-C"))).unwrap_err();
    says(&error, &["bzip2.npz:f2-little-C", "numpy.savez"]);
}

#[test]
fn element_types_that_are_not_real_numbers() {
    for (archive, name, kind) in [
        ("unsupported.npz", "complex", "'<c8' (complex numbers; save .real and .imag"),
        ("unsupported.npz", "string", "'<U2' (strings; save numbers, for example with .astype(float))"),
        ("unsupported.npz", "bytes", "'|S2' (byte strings; save numbers"),
        ("unsupported.npz", "structured", "(structured; numpy.lib.recfunctions.structured_to_unstructured"),
        ("unsupported.npz", "date", "'<M8[D]' (dates; save numbers"),
        ("unsupported.npz", "duration", "'<m8[s]' (durations; save numbers"),
        ("unsupported.npz", "object", "'|O' (Python objects, pickled, which are never executed: save an array of numbers"),
        ("unsupported.npz", "longdouble", "'<f16' (extended-precision floats; .astype(numpy.float64) rounds them)"),
        ("unsupported.safetensors", "complex", "C64 (complex numbers; save the real and the imaginary parts"),
        ("unsupported.safetensors", "float8", "F8_E4M3 (convert them with .to(torch.float32)"),
    ] {
        let error = tensor(archive, Some(name)).unwrap_err();
        assert!(matches!(error, Error::UnsupportedElement { .. }), "{error}");
        says(&error, &[&format!("{archive}:{name}: "), kind]);
    }
}

/// What ml_dtypes writes has the byte order of numbers, which NumPy's own raw bytes have not.
#[test]
fn types_that_numpy_does_not_know() {
    let header = |code: &str| format!("{{'descr': '{code}', 'fortran_order': False, 'shape': (2, 2)}}");
    let bytes: Vec<u8> = [1.0, -2.5, 3.0, 1e30].iter().flat_map(|&value| half::bf16::from_f64(value).to_le_bytes()).collect();
    let found = read("x.npy", npy(&header("<V2"), &bytes)).unwrap();
    let wanted = [1.0, -2.5, 3.0, 1e30].map(|value| half::bf16::from_f64(value).to_f64());
    assert_eq!(found.to_row_major().to_vec(), wanted);
    for (code, words) in [("|V2", "raw bytes"), ("<V1", "floats of 8 bits"), ("<f1", "floats of 8 bits")] {
        let error = read("x.npy", npy(&header(code), &bytes[..4 * code[2..].parse::<usize>().unwrap()])).unwrap_err();
        assert!(matches!(error, Error::UnsupportedElement { .. }), "{error}");
        says(&error, &[words, ".astype(numpy.float32)"]);
    }
}

#[test]
fn files_of_other_programs() {
    for (name, words) in [
        ("x.pt", "safetensors.torch.save_file"),
        ("x.onnx", "not its activations"),
        ("x.parquet", "numpy.save"),
        ("x.npy.gz", "gunzip"),
        ("x.txt", ".csv"),
    ] {
        let (_directory, file) = temporary(name, "x");
        for source in [file.display().to_string(), format!("{}:layer", file.display())] {
            let error = read_source(&source);
            assert!(matches!(error, Error::OtherFormat { .. }), "{error}");
            says(&error, &[name, words]);
        }
    }
}

#[test]
fn booleans_are_zero_or_one() {
    let error = tensor("unsupported.safetensors", Some("bool")).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }));
    says(&error, &["unsupported.safetensors:bool", "found 2 at index [1, 0]"]);
}

#[test]
fn scalars_and_empty_tensors() {
    for (file, name, at) in [("scalar.npy", None, "scalar.npy"), ("unsupported.safetensors", Some("scalar"), "safetensors:scalar")] {
        let error = tensor(file, name).unwrap_err();
        assert!(matches!(error, Error::NoAxes { .. }), "{error}");
        says(&error, &[at, "without axes"]);
    }
    for (file, name, at) in [
        ("empty.npy", None, "empty.npy: a tensor of shape [4, 0]"),
        ("unsupported.safetensors", Some("empty"), "safetensors:empty: a tensor of shape [3, 0]"),
    ] {
        let error = tensor(file, name).unwrap_err();
        assert!(matches!(error, Error::EmptyTensor { .. }), "{error}");
        says(&error, &[at]);
    }
    for text in ["", "a,b\n"] {
        let error = read("x.csv", text).unwrap_err();
        assert!(matches!(error, Error::Table { problem: TableProblem::NoRows { .. }, .. }), "{error}");
        says(&error, &["x.csv", "no row of numbers"]);
    }
}

#[test]
fn values_that_are_not_finite() {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}";
    let data = [1.0, 2.0, 3.0, f32::NAN].map(f32::to_le_bytes).concat();
    for (name, bytes) in [
        ("x.npy", npy(header, &data)),
        ("x.csv", b"1,2\n3,NaN\n".to_vec()),
        ("x.csv", b"a,b\n1,2\n3,-inf\n".to_vec()),
        ("x.csv", b"1,2\n3,1e999\n".to_vec()),
    ] {
        let error = read(name, &bytes).unwrap_err();
        let Error::Representation { place, source } = &error else { panic!("{error}") };
        assert!(place.file.ends_with(name));
        assert!(matches!(**source, similitude::Error::NotFinite { row: 1, column: 1, .. }), "{source}");
        says(&error, &[name, "row 1", "column 1"]);
    }
    // Infinity in the first row is a number, not a header.
    let error = read("x.csv", "inf,2\n3,4\n").unwrap_err();
    assert!(matches!(error, Error::Representation { .. }), "{error}");
    // Too few examples is the representation's to say.
    assert!(matches!(read("x.csv", "1,2\n"), Err(Error::Representation { .. })));
}

#[test]
fn sizes_that_no_memory_holds() {
    // The header may claim anything; the file's length refutes it before anything is allocated.
    let claims = |shape: &str| npy(&format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"), &[0; 16]);
    let error = read("x.npy", claims("(1099511627776, 2)")).unwrap_err();
    assert!(matches!(error, Error::WrongLength { expected: 17592186044495, found: 95, .. }), "{error}");
    says(&error, &["x.npy", "expected 17592186044495 bytes, found 95"]);
    let error = read("x.npy", claims("(4611686018427387904, 2)")).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    says(&error, &["x.npy", "4611686018427387904"]);
    for shape in ["(4294967296, 4294967296)", "(0, 4294967296, 4294967296)", "(99999999999999999999,)"] {
        let error = read("x.npy", claims(shape)).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{shape}: {error}");
        says(&error, &["x.npy", "64 bits"]);
    }
    let huge = r#"{"x":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#;
    let error = read("x.safetensors", safetensors(huge, &[0; 8])).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn files_under_the_names_of_others_say_what_they_are() {
    let pointer: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\nsize 12345\n";
    for (name, bytes, words) in [
        ("x.npy", pointer, ["a pointer of Git LFS", "git lfs pull"]),
        ("x.npz", pointer, ["a pointer of Git LFS", "git lfs pull"]),
        ("x.safetensors", pointer, ["a pointer of Git LFS", "git lfs pull"]),
        ("x.csv", pointer, ["a pointer of Git LFS", "git lfs pull"]),
        ("x.npy", b"\x80\x04\x95\x10\0\0\0\0\0\0\0.", ["a pickle", "allow_pickle=False"]),
        ("x.npy", b"PK\x03\x04\x14\0\0\0\0\0", ["a zip archive", "call it .npz"]),
        ("x.npz", b"\x93NUMPY\x01\0v\0{'descr': '<f8'", ["an array of NumPy", "call it .npy"]),
        ("x.npy", b"<!DOCTYPE html><html></html>", ["a page of HTML", "download"]),
        ("x.npy", b"\x1f\x8b\x08\0\0\0\0\0\0\0", ["gzip", "gunzip"]),
    ] {
        let (_directory, file) = temporary(name, bytes);
        let error = read_source(file.to_str().unwrap());
        assert!(matches!(error, Error::OtherFormat { .. }), "{name}: {error}");
        says(&error, &words);
    }
}

#[test]
fn what_another_program_packed_beside_the_members_is_no_layer() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mac.npz");
    let values = [1.0, 2.0, 3.0, 5.0];
    let member = |name| (name, &[2, 2][..], similitude::io::Array::F64(&values));
    similitude::io::write_npz(&file, &[member("a"), member("__MACOSX/._a"), member("sub/._b")]).unwrap();
    assert_eq!(similitude::io::Network::open(&file, None).unwrap().layer_names(), ["a"]);
    // A directory of text tables is named as what it is.
    let tables = directory.path().join("tables");
    std::fs::create_dir(&tables).unwrap();
    ["a.csv", "b.csv"].iter().for_each(|name| std::fs::write(tables.join(name), "1,2\n3,4\n").unwrap());
    let error = similitude::io::Network::open(&tables, None).unwrap_err();
    says(&error, &["holds text tables (2 .csv or .tsv)", "numpy.save", "similitude compare"]);
}
