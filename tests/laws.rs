//! Every claim of every measure, each cell a test of its own, on the fast path and on the reference
//! path, then the table of invariances; and all claims under option values that are drawn, or at
//! the limits of what they may be.

mod common;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use proptest::test_runner::{TestCaseError, TestError};
use rand::SeedableRng;
use similitude::laws::{Expectation, Generator, Law, MARGIN, Statement, Subject, laws_of};
use similitude::{Claim, Group, Measure, Side, registry};

/// Cases for each law and path.
const CASES: u32 = 24;

/// Measures drawn for each id, beside the registry's conventions.
const DRAWN: usize = 6;

/// Cases for each law of these.
const FEW: usize = 12;

/// Values at which a claim changes, or an option ceases to matter in f64.
const LIMITS: [&str; 30] = [
    "svcca:threshold=1.0",
    "svcca:threshold=1.0,divisor=min-width,summary=r2",
    "svcca:threshold=0.9999999999999999",
    "svcca:threshold=0.999999",
    "svcca:threshold=0.75",
    "svcca:threshold=0.7",
    "svcca:threshold=0.6",
    "svcca:threshold=0.53",
    "svcca:threshold=0.5,divisor=max",
    "svcca:threshold=0.5,divisor=min-width",
    "svcca:threshold=1e-12",
    "canonical-ridge:kappa-x=0,kappa-y=0,bound=cauchy",
    "canonical-ridge:kappa-x=0,kappa-y=1e-12,kappa=relative",
    "canonical-ridge:kappa-x=1e-12,kappa-y=1e-12",
    "canonical-ridge:kappa-x=1e-300,kappa-y=1e-300",
    "canonical-ridge:kappa-x=1e300,kappa-y=1e300,bound=separable",
    "canonical-ridge:kappa-x=1e-300,kappa-y=1e300,bound=cauchy",
    "canonical-ridge:kappa-x=1e-300,kappa-y=1e-290",
    "canonical-ridge:kappa-x=1e300,kappa-y=1e290",
    "canonical-ridge:kappa-x=1e-12,kappa-y=1e-12,kappa=relative",
    "canonical-ridge:kappa-x=1e-300,kappa-y=1e-290,kappa=relative,bound=separable",
    "canonical-ridge:kappa-x=1e300,kappa-y=1e290,kappa=relative,bound=cauchy",
    "canonical-ridge:kappa-x=1e-9,kappa-y=2e-9,kappa=relative",
    "canonical-ridge:kappa-x=1e-10,kappa-y=0.1,kappa=relative,bound=cauchy",
    "canonical-ridge:kappa-x=0.1,kappa-y=0.10000000000000002,kappa=relative",
    "canonical-ridge:kappa-x=1e8,kappa-y=1e7,kappa=relative",
    "linear-predictivity:penalty=1e-6",
    "linear-predictivity:direction=mean,penalty=1e-6,folds=2",
    "linear-predictivity:penalty=1e4,split=contiguous",
    "linear-predictivity:direction=mean,penalty=1e4,folds=12,split-seed=9007199254740992",
];

/// Which laws came through, by name.
type Verdicts = Arc<Mutex<BTreeMap<String, bool>>>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let measures = registry::conventions();
    let verdicts = Verdicts::default();
    let trials: Vec<Trial> = measures.iter().flat_map(laws_of).map(|law| trial(law, Arc::clone(&verdicts))).collect();
    let limits = LIMITS.iter().map(|text| under_options(format!("options::{text}"), vec![common::measure(text)]));
    let drawn = registry::REGISTRY.iter().map(|entry| {
        let seed = entry.spec.id.bytes().fold(0, |seed, byte| 31 * seed + u64::from(byte));
        let mut generator = Generator::seed_from_u64(seed);
        under_options(format!("options::drawn::{}", entry.spec.id), (0..DRAWN).map(|_| entry.draw(&mut generator)).collect())
    });
    let trials = trials.into_iter().chain(limits).chain(drawn).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let verdicts = verdicts.lock().expect("no trial holds the lock now");
    if !arguments.list && conclusion.num_filtered_out == 0 {
        print!("{}", table(&measures, &verdicts));
    }
    conclusion.exit_code()
}

fn trial(law: Law, verdicts: Verdicts) -> Trial {
    let name = law.to_string();
    Trial::test(name.clone(), move || {
        let outcome = try_both_paths(&law);
        verdicts.lock().expect("no trial panics with the lock").insert(name, outcome.is_ok());
        outcome.map_err(Failed::from)
    })
}

/// All laws of these measures, on both paths.
fn under_options(name: String, measures: Vec<Measure>) -> Trial {
    Trial::test(name, move || {
        let laws = measures.iter().flat_map(laws_of);
        let broken = laws.flat_map(|law| {
            let measure = law.measure();
            let tried = [Subject::fast(measure), Subject::reference(measure)].map(|subject| {
                let verdict = law.try_on(&subject, FEW, 0);
                let detail = verdict.untried.as_ref().unwrap_or(&verdict.detail);
                (!verdict.holds).then(|| format!("{law}, {}: {detail}", subject.name()))
            });
            tried.into_iter().flatten()
        });
        let broken: Vec<String> = broken.collect();
        if broken.is_empty() { Ok(()) } else { Err(Failed::from(broken.join("\n"))) }
    })
}

fn try_both_paths(law: &Law) -> Result<(), String> {
    let measure = law.measure();
    for subject in [Subject::fast(measure), Subject::reference(measure)] {
        let outcome = match law.half() {
            Expectation::Holds | Expectation::Slightly | Expectation::Undefined => holds(law, &subject),
            Expectation::Fails => fails(law, &subject),
        };
        outcome.map_err(|message| format!("{}: {message}", subject.name()))?;
    }
    Ok(())
}

fn holds(law: &Law, subject: &Subject<'_>) -> Result<(), String> {
    if !law.applies_to(subject) {
        return Ok(());
    }
    // Where one case is as good as many, those kept from earlier runs need no second trial either.
    if law.cases(CASES as usize) == 1 {
        let verdict = law.try_on(subject, 1, 0);
        return if verdict.holds && verdict.answered == 1 { Ok(()) } else { Err(verdict.detail) };
    }
    let (answered, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let outcome = common::runner(file!(), &law.to_string(), CASES).run(&common::cases(law.families()), |case| {
        let trial = law.try_case(subject, &case);
        let counter = if trial.refused { &refused } else { &answered };
        counter.fetch_add(1, Ordering::Relaxed);
        if trial.holds() { Ok(()) } else { Err(TestCaseError::fail(trial.detail)) }
    });
    match outcome {
        Err(TestError::Fail(reason, case)) => return Err(format!("fails on {case}: {reason}")),
        Err(TestError::Abort(reason)) => return Err(format!("aborted: {reason}")),
        Ok(()) => {}
    }
    // A law on which nearly every case is refused says nothing. Examples of few whole numbers are
    // often all zero or all equal, which measures of directions refuse: of these a quarter is
    // enough.
    let (answered, refused) = (answered.into_inner(), refused.into_inner());
    let refused_for_one = if law.measure().properties().minimum_neurons > 1 { 3 } else { 1 };
    if refused_for_one * answered >= refused { Ok(()) } else { Err(format!("only {answered} cases had values, {refused} were refused")) }
}

fn fails(law: &Law, subject: &Subject<'_>) -> Result<(), String> {
    let witness = law
        .witness(subject, 0)
        .map_err(|nearest| format!("no witness moves the value by {MARGIN} times its tolerance; nearest: {nearest:?}"))?;
    // The case alone must show it again.
    let again = law.try_case(subject, &witness.case);
    if again == witness.trial { Ok(()) } else { Err(format!("{} does not show it again: {}", witness.case, again.detail)) }
}

/// Rows are measures, columns groups on either side. A cell is what the trials have shown: `+` the
/// value does not see the group, `-` it does, `when` both halves of a condition; `?` a claim that
/// did not come through.
fn table(measures: &[Measure], verdicts: &BTreeMap<String, bool>) -> String {
    let width = measures.iter().map(|measure| measure.to_string().len()).max().unwrap_or(0);
    let mut text = String::from("\nInvariances, x and y side:\n");
    text += &format!("{:width$}", "");
    for group in Group::ALL {
        text += &format!("  {}", group.as_str());
    }
    for measure in measures {
        text += &format!("\n{:width$}", measure.to_string());
        for group in Group::ALL {
            let cell = Side::ALL.map(|side| cell(measure, group, side, verdicts)).join(" ");
            text += &format!("  {cell:w$}", w = group.as_str().len());
        }
    }
    text + "\n+ holds, - fails, when: under a condition, slight: by a stated bound, none: no value is left; each tried on both paths; ? not shown\n"
}

fn cell(measure: &Measure, group: Group, side: Side, verdicts: &BTreeMap<String, bool>) -> &'static str {
    let about = |law: &Law| matches!(law.statement(), Statement::Invariance { group: g, side: s, .. } if g == group && s == side);
    let laws: Vec<Law> = laws_of(measure).into_iter().filter(about).collect();
    let shown = !laws.is_empty() && laws.iter().all(|law| verdicts.get(&law.to_string()) == Some(&true));
    match measure.properties().claims.get(group, side) {
        _ if !shown => "?",
        Claim::Holds => "+",
        Claim::Fails => "-",
        Claim::When(_) => "when",
        Claim::Slightly(_) => "slight",
        Claim::Undefined => "none",
    }
}
