//! Files of tensors.

use similitude::io::{Error, Network, Opening, Source, Tensor, read_tensor};

use super::file;

/// Elements that a small file may make; a compressed one may declare more than there is memory.
const MOST: usize = 1 << 22;

/// Reads a file of tensors in every way: the same values, and finite ones, or an error.
pub(super) fn container(extension: &str, bytes: &[u8]) {
    let path = file(&format!("x.{extension}"), bytes);
    if extension == "csv" {
        if let Ok(tensor) = read_tensor(&Source::from_parts(&path, None)) {
            whole(&tensor);
        }
        return;
    }
    let opened = match extension {
        "npy" => Network::of_source(&Source::from_parts(&path, None), None),
        _ => Network::open_with(&path, &Opening { file_order: true, ..Opening::default() }, None),
    };
    let Ok(network) = opened else { return };
    for layer in 0..network.layer_names().len().min(4) {
        let Ok(shape) = network.layer_shape(layer) else { continue };
        if shape.iter().try_fold(1_usize, |count, &length| count.checked_mul(length)).is_none_or(|count| count > MOST) {
            continue;
        }
        let source = Source::from_parts(&path, (extension != "npy").then(|| network.layer_names()[layer].as_str()));
        let tensor = read_tensor(&source);
        if let Ok(tensor) = &tensor {
            whole(tensor);
            assert_eq!(tensor.shape, shape, "the shape before and after reading");
        }
        match network.read_layer(layer, None) {
            Ok(read) => {
                assert!(read.to_row_major().iter().all(|value| value.is_finite()), "a representation is finite");
                assert_eq!(tensor.expect("what is a representation is a tensor").values, read.to_row_major());
                if network.require_rows(layer, None).is_ok() {
                    let rows = network.read_rows(layer, None, 0..read.n(), Vec::new()).expect("rows of what was read whole");
                    assert_eq!(rows, read.to_row_major(), "rows and the whole");
                }
            }
            Err(Error::Axes { .. } | Error::Representation { .. }) => {}
            Err(error) => assert!(tensor.is_err(), "a tensor is read, and as a layer: {error}"),
        }
    }
}

/// A tensor has as many values as its shape says, and an axis.
fn whole(tensor: &Tensor) {
    assert!(!tensor.shape.is_empty() && !tensor.shape.contains(&0));
    assert_eq!(tensor.shape.iter().product::<usize>(), tensor.values.len());
}
