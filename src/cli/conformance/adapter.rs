//! A program that answers by the protocol: started, asked, timed, and started again when it ends or
//! hangs.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::laws::Matrix;
use serde::Serialize;

use super::inputs::{Precision, write};
use super::protocol::{Answer, Computed, Describe, Description, Outcome, Request};

/// Requests in a row, of one function, that end the program, hang it or bring no answer of the
/// protocol; then it is not asked again.
const PATIENCE: usize = 6;
/// Lines of its standard error that are kept.
const KEPT_LINES: usize = 4;

/// One program.
pub struct Adapter {
    state: Mutex<State>,
    inputs: PathBuf,
    timeout: Duration,
    start_timeout: Duration,
}

struct State {
    program: PathBuf,
    arguments: Vec<String>,
    running: Option<Running>,
    description: Option<Description>,
    /// How often in a row there was no answer, and what came the last time.
    failures: usize,
    last_failure: Option<Outcome>,
}

struct Running {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
    complaints: Arc<Mutex<VecDeque<String>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer and how long it took.
pub struct Timed {
    /// What came.
    pub outcome: Outcome,
    /// Seconds of the computation as the adapter says, else of the whole exchange.
    pub seconds: f64,
}

impl Adapter {
    /// A program, not yet started. A .py file is run by `python`; a text with spaces is a program
    /// with its arguments.
    pub fn new(command: &str, python: &Path, inputs: &Path, timeout: Duration, start_timeout: Duration) -> Self {
        let mut words: Vec<String> = command.split_whitespace().map(str::to_string).collect();
        let program = match words.first() {
            Some(first) if first.ends_with(".py") => python.to_path_buf(),
            Some(_) => PathBuf::from(words.remove(0)),
            None => PathBuf::new(),
        };
        let state = State { program, arguments: words, running: None, description: None, failures: 0, last_failure: None };
        Self { state: Mutex::new(state), inputs: inputs.to_path_buf(), timeout, start_timeout }
    }

    /// What it computes. The first call starts it.
    ///
    /// # Errors
    /// The verdict on a program that does not say.
    pub fn describe(&self) -> Result<Description, Outcome> {
        let mut state = self.lock();
        state.started(self.start_timeout).map_err(|outcome| self.readable(outcome))?;
        Ok(state.description.clone().expect("what is started has described itself"))
    }

    /// Before another function is judged: what earlier ones cost of its patience is theirs.
    pub fn forgive(&self) {
        self.lock().failures = 0;
    }

    /// Compares a pair, which may hold NaN.
    pub fn ask(&self, computed: &Computed, x: &Matrix, y: &Matrix, precision: Precision) -> Timed {
        let began = Instant::now();
        let (outcome, seconds) = self.answer(computed, x, y, precision);
        Timed { outcome: self.readable(outcome), seconds: seconds.unwrap_or_else(|| began.elapsed().as_secs_f64()) }
    }

    fn answer(&self, computed: &Computed, x: &Matrix, y: &Matrix, precision: Precision) -> (Outcome, Option<f64>) {
        let mut state = self.lock();
        let path =
            |name: &str, matrix: &Matrix| write(&self.inputs, name, matrix, precision).map(|path| path.to_string_lossy().into_owned());
        let (x, y) = match (path("x", x), path("y", y)) {
            (Ok(x), Ok(y)) => (x, y),
            (Err(error), _) | (_, Err(error)) => return (Outcome::Declined(format!("the input could not be written: {error}")), None),
        };
        let request = Request { x, y, name: computed.name.clone(), measure: computed.measure.clone() };
        match state.answer(&request, self.timeout, self.start_timeout) {
            Ok(answer) => {
                state.failures = 0;
                let seconds = answer.seconds;
                (answer.outcome(), seconds)
            }
            Err(outcome) => {
                // What comes next may belong to this request still: begin afresh.
                state.running = None;
                state.failures += 1;
                state.last_failure = Some(outcome.clone());
                (outcome, None)
            }
        }
    }

    /// The outcome without the names of directories that are other ones in every run, and not too
    /// long to read.
    fn readable(&self, outcome: Outcome) -> Outcome {
        outcome.with_words(|words| {
            let words = words.replace(&*self.inputs.to_string_lossy(), "INPUTS");
            let here = std::env::current_dir().map(|here| here.to_string_lossy().into_owned());
            clipped(&here.map_or(words.clone(), |here| words.replace(&here, ".")))
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answer(&mut self, request: &Request, timeout: Duration, start_timeout: Duration) -> Result<Answer, Outcome> {
        if let (true, Some(last)) = (self.failures >= PATIENCE, &self.last_failure) {
            return Err(last.clone());
        }
        self.started(start_timeout)?;
        let line = self.exchange(request, timeout)?;
        serde_json::from_str(&line).map_err(|error| Outcome::Garbage(format!("{error}: {line}")))
    }

    /// Starts it unless it runs, and waits until it has described itself.
    fn started(&mut self, timeout: Duration) -> Result<(), Outcome> {
        if self.running.is_some() {
            return Ok(());
        }
        self.running = Some(self.start().map_err(|error| Outcome::Crashed(format!("{} does not start: {error}", self.program.display())))?);
        let described = self
            .exchange(&Describe { describe: true }, timeout)
            .and_then(|line| serde_json::from_str(&line).map_err(|error| Outcome::Garbage(format!("{error} in its description: {line}"))));
        match described {
            Ok(description) => self.description = Some(description),
            Err(outcome) => {
                self.running = None;
                return Err(outcome);
            }
        }
        Ok(())
    }

    /// Sends a line and waits for one.
    fn exchange(&mut self, request: &impl Serialize, timeout: Duration) -> Result<String, Outcome> {
        let Some(running) = &mut self.running else { return Err(Outcome::Crashed("it does not run".to_string())) };
        let line = serde_json::to_string(request).expect("requests are plain data");
        // Whether it was read shows in the answer.
        let _ = writeln!(running.stdin, "{line}").and_then(|()| running.stdin.flush());
        match running.lines.recv_timeout(timeout) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => Err(Outcome::TimedOut(format!("no answer in {} s", timeout.as_secs_f64()))),
            Err(RecvTimeoutError::Disconnected) => {
                let status = running.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
                // The reader of its complaints may still be busy with the last of them.
                thread::sleep(Duration::from_millis(50));
                let complaints = running.complaints.lock().unwrap_or_else(PoisonError::into_inner);
                let last = complaints.back().map_or(String::new(), |line| format!(", {line}"));
                Err(Outcome::Crashed(format!("{status}{last}")))
            }
        }
    }

    fn start(&self) -> std::io::Result<Running> {
        let mut command = Command::new(&self.program);
        // One thread each: the only setting in which times on a machine with other work can be
        // compared.
        for library in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"] {
            command.env(library, "1");
        }
        let mut child = command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let complaints = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&complaints);
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_back(line);
                if kept.len() > KEPT_LINES {
                    kept.pop_front();
                }
            }
        });
        Ok(Running { child, stdin, lines, complaints })
    }
}

/// The beginning of a line that may be long.
fn clipped(line: &str) -> String {
    let clipped: String = line.chars().take(240).collect();
    if clipped.len() < line.len() { format!("{clipped}...") } else { clipped }
}
