//! HDF5.

use similitude::Representation;
use similitude::io::{ElementType, Error, Network, Source, read_representation, read_tensor};

use super::{fixture, read_all, says, tensor};

#[test]
fn datasets_have_the_values_that_h5py_reads() {
    // Types in both byte orders; layouts of both formats of the file; groups.
    assert_eq!(read_all("h5"), 23 + 2 * 10 + 11);
}

#[test]
fn element_types_are_those_of_the_file() {
    let types = [("f2be", ElementType::F16), ("f4le", ElementType::F32), ("i8be", ElementType::I64), ("bool", ElementType::Bool)];
    for (name, element) in types {
        assert_eq!(tensor(&fixture("h5", "types.h5"), name).unwrap().element, element);
    }
    // Sixteen bits are bfloat16 where the file describes it so, and not halves.
    let found = tensor(&fixture("h5", "refused.h5"), "bfloat16").unwrap();
    assert_eq!(found.element, ElementType::BF16);
    assert_eq!(found.values, [1.0, -2.5, 3.0, half::bf16::from_f64(1e30).to_f64()]);
}

#[test]
fn a_path_leads_to_a_dataset_and_groups_are_a_network() {
    let file = fixture("h5", "nested.h5");
    for path in ["layers/dense_3/vars/0", "/layers/dense_3/vars/0"] {
        let source = Source::new(format!("{}:{path}", file.display()));
        let found: Representation<'_> = read_representation(&source, None).unwrap();
        assert_eq!((found.n(), found.p(), found.to_row_major()[0]), (7, 5, 3.0));
    }
    let network = Network::open(&file, None).unwrap();
    let names = network.layer_names();
    // Numbers by their value; a link is a name too, and one that leads back leads nowhere new.
    assert_eq!(names.len(), 12);
    let position = |name: &str| names.iter().position(|found| found == name).unwrap();
    assert!(position("layers/dense_2/vars/0") < position("layers/dense_10/vars/0"));
    assert_eq!(network.read_layer(position("layers/soft"), None).unwrap().to_row_major()[34], 34.0);
}

#[test]
fn what_is_not_read_is_named() {
    let file = fixture("h5", "refused.h5");
    for (name, words) in [
        ("text", "no numbers"),
        ("complex", "store each part by itself"),
        ("enumeration", ".astype(numpy.int64)"),
        ("odd", ".astype(numpy.float32)"),
    ] {
        let error = tensor(&file, name).unwrap_err();
        assert!(matches!(error, Error::UnsupportedElement { .. }), "{error}");
        says(&error, &["refused.h5:", name, words]);
    }
    assert!(matches!(tensor(&file, "scalar"), Err(Error::NoAxes { .. })));
    assert!(matches!(tensor(&file, "empty"), Err(Error::EmptyTensor { .. })));
    let error = tensor(&file, "lzf").unwrap_err();
    assert!(matches!(error, Error::Hdf5NotRead { .. }), "{error}");
    says(&error, &["refused.h5:lzf", "h5repack -f NONE", "numpy.savez"]);
    let error = tensor(&file, "absent").unwrap_err();
    assert!(matches!(&error, Error::MissingTensor { available, .. } if available.len() == 8), "{error}");

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.hdf5");
    std::fs::write(&file, "no HDF5").unwrap();
    let error = read_tensor(&Source::from_parts(&file, None)).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

/// A dataset that stands in another file is no reason not to read those that stand here; and one
/// that is left out of a network is said.
#[test]
fn what_stands_in_other_files_is_named_and_the_rest_is_read() {
    let file = fixture("h5", "elsewhere.h5");
    assert_eq!(tensor(&file, "here").unwrap().shape, [7, 5]);
    for (file, name, words) in [("elsewhere.h5", "raw", "elsewhere.bin"), ("virtual.h5", "assembled", "a virtual dataset")] {
        let error = tensor(&fixture("h5", file), name).unwrap_err();
        assert!(matches!(error, Error::Hdf5NotRead { .. }), "{error}");
        says(&error, &[file, name, words, "numpy.savez"]);
    }
    let followed = [tensor(&file, "linked").unwrap_err(), Network::open(&file, None).unwrap_err()];
    followed.iter().for_each(|error| says(error, &["elsewhere.h5", "nested.h5", "not followed", "--layers"]));
    let chosen = Network::open(&file, Some(&["here".to_string()])).unwrap();
    assert_eq!(chosen.layer_names(), ["here"]);
}

#[test]
fn a_link_that_leads_nowhere_is_said() {
    for file in ["dangling.h5", "dangling-new.h5"] {
        let file = fixture("h5", file);
        let error = Network::open(&file, None).unwrap_err();
        says(&error, &["links that lead nowhere: group/gone", "--layers"]);
        assert_eq!(Network::open(&file, Some(&["x".to_string(), "link".to_string()])).unwrap().layer_names(), ["x", "link"]);
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error_or_the_values() {
    let whole = std::fs::read(fixture("h5", "layouts.h5")).unwrap();
    let wanted = tensor(&fixture("h5", "layouts.h5"), "gzip").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.h5");
    let mut refused = 0;
    for length in (0..whole.len()).step_by(97) {
        std::fs::write(&file, &whole[..length]).unwrap();
        match tensor(&file, "gzip") {
            Ok(found) => assert_eq!(found, wanted, "of {length} bytes"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 100, "{refused}");
}
