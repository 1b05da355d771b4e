//! Run experiments, and make the page of their results.

use crate::data::Source;
use crate::error::Result;
use crate::experiments::{Context, EXPERIMENTS, Experiment};
use crate::figures::{Folder, write_whole};
use crate::job::{Sources, Workshop};
use crate::networks::Architecture;
use crate::preset::{Preset, Setting, parse_seeds};
use crate::results::{Results, Row, Seconds as RowSeconds, page};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use std::fmt::Write;
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
    /// The folder with its files [default: where the Debian package puts them, or ./cifar-10-batches-bin]
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
    /// The number of networks compared by these indexes [default: the preset's]
    #[arg(long)]
    subspace_networks: Option<usize>,
    /// The folder with the networks and with the finished cells of interrupted analyses
    #[arg(long, default_value = "paper-replication/checkpoints")]
    checkpoints: PathBuf,
    /// A network that is not trained yet is an error
    #[arg(long)]
    no_train: bool,
    /// Networks trained at once, each on one thread
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// The memory that may be taken, in GB
    #[arg(long, default_value_t = 10.0)]
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
}

/// Prints every experiment with its title.
pub fn list() {
    for experiment in EXPERIMENTS {
        println!("{:12} {}", experiment.id, experiment.title);
    }
}

/// Makes `RESULTS.md` from `results.json`.
///
/// # Errors
/// When the one cannot be read or the other written.
pub fn results(arguments: &ResultsArguments) -> Result<()> {
    let path = arguments.out.join("RESULTS.md");
    write_whole(&path, page(&Results::load(&results_file(&arguments.out))?).as_bytes())?;
    println!("{}", path.display());
    Ok(())
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
        no_train: arguments.no_train,
        jobs: arguments.jobs,
    };
    let preset = arguments.preset.name();
    let relative = Path::new("results").join(experiment.id).join(preset);
    let mut context = Context {
        id: experiment.id,
        preset: arguments.preset,
        workshop: Workshop::new(sources, &setting),
        folder: Folder::new(&arguments.out, &relative),
        memory: (arguments.memory * 1e9) as u64,
        seconds: Default::default(),
        setting,
    };
    let outcome = (experiment.run)(&mut context)?;
    let (training, networks_trained) = context.workshop.training();
    // By way of text, so that an f32 comes out with the digits it was given with. A struct of numbers and names always has a JSON form.
    let text = serde_json::to_string(&context.setting).expect("a setting has a JSON form");
    let mut setting: Map<String, Value> = serde_json::from_str(&text).expect("what was just written reads back");
    setting.extend(outcome.setting);
    let row = Row {
        setting,
        found: outcome.found,
        verdict: outcome.verdict,
        explanation: outcome.explanation,
        command: arguments.command(experiment.id),
        seconds: RowSeconds {
            training: training.round(),
            networks_trained,
            capture: context.seconds.capture.round(),
            analysis: (context.seconds.preparation + context.seconds.comparison).round(),
        },
        files: context.folder.files(),
    };
    println!("{} ({preset}): {}. {}", experiment.id, row.verdict.words(), row.explanation);
    println!("{}", (experiment.table)(&row));
    Results::merge(&results_file(&arguments.out), experiment.id, preset, row)
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
        setting.regime.weight_decay = self.weight_decay.unwrap_or(setting.regime.weight_decay);
        if let Some(seeds) = &self.seeds {
            setting.seeds = parse_seeds(seeds)?;
        }
        setting.examples = self.examples.unwrap_or(setting.examples);
        setting.subspace.examples = self.subspace_examples.unwrap_or(setting.subspace.examples);
        setting.subspace.networks = self.subspace_networks.unwrap_or(setting.subspace.networks);
        Ok(setting)
    }

    /// The command that gives the row, without the folders of one machine.
    fn command(&self, id: &str) -> String {
        let mut command = format!("cargo run --release -p paper-replication -- {id} --preset {}", self.preset.name());
        let data = self.data.and_then(|data| data.to_possible_value()).map(|value| value.get_name().to_owned());
        let overrides: Vec<(&str, Option<String>)> = vec![
            ("data", data),
            ("side", self.side.map(|value| value.to_string())),
            ("architecture", self.architecture.map(|value| value.to_string())),
            ("width", self.width.map(|value| value.to_string())),
            ("epochs", self.epochs.map(|value| value.to_string())),
            ("weight-decay", self.weight_decay.map(|value| value.to_string())),
            ("seeds", self.seeds.clone()),
            ("examples", self.examples.map(|value| value.to_string())),
            ("subspace-examples", self.subspace_examples.map(|value| value.to_string())),
            ("subspace-networks", self.subspace_networks.map(|value| value.to_string())),
        ];
        for (name, value) in overrides {
            if let Some(value) = value {
                write!(command, " --{name} {value}").expect("a String takes all");
            }
        }
        command
    }
}
