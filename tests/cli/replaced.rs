//! Input that is replaced while it is read is noticed, and values of the old and the new are never
//! mixed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use similitude::Measure;
use similitude::io::{Network, TensorValues, write_npy, write_safetensors};
use similitude::sweep::{Blocking, Cell, Error, Layers, Observer, StoredLayers, Sweep};

use crate::support::{Workplace, entries};

/// Does something once, when the first layer is prepared or before the rows are read.
struct Then<F: Fn() + Sync> {
    change: F,
    done: AtomicBool,
}

impl<F: Fn() + Sync> Then<F> {
    fn new(change: F) -> Self {
        Self { change, done: AtomicBool::new(false) }
    }

    fn once(&self) {
        if !self.done.swap(true, Ordering::SeqCst) {
            // File systems tell times of change apart by some milliseconds only.
            std::thread::sleep(Duration::from_millis(30));
            (self.change)();
        }
    }
}

impl<F: Fn() + Sync> Observer for Then<F> {
    fn prepared(&self, _layer: &str) {
        self.once();
    }

    fn streams(&self, _blocking: &Blocking, _passes: usize) {
        self.once();
    }
}

fn directory(workplace: &Workplace, n: usize, p: usize) -> PathBuf {
    let directory = workplace.path("net");
    std::fs::create_dir_all(&directory).unwrap();
    for (layer, seed) in [("one", 1.0), ("two", 2.0)] {
        write_npy(directory.join(format!("{layer}.npy")), n, p, &entries(n * p, seed)).unwrap();
    }
    directory
}

/// A sweep of the directory in which `change` happens on the way.
fn run(directory: &Path, measure: &str, memory: Option<u64>, change: impl Fn() + Sync + Send) -> Result<Vec<Option<f64>>, Error> {
    let layers = StoredLayers::new(Network::open(directory, None).unwrap(), None);
    let sweep = Sweep::new(&layers, None, vec![Measure::parse(measure).unwrap()]).with_memory(memory);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| sweep.resume(Vec::<Cell>::new(), &Then::new(change))).map(|scores| scores.values(0))
}

fn changed(result: Result<Vec<Option<f64>>, Error>, words: &str) {
    let error = result.expect_err("the change is noticed");
    assert!(matches!(error, Error::Changed { .. }) && error.to_string().contains(words), "{error}");
}

#[test]
fn files_replaced_in_any_way_end_a_sweep_in_memory_and_in_blocks() {
    let workplace = Workplace::new();
    // In memory; rows of narrow layers, in 58 MiB; neurons of wide ones.
    for (n, p, measure, memory) in [(40, 6, "cka", None), (30_000, 100, "cka", Some(58 << 20)), (20, 3000, "cka:kernel=rbf", None)] {
        let net = directory(&workplace, n, p);
        assert_eq!(run(&net, measure, memory, || ()).unwrap().len(), 4);
        let replace = |n: usize, p: usize| {
            let bytes = entries(n * p, 9.0);
            move |net: &Path| {
                for layer in ["one", "two"] {
                    write_npy(net.join(format!("{layer}.npy")), n, p, &bytes).unwrap();
                }
            }
        };
        for (rows, columns, words) in
            [(n, p, "another file has its name"), (n / 2, p, "bytes and has"), (n, p - 1, "bytes and has"), (n, p + 1, "bytes and has")]
        {
            let net = directory(&workplace, n, p);
            let to = replace(rows, columns);
            changed(run(&net, measure, memory, || to(&net)), words);
        }
        // Written over in place, with as many bytes and the old time.
        let net = directory(&workplace, n, p);
        let overwrite = || {
            for layer in ["one.npy", "two.npy"] {
                let file = net.join(layer);
                let modified = std::fs::metadata(&file).unwrap().modified().unwrap();
                let mut bytes = std::fs::read(&file).unwrap();
                let last = bytes.len() - 8;
                bytes[last..].copy_from_slice(&0.125_f64.to_le_bytes());
                std::fs::write(&file, bytes).unwrap();
                std::fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
            }
        };
        if cfg!(unix) {
            changed(run(&net, measure, memory, overwrite), "it was written to");
        }
    }
}

#[test]
fn a_file_that_is_cut_is_an_error_and_not_the_end_of_the_process() {
    let workplace = Workplace::new();
    let path = workplace.path("a.safetensors");
    let values = entries(4000 * 64, 1.0);
    let shape = [4000, 64];
    write_safetensors(&path, &[("one", &shape[..], TensorValues::F64(&values)), ("two", &shape[..], TensorValues::F64(&values))]).unwrap();
    let network = Network::open(&path, None).unwrap();
    let layers = StoredLayers::new(Network::open(&path, None).unwrap(), None);
    layers.shape(1).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_len(5000).unwrap();
    let message = network.read_layer(1, None).unwrap_err().to_string();
    assert!(message.contains("a.safetensors:two"), "{message}");
    let message = layers.load(1).unwrap_err().to_string();
    assert!(message.contains("bytes and has 5000"), "{message}");
    let message = layers.read_rows(1, 10..20, Vec::new()).unwrap_err().to_string();
    assert!(message.contains("bytes and has 5000"), "{message}");
}

#[test]
fn the_same_size_and_time_are_not_the_same_file() {
    let workplace = Workplace::new();
    let net = directory(&workplace, 40, 6);
    let file = net.join("two.npy");
    let identity = || StoredLayers::new(Network::open(&net, None).unwrap(), None).identity().unwrap();
    let (before, modified) = (identity(), std::fs::metadata(&file).unwrap().modified().unwrap());
    assert_eq!(identity(), before);
    write_npy(&file, 40, 6, &entries(40 * 6, 3.0)).unwrap();
    std::fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
    let after = identity();
    assert_ne!(after, before);
    // The content alone tells it, on machines that have a copy.
    let copies = |lines: &[String]| lines.iter().filter(|line| line.contains("two.npy")).cloned().collect::<Vec<_>>();
    assert_ne!(copies(&after), copies(&before));
}

/// Rows that are not there any more are an error of the reader, whoever asks.
#[test]
fn rows_beyond_the_file_are_refused() {
    let workplace = Workplace::new();
    let network = Network::open(directory(&workplace, 40, 6), None).unwrap();
    let message = network.read_rows(0, None, 30..41, Vec::new()).unwrap_err().to_string();
    assert!(message.contains("one.npy: rows 30 to 41 were asked for, counted from 0, and it has 40"), "{message}");
}
