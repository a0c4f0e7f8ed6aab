//! What the system tells of a process: its memory, and which processes a database is served by.

use super::Failure;

/// A figure of a process's memory, in MiB: `VmRSS` is what it holds, `VmHWM` the most it held.
pub fn mib(pid: u32, name: &str) -> Result<f64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.split_whitespace().next()).ok_or("no such figure")?;
    Ok(kib.parse::<f64>()? / 1024.0)
}

/// Forgets the most that a process held so far.
pub fn forget_peak(pid: u32) -> Result<(), Failure> {
    Ok(std::fs::write(format!("/proc/{pid}/clear_refs"), "5")?)
}

/// The processes of a PostgreSQL that serve a database.
pub fn serving(database: &str) -> Result<Vec<u32>, Failure> {
    let mut found = Vec::new();
    for process in std::fs::read_dir("/proc")? {
        let process = process?.path();
        let title = std::fs::read_to_string(process.join("cmdline")).unwrap_or_default();
        let id: Option<u32> = process.file_name().and_then(|name| name.to_str()?.parse().ok());
        found.extend(id.filter(|_| title.starts_with("postgres:") && title.contains(database)));
    }
    Ok(found)
}

/// The name of the database that an address leads to.
pub fn name_of(url: &str) -> Option<String> {
    Some(url.split('?').next()?.rsplit('/').next()?.to_owned())
}
