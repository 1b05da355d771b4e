//! How layers are read in blocks of neurons: as much at a time as the memory allows, and how long
//! it takes.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::bytes::Bytes;
use super::memory::Blocks;
use crate::arrays::neurons::{NeuronBlock, NeuronValues, StoredNeurons};
use crate::error::Error;

/// What was read in blocks of neurons, and the time that the reading thread spent on it.
#[derive(Debug, Default)]
pub struct Reading {
    bytes: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Reading {
    /// Bytes of values, each as often as it was read.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Time that reads took, one after the other. A thread of its own reads, so that products wait
    /// for it only where it is slower.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }

    fn add(&self, bytes: usize, time: Duration) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.time().as_secs_f64();
        write!(f, "{} in {seconds:.1} s, {} a second", Bytes(self.bytes()), Bytes((self.bytes() as f64 / seconds.max(1e-9)) as u64))
    }
}

/// Neurons that are read in parts of a chosen size, with what that takes.
#[derive(Debug)]
pub(super) struct Timed {
    pub(super) source: Arc<dyn StoredNeurons>,
    pub(super) blocks: Blocks,
    pub(super) reading: Arc<Reading>,
}

impl StoredNeurons for Timed {
    fn read(&self, neurons: Range<usize>, room: Option<NeuronBlock>) -> Result<NeuronBlock, Error> {
        let start = Instant::now();
        let block = self.source.read(neurons, room)?;
        let bytes = match &block.values {
            NeuronValues::F32(values) => size_of_val(values.as_slice()),
            NeuronValues::F64(values) => size_of_val(values.as_slice()),
        };
        self.reading.add(bytes, start.elapsed());
        Ok(block)
    }

    fn value_size(&self) -> usize {
        self.source.value_size()
    }

    fn read_size(&self) -> usize {
        self.blocks.read_size
    }
}
