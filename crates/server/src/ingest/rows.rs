//! Rows: the records of a batch as numbers, from which it is counted what turns out to be new.

use std::sync::Arc;

use detect::tally::{SeriesId, Tally};
use record::api_call::ApiCall;
use record::insight::{Attribute, Subject};
use record::names::{AccountId, EventCategory};
use record::texts::{AgainEach, Texts, ValueNumbers};
use record::time::Minute;
use rustc_hash::FxHashMap;
use store::StoreError;
use store::attribution_counts::AttributionBatch;
use store::event_ids::{EventHour, fingerprint};

use super::Ingested;
use crate::watchers::Sources;

/// The records of a batch, as numbers.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// Whose log files lie where, as far as the records read so far tell.
    pub(super) sources: Arc<Sources>,
    /// Series of the batch, without counts until it is known what is new.
    tally: Tally,
    apis: FxHashMap<Api, SeriesId>,
    /// By the series of their API, and the text of the code.
    failures: FxHashMap<(SeriesId, u32), SeriesId>,
    /// Names of accounts, Regions, APIs and codes.
    names: Texts,
    before: AgainEach<4>,
    pub(super) who: AttributionBatch,
    /// Records that are not counted, and would be but for what they are copies of, or their time.
    pub(super) left_out: Vec<Place>,
    /// Account, hour and id of each row, for those who look for copies.
    ids: Vec<(u32, EventHour, u64, u32)>,
}

/// An API in an account and Region, as numbers of names.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Api {
    account: u32,
    region: u32,
    source: u32,
    name: u32,
    category: EventCategory,
}

#[derive(Debug)]
pub(super) struct Row {
    api: SeriesId,
    failure: Option<SeriesId>,
    /// The number of its name.
    account: u32,
    event_time: i64,
    id: u64,
    values: ValueNumbers,
    place: Place,
}

/// Where a record stands: in which file of the batch, and there after so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) file: u32,
    pub(super) record: u32,
}

impl Rows {
    /// The record in a row.
    pub(super) fn place_of(&self, row: usize) -> Option<Place> {
        self.rows.get(row).map(|row| row.place)
    }

    pub(super) fn add(&mut self, call: &ApiCall<'_>, place: Place) {
        let (account, api) = self.api(call);
        if !call.read_only {
            self.tally.has_writes(api);
        }
        let failure = call.plain_error_code().map(|code| self.failure(api, code));
        let values = self.who.numbers(&Attribute::ALL.map(|attribute| call.attribute(attribute)));
        let id = fingerprint(call.event_id);
        self.rows.push(Row { api, failure, account, event_time: call.event_time, id, values, place });
    }

    /// The number of the account, and the series of the API.
    fn api(&mut self, call: &ApiCall<'_>) -> (u32, SeriesId) {
        let names = [&*call.account, &*call.region, &*call.source, &*call.name].map(Some);
        let [account, region, source, name] = self.before.numbers(names, &mut self.names);
        let api = Api { account, region, source, name, category: call.category };
        let series = self.apis.entry(api).or_insert_with(|| {
            self.tally.series(&Subject {
                account: (&*call.account).into(),
                region: (&*call.region).into(),
                source: (&*call.source).into(),
                name: (&*call.name).into(),
                error: None,
                category: call.category,
            })
        });
        (account, *series)
    }

    fn failure(&mut self, api: SeriesId, code: &str) -> SeriesId {
        *self.failures.entry((api, self.names.number(code))).or_insert_with(|| {
            let subject = self.tally.counted(api).subject.clone();
            self.tally.series(&Subject { error: Some(code.into()), ..subject })
        })
    }

    pub(super) fn clear(&mut self) {
        self.sources = Arc::default();
        self.rows.clear();
        self.tally = Tally::new();
        self.apis.clear();
        self.failures.clear();
        self.names.clear();
        self.before.clear();
        self.who.clear();
        self.left_out.clear();
        self.ids.clear();
    }

    pub(super) fn are_in_order(&self) -> bool {
        self.ids.len() == self.rows.len()
    }

    /// Ids are put in the order in which copies are looked for, and texts in that in which they are kept.
    pub(super) fn put_in_order(&mut self) {
        self.ids.clear();
        let hour = |row: &Row| EventHour::of_seconds(row.event_time);
        self.ids.extend((0..).zip(&self.rows).map(|(at, row)| (row.account, hour(row), row.id, at)));
        // Of two with the same id, that which came first is the first here.
        self.ids.sort_unstable();
        self.who.put_in_order();
    }

    /// Of each row, whether no copy of it was there before.
    pub(super) fn new_ones(
        &mut self,
        mut ask: impl FnMut(&AccountId, EventHour, &[u64]) -> Result<Vec<bool>, StoreError>,
    ) -> Result<Vec<bool>, StoreError> {
        let mut is_new = vec![false; self.rows.len()];
        let mut ids = Vec::new();
        for rows in self.ids.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            ids.clear();
            ids.extend(rows.iter().map(|row| row.2));
            let account = self.names.text(rows[0].0).into();
            for (row, new) in rows.iter().zip(ask(&account, rows[0].1, &ids)?) {
                is_new[row.3 as usize] = new;
            }
        }
        Ok(is_new)
    }

    /// Counts what is new.
    pub(super) fn count(&mut self, is_new: &[bool], told: &mut Ingested) {
        for (row, is_new) in self.rows.iter().zip(is_new) {
            if !is_new {
                told.duplicates += 1;
                self.left_out.push(row.place);
                continue;
            }
            told.counted += 1;
            let minute = Minute::of_seconds(row.event_time);
            self.tally.add_activity(self.tally.counted(row.api).region, minute, 1);
            for series in [Some(row.api), row.failure].into_iter().flatten() {
                self.tally.add(series, minute, 1);
                self.who.add_numbered(series, minute, row.values, 1);
            }
        }
        told.tally = std::mem::take(&mut self.tally);
    }
}
