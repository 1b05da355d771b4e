//! The program, and how much memory it takes.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::high_water::high_water;
use crate::support::{Run, Workplace};

/// Memory of the program itself beside the data: code, tables and stacks (about 10 MiB for layers
/// of a few neurons), and what the allocator rounds up.
pub const PROGRAM: u64 = 16 << 20;

/// Runs the program, and gives the most memory that it had at a time, in bytes, where the system
/// says so (Linux).
pub fn run(workplace: &Workplace, arguments: &[&str]) -> (Run, Option<u64>) {
    let file = |name: &str| File::create(workplace.path(name)).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_similitude"));
    program.args(arguments).current_dir(workplace.path("")).stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
    let mut child = program.spawn().unwrap();
    let mut peak = None;
    let status = loop {
        peak = peak.max(high_water(&child));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let (stdout, stderr) = (workplace.read("stdout"), workplace.read("stderr"));
    (Run { status: status.code().expect("the program was not killed"), stdout, stderr }, peak)
}
