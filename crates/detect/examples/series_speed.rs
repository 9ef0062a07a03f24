//! How long an account takes: 20,000 series over four weeks, most of them rare, a few hundred dense.
//!
//! `cargo run --release -p detect --example series_speed`. Seeded: every run does the same.

use std::time::Duration;

use detect::series::{Judged, Listener, Series};
use detect::watch::Watch;
use record::time::{Minute, Minutes};

const SERIES: usize = 20_000;
const MINUTES: i32 = 28 * 1440;
/// A Monday 00:00 UTC.
const MONDAY: Minute = Minute(2_948 * 10_080 - 4_320);

struct Dice(u64);

impl Dice {
    /// From 0 to 1, excluded. SplitMix64.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Minutes to the next call, at a rate a minute.
    fn wait(&mut self, rate: f64) -> i32 {
        1 + (-(1.0 - self.share()).ln() / rate).min(1e6) as i32
    }

    /// Some calls, this many on the whole.
    fn clump(&mut self, mean: f64) -> u32 {
        1 + (-(1.0 - self.share()).ln() * (mean - 1.0)) as u32
    }
}

struct Kind {
    name: &'static str,
    share: f64,
    /// Calls a minute, sessions of so many calls, and calls a minute with calls.
    rate: f64,
    session: f64,
    clump: f64,
    /// Only from 8 to 18 o'clock on weekdays.
    is_human: bool,
    /// At fixed minutes instead of at random ones.
    is_job: bool,
}

const KINDS: [Kind; 6] = [
    Kind { name: "never", share: 0.15, rate: 1e-9, session: 1.0, clump: 1.0, is_human: false, is_job: false },
    Kind { name: "rare", share: 0.50, rate: 5.0 / 10_080.0, session: 1.0, clump: 1.5, is_human: false, is_job: false },
    Kind { name: "human", share: 0.22, rate: 0.01, session: 8.0, clump: 2.0, is_human: true, is_job: false },
    Kind { name: "job", share: 0.10, rate: 1.0 / 360.0, session: 1.0, clump: 4.0, is_human: false, is_job: true },
    Kind { name: "steady", share: 0.015, rate: 0.05, session: 1.0, clump: 3.0, is_human: false, is_job: false },
    Kind { name: "dense", share: 0.015, rate: 3.0, session: 1.0, clump: 6.0, is_human: false, is_job: false },
];

fn calls(kind: &Kind, dice: &mut Dice) -> Vec<(Minute, u32)> {
    let mut calls = Vec::new();
    let period = (1.0 / kind.rate).max(1.0) as i32;
    let mut at = if kind.is_job { (dice.share() * f64::from(period)) as i32 } else { dice.wait(kind.rate) };
    while at < MINUTES {
        let is_awake = !kind.is_human || (at / 1440 % 7 < 5 && (480..1080).contains(&(at % 1440)));
        let mut left = if is_awake { dice.clump(kind.session) } else { 0 };
        while left > 0 && at < MINUTES {
            calls.push((MONDAY + Minutes(at), dice.clump(kind.clump)));
            left -= 1;
            at += if left > 0 { 1 + (dice.share() * 3.0) as i32 } else { 0 };
        }
        at += if kind.is_job { period } else { dice.wait(kind.rate / kind.session) };
    }
    calls
}

#[derive(Default)]
struct Count(u64);

impl Listener for Count {
    fn judged(&mut self, _: &Series, _: &Judged) {
        self.0 += 1;
    }
}

/// How long this thread has been on a core: others may share the machine.
fn on_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    Duration::from_nanos(text.split(' ').next().and_then(|ns| ns.parse().ok()).expect("the first number is it"))
}

fn main() {
    let mut dice = Dice(1);
    let mut watch = Watch::new(MONDAY);
    watch.known(MONDAY + Minutes(MINUTES));
    let mut whole = Duration::ZERO;
    // Hours between two advances of the same series: all at once, daily, or hourly as a live service would.
    for step in [MINUTES / 60, 24, 1] {
        println!("advanced every {step} hours:");
        for kind in &KINDS {
            let number = (SERIES as f64 * kind.share) as usize;
            let all: Vec<_> = (0..number).map(|_| calls(kind, &mut dice)).collect();
            let active: usize = all.iter().map(Vec::len).sum();
            let mut heard = Count::default();
            let mut series = vec![Series::new(&watch); number];
            let mut done = vec![0; number];
            let started = on_cpu();
            let mut until = MONDAY;
            while until < watch.frontier() {
                until = watch.frontier().min(until + Minutes(60 * step));
                for ((series, calls), done) in series.iter_mut().zip(&all).zip(&mut done) {
                    let now = calls[*done..].iter().take_while(|call| call.0 < until).count();
                    series.advance(&watch, until, &calls[*done..*done + now], &mut heard);
                    *done += now;
                }
            }
            let took = on_cpu() - started;
            whole += took;
            let hours = (number as i32 * (MINUTES / 60)) as f64;
            println!(
                "  {:7}{number:6} series {active:9} active minutes {:7} judged {:6.3} s = {:6.0} ns a series-hour = {:6.0} ns an active minute",
                kind.name,
                heard.0,
                took.as_secs_f64(),
                took.as_nanos() as f64 / hours,
                took.as_nanos() as f64 / active as f64,
            );
        }
        println!("  {:.3} s in all", whole.as_secs_f64());
        whole = Duration::ZERO;
    }
    println!("{} bytes a series, and what it has on the heap", size_of::<Series>());
}
