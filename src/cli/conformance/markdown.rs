//! The page that a person reads: what was found, and the command that shows each of it again.

use std::fmt::Write;
use std::path::Path;

use super::protocol::Outcome;
use super::record::{Comparison, Count, Entry, Judged, LawVerdict, Record, Speed};
use super::verdict;

const HEAD: &str = "\
# Conformance of other implementations

Generated; every line comes from a run of

```
verification/adapters/environment.sh --torch
similitude conformance --write verification --vectors verification/vectors --baseline verification/adapters/numpy_formulas.py verification/adapters/*_*.py \\
    'similitude adapter'
```

Each package has a page in `conformance/`: whatever did not agree, with the numbers, and for each function the command that tries it alone. ADAPTERS.md describes the protocol, the
trials and how to judge another implementation. `conformance.json` has every number.

How to read it:

- **names** is the measure that the function's documentation names; the laws, tables and edges are those of that measure.
- **computes** is what its values are on seven drawn pairs, to 1e-9 relatively: a convention of this library, a preparation, a transformation.
- **tables** counts the published tables (fitness club, job satisfaction, life cycle savings) on which it has the value of the measure it names.
- **vectors** counts the golden vectors of `vectors/` (exact values to 40 digits) likewise; most of them are hard on purpose.
- **laws** counts the laws that hold on ordinary data (whole numbers, normal and heavy-tailed entries, graded columns) within rounding; *hard* is the
  share of cases that hold on means of 1e8, condition numbers to 1e12, deficient rank, constant and repeated neurons; *awkward* the share on any shape,
  scales from 1e-150 to 1e150 and shared neurons. In these two, what holds to the rounding of single precision counts as well.
- **constant**, **NaN** is what it answers when X is constant (most measures have no value there) and when an entry of X is NaN.
- **time** is that of the baseline's formula in numpy for the same measure, n = 1000, p = 128, the fastest of at least seven turns taken in the same run, one thread each.
";

/// The whole page.
pub fn page(record: &Record) -> String {
    let mut page = HEAD.to_string();
    let _ = writeln!(
        page,
        "\nThis run: similitude {}, {} cases for each law and degree of difficulty, seed {}.\n",
        record.similitude, record.cases, record.seed
    );
    page += "| package | function | names | computes | tables | vectors | laws | hard | awkward | constant | NaN | time |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";
    for judged in &record.adapters {
        if let Some(failure) = &judged.failure {
            page += &format!("| {} | | | {} | | | | | | | | |\n", linked(judged), clipped(failure).replace('|', "\\|"));
        }
        if judged.entries.len() > MANY && judged.entries.iter().all(flawless) {
            page += &one_row(judged);
            continue;
        }
        for entry in &judged.entries {
            page += &row(judged, entry);
        }
    }
    page
}

/// The page of one package, and the name of its file.
pub fn package_page(judged: &Judged) -> (String, String) {
    let head = "Generated together with [CONFORMANCE.md](../CONFORMANCE.md), which has the command of the whole run and says how to read this. With `--law LAW` a command tries one law.";
    let body = adapter(judged);
    let (title, rest) = body.split_once('\n').unwrap_or((&body, ""));
    (file_name(judged), format!("{title}\n\n{head}\n{rest}"))
}

/// `package-name.md`
fn file_name(judged: &Judged) -> String {
    let name = judged.description.as_ref().map_or_else(
        || Path::new(&judged.adapter).file_stem().map_or(judged.adapter.clone(), |stem| stem.to_string_lossy().into_owned()),
        |description| description.name.clone(),
    );
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("{}.md", words.join("-").to_lowercase())
}

fn linked(judged: &Judged) -> String {
    format!("[{}](conformance/{})", package(judged), file_name(judged))
}

/// A package with more functions than this has one row, if there is nothing to say of any.
const MANY: usize = 12;

fn one_row(judged: &Judged) -> String {
    let all = |of: fn(&Entry) -> usize| {
        let total: usize = judged.entries.iter().map(of).sum();
        format!("{total}/{total}")
    };
    let cells = [
        linked(judged),
        format!("{} functions", judged.entries.len()),
        String::new(),
        "what they name".to_string(),
        all(|entry| entry.goldens.len()),
        all(|entry| entry.vectors.len()),
        all(|entry| entry.laws.len()),
        all(|entry| entry.laws.iter().map(|law| law.hard.total()).sum()),
        all(|entry| entry.laws.iter().map(|law| law.awkward.total()).sum()),
    ];
    format!("| {} | as the measure has it | as the measure has it | |\n", cells.join(" | "))
}

fn package(judged: &Judged) -> String {
    judged
        .description
        .as_ref()
        .map_or_else(|| judged.adapter.clone(), |description| format!("{} {}", description.name, description.version))
}

fn row(judged: &Judged, entry: &Entry) -> String {
    let edge = |name: &str| entry.edges.iter().find(|edge| edge.name == name).map_or(String::new(), |edge| short(&edge.outcome));
    let held = entry.laws.iter().filter(|law| law.verdict == "holds").count();
    let time = entry.speed.as_ref().and_then(|speed| speed.ratio).map_or(String::new(), significant);
    let computes = if entry.as_named { "what it names".to_string() } else { entry.identified.clone() };
    let cells = [
        linked(judged),
        format!("`{}`", entry.computed.name),
        format!("`{}`", entry.measure),
        entry.failure.clone().unwrap_or(computes),
        agreeing(&entry.goldens),
        agreeing(&entry.vectors),
        format!("{held}/{}", entry.laws.len()),
        share(entry, |law| &law.hard),
        share(entry, |law| &law.awkward),
        edge("constant x"),
        edge("NaN in x"),
        time,
    ];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

/// How many of them agree.
fn agreeing(comparisons: &[Comparison]) -> String {
    let agree = comparisons.iter().filter(|comparison| comparison.agrees).count();
    if comparisons.is_empty() { String::new() } else { format!("{agree}/{}", comparisons.len()) }
}

fn share(entry: &Entry, of: impl Fn(&LawVerdict) -> &Count) -> String {
    let counts = || entry.laws.iter().map(&of);
    let (held, total) =
        (counts().map(|count| count.held + count.single).sum::<usize>(), counts().map(|count| count.total()).sum::<usize>());
    if total == 0 { String::new() } else { format!("{held}/{total}") }
}

/// Two digits: times vary by more than what a third would say.
fn significant(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 0.95 => format!("{ratio:.2}"),
        ratio if ratio < 9.5 => format!("{ratio:.1}"),
        ratio => format!("{ratio:.0}"),
    }
}

/// What came, in a table cell.
fn short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Value(value) if value.abs() < 1e-3 && *value != 0.0 => format!("{value:.1e}"),
        Outcome::Value(value) => format!("{}", (value * 1e4).round() / 1e4),
        Outcome::NotANumber(text) => text.clone(),
        other => other.word().to_string(),
    }
}

/// Everything of one adapter.
pub fn adapter(judged: &Judged) -> String {
    let mut text = format!("# {}\n\n", package(judged));
    if let Some(failure) = &judged.failure {
        let _ = writeln!(text, "`{}`: {failure}", judged.adapter);
    }
    let runs_on = judged.description.as_ref().map_or("", |description| description.runs_on.as_str());
    if !runs_on.is_empty() {
        let _ = writeln!(text, "{runs_on}");
    }
    let (flawless, others): (Vec<_>, Vec<_>) = judged.entries.iter().partition(|entry| flawless(entry));
    if !flawless.is_empty() {
        let _ = writeln!(text, "\nWhat it names, with the value of every table and vector, every law in every case, every edge:\n");
        for entry in flawless {
            let time = entry.speed.as_ref().map_or(String::new(), |speed| format!("; {}", timed(speed)));
            let _ = writeln!(text, "- `{}`: {} laws{time}", entry.computed.name, entry.laws.len());
        }
    }
    for entry in others {
        text += &format!("\n{}", function(judged, entry));
    }
    text
}

/// True when there is nothing to say of it but that.
fn flawless(entry: &Entry) -> bool {
    let laws = entry.laws.iter().all(|law| [&law.ordinary, &law.hard, &law.awkward].iter().all(|count| count.others() == 0));
    let comparisons = entry.goldens.iter().chain(&entry.vectors).chain(&entry.edges).all(|comparison| comparison.agrees);
    entry.failure.is_none() && entry.as_named && laws && comparisons && !entry.edges.is_empty()
}

fn timed(speed: &Speed) -> String {
    let beside = speed.ratio.map_or(String::new(), |ratio| format!(", {} times the baseline", significant(ratio)));
    format!("{:.1e} s{beside}", speed.seconds)
}

fn function(judged: &Judged, entry: &Entry) -> String {
    let mut text = format!("## {} {}\n\n", package(judged), entry.computed.name);
    if !entry.computed.note.is_empty() {
        let _ = writeln!(text, "{}\n", entry.computed.note);
    }
    if let Some(failure) = &entry.failure {
        let _ = writeln!(text, "Not judged: {failure}");
        return text;
    }
    let command = format!("similitude conformance --entry '{}' {}", entry.computed.name, quoted(&judged.adapter));
    if !entry.verdict.is_empty() {
        let _ = writeln!(text, "**{}** {}\n", if verdict::conforms(entry) { "Yes." } else { "No." }, entry.verdict);
    }
    let _ = writeln!(text, "`{command}`\n");
    let _ = writeln!(text, "- names: `{}`", entry.measure);
    if !entry.identified.is_empty() {
        let _ = writeln!(text, "- computes: {}", entry.identified);
    }
    for (kind, comparisons) in [("table", &entry.goldens), ("vector", &entry.vectors)] {
        // What agrees as the value of something else is one finding, and said above.
        for comparison in comparisons.iter().filter(|comparison| !comparison.agrees && !comparison.agrees_as_recognised) {
            let _ = writeln!(text, "- {kind} {}", compared(comparison));
        }
    }
    laws(&mut text, entry);
    let (agreeing, others): (Vec<_>, Vec<_>) = entry.edges.iter().partition(|edge| edge.agrees);
    for comparison in others {
        let _ = writeln!(text, "- edge, {}", compared(comparison));
    }
    if !agreeing.is_empty() {
        let names: Vec<&str> = agreeing.iter().map(|edge| edge.name.as_str()).collect();
        let _ = writeln!(text, "- edges as the measure has them: {}", names.join(", "));
    }
    if let Some(speed) = &entry.speed {
        let _ = writeln!(text, "- time: {}", timed(speed));
    }
    text
}

fn laws(text: &mut String, entry: &Entry) {
    for verdict in entry.laws.iter().filter(|law| law.verdict != "holds") {
        let LawVerdict { law, verdict, ordinary, .. } = verdict;
        let _ =
            writeln!(text, "- law {law}: {verdict} in {} of {} cases; {}", ordinary.others(), ordinary.total(), clipped(&ordinary.detail));
    }
    for (degree, of) in [("hard", (|law| &law.hard) as fn(&LawVerdict) -> &Count), ("awkward", |law| &law.awkward)] {
        let only = |law: &&LawVerdict| law.verdict == "holds" && of(law).others() > 0;
        let names: Vec<String> =
            entry.laws.iter().filter(only).map(|law| format!("{} ({}/{})", law.law, of(law).held, of(law).total())).collect();
        if let Some(first) = entry.laws.iter().find(only) {
            let _ = writeln!(
                text,
                "- {degree} cases, laws that hold in so many only: {}; the first: {}",
                names.join(", "),
                clipped(&of(first).detail)
            );
        }
    }
    let all = |law: &&LawVerdict| [&law.ordinary, &law.hard, &law.awkward].iter().all(|count| count.others() == 0);
    let names: Vec<&str> = entry.laws.iter().filter(all).map(|law| law.law.as_str()).collect();
    if !names.is_empty() {
        let _ = writeln!(text, "- laws that hold in every case: {}", names.join(", "));
    }
}

/// The beginning of a long line, on one line.
fn clipped(detail: &str) -> String {
    detail.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(260).collect()
}

fn compared(comparison: &Comparison) -> String {
    let Comparison { name, expected, digits, outcome, relative_difference, .. } = comparison;
    let expected = digits.as_ref().unwrap_or(expected);
    let difference = relative_difference.map_or(String::new(), |difference| format!(" (relative difference {difference:.1e})"));
    format!("{name}: expected {expected}, obtained {}{difference}", clipped(&outcome.to_string()))
}

fn quoted(command: &str) -> String {
    if command.contains(' ') { format!("'{command}'") } else { command.to_string() }
}
