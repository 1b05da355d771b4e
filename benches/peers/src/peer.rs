//! The same measures in numpy and in packages, by the adapters that the verification crate judges.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A running Python that answers one line for one line.
pub struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    name: String,
    version: String,
    runs_on: String,
}

impl Peer {
    /// Starts an adapter: `numpy_formulas.py`, or another one's file name.
    pub fn start(python: &Path, adapter: &str, threads: usize) -> Result<Self, Box<dyn std::error::Error>> {
        let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../verification/adapters")).join(adapter);
        let mut command = Command::new(python);
        for library in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(library, threads.to_string());
        }
        let mut child = command
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", python.display()))?;
        let (input, output) = (child.stdin.take().expect("piped"), BufReader::new(child.stdout.take().expect("piped")));
        let mut peer = Self { child, input, output, name: adapter.to_string(), version: String::new(), runs_on: String::new() };
        let description = peer.ask(&json!({ "describe": true }))?;
        let said = |key: &str| description[key].as_str().unwrap_or("?").to_string();
        (peer.name, peer.version, peer.runs_on) = (said("name"), said("version"), said("runs_on"));
        Ok(peer)
    }

    /// Its name and version.
    pub fn name(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// What it runs on.
    pub fn runs_on(&self) -> &str {
        &self.runs_on
    }

    /// Seconds of one comparison, files not counted.
    pub fn seconds(&mut self, name: &str, measure: &str, x: &Path, y: &Path) -> Result<f64, Box<dyn std::error::Error>> {
        let answer = self.ask(&json!({ "x": x, "y": y, "name": name, "measure": measure, "awake": true }))?;
        // OpenBLAS's threads wait for more work without sleeping, for some hundredths of a second.
        // The next measurement would share the processors with them.
        std::thread::sleep(std::time::Duration::from_millis(200));
        answer["seconds"].as_f64().ok_or_else(|| format!("{} has no time for {name}: {answer}", self.name).into())
    }

    fn ask(&mut self, request: &Value) -> Result<Value, Box<dyn std::error::Error>> {
        writeln!(self.input, "{request}")?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(format!("{} ended without an answer", self.name).into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already; nothing is lost either way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
