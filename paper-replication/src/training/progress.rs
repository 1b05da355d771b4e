//! What a person sees while a network learns.

use indicatif::{ProgressBar, ProgressStyle};

/// How an epoch went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// Which epoch, counted from 1.
    pub number: usize,
    /// The mean cross entropy of its steps.
    pub loss: f64,
    /// Pictures trained on a second.
    pub speed: f64,
}

/// A progress bar on standard error; nothing at all where that is no terminal.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over all steps of a run.
    pub fn new(label: &str, steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        // The template is a constant that a test runs through, so this cannot fail.
        let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} steps, {eta} left, {msg}")
            .expect("a valid template")
            .progress_chars("=> ");
        bar.set_style(style);
        bar.set_prefix(label.to_owned());
        Self { bar }
    }

    pub(crate) fn steps_done(&self, steps: usize) {
        self.bar.set_position(steps as u64);
    }

    pub(crate) fn epoch_done(&self, epoch: Epoch) {
        self.bar.set_message(format!("epoch {}: loss {:.4}, {:.0} pictures/s", epoch.number, epoch.loss, epoch.speed));
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid_and_the_bar_counts() {
        let progress = Progress::new("test", 3);
        progress.steps_done(2);
        assert_eq!(progress.bar.position(), 2);
        progress.finish();
        assert!(progress.bar.is_finished());
    }
}
