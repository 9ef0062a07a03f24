//! Attribution counts: who called how often, of each series and stretch of time.
//!
//! Most of it is never asked for, and an attacker chooses the values. So of each attribute the heaviest values of a stretch
//! are kept, and the calls of all others as a sum: what is told of a value is at least what it had (`≥`), and
//! [`Heaviest::missed`] bounds what it may have had besides. Sums are exact, whatever was cut.
//!
//! Stretches are five minutes at first, so that the minutes of an insight are not told as those before it. Later they are
//! put together into hours, which is enough for a baseline ([`Writer::coarsen_attributions`]).

mod batch;

use std::collections::BTreeMap;

use detect::attribution::{ValueCounts, Values};
use record::insight::{Attribute, Subject};
use record::time::{Minute, Minutes};
use rusqlite::OptionalExtension;

use crate::coding::{Packed, put_number, put_text};
use crate::error::{Cause, doing};
use crate::series::{number_of, slot, stretch_of};
use crate::{Reader, StoreError, Writer};

pub use batch::AttributionBatch;

/// Values that are kept of an attribute, a series and stretch.
pub const KEPT: usize = 32;
/// Values in memory at which all but the heaviest are given up.
const MOST_IN_MEMORY: usize = 4 * KEPT;
/// Bytes of a value that are kept.
const LONGEST: usize = 512;
/// How long it is kept by itself who called in a stretch, at first: before it is an hour's.
pub const STRETCH: Minutes = Minutes(5);
/// Minutes of a fine stretch, and of a coarse one.
const FINE: i32 = STRETCH.0;
const HOUR: i32 = 60;

/// The heaviest values of one attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heaviest {
    /// In the order of their text, so that two of these are put together in one walk.
    values: Vec<(Box<str>, u64)>,
    /// Calls that have no such value.
    pub without: u64,
    /// Calls with values that were given up.
    pub other: u64,
    /// A value had at most so many calls more than are told of it.
    pub missed: u64,
}

impl Heaviest {
    fn add(&mut self, value: Option<&str>, calls: u64) {
        let Some(value) = value.map(shortened) else {
            self.without += calls;
            return;
        };
        match self.values.binary_search_by(|pair| (*pair.0).cmp(value)) {
            Ok(at) => self.values[at].1 += calls,
            Err(at) => self.values.insert(at, (value.into(), calls)),
        }
    }

    /// Adds values in the order of their text, each once.
    fn add_all<'v>(&mut self, more: impl ExactSizeIterator<Item = (&'v str, u64)>) {
        let mut mine = std::mem::take(&mut self.values).into_iter().peekable();
        let mut all = Vec::with_capacity(mine.len() + more.len());
        for (value, calls) in more {
            while let Some(before) = mine.next_if(|pair| &*pair.0 < value) {
                all.push(before);
            }
            match mine.next_if(|pair| &*pair.0 == value) {
                Some((same, known)) => all.push((same, known + calls)),
                None => all.push((value.into(), calls)),
            }
        }
        all.extend(mine);
        self.values = all;
    }

    /// Gives up all but the heaviest; among equals, those that come first by their text are kept.
    fn keep(&mut self, most: usize) {
        let (missed, other) = keep_heaviest(&mut self.values, most);
        self.missed += missed;
        self.other += other;
    }

    /// The values and their calls, heaviest first.
    pub fn values(&self) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> = self.by_text().collect();
        all.sort_unstable_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        all
    }

    fn by_text(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.values.iter().map(|(value, calls)| (&**value, *calls))
    }
}

/// Leaves the heaviest of values that are in the order of their text. Says what the heaviest that was given up had, and all of them.
fn keep_heaviest<T: Ord>(values: &mut Vec<(T, u64)>, most: usize) -> (u64, u64) {
    if values.len() <= most {
        return (0, 0);
    }
    values.sort_unstable_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let (missed, other) = (values[most].1, values[most..].iter().map(|pair| pair.1).sum());
    values.truncate(most);
    values.sort_unstable();
    (missed, other)
}

/// without, other, missed, how many values, and each of them in the order of its text.
fn put_attribute<T: AsRef<str>>(out: &mut Vec<u8>, sums: [u64; 3], values: &[(T, u64)]) {
    sums.into_iter().chain([values.len() as u64]).for_each(|number| put_number(out, number));
    for (value, calls) in values {
        put_text(out, value.as_ref());
        put_number(out, *calls);
    }
}

fn shortened(value: &str) -> &str {
    &value[..value.floor_char_boundary(LONGEST)]
}

/// Who made the calls of one series, in some stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCalled {
    /// Calls in all.
    pub calls: u64,
    attributes: [Heaviest; Attribute::ALL.len()],
}

impl WhoCalled {
    /// Counts so many calls with these values. Memory stays within its limit whatever they are.
    pub fn add(&mut self, values: &Values<'_>, calls: u64) {
        self.calls += calls;
        for (heaviest, value) in self.attributes.iter_mut().zip(values) {
            heaviest.add(*value, calls);
            if heaviest.values.len() > MOST_IN_MEMORY {
                heaviest.keep(KEPT);
            }
        }
    }

    /// What is known of one attribute.
    pub fn of(&self, attribute: Attribute) -> &Heaviest {
        &self.attributes[attribute as usize]
    }

    /// Adds what another stretch has; gives nothing up.
    pub fn merge(&mut self, other: &WhoCalled) {
        self.calls += other.calls;
        for (mine, theirs) in self.attributes.iter_mut().zip(&other.attributes) {
            mine.without += theirs.without;
            mine.other += theirs.other;
            mine.missed += theirs.missed;
            mine.add_all(theirs.by_text());
        }
    }

    fn keep(&mut self, most: usize) {
        self.attributes.iter_mut().for_each(|heaviest| heaviest.keep(most));
    }

    fn entries(&self) -> usize {
        self.attributes.iter().map(|heaviest| heaviest.values.len()).sum()
    }

    /// calls, then what each attribute is packed as.
    fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_number(&mut out, self.calls);
        for Heaviest { values, without, other, missed } in &self.attributes {
            put_attribute(&mut out, [*without, *other, *missed], values);
        }
        out
    }

    fn unpack(blob: &[u8]) -> Result<WhoCalled, Cause> {
        let mut packed = Packed(blob);
        let mut who = WhoCalled { calls: packed.number()?, ..WhoCalled::default() };
        for heaviest in &mut who.attributes {
            heaviest.without = packed.number()?;
            heaviest.other = packed.number()?;
            heaviest.missed = packed.number()?;
            for _ in 0..packed.number()? {
                let (value, calls) = (packed.text()?, packed.number()?);
                if heaviest.values.last().is_some_and(|before| &*before.0 >= value) {
                    return Err(Cause::Damaged("attributions that are out of order"));
                }
                heaviest.values.push((value.into(), calls));
            }
        }
        if packed.is_empty() { Ok(who) } else { Err(Cause::Damaged("more than attributions")) }
    }
}

/// For [`detect::attribution::Contributions`]: values that were given up are among its *Other*.
impl From<&WhoCalled> for ValueCounts {
    fn from(who: &WhoCalled) -> ValueCounts {
        let mut counts = ValueCounts::default();
        counts.add_calls(who.calls);
        for (attribute, heaviest) in Attribute::ALL.into_iter().zip(&who.attributes) {
            counts.add_value(attribute, None, heaviest.without);
            for (value, calls) in heaviest.by_text() {
                counts.add_value(attribute, Some(value), calls);
            }
        }
        counts
    }
}

struct Table {
    get: &'static str,
    put: &'static str,
    span: &'static str,
    within: &'static str,
}

const BY_FIVE_MINUTES: Table = Table {
    get: "SELECT counts FROM attribution_fine WHERE slot = ?1",
    put: "INSERT OR REPLACE INTO attribution_fine (slot, entries, calls, counts) VALUES (?1, ?2, ?3, ?4)",
    span: "SELECT (SELECT min(slot) FROM attribution_fine), (SELECT max(slot) FROM attribution_fine)",
    within: "SELECT slot, counts FROM attribution_fine WHERE slot >= ?1 AND slot < ?2 ORDER BY slot",
};
/// Adds a stretch of five minutes of which nothing is known.
const ADD: &str = "INSERT OR IGNORE INTO attribution_fine (slot, entries, calls, counts) VALUES (?1, ?2, ?3, ?4)";

const BY_HOUR: Table = Table {
    get: "SELECT counts FROM attribution_hour WHERE slot = ?1",
    put: "INSERT OR REPLACE INTO attribution_hour (slot, entries, calls, counts) VALUES (?1, ?2, ?3, ?4)",
    span: "SELECT (SELECT min(slot) FROM attribution_hour), (SELECT max(slot) FROM attribution_hour)",
    within: "SELECT slot, counts FROM attribution_hour WHERE slot >= ?1 AND slot < ?2 ORDER BY slot",
};

impl Writer<'_> {
    fn change_who(&self, table: &Table, slot: i64, change: impl FnOnce(&mut WhoCalled)) -> Result<(), Cause> {
        let mut who = self.who(table, slot)?.unwrap_or_default();
        change(&mut who);
        who.keep(KEPT);
        self.execute(table.put, (slot, who.entries() as i64, who.calls as i64, who.pack()))?;
        Ok(())
    }

    /// Puts the five-minute stretches of the oldest hour before that of `before` together into one. Says whether there was
    /// such an hour: then there may be another.
    pub fn coarsen_attributions(&self, before: Minute) -> Result<bool, StoreError> {
        let work = || {
            let mut oldest = self.prepare("SELECT min(slot) FROM attribution_fine WHERE slot < ?1")?;
            let end = slot(before.hour_start().0.div_euclid(FINE), 0);
            let Some(oldest) = oldest.query_row([end], |row| row.get::<_, Option<i64>>(0))? else {
                return Ok(false);
            };
            let hour = (stretch_of(oldest) * FINE).div_euclid(HOUR);
            let (from, until) = (slot(hour * HOUR / FINE, 0), slot((hour + 1) * HOUR / FINE, 0));
            let mut together: BTreeMap<u32, WhoCalled> = BTreeMap::new();
            self.each_who(&BY_FIVE_MINUTES, from, until, |slot, who| {
                let sum = together.entry(number_of(slot)).or_default();
                sum.merge(&who);
                sum.keep(MOST_IN_MEMORY);
            })?;
            for (number, who) in together {
                self.change_who(&BY_HOUR, slot(hour, number), |sum| sum.merge(&who))?;
            }
            self.execute("DELETE FROM attribution_fine WHERE slot >= ?1 AND slot < ?2", (from, until))?;
            Ok(true)
        };
        self.doing(|| format!("put the attributions before {before} together"), work)
    }

    /// Forgets what is older than the hour of this minute.
    pub fn expire_attributions(&self, before: Minute) -> Result<usize, StoreError> {
        let start = before.hour_start().0;
        let work = || {
            let fine = "DELETE FROM attribution_fine WHERE slot < ?1";
            let hours = "DELETE FROM attribution_hour WHERE slot < ?1";
            let forgotten = self.execute(fine, [slot(start.div_euclid(FINE), 0)])?;
            Ok(forgotten + self.execute(hours, [slot(start.div_euclid(HOUR), 0)])?)
        };
        self.doing(|| format!("forget the attributions before {before}"), work)
    }

    /// Keeps at most so many values over all series: stretches with the fewest calls are given up first, hours before the
    /// five-minute ones. Says how many stretches were given up.
    pub fn limit_attributions(&self, most_values: u64) -> Result<usize, StoreError> {
        let work = || {
            let mut beyond = self.attribution_entries()?.saturating_sub(most_values) as i64;
            let mut given_up = 0;
            for (list, forget) in [
                (
                    "SELECT slot, entries FROM attribution_hour ORDER BY calls, slot",
                    "DELETE FROM attribution_hour WHERE slot = ?1",
                ),
                (
                    "SELECT slot, entries FROM attribution_fine ORDER BY calls, slot",
                    "DELETE FROM attribution_fine WHERE slot = ?1",
                ),
            ] {
                if beyond <= 0 {
                    break;
                }
                let mut lightest = Vec::new();
                let mut list = self.prepare(list)?;
                let mut rows = list.query([])?;
                while let Some(row) = rows.next()? {
                    lightest.push(row.get::<_, i64>(0)?);
                    beyond -= row.get::<_, i64>(1)?;
                    if beyond <= 0 {
                        break;
                    }
                }
                drop(rows);
                for slot in &lightest {
                    self.execute(forget, [slot])?;
                }
                given_up += lightest.len();
            }
            Ok(given_up)
        };
        self.doing(|| format!("keep the attributions within {most_values} values"), work)
    }
}

impl Reader<'_> {
    /// Who made the calls of a series in the stretches that begin within [from, until), the one that `from` lies in
    /// included: five minutes each, or an hour where it is long ago.
    pub fn who_called(&self, subject: &Subject, from: Minute, until: Minute) -> Result<WhoCalled, StoreError> {
        let work = || {
            let mut sum = WhoCalled::default();
            let Some(known) = self.find_series(subject)?.filter(|_| from < until) else { return Ok(sum) };
            for (table, minutes) in [(&BY_HOUR, HOUR), (&BY_FIVE_MINUTES, FINE)] {
                let Some((first, last)) = self.stretches(table.span)? else { continue };
                let (from, until) = (from.0.div_euclid(minutes), (until.0 - 1).div_euclid(minutes));
                for stretch in from.max(first)..=until.min(last) {
                    if let Some(who) = self.who(table, slot(stretch, known.number))? {
                        sum.merge(&who);
                    }
                }
            }
            Ok(sum)
        };
        doing(|| format!("read who called {} {}", subject.source, subject.name), work)
    }

    /// How many values are kept over all series.
    pub fn attribution_count(&self) -> Result<u64, StoreError> {
        doing(|| "count the attributions".into(), || self.attribution_entries())
    }

    fn attribution_entries(&self) -> Result<u64, Cause> {
        let mut sum = self.prepare(
            "SELECT (SELECT ifnull(sum(entries), 0) FROM attribution_fine) \
                  + (SELECT ifnull(sum(entries), 0) FROM attribution_hour)",
        )?;
        Ok(sum.query_row([], |row| row.get::<_, i64>(0))? as u64)
    }

    fn who(&self, table: &Table, slot: i64) -> Result<Option<WhoCalled>, Cause> {
        let mut get = self.prepare(table.get)?;
        get.query_row([slot], |row| Ok(WhoCalled::unpack(row.get_ref(0)?.as_blob()?))).optional()?.transpose()
    }

    fn each_who(
        &self,
        table: &Table,
        from: i64,
        until: i64,
        mut each: impl FnMut(i64, WhoCalled),
    ) -> Result<(), Cause> {
        let mut within = self.prepare(table.within)?;
        let mut rows = within.query([from, until])?;
        while let Some(row) = rows.next()? {
            let blob = row.get_ref(1)?.as_blob().map_err(|_| Cause::Damaged("attributions that are no blob"))?;
            each(row.get(0)?, WhoCalled::unpack(blob)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_and_damage_is_told(calls in proptest::collection::vec((0..60u32, 1..9u64), 0..200), cut: usize, change: u8) {
            let mut who = WhoCalled::default();
            for (number, calls) in calls {
                let (caller, agent) = (format!("é{number}"), format!("{}", number % 7));
                who.add(&[Some(&caller), None, Some(&agent), None, None, None, None, None], calls);
            }
            let mut blob = who.pack();
            prop_assert_eq!(WhoCalled::unpack(&blob).unwrap(), who);
            let at = cut % blob.len();
            prop_assert!(WhoCalled::unpack(&blob[..at]).is_err());
            blob[at] ^= change;
            let _ = WhoCalled::unpack(&blob);
        }
    }
}
