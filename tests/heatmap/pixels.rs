//! What the renderer makes of the pictures.

use resvg::tiny_skia::{Pixmap, Rect, Transform};
use resvg::usvg::roxmltree::Document;
use resvg::usvg::{self, Group, Options, Tree};

use super::{attribute, map, names, of_class};

/// Renders without any font: the same picture without its text.
fn without_text(svg: &str, width: u32, height: u32) -> Pixmap {
    let tree = Tree::from_str(svg, &Options::default()).unwrap();
    let mut pixels = Pixmap::new(width, height).unwrap();
    let scale = width as f32 / tree.size().width();
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels
}

#[test]
fn the_png_has_the_size_of_the_picture_and_its_names_are_drawn() {
    for (rows, columns) in [(1, 1), (9, 9), (50, 50)] {
        let map = map(rows, columns);
        let svg = map.to_svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let root = document.root_element();
        let (width, height) = (attribute(root, "width") as u32 * 2, attribute(root, "height") as u32 * 2);
        let png = Pixmap::decode_png(&map.to_png(2.0).unwrap()).unwrap();
        assert_eq!((png.width(), png.height()), (width, height));

        let view: Vec<f64> = root.attribute("viewBox").unwrap().split(' ').map(|n| n.parse().unwrap()).collect();
        let bare = without_text(&svg, width, height);
        let differs = |x: u32, y: u32| png.pixel(x, y) != bare.pixel(x, y);
        let rows_area = 0..(-view[0] * 2.0) as u32;
        let cells = of_class(&document, "cell");
        let plot_bottom = attribute(cells[0], "y") + attribute(cells[0], "height");
        let columns_area = ((plot_bottom - view[1]) * 2.0) as u32 + 2..height;
        let left_of_plot = rows_area.flat_map(|x| (0..height).map(move |y| (x, y))).filter(|&(x, y)| differs(x, y));
        assert!(left_of_plot.count() > 100, "{rows} x {columns}: no names of rows");
        let below_plot = columns_area.flat_map(|y| (0..width).map(move |x| (x, y))).filter(|&(x, y)| differs(x, y));
        assert!(below_plot.count() > 100, "{rows} x {columns}: no names of columns");
    }
}

#[test]
fn nothing_reaches_the_border_however_long_the_names() {
    let long = "vision_model.encoder.layers.11.self_attention.output.dense";
    let sentence = "a title that goes on for so long that no picture of a single cell could hold it on one line";
    for (rows, columns) in [(1, 1), (2, 30), (30, 2)] {
        let mut map = map(rows, columns);
        map.rows = names(long, rows);
        map.columns = names(long, columns);
        map.values[0] = None;
        map.mark_row_maximum = true;
        (map.title, map.subtitle) = (sentence.into(), Some(sentence.into()));
        (map.row_axis, map.column_axis) = ("x".repeat(80), long.repeat(3));
        map.scale.label = sentence.into();
        let png = Pixmap::decode_png(&map.to_png(1.0).unwrap()).unwrap();
        let white = |x: u32, y: u32| {
            let pixel = png.pixel(x, y).unwrap();
            (pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()) == (255, 255, 255, 255)
        };
        let (width, height) = (png.width(), png.height());
        for depth in 0..12 {
            assert!((0..width).all(|x| white(x, depth) && white(x, height - 1 - depth)), "{rows} x {columns}");
            assert!((0..height).all(|y| white(depth, y) && white(width - 1 - depth, y)), "{rows} x {columns}");
        }
    }
}

#[test]
fn titles_of_the_axes_do_not_run_into_each_other() {
    // The title of one row of small height reaches below the plot, where the title of the columns
    // begins.
    let mut map = map(1, 60);
    map.columns = vec![String::new(); 60];
    map.rows = vec![String::new()];
    (map.row_axis, map.column_axis) = ("x".repeat(60), "y".repeat(95));
    let svg = map.to_svg().unwrap();
    let tree = Tree::from_str(&svg, &options_with_font()).unwrap();
    let mut boxes = Vec::new();
    title_boxes(tree.root(), &mut boxes);
    let [first, second] = boxes[..] else { panic!("two titles expected, found {}", boxes.len()) };
    assert!(first.intersect(&second).is_none(), "{first:?} {second:?}");
}

fn title_boxes(group: &Group, boxes: &mut Vec<Rect>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => title_boxes(group, boxes),
            usvg::Node::Text(text) => {
                let is_title = |text: &str| text.starts_with("xxx") || text.starts_with("yyy");
                if text.chunks().iter().any(|chunk| is_title(chunk.text())) {
                    boxes.push(node.abs_bounding_box());
                }
            }
            _ => {}
        }
    }
}

fn options_with_font() -> Options<'static> {
    let mut options = Options::default();
    let font = include_bytes!("../../assets/fonts/DejaVuSans-subset.ttf");
    options.fontdb_mut().load_font_data(font.to_vec());
    options
}
