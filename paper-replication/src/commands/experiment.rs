//! Run experiments, and make the page of their results.

use crate::data::Source;
use crate::error::{Error, Result, at};
use crate::experiments::{Context, EXPERIMENTS, Experiment, GUIDE_MARKS, Report, group_networks, guide};
use crate::figures::{Folder, write_whole};
use crate::job::{Sources, Workshop};
use crate::machine::machine;
use crate::networks::Architecture;
use crate::preset::{Part, Preset, Setting, parse_seeds};
use crate::results::{Results, Row, Seconds as RowSeconds, adopt, entries, page};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The arguments of every experiment.
#[derive(Debug, Clone, Args)]
pub struct ExperimentArguments {
    /// How large the experiment is
    #[arg(long, value_enum, default_value = "standard")]
    preset: Preset,
    /// The data set [default: the preset's]
    #[arg(long, value_enum)]
    data: Option<Source>,
    /// The folder with its files [default: where the Debian package puts them, or
    /// ./cifar-10-batches-bin]
    #[arg(long)]
    data_folder: Option<PathBuf>,
    /// Average the pictures down to this side [default: the preset's]
    #[arg(long)]
    side: Option<usize>,
    /// The architecture, where the experiment does not fix it [default: the preset's]
    #[arg(long)]
    architecture: Option<Architecture>,
    /// The width w of the architecture [default: the preset's]
    #[arg(long)]
    width: Option<usize>,
    /// How often every picture is seen in training [default: the preset's]
    #[arg(long)]
    epochs: Option<usize>,
    /// The highest learning rate [default: the preset's]
    #[arg(long)]
    learning_rate: Option<f64>,
    /// Decoupled weight decay [default: the preset's]
    #[arg(long)]
    weight_decay: Option<f32>,
    /// The seeds of the networks, such as 1-10 [default: the preset's]
    #[arg(long)]
    seeds: Option<String>,
    /// The number of pictures that networks are compared on [default: the preset's]
    #[arg(long)]
    examples: Option<usize>,
    /// The same for the indexes of the CCA family and linear regression [default: the preset's]
    #[arg(long)]
    subspace_examples: Option<usize>,
    /// Which pictures these indexes are computed on [default: the preset's]
    #[arg(long, value_enum)]
    subspace_part: Option<Part>,
    /// The number of networks compared by these indexes [default: the preset's]
    #[arg(long)]
    subspace_networks: Option<usize>,
    /// The folder with the networks and with the finished cells of interrupted analyses
    #[arg(long, default_value = "paper-replication/checkpoints")]
    checkpoints: PathBuf,
    /// The folder with weights of networks, for those that are not among the checkpoints
    #[arg(long, default_value = "paper-replication/networks")]
    networks: PathBuf,
    /// A network that is not trained yet is an error
    #[arg(long)]
    no_train: bool,
    /// Networks trained at once, each on one thread
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// The memory that may be taken, in GB
    #[arg(long, default_value_t = 12.0)]
    memory: f64,
    /// The folder with results.json
    #[arg(long, default_value = "paper-replication")]
    out: PathBuf,
}

/// The arguments of `results`.
#[derive(Debug, Args)]
pub struct ResultsArguments {
    /// The folder with results.json, into which RESULTS.md goes
    #[arg(long, default_value = "paper-replication")]
    out: PathBuf,
    /// The page of the guide whose marked numbers are made again, too
    #[arg(long)]
    guide: Option<PathBuf>,
}

/// Prints every experiment with its title.
pub fn list() {
    for entry in entries() {
        println!("{:12} {}", entry.id, entry.title);
    }
}

/// Makes `RESULTS.md` from `results.json`.
///
/// # Errors
/// When the one cannot be read or the other written.
pub fn results(arguments: &ResultsArguments) -> Result<()> {
    let file = results_file(&arguments.out);
    adopt(&arguments.out, &file)?;
    let mut results = Results::load(&file)?;
    for experiment in EXPERIMENTS {
        for (name, row) in results.0.get_mut(experiment.id).into_iter().flatten() {
            judge_again(&arguments.out, experiment, name, row)?;
        }
    }
    results.save(&file)?;
    let path = arguments.out.join("RESULTS.md");
    write_whole(&path, page(&results).as_bytes())?;
    println!("{}", path.display());
    match (&arguments.guide, results.0.get("field").and_then(|rows| rows.get("quick"))) {
        (Some(page), Some(row)) => rewrite_guide(page, &guide(row)),
        _ => Ok(()),
    }
}

/// Puts the marked numbers of the guide in their place.
fn rewrite_guide(path: &Path, block: &str) -> Result<()> {
    let text = std::fs::read_to_string(path).map_err(at(path))?;
    let missing = || Error::DamagedResults { path: path.to_path_buf(), reason: format!("no {}", GUIDE_MARKS.join(" and ")) };
    let (before, rest) = text.split_once(GUIDE_MARKS[0]).ok_or_else(missing)?;
    let (_, after) = rest.split_once(GUIDE_MARKS[1]).ok_or_else(missing)?;
    write_whole(path, format!("{before}{block}{after}").as_bytes())
}

/// Draws the pictures of a row again, and comes to its verdict again, from its tables: rules and
/// pictures can change without a network.
fn judge_again(out: &Path, experiment: &Experiment, name: &str, row: &mut Row) -> Result<()> {
    let tables = row.files.iter().filter(|file| !file.ends_with(".svg")).cloned().collect();
    let mut folder = Folder::new(out, &relative(experiment, name)).with_pictures(!name.contains(", ")).with_files(tables);
    let judged = (experiment.report)(&mut Report { setting: &row.setting, kept: &row.found, folder: &mut folder })?;
    (row.found, row.verdict, row.explanation) = (judged.found, judged.verdict, judged.explanation);
    row.files = folder.files();
    settle(experiment.id, &mut row.setting);
    Ok(())
}

/// The folder of a row, relative to that of all results.
fn relative(experiment: &Experiment, name: &str) -> PathBuf {
    Path::new("results").join(experiment.id).join(name.replace(", ", "_").replace(' ', "-"))
}

/// Makes a setting say what was run: the preset's own says more than some experiments take.
fn settle(id: &str, setting: &mut Map<String, Value>) {
    name_architectures(setting);
    if !setting.contains_key("test_accuracy") {
        // Nothing was trained.
        setting.remove("regime");
    }
    if id == "field" {
        // Rows made before this was written down have the same.
        setting.entry("group_networks").or_insert_with(group_networks);
    }
}

/// Puts the architectures that a row is of into its setting: an experiment may fix them, and then
/// the preset's own says nothing. The names of networks hold them, between side and width.
fn name_architectures(setting: &mut Map<String, Value>) {
    let names = setting.get("test_accuracy").and_then(Value::as_object).into_iter().flatten().filter_map(|(name, _)| {
        let (_, rest) = name.split_once("_side")?;
        rest.split('_').nth(1)
    });
    let mut architectures: Vec<&str> = Vec::new();
    names.for_each(|name| {
        if !architectures.contains(&name) {
            architectures.push(name);
        }
    });
    if !architectures.is_empty() {
        let words = architectures.join(", ");
        setting.insert("architecture".to_owned(), words.into());
    }
}

fn results_file(out: &Path) -> PathBuf {
    out.join("results.json")
}

/// Runs one experiment and merges its row into `results.json`; prints the verdict.
///
/// # Errors
/// When data or networks are missing, a setting cannot be, or a file cannot be written.
pub fn experiment(experiment: &'static Experiment, arguments: &ExperimentArguments) -> Result<()> {
    let setting = arguments.setting(experiment)?;
    let sources = Sources {
        data_folder: arguments.data_folder.clone(),
        checkpoints: arguments.checkpoints.clone(),
        networks: arguments.networks.clone(),
        no_train: arguments.no_train,
        jobs: arguments.jobs,
    };
    let row_name = arguments.row();
    let relative = relative(experiment, &row_name);
    let mut context = Context {
        id: experiment.id,
        preset: arguments.preset,
        workshop: Workshop::new(sources, &setting),
        // Those of a variant would look like those of its preset.
        folder: Folder::new(&arguments.out, &relative).with_pictures(arguments.overrides().is_empty()),
        memory: (arguments.memory * 1e9) as u64,
        seconds: Default::default(),
        untimed: false,
        setting,
    };
    let outcome = (experiment.run)(&mut context)?;
    let (training, networks_trained) = context.workshop.training();
    // By way of text, so that an f32 comes out with the digits it was given with. A struct of
    // numbers and names always has a JSON form.
    let text = serde_json::to_string(&context.setting).expect("a setting has a JSON form");
    let mut setting: Map<String, Value> = serde_json::from_str(&text).expect("what was just written reads back");
    setting.extend(outcome.setting);
    settle(experiment.id, &mut setting);
    let judged = (experiment.report)(&mut Report { setting: &setting, kept: &outcome.kept, folder: &mut context.folder })?;
    let row = Row {
        setting,
        found: judged.found,
        verdict: judged.verdict,
        explanation: judged.explanation,
        command: arguments.command(experiment.id),
        seconds: RowSeconds {
            training: training.round(),
            networks_trained,
            capture: context.seconds.capture.round(),
            analysis: (!context.untimed).then_some((context.seconds.preparation + context.seconds.comparison).round()),
        },
        machine: Some(machine()),
        files: context.folder.files(),
    };
    println!("{} ({row_name}): {}. {}", experiment.id, row.verdict.words(), row.explanation);
    println!("{}", (experiment.table)(&row));
    Results::merge(&results_file(&arguments.out), experiment.id, &row_name, row)
}

/// Runs all experiments, one after the other.
///
/// # Errors
/// As [`experiment`], at the first that fails.
pub fn all(arguments: &ExperimentArguments) -> Result<()> {
    EXPERIMENTS.iter().try_for_each(|one| experiment(one, arguments))
}

impl ExperimentArguments {
    fn setting(&self, experiment: &Experiment) -> Result<Setting> {
        let mut setting = (experiment.setting)(self.preset);
        setting.data = self.data.unwrap_or(setting.data);
        setting.side = self.side.unwrap_or(setting.side);
        setting.architecture = self.architecture.unwrap_or(setting.architecture);
        setting.width = self.width.unwrap_or(setting.width);
        setting.regime.epochs = self.epochs.unwrap_or(setting.regime.epochs);
        setting.regime.learning_rate = self.learning_rate.unwrap_or(setting.regime.learning_rate);
        setting.regime.weight_decay = self.weight_decay.unwrap_or(setting.regime.weight_decay);
        if let Some(seeds) = &self.seeds {
            setting.seeds = parse_seeds(seeds)?;
        }
        setting.examples = self.examples.unwrap_or(setting.examples);
        setting.subspace.examples = self.subspace_examples.unwrap_or(setting.subspace.examples);
        setting.subspace.part = self.subspace_part.unwrap_or(setting.subspace.part);
        setting.subspace.networks = self.subspace_networks.unwrap_or(setting.subspace.networks);
        Ok(setting)
    }

    /// What the command line asks for beyond the preset: option and value.
    fn overrides(&self) -> Vec<(&'static str, String)> {
        let data = self.data.and_then(|data| data.to_possible_value()).map(|value| value.get_name().to_owned());
        let text = |value: Option<&dyn std::fmt::Display>| value.map(|value| value.to_string());
        let all: [(&'static str, Option<String>); 12] = [
            ("data", data),
            ("side", text(self.side.as_ref().map(|value| value as _))),
            ("architecture", text(self.architecture.as_ref().map(|value| value as _))),
            ("width", text(self.width.as_ref().map(|value| value as _))),
            ("epochs", text(self.epochs.as_ref().map(|value| value as _))),
            ("learning-rate", text(self.learning_rate.as_ref().map(|value| value as _))),
            ("weight-decay", text(self.weight_decay.as_ref().map(|value| value as _))),
            ("seeds", self.seeds.clone()),
            ("examples", text(self.examples.as_ref().map(|value| value as _))),
            ("subspace-examples", text(self.subspace_examples.as_ref().map(|value| value as _))),
            ("subspace-part", self.subspace_part.map(|part| part.name().to_owned())),
            ("subspace-networks", text(self.subspace_networks.as_ref().map(|value| value as _))),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The name of the row: the preset, and whatever was changed about it, so that a variant never
    /// takes the preset's own place.
    fn row(&self) -> String {
        let changes = self.overrides().into_iter().map(|(name, value)| format!(", {name} {value}"));
        format!("{}{}", self.preset.name(), changes.collect::<String>())
    }

    /// The command that gives the row, without the folders of one machine.
    fn command(&self, id: &str) -> String {
        let changes = self.overrides().into_iter().map(|(name, value)| format!(" --{name} {value}"));
        format!("cargo run --release -p paper-replication -- {id} --preset {}{}", self.preset.name(), changes.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::FromArgMatches;

    fn arguments(words: &[&str]) -> ExperimentArguments {
        let command = ExperimentArguments::augment_args(clap::Command::new("test"));
        ExperimentArguments::from_arg_matches(&command.get_matches_from([&["test"], words].concat())).unwrap()
    }

    /// The figure of deep networks is of plain ones, whatever its preset's own architecture is.
    #[test]
    fn architectures_are_those_of_the_networks() {
        let names = r#"{"architecture": "tiny-10", "test_accuracy": {"cifar-10_side16_plain-10_w8_e6_seed1": 59.0, "cifar-10_side16_resnet-14_w8_e6_seed1": 60.0,
            "cifar-10_side16_resnet-14_w8_e6_seed2": 60.0}}"#;
        let mut setting: Map<String, Value> = serde_json::from_str(names).unwrap();
        name_architectures(&mut setting);
        assert_eq!(setting["architecture"], "plain-10, resnet-14");
        let mut none = Map::from_iter([("architecture".to_owned(), Value::from("digits"))]);
        name_architectures(&mut none);
        assert_eq!(none["architecture"], "digits");
    }

    /// Networks that are not trained have no epochs, and those of the field's groups are told of.
    #[test]
    fn a_setting_says_what_was_run() {
        let regime = || Map::from_iter([("regime".to_owned(), serde_json::json!({"epochs": 15}))]);
        let mut untrained = regime();
        settle("figure-f5", &mut untrained);
        assert!(!untrained.contains_key("regime"));
        let mut trained = regime();
        trained.insert("test_accuracy".to_owned(), serde_json::json!({"digits_side8_digits_w4_e200_seed1": 98.3}));
        settle("field", &mut trained);
        assert_eq!((&trained["regime"]["epochs"], &trained["group_networks"]["count"]), (&15.into(), &36.into()));
    }

    #[test]
    fn a_variant_has_its_own_row_and_folders_are_nobodys_business() {
        let plain = arguments(&["--data-folder", "somewhere", "--checkpoints", "elsewhere", "--jobs", "2", "--no-train"]);
        assert_eq!(plain.row(), "standard");
        assert_eq!(plain.command("table-2"), "cargo run --release -p paper-replication -- table-2 --preset standard");
        let variant = arguments(&["--preset", "quick", "--learning-rate", "0.02", "--weight-decay", "0.3", "--seeds", "1-6"]);
        assert_eq!(variant.row(), "quick, learning-rate 0.02, weight-decay 0.3, seeds 1-6");
        assert!(variant.command("table-2").ends_with("table-2 --preset quick --learning-rate 0.02 --weight-decay 0.3 --seeds 1-6"));
        let trained = arguments(&["--subspace-part", "train", "--subspace-examples", "21000"]);
        assert_eq!(trained.row(), "standard, subspace-examples 21000, subspace-part train");
        let setting = trained.setting(&EXPERIMENTS[0]).unwrap();
        assert_eq!((setting.subspace.part, setting.part), (Part::Train, Part::Test));
        let setting = variant.setting(&EXPERIMENTS[0]).unwrap();
        assert_eq!((setting.regime.learning_rate, setting.regime.weight_decay, setting.seeds.len()), (0.02, 0.3, 6));
    }
}
