//! `similitude measures`, `methods` and `verify`

use similitude::registry::{REGISTRY, conventions};

use crate::support::Workplace;

#[test]
fn the_list_has_every_measure_with_its_keys() {
    let workplace = Workplace::new();
    let table = workplace.run(&["measures"]);
    assert_eq!((table.status, table.stderr.as_str()), (0, ""));
    let list = workplace.run(&["measures", "--format", "json"]).objects();
    let markdown = workplace.run(&["measures", "--format", "markdown"]).stdout;
    assert_eq!(list.len(), REGISTRY.len());
    for (entry, object) in REGISTRY.iter().zip(&list) {
        assert_eq!(object["id"], entry.spec.id);
        assert!(markdown.contains(&format!("| `{}` | {} |", entry.spec.id, entry.spec.name)), "{markdown}");
        for key in entry.spec.keys {
            let line = table.stdout.lines().find(|line| line.contains(&key.listed()) && line.contains(key.name));
            assert!(line.is_some(), "{}: {} is missing", entry.spec.id, key.name);
            assert!(object["keys"].as_array().unwrap().iter().any(|listed| listed["name"] == key.name));
        }
    }
}

#[test]
fn every_measure_has_its_paragraph_and_its_sources() {
    let workplace = Workplace::new();
    for measure in conventions() {
        let run = workplace.run(&["methods", "-m", &measure.to_string()]);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.stdout.contains(&format!("`{measure}`")), "{}", run.stdout);
        assert!(run.stdout.contains("@software{similitude,"));
        for citation in measure.spec().citations {
            assert!(run.stdout.contains(&format!("{{{},", citation.key)), "{measure}: {}", citation.key);
        }
    }
    let two = workplace.run(&["methods", "-m", "cka", "-m", "svcca"]).stdout;
    assert_eq!(two.matches("@inproceedings{kornblith2019similarity,").count(), 1);
    assert!(two.contains("centered kernel alignment") && two.contains("singular vector canonical correlation analysis"));
}

#[test]
fn verify_tries_the_laws_of_the_measures_asked_for() {
    let workplace = Workplace::new();
    let arguments = ["verify", "-m", "cka", "-m", "linear-regression", "--cases", "4", "--seed", "7"];
    let run = workplace.run(&arguments);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("invertible-linear::x::fails") && run.stdout.contains(", 0 failed"), "{}", run.stdout);
    let objects = workplace.run(&[&arguments[..], &["--format", "json"]].concat()).objects();
    assert!(objects.len() > 30, "{}", objects.len());
    for object in &objects {
        let (ratio, fails) = (object["worst_ratio"].as_f64().unwrap(), object["statement"].as_str().unwrap().ends_with("fails"));
        assert!(object["holds"].as_bool().unwrap() && (if fails { ratio >= 1000.0 } else { ratio <= 1.0 }), "{object}");
    }
}
