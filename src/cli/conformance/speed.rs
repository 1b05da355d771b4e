//! Time of one comparison, beside the baseline's, in turns.

use std::time::Instant;

use crate::laws::{Case, Family, Kind, Relation};

use super::adapter::Adapter;
use super::entry::Asked;
use super::inputs::Precision;
use super::protocol::Computed;
use super::record::Speed;

/// Neurons of either side.
const NEURONS: usize = 128;
/// Examples.
const EXAMPLES: usize = 1000;
/// Turns at least; the fastest counts, because whatever else the machine does only slows down.
const TURNS: usize = 7;
/// Turns at most, which short ones take.
const MOST_TURNS: usize = 40;
/// Seconds after which no turn begins beyond the least number.
const SECONDS: f64 = 2.0;

/// Times the function in turns with what the baseline has for the same measure; `None` where it
/// gives no value.
pub fn judge(asked: &Asked<'_>, baseline: Option<(&Adapter, &Computed)>) -> Option<Speed> {
    let spare = EXAMPLES - (2 * NEURONS + 2);
    let (kind, relation) = (Kind::Gaussian, Relation::Coupled);
    let case = Case { family: Family::Plain, spare, p1: NEURONS, p2: NEURONS, x: kind, y: kind, relation, scale_x: 0, scale_y: 0, seed: 1 };
    let (x, y) = case.draw(2, &mut case.generator());
    let other = baseline.map(|(adapter, computed)| Asked::new(adapter, computed));
    let time = |asked: &Asked<'_>| {
        let timed = asked.matrices(&x.matrix, &y.matrix, Precision::Double);
        timed.outcome.value().map(|_| timed.seconds)
    };
    // The first of each warms what is started lazily.
    time(asked)?;
    other.as_ref().and_then(time);
    let (mut own, mut others) = (Vec::new(), Vec::new());
    let began = Instant::now();
    for turn in 0..MOST_TURNS {
        if turn >= TURNS && began.elapsed().as_secs_f64() > SECONDS {
            break;
        }
        own.push(time(asked)?);
        others.extend(other.as_ref().and_then(time));
    }
    let fastest = |times: Vec<f64>| times.into_iter().min_by(f64::total_cmp);
    let seconds = fastest(own)?;
    let baseline_seconds = fastest(others);
    Some(Speed { seconds, baseline_seconds, ratio: baseline_seconds.map(|baseline| seconds / baseline) })
}
