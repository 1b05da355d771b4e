//! The runner: this library passes behind the protocol, and whatever a program does becomes a
//! verdict.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_similitude");
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/verification/vectors");

/// Runs the runner on one adapter and reads what it wrote: the data, and the table with the
/// package's own page.
fn judged(directory: &Path, arguments: &[&str]) -> (Value, String) {
    let mut command = Command::new(PROGRAM);
    command.args(["conformance", "--cases", "3", "--vectors", VECTORS, "--write"]).arg(directory).args(arguments);
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{errors}");
    let record = serde_json::from_str(&std::fs::read_to_string(directory.join("conformance.json")).unwrap()).unwrap();
    let table = std::fs::read_to_string(directory.join("CONFORMANCE.md")).unwrap();
    let link = table.split_once("](").expect("a link to the package's page").1.split_once(')').unwrap().0;
    let page = std::fs::read_to_string(directory.join(link)).unwrap();
    (record, table + &page)
}

/// A shell program that describes itself as one function for linear CKA and then does as told for
/// each further line.
fn double(directory: &Path, name: &str, then: &str) -> String {
    let path = directory.join(name);
    let description = r#"{"name": "double", "version": "0", "computes": [{"name": "it", "measure": "cka"}]}"#;
    std::fs::write(&path, format!("read -r line\necho '{description}'\nwhile read -r line; do\n{then}\ndone\n")).unwrap();
    format!("sh {}", path.display())
}

fn laws(record: &Value) -> Vec<(&str, &str)> {
    let laws = record["adapters"][0]["entries"][0]["laws"].as_array().unwrap();
    laws.iter().map(|law| (law["law"].as_str().unwrap(), law["verdict"].as_str().unwrap())).collect()
}

#[test]
fn this_library_passes_behind_the_protocol() {
    let directory = tempfile::tempdir().unwrap();
    for measure in ["cka:kernel=linear,estimator=biased", "procrustes:form=distance", "pwcca:weights=narrower,degenerate=error"] {
        let (record, page) = judged(directory.path(), &["--entry", measure, &format!("{PROGRAM} adapter")]);
        let entry = &record["adapters"][0]["entries"][0];
        assert!(laws(&record).len() > 18 && laws(&record).iter().all(|(_, verdict)| *verdict == "holds"), "{page}");
        assert_eq!(entry["as_named"], true, "{page}");
        for kind in ["goldens", "vectors", "edges"] {
            let comparisons = entry[kind].as_array().unwrap();
            assert!(comparisons.len() >= 3 && comparisons.iter().all(|comparison| comparison["agrees"] == true), "{page}");
        }
        assert!(entry["speed"]["seconds"].as_f64().unwrap() > 0.0);
        assert!(page.contains(&format!("`{measure}` | what it names | 3/3 | ")), "{page}");
    }
}

#[test]
fn one_law_alone_can_be_tried_again() {
    let directory = tempfile::tempdir().unwrap();
    let (record, page) = judged(
        directory.path(),
        &[
            "--entry",
            "cca:summary=rho,divisor=min-rank,center=yes,degenerate=error",
            "--law",
            "translation::x",
            &format!("{PROGRAM} adapter"),
        ],
    );
    assert_eq!(laws(&record), [("translation::x::holds", "holds")], "{page}");
    assert_eq!(record["adapters"][0]["entries"][0]["edges"], Value::Array(Vec::new()));
}

#[test]
fn a_constant_breaks_the_laws_that_it_must() {
    let directory = tempfile::tempdir().unwrap();
    let (record, page) = judged(directory.path(), &[&double(directory.path(), "constant", r#"echo '{"value": 0.5}'"#)]);
    let broken: Vec<&str> = laws(&record).into_iter().filter(|(_, verdict)| *verdict == "broken").map(|(law, _)| law).collect();
    // What a constant cannot do is change where it must, and be 1 on X with itself.
    assert_eq!(broken.iter().filter(|law| law.ends_with("::fails")).count(), 6, "{page}");
    assert!(broken.contains(&"self-value::holds") && !broken.contains(&"translation::x::holds"), "{page}");
    let entry = &record["adapters"][0]["entries"][0];
    assert_eq!(entry["as_named"], false);
    assert_eq!(entry["identified"], "nothing of them: it answers 0.5 on all 9 pairs", "{page}");
    assert!(page.contains("edge, constant x: expected no value, obtained 0.5"), "{page}");
}

#[test]
fn what_is_no_number_is_a_verdict() {
    let cases = [
        ("nan", r#"echo '{"value": "nan"}'"#, "not a number"),
        ("error", r#"echo "{\"error\": \"$PWD: I do not know\"}""#, "declined"),
        ("garbage", "echo 'Loading the model ...'", "no answer of the protocol"),
        ("both", r#"echo '{"value": 1, "error": "or not"}'"#, "no answer of the protocol"),
        ("crash", "echo 'out of memory' >&2; exit 3", "crashed"),
        ("hang", "exec sleep 100", "timed out"),
    ];
    for (name, then, verdict) in cases {
        let directory = tempfile::tempdir().unwrap();
        let (record, page) = judged(directory.path(), &["--timeout", "0.5", &double(directory.path(), name, then)]);
        let laws = laws(&record);
        assert!(laws.len() > 18 && laws.iter().all(|(_, got)| *got == verdict), "{name}: {page}");
        let entry = &record["adapters"][0]["entries"][0];
        let identified = entry["identified"].as_str().unwrap();
        assert!(identified.starts_with("not known: it answered 0 of 9 pairs; no value ("), "{identified}");
        assert!(entry["speed"].is_null());
        assert_eq!(entry["goldens"][0]["agrees"], false);
        if name == "error" {
            assert!(page.contains("declined (.: I do not know)"), "the page names no directory of this machine: {page}");
        }
        if name == "crash" {
            assert!(page.contains("crashed (exit status: 3, out of memory)"), "{page}");
        }
    }
}

#[test]
fn a_program_that_answers_again_is_asked_again() {
    let directory = tempfile::tempdir().unwrap();
    // It ends on every second comparison; the other answers are right for what they are asked.
    let then = format!("echo \"$line\" | {PROGRAM} adapter; read -r line; exit 1");
    let (record, page) = judged(directory.path(), &["--law", "range", &double(directory.path(), "tired", &then)]);
    let counts = &record["adapters"][0]["entries"][0]["laws"][0];
    assert_eq!((counts["ordinary"]["held"].as_u64(), counts["ordinary"]["unanswered"].as_u64()), (Some(2), Some(1)), "{page}");
}

#[test]
fn a_program_that_says_nothing_of_itself_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let silent = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        format!("sh {}", path.display())
    };
    let (broken, hanging) = (silent("broken", "echo 'no module named torch' >&2; exit 1"), silent("hanging", "exec sleep 100"));
    let greeting = silent("greeting", "read -r line; echo hello");
    for (program, said) in [
        ("no-such-program".to_string(), "crashed (no-such-program does not start"),
        (broken, "crashed (exit status: 1, no module named torch"),
        (hanging, "timed out (no answer in 2 s)"),
        (greeting, "no answer of the protocol ("),
    ] {
        let (record, page) = judged(directory.path(), &["--start-timeout", "2", &program]);
        let failure = record["adapters"][0]["failure"].as_str().unwrap();
        assert!(failure.starts_with(said), "{failure}");
        assert!(page.contains(failure), "{page}");
    }
}

#[test]
fn a_measure_that_is_unknown_is_said_to_be() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("unknown");
    let description = r#"{"name": "double", "version": "0", "computes": [{"name": "it", "measure": "ckq"}]}"#;
    std::fs::write(&path, format!("read -r line\necho '{description}'\n")).unwrap();
    let (record, page) = judged(directory.path(), &[&format!("sh {}", path.display())]);
    let failure = record["adapters"][0]["entries"][0]["failure"].as_str().unwrap();
    assert!(failure.contains("ckq") && page.contains(failure), "{page}");
}

/// What judges nothing must not look like a judgement.
#[test]
fn what_was_misspelt_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let adapter = format!("{PROGRAM} adapter");
    let refused: [(&[&str], &str); 9] = [
        (&["--entry", "nope", &adapter], "--entry nope: the adapter computes hsic:"),
        (&["--entry", "cka:kernel=linear,estimator=biased", "--law", "nolaw", &adapter], "--law nolaw: no law"),
        (&["--vectors", "no-such-directory", &adapter], "no-such-directory: no such directory"),
        (&["--baseline", "no/such/file.py", &adapter], "there is no file \"no/such/file.py\""),
        (&["no-such-file.py"], "there is no file \"no-such-file.py\""),
        (&["--timeout=-1", &adapter], "-1 is no number of seconds"),
        (&["--timeout", "inf", &adapter], "inf is no number of seconds"),
        (&["--start-timeout", "1e300", &adapter], "1e300 is no number of seconds"),
        (&["--cases", "0", &adapter], "0 is no number of cases"),
    ];
    // Of two adapters one has it, and that is enough; and an older result stays where none has.
    let older = directory.path().join("CONFORMANCE.md");
    std::fs::write(&older, "older").unwrap();
    let writing = directory.path().to_string_lossy().into_owned();
    let of_both = [&double(directory.path(), "double", r#"echo '{"value": 0.5}'"#), &adapter];
    let run = |arguments: &[&str]| {
        let command = ["conformance", "--cases", "1", "--law", "range"];
        let output = Command::new(PROGRAM).args(command).args(arguments).args(of_both).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(run(&["--entry", "it"]).0, Some(0));
    let (status, errors) = run(&["--entry", "neither", "--write", &writing]);
    assert!(status == Some(2) && errors.contains("--entry neither: the adapter computes it, hsic:"), "{errors}");
    assert_eq!(std::fs::read_to_string(&older).unwrap(), "older");
    for (arguments, said) in refused {
        let output = Command::new(PROGRAM).arg("conformance").args(arguments).current_dir(directory.path()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(said) && !errors.contains("panicked"), "{arguments:?}: {errors}");
    }
    let path = directory.path().join("empty.sh");
    std::fs::write(&path, "read -r line\necho '{\"name\": \"e\", \"version\": \"0\", \"computes\": []}'\n").unwrap();
    let output = Command::new(PROGRAM).args(["conformance", &format!("sh {}", path.display())]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("it names nothing that it computes"));
}
