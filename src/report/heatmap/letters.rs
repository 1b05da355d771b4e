//! Which characters the embedded font has (the table `cmap` of OpenType).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::text::FONT;

static LETTERS: LazyLock<BTreeSet<char>> = LazyLock::new(|| letters(FONT).unwrap_or_default());

/// The first character of a text that PNG and PDF show as a box. None where blanks, and signs that
/// nothing is drawn for, are all that the font lacks.
pub(super) fn lacking<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<char> {
    let is_lacking = |letter: &char| !letter.is_whitespace() && !letter.is_control() && !LETTERS.contains(letter);
    texts.into_iter().flat_map(str::chars).find(is_lacking)
}

fn letters(font: &[u8]) -> Option<BTreeSet<char>> {
    let half = |at: usize| Some(u16::from_be_bytes(font.get(at..at + 2)?.try_into().ok()?) as usize);
    let word = |at: usize| Some(u32::from_be_bytes(font.get(at..at + 4)?.try_into().ok()?) as usize);
    let mut found = BTreeSet::new();
    let mut add = |code: usize| found.extend(u32::try_from(code).ok().and_then(char::from_u32));
    let table = (0..half(4)?).map(|table| 12 + 16 * table).find(|&table| font.get(table..table + 4) == Some(b"cmap"))?;
    let cmap = word(table + 8)?;
    for record in 0..half(cmap + 2)? {
        let map = cmap + word(cmap + 4 + 8 * record + 4)?;
        match half(map)? {
            // Segments of characters up to U+FFFF, by their ends and starts.
            4 => {
                let segments = half(map + 6)? / 2;
                for segment in 0..segments {
                    let (end, start) = (half(map + 14 + 2 * segment)?, half(map + 16 + 2 * (segments + segment))?);
                    (start..=end).filter(|&code| code != 0xffff).for_each(&mut add);
                }
            }
            // Groups of any characters.
            12 => {
                for group in 0..word(map + 12)? {
                    let at = map + 16 + 12 * group;
                    (word(at)?..=word(at + 4)?).for_each(&mut add);
                }
            }
            _ => {}
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_latin_and_greek_and_lacks_other_scripts() {
        assert_eq!(lacking(["conv1.é", "λ − µ", "block_2/attn: *…"]), None);
        for (text, lacked) in [("слой", 'с'), ("a注意力", '注'), ("layer 😀", '😀')] {
            assert_eq!(lacking(["fine", text]), Some(lacked));
        }
    }
}
