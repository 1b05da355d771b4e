//! Sentences from a text file.

use crate::error::{Error, Result, at};
use std::collections::HashMap;
use std::path::Path;

/// Reads one sentence a line; empty lines are left out.
///
/// # Errors
/// When the file cannot be read, holds fewer than two sentences, or a sentence twice: equal
/// examples would count double.
pub fn read_sentences(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).map_err(at(path))?;
    let mut lines = HashMap::new();
    let mut sentences = Vec::new();
    for (line, sentence) in text.lines().enumerate().map(|(index, line)| (index + 1, line.trim())).filter(|(_, line)| !line.is_empty()) {
        if let Some(first) = lines.insert(sentence, line) {
            return Err(Error::Sequence(format!("{}: lines {first} and {line} are the same sentence", path.display())));
        }
        sentences.push(sentence.to_owned());
    }
    match sentences.len() {
        0 | 1 => Err(Error::Sequence(format!("{}: {} sentences, at least 2 are needed", path.display(), sentences.len()))),
        _ => Ok(sentences),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sentences.txt");
        std::fs::write(&path, text).unwrap();
        read_sentences(&path)
    }

    #[test]
    fn lines_are_sentences_and_must_differ() {
        assert_eq!(read("One.\n\n  Two. \nThree.").unwrap(), ["One.", "Two.", "Three."]);
        let twice = read("One.\n\nTwo.\nOne.\n").unwrap_err().to_string();
        assert!(twice.contains("lines 1 and 4"), "{twice}");
        assert!(read("One.\n").unwrap_err().to_string().contains("1 sentences"));
    }
}
