//! `similitude demo`: the source paper's sanity check on embedded networks.

mod indexes;
mod networks;

use std::fs;
use std::path::Path;

use crate::Direction;
use crate::io::{remove_unfinished, write_atomically};
use crate::report::files::write_picture;
use crate::report::heatmap::{Format, HeatMap, Scale};
use crate::report::{csv, picture};
use crate::sweep::{Ensemble, Identification, Layers, Scores, ensemble};
use serde_json::json;

use crate::cli::arguments::{Common, Demo, TableFormat};
use crate::cli::output;
use crate::cli::progress::Watch;
use crate::cli::stop::{Status, Stop};
use crate::cli::tell::tell;
use indexes::INDEXES;

pub fn run(options: &Demo, common: &Common) -> Result<Status, Stop> {
    let directory = &options.output;
    // Before the work: a name that cannot be a directory says so at once.
    fs::create_dir_all(directory).map_err(|error| Stop::Unusable(format!("{}: {error}", directory.display())))?;
    let networks = networks::embedded(options.networks.into())?;
    let networks: Vec<&dyn Layers> = networks.iter().map(|network| network as &dyn Layers).collect();
    let result = ensemble(&networks, &indexes::measures()?, common.memory(), &Watch::new(None))?;
    let text = match options.format.format {
        TableFormat::Table => table(&result, networks.len()),
        TableFormat::Json => lines(&result),
        TableFormat::Csv => comma_separated(&result),
    };
    // Whoever has seen enough of the table still finds the files.
    write_results(&result, networks.len(), directory)?;
    output::print(&text)?;
    Ok(if result.scores.iter().all(|scores| scores.failures() == 0) { Status::Done } else { Status::Undefined })
}

fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

fn table(result: &Ensemble, networks: usize) -> String {
    let layers = result.layer_names.len();
    let found = &result.identification[0];
    let mut text = format!(
        "Which layer of another network is most similar to this one: the same layer?\n\n\
         {networks} small convolutional networks, trained from different seeds on pictures of handwritten digits.\n\
         {layers} layers: {}.\n\
         {} pictures that no network was trained on. {} ordered pairs of networks: {} layers to find; a guess finds {} %.\n\n",
        result.layer_names.join(", "),
        result.scores[0].n(),
        networks * (networks - 1),
        found.trials,
        percent(found.chance()),
    );
    let rows = INDEXES.iter().zip(&result.identification).map(|(index, found)| {
        let shares = [found.accuracy(), found.accuracy_within_one()].map(percent);
        let counts = [found.ties, found.undefined].map(|count| count.to_string());
        std::iter::once(index.name.to_string()).chain(shares).chain(counts).chain([format!("{:.1}", index.paper)]).collect()
    });
    let header = ["index", "found %", "within one layer %", "ties", "undefined", "paper, CIFAR-10 %"];
    text += &output::table(&header, rows, 1);
    text + "\nThe last column is Table 2 of Kornblith et al. (2019), ten larger networks on larger pictures: expect its order here, not its numbers.\n\
            Ties and undefined values count as misses; asymmetric indexes are made symmetric first. Compare your own networks with\n\
            `similitude sweep A B -m MEASURE -o DIR`.\n"
}

fn lines(result: &Ensemble) -> String {
    let line = |(index, found): (usize, &Identification)| {
        let object = json!({
            "index": INDEXES[index].name,
            "measure": result.measures[index].to_string(),
            "accuracy": found.accuracy(),
            "accuracy_within_one": found.accuracy_within_one(),
            "ties": found.ties,
            "undefined": found.undefined,
            "trials": found.trials,
            "chance": found.chance(),
            "paper_cifar10_percent": INDEXES[index].paper,
        });
        format!("{object}\n")
    };
    result.identification.iter().enumerate().map(line).collect()
}

fn comma_separated(result: &Ensemble) -> String {
    let header = "measure,accuracy,accuracy_within_one,ties,undefined,trials,chance,paper_cifar10_percent\n".to_string();
    let row = |(index, found): (usize, &Identification)| {
        let (accuracy, within, chance) = (found.accuracy(), found.accuracy_within_one(), found.chance());
        let (ties, undefined, trials, paper) = (found.ties, found.undefined, found.trials, INDEXES[index].paper);
        format!("\"{}\",{accuracy:?},{within:?},{ties},{undefined},{trials},{chance:?},{paper}\n", result.measures[index])
    };
    header + &result.identification.iter().enumerate().map(row).collect::<String>()
}

/// Writes the long table and a heat map of each index.
fn write_results(result: &Ensemble, networks: usize, directory: &Path) -> Result<(), Stop> {
    let table = directory.join("scores.csv");
    remove_unfinished(&table);
    write_atomically(&table, |file| csv::write(file, result.scores.iter().flat_map(Scores::records)))?;
    for (index, measure) in result.measures.iter().enumerate() {
        write_picture(&heat_map(result, networks, index), directory, &picture::file_stem(measure))?;
    }
    tell(format!("wrote {} heat maps (heatmap-*.svg and .png) and scores.csv to {}", result.measures.len(), directory.display()));
    Ok(())
}

fn heat_map(result: &Ensemble, networks: usize, index: usize) -> HeatMap {
    let (measure, values) = (&result.measures[index], result.means[index].clone());
    let found = &result.identification[index];
    let subtitle = format!(
        "n = {}; mean over the {} ordered pairs of {networks} networks; finds the same layer in {} % (a guess: {} %)",
        result.scores[0].n(),
        networks * (networks - 1),
        percent(found.accuracy()),
        percent(found.chance()),
    );
    HeatMap {
        title: INDEXES[index].name.to_string(),
        subtitle: Some(subtitle),
        row_axis: "layer of one network (X)".to_string(),
        column_axis: "layer of another network (Y)".to_string(),
        rows: result.layer_names.clone(),
        columns: result.layer_names.clone(),
        scale: Scale { label: INDEXES[index].name.to_string(), ..picture::scale(measure, &values) },
        mark_row_maximum: measure.properties().direction == Direction::Similarity,
        hatched: None,
        format: Format::default(),
        values,
    }
}
