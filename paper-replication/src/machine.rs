//! The machine that times are measured on, in words.

/// The processor's name and the threads that are used, such as `AMD EPYC, 2 threads`.
pub fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpus.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split_once(':'));
    let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    match rayon::current_num_threads() {
        1 => format!("{name}, 1 thread"),
        count => format!("{name}, {count} threads"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_machine_has_a_name_and_threads() {
        let words = super::machine();
        let (name, threads) = words.rsplit_once(", ").unwrap();
        assert!(!name.is_empty() && threads.contains(&rayon::current_num_threads().to_string()), "{words}");
    }
}
