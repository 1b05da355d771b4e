//! `similitude measures`: the list.

use crate::report::catalog;

use crate::cli::arguments::{ListFormat, Measures};
use crate::cli::output::{print, table};
use crate::cli::stop::{Status, Stop};

pub fn run(options: &Measures) -> Result<Status, Stop> {
    let text = match options.format {
        ListFormat::Table => tables(),
        ListFormat::Markdown => catalog::markdown(),
        ListFormat::Json => catalog::json().iter().map(|measure| format!("{measure}\n")).collect(),
    };
    print(&text)?;
    Ok(Status::Done)
}

fn tables() -> String {
    let rows = catalog::rows();
    let mut text = "KEYS (the first value is the default)\n\n".to_string();
    let keys = rows.iter().flat_map(|row| {
        row.spec.keys.iter().enumerate().map(|(index, key)| {
            let id = if index == 0 { row.spec.id } else { "" };
            vec![id.to_string(), key.name.to_string(), key.listed(), key.help.to_string()]
        })
    });
    text += &table(&["measure", "key", "values", "what it decides"], keys, 4);

    text += "\nPROPERTIES\n\n";
    let mut header = vec!["measure", "value", "range", "n at least", "symmetric", "metric"];
    header.extend(catalog::heads());
    let properties = rows.iter().map(|row| {
        let facts = [row.spec.id, &row.direction, &row.range, &row.minimum_examples, row.symmetric.as_str(), row.metric.as_str()];
        facts.into_iter().chain(row.invariances.iter().map(|mark| mark.as_str())).map(str::to_string).collect()
    });
    text += &table(&header, properties, header.len());
    text += &format!("\n{}.\n", catalog::legend().replace(". ", ".\n"));

    text += "\nCOST (multiply-adds; n examples, p and q neurons)\n\n";
    let costs = rows.iter().map(|row| [row.spec.id, row.spec.prepare_cost, row.spec.compare_cost].map(String::from).to_vec());
    text += &table(&["measure", "each layer", "each pair"], costs, 3);

    text += "\nDEFINITIONS AND SOURCES\n";
    for row in &rows {
        text += &format!("\n{}: {}\n  {}\n  {}\n", row.spec.id, row.spec.name, row.spec.formula, row.sources());
    }
    text
}
