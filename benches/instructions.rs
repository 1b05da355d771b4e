//! How many instructions a comparison takes.
//!
//! The number does not depend on the load of the machine, so a gate can hold it against a limit.
//! Each limit was a quarter above the count on the day it was set.
//! Instructions of the system's libraries count too.
//! A change that needs more sets the limit again and says why.
//!
//! `cargo bench -p similitude-benches --features instructions --bench instructions` needs Valgrind
//! and `gungraun-runner`, in the version of `gungraun` in benches/Cargo.toml: `cargo install
//! --version VERSION gungraun-runner`.
//! Without them nothing is counted.

/// The cases and their limits.
mod counted {
    use std::hint::black_box;

    use gungraun::prelude::*;
    use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig};
    use similitude::{Measure, Prepared, Representation};
    use similitude_benches::activations;

    const N: usize = 400;
    const P: usize = 48;

    type Pair = (Representation<'static>, Representation<'static>, Measure);

    /// Two representations and a measure. This thread does all the work, so that all of it is
    /// counted.
    fn pair(measure: &str) -> Pair {
        // A second case in one process finds the pool of the first.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
        let side = |seed| Representation::from_row_major(format!("{seed}"), N, P, activations(seed, N, P)).expect("finite");
        (side(1), side(2), Measure::parse(measure).expect("a measure"))
    }

    fn limit(instructions: u64) -> LibraryBenchmarkConfig {
        LibraryBenchmarkConfig::default().tool(Callgrind::default().hard_limits([(EventKind::Ir, instructions)]).clone()).clone()
    }

    #[library_benchmark]
    #[bench::features(args = ("cka"), setup = pair, config = limit(650_000))]
    fn prepare((x, _, _): Pair) -> f64 {
        black_box(Prepared::new(&x, false).centered().squared_norm())
    }

    #[library_benchmark]
    #[bench::cka(args = ("cka"), setup = pair, config = limit(3_270_000))]
    #[bench::debiased(args = ("cka:estimator=debiased"), setup = pair, config = limit(3_440_000))]
    #[bench::rbf(args = ("cka:kernel=rbf"), setup = pair, config = limit(31_730_000))]
    #[bench::procrustes(args = ("procrustes"), setup = pair, config = limit(3_590_000))]
    #[bench::r2(args = ("cca:summary=r2"), setup = pair, config = limit(6_680_000))]
    #[bench::rho(args = ("cca:summary=rho"), setup = pair, config = limit(7_990_000))]
    #[bench::svcca(args = ("svcca"), setup = pair, config = limit(14_990_000))]
    #[bench::pwcca(args = ("pwcca"), setup = pair, config = limit(17_550_000))]
    #[bench::regression(args = ("linear-regression"), setup = pair, config = limit(4_540_000))]
    fn compare((x, y, measure): Pair) -> f64 {
        black_box(measure.compare(&x, &y).expect("defined").value)
    }

    library_benchmark_group!(name = comparisons, benchmarks = [prepare, compare]);
    main!(library_benchmark_groups = comparisons);

    /// Counts; under Valgrind, runs one case.
    pub fn run() {
        main();
    }
}

/// On a machine that cannot count, says so.
fn main() {
    let missing = |program: &&str| std::process::Command::new(program).arg("--version").output().is_err();
    let under_valgrind = std::env::args().any(|argument| argument == "--gungraun-run");
    match ["valgrind", "gungraun-runner"].iter().find(|program| !under_valgrind && missing(program)) {
        Some(program) => eprintln!("no {program}: instructions are not counted"),
        None => counted::run(),
    }
}
