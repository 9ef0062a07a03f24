//! `events match`: which records of the logs a rule would have matched.
//!
//! ```text
//!   record ─► its EventBridge event, in a buffer that is used again ─► route::Rules ─► a row of its batch
//!   batches, in the order of the files ─► each record once ─► counts by day; the earliest ones; every event (ndjson)
//! ```
//!
//! Memory does not grow with what matches: of a matched record stays its id (26 hours, as in `analyze`), and a line for people
//! only while it is among the earliest.

use std::collections::{BTreeMap, BinaryHeap};
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Result, anyhow};
use record::api_call::{ApiCall, Record};
use record::log_file::Reader;
use record::names::EventCategory;
use record::time::Minute;
use route::{Pattern, Rules, Scratch};

use super::enveloped::{Enveloped, is_read};
use super::summary::{Shown, Summary};
use super::{exit_code, given, summary};
use crate::analyze::batch::{id_of, latest_in};
use crate::analyze::duplicates::Seen;
use crate::analyze::filters::Place;
use crate::analyze::logs::{Logs, s3_options};
use crate::analyze::reading::read_in_order;
use crate::analyze::reconciliation::{Filtered, Reconciliation};
use crate::cli::{EventsMatchArgs, MatchFormat};
use crate::stdout::stdout;
use crate::world::objects::Objects;

/// Batches that may wait for one before them: those of `ndjson` hold whole events.
const MOST_WAITING: usize = 8;

/// Room for events that a batch keeps for the next one.
const KEPT_BYTES: usize = 32 << 20;

/// Runs the command.
pub fn run(arguments: &EventsMatchArgs) -> Result<ExitCode> {
    given::once_from_stdin(arguments.pattern.iter().map(String::as_str))?;
    let mut names = Vec::new();
    let mut patterns: Vec<Pattern> = Vec::new();
    for argument in &arguments.pattern {
        let given = given::read(argument, "pattern")?;
        let pattern = given::compile(&given);
        patterns.push(pattern.map_err(|error| anyhow!(given::clean_lines(&format!("{}: {error}", given.name))))?);
        names.push(argument.trim().to_owned());
    }
    let rules = Rules::new(&patterns);
    let mut objects = Objects::new(s3_options(&arguments.reading))?;
    let mut logs = Logs::open(&arguments.paths, &arguments.reading, &mut objects)?;

    let keeps_events = arguments.format == MatchFormat::Ndjson;
    if keeps_events && stdout().is_terminal() {
        logs.hide_progress();
    }
    let limit = if keeps_events { 0 } else { arguments.limit };
    let asked = Asked { rules: &rules, latest: logs.latest, keeps_events, shown_before: AtomicI64::new(i64::MAX) };
    let mut merged = Merged::new(limit, patterns.len());
    // Standard output is not locked: merging goes from one thread to another.
    let mut out = BufWriter::with_capacity(1 << 18, stdout());
    read_in_order(
        &logs,
        &objects,
        MOST_WAITING,
        |batch: &mut Batch, reader, place, bytes| match bytes {
            Ok(bytes) => batch.read(reader, bytes, place, &asked),
            Err(error) => batch.cannot_open(place, &format!("{error:#}")),
        },
        |batch| merged.merge(batch, &mut out, &asked),
        Ok,
    )?;
    drop(logs);
    let reconciliation = merged.reconciliation.clone();
    let summary = merged.summary(names);
    match arguments.format {
        MatchFormat::Text => summary::write_text(&mut out, &summary)?,
        MatchFormat::Json => writeln!(out, "{}", summary::json_line(&summary)?)?,
        MatchFormat::Ndjson => {}
    }
    out.flush()?;
    reconciliation.tell()?;
    Ok(exit_code(summary.matched > 0))
}

/// What is asked of every record.
struct Asked<'a> {
    rules: &'a Rules,
    latest: i64,
    keeps_events: bool,
    /// Seconds since 1970 at and after which no record is shown any more: there are enough earlier ones.
    shown_before: AtomicI64,
}

/// What matched of some files.
#[derive(Default)]
struct Batch {
    rows: Vec<Row>,
    /// The patterns that each row matches, one after the other.
    patterns: Vec<u32>,
    /// The rows' events, one a line.
    events: Vec<u8>,
    shown: Vec<Shown>,
    delivered: Option<Minute>,
    span: Option<(i64, i64)>,
    reconciliation: Reconciliation,
    enveloped: Enveloped,
    scratch: Scratch,
}

/// A record that matched.
struct Row {
    id: u64,
    event_time: i64,
    /// A rule would have to be told of all management events.
    is_read: bool,
    patterns_end: usize,
    events_end: usize,
    /// Which of `shown`, if it may be among the earliest.
    shown: Option<usize>,
}

impl Batch {
    fn read(&mut self, reader: &mut Reader, file: &[u8], place: &Place<'_>, asked: &Asked<'_>) {
        self.reconciliation.files += 1;
        self.delivered = [self.delivered, place.delivered].into_iter().flatten().min();
        let latest = latest_in(place, asked.latest);
        let ended = reader.read(file, place.account, |record| {
            self.reconciliation.read += 1;
            match record {
                Ok(Record::Call(call)) => self.call(&call, latest, place, asked),
                Ok(Record::Insight { .. }) => self.reconciliation.filter(Filtered::InsightRecord),
                Err(rejection) => self.reconciliation.reject(rejection.reason.as_str(), place.name, &rejection),
            }
        });
        if let Err(rejected) = ended {
            self.reconciliation.reject_file(place.name, &rejected);
        }
    }

    fn cannot_open(&mut self, place: &Place<'_>, why: &str) {
        self.reconciliation.files += 1;
        self.reconciliation.reject_file(place.name, &format_args!("cannot be opened: {why}"));
    }

    fn call(&mut self, call: &ApiCall<'_>, latest: i64, place: &Place<'_>, asked: &Asked<'_>) {
        if let Some(reason) = call.out_of_time(latest) {
            let detail = format_args!("{reason}: {}", Minute::of_seconds(call.event_time));
            return self.reconciliation.reject(reason, place.name, &detail);
        }
        if call.category == EventCategory::Insight {
            return self.reconciliation.filter(Filtered::InsightRecord);
        }
        let (first, last) = self.span.unwrap_or((call.event_time, call.event_time));
        self.span = Some((first.min(call.event_time), last.max(call.event_time)));
        let Ok(event) = self.enveloped.event(call) else {
            return self.reconciliation.filter(Filtered::TooLarge);
        };
        let matching = match asked.rules.matching(event, &mut self.scratch) {
            Ok([]) => return self.reconciliation.filter(Filtered::NotMatched),
            Ok(matching) => matching,
            Err(error) => return self.reconciliation.reject("not an event", place.name, &error),
        };
        self.patterns.extend_from_slice(matching);
        if asked.keeps_events {
            one_line(event, &mut self.events);
        }
        let shown = (call.event_time < asked.shown_before.load(Ordering::Relaxed)).then(|| {
            self.shown.push(Shown::of(call));
            self.shown.len() - 1
        });
        self.rows.push(Row {
            id: id_of(call),
            event_time: call.event_time,
            is_read: is_read(call),
            patterns_end: self.patterns.len(),
            events_end: self.events.len(),
            shown,
        });
    }

    /// Forgets everything, and keeps the room for the next one.
    fn clear(&mut self) {
        self.rows.clear();
        self.patterns.clear();
        self.events.clear();
        // One enormous file does not hold its room for ever.
        self.events.shrink_to(KEPT_BYTES);
        self.shown.clear();
        (self.delivered, self.span) = (None, None);
        self.reconciliation = Reconciliation::default();
    }
}

/// An event as one line: log files may have been laid out for people, and what was rewritten may hold anything.
fn one_line(event: &[u8], out: &mut Vec<u8>) {
    if event.iter().all(|&byte| byte >= 0x20) {
        out.extend_from_slice(event);
    } else {
        let (mut in_text, mut is_escaped) = (false, false);
        for &byte in event {
            match byte {
                0x20.. => out.push(byte),
                _ if in_text => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                _ => {}
            }
            in_text ^= byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && in_text && !is_escaped;
        }
    }
    out.push(b'\n');
}

/// What matched so far.
struct Merged {
    limit: usize,
    /// The earliest ones, the latest of them on top; of one second those that were read first.
    shown: BinaryHeap<(i64, u64, Shown)>,
    by_day: BTreeMap<i64, u64>,
    by_pattern: Vec<u64>,
    matched: u64,
    reads: u64,
    span: Option<(i64, i64)>,
    seen: Seen,
    reconciliation: Reconciliation,
}

const DAY: i64 = 86_400;

impl Merged {
    fn new(limit: usize, pattern_count: usize) -> Merged {
        Merged {
            limit,
            shown: BinaryHeap::new(),
            by_day: BTreeMap::new(),
            by_pattern: vec![0; pattern_count],
            matched: 0,
            reads: 0,
            span: None,
            seen: Seen::default(),
            reconciliation: Reconciliation::default(),
        }
    }

    /// Counts a batch; all before it were counted. Gives it back, emptied.
    fn merge(&mut self, mut batch: Batch, out: &mut impl Write, asked: &Asked<'_>) -> io::Result<Batch> {
        if let Some(delivered) = batch.delivered {
            self.seen.forget_long_before(delivered.seconds());
        }
        let mut shown: Vec<Option<Shown>> = std::mem::take(&mut batch.shown).into_iter().map(Some).collect();
        let (mut events_start, mut patterns_start) = (0, 0);
        for row in &batch.rows {
            let event = &batch.events[events_start..row.events_end];
            let patterns = &batch.patterns[patterns_start..row.patterns_end];
            (events_start, patterns_start) = (row.events_end, row.patterns_end);
            if !self.seen.is_first(row.id, row.event_time) {
                batch.reconciliation.duplicates += 1;
                continue;
            }
            batch.reconciliation.counted += 1;
            self.matched += 1;
            self.reads += u64::from(row.is_read);
            *self.by_day.entry(row.event_time.div_euclid(DAY)).or_default() += 1;
            patterns.iter().for_each(|&pattern| self.by_pattern[pattern as usize] += 1);
            out.write_all(event)?;
            if let Some(line) = row.shown.and_then(|at| shown[at].take()) {
                self.show(row.event_time, line);
            }
        }
        if self.shown.len() >= self.limit {
            let latest = self.shown.peek().map_or(i64::MIN, |latest| latest.0);
            asked.shown_before.store(latest, Ordering::Relaxed);
        }
        self.span = match (self.span, batch.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        self.reconciliation.add(&batch.reconciliation);
        batch.clear();
        Ok(batch)
    }

    fn show(&mut self, event_time: i64, line: Shown) {
        self.shown.push((event_time, self.matched, line));
        if self.shown.len() > self.limit {
            self.shown.pop();
        }
    }

    fn summary(self, names: Vec<String>) -> Summary {
        Summary {
            shown: self.shown.into_sorted_vec().into_iter().map(|(time, _, line)| (time, line)).collect(),
            days: self.by_day.into_iter().map(|(day, count)| (day * DAY, count)).collect(),
            patterns: names.into_iter().zip(self.by_pattern).collect(),
            matched: self.matched,
            reads: self.reads,
            records: self.reconciliation.read,
            span: self.span,
        }
    }
}
