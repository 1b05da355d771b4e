//! The job, as every process runs it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives};
use similitude::Measure;
use similitude::io::{Arrangement, Network, Opening, Reading};
use similitude::moments::{self, Moments};
use similitude::report::files;
use similitude::sweep::{self, Cell, Layers, Observer, Part, Partial, Passes, StoredLayers, Sweep};

use crate::allocator;
use crate::arguments::Arguments;
use crate::message::{broadcast, receive, send};
use crate::share::{Worker, owner, reduce, rows};

/// Why a process ends the job.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sweep.
    #[error(transparent)]
    Sweep(#[from] sweep::Error),
    /// Finished cells cannot be taken up or kept.
    #[error(transparent)]
    Kept(#[from] similitude::kept::Error),
    /// A network cannot be opened.
    #[error(transparent)]
    Network(#[from] similitude::io::Error),
    /// The results cannot be written.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// The directory cannot be used.
    #[error("{}: {source}", path.display())]
    Directory { path: PathBuf, source: std::io::Error },
    /// The threads cannot be started.
    #[error("--threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// What another process sent is not what was expected.
    #[error("a message between processes is damaged: {0}")]
    Message(#[from] postcard::Error),
    /// No memory for what another process sends.
    #[error("no memory for a message of {length} bytes")]
    TooLong { length: u64 },
}

/// Where the results of an earlier job wait.
const EARLIER: &str = "earlier";

/// A cell by row, column and measure.
type Key = (usize, usize, usize);

/// Runs the job; the number of cells without a value (0 on other processes than the first).
pub fn run(arguments: &Arguments, world: &SimpleCommunicator) -> Result<usize, Error> {
    rayon::ThreadPoolBuilder::new().num_threads(arguments.threads.get()).build_global()?;
    let first = world.rank() == 0;
    let open = |path: &Path, layers: Option<&[String]>| -> Result<StoredLayers, Error> {
        let axes = arguments.axes.as_ref().map_or_else(Vec::new, |axes| axes.0.clone());
        let tensors = Arrangement { axes, spatial: arguments.spatial, ..Arrangement::default() };
        let reading = Reading { tensors, ..Reading::default() };
        let opening = Opening { layers: layers.map(<[String]>::to_vec), ..Opening::default() };
        Ok(StoredLayers::new(Network::open_with(path, &opening, Some(&reading))?, Some(reading)))
    };
    let a = open(&arguments.a, arguments.layers.as_deref())?;
    let layers_b = arguments.layers_b.as_deref().or(arguments.layers.as_deref());
    let b = arguments.b.as_ref().map(|path| open(path, layers_b)).transpose()?;
    let b = b.as_ref().map(|layers| layers as &dyn Layers);
    let measures = chosen(&arguments.measures);
    let memory = (arguments.memory.get() as u64) << 20;
    let whole = Sweep::new(&a, b, measures.clone());
    let header = whole.header()?;

    let directory = &arguments.output;
    std::fs::create_dir_all(directory).map_err(|source| Error::Directory { path: directory.clone(), source })?;
    let mut kept = Kept::default();
    if first {
        kept = Kept::open(directory, &header)?;
        if kept.cells.is_empty() {
            // What would read as the results of this job until it ends.
            files::set_aside(directory, &directory.join(EARLIER))?;
        } else {
            eprintln!("{}: {} cells were finished before and are kept", directory.display(), kept.cells.len());
        }
    }
    let done: Vec<Key> = kept.cells.iter().map(|cell| (cell.row, cell.column, cell.measure)).collect();
    let done: Vec<Key> = postcard::from_bytes(&broadcast(world, postcard::to_stdvec(&done)?)?)?;
    let done: BTreeSet<Key> = done.into_iter().collect();

    // Where two layers have more neurons together than examples, moments of neurons would take more
    // operations and memory than matrices between examples.
    let by_rows = Sweep::new(&a, b, measures.clone()).is_narrow()?;
    let streams = |&index: &usize| by_rows && moments::check(&measures[index]).is_ok();
    let (streamed, others): (Vec<usize>, Vec<usize>) = (0..measures.len()).partition(streams);
    let sub_sweep = |indices: &[usize]| Sweep::new(&a, b, indices.iter().map(|&index| measures[index].clone()).collect());
    let part = Part::new(world.rank() as usize + 1, world.size() as usize);
    // As a streamed layer does, one with an entry that is not finite ends the job.
    let by_pairs = sub_sweep(&others).with_part(part).with_memory(Some(memory)).stopping_on_error(true);
    if !others.is_empty() {
        // What would not fit says so before hours of streaming.
        by_pairs.check_memory(&of_these(&done, &others))?;
    }
    if !streamed.is_empty() {
        allocator::give_memory_back();
        let sweep = sub_sweep(&streamed);
        // A process holds an item of each level of the tree above its shards, and one on the way.
        let levels = u64::from(arguments.row_shards.get().ilog2()) + 2;
        let passes = sweep.passes(&of_these(&done, &streamed), memory / levels)?;
        if first {
            eprintln!("streaming: {}, {} row shards, {} passes", passes.blocking(), arguments.row_shards, passes.count());
        }
        stream(world, passes, arguments.row_shards.get(), a.shape(0)?.0, |cells| kept.add(numbered(cells, &streamed)))?;
        // A process without rows must not fail in what follows before the others' cells are kept.
        world.barrier();
    }
    if !others.is_empty() {
        // Each process keeps its own cells, so that those of the others survive one that fails.
        let keeper = Keeper { partial: Partial::open(own_file(directory, world.rank()), &header)?.0, indices: &others };
        by_pairs.compute(&of_these(&done, &others), &keeper)?;
        drop(keeper);
        world.barrier();
        if first {
            kept.collect(directory, &header)?;
        }
    }
    if !first {
        return Ok(0);
    }
    let Kept { partial, cells } = kept;
    let scores = whole.assemble(cells)?;
    let written = files::write(&scores, directory)?;
    for file in &written.files {
        eprintln!("wrote {}", file.display());
    }
    for (picture, error) in &written.not_drawn {
        eprintln!("warning: {picture} is not drawn: {error}");
    }
    files::drop_aside(&directory.join(EARLIER))?;
    partial.map_or(Ok(()), Partial::remove)?;
    Ok(scores.failures())
}

/// The measures, each once; CKA when none is given.
fn chosen(given: &[Measure]) -> Vec<Measure> {
    let mut measures: Vec<Measure> = Vec::new();
    for measure in given {
        if !measures.iter().any(|known| known.to_string() == measure.to_string()) {
            measures.push(measure.clone());
        }
    }
    if measures.is_empty() {
        measures.push(Measure::parse("cka").expect("cka is a measure"));
    }
    measures
}

/// Of the finished cells those of these measures, counted as these are.
fn of_these(done: &BTreeSet<Key>, indices: &[usize]) -> BTreeSet<Key> {
    let place = |measure: usize| indices.iter().position(|&index| index == measure);
    done.iter().filter_map(|&(row, column, measure)| Some((row, column, place(measure)?))).collect()
}

/// Cells of these measures, with the measures counted as in the whole sweep.
fn numbered(mut cells: Vec<Cell>, indices: &[usize]) -> Vec<Cell> {
    cells.iter_mut().for_each(|cell| cell.measure = indices[cell.measure]);
    cells
}

/// Runs the passes; the first process has the cells of each when it is finished.
fn stream(
    world: &SimpleCommunicator,
    mut passes: Passes<'_>,
    shards: usize,
    n: usize,
    mut keep: impl FnMut(Vec<Cell>) -> Result<(), Error>,
) -> Result<(), Error> {
    let processes = world.size() as usize;
    for pass in 0..passes.count() {
        let gathering = Gathering { world, passes: &passes, pass, shards, n };
        if let Some(moments) = reduce(&gathering, 0..shards, &|shard| owner(shard, shards, processes))? {
            let cells = passes.finish(pass, &moments)?;
            keep(cells)?;
        }
    }
    Ok(())
}

/// One pass, as the processes share it.
struct Gathering<'a> {
    world: &'a SimpleCommunicator,
    passes: &'a Passes<'a>,
    pass: usize,
    shards: usize,
    n: usize,
}

impl Worker for Gathering<'_> {
    type Item = Moments;
    type Error = Error;

    fn me(&self) -> usize {
        self.world.rank() as usize
    }

    fn leaf(&self, shard: usize) -> Result<Moments, Error> {
        Ok(self.passes.gather(self.pass, rows(shard, self.shards, self.n))?)
    }

    fn merge(&self, left: &mut Moments, right: Moments) -> Result<(), Error> {
        Ok(left.merge(&right).map_err(sweep::Error::from)?)
    }

    fn send(&self, to: usize, item: Moments) -> Result<(), Error> {
        let bytes = postcard::to_stdvec(&item)?;
        drop(item);
        send(self.world, to as i32, &bytes);
        Ok(())
    }

    fn receive(&self, from: usize) -> Result<Moments, Error> {
        Ok(postcard::from_bytes(&receive(self.world, from as i32)?)?)
    }
}

/// The finished cells, and the file that keeps them.
#[derive(Default)]
struct Kept {
    partial: Option<Partial>,
    cells: Vec<Cell>,
}

impl Kept {
    /// Opens the file of an earlier job that was interrupted, and takes in what its processes left.
    fn open(directory: &Path, header: &sweep::Header) -> Result<Self, Error> {
        let (partial, cells) = Partial::open(directory.join("cells.jsonl"), header)?;
        let mut kept = Self { partial: Some(partial), cells };
        kept.collect(directory, header)?;
        Ok(kept)
    }

    fn add(&mut self, cells: Vec<Cell>) -> Result<(), Error> {
        if let Some(partial) = &self.partial {
            partial.append(&cells)?;
        }
        self.cells.extend(cells);
        Ok(())
    }

    /// Moves the cells of every process's own file into the common one.
    fn collect(&mut self, directory: &Path, header: &sweep::Header) -> Result<(), Error> {
        let failed = |source| Error::Directory { path: directory.to_path_buf(), source };
        for entry in std::fs::read_dir(directory).map_err(failed)? {
            let file = entry.map_err(failed)?;
            let name = file.file_name().to_string_lossy().into_owned();
            if file.path().is_file() && name.starts_with("cells-of-process-") && name.ends_with(".jsonl") {
                let (own, cells) = Partial::open(file.path(), header)?;
                let known: BTreeSet<Key> = self.cells.iter().map(|cell| (cell.row, cell.column, cell.measure)).collect();
                self.add(cells.into_iter().filter(|cell| !known.contains(&(cell.row, cell.column, cell.measure))).collect())?;
                own.remove()?;
            }
        }
        Ok(())
    }
}

fn own_file(directory: &Path, process: i32) -> PathBuf {
    directory.join(format!("cells-of-process-{process}.jsonl"))
}

/// Keeps the cells of one process.
struct Keeper<'a> {
    partial: Partial,
    indices: &'a [usize],
}

impl Observer for Keeper<'_> {
    fn finished(&self, cells: &[Cell]) -> Result<(), sweep::Error> {
        Ok(self.partial.append(&numbered(cells.to_vec(), self.indices))?)
    }
}
