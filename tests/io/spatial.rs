//! Tensors with positions become matrices as the definition says, index by index.

use super::{layers, named, npy, read, reading};
use similitude::io::{
    Axes, AxesError, AxesProblem, Error, Network, Reading, Source, Spatial, TensorValues, read_representation, write_safetensors,
};

/// A representation of the tensor of this shape with these values.
fn arranged(shape: &[usize], values: &[f64], spatial: Spatial) -> Result<(usize, usize, Vec<f64>), Error> {
    arranged_as(shape, values, named(spatial).as_ref())
}

fn arranged_as(shape: &[usize], values: &[f64], reading: Option<&Reading>) -> Result<(usize, usize, Vec<f64>), Error> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.safetensors");
    write_safetensors(&file, &[("x", shape, TensorValues::F64(values))]).unwrap();
    let source = Source::from_parts(file, None);
    let shape = Network::of_source(&source, reading)?.representation_shape(0, reading);
    let found = read_representation(&source, reading)?;
    assert_eq!(shape.unwrap(), (found.n(), found.p()));
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
    for spatial in [Spatial::Flatten, Spatial::Mean, Spatial::Positions, Spatial::Max, Spatial::First, Spatial::Last, Spatial::Token(3)] {
        assert_eq!(arranged(&[6], &tensor, spatial).unwrap(), (6, 1, tensor.clone()));
        assert_eq!(arranged(&[2, 3], &tensor, spatial).unwrap(), (2, 3, tensor.clone()));
        assert_eq!(spatial.to_string().parse::<Spatial>().unwrap(), spatial);
    }
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
    let (network, mean) = (layers(), named(Spatial::Mean));
    let conv = network.read_layer(0, mean.as_ref()).unwrap();
    assert_eq!((conv.n(), conv.p(), conv.to_row_major()), (2, 3, vec![1.5, 5.5, 9.5, 13.5, 17.5, 21.5]));
    let attention = network.read_layer(1, mean.as_ref()).unwrap();
    assert_eq!((attention.n(), attention.p(), attention.to_row_major()), (2, 3, vec![4.5, 5.5, 6.5, 16.5, 17.5, 18.5]));
    // Axes of length 1 behind the first count nothing; as the first they may be one example.
    let axes = read("x.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 2)}", &[1, 2, 3, 4])).unwrap_err();
    assert!(matches!(axes, Error::Axes { problem: AxesProblem::Unnamed { .. }, .. }), "{axes}");
}

/// A tensor of ones and its axes, with its values by the indices of its letters.
fn by_letters(axes: &str, lengths: &[(char, usize)]) -> (Vec<usize>, Vec<f64>) {
    let letters: Vec<char> = axes.chars().collect();
    let length = |letter: char| lengths.iter().find(|(name, _)| *name == letter).unwrap().1;
    let shape: Vec<usize> = letters.iter().map(|&letter| length(letter)).collect();
    let count = shape.iter().product();
    let value = |mut element: usize| {
        let mut value = 0.0;
        for (axis, letter) in letters.iter().enumerate().rev() {
            let index = element % shape[axis];
            element /= shape[axis];
            // A weight that depends on the letter and not on where it stands.
            value += index as f64 * 10_f64.powi(lengths.iter().position(|(name, _)| name == letter).unwrap() as i32);
        }
        value
    };
    let values = (0..count).map(value).collect();
    (shape, values)
}

#[test]
fn the_same_tensor_with_its_axes_in_any_order_is_the_same_matrix() {
    let lengths = [('n', 3), ('c', 4), ('h', 2), ('w', 5)];
    let (shape, values) = by_letters("nchw", &lengths);
    for spatial in [Spatial::Mean, Spatial::Max, Spatial::First, Spatial::Last, Spatial::Token(7), Spatial::Positions] {
        let expected = arranged_as(&shape, &values, Some(&reading("nchw", Some(spatial)))).unwrap();
        for axes in ["nhwc", "nwhc", "ncwh", "chwn", "hwnc", "cnhw", "whcn"] {
            let (shape, values) = by_letters(axes, &lengths);
            let found = arranged_as(&shape, &values, Some(&reading(axes, Some(spatial)))).unwrap();
            assert_eq!(found, expected, "{axes} {spatial}");
        }
    }
    // Flattened, neurons stand in the order of the file, whatever it is; examples do not.
    let (shape, values) = by_letters("hwnc", &lengths);
    let (n, p, found) = arranged_as(&shape, &values, Some(&reading("hwnc", Some(Spatial::Flatten)))).unwrap();
    assert_eq!((n, p), (3, 40));
    assert!(found.chunks(40).enumerate().all(|(example, row)| row.iter().all(|value| value % 10.0 == example as f64)));
}

#[test]
fn one_position_and_the_largest_value() {
    let tensor = values(2 * 3 * 4);
    let at = |i: usize, t: usize, k: usize| tensor[(i * 3 + t) * 4 + k];
    for (spatial, position) in [(Spatial::First, 0), (Spatial::Last, 2), (Spatial::Token(1), 1)] {
        let (n, p, found) = arranged(&[2, 3, 4], &tensor, spatial).unwrap();
        assert_eq!((n, p), (2, 4));
        (0..8).for_each(|index| assert_eq!(found[index], at(index / 4, position, index % 4), "{spatial}"));
    }
    let (.., found) = arranged(&[2, 3, 4], &tensor, Spatial::Max).unwrap();
    let largest = |i: usize, k: usize| (0..3).map(|t| at(i, t, k)).fold(f64::MIN, f64::max);
    (0..8).for_each(|index| assert_eq!(found[index], largest(index / 4, index % 4)));
    let error = arranged(&[2, 3, 4], &tensor, Spatial::Token(3)).unwrap_err();
    super::says(&error, &["token=3", "example 0 has 3 positions"]);
    let mut bad = tensor.clone();
    bad[4] = f64::NAN;
    assert!(matches!(arranged(&[2, 3, 4], &bad, Spatial::Max), Err(Error::Representation { .. })));
}

#[test]
fn more_than_two_axes_are_named_or_refused_with_the_choices() {
    let tensor = values(2 * 3 * 2 * 2);
    let spatial =
        Reading { tensors: similitude::io::Arrangement { spatial: Some(Spatial::Mean), ..Default::default() }, ..Reading::default() };
    for reading in [None, Some(&spatial)] {
        let error = arranged_as(&[2, 3, 2, 2], &tensor, reading).unwrap_err();
        super::says(&error, &["[2, 3, 2, 2]", "--axes", "nchw", "channels first", "nhwc", "channels last", "--spatial"]);
        let error = arranged_as(&[4, 3, 2], &tensor, reading).unwrap_err();
        super::says(&error, &["[4, 3, 2]", "n x t x d", "ncl", "nLd"]);
    }
    let error = arranged_as(&[2, 3, 2, 2], &tensor, Some(&reading("ntd", Some(Spatial::Mean)))).unwrap_err();
    super::says(&error, &["--axes ntd names other numbers of axes"]);
    let error = arranged_as(&[2, 3, 2, 2], &tensor, Some(&reading("nchw", None))).unwrap_err();
    super::says(&error, &["read as nchw has 4 positions", "--spatial flatten"]);
    // What has no positions asks nothing.
    for shape in [&[6, 4, 1, 1][..], &[6, 1, 4], &[6, 1, 1, 4, 1]] {
        assert_eq!(arranged_as(shape, &tensor, None).unwrap(), (6, 4, tensor.clone()), "{shape:?}");
    }
    assert_eq!(arranged_as(&[6, 4, 1, 1], &tensor, Some(&reading("nchw", None))).unwrap(), (6, 4, tensor.clone()));
    // A matrix whose axes are named is read as named.
    let (n, p, found) = arranged_as(&[4, 6], &tensor, Some(&reading("dn", None))).unwrap();
    assert_eq!((n, p, found[1]), (6, 4, tensor[6]));
}

#[test]
fn letters_that_name_no_axes() {
    let error = |text: &str| Axes::parse_list(text).unwrap_err();
    assert!(matches!(error("nqd"), AxesError::UnknownLetter { letter: 'q', .. }));
    assert!(matches!(error("nhh"), AxesError::Twice { letter: 'h', .. }));
    assert!(matches!(error("nb"), AxesError::Twice { letter: 'b', .. }));
    assert!(matches!(error("chw"), AxesError::NoExamples { .. }));
    assert!(matches!(error("NCL"), AxesError::CapitalL { length, .. } if length == "ncl"));
    assert!(matches!(error("nchw,nhwc"), AxesError::SameNumber { .. }));
    assert_eq!(Axes::parse_list("NCHW, ntd").unwrap().iter().map(Axes::to_string).collect::<Vec<_>>(), ["nchw", "ntd"]);
    assert!(matches!("average".parse::<Spatial>(), Err(AxesError::UnknownSpatial { .. })));
    assert!("token=x".parse::<Spatial>().is_err());
}
