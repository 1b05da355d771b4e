//! `mpirun -n 64 similitude-mpi A B -m cka -o DIR`: a sweep that many processes share.
//!
//! Linear CKA and HSIC are shared by rows. These are cut into a fixed number of row shards, each
//! process gathers the moments of its shards, and moments are merged along a tree that the number
//! of shards alone decides: any number of processes gives the same bits. Other measures are shared
//! by pairs of layers, each compared in the memory of one process. Finished cells are kept in DIR
//! as they come; the results are written by the first process, and are those of `similitude sweep`.

#[path = "../../src/cli/allocator.rs"]
mod allocator;
mod arguments;
mod job;
mod message;
mod share;

use std::process::ExitCode;

use clap::Parser;
use mpi::Threading;
use mpi::traits::Communicator;

use arguments::Arguments;

/// The job was ended by an error.
const FAILED: i32 = 2;
/// A measure is undefined or degenerate on some layers.
const UNDEFINED: u8 = 3;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Other threads compute and read; the first one alone sends and receives.
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Funneled) else {
        eprintln!("error: MPI was initialised before");
        return ExitCode::from(2);
    };
    let world = universe.world();
    match job::run(&arguments, &world) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(UNDEFINED),
        Err(error) => {
            eprintln!("error: process {} of {}: {error}", world.rank(), world.size());
            // The others may be waiting for what this one will not send.
            world.abort(FAILED)
        }
    }
}
