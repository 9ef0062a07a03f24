//! Loading: all that was counted since some minute, in one sweep over the days.

use detect::tally::{RegionId, SeriesId, Tally};
use record::insight::Subject;
use record::names::{AccountId, Region};
use record::time::{DAY, Minute, Minutes};
use rustc_hash::FxHashMap;

use super::{OF_REGIONS, OF_SERIES, Table, day_of, not_ours, subject_of};
use crate::coding::unpack_day;
use crate::error::{Cause, doing};
use crate::series::{number_of, slot, stretch_of};
use crate::{Reader, StoreError};

impl Reader<'_> {
    /// Everything counted from this minute on: what the engine starts from.
    pub fn load_tally(&self, from: Minute) -> Result<Tally, StoreError> {
        self.load_tally_since(from, |_| Some(from))
    }

    /// As [`load_tally`](Reader::load_tally), of each account from a minute of its own on, none before `from`; `None`: nothing.
    pub fn load_tally_since(
        &self,
        from: Minute,
        since: impl Fn(&AccountId) -> Option<Minute>,
    ) -> Result<Tally, StoreError> {
        let work = || {
            let mut tally = Tally::new();
            let regions = self.load_regions(&mut tally, from, &since)?;
            let series = self.load_series(&mut tally, from, &since)?;
            let ever = Minute(i32::MAX);
            self.each_day(&OF_REGIONS, &regions, ever, |region, minute, calls| {
                tally.add_activity(region, minute, calls);
            })?;
            self.each_day(&OF_SERIES, &series, ever, |id, minute, calls| tally.add(id, minute, calls))?;
            Ok(tally)
        };
        doing(|| format!("load the counts since {from}"), work)
    }

    /// The account-Regions that were watched since then, and since when their counts are wanted.
    fn load_regions(
        &self,
        tally: &mut Tally,
        from: Minute,
        since: impl Fn(&AccountId) -> Option<Minute>,
    ) -> Result<FxHashMap<u32, (RegionId, Minute)>, Cause> {
        let mut all = self.prepare(
            "SELECT id, account, region, watched_from, watched_to FROM region WHERE watched_to >= ?1 ORDER BY id",
        )?;
        let mut rows = all.query([from.0])?;
        let mut regions = FxHashMap::default();
        while let Some(row) = rows.next()? {
            let account = AccountId::from(row.get_ref(1)?.as_str().map_err(not_ours)?);
            let (first, last) = (Minute(row.get(3)?), Minute(row.get(4)?));
            let Some(since) = since(&account).map(|since| since.max(from)).filter(|since| last >= *since) else {
                continue;
            };
            let region = Region::from(row.get_ref(2)?.as_str().map_err(not_ours)?);
            let id = tally.region(&account, &region);
            tally.watch(id, first.max(since), last);
            regions.insert(row.get(0)?, (id, since));
        }
        Ok(regions)
    }

    /// The series with calls since the day of then, and since when their counts are wanted.
    fn load_series(
        &self,
        tally: &mut Tally,
        from: Minute,
        since: impl Fn(&AccountId) -> Option<Minute>,
    ) -> Result<FxHashMap<u32, (SeriesId, Minute)>, Cause> {
        let mut all = self.prepare(
            "SELECT series.id, account, region.region, source, name, error, category, writes, last_day \
             FROM series JOIN region ON region.id = series.region WHERE last_day >= ?1 ORDER BY series.id",
        )?;
        let mut rows = all.query([day_of(from)])?;
        let mut series = FxHashMap::default();
        while let Some(row) = rows.next()? {
            let subject = subject_of(row, 1)?;
            let last_day: i32 = row.get(8)?;
            let since = since(&subject.account).map(|since| since.max(from));
            let Some(since) = since.filter(|since| last_day >= day_of(*since)) else { continue };
            let id = tally.series(&subject);
            if row.get(7)? {
                tally.has_writes(id);
            }
            series.insert(row.get(0)?, (id, since));
        }
        Ok(series)
    }

    /// Visits every minute with calls up to the last, day by day, of what has these numbers, each since a minute of its own.
    fn each_day<Id: Copy>(
        &self,
        table: &Table,
        known: &FxHashMap<u32, (Id, Minute)>,
        last: Minute,
        mut each: impl FnMut(Id, Minute, u32),
    ) -> Result<(), Cause> {
        let Some(from) = known.values().map(|known| known.1).min() else { return Ok(()) };
        let mut all = self.prepare(table.within)?;
        let mut rows = all.query([slot(day_of(from), 0), slot(day_of(last), u32::MAX)])?;
        while let Some(row) = rows.next()? {
            let slot: i64 = row.get(0)?;
            let Some(&(id, since)) = known.get(&number_of(slot)) else { continue };
            let start = Minute(stretch_of(slot) * DAY.0);
            if start + DAY <= since {
                continue;
            }
            unpack_day(row.get_ref(1)?.as_blob().map_err(not_ours)?, |minute, calls| {
                let minute = start + Minutes(minute.into());
                if since <= minute && minute <= last {
                    each(id, minute, calls);
                }
            })?;
        }
        Ok(())
    }

    /// Each series that is wanted and was called within [from, until), and how often.
    pub fn called(
        &self,
        from: Minute,
        until: Minute,
        is_wanted: impl Fn(&Subject) -> bool,
    ) -> Result<Vec<(Subject, u64)>, StoreError> {
        let work = || {
            if from >= until {
                return Ok(Vec::new());
            }
            let mut tally = Tally::new();
            let mut series = self.load_series(&mut tally, from, |_| Some(from))?;
            series.retain(|_, (id, _)| is_wanted(&tally.counted(*id).subject));
            let mut sums = vec![0; tally.all_series().len()];
            self.each_day(&OF_SERIES, &series, Minute(until.0 - 1), |SeriesId(id), _, calls| {
                sums[id as usize] += u64::from(calls);
            })?;
            let called = tally.all_series().zip(sums).filter(|(_, calls)| *calls > 0);
            Ok(called.map(|((_, counted), calls)| (counted.subject.clone(), calls)).collect())
        };
        doing(|| format!("count the calls from {from} to {until}"), work)
    }
}
