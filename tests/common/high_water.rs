//! How much memory a running program has had.

use std::process::Child;

/// The most memory that the process has had so far, in bytes, where the system says so (Linux). The
/// system keeps count, so that nothing between two looks is missed.
pub fn high_water(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
