//! PyTorch.

use std::fs;
use std::io::Write;
use std::path::Path;

use similitude::io::{ElementType, Error, Network, PickleProblem, Source, read_representation, read_tensor};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{fixture, read_all, says, tensor};

#[test]
fn tensors_have_the_values_that_pytorch_reads() {
    // Types; nested dictionaries and lists, and views, in two protocols; a list, one tensor, a
    // state.
    assert_eq!(read_all("pt"), 10 + 2 * 6 + 2 * 7 + 2 + 1 + 6);
}

#[test]
fn element_types_are_those_of_the_file() {
    for (name, element) in
        [("bfloat16", ElementType::BF16), ("float16", ElementType::F16), ("int64", ElementType::I64), ("bool", ElementType::Bool)]
    {
        assert_eq!(tensor(&fixture("pt", "types.pt"), name).unwrap().element, element);
    }
}

#[test]
fn a_path_leads_to_a_tensor_and_dictionaries_are_a_network() {
    let file = fixture("pt", "nested.pt");
    let source = Source::new(format!("{}:encoder/h.10", file.display()));
    let found = read_representation(&source, None).unwrap();
    assert_eq!((found.n(), found.p(), found.to_row_major()[1]), (4, 6, 0.125));
    let network = Network::open(&file, None).unwrap();
    let names = ["encoder/7", "encoder/h.2", "encoder/h.10", "pieces/0", "pieces/1/0", "pieces/1/1"];
    assert_eq!(network.layer_names(), names);
    // Of one tensor no name is asked.
    assert_eq!(read_tensor(&Source::from_parts(fixture("pt", "single.pt"), None)).unwrap().shape, [4, 6]);
}

#[test]
fn a_directory_with_one_archive_is_its_network_and_with_several_names_them() {
    let directory = tempfile::tempdir().unwrap();
    let put = |file: &str| fs::copy(fixture("pt", "nested.pt"), directory.path().join(file)).unwrap();
    put("one.pt");
    assert_eq!(Network::open(directory.path(), None).unwrap().layer_names().len(), 6);
    // Names that shards would have, of a format that has none.
    fs::remove_file(directory.path().join("one.pt")).unwrap();
    for shard in ["model-00001-of-00002.pt", "model-00002-of-00002.pt"] {
        put(shard);
    }
    says(&Network::open(directory.path(), None).unwrap_err(), &["2 archives", "model-00001-of-00002.pt", "name one of them"]);
}

#[test]
fn rows_are_read_without_the_others_where_they_stand_together() {
    let file = fixture("pt", "views.pt");
    let network = Network::open(&file, Some(&["whole", "row", "parameter"].map(str::to_owned))).unwrap();
    for layer in [0, 2] {
        let whole = network.read_layer(layer, None).unwrap().to_row_major().to_vec();
        assert_eq!(network.read_rows(layer, None, 1..3, Vec::new()).unwrap(), whole[6..18]);
    }
    let views = Network::open(&file, Some(&["transposed".to_owned()])).unwrap();
    let error = views.require_rows(0, None).unwrap_err();
    assert!(matches!(error, Error::NotByRows { .. }));
    says(&error, &["views.pt:transposed", ".contiguous()"]);
}

#[test]
fn what_is_no_tensor_is_refused_by_name() {
    for (file, module, name, words) in [
        ("module.pt", "torch.nn.modules.linear", "Linear", "safetensors.torch.save_file"),
        ("numpy.pt", "numpy", "_reconstruct", "numpy.savez"),
    ] {
        let error = tensor(&fixture("pt", file), "x").unwrap_err();
        let Error::Pickle { problem: PickleProblem::Global { module: found, name: called }, .. } = &error else { panic!("{error}") };
        assert!(found.starts_with(module) && called == name, "{error}");
        says(&error, &[file, "is not run", words]);
    }
    let error = tensor(&fixture("pt", "legacy.pt"), "x").unwrap_err();
    assert!(matches!(error, Error::OtherFormat { .. }), "{error}");
    says(&error, &["legacy.pt", "PyTorch 1.6", "torch.load", "safetensors.torch.save_file"]);
    let refused = fixture("pt", "refused.pt");
    assert!(matches!(tensor(&refused, "complex"), Err(Error::UnsupportedElement { .. })));
    let error = tensor(&refused, "expanded").unwrap_err();
    assert!(matches!(error, Error::Expanded { held: 2, .. }), "{error}");
    says(&error, &["[3, 2]", ".contiguous()"]);
}

/// An archive as `torch.save` writes it, of a pickle and one storage `0`.
fn archive(file: &Path, pickle: &[u8], storage: &[u8], method: CompressionMethod, order: &str) {
    let mut writer = ZipWriter::new(fs::File::create(file).unwrap());
    for (name, bytes, method) in [
        ("x/data.pkl", pickle, CompressionMethod::Stored),
        ("x/byteorder", order.as_bytes(), CompressionMethod::Stored),
        ("x/data/0", storage, method),
    ] {
        writer.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
}

/// The pickle of one tensor of f32: its length in elements, offset, shape and strides.
fn pickle(length: u8, offset: u8, shape: [u8; 2], strides: [u8; 2]) -> Vec<u8> {
    let mut bytes =
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK".to_vec();
    bytes.extend([length, b't', b'Q', b'K', offset, b'K', shape[0], b'K', shape[1], 0x86, b'K', strides[0], b'K', strides[1], 0x86]);
    bytes.extend(b"\x89ccollections\nOrderedDict\n)RtR.");
    bytes
}

#[test]
fn views_stay_within_their_storage() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.pt");
    let six: Vec<u8> = (0..6).flat_map(|value| (value as f32).to_le_bytes()).collect();
    let read = |pickle: &[u8], storage: &[u8], method, order: &str| {
        archive(&file, pickle, storage, method, order);
        read_tensor(&Source::from_parts(&file, None))
    };
    let stored = CompressionMethod::Stored;
    assert_eq!(read(&pickle(6, 0, [2, 3], [3, 1]), &six, stored, "little").unwrap().values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(read(&pickle(6, 1, [2, 2], [1, 2]), &six, stored, "little").unwrap().values, [1.0, 3.0, 2.0, 4.0]);
    let big: Vec<u8> = (0..6).flat_map(|value| (value as f32).to_be_bytes()).collect();
    assert_eq!(read(&pickle(6, 0, [2, 3], [3, 1]), &big, stored, "big").unwrap().values[5], 5.0);
    // One element too far, by the offset and by a stride.
    for (offset, strides) in [(1, [3, 1]), (0, [4, 1])] {
        let error = read(&pickle(6, offset, [2, 3], strides), &six, stored, "little").unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        says(&error, &["[2, 3]", "in 6 elements"]);
    }
    let error = read(&pickle(7, 0, [2, 3], [3, 1]), &six, stored, "little").unwrap_err();
    assert!(matches!(error, Error::WrongLength { expected: 28, found: 24, .. }), "{error}");
    let error = read(&pickle(6, 0, [2, 3], [3, 1]), &six, CompressionMethod::Deflated, "little").unwrap_err();
    says(&error, &["compressed"]);
    // A tensor that stands in the file with the other sign.
    let changed = pickle(6, 0, [2, 3], [3, 1]);
    let changed = [changed.strip_suffix(b"tR.").unwrap(), b"}X\x03\0\0\0neg\x88stR."].concat();
    let error = read(&changed, &six, stored, "little").unwrap_err();
    assert!(matches!(error, Error::Pickle { problem: PickleProblem::Changed { .. }, .. }), "{error}");
    says(&error, &["neg", ".resolve_neg()"]);
    // Cut and changed at every byte, it is an error or a tensor.
    let whole = pickle(6, 0, [2, 3], [3, 1]);
    for at in 0..whole.len() {
        assert!(read(&whole[..at], &six, stored, "little").is_err());
        for change in [1, 0x80, 0xff] {
            let mut other = whole.clone();
            other[at] ^= change;
            let _ = read(&other, &six, stored, "little");
        }
    }
}

#[test]
fn a_pickle_that_would_grow_or_go_deep_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.pt");
    let read = |pickle: &[u8]| {
        archive(&file, pickle, &[0; 24], CompressionMethod::Stored, "little");
        read_tensor(&Source::from_parts(&file, None)).unwrap_err()
    };
    // Lists in lists, 100,000 deep; a list that holds itself; 2^40 references to one list.
    let deep = [b"\x80\x02".to_vec(), vec![b']'; 100_000], vec![b'a'; 99_999], b".".to_vec()].concat();
    let own = b"\x80\x02]q\0h\0a.".to_vec();
    let mut wide = b"\x80\x02]q\0".to_vec();
    for key in 1..=40_u8 {
        wide.extend([b']', b'q', key, b'(', b'h', key - 1, b'h', key - 1, b'e']);
    }
    wide.push(b'.');
    assert!(matches!(read(&deep), Error::Pickle { problem: PickleProblem::TooDeep { .. }, .. }));
    assert!(matches!(read(&own), Error::Pickle { problem: PickleProblem::TooDeep { .. }, .. }));
    assert!(matches!(read(&wide), Error::Pickle { problem: PickleProblem::TooMany { .. }, .. }));
    let error = read(b"\x80\x02cos\nsystem\nX\x04\0\0\0true\x85R.");
    assert!(matches!(&error, Error::Pickle { problem: PickleProblem::Global { module, .. }, .. } if module == "os"), "{error}");
    assert!(matches!(read(b"\x80\x02\x8f."), Error::Pickle { problem: PickleProblem::Instruction { code: 0x8f, at: 2 }, .. }));
}
