//! The processor that results were computed on.

use serde::{Deserialize, Serialize};

/// What the last bits of a value may depend on besides its inputs: products choose their
/// instructions where they run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Processor {
    /// The architecture, as Rust names it.
    pub architecture: String,
    /// The operating system, as Rust names it.
    pub system: String,
    /// The vector instructions that it has, of those that products use.
    pub features: Vec<String>,
}

impl Processor {
    /// The processor that this runs on.
    pub fn here() -> Self {
        Self { architecture: std::env::consts::ARCH.to_string(), system: std::env::consts::OS.to_string(), features: features() }
    }

    /// The processor in words.
    pub fn describe(&self) -> String {
        let features = if self.features.is_empty() { "no vector instructions known".to_string() } else { self.features.join(", ") };
        format!("{} ({features}), {}", self.architecture, self.system)
    }
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn features() -> Vec<String> {
    let all = [
        ("sse2", is_x86_feature_detected!("sse2")),
        ("avx", is_x86_feature_detected!("avx")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512bw", is_x86_feature_detected!("avx512bw")),
        ("avx512cd", is_x86_feature_detected!("avx512cd")),
        ("avx512dq", is_x86_feature_detected!("avx512dq")),
        ("avx512vl", is_x86_feature_detected!("avx512vl")),
    ];
    all.into_iter().filter(|(_, there)| *there).map(|(name, _)| name.to_string()).collect()
}

#[cfg(target_arch = "aarch64")]
fn features() -> Vec<String> {
    if std::arch::is_aarch64_feature_detected!("neon") { vec!["neon".to_string()] } else { Vec::new() }
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<String> {
    Vec::new()
}
