//! Heat maps: what stands where, that nothing is cut off, and that the text is there on a machine
//! without fonts.
#![cfg(feature = "cli")]

use resvg::usvg::roxmltree::{Document, Node};
use similitude::report::heatmap::{Format, Hatched, HeatMap, Scale};

mod errors;
mod pixels;

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{prefix}{index}")).collect()
}

/// A map whose values differ in every cell and are not symmetric.
fn map(rows: usize, columns: usize) -> HeatMap {
    let cells = (rows * columns) as f64;
    HeatMap {
        title: "Linear CKA".into(),
        subtitle: Some("n = 1000".into()),
        row_axis: "network A".into(),
        column_axis: "network B".into(),
        rows: names("row", rows),
        columns: names("column", columns),
        values: (0..rows * columns).map(|index| Some(index as f64 / cells)).collect(),
        scale: Scale { minimum: 0.0, maximum: 1.0, label: "CKA".into() },
        mark_row_maximum: false,
        hatched: None,
        format: Format::default(),
    }
}

fn of_class<'a, 'input>(document: &'a Document<'input>, class: &str) -> Vec<Node<'a, 'input>> {
    document.descendants().filter(|node| node.attribute("class") == Some(class)).collect()
}

fn texts(document: &Document<'_>, class: &str) -> Vec<String> {
    let nodes = of_class(document, class).into_iter().filter(|node| node.has_tag_name("text"));
    nodes.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}

fn attribute(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap_or_else(|| panic!("no {name} on {node:?}")).parse().unwrap()
}

fn corner(node: Node<'_, '_>) -> (f64, f64) {
    (attribute(node, "x"), attribute(node, "y"))
}

#[test]
fn the_same_map_gives_the_same_bytes() {
    let mut map = map(9, 9);
    map.values[5] = None;
    map.mark_row_maximum = true;
    assert_eq!(map.to_svg().unwrap(), map.clone().to_svg().unwrap());
    assert_eq!(map.to_png(1.5).unwrap(), map.clone().to_png(1.5).unwrap());
}

#[test]
fn every_shape_has_its_square_cells_from_the_bottom_left() {
    for (rows, columns) in [(1, 1), (2, 9), (9, 9), (50, 50), (12, 200), (200, 1)] {
        let map = map(rows, columns);
        let svg = map.to_svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let cells = of_class(&document, "cell");
        assert_eq!(cells.len(), rows * columns, "{rows} x {columns}");

        let side = attribute(cells[0], "width");
        assert!(side >= 2.0);
        let (left, bottom) = corner(cells[0]);
        for (index, cell) in cells.iter().enumerate() {
            let (row, column) = (index / columns, index % columns);
            assert_eq!((attribute(*cell, "width"), attribute(*cell, "height")), (side, side));
            let expected = (left + column as f64 * side, bottom - row as f64 * side);
            assert_eq!(corner(*cell), expected, "row {row}, column {column} of {rows} x {columns}");
            let tooltip = cell.children().find(|child| child.has_tag_name("title")).and_then(|title| title.text());
            let value = map.values[index].unwrap();
            assert_eq!(tooltip, Some(format!("row{row} × column{column}: {value:?}").as_str()));
        }
    }
}

#[test]
fn cells_have_the_color_of_their_value_and_the_ends_hold_beyond_the_scale() {
    let mut map = map(1, 4);
    map.scale = Scale { minimum: -2.0, maximum: 2.0, label: String::new() };
    map.values = [-2.0, 2.0, -7.0, 1e300].map(Some).to_vec();
    let svg = map.to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let fills: Vec<_> = of_class(&document, "cell").iter().map(|cell| cell.attribute("fill").unwrap()).collect();
    // The ends of magma.
    assert_eq!(fills, ["#000004", "#fcfdbf", "#000004", "#fcfdbf"]);
    assert_eq!(of_class(&document, "arrow").len(), 2);
}

#[test]
fn the_color_bar_has_an_arrow_only_where_values_lie_beyond_it() {
    let arrows = |values: [f64; 2]| {
        let map = HeatMap { values: values.map(Some).to_vec(), ..map(1, 2) };
        let svg = map.to_svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let bar = of_class(&document, "color-bar")[0];
        let above_bar = |node: &Node<'_, '_>| {
            // The second point of the triangle is its tip.
            let tip: f64 = node.attribute("d").unwrap().split(['L', ' ']).nth(3).unwrap().parse().unwrap();
            tip < attribute(bar, "y")
        };
        of_class(&document, "arrow").iter().map(above_bar).collect::<Vec<_>>()
    };
    assert!(arrows([0.0, 1.0]).is_empty());
    assert_eq!(arrows([0.5, 1.5]), [true]);
    assert_eq!(arrows([-0.5, 0.5]), [false]);
    assert_eq!(arrows([-0.5, 1.5]), [true, false]);
}

#[test]
fn names_that_are_markup_are_written_as_they_are() {
    let mut map = map(1, 2);
    let name = r#"<script>&"'</text>]]>"#;
    map.rows[0] = name.into();
    map.columns[1] = "a\u{1}b".into();
    map.title = name.into();
    map.row_axis = "R&D".into();
    map.scale.label = "<HSIC>".into();
    let svg = map.to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    assert_eq!(texts(&document, "name"), [name, "column0", "a\u{fffd}b"]);
    assert_eq!(texts(&document, "title"), [name]);
    assert_eq!(texts(&document, "axis"), ["R&D", "network B"]);
    assert_eq!(texts(&document, "scale-label"), ["<HSIC>"]);
    assert!(document.descendants().all(|node| !node.has_tag_name("script")));
}

#[test]
fn undefined_values_are_hatched_and_explained() {
    let mut map = map(2, 2);
    let svg = map.to_svg().unwrap();
    assert!(texts(&Document::parse(&svg).unwrap(), "legend").is_empty());

    map.values[2] = None;
    let svg = map.to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let hatched = |node: &Node<'_, '_>| node.attribute("fill") == Some("url(#undefined)");
    let cells = of_class(&document, "cell");
    let undefined: Vec<_> = (0..4).filter(|&index| hatched(&cells[index])).collect();
    assert_eq!(undefined, [2]);
    assert_eq!(texts(&document, "legend"), ["undefined"]);
    assert_eq!(texts(&document, "value"), ["0.00", "0.25", "0.75"]);
    assert!(document.descendants().any(|node| node.attribute("id") == Some("undefined")));
}

#[test]
fn the_largest_values_of_each_row_are_marked() {
    let mut map = map(3, 3);
    map.mark_row_maximum = true;
    map.columns = map.rows.clone();
    // A row with a tie, a row without any value, a row of negative values.
    map.values = vec![Some(0.9), Some(0.1), Some(0.9), None, None, None, Some(-3.0), Some(-1.0), None];
    let svg = map.to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let cells = of_class(&document, "cell");
    let side = attribute(cells[0], "width");
    let inside = |mark: &Node<'_, '_>| {
        let (x, y) = corner(*mark);
        let holds = |&index: &usize| {
            let (left, top) = corner(cells[index]);
            left < x && x < left + side && top < y && y < top + side
        };
        (0..cells.len()).find(holds).expect("every mark is inside a cell")
    };
    let marked: Vec<_> = of_class(&document, "row-maximum").iter().map(inside).collect();
    assert_eq!(marked, [0, 2, 7]);
    let diagonal: Vec<_> = of_class(&document, "diagonal").iter().map(|mark| corner(*mark)).collect();
    assert_eq!(diagonal, [0, 4, 8].map(|index: usize| corner(cells[index])));
    assert_eq!(texts(&document, "legend"), ["undefined", "largest of its row", "diagonal"]);

    // Where rows and columns are different layers, the same place means nothing.
    for shape in [(2, 3), (3, 3)] {
        let other = HeatMap { mark_row_maximum: true, ..self::map(shape.0, shape.1) };
        let svg = other.to_svg().unwrap();
        assert_eq!(texts(&Document::parse(&svg).unwrap(), "legend"), ["largest of its row"]);
    }
}

#[test]
fn values_stand_in_the_cells_of_small_maps_in_ink_that_reads() {
    let svg = HeatMap { values: vec![Some(0.0), Some(1.0)], ..map(1, 2) }.to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let ink: Vec<_> = of_class(&document, "value").iter().map(|text| text.attribute("fill").unwrap()).collect();
    assert_eq!(ink, ["#ffffff", "#000000"]);
    for (rows, columns, written) in [(12, 12, 144), (12, 13, 0), (13, 1, 0)] {
        let svg = map(rows, columns).to_svg().unwrap();
        assert_eq!(texts(&Document::parse(&svg).unwrap(), "value").len(), written, "{rows} x {columns}");
    }
}

#[test]
fn many_names_are_thinned_out_and_the_step_is_stated() {
    let svg = map(50, 9).to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let expected: Vec<_> = (0..50).step_by(2).map(|row| format!("row{row}")).chain(names("column", 9)).collect();
    assert_eq!(texts(&document, "name"), expected);
    assert_eq!(texts(&document, "note"), ["every 2nd name shown"]);

    let svg = map(40, 200).to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    assert_eq!(texts(&document, "name").len(), 40 + 40);
    assert_eq!(texts(&document, "note"), ["every 5th name shown"]);
}

#[test]
fn long_names_lose_their_middle_and_keep_it_in_the_tooltips() {
    let long: Vec<String> = (0..2).map(|row| format!("first{}{row}", "x".repeat(5000))).collect();
    let map = HeatMap { rows: long.clone(), title: "t".repeat(3000), row_axis: "/a".repeat(2000), ..map(2, 2) };
    let svg = map.to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    for (name, full) in texts(&document, "name").iter().zip(&long) {
        assert!(name.chars().count() <= 80 && name.starts_with("first") && name.contains('…') && name.ends_with(&full[4990..]), "{name}");
    }
    assert!(svg.contains(&format!("{} × column1", long[1])));
    assert!(map.to_png(3.0).is_ok());
}

#[test]
fn characters_that_turn_the_text_around_are_written_out() {
    let map = HeatMap { rows: vec!["a\u{202e}b".into()], title: "\u{2066}t\u{7f}".into(), ..map(1, 2) };
    let svg = map.to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    assert_eq!(texts(&document, "name")[0], "a\\u{202e}b");
    assert!(!svg.contains(['\u{202e}', '\u{2066}']) && svg.contains("a\\u{202e}b × column0"));
}

#[test]
fn very_many_cells_are_one_element_for_each_color() {
    let (rows, columns) = (300, 200);
    let value = |index: usize| [Some(0.0), Some(0.5), Some(1.0), None][index / 3 % 4];
    let map = HeatMap { values: (0..rows * columns).map(value).collect(), ..map(rows, columns) };
    let svg = map.to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    assert!(of_class(&document, "cell").is_empty());
    let areas = of_class(&document, "cells-of-color");
    let mut fills: Vec<_> = areas.iter().map(|area| area.attribute("fill").unwrap()).collect();
    fills.sort_unstable();
    assert_eq!((fills.len(), fills[0], fills[3]), (4, "#000004", "url(#undefined)"));
    // Each cell is in the area of its value, and in no other: squares of 2 units at least.
    let (side, mut total) = (8.0, 0);
    for area in areas {
        let fill = area.attribute("fill").unwrap();
        let data = area.attribute("d").unwrap();
        let mut cells = 0;
        for run in data.split('Z').filter(|run| !run.is_empty()) {
            let numbers: Vec<f64> = run[1..].split([' ', 'h', 'v']).map(|number| number.parse().unwrap()).collect();
            let (column, row) = (numbers[0] / side, (rows as f64) - 1.0 - numbers[1] / side);
            assert_eq!((numbers[3], numbers[4]), (side, -numbers[2]), "{run}");
            for step in 0..(numbers[2] / side) as usize {
                let expected = map.values[row as usize * columns + column as usize + step];
                let is_this = match expected {
                    None => fill == "url(#undefined)",
                    Some(value) => (value == 0.0) == (fill == "#000004") && fill != "url(#undefined)",
                };
                assert!(is_this, "{fill} {expected:?}");
                cells += 1;
            }
        }
        total += cells;
    }
    assert_eq!(total, rows * columns);
    assert!(map.to_png(0.5).is_ok());
}

#[test]
fn each_name_stands_beside_its_cell() {
    let svg = map(3, 2).to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let cells = of_class(&document, "cell");
    let side = attribute(cells[0], "width");
    let labels = of_class(&document, "name");
    for row in 0..3 {
        let top = attribute(cells[2 * row], "y");
        let y = attribute(labels[row], "y");
        assert!(top < y && y < top + side && attribute(labels[row], "x") < 0.0, "row {row}");
    }
    for column in 0..2 {
        let x = attribute(labels[3 + column], "x");
        assert_eq!(x, attribute(cells[column], "x") + side / 2.0);
        // The height of a capital is 0.7 of the size.
        let top = attribute(labels[3 + column], "y") - 0.7 * attribute(labels[3 + column], "font-size");
        let bottom = attribute(cells[column], "y") + side;
        assert!(top > bottom && top < bottom + side, "column {column}: {top} below {bottom}");
    }
}

#[test]
fn long_names_of_columns_are_turned_and_short_ones_are_not() {
    let turned = |map: HeatMap| {
        let svg = map.to_svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let labels = of_class(&document, "name");
        labels[map.rows.len()..].iter().map(|label| label.has_attribute("transform")).collect::<Vec<_>>()
    };
    assert_eq!(turned(HeatMap { columns: names("c", 9), ..map(9, 9) }), [false; 9]);
    assert_eq!(turned(HeatMap { columns: names("encoder.layers.", 9), ..map(9, 9) }), [true; 9]);
}

#[test]
fn scales_at_the_edge_of_the_doubles_are_drawn() {
    for (minimum, maximum) in [(0.0, 5e-324), (1.0, 1.0 + f64::EPSILON), (-8e307, 8e307)] {
        let scale = Scale { minimum, maximum, label: "HSIC".into() };
        let svg = HeatMap { values: vec![Some(minimum), Some(maximum)], scale, ..map(1, 2) }.to_svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let fills: Vec<_> = of_class(&document, "cell").iter().map(|cell| cell.attribute("fill").unwrap()).collect();
        assert_eq!(fills, ["#000004", "#fcfdbf"], "{minimum:?} to {maximum:?}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{minimum:?} to {maximum:?}");
    }
}

#[test]
fn what_may_be_chance_is_hatched_over_its_color_and_the_legend_says_so() {
    let mut map = map(2, 3);
    map.values[5] = None;
    let bare = map.to_svg().unwrap();
    map.hatched = Some(Hatched { cells: vec![true, false, false, true, false, true], label: "p > 0.05".into() });
    let svg = map.to_svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let areas: Vec<_> = of_class(&document, "hatched").iter().map(|node| node.attribute("d").unwrap().matches('Z').count()).collect();
    // A cell without a value has strokes of its own.
    assert_eq!(areas.iter().sum::<usize>(), 2);
    assert!(texts(&document, "legend").contains(&"p > 0.05".to_string()));
    assert_ne!(map.to_png(1.0).unwrap(), HeatMap { hatched: None, ..map.clone() }.to_png(1.0).unwrap());
    assert!(!bare.contains("hatched"));
    map.hatched = Some(Hatched { cells: vec![true], label: String::new() });
    assert!(map.to_svg().unwrap_err().to_string().contains("6 values, found 1"));
}

#[test]
fn a_format_that_cannot_be_is_refused_with_its_numbers() {
    for (width, font_size) in [(Some(0.1), None), (Some(f64::NAN), None), (None, Some(0.0)), (None, Some(1000.0))] {
        let format = Format { width, font_size, ..Format::default() };
        let error = HeatMap { format, ..map(2, 2) }.to_svg().unwrap_err().to_string();
        let (value, range) = width.map_or((font_size, "1 to 144 points"), |width| (Some(width), "0.5 to 200 inches"));
        assert!(error.contains(range) && error.contains(&value.unwrap().to_string()), "{error}");
        assert_eq!(error.contains("NaN"), width.is_some_and(f64::is_nan), "{error}");
    }
    let format = Format { width: Some(1.0), font_size: Some(30.0), ..Format::default() };
    let error = HeatMap { format, ..map(2, 2) }.to_svg().unwrap_err().to_string();
    assert!(error.contains("no room") && error.contains("1 inches"), "{error}");
}
