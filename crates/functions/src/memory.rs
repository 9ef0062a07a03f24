//! How much memory a process and its descendants have in use, as the kernel tells it.

use std::fs;

/// A process and its descendants, parents first.
pub(crate) fn family(process: u32) -> Vec<u32> {
    let mut family = vec![process];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        next += 1;
        let Ok(threads) = fs::read_dir(format!("/proc/{parent}/task")) else { continue };
        for thread in threads.flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            family.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        // Processes come and go while they are listed: a number that was given anew must not make this a circle.
        if family.len() > 8192 {
            break;
        }
    }
    family
}

/// What these processes hold in memory now, in bytes; looked at closely only if it may be more than `limit_bytes`.
pub(crate) fn resident_bytes(processes: &[u32], limit_bytes: u64) -> u64 {
    let pages = |process: &u32| {
        let text = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
        text.split(' ').nth(1)?.parse::<u64>().ok()
    };
    // Quick, but a page that several hold counts for each.
    let bytes = processes.iter().filter_map(pages).sum::<u64>() * rustix::param::page_size() as u64;
    if bytes <= limit_bytes || processes.len() < 2 {
        return bytes;
    }
    // A share of each page.
    let shares: Vec<u64> = processes.iter().filter_map(|process| kibibytes(*process, "smaps_rollup", "Pss:")).collect();
    if shares.is_empty() { bytes } else { shares.iter().sum::<u64>() << 10 }
}

/// The most that these processes ever held, each by itself, in bytes.
pub(crate) fn peak_bytes(processes: &[u32]) -> u64 {
    processes.iter().filter_map(|process| kibibytes(*process, "status", "VmHWM:")).sum::<u64>() << 10
}

fn kibibytes(process: u32, file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/{file}")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().split(' ').next()?.parse().ok()
}
