//! Which sweep a file of finished cells belongs to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::measure::Measure;
use crate::precision::Precision;
use crate::results::{Processor, Provenance};

/// How a line of an identity starts that holds on one machine alone.
pub(crate) const LOCAL: &str = "on this machine:";

/// Which sweep the cells belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of this library: another version may give other last bits.
    pub similitude: String,
    /// The first network.
    pub a: NetworkHeader,
    /// The second network; none for a network with itself.
    pub b: Option<NetworkHeader>,
    /// The measures with their full conventions.
    pub measures: Vec<String>,
    /// The precision of the large products.
    #[serde(default)]
    pub precision: Precision,
}

/// One network of a sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkHeader {
    /// Its name.
    pub name: String,
    /// Its layers: name, examples, neurons.
    pub layers: Vec<(String, usize, usize)>,
    /// Its files and how they are read.
    pub identity: Vec<String>,
}

/// More neurons than this in one network, or more measures, are a mistake or damage: products of
/// such numbers leave the integers that work is counted in.
const MOST_NEURONS: u64 = 1 << 45;
const MOST_MEASURES: usize = 1 << 16;

impl Header {
    /// The networks: one or two.
    pub(crate) fn networks(&self) -> impl Iterator<Item = &NetworkHeader> {
        std::iter::once(&self.a).chain(&self.b)
    }

    /// Layers of the first and of the second network.
    pub(super) fn sizes(&self) -> (usize, usize) {
        let rows = self.a.layers.len();
        (rows, self.b.as_ref().map_or(rows, |b| b.layers.len()))
    }

    /// What the results of the sweep came from.
    pub fn provenance(&self) -> Provenance {
        let b = self.b.as_ref().map_or_else(Vec::new, |b| b.identity.clone());
        Provenance {
            version: self.similitude.clone(),
            processor: Processor::here(),
            precision: self.precision,
            measures: self.measures.clone(),
            a: self.a.identity.clone(),
            b,
            ..Provenance::default()
        }
    }

    /// The header without what holds on one machine alone: parts of a sweep may be computed from
    /// copies of the files.
    pub(crate) fn of_copies(mut self) -> Self {
        let strip = |network: &mut NetworkHeader| network.identity.retain(|line| !line.starts_with(LOCAL));
        strip(&mut self.a);
        self.b.as_mut().map(strip);
        self
    }

    /// Whether this is the header of a sweep that can be: what follows counts on it, and the header
    /// may come from a file that is damaged or was edited.
    pub(crate) fn check(&self) -> Result<(), String> {
        let n = self.a.layers.first().map_or(0, |layer| layer.1);
        for network in self.networks() {
            if network.layers.is_empty() {
                return Err(format!("the network {:?} has no layers", network.name));
            }
            let mut neurons: u64 = 0;
            for (layer, examples, p) in &network.layers {
                if *examples != n || n < 2 || *p == 0 {
                    return Err(format!("the layer {layer:?} is {examples} x {p}, and the first layer has {n} examples"));
                }
                neurons = neurons.saturating_add(*p as u64);
                let entries = (*examples as u128) * (*p as u128);
                if neurons > MOST_NEURONS || entries > isize::MAX as u128 {
                    return Err(format!("the layer {layer:?} is {examples} x {p}, which no file holds"));
                }
            }
        }
        if self.measures.is_empty() || self.measures.len() > MOST_MEASURES {
            return Err(format!("{} measures", self.measures.len()));
        }
        let mut seen = BTreeSet::new();
        match self.measures.iter().find(|text| !seen.insert(*text)) {
            Some(text) => Err(format!("the measure {text} is there twice")),
            None => Ok(()),
        }
    }

    /// The measures, by their names alone.
    pub(crate) fn measures(&self) -> Result<Vec<Measure>, String> {
        let parsed = |text: &String| match Measure::parse(text) {
            Ok(measure) if measure.to_string() == *text => Ok(measure),
            Ok(measure) => Err(format!("the measure {text} is not written with its full convention, {measure}")),
            Err(error) => Err(error.to_string()),
        };
        self.measures.iter().map(parsed).collect()
    }

    /// What differs between this one, there, and the one expected, here; in words.
    pub(crate) fn differences(&self, expected: &Header) -> Vec<String> {
        let found = self;
        let mut differences = Vec::new();
        let mut compare = |what: &str, found: String, expected: String| {
            if found != expected {
                differences.push(format!("{what}: there {found}, here {expected}"));
            }
        };
        compare("version", found.similitude.clone(), expected.similitude.clone());
        compare("precision", found.precision.to_string(), expected.precision.to_string());
        compare("measures", found.measures.join(" "), expected.measures.join(" "));
        let itself = |header: &Header| header.b.is_none();
        compare("second network given", (!itself(found)).to_string(), (!itself(expected)).to_string());
        let sides = [("first network", Some(&found.a), Some(&expected.a)), ("second network", found.b.as_ref(), expected.b.as_ref())];
        for (what, found, expected) in sides {
            let (Some(found), Some(expected)) = (found, expected) else { continue };
            compare(what, found.name.clone(), expected.name.clone());
            let layers = |network: &NetworkHeader| {
                network.layers.iter().map(|(name, n, p)| format!("{name} {n} x {p}")).collect::<Vec<_>>().join(", ")
            };
            compare(&format!("layers of the {what}"), layers(found), layers(expected));
            compare(&format!("files of the {what}"), found.identity.join(", "), expected.identity.join(", "));
        }
        differences
    }
}

#[cfg(test)]
#[path = "header_tests.rs"]
mod tests;
