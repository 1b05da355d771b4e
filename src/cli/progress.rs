//! Shows how far a sweep is, on a terminal only, and keeps its finished cells.

use std::time::Duration;

use crate::sweep::{Blocking, Cell, Error, Groups, Observer, Partial, Reading};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::tell::tell;

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg:32!} {wide_bar} {pos}/{len} {eta}").expect("a valid template")
}

/// A bar over a known number of steps.
pub fn plain(steps: usize, message: &'static str) -> ProgressBar {
    ProgressBar::new(steps as u64).with_style(style()).with_message(message)
}

/// Watches sweeps: one bar for layers and pairs alike.
pub struct Watch<'a> {
    bar: ProgressBar,
    partial: Option<&'a Partial>,
}

impl<'a> Watch<'a> {
    /// A watch that keeps finished cells in `partial`. The bar is drawn on standard error, and not
    /// at all when that is no terminal.
    pub fn new(partial: Option<&'a Partial>) -> Self {
        Self { bar: ProgressBar::new(0).with_style(style()), partial }
    }
}

impl Observer for Watch<'_> {
    fn started(&self, layers: usize, cells: usize) {
        self.bar.inc_length((layers + cells) as u64);
        self.bar.set_message("preparing layers");
    }

    fn streams(&self, blocking: &Blocking, passes: usize) {
        let plural = if passes == 1 { "" } else { "es" };
        self.bar.suspend(|| tell(format!("streaming: {blocking}; {passes} pass{plural} over the layers")));
        self.bar.set_message("gathering moments");
    }

    fn recomputes(&self, kept: usize, layers: usize) {
        let what = "kernel matrices do not fit into the memory that may be taken (--memory)";
        let how = format!("those of {kept} of {layers} layers are kept, the others are computed again for each pair");
        self.bar.suspend(|| tell(format!("{what}: {how}")));
    }

    fn groups(&self, groups: &Groups) {
        self.bar.suspend(|| tell(format!("layers do not fit into the memory that may be taken (--memory) together: {groups}")));
    }

    fn read(&self, reading: &Reading, elapsed: Duration) {
        // Below a second nobody asks what decided.
        if elapsed.as_secs_f64() > 1.0 && reading.time().as_secs_f64() > 0.8 * elapsed.as_secs_f64() {
            let share = 100.0 * reading.time().as_secs_f64() / elapsed.as_secs_f64();
            self.bar.suspend(|| tell(format!("reading files decided how long it took: {reading}, {share:.0} % of the time")));
        }
    }

    fn prepared(&self, layer: &str) {
        self.bar.set_message(layer.to_string());
        self.bar.inc(1);
    }

    fn finished(&self, cells: &[Cell]) -> Result<(), Error> {
        if let Some(partial) = self.partial {
            partial.append(cells)?;
        }
        self.bar.set_message("comparing layers");
        self.bar.inc(cells.len() as u64);
        Ok(())
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
