//! Plan: what to make. Everything that is made follows from it, byte for byte.

use record::time::{Minute, Minutes};

use crate::decoy::{Decoy, DecoyKind};
use crate::incident::Incident;
use crate::script;

/// Monday, 2026-01-05T00:00Z: where tiers begin.
const FIRST_MONDAY: Minute = Minute(29_459_520);

/// What to make. Start from a tier and change what matters to you.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Another seed, other accounts.
    pub seed: u64,
    /// How many accounts.
    pub accounts: usize,
    /// How many Regions each account works in: the first of [`REGIONS`].
    pub regions: usize,
    /// The first minute that has calls.
    pub start: Minute,
    /// How long there are calls.
    pub length: Minutes,
    /// Calls a day of an account in one Region, on average over all of them, before incidents.
    pub calls_per_day: f64,
    /// How many steady keys of 30 and more calls a minute there are besides, in the home Regions of the first accounts.
    pub hot_keys: usize,
    /// Whether there are data events (objects, items, invocations), too.
    pub data_events: bool,
    /// The most records one file may hold.
    pub records_per_file: usize,
    /// How hard the files are compressed, 1 to 12 (libdeflate's levels).
    pub compression: i32,
    /// Share of accounts in which a second trail writes everything again.
    pub second_trails: f64,
    /// Share of files that are delivered twice.
    pub redeliveries: f64,
    /// Stop after so many records, copies included. The truth then may tell of what is no longer in the files.
    pub limit: Option<u64>,
    /// Keys that must exist, and how they are called.
    pub pins: Vec<Pin>,
    /// What goes wrong.
    pub incidents: Vec<Incident>,
    /// What changes, and is none of anyone's business.
    pub decoys: Vec<Decoy>,
}

/// Regions in the order in which plans use them. The first also has the global services.
pub static REGIONS: [&str; 8] = [
    "us-east-1",
    "eu-central-1",
    "us-west-2",
    "ap-southeast-2",
    "eu-west-1",
    "ap-northeast-1",
    "us-east-2",
    "sa-east-1",
];

/// A key that must exist.
#[derive(Clone, Debug)]
pub struct Pin {
    /// Which account, from 0.
    pub account: usize,
    /// Which Region, from 0.
    pub region: usize,
    /// `ec2.amazonaws.com`
    pub source: String,
    /// `CreateSnapshot`
    pub name: String,
    /// How it is called; never, if you say so.
    pub arrivals: Option<Arrivals>,
    /// Share of the calls that fail.
    pub error_share: f64,
}

/// How the calls of one key come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrivals {
    /// At any moment of the day alike.
    Machine {
        /// How many a minute.
        per_minute: f64,
        /// How many come at once, on average.
        batch: f64,
    },
    /// So many within twenty seconds, every so often.
    Cron {
        /// Minutes from one batch to the next.
        every: i32,
        /// Minutes after the hour (or midnight) when they come.
        offset: i32,
        /// How many in each.
        batch: usize,
    },
    /// In sessions, at working hours.
    Human {
        /// How many a minute, averaged over the week.
        per_minute: f64,
    },
}

impl Arrivals {
    /// How many calls a minute there are on average.
    pub fn per_minute(&self) -> f64 {
        match *self {
            Arrivals::Machine { per_minute, .. } | Arrivals::Human { per_minute } => per_minute,
            Arrivals::Cron { every, batch, .. } => batch as f64 / every as f64,
        }
    }
}

/// Sizes of plans that everyone means the same by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// One account, 2 Regions, 36 hours: some 20,000 records.
    T0,
    /// 3 accounts, 3 Regions, 10 days: some 150,000 records.
    T1,
    /// 20 accounts, 4 Regions, 28 days: some 26 million records.
    T2,
    /// For throughput: 4 accounts, 2 Regions, 2 days in files of 5,000: some 50 million records.
    T3,
}

impl std::str::FromStr for Tier {
    type Err = String;
    fn from_str(text: &str) -> Result<Tier, String> {
        match text.to_ascii_uppercase().as_str() {
            "T0" => Ok(Tier::T0),
            "T1" => Ok(Tier::T1),
            "T2" => Ok(Tier::T2),
            "T3" => Ok(Tier::T3),
            _ => Err(format!("`{text}` is no tier; there are T0, T1, T2 and T3")),
        }
    }
}

impl Plan {
    /// A plan of this size, with incidents and decoys.
    pub fn tier(tier: Tier, seed: u64) -> Plan {
        let days = |days: i32| Minutes(days * 1440);
        let (accounts, regions, length, calls_per_day) = match tier {
            Tier::T0 => (1, 2, Minutes(36 * 60), 6_100.0),
            Tier::T1 => (3, 3, days(10), 1_650.0),
            Tier::T2 => (20, 4, days(28), 5_400.0),
            Tier::T3 => (4, 2, days(2), 3_000_000.0),
        };
        let mut plan = Plan { accounts, regions, length, calls_per_day, ..Plan::quiet(seed) };
        let at = |share: f64| Minute(plan.start.0 + (length.0 as f64 * share) as i32);
        let from = at(0.76);
        match tier {
            Tier::T0 => plan.incidents = Incident::some(seed, 3, accounts, regions, from, plan.until()),
            Tier::T1 => {
                plan.incidents = Incident::some(seed, 12, accounts, regions, from, plan.until());
                plan.decoys = vec![
                    Decoy { account: 1, at: at(0.5), kind: DecoyKind::SecondTrail },
                    Decoy { account: 2, at: at(0.8), kind: DecoyKind::LoggingGap { minutes: 120 } },
                    Decoy { account: 0, at: at(0.75), kind: DecoyKind::NewCron },
                ];
            }
            Tier::T2 => {
                plan.hot_keys = 5;
                plan.incidents = Incident::of_every_kind(seed, 13, regions, at(0.5), plan.until());
                // In accounts of their own, so that whatever is found there is found wrongly.
                plan.decoys = vec![
                    Decoy { account: 19, at: plan.start, kind: DecoyKind::Growth { a_week: 1.2 } },
                    Decoy { account: 18, at: at(0.6), kind: DecoyKind::NewCron },
                    Decoy { account: 17, at: plan.start, kind: DecoyKind::Weekend },
                    Decoy { account: 16, at: at(0.75), kind: DecoyKind::DaylightSaving },
                    Decoy { account: 15, at: at(0.5), kind: DecoyKind::NewAccount },
                    Decoy { account: 14, at: at(0.7), kind: DecoyKind::LoggingGap { minutes: 120 } },
                    Decoy { account: 13, at: at(0.5), kind: DecoyKind::SecondTrail },
                ];
            }
            Tier::T3 => {
                plan.records_per_file = 5_000;
                plan.compression = 4;
                plan.second_trails = 0.0;
                plan.data_events = true;
                plan.incidents = Incident::some(seed, 8, accounts, regions, from, plan.until());
            }
        }
        plan
    }

    /// One account for ten days, and in the last night a stolen access key: what `make demo` shows.
    pub fn demo(seed: u64) -> Plan {
        script::stolen_key(seed)
    }

    /// An organization of three accounts for a month, with four incidents: what the console is shown with.
    pub fn organization(seed: u64) -> Plan {
        script::organization(seed)
    }

    /// One small account for ten days in which nothing happens.
    pub fn quiet(seed: u64) -> Plan {
        Plan {
            seed,
            accounts: 1,
            regions: 2,
            start: FIRST_MONDAY,
            length: Minutes(14_400),
            calls_per_day: 2_000.0,
            hot_keys: 0,
            data_events: false,
            records_per_file: 600,
            compression: 6,
            second_trails: 0.3,
            redeliveries: 0.001,
            limit: None,
            pins: Vec::new(),
            incidents: Vec::new(),
            decoys: Vec::new(),
        }
    }

    /// The place of an account's lane in a Region: those of an account follow each other.
    pub(crate) fn lane(&self, account: usize, region: usize) -> usize {
        account * self.regions + region
    }

    /// The first minute after the last call.
    pub fn until(&self) -> Minute {
        // However long it is asked to last.
        Minute(self.start.0.saturating_add(self.length.0))
    }

    /// The same accounts for so many days; what would happen later does not.
    pub fn with_days(self, days: f64) -> Plan {
        Plan { length: Minutes((days * 1440.0) as i32), ..self }
    }

    /// The same accounts, as busy as it takes to make about so many records (copies not counted).
    pub fn with_records(self, records: u64) -> Plan {
        let lane_days = (self.accounts * self.regions) as f64 * self.length.0 as f64 / 1440.0;
        Plan { calls_per_day: records as f64 / lane_days, hot_keys: 0, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_may_last_for_ever_but_not_end_before_it_starts() {
        for days in [0.0, 1.0, 1e6, 2e6, 1e300] {
            let plan = Plan::quiet(1).with_days(days);
            assert!(plan.until() >= plan.start, "{days}");
        }
        assert_eq!(Plan::quiet(1).with_days(2.0).until(), FIRST_MONDAY + Minutes(2880));
    }
}
