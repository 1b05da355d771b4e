//! The gate: Table 2 on the digits, from training to the page, must show the paper's ordering.

use clap::{Args, FromArgMatches};
use paper_replication::commands::{ExperimentArguments, experiment};
use paper_replication::experiments::find;
use paper_replication::results::{Results, Verdict, page};
use std::path::Path;

fn run(id: &str, folder: &Path, more: &[&str]) -> paper_replication::error::Result<()> {
    let (out, checkpoints) = (folder.join("out"), folder.join("checkpoints"));
    let fixed = [id, "--preset", "quick", "--out", out.to_str().unwrap(), "--checkpoints", checkpoints.to_str().unwrap()];
    let command = ExperimentArguments::augment_args(clap::Command::new("test"));
    let matches = command.get_matches_from(fixed.iter().chain(more));
    experiment(find(id).unwrap(), &ExperimentArguments::from_arg_matches(&matches).unwrap())
}

#[test]
fn networks_trained_on_digits_show_the_ordering_of_table_2() {
    let folder = tempfile::tempdir().unwrap();
    let seeds = ["--seeds", "1-3", "--jobs", "2"];
    run("table-2", folder.path(), &seeds).unwrap();
    let results = Results::load(&folder.path().join("out/results.json")).unwrap();
    let row = &results.0["table-2"]["quick, seeds 1-3"];
    let accuracy = |key: &str| row.found["accuracy"][key].as_f64().unwrap();
    // Far from chance and from each other: each with a margin that no other seeds or machine would
    // use up.
    assert!(accuracy("cka") > 75.0 && accuracy("cka:kernel=rbf,fraction=0.4") > 75.0, "{row:?}");
    for other in ["cca:summary=rho", "cca:summary=r2", "svcca:summary=rho", "svcca:summary=r2", "pwcca", "linear-regression", "hsic"] {
        assert!(accuracy(other) < 70.0, "{other}: {row:?}");
    }
    assert_ne!(row.verdict, Verdict::Not);
    for file in &row.files {
        assert!(folder.path().join("out").join(file).metadata().unwrap().len() > 100, "{file}");
    }
    let page = page(&results);
    assert!(page.contains("| linear CKA | 99.3 |") && page.contains("table-2 --preset quick --seeds 1-3"), "{page}");

    // All is there now: nothing is trained, and the same numbers come out.
    run("table-2", folder.path(), &["--seeds", "1-3", "--no-train"]).unwrap();
    let again = Results::load(&folder.path().join("out/results.json")).unwrap();
    assert_eq!(again.0["table-2"]["quick, seeds 1-3"].found, row.found);
    assert_eq!(again.0["table-2"]["quick, seeds 1-3"].seconds.networks_trained, 0);
    let missing = run("table-2", folder.path(), &["--seeds", "1-4", "--no-train"]).unwrap_err().to_string();
    assert!(missing.contains("digits_side8_digits_w4_e200_seed4.ckpt"), "{missing}");
}
