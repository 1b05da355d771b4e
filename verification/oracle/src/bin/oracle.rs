//! `oracle SPEC X.csv Y.csv [RANK-EPSILON]`: one value, enclosed. With RANK-EPSILON (such as
//! 2.220446049250313e-16) ranks are numerical.

use similitude_oracle::{Matrix, Measure, RankRule, read_csv};
use std::process::ExitCode;

/// The arguments or a file cannot be used.
const UNUSABLE: u8 = 2;
/// The measure has no value on these data.
const UNDEFINED: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some([spec, x_path, y_path]), true) = (arguments.first_chunk(), arguments.len() <= 4) else {
        eprintln!("usage: oracle SPEC X.csv Y.csv [RANK-EPSILON]\nexample: oracle cka:kernel=rbf,fraction=0.5 x.csv y.csv");
        return ExitCode::from(UNUSABLE);
    };
    let (x, y) = match (read(x_path), read(y_path)) {
        (Ok(x), Ok(y)) => (x, y),
        (Err(message), _) | (_, Err(message)) => {
            eprintln!("{message}");
            return ExitCode::from(UNUSABLE);
        }
    };
    let rule = match arguments.get(3).map(|text| text.parse()) {
        None => RankRule::Exact,
        Some(Ok(epsilon)) => RankRule::Numerical { epsilon },
        Some(Err(_)) => {
            eprintln!("{}: not a number", arguments[3]);
            return ExitCode::from(UNUSABLE);
        }
    };
    let measure: Measure = match spec.parse() {
        Ok(measure) => measure,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(UNUSABLE);
        }
    };
    match measure.with_rank_rule(rule).evaluate(&x, &y) {
        Ok(value) => {
            println!("lo    {}", value.enclosure.lo_decimal());
            println!("hi    {}", value.enclosure.hi_decimal());
            println!("exact {}", value.exact);
            println!("f64   {:?}", value.enclosure.midpoint_f64());
            for note in &value.notes {
                println!("note  {note}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{spec}: {error}");
            ExitCode::from(UNDEFINED)
        }
    }
}

fn read(path: &str) -> Result<Matrix, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    read_csv(&text).map_err(|error| format!("{path}: {error}"))
}
