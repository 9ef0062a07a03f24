//! Outside series: counts that nobody made up, with what people found wrong in them.
//!
//! They come as rates of hours or of some minutes. An adapter makes minute counts of them:
//! the rate is scaled so that its median is so many calls a minute, and counts are drawn around it, negative binomial with
//! a variance of four times the mean. A missing value is a gap; the first seven days only teach.

use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use record::time::{Minute, Minutes, parse_seconds};
use sim::counts::dice::Dice;

use crate::method::Observed;

/// Calls a minute that the median of a series is scaled to.
pub(crate) const TARGETS: [f64; 2] = [5.0, 50.0];
/// An alarm so many minutes before a labelled run, or after it, still speaks of it.
pub(crate) const AROUND: (usize, usize) = (15, 30);
/// The first minutes only teach.
pub(crate) const LEARNING: usize = 7 * 1440;
/// Labelled runs no further apart are one.
const MERGE: i32 = 60;
/// Variance over mean of the counts.
const CLUMPINESS: f64 = 4.0;

/// A labelled series, as counts.
pub(crate) struct Labelled {
    pub(crate) observed: Observed,
    /// The minutes that people found wrong, after the learning.
    pub(crate) runs: Vec<Range<usize>>,
}

/// Every rate-like series below this folder, at every target, in order of name.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Labelled>> {
    let windows = fs::read_to_string(folder.join("nab/windows.json")).context("cannot read NAB's windows")?;
    let windows: serde_json::Value = serde_json::from_str(&windows).context("cannot understand NAB's windows")?;
    let mut all = Vec::new();
    for file in files(folder)? {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
        if !is_rate(&name) {
            continue;
        }
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {name}"))?;
        let mut rates = Rates::parse(&text).with_context(|| format!("cannot understand {name}"))?;
        if let Some(key) = name.strip_prefix("nab/") {
            rates.runs = nab_runs(&windows[key]).with_context(|| format!("no windows for {name}"))?;
        }
        // Ten days at least: seven of them only teach.
        if rates.minutes().0 >= 10 * 1440 {
            for target in TARGETS {
                all.push(rates.counts(target, all.len() as u64));
            }
        }
    }
    Ok(all)
}

/// Counts of something that happens; no latencies, temperatures, loads.
fn is_rate(name: &str) -> bool {
    const OTHER: [&str; 4] = ["latency", "cpu_utilization", "temperature", "metadata"];
    name.ends_with(".csv") && !OTHER.iter().any(|other| name.contains(other))
}

fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() { files.extend(self::files(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}

struct Rates {
    /// Minutes that one value speaks of.
    grain: Minutes,
    values: Vec<(Minute, f64)>,
    runs: Vec<(Minute, Minute)>,
}

impl Rates {
    /// `timestamp, value` and perhaps `label`, one line a value.
    fn parse(text: &str) -> Result<Rates> {
        let (mut values, mut labelled) = (Vec::new(), Vec::new());
        for line in text.lines().skip(1) {
            let mut fields = line.split(',').map(|field| field.trim().trim_matches('"'));
            let (Some(time), Some(value)) = (fields.next(), fields.next()) else { continue };
            let minute = Minute::of_seconds(parse_seconds(time)?);
            if let Ok(value) = value.parse::<f64>() {
                values.push((minute, value.max(0.0)));
            }
            if fields.next().is_some_and(|label| label.starts_with('1')) {
                labelled.push(minute);
            }
        }
        values.sort_by_key(|value| value.0);
        let mut steps: Vec<i32> =
            values.windows(2).map(|pair| (pair[1].0 - pair[0].0).0).filter(|step| *step > 0).collect();
        steps.sort_unstable();
        let grain = Minutes(*steps.get(steps.len() / 2).context("it has no two values")?);
        let mut runs: Vec<(Minute, Minute)> = Vec::new();
        for minute in labelled {
            match runs.last_mut() {
                Some(run) if (minute - run.1).0 <= MERGE => run.1 = minute + grain,
                _ => runs.push((minute, minute + grain)),
            }
        }
        Ok(Rates { grain, values, runs })
    }

    fn minutes(&self) -> Minutes {
        let (first, last) = (self.values[0].0, self.values[self.values.len() - 1].0);
        Minutes((last - first).0 + self.grain.0)
    }

    fn counts(&self, target: f64, seed: u64) -> Labelled {
        let first = self.values[0].0;
        let minutes = self.minutes().0 as usize;
        let mut positive: Vec<f64> = self.values.iter().map(|value| value.1).filter(|value| *value > 0.0).collect();
        positive.sort_by(f64::total_cmp);
        let per_value = target / positive.get(positive.len() / 2).copied().unwrap_or(1.0);
        let mut dice = Dice::of(8, seed, 0);
        let mut rates = vec![None; minutes];
        for &(minute, value) in &self.values {
            let at = (minute - first).0 as usize;
            rates[at..(at + self.grain.0 as usize).min(minutes)].fill(Some(value * per_value));
        }
        let (mut calls, mut gaps) = (Vec::new(), Vec::<Range<usize>>::new());
        for (minute, rate) in rates.iter().enumerate() {
            match rate {
                Some(rate) => {
                    let count = dice.negative_binomial(*rate, CLUMPINESS);
                    if count > 0 {
                        calls.push((minute as u32, count));
                    }
                }
                None => match gaps.last_mut() {
                    Some(gap) if gap.end == minute => gap.end = minute + 1,
                    _ => gaps.push(minute..minute + 1),
                },
            }
        }
        let number = |minute: Minute| (minute - first).0.clamp(0, minutes as i32) as usize;
        let runs = self.runs.iter().map(|run| number(run.0)..number(run.1));
        let runs = runs.filter(|run| run.end > LEARNING && run.start < minutes && !run.is_empty()).collect();
        Labelled { observed: Observed { first, minutes, gaps, series: vec![calls] }, runs }
    }
}

fn nab_runs(windows: &serde_json::Value) -> Result<Vec<(Minute, Minute)>> {
    let minute = |time: &serde_json::Value| -> Result<Minute> {
        Ok(Minute::of_seconds(parse_seconds(time.as_str().context("no time")?)?))
    };
    let mut runs = Vec::new();
    for window in windows.as_array().context("no list")? {
        runs.push((minute(&window[0])?, minute(&window[1])?));
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::single_range_in_vec_init)] // one run, one gap
    fn rates_become_counts_around_the_target() {
        let line = |hour: usize| {
            format!("2026-01-{:02} {:02}:00:00,{},{}", 1 + hour / 24, hour % 24, 200, u8::from(hour == 300))
        };
        let lines: Vec<String> = (0..400).filter(|hour| *hour != 250).map(line).collect();
        let labelled = Rates::parse(&format!("time,value,label\n{}", lines.join("\n"))).unwrap().counts(5.0, 1);
        let calls: u32 = labelled.observed.series[0].iter().map(|(_, calls)| calls).sum();
        assert!((4.5..5.5).contains(&(f64::from(calls) / 399.0 / 60.0)), "{calls}");
        assert!(matches!(&labelled.observed.gaps[..], [gap] if *gap == (250 * 60..251 * 60)));
        assert!(matches!(&labelled.runs[..], [run] if *run == (300 * 60..301 * 60)));
    }
}
