//! What results came from.

use serde::{Deserialize, Serialize};

use super::processor::Processor;
use crate::precision::Precision;

/// All layers that many networks have in common, where one is named.
pub const MATCHED: &str = "matched";

/// What the results of a sweep came from, besides the names of its layers: enough to ask whether
/// other results are of the same inputs, and to compute them again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// The version of this library.
    pub version: String,
    /// The processor.
    pub processor: Processor,
    /// The precision of the large products.
    pub precision: Precision,
    /// The measures with their full conventions.
    pub measures: Vec<String>,
    /// The seed of whatever was drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The null that values were put beside: a number of permutations, or `exact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub null: Option<String>,
    /// How p-values were adjusted for their number: `max`, `holm` or `bh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adjust: Option<String>,
    /// Of many networks, which layers were compared: the name of a layer, or `matched`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networks: Option<String>,
    /// What a methods section says of intervals of the means of networks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// Of parts that were merged, how many there were; the command is that of the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<usize>,
    /// The files of the first network with sizes, times and checksums, and how they were read.
    pub a: Vec<String>,
    /// The files of the second network; none of a network with itself.
    pub b: Vec<String>,
    /// The command line, where a program made the results.
    pub command: Vec<String>,
    /// The directory that the command's paths start from.
    pub directory: String,
}

impl Provenance {
    /// The same with the two networks exchanged.
    pub(super) fn mirrored(&self) -> Self {
        Self { a: self.b.clone(), b: self.a.clone(), ..self.clone() }
    }

    /// The lines of inputs that say what was read, wherever it lay and whenever it was written: the
    /// name, the size and the checksum of each file, and how it was read.
    pub fn contents(&self) -> Vec<String> {
        self.a.iter().chain(&self.b).filter_map(|line| content(line)).collect()
    }
}

/// The sizes and checksums of the files of a network, from the lines of its identity: those of a
/// copy under another name are the same.
pub fn checksums(identity: &[String]) -> Vec<String> {
    let sum = |line: &String| content(line)?.rsplit_once(" bytes, checksum").map(|(before, sum)| (before.to_string(), sum.to_string()));
    identity.iter().filter_map(sum).map(|(before, sum)| format!("{} {sum}", before.rsplit(", ").next().unwrap_or_default())).collect()
}

/// A line of an identity without places, times and what holds on one machine alone.
fn content(line: &str) -> Option<String> {
    if line.starts_with("on this machine:") {
        return None;
    }
    // Backwards: a path may hold anything.
    let parts = || {
        let (before, sum) = line.rsplit_once(", checksum")?;
        let (before, time) = before.rsplit_once(" bytes, changed at ")?;
        let (path, bytes) = before.rsplit_once(", ")?;
        time.strip_suffix(" ns")?;
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        Some(format!("{name}, {bytes} bytes, checksum{sum}"))
    };
    Some(parts().unwrap_or_else(|| line.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_without_places_and_times() {
        let file = "/data/a, b/net.npz, 120 bytes, changed at 17 ns, checksum of 64 blocks 0a0b0c0d".to_string();
        let a = vec![file, "on this machine: inode 3, status changed at 5 ns".to_string(), "axes nchw".to_string()];
        let provenance = Provenance { a, ..Provenance::default() };
        assert_eq!(provenance.contents(), ["net.npz, 120 bytes, checksum of 64 blocks 0a0b0c0d", "axes nchw"]);
    }

    #[test]
    fn provenance_of_an_earlier_version_is_read() {
        let text = r#"{"precision":"f64","a":["x"],"b":[],"command":["similitude"]}"#;
        let read: Provenance = serde_json::from_str(text).unwrap();
        assert_eq!((read.a, read.version.as_str(), read.seed), (vec!["x".to_string()], "", None));
    }
}
