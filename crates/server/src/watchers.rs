//! Watchers: the trails, and what each of them reads, logs, looks for and is told.
//!
//! ```text
//!  a key of its bucket ──reads──► counted once, whichever trails read it
//!  a record            ──logs───► the rules of the bus, if some trail logs it
//!  an insight          ──looks at, since when, mutes, how rare──► kept · told
//! ```
//!
//! A trail has to do with every account whose log files lie where it reads: AWS puts those of one account there, or those of
//! an organization. Counts do not ask; what is looked for, kept and told does.

use std::collections::BTreeSet;
use std::sync::Arc;

use detect::engine::{Settings, SettingsBook};
use record::api_call::ApiCall;
use record::insight::{Insight, Subject};
use record::log_key::LogKey;
use record::names::{AccountId, EventCategory, Region};
use record::time::Minute;
use store::insights::Origin;
use store::{List, Reader, StoreError};

use crate::cloudtrail::event_selectors::{ApiFacts, EventFacts};
use crate::cloudtrail::{EventDataStore, Trail, TrailTags};
use crate::context::Place;
use crate::pipeline::ObjectName;

mod sources;

pub(crate) use sources::{Sources, TrailSource};

/// A trail and what its tags say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Watcher {
    pub(crate) trail: Trail,
    pub(crate) tags: TrailTags,
    /// Why the tags say nothing, if they are not understood.
    tags_fault: Option<String>,
    /// How the keys of its log files may begin.
    starts: Vec<String>,
}

impl Watcher {
    fn new(trail: Trail, tags: Result<TrailTags, String>) -> Watcher {
        let starts = trail.key_starts().collect();
        let (tags, tags_fault) = match tags {
            Ok(tags) => (tags, None),
            // They were read when they were set; what an older version took is not lost for that.
            Err(fault) => (TrailTags::default(), Some(fault)),
        };
        Watcher { trail, tags, tags_fault, starts }
    }

    /// How a key of its bucket begins, if it is logging and reads log files of this Region there.
    fn reads(&self, bucket: &str, key: &str, region: &Region) -> Option<&str> {
        let Watcher { trail, starts, .. } = self;
        let is_read = trail.is_logging && trail.bucket == bucket && trail.covers(region);
        starts.iter().map(String::as_str).find(|start| is_read && key.starts_with(start))
    }

    /// Where the log files lie that it reads: bucket, and how the keys begin. Nowhere, if it is not logging.
    pub(crate) fn places(&self) -> impl Iterator<Item = ObjectName> {
        let Watcher { trail, starts, .. } = self;
        starts.iter().filter(|_| trail.is_logging).map(|start| (trail.bucket.clone(), start.clone()))
    }

    /// Whether log files of this source lie where it reads.
    fn finds(&self, source: &TrailSource) -> bool {
        source.bucket == self.trail.bucket && self.starts.contains(&source.start)
    }
}

/// The trails of the account, and whose log files lie where.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Watchers {
    pub(crate) all: Vec<Watcher>,
    /// The event data stores that look for insights.
    stores: Vec<EventDataStore>,
    pub(crate) sources: Arc<Sources>,
    /// The accounts that were heard of within 28 days: what is accepted in total is theirs to share.
    active: BTreeSet<AccountId>,
}

impl Watchers {
    /// As it is now.
    pub(crate) fn read(r: &Reader<'_>, place: &Place, active: BTreeSet<AccountId>) -> Result<Watchers, StoreError> {
        Watchers::knowing(Arc::new(Sources::read(r)?), r, place, active)
    }

    /// As it is now, for somebody who keeps the sources.
    pub(crate) fn knowing(
        sources: Arc<Sources>,
        r: &Reader<'_>,
        place: &Place,
        active: BTreeSet<AccountId>,
    ) -> Result<Watchers, StoreError> {
        let list = List { account: Some(place.account.clone()), ..List::default() };
        let mut all = Vec::new();
        for trail in r.list::<Trail>(&list)? {
            let tags = TrailTags::of(&r.tags(&trail.value.arn)?).map_err(|error| error.to_string());
            all.push(Watcher::new(trail.value, tags));
        }
        let stores = r.list::<EventDataStore>(&list)?.into_iter().map(|stored| stored.value);
        let stores = stores.filter(EventDataStore::looks_for_insights).collect();
        Ok(Watchers { all, stores, sources, active })
    }

    /// The trails whose tags are not understood, and why; those of which that was known before are left out.
    pub(crate) fn tags_faults<'w>(&'w self, before: &'w Watchers) -> impl Iterator<Item = (&'w Trail, &'w str)> {
        self.all.iter().filter_map(|Watcher { trail, tags_fault, .. }| {
            let known = before.find(&trail.arn).and_then(|watcher| watcher.tags_fault.as_ref());
            tags_fault.as_ref().filter(|fault| known != Some(fault)).map(|fault| (trail, fault.as_str()))
        })
    }

    /// Where the log files of logging trails lie: buckets, and how the keys begin.
    pub(crate) fn places(&self) -> BTreeSet<ObjectName> {
        self.all.iter().flat_map(Watcher::places).collect()
    }

    /// Whose log file it is, if a trail that is logging reads it.
    pub(crate) fn source(&self, bucket: &str, key: &str, told: &LogKey) -> Option<TrailSource> {
        let region = Region::from(&*told.region);
        let start = self.all.iter().find_map(|watcher| watcher.reads(bucket, key, &region))?.to_owned();
        let (bucket, account) = (bucket.to_owned(), AccountId::from(&*told.account));
        Some(TrailSource { bucket, start, account, region, organization: told.organization.clone() })
    }

    /// The trails that read this log file.
    pub(crate) fn reading(&self, bucket: &str, key: &str, region: &Region) -> impl Iterator<Item = &Watcher> {
        self.all.iter().filter(move |watcher| watcher.reads(bucket, key, region).is_some())
    }

    /// The trails that log this record, and did when it was made, each with where it reads log files of its account-Region.
    /// `sources`: ours, and what the record's own log file tells.
    pub(crate) fn logging<'w, 's>(
        &'w self,
        sources: &'s Sources,
        call: &ApiCall<'_>,
    ) -> impl Iterator<Item = (&'w Watcher, &'s TrailSource)> {
        let region = Region::from(&*call.region);
        let lying = sources.of(&AccountId::from(&*call.account), &region);
        let facts = EventFacts::of(call);
        let minute = Minute::of_seconds(call.event_time);
        self.all.iter().filter_map(move |watcher| {
            let Watcher { trail, .. } = watcher;
            let source = lying.iter().find(|source| watcher.finds(source))?;
            let logs = trail.started_at.is_some_and(|since| minute >= minute_of(since))
                && trail.is_logging
                && trail.covers(&region)
                && trail.includes(facts.source, &region)
                && trail.logs(&facts);
            logs.then_some((watcher, source))
        })
    }

    /// The source that a trail reads of an account-Region; `None`: the account is none of its business.
    pub(crate) fn source_of(&self, watcher: &Watcher, subject: &Subject) -> Option<&TrailSource> {
        self.sources.of(&subject.account, &subject.region).iter().find(|source| watcher.finds(source))
    }

    /// Whether a trail looks at the rate of this API: it logs its calls, and looks for insights of this kind in them.
    ///
    /// Call rates of management events are those of APIs that write; reads are a choice.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html>
    fn looks_at(&self, watcher: &Watcher, subject: &Subject, writes: bool) -> bool {
        let Watcher { trail, tags, .. } = watcher;
        let (category, source) = (subject.category, subject.source.as_str());
        let api = ApiFacts { category, read_only: !writes, source, name: subject.name.as_str() };
        trail.is_logging
            && trail.covers(&subject.region)
            && self.source_of(watcher, subject).is_some()
            && trail.looks_for(subject.insight_type(), category)
            && (writes || category != EventCategory::Management || subject.error.is_some() || tags.reads_events())
            && trail.includes(source, &subject.region)
            && trail.event_selectors.may_log_api(&api)
    }

    /// What an insight is to us: live, of history, or nothing that anybody looks for. What began before some trail that
    /// looks for it was logging is history, and so is what was called before `settings_since`, when something else was
    /// looked for; and what only event data stores look for, which is asked in SQL and told to nobody.
    pub(crate) fn origin(&self, insight: &Insight, writes: bool, settings_since: Minute) -> Option<Origin> {
        let mut looking = self.all.iter().filter(|watcher| self.looks_at(watcher, &insight.subject, writes)).peekable();
        if looking.peek().is_none() {
            let is_in_a_store = self.stores.iter().any(|store| store.looks_at(&insight.subject, writes));
            return is_in_a_store.then_some(Origin::History);
        }
        let is_live = insight.called >= settings_since && looking.any(|watcher| since(&watcher.trail) <= insight.start);
        Some(if is_live { Origin::Live } else { Origin::History })
    }

    /// Who is told of a live insight that begins: those who look at it, were logging when it began, do not mute it, and ask
    /// for no rarer ones.
    pub(crate) fn told(&self, insight: &Insight, writes: bool) -> impl Iterator<Item = &Watcher> {
        self.all.iter().filter(move |watcher| {
            let subject = &insight.subject;
            self.looks_at(watcher, subject, writes)
                && since(&watcher.trail) <= insight.start
                && !watcher.tags.mutes(&subject.source, &subject.name)
                && self.is_rare_enough(watcher, insight)
        })
    }

    /// Whether a trail that accepts fewer false alarms than what was found with accepts this one: B times fewer ask for a
    /// rarity that is log10 B higher.
    fn is_rare_enough(&self, watcher: &Watcher, insight: &Insight) -> bool {
        let why = &insight.explanation;
        let Some(own) = self.false_alarms(watcher) else { return true };
        own >= why.false_alarms_per_month || why.rarity >= why.threshold + (why.false_alarms_per_month / own).log10()
    }

    /// The false alarms that a trail accepts, an account and month.
    fn false_alarms(&self, watcher: &Watcher) -> Option<f64> {
        let said = watcher.tags.false_alarms()?;
        if !said.in_total {
            return Some(said.per_month);
        }
        let accounts: BTreeSet<&AccountId> = self
            .sources_of(watcher)
            .map(|source| &source.account)
            .filter(|&account| self.active.contains(account))
            .collect();
        Some(said.per_month / accounts.len().max(1) as f64)
    }

    fn sources_of<'w>(&'w self, watcher: &'w Watcher) -> impl Iterator<Item = &'w TrailSource> {
        self.sources.iter().filter(|source| watcher.finds(source))
    }

    /// What the engine is to look for in each account. Of several trails that look at an account, the one that accepts the
    /// most false alarms decides what is found; the others are told only what is rare enough for them.
    pub(crate) fn settings(&self, usual: Settings) -> SettingsBook {
        let mut book = SettingsBook::from(usual);
        let looking = |watcher: &&Watcher| watcher.trail.is_logging && !watcher.trail.insight_selectors.is_empty();
        for watcher in self.all.iter().filter(looking) {
            let alarms = self.false_alarms(watcher).unwrap_or(usual.false_alarms_per_month);
            let data = watcher.trail.insight_selectors.iter().any(|selector| selector.is_of(EventCategory::Data));
            for source in self.sources_of(watcher) {
                let settings = book
                    .accounts
                    .entry(source.account.clone())
                    .or_insert(Settings { false_alarms_per_month: alarms, ..usual });
                settings.false_alarms_per_month = settings.false_alarms_per_month.max(alarms);
                settings.reads |= watcher.tags.reads_events();
                settings.data_events |= data;
            }
        }
        book
    }

    /// A trail, by its ARN.
    pub(crate) fn find(&self, arn: &str) -> Option<&Watcher> {
        self.all.iter().find(|watcher| watcher.trail.arn == arn)
    }
}

/// Since when a trail is told of insights.
fn since(trail: &Trail) -> Minute {
    let since = trail.started_at.max(trail.insights_since);
    since.map_or(Minute(i32::MAX), minute_of)
}

fn minute_of(moment: wire::Timestamp) -> Minute {
    Minute::of_seconds(moment.0.as_second())
}
