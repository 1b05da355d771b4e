//! Who does what: row shards, and the tree along which their results are merged.

use std::ops::Range;

/// The rows of a shard, of `n` rows in `shards` shards.
pub fn rows(shard: usize, shards: usize, n: usize) -> Range<usize> {
    let start = |shard: usize| (n as u128 * shard as u128 / shards as u128) as usize;
    start(shard)..start(shard + 1)
}

/// Which process works on a shard.
pub fn owner(shard: usize, shards: usize, processes: usize) -> usize {
    // Neighbours belong to one process, so that most merging needs no message; and the first shard
    // to the first.
    shard * processes / shards
}

/// What a process does for its part of a reduction.
pub trait Worker {
    /// What is reduced.
    type Item;
    /// Why it fails.
    type Error;
    /// The process.
    fn me(&self) -> usize;
    /// Computes a shard.
    fn leaf(&self, shard: usize) -> Result<Self::Item, Self::Error>;
    /// Adds the right item to the left one.
    fn merge(&self, left: &mut Self::Item, right: Self::Item) -> Result<(), Self::Error>;
    /// Gives an item to another process.
    fn send(&self, to: usize, item: Self::Item) -> Result<(), Self::Error>;
    /// Takes an item of another process.
    fn receive(&self, from: usize) -> Result<Self::Item, Self::Error>;
}

/// Reduces shards along a tree that they alone decide. Every process calls it; the owner of the
/// first shard has the result.
pub fn reduce<W: Worker>(worker: &W, shards: Range<usize>, owner: &impl Fn(usize) -> usize) -> Result<Option<W::Item>, W::Error> {
    let me = worker.me();
    if !shards.clone().any(|shard| owner(shard) == me) {
        return Ok(None);
    }
    if shards.len() == 1 {
        return worker.leaf(shards.start).map(Some);
    }
    let middle = shards.start + shards.len() / 2;
    let (to, from) = (owner(shards.start), owner(middle));
    let left = reduce(worker, shards.start..middle, owner)?;
    let right = reduce(worker, middle..shards.end, owner)?;
    match (left.filter(|_| to == me), right.filter(|_| from == me)) {
        (Some(mut left), Some(right)) => worker.merge(&mut left, right).map(|()| Some(left)),
        (Some(mut left), None) => {
            let right = worker.receive(from)?;
            worker.merge(&mut left, right).map(|()| Some(left))
        }
        (None, Some(right)) => worker.send(to, right).map(|()| None),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, Sender, channel};

    #[test]
    fn shards_cover_the_rows_and_processes_the_shards() {
        for (n, shards) in [(10, 3), (3, 8), (1_000_000_007, 64), (usize::MAX, 7)] {
            let mut end = 0;
            for shard in 0..shards {
                let rows = rows(shard, shards, n);
                assert_eq!(rows.start, end);
                end = rows.end;
            }
            assert_eq!(end, n);
        }
        for (shards, processes) in [(64, 1), (64, 3), (64, 64), (5, 8), (64, 63)] {
            let owners: Vec<usize> = (0..shards).map(|shard| owner(shard, shards, processes)).collect();
            assert_eq!(owners[0], 0, "{owners:?}");
            assert!(owners.is_sorted() && owners.iter().all(|&owner| owner < processes), "{owners:?}");
            let most = shards.div_ceil(processes);
            assert!((0..processes).all(|process| owners.iter().filter(|&&owner| owner == process).count() <= most), "{owners:?}");
        }
    }

    /// Writes down the tree as text.
    struct Scribe<'a> {
        me: usize,
        senders: &'a [Vec<Sender<String>>],
        receivers: &'a [Vec<Mutex<Receiver<String>>>],
    }

    impl Worker for Scribe<'_> {
        type Item = String;
        type Error = ();
        fn me(&self) -> usize {
            self.me
        }
        fn leaf(&self, shard: usize) -> Result<String, ()> {
            Ok(shard.to_string())
        }
        fn merge(&self, left: &mut String, right: String) -> Result<(), ()> {
            *left = format!("({left} {right})");
            Ok(())
        }
        fn send(&self, to: usize, item: String) -> Result<(), ()> {
            self.senders[self.me][to].send(item).map_err(|_| ())
        }
        fn receive(&self, from: usize) -> Result<String, ()> {
            self.receivers[from][self.me].lock().unwrap().recv().map_err(|_| ())
        }
    }

    #[test]
    fn the_tree_does_not_depend_on_the_processes() {
        let tree = |shards: usize, processes: usize| {
            let pairs: Vec<Vec<(Sender<String>, Receiver<String>)>> =
                (0..processes).map(|_| (0..processes).map(|_| channel()).collect()).collect();
            let (mut senders, mut receivers) = (Vec::new(), Vec::new());
            for row in pairs {
                let (row_senders, row_receivers): (Vec<_>, Vec<_>) = row.into_iter().unzip();
                senders.push(row_senders);
                receivers.push(row_receivers.into_iter().map(Mutex::new).collect::<Vec<_>>());
            }
            let run = |me: usize| {
                let scribe = Scribe { me, senders: &senders, receivers: &receivers };
                reduce(&scribe, 0..shards, &|shard| owner(shard, shards, processes)).unwrap()
            };
            let run = &run;
            std::thread::scope(|scope| {
                let handles: Vec<_> = (0..processes).map(|me| scope.spawn(move || run(me))).collect();
                let results: Vec<_> = handles.into_iter().map(|handle| handle.join().unwrap()).collect();
                assert!(results[1..].iter().all(Option::is_none), "{results:?}");
                results[0].clone().unwrap()
            })
        };
        assert_eq!(tree(5, 1), "((0 1) (2 (3 4)))");
        for shards in [1, 2, 5, 16] {
            for processes in 2..=7 {
                assert_eq!(tree(shards, processes), tree(shards, 1), "{shards} shards, {processes} processes");
            }
        }
    }
}
