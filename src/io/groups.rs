//! Groups of examples, compared one at a time.

use std::collections::BTreeMap;

use super::error::Error;
use super::format::extension;
use super::read_tensor;
use super::reading::text_of;
use super::source::Source;
use crate::axes::{GroupsError, RowChoice, Rows};

/// Reads a label for each example, from a vector of whole numbers (`.npy`, or in an archive) or a
/// text file with one label a line, and returns the examples of each label, least label first
/// (numbers before words).
///
/// # Errors
///
/// Whatever keeps the file from being read; [`GroupsError`] for labels that are no whole numbers,
/// for a single label, and for a label of fewer than two examples: no measure has a value on one.
pub fn read_groups(text: &str) -> Result<Vec<RowChoice>, Error> {
    let source = Source::new(text);
    let labels = match extension(source.path()).as_str() {
        "npy" | "npz" | "safetensors" => of_tensor(text, &source)?,
        _ => {
            let file = source.path();
            let bytes = std::fs::read(file).map_err(|error| Error::system(file, error))?;
            let text_of_file = text_of(&bytes);
            // Data frames write whole numbers as 1.0 where a value was missing once. Numbers of
            // subjects may have more digits than an f64.
            let label = |line: &str| match (line.trim().parse::<i128>(), line.trim().parse()) {
                (Ok(whole), _) => Ok(whole.to_string()),
                (Err(_), Ok(value)) => of_number(text, value),
                (Err(_), Err(_)) => Ok(line.trim().to_owned()),
            };
            text_of_file.lines().map(label).collect::<Result<_, _>>()?
        }
    };
    let mut groups: BTreeMap<(Option<i64>, &str), Vec<bool>> = BTreeMap::new();
    for (row, label) in labels.iter().enumerate() {
        if label.is_empty() {
            return Err(GroupsError::NoLabel { text: text.to_owned(), row }.into());
        }
        let key = (label.parse().ok(), label.as_str());
        groups.entry(key).or_insert_with(|| vec![false; labels.len()])[row] = true;
    }
    if groups.len() < 2 {
        return Err(GroupsError::OneGroup { text: text.to_owned(), labels: labels.len() }.into());
    }
    let choice = |((_, label), flags): ((Option<i64>, &str), Vec<bool>)| {
        let count = flags.iter().filter(|&&taken| taken).count();
        if count < 2 {
            let (text, label) = (text.to_owned(), label.to_owned());
            // A number stands beside numbers, a header above them or above other words.
            let is_first = flags[0] && label.parse::<f64>().is_err();
            return Err(GroupsError::TooFew { text, label, count, labels: flags.len(), is_first }.into());
        }
        Ok(RowChoice::new(format!("of group {label} in {text}"), Rows::Labelled { labels: text.to_owned(), flags }))
    };
    // Words come before numbers in the order of keys.
    let (words, numbers): (Vec<_>, Vec<_>) = groups.into_iter().partition(|((number, _), _)| number.is_none());
    numbers.into_iter().chain(words).map(choice).collect()
}

fn of_tensor(text: &str, source: &Source) -> Result<Vec<String>, Error> {
    let tensor = read_tensor(source)?;
    if tensor.shape.iter().filter(|&&length| length > 1).count() > 1 {
        return Err(GroupsError::NotAVector { text: text.to_owned(), shape: tensor.shape }.into());
    }
    tensor.values.iter().map(|&value| of_number(text, value)).collect()
}

fn of_number(text: &str, value: f64) -> Result<String, Error> {
    let whole = value.fract() == 0.0 && value.abs() < 2f64.powi(53);
    if whole { Ok(format!("{:.0}", value + 0.0)) } else { Err(GroupsError::NotALabel { text: text.to_owned(), value }.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_rows_and_what_is_no_group_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.txt");
        let text = path.to_str().unwrap();
        let groups = |labels: &str| {
            std::fs::write(&path, labels).unwrap();
            read_groups(text)
        };
        let found = groups("10\n2\n10\r\ncat\n2\ncat\n").unwrap();
        let rows: Vec<(String, Vec<usize>)> =
            found.iter().map(|choice| (choice.text().to_string(), choice.resolve(6).unwrap().to_vec())).collect();
        // However a number is written, it is the same label.
        let mixed = groups("1.0\n02\n1\n2\n").unwrap();
        assert_eq!(mixed.iter().map(|choice| choice.resolve(4).unwrap().to_vec()).collect::<Vec<_>>(), [[0, 2], [1, 3]]);
        let long = groups("9007199254740993\n9007199254740992\n9007199254740993\n9007199254740992\n").unwrap();
        assert_eq!(long.iter().map(|choice| choice.resolve(4).unwrap().to_vec()).collect::<Vec<_>>(), [[1, 3], [0, 2]]);
        let named = |label: &str| format!("of group {label} in {text}");
        assert_eq!(rows, [(named("2"), vec![1, 4]), (named("10"), vec![0, 2]), (named("cat"), vec![3, 5])]);
        // Another number of examples than labels.
        assert!(found[0].resolve(7).is_err());
        for (labels, words) in [
            ("1\n1\n1\n", "one group"),
            ("1\n2\n1\n", "of 3 labels \"2\" is that of 1 example"),
            ("label\n1\n1\n", "where the first line is a header"),
            ("\u{feff}1\n2\n1\n2\n3\n", "of 5 labels \"3\""),
            ("1\n\n2\n", "row 1 has no label"),
            ("1\n0.5\n", "0.5"),
            ("1\nnan\n", "NaN"),
        ] {
            let message = groups(labels).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
