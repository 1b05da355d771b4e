//! The program `similitude`: the library's module `cli` is all of it, so that the Python package
//! carries it too.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(similitude::cli::main(std::env::args_os()))
}
