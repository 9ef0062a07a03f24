//! Attribution counts: who called how often, of each series and stretch of time.
//!
//! Most of it is never asked for, and an attacker chooses the values. So of each attribute the heaviest values of a stretch
//! are kept, and the calls of all others as a sum: what is told of a value is at least what it had (`≥`), and
//! [`Heaviest::missed`] bounds what it may have had besides. Sums are exact, whatever was cut.
//!
//! Stretches are five minutes at first, so that the minutes of an insight are not told as those before it. Later they are
//! put together into hours, which is enough for a baseline ([`Writer::coarsen_attributions`]).

mod batch;
mod who_called;

use std::collections::BTreeMap;

use record::insight::Subject;
use record::time::{Minute, Minutes};
use rusqlite::OptionalExtension;

use crate::error::{Cause, doing};
use crate::series::{number_of, slot, stretch_of};
use crate::{Reader, StoreError, Writer};

pub use batch::AttributionBatch;
pub use who_called::{Heaviest, WhoCalled};

/// Values that are kept of an attribute, a series and stretch.
pub const KEPT: usize = 32;
/// Values in memory at which all but the heaviest are given up.
const MOST_IN_MEMORY: usize = 4 * KEPT;
/// How long it is kept by itself who called in a stretch, at first: before it is an hour's.
pub const STRETCH: Minutes = Minutes(5);
/// Minutes of a fine stretch, and of a coarse one.
const FINE: i32 = STRETCH.0;
const HOUR: i32 = 60;

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
