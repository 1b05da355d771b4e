//! Tests of `methods.rs`.

use super::*;
use crate::registry;

#[test]
fn every_named_value_of_every_measure_has_its_words() {
    for measure in registry::conventions() {
        for (name, value) in measure.convention() {
            let named = value.parse::<f64>().is_err() && name != "center";
            let key = measure.spec().keys.iter().find(|key| key.name == name).unwrap();
            assert_eq!(key.phrase(&value).is_some(), named, "{measure}: {name}={value}");
        }
    }
}

#[test]
fn a_paragraph_names_the_whole_convention_and_the_version() {
    for measure in registry::conventions() {
        let text = paragraph(&measure, Precision::Double);
        for (name, value) in measure.convention() {
            let said = match name {
                "center" => text.contains(if value == "no" { "were not centered" } else { "was centered" }),
                _ => text.contains(&format!("{name}={value}")) || text.contains(&format!("{name} = {value}")),
            };
            assert!(said, "{measure}: {name}={value} is missing in: {text}");
        }
        assert!(text.contains(&format!("`{measure}`")) && text.contains(env!("CARGO_PKG_VERSION")), "{text}");
        for citation in measure.spec().citations {
            assert!(text.contains(bibliography::find(citation.key).unwrap().short), "{text}");
        }
    }
}

#[test]
fn ranks_are_explained_where_they_decide() {
    let text = |measure: &str| paragraph(&Measure::parse(measure).unwrap(), Precision::Double);
    assert!(text("cca").contains("max(n, p) * 2^-52") && text("linear-regression").contains("max(n, p) * 2^-52"));
    assert!(!text("cka").contains("2^-52"));
}

#[test]
fn single_precision_is_named_where_there_is_any() {
    for measure in registry::conventions() {
        let is_named = |precision| paragraph(&measure, precision).contains("products in single precision");
        assert_eq!((is_named(Precision::Double), is_named(Precision::Single)), (false, measure.supports_single()), "{measure}");
    }
}

#[test]
fn bibtex_holds_each_source_once() {
    let measures = [Measure::parse("cka").unwrap(), Measure::parse("hsic").unwrap()];
    let text = bibtex(&measures);
    assert_eq!(text.matches("@inproceedings{kornblith2019similarity,").count(), 1);
    assert!(text.starts_with("@software{similitude,") && !text.contains("raghu2017svcca"));
}

/// An entry that no text cites is dropped by BibTeX.
#[test]
fn this_library_is_cited_where_its_entry_is() {
    let cka = Measure::parse("cka").unwrap();
    let text = |style| styled(&cka, Precision::Double, "1.2.3", style);
    assert!(text(Style::Markdown).contains("similitude 1.2.3 [@similitude] as "));
    assert!(text(Style::Latex).contains("similitude 1.2.3 (\\citealp{similitude}) as "));
    assert!(text(Style::Text).contains("similitude 1.2.3 as "));
    assert!(text(Style::Text).contains("The convention: a linear kernel (kernel=linear); "));
}
