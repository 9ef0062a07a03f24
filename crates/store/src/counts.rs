//! Counts: calls a minute of every series, and of every account-Region.
//!
//! The truth that the detector starts from. One blob holds the minutes of a series and UTC day, its key is the day and the
//! series: a batch writes into the few pages of today, a start reads weeks in one sweep, and old days are dropped from the
//! front. Adding is order-free, as in [`Tally`]: what is loaded is what was added, however it was cut.

mod loading;

use detect::counts::Counts;
use detect::tally::{SeriesId, Tally};
use record::insight::Subject;
use record::names::{AccountId, ErrorCode, EventName, EventSource, Region};
use record::time::{DAY, Minute, Minutes};
use rusqlite::OptionalExtension;

use crate::coding::{Pair, merge_day, pack_day, unpack_day};
use crate::error::{Cause, doing};
use crate::series::{category_of, slot};
use crate::{Reader, StoreError, Writer};

/// Where the minutes of series, and of account-Regions, are.
const OF_SERIES: Table = Table {
    get: "SELECT minutes FROM counts WHERE slot = ?1",
    put: "INSERT INTO counts (slot, minutes) VALUES (?1, ?2) ON CONFLICT (slot) DO UPDATE SET minutes = excluded.minutes",
    span: "SELECT (SELECT min(slot) FROM counts), (SELECT max(slot) FROM counts)",
    within: "SELECT slot, minutes FROM counts WHERE slot BETWEEN ?1 AND ?2 ORDER BY slot",
    forget: "DELETE FROM counts WHERE slot < ?1",
};
const OF_REGIONS: Table = Table {
    get: "SELECT minutes FROM activity WHERE slot = ?1",
    put: "INSERT INTO activity (slot, minutes) VALUES (?1, ?2) ON CONFLICT (slot) DO UPDATE SET minutes = excluded.minutes",
    span: "SELECT (SELECT min(slot) FROM activity), (SELECT max(slot) FROM activity)",
    within: "SELECT slot, minutes FROM activity WHERE slot BETWEEN ?1 AND ?2 ORDER BY slot",
    forget: "DELETE FROM activity WHERE slot < ?1",
};

struct Table {
    get: &'static str,
    put: &'static str,
    span: &'static str,
    within: &'static str,
    forget: &'static str,
}

fn day_of(minute: Minute) -> i32 {
    minute.0.div_euclid(DAY.0)
}

/// Minutes in order, cut into days.
fn days(minutes: &[(Minute, u32)]) -> impl Iterator<Item = (i32, Vec<Pair>)> {
    minutes.chunk_by(|a, b| day_of(a.0) == day_of(b.0)).map(|day| {
        let pairs = day.iter().map(|&(minute, calls)| (minute.0.rem_euclid(DAY.0) as u16, calls));
        (day_of(day[0].0), pairs.collect())
    })
}

fn all_of(counts: &Counts) -> Vec<(Minute, u32)> {
    let mut all = counts.within(Minute(i32::MIN), Minute(i32::MAX));
    // Of one minute there may be a late and an early count.
    all.dedup_by(|later, first| {
        let is_same = later.0 == first.0;
        first.1 = if is_same { first.1.saturating_add(later.1) } else { first.1 };
        is_same
    });
    all
}

/// The series of a batch whose counts were added, as they are known here.
#[derive(Debug)]
pub struct CountedSeries(Vec<Option<u32>>);

impl CountedSeries {
    /// The number of one of them; `None` where the batch counted nothing.
    pub(crate) fn number(&self, SeriesId(id): SeriesId) -> Option<u32> {
        self.0.get(id as usize).copied().flatten()
    }
}

impl Writer<'_> {
    /// Adds the counts of a batch: calls of series, activity and watched minutes of account-Regions.
    pub fn add_counts(&self, batch: &Tally) -> Result<CountedSeries, StoreError> {
        let work = || {
            let (mut numbers, mut of_series) = (Vec::new(), vec![None; batch.all_series().len()]);
            for (_, region) in batch.all_regions() {
                let number = self.region(&region.account, &region.region)?;
                numbers.push(number);
                self.add_minutes(&OF_REGIONS, number, &all_of(&region.activity))?;
                if let Some((first, last)) = region.span() {
                    self.watched(number, first, last)?;
                    self.unlearn(number, first)?;
                }
            }
            for (SeriesId(id), counted) in batch.all_series() {
                let minutes = all_of(&counted.counts);
                let Some(last) = minutes.last() else {
                    if counted.writes {
                        self.series_writes(&counted.subject)?;
                    }
                    continue;
                };
                let region = numbers[counted.region.0 as usize];
                let number = self.series(region, counted, day_of(last.0))?;
                self.add_minutes(&OF_SERIES, number, &minutes)?;
                of_series[id as usize] = Some(number);
            }
            Ok(CountedSeries(of_series))
        };
        self.doing(|| "add the counts of a batch".into(), work)
    }

    fn add_minutes(&self, table: &Table, number: u32, minutes: &[(Minute, u32)]) -> Result<(), Cause> {
        let mut get = self.prepare(table.get)?;
        let mut put = self.prepare(table.put)?;
        let (mut merged, mut blob) = (Vec::new(), Vec::new());
        for (day, pairs) in days(minutes) {
            let slot = slot(day, number);
            merged.clear();
            let merging = |row: &rusqlite::Row<'_>| Ok(merge_day(row.get_ref(0)?.as_blob()?, &pairs, &mut merged));
            let is_there = get.query_row([slot], merging).optional()?.transpose()?.is_some();
            blob.clear();
            pack_day(if is_there { &merged } else { &pairs }, &mut blob);
            put.execute((slot, &blob))?;
        }
        Ok(())
    }

    fn watched(&self, region: u32, first: Minute, last: Minute) -> Result<(), Cause> {
        self.execute(
            "UPDATE region SET watched_from = min(ifnull(watched_from, ?2), ?2), \
             watched_to = max(ifnull(watched_to, ?3), ?3) WHERE id = ?1",
            (region, first.0, last.0),
        )?;
        Ok(())
    }

    /// Forgets the days before that of this minute, and the series that had no call since. Says how many days of series
    /// and Regions that were.
    pub fn expire_counts(&self, before: Minute) -> Result<usize, StoreError> {
        let work = || {
            let day = day_of(before);
            let forgotten = self.execute(OF_SERIES.forget, [slot(day, 0)])?;
            let of_regions = self.execute(OF_REGIONS.forget, [slot(day, 0)])?;
            self.execute("DELETE FROM series WHERE last_day < ?1", [day])?;
            Ok(forgotten + of_regions)
        };
        self.doing(|| format!("forget the counts before {before}"), work)
    }
}

impl Reader<'_> {
    /// The minutes with calls of one series within [from, until), in order.
    pub fn counts(&self, subject: &Subject, from: Minute, until: Minute) -> Result<Vec<(Minute, u32)>, StoreError> {
        let work = || match self.find_series(subject)? {
            Some(known) => self.minutes(&OF_SERIES, known.number, from, until),
            None => Ok(Vec::new()),
        };
        doing(|| format!("read the counts of {} {}", subject.source, subject.name), work)
    }

    /// The minutes with calls of any kind of one account-Region within [from, until), in order.
    pub fn activity(
        &self,
        account: &AccountId,
        region: &Region,
        from: Minute,
        until: Minute,
    ) -> Result<Vec<(Minute, u32)>, StoreError> {
        let work = || match self.find_region(account, region)? {
            Some(number) => self.minutes(&OF_REGIONS, number, from, until),
            None => Ok(Vec::new()),
        };
        doing(|| format!("read the activity of account {account} in {region}"), work)
    }

    fn minutes(&self, table: &Table, number: u32, from: Minute, until: Minute) -> Result<Vec<(Minute, u32)>, Cause> {
        let mut out = Vec::new();
        let Some((first, last)) = self.stretches(table.span)?.filter(|_| from < until) else { return Ok(out) };
        let mut get = self.prepare(table.get)?;
        for day in day_of(from).max(first)..=day_of(Minute(until.0 - 1)).min(last) {
            let start = Minute(day * DAY.0);
            let reading = |row: &rusqlite::Row<'_>| {
                Ok(unpack_day(row.get_ref(0)?.as_blob()?, |minute, calls| {
                    let minute = start + Minutes(minute.into());
                    if from <= minute && minute < until {
                        out.push((minute, calls));
                    }
                }))
            };
            get.query_row([slot(day, number)], reading).optional()?.transpose()?;
        }
        Ok(out)
    }

    /// The series that had a call since the day of this minute, of an account, a Region, or all of them; in the order of accounts,
    /// Regions and names.
    pub fn subjects(
        &self,
        account: Option<&str>,
        region: Option<&str>,
        since: Minute,
    ) -> Result<Vec<Subject>, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT account, region.region, source, name, error, category \
                 FROM series JOIN region ON region.id = series.region \
                 WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR region.region = ?2) AND last_day >= ?3 \
                 ORDER BY account, region.region, source, name, error, category",
            )?;
            let mut rows = all.query((account, region, day_of(since)))?;
            let mut subjects = Vec::new();
            while let Some(row) = rows.next()? {
                subjects.push(subject_of(row, 0)?);
            }
            Ok(subjects)
        };
        doing(|| "list the series that are counted".into(), work)
    }
}

/// account, region, source, name, error, category: from this column on.
fn subject_of(row: &rusqlite::Row<'_>, at: usize) -> Result<Subject, Cause> {
    let text = |column: usize| row.get_ref(at + column)?.as_str().map_err(not_ours);
    let error = row.get_ref(at + 4)?.as_str_or_null().map_err(not_ours)?;
    Ok(Subject {
        account: text(0)?.into(),
        region: text(1)?.into(),
        source: EventSource::from(text(2)?),
        name: EventName::from(text(3)?),
        error: error.map(ErrorCode::from),
        category: category_of(row.get(at + 5)?)?,
    })
}

fn not_ours(_: rusqlite::types::FromSqlError) -> Cause {
    Cause::Damaged("a value of another type than its column's")
}
