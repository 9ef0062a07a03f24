//! A batch: some log files, read into rows of numbers on one core.
//!
//! A batch knows nothing of what was read before it: texts and keys have numbers of its own, and whether a record is a
//! copy is decided later, in order (`merge`). So batches can be read on all cores at once.

use std::hash::BuildHasher;

use detect::engine::Settings;
use record::api_call::{self, ApiCall, Record};
use record::event_id::EventId;
use record::insight::Attribute;
use record::log_file::Reader;
use record::names::EventCategory;
use record::texts::{AgainEach, NO_TEXT, Texts, ValueNumbers};
use record::time::Minute;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::filters::{Filters, Place};
use super::reconciliation::{Filtered, Reconciliation};

/// An API in an account and Region, as numbers of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Api {
    /// recipientAccountId.
    pub account: u32,
    /// awsRegion.
    pub region: u32,
    /// eventSource.
    pub source: u32,
    /// eventName.
    pub name: u32,
    /// Management or data.
    pub category: EventCategory,
}

/// One record that may count.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// A hash of account and eventID.
    pub id: u64,
    /// Seconds since 1970.
    pub event_time: i64,
    /// Which of the batch's APIs.
    pub api: u32,
    /// Which of the batch's failures plus one; 0: it did not fail.
    pub failure: u32,
    /// Which of the batch's values; `NO_TEXT`: nobody will ask for them.
    pub values: u32,
    /// It says that the account-Region was heard of, no more.
    pub only_heard: bool,
}

impl Row {
    /// The minute of the event.
    pub fn minute(&self) -> Minute {
        Minute::of_seconds(self.event_time)
    }
}

/// What was read from some files.
#[derive(Default)]
pub struct Batch {
    /// All texts.
    pub texts: Texts,
    /// All APIs, and whether one of their calls changes something.
    pub apis: Vec<(Api, bool)>,
    /// All failures: the API, and the text of the code.
    pub failures: Vec<(u32, u32)>,
    /// All rows, in the order of the files.
    pub rows: Vec<Row>,
    /// The values of those rows that have some.
    pub values: Vec<ValueNumbers>,
    /// When the oldest of the files was delivered, of those whose names tell.
    pub delivered: Option<Minute>,
    /// What became of the records that are not rows.
    pub reconciliation: Reconciliation,
    api_index: FxHashMap<Api, u32>,
    failure_index: FxHashMap<(u32, u32), u32>,
    apis_before: AgainEach<4>,
    values_before: AgainEach<{ Attribute::ALL.len() }>,
}

/// What a batch must know to choose what it keeps.
pub struct Scope<'a> {
    /// What is watched.
    pub settings: &'a Settings,
    /// What the user left out.
    pub filters: &'a Filters,
    /// Seconds since 1970 after which an event cannot lie.
    pub latest: i64,
}

impl Batch {
    /// Forgets everything, and keeps the room for the next one.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.apis.clear();
        self.failures.clear();
        self.rows.clear();
        self.values.clear();
        self.delivered = None;
        self.reconciliation = Reconciliation::default();
        self.api_index.clear();
        self.failure_index.clear();
        self.apis_before.clear();
        self.values_before.clear();
    }

    /// Reads one file.
    pub fn read(&mut self, reader: &mut Reader, file: &[u8], place: &Place<'_>, scope: &Scope<'_>) {
        self.reconciliation.files += 1;
        self.delivered = [self.delivered, place.delivered].into_iter().flatten().min();
        let latest = latest_in(place, scope.latest);
        let ended = reader.read(file, place.account, |record| {
            self.reconciliation.read += 1;
            match record {
                Ok(Record::Call(call)) => self.call(&call, latest, place, scope),
                Ok(Record::Insight { .. }) => self.reconciliation.filter(Filtered::InsightRecord),
                Err(rejection) => self.reconciliation.reject(rejection.reason.as_str(), place.name, &rejection),
            }
        });
        if let Err(rejected) = ended {
            self.reconciliation.reject_file(place.name, &rejected);
        }
    }

    /// A file that cannot even be opened.
    pub fn cannot_open(&mut self, place: &Place<'_>, why: &str) {
        self.reconciliation.files += 1;
        self.reconciliation.reject_file(place.name, &format_args!("cannot be opened: {why}"));
    }

    fn call(&mut self, call: &ApiCall<'_>, latest: i64, place: &Place<'_>, scope: &Scope<'_>) {
        if let Some(reason) = call.out_of_time(latest) {
            let detail = format_args!("{reason}: {}", Minute::of_seconds(call.event_time));
            return self.reconciliation.reject(reason, place.name, &detail);
        }
        match call.category {
            EventCategory::Insight => return self.reconciliation.filter(Filtered::InsightRecord),
            EventCategory::NetworkActivity => return self.reconciliation.filter(Filtered::NetworkActivity),
            EventCategory::Data if !scope.settings.data_events => {
                return self.reconciliation.filter(Filtered::DataEvent);
            }
            EventCategory::Data | EventCategory::Management => {}
        }
        if !scope.filters.covers_place(&call.account, &call.region) {
            return self.reconciliation.filter(Filtered::ByUser);
        }
        let only_heard = !scope.filters.covers_api(&call.source, &call.name);
        if only_heard {
            self.reconciliation.filter(Filtered::ByUser);
        }
        let api = self.api(call);
        let id = id_of(call);
        let mut row = Row { id, event_time: call.event_time, api, failure: 0, values: NO_TEXT, only_heard };
        if !only_heard {
            if let Some(code) = call.plain_error_code() {
                row.failure = self.failure(api, code);
            }
            let is_watched =
                !call.read_only || row.failure > 0 || scope.settings.reads || call.category == EventCategory::Data;
            if is_watched {
                row.values = self.values.len() as u32;
                let values = self.values_of(call);
                self.values.push(values);
            }
            self.apis[api as usize].1 |= !call.read_only;
        }
        self.rows.push(row);
    }

    fn api(&mut self, call: &ApiCall<'_>) -> u32 {
        let names = [&*call.account, &*call.region, &*call.source, &*call.name].map(Some);
        let [account, region, source, name] = self.apis_before.numbers(names, &mut self.texts);
        let api = Api { account, region, source, name, category: call.category };
        *self.api_index.entry(api).or_insert_with(|| {
            self.apis.push((api, false));
            self.apis.len() as u32 - 1
        })
    }

    fn failure(&mut self, api: u32, code: &str) -> u32 {
        let key = (api, self.texts.number(code));
        *self.failure_index.entry(key).or_insert_with(|| {
            self.failures.push(key);
            self.failures.len() as u32
        })
    }

    fn values_of(&mut self, call: &ApiCall<'_>) -> ValueNumbers {
        let values = Attribute::ALL.map(|attribute| call.attribute(attribute));
        self.values_before.numbers(values, &mut self.texts)
    }
}

/// Seconds since 1970 after which no event of a file can lie: when it was delivered, or `latest`, where its name tells no time or
/// one that is still to come.
pub fn latest_in(place: &Place<'_>, latest: i64) -> i64 {
    api_call::latest(place.delivered, latest).min(latest)
}

/// Copies of a record have the same id in the same account.
#[inline]
pub fn id_of(call: &ApiCall<'_>) -> u64 {
    let EventId(id) = call.event_id;
    FxBuildHasher.hash_one((id as u64, (id >> 64) as u64, &*call.account))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One such file would have the whole run last for thousands of years.
    #[test]
    fn a_file_that_is_named_for_a_day_to_come_has_no_event_of_that_day() {
        let latest = 1_770_906_600;
        let of = |delivered| latest_in(&Place { name: "x", account: None, delivered }, latest);
        assert_eq!(of(None), latest);
        assert_eq!(of(Some(Minute::of_seconds(latest - 86_400))), latest - 86_400 + api_call::CLOCK_SKEW);
        assert_eq!(of(Some(Minute::of_seconds(latest + 600))), latest);
        assert_eq!(of(Some(Minute(i32::MAX))), latest);
    }
}
