//! A page that grows with what is drawn on it.
//!
//! Nothing computes margins: each element reports the room it takes, and the picture is as large as
//! all of them together. So a long name cannot be cut off by the border, whatever stands beside it.

use std::fmt::Write as _;

use super::text::{self, ASCENT, DESCENT, FAMILY};

/// White room around everything.
const PADDING: f64 = 16.0;

/// A rectangle by its corners.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Extent {
    pub(super) fn center(self) -> (f64, f64) {
        ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0)
    }
}

/// Which point of a line of text is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text at a point of its baseline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) class: &'a str,
    pub(super) content: &'a str,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) size: f64,
    pub(super) anchor: Anchor,
    /// A quarter turn to the left: read from bottom to top.
    pub(super) turned: bool,
    pub(super) fill: &'a str,
}

/// The elements so far and the room that they take.
pub(super) struct Drawing {
    body: String,
    pub(super) extent: Extent,
}

impl Drawing {
    /// An empty page around a rectangle that belongs to the picture.
    pub(super) fn new(extent: Extent) -> Self {
        Self { body: String::new(), extent }
    }

    fn cover(&mut self, extent: Extent) {
        self.extent.left = self.extent.left.min(extent.left);
        self.extent.top = self.extent.top.min(extent.top);
        self.extent.right = self.extent.right.max(extent.right);
        self.extent.bottom = self.extent.bottom.max(extent.bottom);
    }

    /// A rectangle with further attributes, and a tooltip.
    pub(super) fn rectangle(&mut self, class: &str, extent: Extent, attributes: &str, tooltip: Option<&str>) {
        self.cover(extent);
        let Extent { left, top, right, bottom } = extent;
        let (x, y, width, height) = (number(left), number(top), number(right - left), number(bottom - top));
        let _ = write!(self.body, r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" {attributes}"#);
        match tooltip {
            Some(tooltip) => {
                let _ = writeln!(self.body, "><title>{}</title></rect>", text::escape(tooltip));
            }
            None => self.body.push_str("/>\n"),
        }
    }

    /// A polygon or an open line through points.
    pub(super) fn path(&mut self, class: &str, points: &[(f64, f64)], closed: bool, attributes: &str) {
        let mut data = String::new();
        for (index, &(x, y)) in points.iter().enumerate() {
            self.cover(Extent { left: x, top: y, right: x, bottom: y });
            let _ = write!(data, "{}{} {}", if index == 0 { "M" } else { "L" }, number(x), number(y));
        }
        let end = if closed { "Z" } else { "" };
        let _ = writeln!(self.body, r#"<path class="{class}" d="{data}{end}" {attributes}/>"#);
    }

    /// An area inside what is covered already, by the data of its path.
    pub(super) fn area(&mut self, class: &str, data: &str, attributes: &str) {
        let _ = writeln!(self.body, r#"<path class="{class}" d="{data}" {attributes}/>"#);
    }

    /// A line of text; an empty one is not drawn. Returns the room it takes.
    pub(super) fn text(&mut self, line: Line<'_>) -> Extent {
        let Line { class, content, x, y, size, anchor, turned, fill } = line;
        if content.trim().is_empty() {
            return Extent { left: x, top: y, right: x, bottom: y };
        }
        let width = text::width(content, size);
        let (name, before) = match anchor {
            Anchor::Start => ("start", 0.0),
            Anchor::Middle => ("middle", width / 2.0),
            Anchor::End => ("end", width),
        };
        let after = width - before;
        let (ascent, descent) = (ASCENT * size, DESCENT * size);
        let extent = if turned {
            Extent { left: x - ascent, top: y - after, right: x + descent, bottom: y + before }
        } else {
            Extent { left: x - before, top: y - ascent, right: x + after, bottom: y + descent }
        };
        self.cover(extent);
        let (x, y, size) = (number(x), number(y), number(size));
        let turn = if turned { format!(r#" transform="rotate(-90 {x} {y})""#) } else { String::new() };
        let content = text::escape(content);
        let _ = writeln!(
            self.body,
            r#"<text class="{class}" x="{x}" y="{y}" font-size="{size}" text-anchor="{name}" fill="{fill}"{turn}>{content}</text>"#
        );
        extent
    }

    /// Opens a group with attributes.
    pub(super) fn open(&mut self, attributes: &str) {
        let _ = writeln!(self.body, "<g {attributes}>");
    }

    /// Closes the group opened last.
    pub(super) fn close(&mut self) {
        self.body.push_str("</g>\n");
    }

    /// The room of the whole page.
    pub(super) fn page(&self) -> Page {
        // Whole units, so that a whole number of pixels per unit gives sharp cell borders.
        let (left, top) = ((self.extent.left - PADDING).floor(), (self.extent.top - PADDING).floor());
        Page { left, top, width: (self.extent.right + PADDING).ceil() - left, height: (self.extent.bottom + PADDING).ceil() - top }
    }

    /// The whole document, with so many CSS pixels for each unit. `definitions` is the content of
    /// its `defs`.
    pub(super) fn finish(self, title: &str, definitions: &str, unit: f64) -> String {
        let Page { left, top, width, height } = self.page();
        let (outer_width, outer_height) = (number(width * unit), number(height * unit));
        let (left, top, width, height) = (number(left), number(top), number(width), number(height));
        let (title, body) = (text::escape(title), self.body);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{outer_width}" height="{outer_height}" viewBox="{left} {top} {width} {height}" font-family="{FAMILY}">
<title>{title}</title>
<defs>
{definitions}</defs>
<rect class="background" x="{left}" y="{top}" width="{width}" height="{height}" fill="#ffffff"/>
{body}</svg>
"##
        )
    }
}

/// Where a page stands, and how large it is.
pub(super) struct Page {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A coordinate: hundredths of a unit are below what can be seen.
pub(super) fn number(value: f64) -> String {
    let hundredths = (value * 100.0).round() / 100.0;
    // Adding zero turns -0 into 0.
    format!("{}", hundredths + 0.0)
}
