//! Which entries of an archive or a directory are layers, and in what order.

use std::path::Path;

use super::{reading, safetensors, says};
use similitude::io::{
    Error, LayerOrder, LayersError, Network, Opening, Source, TensorValues, read_representation, write_npy, write_safetensors,
};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Writes an archive of 4 x 2 layers, each filled with its number, as the safetensors package
/// would: sorted by type and name, without an order.
fn archive(file: &Path, layers: &[&str]) {
    let mut header = Vec::new();
    let mut data = Vec::new();
    for (index, name) in layers.iter().enumerate() {
        let start = data.len();
        (0..8).for_each(|element| data.extend((index as f32 + element as f32 / 16.0).to_le_bytes()));
        header.push(format!(
            "{}:{{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[{start},{}]}}",
            serde_json::to_string(name).unwrap(),
            data.len()
        ));
    }
    std::fs::write(file, safetensors(&format!("{{{}}}", header.join(",")), &data)).unwrap();
}

/// The layers of an archive of these, opened so.
fn opened(layers: &[&str], opening: &Opening) -> Result<Vec<String>, Error> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("net.safetensors");
    archive(&file, layers);
    Network::open_with(&file, opening, None).map(|network| network.layer_names().to_vec())
}

#[test]
fn numbered_layers_stand_in_their_order() {
    let sorted = ["h.0", "h.1", "h.10", "h.11", "h.2", "h.9"];
    let layers = opened(&sorted, &Opening::default()).unwrap();
    assert_eq!(layers, ["h.0", "h.1", "h.2", "h.9", "h.10", "h.11"]);
    let layers = opened(&sorted, &Opening { file_order: true, ..Opening::default() }).unwrap();
    assert_eq!(layers, sorted);
}

#[test]
fn the_metadata_of_a_file_may_name_an_order() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("net.safetensors");
    let write = |order: &str| {
        let tensors = r#""a":{"dtype":"BOOL","shape":[2,2],"data_offsets":[0,4]},"b":{"dtype":"BOOL","shape":[2,2],"data_offsets":[4,8]},"c":{"dtype":"BOOL","shape":[2,2],"data_offsets":[8,12]}"#;
        std::fs::write(&file, safetensors(&format!("{{\"__metadata__\":{{\"layers\":{order}}},{tensors}}}"), &[0; 12])).unwrap();
        Network::open(&file, None)
    };
    for order in ["\"[\\\"c\\\",\\\"a\\\",\\\"b\\\"]\"", "\"c, a, b\""] {
        let network = write(order).unwrap();
        assert_eq!((network.layer_names(), network.order()), (&names(&["c", "a", "b"])[..], LayerOrder::Metadata));
    }
    // What it does not name comes after what it names.
    assert_eq!(write("\"c\"").unwrap().layer_names(), ["c", "a", "b"]);
    says(&write("\"c, d\"").unwrap_err(), &["net.safetensors", "\"d\"", "does not hold"]);
    // Files of this crate name the order in which they were given.
    let value = TensorValues::F64(&[1.0, 2.0]);
    write_safetensors(&file, &[("stem", &[2, 1], value), ("block10", &[2, 1], value), ("block2", &[2, 1], value)]).unwrap();
    let network = Network::open(&file, None).unwrap();
    assert_eq!((network.layer_names(), network.order()), (&names(&["stem", "block10", "block2"])[..], LayerOrder::Metadata));
}

#[test]
fn layers_by_name_and_by_pattern() {
    let all = ["blk,1", "h.0.attn", "h.0.mlp", "h.1.attn", "h.10.attn", "h.2.attn", "x"];
    let asked = |layers: &[&str], exclude: &[&str]| {
        opened(&all, &Opening { layers: (!layers.is_empty()).then(|| names(layers)), exclude: names(exclude), ..Opening::default() })
    };
    assert_eq!(asked(&["h.*.attn"], &[]).unwrap(), ["h.0.attn", "h.1.attn", "h.2.attn", "h.10.attn"]);
    assert_eq!(asked(&["x,h.?.attn"], &["h.1*"]).unwrap(), ["x", "h.0.attn", "h.2.attn"]);
    assert_eq!(asked(&["blk,1"], &[]).unwrap(), ["blk,1"]);
    assert_eq!(asked(&["x,blk,1,h.0.mlp"], &[]).unwrap(), ["x", "blk,1", "h.0.mlp"]);
    assert_eq!(asked(&["x", "*"], &["h.*"]).unwrap(), ["x", "blk,1"]);
    assert_eq!(asked(&[], &["h.*,x"]).unwrap(), ["blk,1"]);
    let error = asked(&["h.*.norm"], &[]).unwrap_err();
    assert!(matches!(&error, Error::MissingTensor { tensor, .. } if tensor == "h.*.norm"), "{error}");
    assert!(matches!(asked(&["x,x"], &[]), Err(Error::Layers { problem: LayersError::AskedTwice { .. }, .. })));
    assert!(matches!(asked(&[], &["*"]), Err(Error::Layers { problem: LayersError::NothingLeft, .. })));
    assert!(matches!(asked(&["h[.attn"], &[]), Err(Error::Layers { problem: LayersError::BadPattern { .. }, .. })));
}

#[test]
fn entries_that_are_no_layers_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("net.safetensors");
    let value = TensorValues::F64(&[1.0, 2.0]);
    for (name, shape) in [("labels", &[2][..]), ("step", &[])] {
        let one = if shape.is_empty() { TensorValues::F64(&[1.0]) } else { value };
        write_safetensors(&file, &[("a", &[2, 1], value), (name, shape, one), ("b", &[2, 1], value)]).unwrap();
        says(&Network::open(&file, None).unwrap_err(), &["net.safetensors", &format!("{name:?} is no layer"), "--exclude", "--layers"]);
        assert_eq!(Network::open(&file, Some(&names(&["a,b"]))).unwrap().layer_names(), ["a", "b"]);
        let exclude = Opening { exclude: names(&[name]), ..Opening::default() };
        assert_eq!(Network::open_with(&file, &exclude, None).unwrap().layer_names(), ["a", "b"]);
    }
    // Neurons that were saved one by one are layers of one neuron.
    write_safetensors(&file, &[("a", &[2], value), ("b", &[2], value)]).unwrap();
    assert_eq!(Network::open(&file, None).unwrap().layer_names().len(), 2);
}

#[test]
fn folders_in_folders() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, value: f64| {
        let file = directory.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        write_npy(file, 2, 1, &[value, 0.0]).unwrap();
    };
    write("enc/10/mlp.npy", 1.0);
    write("enc/2/mlp.NPY", 2.0);
    write("top.npy", 3.0);
    write(".cache/x.npy", 4.0);
    write("enc/._2.npy", 5.0);
    let network = Network::open(directory.path(), None).unwrap();
    assert_eq!(network.layer_names(), ["enc/2/mlp", "enc/10/mlp", "top"]);
    assert_eq!(network.read_layer(0, None).unwrap().to_row_major()[0], 2.0);
    assert!(network.source(0).ends_with("enc/2/mlp.NPY"));
    #[cfg(unix)]
    {
        // A link back to where it stands is looked at once.
        std::os::unix::fs::symlink(directory.path(), directory.path().join("enc/loop")).unwrap();
        assert_eq!(Network::open(directory.path(), None).unwrap().layer_names().len(), 3);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn names_that_are_not_text() {
    use std::os::unix::ffi::OsStrExt;
    let directory = tempfile::tempdir().unwrap();
    let odd = directory.path().join(std::ffi::OsStr::from_bytes(b"\xffnet"));
    std::fs::create_dir(&odd).unwrap();
    write_npy(odd.join("a.npy"), 2, 1, &[1.0, 2.0]).unwrap();
    write_npy(odd.join(std::ffi::OsStr::from_bytes(b"b\xfe.npy")), 2, 1, &[3.0, 4.0]).unwrap();
    let network = Network::open(&odd, None).unwrap();
    assert_eq!((network.layer_names().len(), network.read_layer(1, None).unwrap().to_row_major()[0]), (2, 3.0));
    let file = odd.join("net.safetensors");
    archive(&file, &["x"]);
    let mut text = file.clone().into_os_string();
    assert_eq!(read_representation(&Source::from_os(&text), None).unwrap().n(), 4);
    text.push(":x");
    let source = Source::from_os(&text);
    assert_eq!((source.path(), source.tensor()), (file.as_path(), Some("x")));
}

#[test]
fn shards_are_one_network() {
    let directory = tempfile::tempdir().unwrap();
    let shard = |number: usize| directory.path().join(format!("model-0000{number}-of-00003.safetensors"));
    archive(&shard(1), &["h.0", "h.10"]);
    archive(&shard(2), &["h.1"]);
    says(&Network::open(directory.path(), None).unwrap_err(), &["model-00003-of-00003.safetensors is missing"]);
    archive(&shard(3), &["h.2", "head"]);
    let network = Network::open(directory.path(), None).unwrap();
    assert_eq!(network.layer_names(), ["h.0", "h.1", "h.2", "h.10", "head"]);
    assert_eq!(network.read_layer(3, None).unwrap().to_row_major()[0], 1.0);
    assert_eq!(network.files().len(), 3);
    let read = network.read_layer(4, None).unwrap();
    assert_eq!(read_representation(&Source::new(read.name()), None).unwrap().to_row_major(), read.to_row_major());
    let by_directory = Source::new(format!("{}:h.2", directory.path().display()));
    assert_eq!(read_representation(&by_directory, None).unwrap().to_row_major()[0], 0.0);

    let index = directory.path().join("model.safetensors.index.json");
    let map = |text: &str| std::fs::write(&index, format!("{{\"weight_map\":{{{text}}}}}")).unwrap();
    map(r#""h.0":"model-00001-of-00003.safetensors","h.2":"model-00003-of-00003.safetensors""#);
    for path in [&index, &directory.path().to_path_buf()] {
        assert_eq!(Network::open(path, None).unwrap().layer_names(), ["h.0", "h.2"]);
    }
    map(r#""h.7":"model-00001-of-00003.safetensors""#);
    says(&Network::open(&index, None).unwrap_err(), &["does not hold \"h.7\""]);
    map(r#""h.0":"model-00004-of-00004.safetensors""#);
    assert!(matches!(Network::open(&index, None), Err(Error::Layers { problem: LayersError::MissingShard { .. }, .. })));
    std::fs::write(&index, "{}").unwrap();
    says(&Network::open(&index, None).unwrap_err(), &["weight_map"]);
    std::fs::remove_file(&index).unwrap();

    archive(&directory.path().join("other.safetensors"), &["x"]);
    says(&Network::open(directory.path(), None).unwrap_err(), &["4 archives", "other.safetensors"]);
    write_npy(directory.path().join("layer.npy"), 2, 1, &[1.0, 2.0]).unwrap();
    assert!(matches!(
        Network::open(directory.path(), None),
        Err(Error::Layers { problem: LayersError::Mixed { npy: 1, archives: 4 }, .. })
    ));
}

#[test]
fn pieces_of_a_layer_are_joined() {
    let all = ["h.0/part0", "h.0/part1", "h.0/part10", "x"];
    let open = |all: &[&str], template: &str| opened(all, &Opening { pieces: Some(template.to_owned()), ..Opening::default() });
    let error = open(&all, "{layer}/part{piece}").unwrap_err();
    says(&error, &["\"h.0\" has 3 pieces", "number 2"]);
    assert_eq!(open(&["b1.h", "b2.h", "x"], "b{piece}.{layer}").unwrap(), ["h", "x"]);
    assert!(matches!(open(&all, "part{piece}"), Err(Error::Layers { problem: LayersError::Template { .. }, .. })));

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("net.safetensors");
    archive(&file, &["h/1", "h/0", "k"]);
    let opening = Opening { pieces: Some("{layer}/{piece}".to_owned()), ..Opening::default() };
    let network = Network::open_with(&file, &opening, None).unwrap();
    assert_eq!(network.layer_names(), ["h", "k"]);
    assert_eq!(network.representation_shape(0, None).unwrap(), (8, 2));
    let joined = network.read_layer(0, None).unwrap();
    assert_eq!((joined.to_row_major()[0], joined.to_row_major()[8]), (1.0, 0.0));
    assert_eq!(network.convention(0, None).unwrap().unwrap(), "2 pieces joined");
    assert!(matches!(network.require_rows(0, None), Err(Error::NotByRows { .. })));
    assert!(matches!(network.columns(0, None), Err(Error::NotByColumns { .. })));
    let mut rows = similitude::io::Reading::default();
    rows.tensors.rows = Some(similitude::io::read_rows("0:2").unwrap());
    assert!(matches!(network.read_layer(0, Some(&rows)), Err(Error::Layers { problem: LayersError::WithPieces { .. }, .. })));
}

/// The value of layer l, example i, neuron k.
fn stacked(l: usize, i: usize, k: usize) -> f32 {
    (100 * l + 10 * i + k) as f32
}

#[test]
fn layers_along_an_axis() {
    const L: usize = 3;
    const N: usize = 4;
    const D: usize = 2;
    let directory = tempfile::tempdir().unwrap();
    let nld: Vec<f32> = (0..L * N * D).map(|e| stacked(e / D % L, e / (L * D), e % D)).collect();
    let lnd: Vec<f32> = (0..L * N * D).map(|e| stacked(e / (N * D), e / D % N, e % D)).collect();
    let ndl: Vec<f32> = (0..L * N * D).map(|e| stacked(e % L, e / (D * L), e / L % D)).collect();
    for (axes, shape, values) in [("nLd", [N, L, D], &nld), ("Lnd", [L, N, D], &lnd), ("ndL", [N, D, L], &ndl)] {
        let reading = reading(axes, None);
        let archive = directory.path().join(format!("{axes}.safetensors"));
        write_safetensors(&archive, &[("h", &shape, TensorValues::F32(values))]).unwrap();
        let array = directory.path().join(format!("{axes}.npy"));
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}, {})}}", shape[0], shape[1], shape[2]);
        std::fs::write(&array, super::npy(&header, &bytes)).unwrap();
        for (file, prefix) in [(&archive, "h/"), (&array, "")] {
            let network = Network::open_with(file, &Opening::default(), Some(&reading)).unwrap();
            assert_eq!(network.layer_names(), ["0", "1", "2"].map(|layer| format!("{prefix}{layer}")));
            assert_eq!(network.order(), LayerOrder::Stack);
            for layer in 0..L {
                let wanted: Vec<f64> = (0..N * D).map(|e| stacked(layer, e / D, e % D).into()).collect();
                let read = network.read_layer(layer, Some(&reading)).unwrap();
                assert_eq!(read.to_row_major().to_vec(), wanted, "{axes} {layer}");
                let alone = read_representation(&Source::new(read.name()), Some(&reading)).unwrap();
                assert_eq!(alone.to_row_major().to_vec(), wanted, "{axes} {layer} alone");
                let rows = network.read_rows(layer, Some(&reading), 1..3, Vec::new()).unwrap();
                assert_eq!(rows, wanted[D..3 * D], "{axes} {layer} by rows");
                let mut chosen = reading.clone();
                chosen.tensors.rows = Some(similitude::io::read_rows("3,0:2").unwrap());
                let read = network.read_layer(layer, Some(&chosen)).unwrap();
                let rows = [3, 0, 1].iter().flat_map(|row| wanted[row * D..(row + 1) * D].to_vec()).collect::<Vec<_>>();
                assert_eq!(read.to_row_major().to_vec(), rows, "{axes} {layer} with rows");
                for reading in [&reading, &chosen] {
                    match network.columns(layer, Some(reading)) {
                        Ok(columns) => {
                            let whole = network.read_layer(layer, Some(reading)).unwrap().to_row_major().to_vec();
                            for k in 0..D {
                                let column = columns.read(k..k + 1, None).unwrap();
                                let wanted: Vec<f32> = whole.iter().skip(k).step_by(D).map(|&value| value as f32).collect();
                                assert_eq!(column, similitude::io::ColumnBlock::F32(wanted), "{axes} {layer} column {k}");
                            }
                        }
                        Err(error) => assert!(axes == "ndL" && matches!(error, Error::NotByColumns { .. }), "{axes}: {error}"),
                    }
                }
            }
            let whole = Source::from_parts(file, None);
            says(&read_representation(&whole, Some(&reading)).unwrap_err(), &["a stack of 3 layers", "counted from 0"]);
        }
        let beyond = Source::new(format!("{}:h/3", archive.display()));
        says(&read_representation(&beyond, Some(&reading)).unwrap_err(), &["a stack of 3 layers"]);
    }
    let error = Network::open(directory.path().join("nLd.npy"), None).unwrap_err();
    assert!(matches!(error, Error::NotANetwork { .. }), "{error}");
}
