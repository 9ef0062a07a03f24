//! The machine: how this process is doing, as Linux tells it in `/proc`, and how much room is on the disk of its data.
//! <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::param::{clock_ticks_per_second, page_size};
use server::metrics::{Machine, Process, Room};

/// This process and its disk.
#[derive(Debug)]
pub struct ThisMachine {
    data: PathBuf,
}

impl ThisMachine {
    /// With the data in this folder.
    pub fn with_data_in(folder: &Path) -> ThisMachine {
        ThisMachine { data: folder.to_owned() }
    }
}

impl Machine for ThisMachine {
    fn process(&self) -> Process {
        let read = |name: &str| fs::read_to_string(format!("/proc/{name}")).unwrap_or_default();
        let open_fds = fs::read_dir("/proc/self/fd").ok().map(|all| all.count() as u64);
        Process {
            // The one with which they are counted is closed again.
            open_fds: open_fds.map(|count| count.saturating_sub(1)),
            max_fds: max_fds(&read("self/limits")),
            ..of_stat(&read("self/stat"), &read("stat"), clock_ticks_per_second(), page_size() as u64)
        }
    }

    fn room(&self) -> Option<Room> {
        let told = statvfs(&self.data).ok()?;
        Some(Room {
            free_bytes: told.f_bavail.saturating_mul(told.f_frsize),
            size_bytes: told.f_blocks.saturating_mul(told.f_frsize),
            is_read_only: told.f_flag.contains(StatVfsMountFlags::RDONLY),
        })
    }
}

/// What `/proc/self/stat` tells, and `/proc/stat` of when the machine was booted. The name of a program, in its brackets, may hold
/// anything.
fn of_stat(process: &str, machine: &str, ticks_per_second: u64, page_bytes: u64) -> Process {
    let fields: Vec<&str> = process.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace().collect();
    // The first field here is the third of all.
    let field = |number: usize| fields.get(number - 3).and_then(|text| text.parse::<u64>().ok());
    let seconds = |ticks: u64| ticks as f64 / ticks_per_second as f64;
    let booted =
        machine.lines().find_map(|line| line.strip_prefix("btime ")).and_then(|at| at.trim().parse::<f64>().ok());
    Process {
        cpu_seconds: field(14).zip(field(15)).map(|(ours, kernels)| seconds(ours + kernels)),
        threads: field(20),
        started_at: booted.zip(field(22)).map(|(booted, ticks)| booted + seconds(ticks)),
        resident_bytes: field(24).map(|pages| pages * page_bytes),
        ..Process::default()
    }
}

fn max_fds(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proc_tells_is_read_whatever_the_program_is_called() {
        let process = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 33 0 1000 9999999 512 1844";
        let told = of_stat(process, "cpu 1 2\nbtime 1790000000\n", 100, 4096);
        assert_eq!(told.cpu_seconds, Some(3.0));
        assert_eq!(told.threads, Some(33));
        assert_eq!(told.started_at, Some(1_790_000_010.0));
        assert_eq!(told.resident_bytes, Some(512 * 4096));
        assert_eq!(
            max_fds("Max processes 1 1\nMax open files            1024                 524288   files\n"),
            Some(1024)
        );
    }

    #[test]
    fn a_machine_without_proc_tells_nothing_and_nothing_breaks() {
        assert_eq!(of_stat("", "", 100, 4096), Process::default());
        assert_eq!(max_fds("Max open files unlimited"), None);
    }

    #[test]
    fn this_machine_tells_of_itself() {
        let folder = tempfile::tempdir().unwrap();
        let machine = ThisMachine::with_data_in(folder.path());
        let process = machine.process();
        assert!(process.resident_bytes.is_some_and(|bytes| bytes > 1 << 20), "{process:?}");
        assert!(process.open_fds.is_some_and(|count| count > 2), "{process:?}");
        assert!(machine.room().is_some_and(|room| room.size_bytes > 0 && !room.is_read_only));
    }
}
