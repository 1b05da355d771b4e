//! The embedded font: what it looks like and how much room a line of text takes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use resvg::usvg::{Node, Options, Tree, fontdb};

/// Verdana and the DejaVu fonts have nearly the same widths: the room computed here suits both.
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// Height of accented capitals above the baseline, in font sizes.
pub(super) const ASCENT: f64 = 0.95;
/// Depth of a descender below the baseline, in font sizes.
pub(super) const DESCENT: f64 = 0.25;
/// Half the height of a capital: how far below the centre of a line its baseline stands, in font
/// sizes.
pub(super) const HALF_CAPITAL: f64 = 0.365;

/// A subset of DejaVu Sans.
pub(super) const FONT: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/DejaVuSans-subset.ttf"));

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(FONT.to_vec());
    Arc::new(fonts)
});

/// How the renderer reads a picture: with the embedded font, and with no other, so that every
/// machine gives the same pixels.
pub(super) fn options() -> Options<'static> {
    Options { fontdb: FONTS.clone(), font_family: "DejaVu Sans".to_owned(), ..Options::default() }
}

/// The width of a line of text of the given size, in the unit of the size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    // The renderer itself measures, so that kerning and combining signs count as they are drawn; at
    // size 100 its single precision is far below a pixel.
    let document =
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg"><text font-family="{FAMILY}" font-size="100">{}</text></svg>"#, escape(text));
    let measured = Tree::from_str(&document, &options()).map_or(0.0, |tree| {
        let texts = tree.root().children().iter().filter(|node| matches!(node, Node::Text(_)));
        texts.map(|node| f64::from(node.bounding_box().width())).sum::<f64>()
    });
    // East Asian characters are not in the embedded font: a viewer draws them a full font size
    // wide, the box here has 0.6.
    let wide = text.chars().filter(|&c| c >= '\u{2e80}').count() as f64;
    (measured / 100.0 + 0.4 * wide) * size
}

/// Breaks a text between words into lines no wider than `limit`, all about equally long. A word
/// that is wider is broken after the signs that join the parts of a path or of an identifier, and
/// stays whole only where it has none.
pub(super) fn wrap(text: &str, size: f64, limit: f64) -> Vec<String> {
    let space = width("x x", size) - width("xx", size);
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for word in text.split_whitespace() {
        let whole = width(word, size);
        if whole <= limit {
            pieces.push(Piece { text: word, width: whole, gap: space });
            continue;
        }
        for (index, part) in word.split_inclusive(['/', '\\', '_', '-', '.', ':']).enumerate() {
            pieces.push(Piece { text: part, width: width(part, size), gap: if index == 0 { space } else { 0.0 } });
        }
    }
    let mut lines = fill(&pieces, limit);
    // The narrowest column with as few lines: no word is left alone on the last one.
    for step in 1..=20 {
        let narrower = fill(&pieces, limit * (1.0 - f64::from(step) / 40.0));
        if narrower.len() > lines.len() {
            break;
        }
        lines = narrower;
    }
    lines
}

/// What is not broken, and the room before it on a line that has begun.
struct Piece<'a> {
    text: &'a str,
    width: f64,
    gap: f64,
}

/// Each piece on the current line while that has room, else on a new one.
fn fill(pieces: &[Piece<'_>], limit: f64) -> Vec<String> {
    let mut lines: Vec<(String, f64)> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some((line, used)) if *used + piece.gap + piece.width <= limit => {
                if piece.gap > 0.0 {
                    line.push(' ');
                }
                line.push_str(piece.text);
                *used += piece.gap + piece.width;
            }
            _ => lines.push((piece.text.to_owned(), piece.width)),
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

/// A text of at most so many characters: of a longer one the middle is left out, for the ends tell
/// more of a path or of a layer's name.
pub(super) fn elide(text: &str, most: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= most {
        return Cow::Borrowed(text);
    }
    let head = (most - 1) / 2;
    let tail = most - 1 - head;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    Cow::Owned(format!("{start}…{end}"))
}

/// Texts of at most so many characters, as [`elide`] makes them; those that it would make equal
/// keep what is around the first place where they differ.
pub(super) fn elide_apart(texts: &[String], most: usize) -> Vec<Cow<'_, str>> {
    let mut shown: Vec<Cow<'_, str>> = texts.iter().map(|text| elide(text, most)).collect();
    let mut equal: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, text) in shown.iter().enumerate().filter(|(index, text)| **text != texts[*index]) {
        equal.entry(text.clone().into_owned()).or_default().push(index);
    }
    for group in equal.values().filter(|group| group.len() > 1) {
        let first = &texts[group[0]];
        let same = |index: &usize| first.chars().zip(texts[*index].chars()).take_while(|(a, b)| a == b).count();
        let differ = group[1..].iter().map(same).min().unwrap_or(0);
        for &index in group {
            let count = texts[index].chars().count();
            let room = most - 2;
            let start = differ.saturating_sub(room / 2).min(count.saturating_sub(room));
            let part: String = texts[index].chars().skip(start).take(room).collect();
            let (before, after) = (if start > 0 { "…" } else { "" }, if start + room < count { "…" } else { "" });
            shown[index] = Cow::Owned(format!("{before}{part}{after}"));
        }
    }
    shown
}

/// A text as XML content or as the value of an attribute. Characters that XML 1.0 forbids become
/// U+FFFD, line breaks a space.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
