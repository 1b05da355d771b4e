//! Tests of `suggestion.rs`.

use super::*;

#[test]
fn what_people_type_is_understood() {
    for (text, expected) in [
        ("CKA", "cka"),
        ("linear-cka", "cka:kernel=linear"),
        ("Linear_CKA", "cka:kernel=linear"),
        ("rv", "cka:kernel=linear"),
        ("cka:rbf", "cka:kernel=rbf"),
        ("cka:debiased", "cka:estimator=debiased"),
        ("cka:unbiased", "cka:estimator=debiased"),
        ("hsic:estimator=debiased", "hsic:estimator=unbiased"),
        ("cka:kernel=gaussian", "cka:kernel=rbf"),
        ("cka:kernal=rbf,fraction=0.5", "cka:kernel=rbf,fraction=0.5"),
        ("procrustes:similarity", "procrustes:form=similarity"),
        ("procrusts", "procrustes"),
        ("dcor", "distance-correlation"),
        ("rsa:comparison=kendall-tau-a", "rsa:compare=kendall-a"),
        ("regression", "linear-regression"),
        ("knn:k=5", "mutual-knn:k=5"),
        ("svcca:0.5", "svcca:threshold=0.5"),
    ] {
        assert_eq!(meant(text).as_deref(), Some(expected), "{text}");
    }
    for text in ["entropy", "cka:kernel=wavelet", "cka:sigma=x", "cka", ""] {
        assert_eq!(meant(text), None, "{text}");
    }
}

/// An other name is the name of one measure, and no id.
#[test]
fn other_names_lead_to_one_measure_that_there_is() {
    let mut names: Vec<&str> = REGISTRY.iter().flat_map(|entry| entry.spec.also).map(|(name, _)| *name).collect();
    for entry in REGISTRY {
        assert!(!names.contains(&entry.spec.id), "{}", entry.spec.id);
        for (name, keys) in entry.spec.also {
            let text = if keys.is_empty() { entry.spec.id.to_string() } else { format!("{}:{keys}", entry.spec.id) };
            assert!(strictly(&text).is_ok(), "{name}: {text}");
        }
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
