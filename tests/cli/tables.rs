//! Text tables: which row and which column are no numbers of neurons, and what is said of it.

use crate::support::{Workplace, entries};

const N: usize = 12;

struct Tables {
    workplace: Workplace,
    x: Vec<f64>,
    y: Vec<f64>,
    wanted: f64,
}

/// The rows of a table, each behind its id where there are ids, in an order.
fn text(header: Option<&str>, ids: Option<&[usize]>, order: &[usize], values: &[f64]) -> String {
    let p = values.len() / N;
    let row = |&row: &usize| {
        let fields = ids.map(|ids| ids[row].to_string()).into_iter().chain(values[row * p..(row + 1) * p].iter().map(f64::to_string));
        fields.collect::<Vec<_>>().join(",") + "\n"
    };
    header.map_or(String::new(), |header| format!("{header}\n")) + &order.iter().map(row).collect::<String>()
}

impl Tables {
    fn new() -> Self {
        let (workplace, x, y) = (Workplace::new(), entries(N * 4, 1.0), entries(N * 3, 2.0));
        similitude::io::write_npy(workplace.path("x.npy"), N, 4, &x).unwrap();
        similitude::io::write_npy(workplace.path("y.npy"), N, 3, &y).unwrap();
        let run = workplace.run(&["compare", "x.npy", "y.npy", "--format", "json"]);
        let wanted = run.objects()[0]["value"].as_f64().unwrap();
        Self { workplace, x, y, wanted }
    }

    fn write(&self, name: &str, text: String) {
        std::fs::write(self.workplace.path(name), text).unwrap();
    }

    fn run(&self, options: &[&str]) -> crate::support::Run {
        self.workplace.run(&[&["compare", "a.csv", "b.csv", "--format", "json"], options].concat())
    }

    #[track_caller]
    fn has_the_value(&self, options: &[&str]) -> serde_json::Value {
        let run = self.run(options);
        assert_eq!(run.status, 0, "{run:?}");
        let object = run.objects().remove(0);
        let found = object["value"].as_f64().unwrap();
        assert!((found - self.wanted).abs() < 1e-12, "{found} for {}", self.wanted);
        object
    }
}

fn in_order() -> Vec<usize> {
    (0..N).collect()
}

fn shuffled() -> Vec<usize> {
    (0..N).map(|row| (row * 5 + 3) % N).collect()
}

#[test]
fn headers_of_numbers_with_decimals_are_asked_about() {
    let tables = Tables::new();
    for (a, b) in [("400.5,401.0,401.5,402.0", "400.5,401.0,401.5"), ("0.0,1.0,2.0,3.0", "0.0,1.0,2.0")] {
        tables.write("a.csv", text(Some(a), None, &in_order(), &tables.x));
        tables.write("b.csv", text(Some(b), None, &in_order(), &tables.y));
        tables.run(&[]).refused(&["a.csv, line 1", &a.replace(',', ", "), "--header yes"]);
        tables.has_the_value(&["--header", "yes"]);
    }
    // Rows that rise in even steps as the first does are data.
    tables.write(
        "a.csv",
        (0..N).map(|row| format!("{},{},{}\n", 0.5 * row as f64 + 0.25, row as f64 + 1.25, 1.5 * row as f64 + 2.25)).collect(),
    );
    tables.write("b.csv", text(None, None, &in_order(), &tables.y));
    assert_eq!(tables.run(&[]).status, 0);
}

#[test]
fn the_same_integers_in_another_order_name_the_rows_whatever_they_are_called() {
    let tables = Tables::new();
    let ids: Vec<usize> = (100..100 + N).collect();
    for name in [Some("stim"), Some("imageID"), Some("filename"), None] {
        let header = |rest: &str| name.map(|name| format!("{name},{rest}"));
        tables.write("a.csv", text(header("a,b,c,d").as_deref(), Some(&ids), &shuffled(), &tables.x));
        tables.write("b.csv", text(header("e,f,g").as_deref(), Some(&ids), &in_order(), &tables.y));
        let column = name.unwrap_or("1");
        tables.run(&[]).refused(&["b.csv: column 1", "the same distinct integers", &format!("--index-column {column}")]);
        tables.has_the_value(&["--index-column", column]);
        assert_eq!(tables.run(&["--index-column", "none"]).status, 0);
    }
}

#[test]
fn a_number_that_is_a_name_leads_to_the_column_without_one() {
    let tables = Tables::new();
    let ids: Vec<usize> = (100..100 + N).collect();
    tables.write("a.csv", text(Some(",0,1,2,3"), Some(&ids), &in_order(), &tables.x));
    tables.write("b.csv", text(Some(",0,1,2"), Some(&ids), &shuffled(), &tables.y));
    tables.run(&["--index-column", "1"]).refused(&["a.csv: --index-column 1", "column 1", "--index-column unnamed"]);
    tables.has_the_value(&["--index-column", "unnamed"]);
}

#[test]
fn ids_that_repeat_are_left_out_by_their_name() {
    let tables = Tables::new();
    let ids: Vec<usize> = (0..N).map(|row| row / 2).collect();
    for (name, option) in [("id", "id"), ("", "unnamed")] {
        tables.write("a.csv", text(Some(&format!("{name},a,b,c,d")), Some(&ids), &in_order(), &tables.x));
        tables.write("b.csv", text(Some(&format!("{name},e,f,g")), Some(&ids), &in_order(), &tables.y));
        let refused = tables.run(&[]);
        refused.refused(&["a.csv, line 3", "\"0\"", &format!("--drop-columns {option}"), "several levels"]);
        assert!(!refused.stderr.contains("--index-column none"), "{refused:?}");
        tables.has_the_value(&["--drop-columns", option]);
    }
}

#[test]
fn a_column_that_one_table_has_is_left_out_and_said() {
    let tables = Tables::new();
    let labels: Vec<usize> = (0..N).map(|row| row % 2).collect();
    tables.write("a.csv", text(Some("label,a,b,c,d"), Some(&labels), &in_order(), &tables.x));
    tables.write("b.csv", text(Some("e,f,g"), None, &in_order(), &tables.y));
    let object = tables.has_the_value(&["--drop-columns", "label"]);
    assert_eq!(object["reading"]["x"], "column 1 (\"label\") left out");
    let said = tables.workplace.run(&["compare", "a.csv", "y.npy", "--drop-columns", "label"]);
    assert!(said.stdout.lines().next().unwrap().contains("column 1 (\"label\") left out"), "{said:?}");
    // A name that neither has is a mistake.
    tables.run(&["--drop-columns", "labels"]).refused(&["a.csv: no column \"labels\" (--drop-columns)", "\"label\", \"a\""]);
    tables.workplace.run(&["compare", "b.csv", "y.npy", "--drop-columns", "label"]).refused(&["b.csv: no column \"label\""]);
}

#[test]
fn what_is_no_table_of_numbers_says_what_it_is() {
    let tables = Tables::new();
    let utf32: Vec<u8> = "\u{feff}1,2\n".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    for (bytes, words) in [
        (&b"a,b\n"[..], "no row of numbers: there is a header alone"),
        (b"<html>404</html>\n", "no row of numbers: this is a page of HTML"),
        (b"", "no row of numbers: the file is empty"),
        (&utf32, "UTF-32"),
        (b"1.5,9007199254740993\n2.5,1\n", "line 1, column 2: the integer 9007199254740993"),
    ] {
        std::fs::write(tables.workplace.path("a.csv"), bytes).unwrap();
        tables.workplace.run(&["compare", "a.csv", "y.npy"]).refused(&["a.csv", words]);
    }
    tables.write("a.csv", "# one\n".to_string() + &text(None, None, &in_order(), &tables.x));
    let run = tables.workplace.run(&["compare", "a.csv", "y.npy"]);
    assert!(run.stderr.contains("1 line before the first row starts with # and is left out"), "{}", run.stderr);
}
