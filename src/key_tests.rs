//! Tests of `key.rs`.

use super::*;

choice! {
    /// A choice.
    enum Choice("which", "which of two") {
        #[default]
        First = "first" => "the first one",
        Second = "second",
    }
}

const SHARE: Key = Key {
    name: "share",
    values: Values::Number(Number {
        default: Some(0.5),
        whole: false,
        expected: "a number > 0",
        valid: |share| share > 0.0,
        tried: &[0.5, 2.0],
    }),
    help: "a share",
};

const COUNT: Key = Key {
    name: "count",
    values: Values::Number(Number {
        default: None,
        whole: true,
        expected: "a whole number >= 1",
        valid: |k| k >= 1.0,
        tried: &[1.0, 10.0],
    }),
    help: "a count",
};

fn keys(text: &str) -> Keys {
    Keys::parse(&format!("id:{text}")).unwrap().1
}

#[test]
fn a_declaration_lists_reads_and_writes() {
    assert_eq!((Choice::KEY.listed().as_str(), SHARE.listed().as_str()), ("first | second", "0.5 | a number > 0"));
    assert_eq!(COUNT.listed(), "a whole number >= 1 (must be given)");
    assert_eq!((Choice::KEY.phrase("first"), Choice::KEY.phrase("second")), (Some("the first one"), None));
    assert_eq!((SHARE.tried(), COUNT.tried()), (vec!["0.5".into(), "2.0".into()], vec!["1".to_string(), "10".into()]));
    assert_eq!(Choice::read(&mut keys("which=second")).unwrap().entry(), ("which", "second".to_string()));
    assert_eq!(SHARE.read_number(&mut keys("which=second")).unwrap(), 0.5);
    assert_eq!(COUNT.number(COUNT.read_number(&mut keys("count=12")).unwrap()), ("count", "12".to_string()));
}

#[test]
fn other_values_are_refused_with_the_list() {
    let refused = |key: &Key, text: &str| match key.read_number(&mut keys(text)) {
        Err(Error::InvalidValue { expected, value, .. }) => (value, expected),
        other => panic!("{text}: {other:?}"),
    };
    for text in ["count=1.5", "count=0", "count=-1", "count=1e3", "count=ten", "count=inf"] {
        assert_eq!(refused(&COUNT, text).1, "a whole number >= 1", "{text}");
    }
    assert_eq!(refused(&SHARE, "share=nan"), ("nan".to_string(), "a number > 0".to_string()));
    assert!(matches!(COUNT.read_number(&mut keys("share=1")), Err(Error::MissingKey { .. })));
    let other = Choice::read(&mut keys("which=third")).unwrap_err();
    assert!(matches!(other, Error::InvalidValue { expected, .. } if expected == "first | second"));
}
