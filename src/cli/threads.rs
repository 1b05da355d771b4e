//! The threads that compute.

use std::num::NonZeroUsize;

use crate::cli::arguments::MOST_THREADS;
use crate::cli::stop::Stop;

/// Address space of a thread: its stack, and what it allocates when it starts.
const OF_THREAD: u64 = (2 << 20) + (64 << 10);
/// Address space that is left for everything else. Without it the message could not be made either.
const SPARE: u64 = 16 << 20;

/// Starts as many threads as asked for, else one for each processor. Left to the first computation,
/// one that cannot be started would end the program without a word of why.
pub fn start(asked: Option<NonZeroUsize>) -> Result<(), Stop> {
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MOST_THREADS);
    let threads = asked.map_or(processors, NonZeroUsize::get);
    let refused = |why: String| {
        Stop::Unusable(format!(
            "{threads} threads cannot be started: {why}. Take fewer (--threads), or allow this process more memory or threads"
        ))
    };
    if let (Some(limit), Some(taken)) = (address_space_limit(), address_space_taken()) {
        let needed = taken + threads as u64 * OF_THREAD + SPARE;
        if needed > limit {
            return Err(refused(format!("they need about {needed} bytes of address space, and may take {limit} (ulimit -v)")));
        }
    }
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|error| refused(error.to_string()))
}

/// Bytes of address space that this process may take, where the system limits them and says so
/// (Linux).
fn address_space_limit() -> Option<u64> {
    limit_of(&std::fs::read_to_string("/proc/self/limits").ok()?)
}

fn limit_of(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn address_space_taken() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_and_none_is_none() {
        let limits = |soft: &str| {
            format!(
                "Limit  Soft Limit  Hard Limit  Units\nMax cpu time  1  2  seconds\nMax address space         {soft}            unlimited            bytes\n"
            )
        };
        assert_eq!(limit_of(&limits("314572800")), Some(314_572_800));
        assert_eq!(limit_of(&limits("unlimited")), None);
    }
}
