//! Why an insight was raised, fact by fact: the explanation in words that a reader can check.

use crate::insight::{Direction, Evidence, Insight};

use crate::sentences::{frequency, learned, promise};
use crate::words::{clock, count, duration, figure, plural, range, times};

/// Names and facts, in the order in which they follow from each other.
pub fn facts(insight: &Insight) -> Vec<(&'static str, String)> {
    let why = &insight.explanation;
    let last = why.minute.next();
    let mut facts = Vec::new();

    match why.kind {
        Evidence::Window => {
            let window = duration(why.window);
            facts.push(("Seen in", format!("{window} up to {} UTC, its most telling window", clock(last))));
            let calls = count(why.calls.round().max(0.0) as u64);
            let usual = range(why.expected_low, why.expected_high);
            facts.push((
                "Calls in it",
                format!("{calls}; {} expected, {usual} in 9 of 10 such windows", figure(why.expected)),
            ));
            facts.push(("Ratio", times(why.ratio)));
        }
        Evidence::Silence => {
            facts.push(("Seen in", format!("{} since its last call, at {} UTC", duration(why.window), clock(last))));
            facts.push(("Calls in it", format!("0; {} expected", figure(why.expected))));
        }
    }
    let called = insight.called - insight.start;
    facts.push(("Called", format!("at {} UTC, {} after its start", clock(insight.called), duration(called))));
    facts.push(("On this API", format!("{} (R = {:.2})", frequency(why.rarity), why.rarity)));
    let series = plural(&count(u64::from(why.series_count)), "rate").replace("rate", "such rate");
    let in_all =
        format!("{} (R = {:.2}; {series} are watched in it)", frequency(why.account_rarity), why.account_rarity);
    facts.push(("In the account", in_all));
    let mut asked = format!("R of {:.2} on one API: {}", why.threshold, promise(why.false_alarms_per_month));
    if why.correction > 1.0 {
        asked.push_str(&format!(
            "; raised for {}× as many alarms as promised in its own record",
            figure(why.correction)
        ));
    }
    facts.push(("Asked for", asked));
    facts.push(("Learned from", learned(why.minutes_learned)));
    facts.push((
        "Usual rate",
        format!(
            "{} a minute on the whole, {} for this hour of the week, {} for how it has been lately",
            figure(why.mean_per_minute),
            times(why.hour_factor),
            times(why.level_factor)
        ),
    ));
    facts.push((
        "Clumpiness",
        format!("{} (variance over mean; single, unrelated calls have 1)", figure(why.clumpiness)),
    ));
    let way = match insight.direction {
        Direction::Increase => "rises",
        Direction::Decrease => "falls",
    };
    facts.push((
        "Its own past",
        match why.past_exceedances {
            0.0 => format!("no surprising {way} before; this one is of size {}", figure(why.size)),
            past => format!(
                "{} surprising {way} before (older ones weigh less), the largest of size {}; this one is of size {}",
                figure(past),
                figure(why.largest_past_size),
                figure(why.size)
            ),
        },
    ));
    facts
}
