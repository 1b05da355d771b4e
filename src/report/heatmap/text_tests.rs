//! Tests of `text.rs`.

use super::*;

#[test]
fn widths_are_those_of_the_font() {
    // Advances of DejaVu Sans in 2048 units: digits 1303, "i" 569.
    assert!((width("0000", 2048.0) - 4.0 * 1303.0).abs() < 1.0, "{}", width("0000", 2048.0));
    assert!((width("iii", 2048.0) - 3.0 * 569.0).abs() < 1.0);
    assert!((width("a<b&c", 10.0) - width("a", 10.0) - width("<", 10.0) - width("b&c", 10.0)).abs() < 0.3);
    assert_eq!(width("", 12.0), 0.0);
    assert!(width("層", 10.0) >= 10.0, "{}", width("層", 10.0));
}

#[test]
fn wrapped_lines_keep_every_word_and_the_limit() {
    let text = "Linear CKA between the layers of two networks";
    let lines = wrap(text, 16.0, 150.0);
    assert!(lines.len() > 1 && lines.iter().all(|line| width(line, 16.0) <= 150.0), "{lines:?}");
    assert_eq!(lines.join(" "), text);
    assert!(wrap("", 16.0, 150.0).is_empty());

    let path = "/checkpoints/bert_base_uncased_seed_0001_final.safetensors";
    let lines = wrap(path, 14.0, 160.0);
    assert!(lines.len() > 1 && lines.iter().all(|line| width(line, 14.0) <= 160.0), "{lines:?}");
    assert_eq!(lines.concat(), path);
    assert_eq!(wrap(&"x".repeat(99), 14.0, 160.0).len(), 1);
}

#[test]
fn wrapped_lines_are_balanced() {
    let lines = wrap("one two three four five six seven eight nine", 16.0, width("one two three four five six seven eight", 16.0));
    assert_eq!(lines.len(), 2);
    assert!(width(&lines[1], 16.0) > 0.7 * width(&lines[0], 16.0), "{lines:?}");
}

#[test]
fn long_texts_lose_their_middle() {
    assert_eq!(elide("encoder.0", 9), "encoder.0");
    assert_eq!(elide("encoder.layers.10", 9), "enco…s.10");
    assert_eq!(elide(&"層".repeat(50), 9), format!("{0}…{0}", "層".repeat(4)));
}

#[test]
fn every_character_is_legal_xml_afterwards() {
    assert_eq!(escape("a<b>&\"c'\n\u{1}"), "a&lt;b&gt;&amp;&quot;c&apos; \u{fffd}");
}

#[test]
fn long_names_that_differ_in_the_middle_stay_apart() {
    let long = |middle: usize| format!("model.{}.{middle}.{}", "L".repeat(60), "y".repeat(60));
    let names = vec!["a".to_string(), long(0), long(1), "z".repeat(90)];
    let shown = elide_apart(&names, 40);
    assert_eq!(shown[0], "a");
    assert!(shown[1].contains(".0.") && shown[2].contains(".1.") && shown[1].starts_with('…') && shown[1].ends_with('…'), "{shown:?}");
    assert_eq!(shown[3], elide(&names[3], 40));
    assert!(shown.iter().all(|name| name.chars().count() <= 40), "{shown:?}");
}
