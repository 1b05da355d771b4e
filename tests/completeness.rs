//! A measure is complete when its file on the fast path, its file on the reference path, its
//! registry line and its Spec say everything.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use similitude::{Claim, Error, Group, Measure, Number, Side, Spec, Values, registry};

fn specs() -> impl Iterator<Item = &'static Spec> {
    registry::REGISTRY.iter().map(|entry| entry.spec)
}

/// Files of measures in a folder of src, as ids; those with a value or a Spec, not the tools beside
/// them.
fn measure_files(folder: &str, mark: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs") && path.file_stem().is_some_and(|stem| stem != "mod"))
        .filter(|path| fs::read_to_string(path).expect("a readable file").contains(mark))
        .map(|path| path.file_stem().expect("a file").to_string_lossy().replace('_', "-"))
        .collect()
}

#[test]
fn every_measure_has_its_file_on_either_path_and_every_file_its_measure() {
    let registered: BTreeSet<String> = specs().map(|spec| spec.id.to_string()).collect();
    assert_eq!(registered.len(), registry::REGISTRY.len(), "an id is registered twice");
    assert_eq!(measure_files("measures", "pub static SPEC: Spec"), registered, "src/measures");
    assert_eq!(measure_files("reference", "pub fn value(options: &Options"), registered, "src/reference");
}

#[test]
fn every_measure_documents_itself() {
    for spec in specs() {
        let id = spec.id;
        for (what, text) in
            [("name", spec.name), ("formula", spec.formula), ("prepare cost", spec.prepare_cost), ("compare cost", spec.compare_cost)]
        {
            assert!(!text.trim().is_empty(), "{id} has no {what}");
        }
        assert!(spec.prepare_cost.contains('n') && spec.compare_cost.contains('n'), "{id}: costs are in n");
        assert!(!spec.citations.is_empty(), "{id} cites nothing");
        for citation in spec.citations {
            assert!(citation.key.chars().any(|c| c.is_ascii_digit()) && !citation.place.is_empty(), "{id}: {citation:?}");
        }
        for key in spec.keys {
            assert!(!key.listed().is_empty() && !key.help.is_empty(), "{id}: {key:?}");
        }
        assert!(!spec.conventions.is_empty(), "{id} has no convention whose laws are tried");
    }
}

#[test]
fn every_measure_file_has_the_fixed_sections() {
    const SECTIONS: [&str; 8] = [
        "# Definition",
        "# Shapes",
        "# Invariances",
        "# Numerics",
        "# Conventions that differ elsewhere",
        "# Errors",
        "# References",
        "# Example",
    ];
    for spec in specs() {
        let file = format!("{}/src/measures/{}.rs", env!("CARGO_MANIFEST_DIR"), spec.id.replace('-', "_"));
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        for section in SECTIONS {
            assert!(text.contains(&format!("//! {section}\n")), "{file} has no section {section:?}");
        }
    }
}

/// Texts of one measure with the keys of each.
fn tried(spec: &Spec) -> Vec<(String, Vec<(&'static str, String)>)> {
    let read = |text: &&str| Measure::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    spec.conventions.iter().map(|text| (text.to_string(), read(text).convention())).collect()
}

#[test]
fn conventions_name_every_value_of_every_key() {
    let mut complaints = Vec::new();
    for spec in specs() {
        let tried = tried(spec);
        for key in spec.keys {
            let given: BTreeSet<&str> =
                tried.iter().flat_map(|(_, keys)| keys).filter(|(name, _)| *name == key.name).map(|(_, value)| value.as_str()).collect();
            // Values are names, or a default and what else is possible: where any number will do,
            // no more is asked. A value is also tried by a text that leaves the key out and means
            // it.
            let left_out = |name: &str| {
                tried
                    .iter()
                    .any(|(text, _)| Measure::parse(&format!("{text},{}={name}", key.name)).is_ok_and(|same| same.to_string() == *text))
            };
            let listed = key.listed();
            let names = listed.split(" | ").filter(|value| !value.contains("number"));
            // Dissimilarities that were given are no examples, for which laws claim something.
            let is_of_examples = |name: &str| key.tried().iter().any(|tried| tried == name) || name != "given";
            let missing: Vec<&str> = names.filter(|name| is_of_examples(name) && !given.contains(name) && !left_out(name)).collect();
            if given.is_empty() || !missing.is_empty() {
                complaints.push(format!("{}: {}={missing:?} is in no convention; tried: {given:?}", spec.id, key.name));
            }
        }
        let known: BTreeSet<&str> = spec.keys.iter().map(|key| key.name).collect();
        for (text, keys) in &tried {
            let unknown = keys.iter().filter(|(name, _)| !known.contains(name));
            complaints.extend(unknown.map(|(name, _)| format!("{text}: {name} is not among the documented keys")));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn conventions_are_written_in_full_and_read_back_to_themselves() {
    let mut complaints = Vec::new();
    for spec in specs() {
        for text in spec.conventions {
            let measure = Measure::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            if measure.to_string() != *text {
                complaints.push(format!("{text} is in full {measure}"));
            }
            assert_eq!(Measure::parse(&measure.to_string()).unwrap().convention(), measure.convention(), "{text}");
        }
        let distinct: BTreeSet<_> = spec.conventions.iter().collect();
        assert_eq!(distinct.len(), spec.conventions.len(), "{}: a convention is listed twice", spec.id);
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The id alone is the default convention, and it is among those tried; except where a key must be
/// given.
#[test]
fn the_default_convention_is_tried() {
    for spec in specs() {
        match Measure::parse(spec.id) {
            Ok(measure) => assert!(spec.conventions.contains(&measure.to_string().as_str()), "{measure} is not tried"),
            Err(Error::MissingKey { key, .. }) => {
                let declared = spec.keys.iter().find(|declared| declared.name == key).expect("a key of its own");
                assert!(matches!(declared.values, Values::Number(Number { default: None, .. })), "{}: {key} has a default", spec.id);
            }
            Err(error) => panic!("{}: {error}", spec.id),
        }
    }
}

/// Each cell of the table has the laws that its claim asks for.
#[test]
fn every_cell_has_a_verdict() {
    use similitude::laws::{Expectation, Statement, laws_of};
    for measure in registry::conventions() {
        let laws = laws_of(&measure);
        for group in Group::ALL {
            for side in Side::ALL {
                let mut halves = Vec::new();
                for law in &laws {
                    if let Statement::Invariance { group: g, side: s, half, .. } = law.statement()
                        && (g, s) == (group, side)
                    {
                        halves.push(half);
                    }
                }
                let expected = match measure.properties().claims.get(group, side) {
                    Claim::Holds => vec![Expectation::Holds],
                    Claim::Fails => vec![Expectation::Fails],
                    Claim::Slightly(_) => vec![Expectation::Slightly],
                    Claim::Undefined => vec![Expectation::Undefined],
                    Claim::When(_) => vec![Expectation::Holds, Expectation::Fails],
                };
                assert_eq!(halves, expected, "{measure}: {} on {}", group.as_str(), side.as_str());
            }
        }
        let names: BTreeSet<String> = laws.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), laws.len(), "{measure}: two laws share a name");
    }
}
