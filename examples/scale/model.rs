//! What large jobs cost, from the constants of the machine.

use std::fmt::Write;

use crate::machine::{Machine, WIDTH};

/// A job of linear CKA: every layer of every network with every other.
struct Job {
    networks: f64,
    layers: f64,
    rows: f64,
    nodes: f64,
}

/// What a node has beside processors like this machine's.
const NODE_MEMORY: f64 = 64e9;
const NODE_NETWORK: f64 = 10e9;
/// Levels of the merging tree: a process holds an item of each.
const LEVELS: f64 = 8.0;
const DAY: f64 = 86_400.0;

struct Cost {
    pairs: f64,
    operations: f64,
    compute: f64,
    tile: f64,
    passes: f64,
    stored: f64,
    read: f64,
    read_seconds: f64,
    merged: f64,
    merge_seconds: f64,
}

impl Job {
    fn cost(&self, machine: &Machine) -> Cost {
        let (all, width) = (self.networks * self.layers, WIDTH as f64);
        let pairs = all * (all + 1.0) / 2.0;
        let operations = 2.0 * pairs * self.rows * width * width;
        let tile = (NODE_MEMORY / LEVELS / machine.pair_bytes).sqrt().floor().min(all);
        let passes = (all / tile).ceil() * ((all / tile).ceil() + 1.0) / 2.0;
        let stored = 4.0 * all * self.rows * width;
        let read = passes * 2.0 * tile * 4.0 * self.rows / self.nodes * width;
        let moments = passes * tile * tile * machine.pair_bytes;
        // Along the longest way of the tree every level sends, and merges, all moments of the tile.
        let levels = self.nodes.log2().ceil();
        Cost {
            pairs,
            operations,
            compute: operations / self.nodes / machine.moments,
            tile,
            passes,
            stored,
            read,
            read_seconds: read / machine.read,
            merged: moments * (self.nodes - 1.0),
            merge_seconds: levels * moments * (1.0 / NODE_NETWORK + 1.0 / machine.merge),
        }
    }
}

fn bytes(count: f64) -> String {
    let (unit, size) = [("PB", 1e15), ("TB", 1e12), ("GB", 1e9)].into_iter().find(|(_, size)| count >= *size).unwrap_or(("MB", 1e6));
    format!("{:.1} {unit}", count / size)
}

fn time(seconds: f64) -> String {
    match seconds {
        seconds if seconds >= 1000.0 * DAY => format!("{:.1} years", seconds / (365.25 * DAY)),
        seconds if seconds >= 2.0 * DAY => format!("{:.1} days", seconds / DAY),
        seconds if seconds >= 7200.0 => format!("{:.1} hours", seconds / 3600.0),
        _ => format!("{:.0} s", seconds),
    }
}

pub fn text(machine: &Machine) -> String {
    let few = Job { networks: 100.0, layers: 50.0, rows: 1e6, nodes: 64.0 };
    let many = Job { networks: 10_000.0, ..few };
    let thin = Job { rows: 1e4, ..many };
    let jobs = [few, many, thin].map(|job| (job.cost(machine), job));
    let mut text = String::new();
    let mut line = |name: &str, value: &dyn Fn(&Cost, &Job) -> String| {
        let cells: Vec<String> = jobs.iter().map(|(cost, job)| value(cost, job)).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    };
    line("networks x layers, rows", &|_, job| format!("{} x {}, {:.0e}", job.networks, job.layers, job.rows));
    line("---", &|_, _| "---".to_string());
    line("pairs of layers", &|cost, _| format!("{:.2e}", cost.pairs));
    line("activations, f32", &|cost, _| bytes(cost.stored));
    line("moments of all pairs", &|cost, _| bytes(cost.pairs * machine.pair_bytes));
    line("operations", &|cost, _| format!("{:.1e}", cost.operations));
    line("products, each node", &|cost, _| time(cost.compute));
    line("tile of layer pairs, passes over the rows", &|cost, _| format!("{0} x {0}, {1:.0}", cost.tile, cost.passes));
    line("read by a node (its rows)", &|cost, _| format!("{} ({})", bytes(cost.read), time(cost.read_seconds)));
    line("sent between nodes", &|cost, _| bytes(cost.merged));
    line("merging, along the tree", &|cost, _| time(cost.merge_seconds));
    line("reading / products", &|cost, _| format!("{:.1} %", 100.0 * cost.read_seconds / cost.compute));
    line("merging / products", &|cost, _| format!("{:.1} %", 100.0 * cost.merge_seconds / cost.compute));
    let (memory, network, nodes) = (bytes(NODE_MEMORY), bytes(NODE_NETWORK), jobs[0].1.nodes);
    let preamble = format!(
        "## Large jobs\n\n\
         Linear CKA of every layer with every other, {WIDTH} neurons each, on {nodes} nodes with processors like this machine's, {memory} of memory and \
         {network}/s between nodes (these two are assumed). The rows are shared: a node has its part of the rows of every layer on a disk of its own, \
         a tile of layer pairs is gathered in one pass over them, and its moments are merged along a tree (`similitude-mpi`).\n\n"
    );
    let bottleneck = |cost: &Cost| {
        let parts = [("products", cost.compute), ("merging", cost.merge_seconds), ("reading", cost.read_seconds)];
        parts.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).expect("three parts").0
    };
    let found: Vec<&str> = jobs.iter().map(|(cost, _)| bottleneck(cost)).collect();
    let tile = jobs[0].0.tile;
    preamble
        + &text
        + &format!(
            "\nThe bottleneck is, job by job: {}. Reading is shared by a tile's {tile:.0} partners of each layer and falls with the root of the memory. \
             The products fall with the rows, merging does not: with few rows for each node, share pairs of layers instead \
             (`similitude sweep --shard K/N`, where nothing is merged but scores, and each node reads all rows of the layers of its part).\n\n\
             Moments of pairs are never all in memory; without tiles they would be the first thing not to fit. What is left to save is the products: \
             fewer rows, fewer neurons, or fewer pairs.\n",
            found.join(", ")
        )
}
