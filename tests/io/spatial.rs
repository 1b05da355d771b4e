//! Tensors with positions become matrices as the definition says, index by index.

use super::{fixture, npy, read};
use similitude::io::TensorValues;
use similitude::io::{Error, Network, Source, Spatial, read_representation, representation_shape, write_safetensors};

/// A representation of the tensor of this shape with these values.
fn arranged(shape: &[usize], values: &[f64], spatial: Spatial) -> Result<(usize, usize, Vec<f64>), Error> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.safetensors");
    write_safetensors(&file, &[("x", shape, TensorValues::F64(values))]).unwrap();
    let found = read_representation(&Source::from_parts(file, None), Some(spatial))?;
    assert_eq!(representation_shape(shape, Some(spatial)), Some((found.n(), found.p())));
    Ok((found.n(), found.p(), found.to_row_major().to_vec()))
}

/// A value of its own for every index; small integers, so that means are exact.
fn values(count: usize) -> Vec<f64> {
    (0..count).map(|index| ((index * 7919) % 1009) as f64).collect()
}

#[test]
fn images() {
    let (n, c, h, w) = (3, 5, 2, 4);
    let tensor = values(n * c * h * w);
    let at = |i: usize, k: usize, y: usize, x: usize| tensor[((i * c + k) * h + y) * w + x];

    assert_eq!(arranged(&[n, c, h, w], &tensor, Spatial::Flatten).unwrap(), (n, c * h * w, tensor.clone()));

    let (rows, columns, found) = arranged(&[n, c, h, w], &tensor, Spatial::Positions).unwrap();
    assert_eq!((rows, columns), (n * h * w, c));
    let (mean_rows, mean_columns, means) = arranged(&[n, c, h, w], &tensor, Spatial::Mean).unwrap();
    assert_eq!((mean_rows, mean_columns), (n, c));
    for i in 0..n {
        for k in 0..c {
            let mut total = 0.0;
            for y in 0..h {
                for x in 0..w {
                    assert_eq!(found[((i * h + y) * w + x) * c + k], at(i, k, y, x));
                    total += at(i, k, y, x);
                }
            }
            assert_eq!(means[i * c + k], total / 8.0);
        }
    }
}

#[test]
fn sequences() {
    let (n, t, d) = (3, 4, 5);
    let tensor = values(n * t * d);
    assert_eq!(arranged(&[n, t, d], &tensor, Spatial::Flatten).unwrap(), (n, t * d, tensor.clone()));
    assert_eq!(arranged(&[n, t, d], &tensor, Spatial::Positions).unwrap(), (n * t, d, tensor.clone()));
    let (rows, columns, means) = arranged(&[n, t, d], &tensor, Spatial::Mean).unwrap();
    assert_eq!((rows, columns), (n, d));
    for i in 0..n {
        for k in 0..d {
            let total: f64 = (0..t).map(|s| tensor[(i * t + s) * d + k]).sum();
            assert_eq!(means[i * d + k], total / 4.0);
        }
    }
}

#[test]
fn more_axes_are_channels_first() {
    let (n, c) = (2, 3);
    let tensor = values(n * c * 8);
    let image = arranged(&[n, c, 4, 2], &tensor, Spatial::Mean).unwrap();
    assert_eq!(arranged(&[n, c, 2, 2, 2], &tensor, Spatial::Mean).unwrap(), image);
    let image = arranged(&[n, c, 8, 1], &tensor, Spatial::Positions).unwrap();
    assert_eq!(arranged(&[n, c, 2, 1, 2, 2], &tensor, Spatial::Positions).unwrap(), image);
    assert_eq!(arranged(&[n, c, 2, 2, 2], &tensor, Spatial::Flatten).unwrap(), (n, 24, tensor));
}

#[test]
fn vectors_and_matrices_have_no_positions() {
    let tensor = values(6);
    for spatial in [Spatial::Flatten, Spatial::Mean, Spatial::Positions] {
        assert_eq!(arranged(&[6], &tensor, spatial).unwrap(), (6, 1, tensor.clone()));
        assert_eq!(arranged(&[2, 3], &tensor, spatial).unwrap(), (2, 3, tensor.clone()));
        assert_eq!(representation_shape(&[], Some(spatial)), None);
        assert_eq!(spatial.to_string().parse::<Spatial>().unwrap(), spatial);
    }
    assert_eq!(representation_shape(&[6], None), Some((6, 1)));
    assert_eq!(representation_shape(&[2, 3], None), Some((2, 3)));
    assert_eq!(representation_shape(&[2, 3, 1], None), None);
    assert_eq!(representation_shape(&[2, usize::MAX, 2], Some(Spatial::Flatten)), None);
}

#[test]
fn means_keep_their_digits() {
    // Summed in order, the ones vanish beside 1e16 and the mean is 0 or 2; the mean is 1.
    let channel = [1e16, 1.0, 1.0, 1.0, 1.0, -1e16, 1.0, 2.0];
    let (.., means) = arranged(&[2, 1, 4, 2], &[channel, channel].concat(), Spatial::Mean).unwrap();
    assert_eq!(means, [7.0 / 8.0; 2]);
    let (.., means) = arranged(&[2, 8, 1], &[channel, channel].concat(), Spatial::Mean).unwrap();
    assert_eq!(means, [7.0 / 8.0; 2]);
    // A sum that overflows has a mean that does not.
    let (.., means) = arranged(&[2, 1, 2, 2], &[f64::MAX / 2.0; 8], Spatial::Mean).unwrap();
    assert_eq!(means, [f64::MAX / 2.0; 2]);
}

#[test]
fn means_do_not_hide_what_is_not_finite() {
    for bad in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        let mut tensor = values(2 * 3 * 4);
        tensor[(3 + 1) * 4 + 2] = bad;
        let error = arranged(&[2, 3, 2, 2], &tensor, Spatial::Mean).unwrap_err();
        let Error::Representation { source, .. } = error else { panic!("{error}") };
        let similitude::Error::NotFinite { row, column, value, .. } = *source else { panic!("{source}") };
        assert_eq!((row, column, value.to_bits()), (1, 1, bad.to_bits()));
    }
}

#[test]
fn read_from_fixtures_that_numpy_wrote() {
    let network = Network::open(fixture("layers.npz"), None).unwrap();
    let conv = network.read_layer(0, Some(Spatial::Mean)).unwrap();
    assert_eq!((conv.n(), conv.p(), conv.to_row_major()), (2, 3, vec![1.5, 5.5, 9.5, 13.5, 17.5, 21.5]));
    let attention = network.read_layer(1, Some(Spatial::Mean)).unwrap();
    assert_eq!((attention.n(), attention.p(), attention.to_row_major()), (2, 3, vec![4.5, 5.5, 6.5, 16.5, 17.5, 18.5]));
    let axes = read("x.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 2)}", &[1, 2])).unwrap_err();
    assert!(matches!(axes, Error::TooManyAxes { .. }), "{axes}");
}
