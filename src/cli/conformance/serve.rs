//! This library behind the protocol: what it says of itself is judged like everybody else's.

use std::io::{self, BufRead, Write};
use std::time::Instant;

use crate::io::{Source, read_representation};
use crate::{Measure, registry};

use crate::cli::stop::Status;

use super::protocol::{Answer, Computed, Description, Request};

/// Answers on standard output what is asked on standard input, until that ends.
///
/// # Errors
/// When either stream breaks.
pub fn serve() -> io::Result<Status> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let reply = match serde_json::from_str::<Request>(&line?) {
            Ok(request) => serde_json::to_string(&answer(&request)),
            Err(_) => serde_json::to_string(&description()),
        };
        writeln!(output, "{}", reply.expect("answers are plain data"))?;
        output.flush()?;
    }
    Ok(Status::Done)
}

fn description() -> Description {
    let computed = |measure: Measure| Computed { name: measure.to_string(), measure: measure.to_string(), note: String::new() };
    Description {
        name: "similitude".to_string(),
        version: env!("CARGO_PKG_VERSION").to_string(),
        runs_on: "fast path".to_string(),
        computes: registry::conventions().into_iter().map(computed).collect(),
    }
}

fn answer(request: &Request) -> Answer {
    let read = |path: &str| read_representation(&Source::from_parts(path, None), None).map_err(|error| error.to_string());
    let compared = || {
        let measure = Measure::parse(&request.measure).map_err(|error| error.to_string())?;
        let (x, y) = (read(&request.x)?, read(&request.y)?);
        let began = Instant::now();
        let score = measure.compare(&x, &y).map_err(|error| error.to_string())?;
        Ok((score.value, began.elapsed().as_secs_f64()))
    };
    match compared() {
        Ok((value, seconds)) => Answer { value: Some(value.into()), error: None, seconds: Some(seconds) },
        Err(error) => Answer { value: None, error: Some(error), seconds: None },
    }
}
