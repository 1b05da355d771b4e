//! Networks: the order of layers, subsets, and reading one layer at a time.

use super::{fixture, layers, named, says, temporary};
use similitude::io::{Error, LayersError, Network, Opening, Source, Spatial, read_representation, write_npy};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A directory with these files, each 2 x (its index + 1), filled with the index.
fn directory(files: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (index, file) in files.iter().enumerate() {
        write_npy(directory.path().join(file), 2, index + 1, &vec![index as f64; 2 * (index + 1)]).unwrap();
    }
    directory
}

#[test]
fn archives_are_in_the_order_of_their_names_or_of_the_file() {
    for (file, in_file, by_name) in [
        ("layers.npz", &["conv1", "block/attention", "a:b", "labels"][..], &["a:b", "block/attention", "conv1", "labels"][..]),
        ("order.safetensors", &["stem", "block10", "block2"], &["block2", "block10", "stem"]),
        ("types.safetensors", &["c", "f", "e", "g", "a", "d", "h", "b"], &["a", "b", "c", "d", "e", "f", "g", "h"]),
    ] {
        for (file_order, order) in [(true, in_file), (false, by_name)] {
            let opening = Opening { layers: Some(names(&["*"])), file_order, ..Opening::default() };
            let network = Network::open_with(fixture(file), &opening, None).unwrap();
            assert_eq!(network.layer_names(), order);
            assert_eq!((network.path(), network.name()), (fixture(file).as_path(), fixture(file).to_str().unwrap()));
        }
    }
}

#[test]
fn directories_are_in_natural_order() {
    let directory = directory(&["conv10.npy", "conv2.npy", "conv1.npy", "fc.NPY"]);
    std::fs::write(directory.path().join("notes.txt"), "").unwrap();
    std::fs::create_dir(directory.path().join("conv3.npy")).unwrap();
    std::fs::write(directory.path().join("._conv1.npy"), "a resource fork").unwrap();
    let network = Network::open(directory.path(), None).unwrap();
    assert_eq!(network.layer_names(), ["conv1", "conv2", "conv10", "fc"]);
    let layers: Vec<_> = (0..4).map(|layer| network.read_layer(layer, None).unwrap()).collect();
    assert_eq!(
        layers.iter().map(|layer| (layer.p(), layer.to_row_major()[0])).collect::<Vec<_>>(),
        [(3, 2.0), (2, 1.0), (1, 0.0), (4, 3.0)]
    );
    assert_eq!(network.layer_shape(2).unwrap(), [2, 1]);
}

#[test]
fn a_subset_in_the_order_asked_for() {
    let asked = names(&["a:b", "conv1"]);
    let network = Network::open(fixture("layers.npz"), Some(&asked)).unwrap();
    assert_eq!(network.layer_names(), asked);
    assert_eq!(network.layer_shape(1).unwrap(), [2, 3, 2, 2]);
    assert_eq!(network.read_layer(0, None).unwrap().to_row_major(), [1.5, 2.5]);

    let directory = directory(&["a.npy", "b.npy", "c.npy"]);
    let asked = names(&["c", "a"]);
    let network = Network::open(directory.path(), Some(&asked)).unwrap();
    assert_eq!(network.layer_names(), asked);
    assert_eq!(network.read_layer(0, None).unwrap().to_row_major()[0], 2.0);
    assert_eq!(network.read_layer(1, None).unwrap().to_row_major()[0], 0.0);
}

#[test]
fn shapes_come_without_the_numbers() {
    let network = layers();
    assert_eq!(network.layer_shape(0).unwrap(), [2, 3, 2, 2]);
    assert_eq!(network.representation_shape(0, named(Spatial::Positions).as_ref()).unwrap(), (8, 3));
    assert_eq!(network.representation_shape(1, named(Spatial::Mean).as_ref()).unwrap(), (2, 3));
    assert_eq!(network.representation_shape(2, None).unwrap(), (2, 1));
    let error = network.representation_shape(0, None).unwrap_err();
    assert!(matches!(error, Error::Axes { .. }));
    says(&error, &["layers.npz:conv1", "[2, 3, 2, 2]"]);

    // Numbers that cannot be read do not keep the shape from being told: the member's checksum is
    // wrong.
    let mut bytes = std::fs::read(fixture("unsupported.safetensors")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] = 9;
    let (_directory, file) = temporary("x.safetensors", bytes);
    let network = Network::open(file, Some(&names(&["bool"]))).unwrap();
    assert_eq!(network.layer_shape(0).unwrap(), [2, 2]);
    assert!(network.read_layer(0, None).is_err());
}

#[test]
fn a_layer_is_named_by_the_source_that_reads_it() {
    let directory = directory(&["a.npy", "b.npy"]);
    let opened = Network::open(directory.path(), None).unwrap();
    let flattened = named(Spatial::Flatten);
    for (network, reading) in [(layers(), flattened.as_ref()), (opened, None)] {
        for layer in 0..network.layer_names().len() {
            let read = network.read_layer(layer, reading).unwrap();
            let alone = read_representation(&Source::new(read.name()), reading).unwrap();
            assert_eq!((alone.name(), alone.to_row_major()), (read.name(), read.to_row_major()));
        }
    }
}

#[test]
fn layers_that_are_not_there() {
    let error = Network::open(fixture("layers.npz"), Some(&names(&["conv1", "conv2"]))).unwrap_err();
    assert!(matches!(&error, Error::MissingTensor { tensor, .. } if tensor == "conv2"));
    says(&error, &["layers.npz", "\"conv2\"", "\"a:b\", \"block/attention\", \"conv1\", \"labels\""]);

    let directory = directory(&["b.npy", "a.npy"]);
    let error = Network::open(directory.path(), Some(&names(&["c"]))).unwrap_err();
    says(&error, &["no tensor named \"c\"; it has \"a\", \"b\""]);

    let error = Network::open(directory.path(), Some(&names(&["a", "a"]))).unwrap_err();
    assert!(matches!(&error, Error::Layers { problem: LayersError::AskedTwice { name }, .. } if name == "a"));
    assert!(matches!(Network::open(directory.path(), Some(&[])), Err(Error::NoTensors { .. })));

    let network = Network::open(directory.path(), None).unwrap();
    for error in [network.read_layer(2, None).unwrap_err(), network.layer_shape(2).unwrap_err()] {
        assert!(matches!(error, Error::NoSuchLayer { index: 2, layers: 2, .. }));
        says(&error, &["layer 2", "2 layers"]);
    }
}

/// What looks like a layer and cannot be read is no layer less.
#[cfg(unix)]
#[test]
fn links_lead_to_layers_or_are_an_error() {
    use std::os::unix::fs::symlink;

    let root = directory(&["a.npy"]);
    let shared = directory(&["w.npy"]);
    symlink(shared.path(), root.path().join("first")).unwrap();
    symlink(shared.path(), root.path().join("second")).unwrap();
    symlink(root.path(), root.path().join("back")).unwrap();
    let network = Network::open(root.path(), None).unwrap();
    assert_eq!(network.layer_names(), ["a", "first/w", "second/w"]);

    symlink("nowhere.npy", root.path().join("b.npy")).unwrap();
    let network = Network::open(root.path(), None).unwrap();
    let error = network.layer_shape(1).unwrap_err();
    says(&error, &["b.npy", "no such file"]);
    let opening = Opening { exclude: vec!["b".to_owned()], ..Opening::default() };
    assert_eq!(Network::open_with(root.path(), &opening, None).unwrap().layer_names().len(), 3);
    symlink("/dev/null", root.path().join("c.npy")).unwrap();
    assert!(matches!(Network::open(root.path(), None), Err(Error::NotAFile { .. })));
}

#[test]
fn paths_that_are_not_networks() {
    let error = Network::open(fixture("version2.npy"), None).unwrap_err();
    assert!(matches!(&error, Error::NotANetwork { extension, .. } if extension == "npy"));
    says(&error, &["version2.npy", ".npz, .safetensors", "directory"]);
    let (_directory, file) = temporary("x.csv", "1\n2\n");
    assert!(matches!(Network::open(file, None), Err(Error::NotANetwork { .. })));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Network::open(empty.path(), None), Err(Error::NoTensors { .. })));
    assert!(matches!(Network::open(empty.path().join("absent"), None), Err(Error::NotFound { .. })));
}

#[test]
fn a_network_is_shared_between_threads() {
    let network = Network::open(fixture("types.npz"), None).unwrap();
    let alone: Vec<_> = (0..48).map(|layer| network.read_layer(layer, None).unwrap().to_row_major().to_vec()).collect();
    std::thread::scope(|scope| {
        for offset in 0..4 {
            let (network, alone) = (&network, &alone);
            scope.spawn(move || {
                for layer in (0..48).map(|step| (step + 12 * offset) % 48) {
                    assert_eq!(network.read_layer(layer, None).unwrap().to_row_major(), alone[layer]);
                }
            });
        }
    });
}
