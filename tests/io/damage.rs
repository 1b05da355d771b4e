//! Damaged files: cut at every length, changed at every byte, and headers made to trip a parser. An
//! error each time, never a panic, never numbers from half a file.

use super::{fixture, named, npy, read, safetensors, says, temporary};
use similitude::io::{Error, Network, Source, Spatial, read_tensor};

#[test]
fn a_npy_file_cut_anywhere() {
    let whole = std::fs::read(fixture("version2.npy")).unwrap();
    assert!(read("x.npy", &whole).is_ok());
    for length in 0..whole.len() {
        let error = read("x.npy", &whole[..length]).unwrap_err();
        let Error::WrongLength { expected, found, .. } = error else { panic!("{length}: {error}") };
        assert_eq!(found, length as u64);
        assert!(expected > found && expected <= whole.len() as u64, "{length}: {error}");
    }
    let error = read("x.npy", [&whole[..], &[0]].concat()).unwrap_err();
    assert!(matches!(error, Error::WrongLength { expected: 160, found: 161, .. }), "{error}");
    says(&error, &["x.npy", "expected 160 bytes, found 161"]);
}

#[test]
fn a_safetensors_file_cut_anywhere() {
    let whole = std::fs::read(fixture("order.safetensors")).unwrap();
    for length in 0..whole.len() {
        let (_directory, file) = temporary("x.safetensors", &whole[..length]);
        let error = Network::open(file, None).unwrap_err();
        let Error::WrongLength { expected, found, .. } = error else { panic!("{length}: {error}") };
        assert_eq!(found, length as u64);
        assert!(expected > found && expected <= whole.len() as u64, "{length}: {error}");
    }
    let (_directory, file) = temporary("x.safetensors", [&whole[..], &[0]].concat());
    let error = Network::open(file, None).unwrap_err();
    assert!(matches!(error, Error::WrongLength { expected: 264, found: 265, .. }), "{error}");
    says(&error, &["x.safetensors", "expected 264 bytes, found 265"]);
}

#[test]
fn an_archive_cut_anywhere() {
    let whole = std::fs::read(fixture("layers.npz")).unwrap();
    for length in 0..whole.len() {
        let (_directory, file) = temporary("x.npz", &whole[..length]);
        let error = Network::open(file, None).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{length}: {error}");
        says(&error, &["x.npz: damaged: expected a zip archive", &format!("found {length} bytes")]);
    }
}

/// Reads everything of a file with one byte changed, in every way that a bit can flip or the byte
/// can be extreme.
fn change_every_byte(name: &str, mut check: impl FnMut(usize, &std::path::Path)) {
    let mut bytes = std::fs::read(fixture(name)).unwrap();
    let (_directory, file) = temporary(name, &bytes);
    for position in 0..bytes.len() {
        let original = bytes[position];
        for changed in [original ^ 1, original ^ 0x20, original ^ 0x80, 0, 0xff] {
            if changed != original {
                bytes[position] = changed;
                // A new file each time: some file systems flush one that is overwritten to the
                // disk.
                std::fs::remove_file(&file).unwrap();
                std::fs::write(&file, &bytes).unwrap();
                check(position, &file);
            }
        }
        bytes[position] = original;
    }
}

fn read_all(file: &std::path::Path) -> Result<Vec<Vec<f64>>, Error> {
    // Every name, so that a vector is a layer too.
    let network = Network::open(file, Some(&["*".to_owned()]))?;
    let layers = 0..network.layer_names().len();
    let flattened = named(Spatial::Flatten);
    layers
        .map(|layer| {
            let shape = network.layer_shape(layer)?;
            let read = network.read_layer(layer, flattened.as_ref())?;
            assert_eq!(shape.iter().product::<usize>(), read.n() * read.p());
            Ok(read.to_row_major().to_vec())
        })
        .collect()
}

#[test]
fn a_compressed_archive_changed_anywhere() {
    let intact = read_all(&fixture("layers.npz")).unwrap();
    assert_eq!(intact.len(), 4);
    let mut refused = 0;
    change_every_byte("layers.npz", |position, file| match read_all(file) {
        // The checksums leave only bytes that are not the numbers' (names, times), or a member's
        // whole presence.
        Ok(found) => assert!(found.iter().all(|layer| intact.contains(layer)), "byte {position}: other numbers"),
        Err(_) => refused += 1,
    });
    assert!(refused > 1000, "{refused}");
}

#[test]
fn other_files_changed_anywhere() {
    let mut refused = 0;
    for name in ["version2.npy", "fortran-big-endian.npy"] {
        change_every_byte(name, |_, file| refused += usize::from(read_tensor(&Source::from_parts(file, None)).is_err()));
    }
    change_every_byte("order.safetensors", |_, file| refused += usize::from(read_all(file).is_err()));
    assert!(refused > 300, "{refused}");
}

#[test]
fn npy_headers_that_are_not_headers() {
    let plain = "'fortran_order': False, 'shape': (1, 1)";
    let deep = format!("{{'descr': '|u1', {plain}, 'x': {}1{}}}", "[".repeat(3000), "]".repeat(3000));
    let sets = format!("{{'descr': '|u1', {plain}, 'x': {}1{}}}", "{".repeat(60), "}".repeat(60));
    for (header, part) in [
        ("", "header"),
        ("[]", "dict"),
        ("{'descr': '|u1'}", "fortran_order"),
        ("{'descr': '|u1', 'fortran_order': 0, 'shape': (1, 1)}", "fortran_order"),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (1, -1)}", "unexpected character '-'"),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1.0)}", "unexpected character '.'"),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 0x1)}", "\"0x1\""),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': 1}", "shape"),
        ("{'descr': '<f3', 'fortran_order': False, 'shape': (1, 1)}", "type"),
        ("{'descr': '''u1'''}", "triple quote"),
        ("{'descr': 'u1", "header"),
        ("{'descr': '\\", "header"),
        (deep.as_str(), "nested deeper than 8"),
        (sets.as_str(), "nested deeper than 8"),
    ] {
        let error = read("x.npy", npy(header, &[1])).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{header}: {error}");
        says(&error, &["x.npy: damaged: header", part]);
    }
    for (bytes, part) in [
        (b"\x93NUMPZ\x01\x00\x00\x00".as_slice(), "found \"\\x93NUMPZ\""),
        (b"\x93NUMPY\x09\x00\x00\x00\x00\x00", "version"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "4294967295 bytes is declared"),
    ] {
        let error = read("x.npy", bytes).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        says(&error, &["x.npy", part]);
    }
}

#[test]
fn safetensors_headers_that_are_not_headers() {
    let entry = |dtype: &str, shape: &str, end: usize| format!(r#"{{"x":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,{end}]}}}}"#);
    for header in [
        String::new(),
        "[]".to_owned(),
        "{\"x\":1}".to_owned(),
        "{\"x\":".repeat(5000),
        entry("F31", "[2]", 8),
        entry("F32", "[3]", 8),
        entry("F32", "[-2]", 8),
        r#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#.to_owned(),
        r#"{"x":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#.to_owned(),
    ] {
        let error = read("x.safetensors", safetensors(&header, &[0; 8])).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{header}: {error}");
        says(&error, &["x.safetensors: damaged: header"]);
    }
    for length in [u64::MAX, 100_000_001] {
        let error = read("x.safetensors", length.to_le_bytes()).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        says(&error, &[&format!("{length} bytes is declared")]);
    }
}

#[test]
fn a_member_whose_declared_size_is_a_lie() {
    // The central directory's uncompressed size of every member, one byte larger or absurdly large.
    let bytes = std::fs::read(fixture("layers.npz")).unwrap();
    let starts: Vec<_> = (0..bytes.len() - 4).filter(|&start| &bytes[start..start + 4] == b"PK\x01\x02").collect();
    assert_eq!(starts.len(), 5);
    for size in [u32::MAX - 1, 1 << 30, 4096, 0] {
        let mut changed = bytes.clone();
        for start in &starts {
            changed[start + 24..start + 28].copy_from_slice(&size.to_le_bytes());
        }
        let (_directory, file) = temporary("x.npz", changed);
        let error = read_all(&file).unwrap_err();
        // Too small is noticed where the member ends, too large by the shape that the header
        // announces.
        match &error {
            Error::WrongLength { found, .. } => assert_eq!(*found, u64::from(size), "{error}"),
            other => assert!(matches!(other, Error::Damaged { .. }), "{error}"),
        }
        says(&error, &["x.npz:a:b"]);
    }
}
