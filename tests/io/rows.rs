//! Rows read without the others: the same values as reading the whole layer, whatever the shape and
//! what becomes of its axes.

use super::{layers, named, npy, says, temporary};
use similitude::io::{Error, Network, Spatial, TensorValues, write_npy, write_safetensors};

#[test]
fn any_range_of_rows_is_that_part_of_the_layer() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("net.safetensors");
    let values: Vec<f32> = (0..7 * 24).map(|index| (index as f32).sqrt()).collect();
    let shapes: [&[usize]; 4] = [&[7, 24], &[168], &[7, 6, 4], &[7, 4, 3, 2]];
    let tensors: Vec<_> = ["matrix", "vector", "sequence", "image"].into_iter().zip(shapes).collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, shape)| (*name, *shape, TensorValues::F32(&values))).collect();
    write_safetensors(&file, &tensors).unwrap();
    let network = Network::open(&file, Some(&["matrix,vector,sequence,image".to_owned()])).unwrap();
    for layer in 0..4 {
        for spatial in [Spatial::Flatten, Spatial::Mean, Spatial::Positions] {
            let reading = named(spatial);
            let reading = reading.as_ref();
            let whole = network.read_layer(layer, reading).unwrap();
            let (n, p, all) = (whole.n(), whole.p(), whole.to_row_major());
            for start in 0..n {
                for end in [start + 1, (start + 5).min(n), n] {
                    let rows = network.read_rows(layer, reading, start..end, Vec::new()).unwrap();
                    assert_eq!(rows, all[start * p..end * p], "layer {layer}, {spatial:?}, rows {start}..{end}");
                }
            }
        }
    }
    says(&network.read_rows(3, None, 0..1, Vec::new()).unwrap_err(), &["image", "[7, 4, 3, 2]", "--spatial"]);
}

#[test]
fn directories_are_read_by_rows() {
    let directory = tempfile::tempdir().unwrap();
    // More than one megabyte, so that a block is read in several pieces.
    let values: Vec<f64> = (0..400 * 500).map(f64::from).collect();
    write_npy(directory.path().join("wide.npy"), 400, 500, &values).unwrap();
    let network = Network::open(directory.path(), None).unwrap();
    network.require_rows(0, None).unwrap();
    assert_eq!(network.read_rows(0, None, 30..390, Vec::new()).unwrap(), values[30 * 500..390 * 500]);
}

#[test]
fn what_has_no_rows_in_its_file_is_refused() {
    let error = layers().require_rows(0, None).unwrap_err();
    assert!(matches!(error, Error::NotByRows { .. }));
    says(&error, &["layers.npz:conv1", "blocks of rows", "member of a .npz", ".safetensors"]);

    let fortran = npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }\n", &[0; 48]);
    let (directory, _file) = temporary("layer.npy", fortran);
    let network = Network::open(directory.path(), None).unwrap();
    says(&network.read_rows(0, None, 0..1, Vec::new()).unwrap_err(), &["layer.npy", "Fortran order"]);
}

#[test]
fn an_integer_without_an_f64_is_named_by_its_place_in_the_whole() {
    let mut data = vec![0; 8 * 12];
    data[8 * 11..].copy_from_slice(&((1i64 << 53) + 1).to_le_bytes());
    let (directory, _file) = temporary("layer.npy", npy("{'descr': '<i8', 'fortran_order': False, 'shape': (4, 3), }\n", &data));
    let network = Network::open(directory.path(), None).unwrap();
    assert!(network.read_rows(0, None, 0..3, Vec::new()).is_ok());
    says(&network.read_rows(0, None, 2..4, Vec::new()).unwrap_err(), &["9007199254740993", "row 3, column 2"]);
}
