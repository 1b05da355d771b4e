//! Input that has no picture.

use similitude::report::heatmap::{HeatMap, HeatMapError, Scale};

use super::map;

#[test]
fn input_without_a_picture_is_refused_with_its_numbers() {
    let refused = |map: HeatMap| {
        let error = map.to_svg().unwrap_err();
        assert_eq!(map.to_png(1.0).unwrap_err().to_string(), error.to_string());
        error
    };
    assert!(matches!(refused(map(0, 3)), HeatMapError::Empty { rows: 0, columns: 3 }));
    assert!(matches!(refused(map(3, 0)), HeatMapError::Empty { rows: 3, columns: 0 }));

    let mut short = map(2, 3);
    short.values.pop();
    let error = refused(short);
    assert!(matches!(error, HeatMapError::WrongNumberOfValues { rows: 2, columns: 3, found: 5 }));
    assert_eq!(error.to_string(), "2 rows and 3 columns need 6 values, found 5");

    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut map = map(2, 3);
        map.values[5] = Some(value);
        let error = refused(map);
        assert!(matches!(error, HeatMapError::ValueNotFinite { row: 1, column: 2, .. }), "{error:?}");
        assert!(error.to_string().contains("row 1 (row1) and column 2 (column2)"), "{error}");
    }

    let scaled = |minimum, maximum| HeatMap { scale: Scale { minimum, maximum, label: String::new() }, ..map(1, 1) };
    for (minimum, maximum) in [(f64::NAN, 1.0), (0.0, f64::INFINITY), (-1e308, 1e308)] {
        assert!(matches!(refused(scaled(minimum, maximum)), HeatMapError::ScaleNotFinite { .. }));
    }
    for (minimum, maximum) in [(1.0, 1.0), (1.0, 0.0)] {
        assert!(matches!(refused(scaled(minimum, maximum)), HeatMapError::ScaleEmpty { .. }));
    }
}

#[test]
fn pictures_of_no_or_too_many_pixels_are_refused() {
    let map = map(1, 1);
    for pixels_per_unit in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(matches!(map.to_png(pixels_per_unit), Err(HeatMapError::PixelsPerUnit { .. })));
    }
    for pixels_per_unit in [1e-4, 1e3, f32::MAX] {
        assert!(matches!(map.to_png(pixels_per_unit), Err(HeatMapError::PictureSize { .. })));
    }
    assert!(map.to_png(0.5).is_ok());
}
