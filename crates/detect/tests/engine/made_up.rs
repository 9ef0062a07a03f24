//! A made-up account, what is found of it in words, and dice: what laws are held on.

use detect::engine::{Engine, Settings};
use detect::findings;
use detect::tally::Tally;
use record::insight::Subject;
use record::names::EventCategory;
use record::time::{Minute, Minutes};

/// Accounts that a law is held on.
pub(crate) const SEEDS: u64 = 6;

/// One call count of a made-up account.
pub(crate) type Count = (Subject, Minute, u32, bool);

/// A busy, uneven account with a burst, a silence and a gap; cheap to make.
pub(crate) fn account(seed: u64) -> Vec<Count> {
    let mut dice = Dice(seed);
    let start = Minute(29_459_520);
    let length = 20 * 1440;
    let gap = if seed.is_multiple_of(2) { 15 * 1440 + 300..15 * 1440 + 900 } else { 0..0 };
    let mut counts = Vec::new();
    for series in 0..12u32 {
        let region = if series % 3 == 0 { "eu-west-1" } else { "us-east-1" };
        let subject = |error: Option<&str>| Subject {
            account: "123456789012".into(),
            region: region.into(),
            source: "ec2.amazonaws.com".into(),
            name: format!("Call{series}").as_str().into(),
            error: error.map(Into::into),
            category: EventCategory::Management,
        };
        let burst = length - 1440 * dice.below(4) as i32 - 700;
        for minute in 0..length {
            if gap.contains(&minute) {
                continue;
            }
            let mut calls = match series % 4 {
                0 => dice.below(3),
                1 if minute.rem_euclid(15) == 0 && minute < length - 1440 => 5,
                2 if dice.below(90) == 0 => 1 + dice.below(12),
                3 if minute % 1440 > 480 && dice.below(30) == 0 => 2,
                _ => 0,
            };
            if (burst..burst + 20).contains(&minute) {
                calls += 15 + dice.below(20);
            }
            if calls > 0 {
                counts.push((subject(None), start + Minutes(minute), calls, false));
                if series % 5 == 0 {
                    counts.push((subject(Some("AccessDenied")), start + Minutes(minute), 1, false));
                }
            }
        }
    }
    counts
}

/// Its counts.
pub(crate) fn tally(counts: &[Count]) -> Tally {
    let mut tally = Tally::new();
    for (subject, minute, calls, read) in counts {
        tally.count(subject, *minute, *calls, *read);
    }
    tally
}

/// All that is found, in words that do not depend on the numbering of series.
pub(crate) fn told(engine: &Engine, tally: &Tally, until: Minute) -> Vec<String> {
    let settings = Settings::default();
    let mut told: Vec<String> =
        engine.found().iter().map(|found| format!("{:?}", findings::insight(found, tally, &settings, until))).collect();
    told.extend(findings::no_data(engine, tally).iter().map(|gap| format!("{gap:?}")));
    told.sort();
    told
}

/// Says where two lists differ first, in few words.
pub(crate) fn assert_same(ours: &[String], theirs: &[String], seed: u64) {
    for (our, their) in ours.iter().zip(theirs) {
        let same = our.bytes().zip(their.bytes()).take_while(|(a, b)| a == b).count();
        let near = |text: &str| text.chars().skip(same.saturating_sub(80)).take(160).collect::<String>();
        assert!(
            our == their,
            "seed {seed}: of {}\n  …{}…\n  …{}…",
            our.chars().take(200).collect::<String>(),
            near(our),
            near(their)
        );
    }
    assert_eq!(ours.len(), theirs.len(), "seed {seed}");
}

/// A small generator of numbers, the same ones every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as u32 % below
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at as u32 + 1) as usize);
        }
    }
}
