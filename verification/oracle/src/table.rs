//! Tables of numbers separated by commas.

use crate::error::OracleError;
use crate::matrix::Matrix;

/// Reads one example per line; a first line that holds no number is taken as names. Empty lines are
/// skipped.
///
/// # Errors
/// `Table` with the line for a field that is no number or a line of another width; those of
/// [`Matrix::from_row_major`].
pub fn read_csv(text: &str) -> Result<Matrix, OracleError> {
    let mut entries = Vec::new();
    let (mut rows, mut columns) = (0, 0);
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let numbers: Vec<Result<f64, _>> = fields.iter().map(|field| field.parse()).collect();
        if rows == 0 && columns == 0 && numbers.iter().all(Result::is_err) {
            columns = fields.len();
            continue;
        }
        if columns == 0 {
            columns = fields.len();
        }
        if fields.len() != columns {
            return Err(OracleError::Table { line: index + 1, reason: format!("{} fields, expected {columns}", fields.len()) });
        }
        for (field, number) in fields.iter().zip(numbers) {
            let reason = || format!("\"{field}\" is not a number");
            entries.push(number.map_err(|_| OracleError::Table { line: index + 1, reason: reason() })?);
        }
        rows += 1;
    }
    Matrix::from_row_major(rows, columns, &entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_optional() {
        for text in ["a,b\n1,2\n3,4\n", "1,2\n\n3,4", "1, 2\r\n3, 4\r\n"] {
            let matrix = read_csv(text).unwrap();
            assert_eq!((matrix.rows(), matrix.columns()), (2, 2));
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert_eq!(read_csv("a,b\n1,2\n3\n").unwrap_err(), OracleError::Table { line: 3, reason: "1 fields, expected 2".to_string() });
        assert_eq!(read_csv("1,2\n3,x\n").unwrap_err(), OracleError::Table { line: 2, reason: "\"x\" is not a number".to_string() });
        assert_eq!(read_csv("1,2\n3,nan\n").unwrap_err().to_string(), "entry at row 1, column 1 is NaN: every entry must be finite");
    }
}
