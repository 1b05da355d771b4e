//! How many instructions a comparison takes: a number that does not depend on what else a machine does, so that a gate can ask for it.
//!
//! `cargo bench -p benchmarks --bench instructions`, with Valgrind and `cargo install gungraun-runner` of the version in this crate's Cargo.toml. Each case has a limit, a quarter above what was
//! counted when it was set (libraries of the system count too); a change that needs more says why and sets it again.

use std::hint::black_box;

use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig};
use similitude::{Measure, Prepared, Representation};

#[path = "../src/data.rs"]
#[expect(dead_code, reason = "files are written for numpy only")]
mod data;

const N: usize = 400;
const P: usize = 48;

/// Two representations and a measure; all work is done by this thread, so that all of it is counted.
fn pair(measure: &str) -> (Representation<'static>, Representation<'static>, Measure) {
    // A second case in one process finds the pool of the first.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    let side = |seed| Representation::from_row_major(format!("{seed}"), N, P, data::activations(seed, N, P)).expect("finite");
    (side(1), side(2), Measure::parse(measure).expect("a measure"))
}

fn limit(instructions: u64) -> LibraryBenchmarkConfig {
    LibraryBenchmarkConfig::default().tool(Callgrind::default().hard_limits([(EventKind::Ir, instructions)]).clone()).clone()
}

#[library_benchmark]
#[bench::features(args = ("cka"), setup = pair, config = limit(650_000))]
fn prepare((x, _, _): (Representation<'static>, Representation<'static>, Measure)) -> f64 {
    black_box(Prepared::new(&x, false).centered().squared_norm())
}

#[library_benchmark]
#[bench::cka(args = ("cka"), setup = pair, config = limit(3_270_000))]
#[bench::debiased(args = ("cka:estimator=debiased"), setup = pair, config = limit(3_440_000))]
#[bench::rbf(args = ("cka:kernel=rbf"), setup = pair, config = limit(22_070_000))]
#[bench::procrustes(args = ("procrustes"), setup = pair, config = limit(3_590_000))]
#[bench::r2(args = ("cca:summary=r2"), setup = pair, config = limit(6_680_000))]
#[bench::rho(args = ("cca:summary=rho"), setup = pair, config = limit(7_990_000))]
#[bench::svcca(args = ("svcca"), setup = pair, config = limit(14_990_000))]
#[bench::pwcca(args = ("pwcca"), setup = pair, config = limit(17_550_000))]
#[bench::regression(args = ("linear-regression"), setup = pair, config = limit(4_540_000))]
fn compare((x, y, measure): (Representation<'static>, Representation<'static>, Measure)) -> f64 {
    black_box(measure.compare(&x, &y).expect("defined").value)
}

library_benchmark_group!(name = comparisons, benchmarks = [prepare, compare]);
main!(library_benchmark_groups = comparisons);
