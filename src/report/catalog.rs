//! The list of measures, from what their specs say of them.

use serde_json::{Value, json};

use super::bibliography;
use crate::claims::Direction;
use crate::claims::{Claim, Group, Properties, Side};
use crate::measure::Measure;
use crate::registry::REGISTRY;
use crate::spec::Spec;

/// One measure, summed up over the conventions that its spec lists.
#[derive(Debug)]
pub struct Row {
    /// What is fixed about it.
    pub spec: &'static Spec,
    /// Similarity, distance, or both by option.
    pub direction: String,
    /// The values that it takes.
    pub range: String,
    /// The fewest examples.
    pub minimum_examples: String,
    /// Whether s(X, Y) = s(Y, X).
    pub symmetric: Mark,
    /// Whether it satisfies the axioms of a metric.
    pub metric: Mark,
    /// Whether it does not see a group, in the order of [`Group::ALL`].
    pub invariances: [Mark; Group::COUNT],
}

/// A claim over all conventions and both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Under every convention, on both sides.
    Always,
    /// Under none, on neither side.
    Never,
    /// It depends on the options, on the side, or on a condition.
    Depends,
}

impl Mark {
    fn of(mut claims: impl Iterator<Item = Claim>) -> Self {
        let first = claims.next();
        match first {
            Some(Claim::Holds) if claims.all(|claim| claim == Claim::Holds) => Mark::Always,
            Some(Claim::Fails) if claims.all(|claim| claim == Claim::Fails) => Mark::Never,
            _ => Mark::Depends,
        }
    }

    /// The word in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Always => "yes",
            Mark::Never => "no",
            Mark::Depends => "partly",
        }
    }
}

/// What the short names of the groups mean, and the words in their columns.
pub fn legend() -> String {
    let groups: String = Group::ALL.iter().map(|group| format!("{}: {}. ", group.short(), group.legend())).collect();
    let words = "yes: the value never changes. no: it does for some data. partly: it depends on the options, on the side that is changed, or on a condition";
    groups + words
}

/// Short names of the groups, as heads of their columns.
pub fn heads() -> [&'static str; Group::COUNT] {
    Group::ALL.map(Group::short)
}

/// The measures in the order of the registry.
pub fn rows() -> Vec<Row> {
    REGISTRY.iter().map(|entry| row(entry.spec, &conventions(entry.spec))).collect()
}

fn conventions(spec: &Spec) -> Vec<Measure> {
    let parse = |text: &&str| Measure::parse(text).expect("a test holds that the conventions of every spec parse");
    spec.conventions.iter().map(parse).collect()
}

/// The row of a measure, summed up over these conventions of it.
pub fn row(spec: &'static Spec, conventions: &[Measure]) -> Row {
    let all: Vec<Properties> = conventions.iter().map(Measure::properties).collect();
    let distinct = |text: fn(&Properties) -> String| {
        let mut texts: Vec<String> = Vec::new();
        all.iter().map(text).for_each(|text| {
            if !texts.contains(&text) {
                texts.push(text)
            }
        });
        texts.join(" or ")
    };
    let claim = |holds: bool| if holds { Claim::Holds } else { Claim::Fails };
    let sides = |group| all.iter().flat_map(move |properties| Side::ALL.map(|side| properties.claims.get(group, side)));
    Row {
        spec,
        direction: distinct(|properties| direction(properties.direction).to_string()),
        range: distinct(|properties| properties.range.to_string()),
        minimum_examples: distinct(|properties| properties.minimum_examples.to_string()),
        symmetric: Mark::of(all.iter().map(|properties| properties.symmetry)),
        metric: Mark::of(all.iter().map(|properties| claim(properties.metric))),
        invariances: Group::ALL.map(|group| Mark::of(sides(group))),
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Similarity => "similarity",
        Direction::Distance => "distance",
    }
}

impl Row {
    /// The sources, as a sentence cites them.
    pub fn sources(&self) -> String {
        let short = |key| bibliography::find(key).map_or(key, |source| source.short);
        let cited = self.spec.citations.iter().map(|citation| format!("{}, {}", short(citation.key), citation.place));
        cited.collect::<Vec<_>>().join("; ")
    }
}

/// The list as a Markdown table, for the front page.
pub fn markdown() -> String {
    let mut text = format!("| id | measure | values | symmetric | metric | {} |\n", heads().join(" | "));
    text += &format!("|---|---|---|---|---|{}\n", "---|".repeat(Group::COUNT));
    for row in rows() {
        let marks: Vec<&str> = row.invariances.iter().map(|mark| mark.as_str()).collect();
        let (symmetric, metric) = (row.symmetric.as_str(), row.metric.as_str());
        text += &format!(
            "| `{}` | {} | {} in {} | {symmetric} | {metric} | {} |\n",
            row.spec.id,
            row.spec.name,
            row.direction,
            row.range,
            marks.join(" | ")
        );
    }
    text + "\n" + &legend() + ".\n"
}

/// The list as JSON: for each measure its keys, sources, costs, and its properties under each
/// convention that its spec lists (an unbounded end of a range is null).
pub fn json() -> Vec<Value> {
    let measure = |spec: &'static Spec| {
        let conventions =
            conventions(spec).into_iter().map(|measure| json!({ "measure": measure.to_string(), "properties": measure.properties() }));
        json!({
            "id": spec.id,
            "name": spec.name,
            "formula": spec.formula,
            "keys": spec.keys.iter().map(|key| json!({ "name": key.name, "values": key.listed(), "help": key.help })).collect::<Vec<_>>(),
            "prepare_cost": spec.prepare_cost,
            "compare_cost": spec.compare_cost,
            "citations": spec.citations.iter().map(|citation| json!({ "key": citation.key, "place": citation.place })).collect::<Vec<_>>(),
            "conventions": conventions.collect::<Vec<_>>(),
        })
    };
    REGISTRY.iter().map(|entry| measure(entry.spec)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row_of(id: &str) -> Row {
        rows().into_iter().find(|row| row.spec.id == id).unwrap()
    }

    #[test]
    fn marks_sum_up_conventions_and_sides() {
        let group = |group: Group| Group::ALL.iter().position(|other| *other == group).unwrap();
        let (cca, cka, regression) = (row_of("cca"), row_of("cka"), row_of("linear-regression"));
        assert_eq!(cka.invariances[group(Group::Orthogonal)], Mark::Always);
        assert_eq!(cka.invariances[group(Group::InvertibleLinear)], Mark::Never);
        // Linear kernels do not see the scale, a fixed bandwidth does.
        assert_eq!(cka.invariances[group(Group::IsotropicScaling)], Mark::Depends);
        assert_eq!(cca.symmetric, Mark::Always);
        // Fits of one side see GL of that side only; the sum sees both.
        assert_eq!(regression.invariances[group(Group::InvertibleLinear)], Mark::Depends);
        assert_eq!(regression.symmetric, Mark::Depends);
        assert_eq!(row_of("procrustes").direction, "distance or similarity");
    }

    #[test]
    fn every_measure_is_in_every_form() {
        let (table, list) = (markdown(), json());
        assert_eq!(list.len(), REGISTRY.len());
        for (entry, listed) in REGISTRY.iter().zip(list) {
            assert!(table.contains(&format!("| `{}` |", entry.spec.id)), "{}", entry.spec.id);
            assert_eq!(listed["id"], entry.spec.id);
            assert_eq!(listed["conventions"].as_array().unwrap().len(), entry.spec.conventions.len());
        }
        let columns: Vec<usize> = table.lines().take_while(|line| line.starts_with('|')).map(|line| line.matches('|').count()).collect();
        assert!(columns.iter().all(|count| *count == columns[0]), "{columns:?}");
    }
}
