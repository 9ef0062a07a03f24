//! Tell: who is told of a Start or an End.
//!
//! An insight is written once for each bucket and prefix, whichever trails share it, and published on the bus once. Whoever was
//! told that it began is remembered ([`Audience`]), and is told that it ended: also if the trail was changed, or switched off,
//! meanwhile. Then it ends at once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use record::insight::Insight;
use record::insight_record::{Options, State, event_id, file_key, insight_file, insight_record, shared_event_id};
use route::envelope::write_insight_event;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::insights::Origin;
use store::{Key, List, Resource, StoreError, Writer};

use crate::bus::{BusName, Event, publish};
use crate::cloudtrail::{Trail, TrailLogEvent, put_into_log_group};
use crate::deliver::Delivering;
use crate::evaluate::Told;
use crate::target::trail_file::File;
use crate::watchers::{Watcher, Watchers};

/// Who was told that an insight began, and not yet that it ended. Its key: the account and Region, and the insight's id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Audience {
    pub(crate) places: Vec<ToldPlace>,
}

/// A place that an insight's files are written to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ToldPlace {
    pub(crate) bucket: String,
    /// What stands before `AWSLogs/`, with its slash.
    pub(crate) folder: String,
    pub(crate) organization: Option<String>,
    pub(crate) has_extra_fields: bool,
    /// The ARNs of the trails that share it.
    pub(crate) trails: Vec<String>,
}

impl Resource for Audience {
    const KIND: &'static str = "insight-audience";
}

impl Audience {
    fn key(insight: &Insight) -> Key {
        Key::new(&insight.subject.account, &insight.subject.region, shared_event_id(insight))
    }

    /// The places of these trails: those that share bucket and prefix are one.
    pub(crate) fn of<'w>(
        watchers: &Watchers,
        told: impl IntoIterator<Item = &'w Watcher>,
        insight: &Insight,
        organization: &str,
    ) -> Audience {
        let mut places: BTreeMap<(String, String), ToldPlace> = BTreeMap::new();
        for watcher in told {
            let Watcher { trail, tags, .. } = watcher;
            let bucket = tags.insights_bucket().unwrap_or(&trail.bucket).to_owned();
            let folder = trail.folder();
            let seen = watchers.source_of(watcher, &insight.subject).and_then(|source| source.organization.clone());
            let own = trail.is_organization.then(|| organization.to_owned());
            let place = places.entry((bucket.clone(), folder.clone())).or_insert_with(|| ToldPlace {
                bucket,
                folder,
                // Beside its log files.
                organization: seen.or(own),
                ..ToldPlace::default()
            });
            place.has_extra_fields |= tags.has_extra_fields();
            place.trails.push(trail.arn.clone());
        }
        Audience { places: places.into_values().collect() }
    }

    /// Takes the trails out that no longer want to be told, and says what they were told at.
    fn split_off(&mut self, watchers: &Watchers) -> Vec<ToldPlace> {
        let is_gone = |arn: &String| {
            watchers
                .find(arn)
                .is_none_or(|watcher| !watcher.trail.is_logging || watcher.trail.insight_selectors.is_empty())
        };
        let mut gone = Vec::new();
        for place in &mut self.places {
            let (left, stay): (Vec<String>, Vec<String>) = place.trails.drain(..).partition(is_gone);
            place.trails = stay;
            // Others that share the place are told later, and it would be told twice.
            if !left.is_empty() && place.trails.is_empty() {
                gone.push(ToldPlace { trails: left, ..place.clone() });
            }
        }
        self.places.retain(|place| !place.trails.is_empty());
        gone
    }
}

/// Tells the trails and the bus.
pub(crate) fn tell(w: &Writer<'_>, cx: &Delivering<'_>, watchers: &Watchers, told: &Told) -> Result<(), StoreError> {
    let Told { insight, state, origin, writes, held_by } = told;
    match (origin, state) {
        (Origin::History, _) => Ok(()),
        (_, State::Start) if held_by.is_some() => Ok(()),
        (Origin::Live | Origin::Test, State::Start) => {
            let audience = Audience::of(watchers, watchers.told(insight, *writes), insight, &cx.place.organization_id);
            begin(w, cx, &audience, insight, *origin)
        }
        (Origin::Live | Origin::Test, State::End) => end(w, cx, insight, *origin),
    }
}

/// Tells an audience that an insight began.
pub(crate) fn begin(
    w: &Writer<'_>,
    cx: &Delivering<'_>,
    audience: &Audience,
    insight: &Insight,
    origin: Origin,
) -> Result<(), StoreError> {
    if audience.places.is_empty() {
        return Ok(());
    }
    w.put(&Audience::key(insight), audience, cx.now)?;
    write_files(w, cx, &audience.places, insight, State::Start)?;
    publish_insight(w, cx, insight, State::Start, origin)
}

/// Tells whoever was told of its Start that an insight ended.
pub(crate) fn end(w: &Writer<'_>, cx: &Delivering<'_>, insight: &Insight, origin: Origin) -> Result<(), StoreError> {
    let key = Audience::key(insight);
    let Some(audience) = w.get::<Audience>(&key)? else { return Ok(()) };
    w.delete::<Audience>(&key)?;
    write_files(w, cx, &audience.value.places, insight, State::End)?;
    publish_insight(w, cx, insight, State::End, origin)
}

/// Insights that nobody is left to be told of; of the others, what is told at once to those who have gone.
pub(crate) fn left_alone(
    w: &Writer<'_>,
    cx: &Delivering<'_>,
    watchers: &Watchers,
    end_now: impl Fn(&Insight) -> Insight,
) -> Result<Vec<(Insight, Origin)>, StoreError> {
    let mut alone = Vec::new();
    for stored in w.list::<Audience>(&List::default())? {
        let mut audience = stored.value;
        let gone = audience.split_off(watchers);
        if gone.is_empty() {
            continue;
        }
        let Some(insight) = w.insight(&stored.key.name)? else {
            w.delete::<Audience>(&stored.key)?;
            continue;
        };
        if audience.places.is_empty() {
            alone.push((insight.insight, insight.origin));
        } else {
            write_files(w, cx, &gone, &end_now(&insight.insight), State::End)?;
            w.put(&stored.key, &audience, cx.now)?;
        }
    }
    Ok(alone)
}

fn write_files(
    w: &Writer<'_>,
    cx: &Delivering<'_>,
    places: &[ToldPlace],
    insight: &Insight,
    state: State,
) -> Result<(), StoreError> {
    for place in places {
        let prefix = Some(place.folder.as_str()).filter(|folder| !folder.is_empty());
        let record = insight_record(insight, state, &Options { strict: !place.has_extra_fields });
        let file = File {
            bucket: place.bucket.clone(),
            key: file_key(insight, state, prefix, place.organization.as_deref()),
            text: insight_file(std::slice::from_ref(&record)),
            trails: place.trails.clone(),
        };
        let in_order = format!("{} {} {}", place.bucket, place.folder, shared_event_id(insight));
        w.add_delivery(&file.delivery(in_order, cx.now), cx.now)?;
        log_insight(w, cx, place, insight, state, &record)?;
    }
    Ok(())
}

/// Puts the record into the log groups of the place's trails.
fn log_insight(
    w: &Writer<'_>,
    cx: &Delivering<'_>,
    place: &ToldPlace,
    insight: &Insight,
    state: State,
    record: &str,
) -> Result<(), StoreError> {
    let Insight { subject, start, end, .. } = insight;
    let minute = if state == State::Start { *start } else { end.unwrap_or(*start) };
    let at = Timestamp::from_second(minute.seconds()).unwrap_or(cx.now);
    let event =
        TrailLogEvent { account: &subject.account, region: &subject.region, at, text: record, is_insight: true };
    for arn in &place.trails {
        let Some(trail) = Trail::of_arn(w, arn)?.filter(|trail| trail.log_group_arn.is_some()) else { continue };
        put_into_log_group(w, &trail, place.organization.as_deref(), &[event], cx.now)?;
    }
    Ok(())
}

fn publish_insight(
    w: &Writer<'_>,
    cx: &Delivering<'_>,
    insight: &Insight,
    state: State,
    origin: Origin,
) -> Result<(), StoreError> {
    let mut record = insight_record(insight, state, &Options { strict: false });
    if origin == Origin::Test {
        record = marked_as_test(&record);
    }
    let id = event_id(insight, state);
    let mut text = Vec::new();
    match write_insight_event(&record, Some(&id), &mut text) {
        Ok(()) => {
            let shared = shared_event_id(insight);
            let event = Event { text: &text, is_read_only_management: false, insight: Some(&shared) };
            publish(w, cx.rules, &BusName::of_services(cx.place), &[event], cx.now)?;
            w.mark_sent(&id, cx.now)?;
        }
        Err(error) => tracing::error!(%error, "an insight makes no event"),
    }
    Ok(())
}

/// So that nobody who reads a test takes it for anything else.
fn marked_as_test(record: &str) -> String {
    match serde_json::from_str::<serde_json::Map<String, Value>>(record) {
        Ok(mut fields) => {
            fields.insert("trailsightTest".into(), Value::Bool(true));
            serde_json::to_string(&fields).unwrap_or_else(|_| record.to_owned())
        }
        Err(_) => record.to_owned(),
    }
}
