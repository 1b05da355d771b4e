//! Every source is whole, cited, and called what it is called.

use super::*;
use crate::registry::REGISTRY;

impl Source {
    /// Asks for an entry with the source's own key, as many braces that close as open, and its
    /// year.
    pub(crate) fn assert_whole(&self) {
        let Source { key, short, bibtex } = self;
        assert!(bibtex.starts_with('@') && bibtex.contains(&format!("{{{key},\n")), "{key}");
        assert_eq!(bibtex.matches('{').count(), bibtex.matches('}').count(), "{key}: braces");
        let year = bibtex.split("year").nth(1).unwrap().split(['{', '}']).nth(1).unwrap();
        assert!(short.ends_with(year) && key.contains(year), "{key}: {short}");
    }
}

#[test]
fn every_citation_of_a_measure_has_an_entry_and_every_entry_is_cited() {
    let cited: Vec<&str> = REGISTRY.iter().flat_map(|entry| entry.spec.citations).map(|citation| citation.key).collect();
    for key in &cited {
        assert!(find(key).is_some(), "{key} is cited and has no entry");
    }
    for source in SOURCES {
        assert!(cited.contains(&source.key), "{} is cited by no measure", source.key);
    }
}

#[test]
fn entries_are_whole_and_carry_their_own_key() {
    for source @ Source { key, .. } in SOURCES {
        source.assert_whole();
        assert_eq!(SOURCES.iter().filter(|other| other.key == *key).count(), 1, "{key} twice");
    }
    assert_eq!(software().matches('{').count(), software().matches('}').count());
    assert!(software().starts_with("@software{similitude,") && !software().contains("= {}"), "{}", software());
}

/// A name of this library's code has no place in the title of a paper.
#[test]
fn titles_are_those_of_the_papers() {
    let bibtex = |key: &str| find(key).unwrap().bibtex;
    assert!(bibtex("diedrichsen2021comparing").contains("Using Whitened Unbiased-Distance-Matrix Similarity"));
    for Source { key, bibtex, .. } in SOURCES {
        let is_of_code = |word: &str| {
            let letters: Vec<char> = word.chars().collect();
            letters.windows(2).any(|pair| pair[0].is_lowercase() && pair[1].is_uppercase()) || word.contains("::") || word.contains('_')
        };
        let title = bibtex.split("title ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
        let plain: String = title.chars().filter(|letter| !"{},".contains(*letter)).collect();
        let odd: Vec<&str> = plain.split([' ', '-']).filter(|word| is_of_code(word) && *word != "UniReps").collect();
        assert!(odd.is_empty(), "{key}: {odd:?}");
    }
}
