//! Text from files, safe where a person reads it: on a terminal, in a message, in a picture.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with characters that would act on a terminal, or hide or turn around what stands beside
/// them, written as escapes: control characters (`\x1b`, `\r`, `\n`), and the invisible and
/// bidirectional ones of Unicode (`\u{202e}`).
///
/// ```
/// use similitude::report::visible;
/// assert_eq!(visible("conv\u{1b}[31m1"), "conv\\x1b[31m1");
/// assert_eq!(visible("層.1"), "層.1");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, acts)
}

/// As [`visible()`] for a text of several lines: its line breaks and tabulators stay.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| acts(character) && !matches!(character, '\n' | '\t'))
}

/// As [`visible()`] for pictures, whose format has its own way with control characters of ASCII.
pub(super) fn visible_beyond_ascii(text: &str) -> Cow<'_, str> {
    escaped(text, |character| acts(character) && !character.is_ascii())
}

fn escaped(text: &str, acts: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' if acts(character) => shown.push_str("\\n"),
            '\r' if acts(character) => shown.push_str("\\r"),
            '\t' if acts(character) => shown.push_str("\\t"),
            _ if acts(character) && (character as u32) < 0x80 => {
                let _ = write!(shown, "\\x{:02x}", character as u32);
            }
            _ if acts(character) => {
                let _ = write!(shown, "\\u{{{:x}}}", character as u32);
            }
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// Whether a character does something else than to be seen.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_written_out_and_the_rest_stays() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", "a\\x1b[2Jb"),
            ("a\0b\rc\nd\te", "a\\x00b\\rc\\nd\\te"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\u{202e}gpj.exe\u{2066}", "a\\u{202e}gpj.exe\\u{2066}"),
            ("\u{200b}\u{feff}", "\\u{200b}\\u{feff}"),
        ] {
            assert_eq!(visible(text), shown);
        }
        for plain in ["conv1", "層 é ß", "h.0/attn:q[1]", "a\\x1b"] {
            assert!(matches!(visible(plain), Cow::Borrowed(same) if same == plain));
        }
        assert_eq!(visible_lines("a\n\tb\rc\u{1b}"), "a\n\tb\\rc\\x1b");
    }
}
