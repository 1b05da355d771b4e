//! What can be had, and is likely not to be what was meant.

use crate::Measure;
use crate::inference::{Adjustment, CALIBRATED_AT, IntervalChoice, NullChoice};

use crate::cli::inference::IntervalOptions;
use crate::cli::stop::Stop;
use crate::cli::tell::tell;

/// Says that so few permutations have no p-value of 0.05. Of Holm's adjustment more is said
/// elsewhere.
pub fn of_null(null: Option<NullChoice>, adjust: Option<Adjustment>) {
    let Some(NullChoice::Drawn(count)) = null else { return };
    let least = 1.0 / (count as f64 + 1.0);
    if least > CALIBRATED_AT && adjust != Some(Adjustment::Holm) {
        let needed = (1.0 / CALIBRATED_AT).ceil() as usize - 1;
        let permutations = if count == 1 { "1 permutation".to_string() } else { format!("{count} permutations") };
        tell(format!(
            "warning: of {permutations} no p-value is below {least:.2}, and none reaches {CALIBRATED_AT}: {needed} or more can \
             (--null 1000)"
        ));
    }
}

/// Says that a level is rather that of a test.
pub fn of_level(level: f64) {
    if level < 0.5 {
        tell(format!(
            "warning: --level {level} is an interval that holds {}; --level {} is the usual one of a test at {level}",
            share(level),
            1.0 - level
        ));
    }
}

fn share(level: f64) -> String {
    format!("the value in {:.4} % of the cases", 100.0 * level).replace(".0000 %", " %")
}

/// Cautions of an interval that was asked for.
pub fn of_interval(interval: &IntervalOptions) {
    if interval.interval.is_some() {
        of_level(interval.level);
    }
}

/// Refuses intervals that cannot be had of any examples.
pub fn check_interval(how: IntervalChoice, measures: &[Measure], resamples: usize, level: f64) -> Result<(), Stop> {
    how.check(resamples, level)?;
    Ok(measures.iter().try_for_each(|measure| how.check_measure(measure))?)
}
