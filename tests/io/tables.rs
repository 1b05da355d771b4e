//! Text tables as NumPy, data frames and spreadsheets write them: the numbers, or a question that
//! names the option that answers it.

use super::{read, says, temporary};
use similitude::io::{Choices, Error, Reading, Source, TableProblem, read_pair, read_representation};

/// Reads a table with choices.
fn read_as(name: &str, text: impl AsRef<[u8]>, choices: &Choices) -> Result<(usize, usize, Vec<f64>), Error> {
    let (_directory, file) = temporary(name, text);
    let reading = Reading { tables: choices.clone(), ..Reading::default() };
    let read = read_representation(&Source::from_parts(file, None), Some(&reading))?;
    Ok((read.n(), read.p(), read.to_row_major().to_vec()))
}

fn as_it_stands(text: impl AsRef<[u8]>) -> Result<(usize, usize, Vec<f64>), Error> {
    read_as("x.csv", text, &Choices::default())
}

/// The problem of a table.
#[track_caller]
fn problem(text: impl AsRef<[u8]>) -> TableProblem {
    match as_it_stands(text) {
        Err(Error::Table { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

const VALUES: [f64; 6] = [1.5, -2.5, 3e-7, 4.25, 5.0, 6.0];

#[test]
fn dialects_that_can_be_nothing_else() {
    for text in [
        "1.5,-2.5,3e-7\n4.25,5,6\n",
        "1.5,-2.5,3e-7\r\n4.25,5,6",
        "\u{feff}1.5,-2.5,3e-7\n4.25,5,6\n",
        " 1.5 , -2.5,\t3e-7 \n\n4.25,5,6\n\n",
        "unit 0,unit 1,unit 2\n1.5,-2.5,3e-7\n4.25,5,6\n",
        "\u{feff}\"a\",x1,\"b,c\"\n1.5,\"-2.5\",3e-7\n+4.25,5.,6\n",
        "1.5;-2.5;3e-7\n4.25;5;6\n",
        "a;b;c\n1.5;-2.5;3e-7\n4.25;5;6\n",
        "1.5\t-2.5\t3e-7\n4.25\t5\t6\n",
        "\"x;1\",y,z\n1.5,-2.5,3e-7\n4.25,5,6\n",
        "# saved by numpy\n1.5,-2.5,3e-7\n4.25,5,6\n",
        "\u{feff}# a, b; c\n# d\n\n1.5,-2.5,3e-7\n4.25,5,6\n",
    ] {
        let (n, p, values) = as_it_stands(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!((n, p, values.as_slice()), (2, 3, &VALUES[..]), "{text:?}");
    }
    assert_eq!(read_as("x.tsv", "1.5\t-2.5\t3e-7\n4.25\t5\t6\n", &Choices::default()).unwrap().2, VALUES);
    // Decimals read back to the f64 they were printed from.
    let found = read("x.csv", format!("{}\n{}\n", 0.1_f64 + 0.2, f64::MIN_POSITIVE)).unwrap();
    assert_eq!(found.to_row_major().to_vec(), [0.1 + 0.2, f64::MIN_POSITIVE]);
}

#[test]
fn dialects_that_have_to_be_said() {
    let choices = |delimiter: &str, decimal: &str| Choices {
        delimiter: Some(delimiter.parse().unwrap()),
        decimal: Some(decimal.parse().unwrap()),
        ..Choices::default()
    };
    let semicolons = "1,5;-2,5;3e-7\n4,25;5;6\n";
    let asks = problem(semicolons);
    assert!(matches!(&asks, TableProblem::Delimiters { line: 1, .. }), "{asks}");
    let text = asks.to_string();
    assert!(text.contains("semicolons and commas") && text.contains("--delimiter") && text.contains("--decimal comma"), "{text}");
    assert_eq!(read_as("x.csv", semicolons, &choices("semicolon", "comma")).unwrap().2, VALUES);
    assert_eq!(read_as("x.csv", semicolons, &Choices { decimal: Some("comma".parse().unwrap()), ..Choices::default() }).unwrap().2, VALUES);
    assert!(matches!(problem("1,5\t2,5\n3,5\t4,5\n"), TableProblem::Delimiters { .. }));
    let spaces = "1.5   -2.5 3e-7\n 4.25 5 6 \n";
    let asks = problem(spaces);
    assert!(matches!(&asks, TableProblem::NotANumber { line: 2, hint, .. } if hint.contains("--delimiter space")), "{asks}");
    assert_eq!(read_as("x.csv", spaces, &choices("space", "point")).unwrap().2, VALUES);
    let asks = problem("\"1,5\",\"2,5\"\n1,\"3,5\"\n");
    assert!(asks.to_string().contains("--decimal comma"), "{asks}");
    assert_eq!(read_as("x.csv", "\"1,5\",\"2,5\"\n1,\"3,5\"\n", &choices("comma", "comma")).unwrap().2, [1.5, 2.5, 1.0, 3.5]);
    let comma = Choices { decimal: Some("comma".parse().unwrap()), ..Choices::default() };
    assert!(matches!(read_as("x.csv", "1,5\n2,5\n", &comma), Err(Error::Table { problem: TableProblem::CommaTwice, .. })));
    assert!(read_as("x.csv", "1.234,5;1\n2;3\n", &comma).is_err());
    assert!(matches!(problem(b"\xff\xfe1\0\n\0"), TableProblem::Encoding { encoding: "UTF-16" }));
    let asks = problem("1,2.5\n#3,4.5\n5,6.5\n");
    assert!(matches!(asks, TableProblem::CommentAmongRows { line: 2 }), "{asks}");
    let skip = Choices { comment: Some("#".parse().unwrap()), ..Choices::default() };
    assert_eq!(read_as("x.csv", "1,2.5\n#3,4.5\n5,6.5\n", &skip).unwrap().2, [1.0, 2.5, 5.0, 6.5]);
}

#[test]
fn headers() {
    let header = |header| Choices { header: Some(header), ..Choices::default() };
    // Column numbers of a data frame: names or an example.
    for text in ["0,1,2\n1.5,2.5,3.5\n4.5,5.5,6.5\n", "5,6,7\n1.5,2.5,3.5\n4.5,5.5,6.5\n", "17,4,9\n1.5,2.5,3.5\n4.5,5.5,6.5\n"] {
        let asks = problem(text);
        assert!(matches!(&asks, TableProblem::HeaderOrData { line: 1, .. }), "{text:?}: {asks}");
        assert!(asks.to_string().contains("--header yes or --header no"), "{asks}");
        assert_eq!(read_as("x.csv", text, &header(true)).unwrap().0, 2);
        assert_eq!(read_as("x.csv", text, &header(false)).unwrap().0, 3);
    }
    assert!(matches!(problem("0\n1.5\n2.5\n"), TableProblem::HeaderOrData { .. }));
    assert!(matches!(problem("NA,NA\n1.5,2.5\n3.5,4.5\n"), TableProblem::HeaderOrData { .. }));
    assert!(matches!(problem("a,1,2\nb,3,4\nc,5,6\n"), TableProblem::HeaderOrData { .. }));
    // Integers that are data, and words that are names.
    assert_eq!(as_it_stands("72,26,9\n3,4,8\n").unwrap().0, 2);
    assert_eq!(as_it_stands("1,2\n3,4\n5,7\n").unwrap().0, 3);
    assert_eq!(as_it_stands("1.5,2.5\n3,4\n5,7\n").unwrap().0, 3);
    assert_eq!(as_it_stands("a,b\n3,4\n5,7\n").unwrap().0, 2);
    // A mistyped number is no name.
    for (text, field) in [("1,2.5x\n3,4\n5,6\n", "2.5x"), (",0.5,1.5\n1,3.5,4.5\n2,3.5,4.5\n", "")] {
        let problem = problem(text);
        assert!(matches!(&problem, TableProblem::NotANumber { line: 1, text, .. } if text == field), "{problem}");
    }
}

#[test]
fn columns_that_name_rows() {
    let index = |name: &str| Choices { index: Some(name.parse().unwrap()), ..Choices::default() };
    // The index of a data frame, with named and with numbered columns, and when it was read and
    // written again.
    for first in [",u0,u1", "id,u0,u1", "Index,u0,u1", ",0,1", "id,0,1", "Unnamed: 0,u0,u1", "\"\",\"u0\",\"u1\""] {
        let text = format!("{first}\n0,1.5,2.5\n1,3.5,4.5\n2,5.5,7.5\n");
        let (n, p, values) = as_it_stands(&text).unwrap_or_else(|error| panic!("{first}: {error}"));
        assert_eq!((n, p, values), (3, 2, vec![1.5, 2.5, 3.5, 4.5, 5.5, 7.5]), "{first}");
        let kept = read_as("x.csv", &text, &Choices { header: Some(true), ..index("none") }).unwrap();
        assert_eq!((kept.0, kept.1), (3, 3), "{first}");
    }
    // What could be an index or a neuron.
    for (text, column) in [
        ("0,1.5,2.5\n1,3.5,4.5\n2,5.5,7.5\n", 1),
        ("a,b,c\n1.5,1,2.5\n3.5,2,4.5\n5.5,3,7.5\n", 2),
        ("a,b\n3,1.5\n0,2.5\n4,2.5\n1,7.5\n2,0.5\n", 1),
        ("a,image_id\n1.5,107\n2.5,3\n2.5,44\n", 2),
    ] {
        let asks = problem(text);
        assert!(matches!(asks, TableProblem::IndexOrNeuron { column: found, .. } if found == column), "{text:?}: {asks}");
        assert!(asks.to_string().contains("--index-column none"), "{asks}");
        let p = text.lines().next().unwrap().split(',').count();
        assert_eq!(read_as("x.csv", text, &index("none")).unwrap().1, p);
        assert_eq!(read_as("x.csv", text, &index(&column.to_string())).unwrap().1, p - 1);
    }
    // A name that could be a number is a name; a column without one has one to call it by.
    let header = |name: &str| Choices { header: Some(true), ..index(name) };
    assert_eq!(read_as("x.csv", "0,1\n7,1.5\n9,2.5\n", &header("1")).unwrap().2, [7.0, 9.0]);
    let drop = Choices { drop: vec!["unnamed".to_owned()], ..header("id") };
    assert_eq!(read_as("x.csv", ",id,1\n0,7,1.5\n1,9,2.5\n", &drop).unwrap().2, [1.5, 2.5]);
    let error = read_as("x.csv", ",id,1\n0,7,1.5\n1,9,2.5\n", &header("id")).unwrap_err();
    says(&error, &["column 1 has no name", "--drop-columns unnamed"]);
    // Ranks fill every column, and are data.
    assert_eq!(as_it_stands("a,b\n3,1\n1,4\n4,2\n2,5\n5,3\n").unwrap().1, 2);
    // Words in a column that nobody named.
    let labels = "name,u0\nx,1.5\ny,2.5\nz,2.5\n";
    assert!(problem(labels).to_string().contains("--index-column"), "{}", problem(labels));
    assert_eq!(read_as("x.csv", labels, &index("name")).unwrap().2, [1.5, 2.5, 2.5]);
    assert_eq!(read_as("x.csv", labels, &Choices { drop: vec!["name".to_owned()], ..Choices::default() }).unwrap().1, 1);
    let error = read_as("x.csv", labels, &index("nome")).unwrap_err();
    says(&error, &["no column \"nome\"", "\"name\", \"u0\""]);
    assert!(matches!(problem("id,u0\n1,1.5\n1,2.5\n"), TableProblem::DoubledId { line: 3, .. }));
    assert!(matches!(problem(",id,u0\n0,7,1.5\n1,9,2.5\n"), TableProblem::TwoIndexes { columns: (1, 2) }));
    assert!(matches!(problem("id\n7\n9\n"), TableProblem::NoNeurons));
}

/// The values of a second table, its convention, and the notes on both.
type Second = (Vec<f64>, Option<String>, Vec<String>);

/// Two tables read as a pair.
fn pair(x: &str, y: &str) -> Result<Second, Error> {
    let ((_directory, file_x), (_other, file_y)) = (temporary("x.csv", x), temporary("y.csv", y));
    let sources = [file_x, file_y].map(|file| Source::from_parts(file, None));
    let [x, y] = read_pair([&sources[0], &sources[1]], [None, None])?;
    Ok((y.representation.to_row_major().to_vec(), y.convention, [x.notes, y.notes].concat()))
}

/// A column that is more often a label than a neuron is a neuron, and that is said.
#[test]
fn a_column_called_label_is_said_to_be_a_neuron() {
    let notes = |x: &str| pair(x, "v\n20.5\n30.5\n10.5\n").unwrap().2;
    let found = notes("u,Label\n1.5,0\n2.5,1\n0.5,0\n");
    assert!(found.len() == 1 && found[0].contains("column 2 (\"Label\") is taken for a neuron (--drop-columns Label"), "{found:?}");
    assert!(notes("u,label\n1.5,0.5\n2.5,1\n0.5,0\n").is_empty() && notes("u,w\n1.5,0\n2.5,1\n0.5,0\n").is_empty());
}

#[test]
fn rows_are_matched_by_their_ids() {
    let x = "id,u\n7,1.5\n3,2.5\n5,3.5\n";
    let (values, convention, notes) = pair(x, "id,v\n3,20.5\n5,30.5\n7,10.5\n").unwrap();
    assert_eq!(values, [10.5, 20.5, 30.5]);
    assert!(convention.unwrap().contains("by id"));
    assert!(notes.iter().any(|note| note.contains("put into the order of")), "{notes:?}");
    // Numbers are numbers, however they are written.
    assert_eq!(pair(x, "id,v\n03,20.5\n5.0,30.5\n7,10.5\n").unwrap().0, [10.5, 20.5, 30.5]);
    let (values, convention, _) = pair(x, "id,v\n7,10.5\n3,20.5\n5,30.5\n").unwrap();
    assert_eq!((values, convention.unwrap().contains("by id")), (vec![10.5, 20.5, 30.5], false));
    let error = pair(x, "id,v\n3,20.5\n8,30.5\n7,10.5\n").unwrap_err();
    assert!(matches!(&error, Error::IdsDiffer { row: 2, id, .. } if id == "5"), "{error}");
    says(&error, &["x.csv: row 2", "\"5\"", "y.csv does not have"]);
    // One id more, on the other side.
    let error = pair(x, "id,v\n3,20.5\n5,30.5\n7,10.5\n9,4.5\n").unwrap_err();
    says(&error, &["y.csv: row 3", "\"9\"", "x.csv does not have"]);
    // Ids on one side match nothing, and that is said.
    let (values, _, notes) = pair(x, "v\n20.5\n30.5\n10.5\n").unwrap();
    assert_eq!(values, [20.5, 30.5, 10.5]);
    assert!(notes.iter().any(|note| note.contains("the other side has no ids")), "{notes:?}");
}

#[test]
fn rows_and_fields_that_are_wrong_are_named_by_their_line() {
    for (text, line, found) in [
        ("a,b,c\n1,2,3\n\n4,5\n", 4, 2),
        ("3,2\n3,4,5\n", 2, 3),
        ("3,2\r\n\r\n3,4,5\r\n", 3, 3),
        ("\n\r3,2\r\r\n\n3,4,5", 6, 3),
        ("a,\"b\n\"\n3,4,5", 3, 3),
        ("3,2\n3\n4,5\n", 2, 1),
        ("# a comment\n3,2\n3\n4,5\n", 3, 1),
    ] {
        let problem = problem(text);
        let TableProblem::Ragged { line: at, found: fields, .. } = problem else { panic!("{text:?}: {problem}") };
        assert_eq!((at, fields), (line, found), "{text:?}");
    }
    for (text, hint) in [
        ("\"a\",\"b\"\n\"1\",1.5,2.5\n", "put one before the others"),
        ("% made by hand\n1.5,2.5\n3,4\n", "--comment '%'"),
        ("1.5,2.5,\n3,4,\n", "--drop-columns 3"),
        ("\"1.5,2.5\n3,4\n", "line 1: a quote is not closed"),
    ] {
        says(&as_it_stands(text).unwrap_err(), &["x.csv", hint]);
    }
    let error = as_it_stands("3,2\n3,4\n5, 1_000\n").unwrap_err();
    says(&error, &["x.csv, line 3, column 2: \"1_000\" is not a number"]);
    for (text, line, shown) in [("3,2\n3,\n", 2, "\"\""), ("3\n\"2\n3\n4\n", 2, "\"2\\n3\\n4\""), ("1.0,NA,2.0\n", 1, "NA")] {
        let error = as_it_stands(text).unwrap_err();
        assert!(matches!(&error, Error::Table { problem: TableProblem::NotANumber { line: at, .. }, .. } if *at == line), "{error}");
        says(&error, &[shown]);
    }
    let problem = problem(b"3,2\n3,\xff\xfe\n");
    assert!(matches!(problem, TableProblem::NotANumber { line: 2, column: 2, .. }), "{problem}");
    let error = as_it_stands(format!("3\n\"{}", "9x\n".repeat(1000))).unwrap_err();
    assert!(error.to_string().len() < 400, "{error}");
}
