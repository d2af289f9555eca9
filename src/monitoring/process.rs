//! What this process takes of the machine, where the system tells.

use crate::ports::monitoring::Figures;

/// Resident memory and open files.
pub fn figures() -> Figures {
    let mut found = Figures::new();
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        found.extend(resident_kib(&status).map(|kib| ("memory_mib", kib / 1024.0)));
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        found.insert("open_files", files.count() as f64);
    }
    found
}

/// `VmRSS:    12345 kB`.
fn resident_kib(status: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_memory_is_read() {
        assert_eq!(resident_kib("Name:\tx\nVmRSS:\t   2048 kB\nThreads: 1\n"), Some(2048.0));
        assert_eq!(resident_kib("Name:\tx\n"), None);
    }
}
