//! Messages of any length, from process to process.

use std::ops::Range;

use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, Destination, Root, Source};

use crate::job::Error;

/// Bytes of one message at most: MPI counts elements in 31 bits.
const LONGEST: usize = 1 << 30;

/// The pieces that a message of `length` bytes is sent in.
fn pieces(length: usize, longest: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length).step_by(longest).map(move |start| start..start + longest.min(length - start))
}

/// Sends bytes.
pub fn send(world: &SimpleCommunicator, to: i32, bytes: &[u8]) {
    let process = world.process_at_rank(to);
    process.send(&(bytes.len() as u64));
    pieces(bytes.len(), LONGEST).for_each(|piece| process.send(&bytes[piece]));
}

/// Receives what [`send`] sends.
///
/// # Errors
/// [`Error::TooLong`] when there is no memory for it.
pub fn receive(world: &SimpleCommunicator, from: i32) -> Result<Vec<u8>, Error> {
    let process = world.process_at_rank(from);
    let (length, _) = process.receive::<u64>();
    let mut bytes = room(length)?;
    pieces(bytes.len(), LONGEST).for_each(|piece| {
        process.receive_into(&mut bytes[piece]);
    });
    Ok(bytes)
}

/// Gives every process the bytes of the first one.
///
/// # Errors
/// [`Error::TooLong`] when there is no memory for them.
pub fn broadcast(world: &SimpleCommunicator, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    let root = world.process_at_rank(0);
    let mut length = bytes.len() as u64;
    root.broadcast_into(&mut length);
    let mut bytes = if world.rank() == 0 { bytes } else { room(length)? };
    pieces(bytes.len(), LONGEST).for_each(|piece| root.broadcast_into(&mut bytes[piece]));
    Ok(bytes)
}

fn room(length: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let count = usize::try_from(length).map_err(|_| Error::TooLong { length })?;
    bytes.try_reserve_exact(count).map_err(|_| Error::TooLong { length })?;
    bytes.resize(count, 0);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_each_other_and_none_is_too_long() {
        for (length, longest) in [(0, 5), (1, 5), (5, 5), (6, 5), (10, 5), (11, 5), (7, 1)] {
            let all: Vec<_> = pieces(length, longest).collect();
            assert_eq!(all.len(), length.div_ceil(longest));
            assert!(all.iter().all(|piece| !piece.is_empty() && piece.len() <= longest), "{all:?}");
            assert_eq!(all.into_iter().flatten().collect::<Vec<_>>(), (0..length).collect::<Vec<_>>());
        }
        // Beyond what 31 bits count.
        let all: Vec<_> = pieces(5 << 30, LONGEST).collect();
        assert_eq!((all.len(), all[4].clone()), (5, 4 << 30..5 << 30));
        assert!(all.iter().all(|piece| i32::try_from(piece.len()).is_ok()));
    }
}
