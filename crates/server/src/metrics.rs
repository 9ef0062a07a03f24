//! Metrics: what the service counts and measures, for Prometheus to come and read.
//!
//! ```text
//!  what happens (a batch, an attempt, a request) ──► counters and histograms ─┐
//!                                                                             ├──► `GET /metrics`, text
//!  how things stand (lag, queues, disk), looked up as it is asked ──► gauges ─┘
//! ```
//!
//! Each is named once, in [`table`], with its labels and what it says; docs/METRICS.md is printed from there. Labels have few
//! values, whoever sends what: kinds, outcomes and operations are those of our own tables, and of account-Regions and accounts
//! no more than [`MOST_SOURCES`] are told one by one. Counters begin at 0 with each start, as Prometheus has it; lags are told
//! in seconds by the service's own clock, so that they are right where it shows another time (`serve --now`).
//! <https://prometheus.io/docs/practices/instrumentation/>

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use jiff::Timestamp;
use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};
use record::insight_record::State;
use store::insights::Origin;

use crate::evaluate::Told;
use crate::ingest::Ingested;
use crate::status::origin_word;
use crate::target;

mod figures;
mod requests;
pub mod table;

pub use figures::{MOST_SOURCES, Machine, Process, Room};

pub(crate) use requests::{Answered, seconds};

use figures::Figures;
use table::{Kind, Row};

/// From milliseconds, which a call takes, to the hours over which AWS tries again.
const DELIVERY_SECONDS: [f64; 14] =
    [0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0];
const REQUEST_SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
const BATCH_SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Prometheus' own, 0.0.4.
    Prometheus,
    /// OpenMetrics 1.0, for those who ask for it.
    OpenMetrics,
}

impl Form {
    /// The form that an `Accept` header asks for.
    pub fn accepted(header: &str) -> Form {
        if header.contains("application/openmetrics-text") { Form::OpenMetrics } else { Form::Prometheus }
    }

    /// How its content is called.
    pub fn content_type(self) -> &'static str {
        match self {
            Form::Prometheus => prometheus_text::CONTENT_TYPE,
            Form::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// What is counted and measured.
pub struct Metrics {
    registry: Registry,
    records: Many<Counter>,
    records_rejected: Many<Counter>,
    log_files: Many<Counter>,
    log_files_refused: Many<Counter>,
    log_file_bytes: Many<Counter>,
    batch_seconds: Many<Histogram>,
    puts_dropped: Many<Counter>,
    puts_waiting: Many<Level>,
    listings_failed: Many<Counter>,
    breakdowns: Many<Counter>,
    faults: Many<Counter>,
    insights_told: Many<Counter>,
    insights_held_back: Many<Counter>,
    delivery_attempts: Many<Counter>,
    delivery_seconds: Many<Histogram>,
    deliveries_under_way: Many<Level>,
    requests: Many<Counter>,
    request_seconds: Many<Histogram>,
    figures: Figures,
    machine: Option<Box<dyn Machine>>,
    /// The last text: who asks again and again costs no more than who asks once a second.
    last: Mutex<Option<(Timestamp, Form, String)>>,
}

type Labels = Vec<(&'static str, String)>;
type Level = Gauge<f64, AtomicU64>;

/// A metric, one for each value of its labels.
struct Many<M> {
    labels: &'static [&'static str],
    family: Family<Labels, M, fn() -> M>,
}

impl<M: Metric + Clone + prometheus_client::metrics::TypedMetric> Many<M> {
    /// The metric of this name in the table.
    fn new(registry: &mut Registry, name: &'static str, kind: Kind, make: fn() -> M) -> Many<M> {
        let Row { labels, says, .. } = table::row(name, kind);
        let family = Family::new_with_constructor(make);
        registry.register(name, says.trim_end_matches('.'), family.clone());
        Many { labels, family }
    }

    fn of<const N: usize>(&self, values: [&str; N]) -> M {
        debug_assert_eq!(self.labels.len(), N);
        let values = values.into_iter().map(str::to_owned);
        self.family.get_or_create_owned(&self.labels.iter().copied().zip(values).collect())
    }
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::default();
        let r = &mut registry;
        let counter = |r: &mut Registry, name| Many::new(r, name, Kind::Counter, Counter::default);
        let level = |r: &mut Registry, name| Many::new(r, name, Kind::Gauge, Level::default);
        let metrics = Metrics {
            records: counter(r, "trailsight_records"),
            records_rejected: counter(r, "trailsight_records_rejected"),
            log_files: counter(r, "trailsight_log_files"),
            log_files_refused: counter(r, "trailsight_log_files_refused"),
            log_file_bytes: counter(r, "trailsight_log_file_bytes"),
            batch_seconds: Many::new(r, "trailsight_batch_seconds", Kind::Histogram, || Histogram::new(BATCH_SECONDS)),
            puts_dropped: counter(r, "trailsight_puts_dropped"),
            puts_waiting: level(r, "trailsight_puts_waiting"),
            listings_failed: counter(r, "trailsight_listings_failed"),
            breakdowns: counter(r, "trailsight_breakdowns"),
            faults: counter(r, "trailsight_faults"),
            insights_told: counter(r, "trailsight_insights_told"),
            insights_held_back: counter(r, "trailsight_insights_held_back"),
            delivery_attempts: counter(r, "trailsight_delivery_attempts"),
            delivery_seconds: Many::new(r, "trailsight_delivery_seconds", Kind::Histogram, || {
                Histogram::new(DELIVERY_SECONDS)
            }),
            deliveries_under_way: level(r, "trailsight_deliveries_under_way"),
            requests: counter(r, "trailsight_requests"),
            request_seconds: Many::new(r, "trailsight_request_seconds", Kind::Histogram, || {
                Histogram::new(REQUEST_SECONDS)
            }),
            figures: Figures::new(r),
            machine: None,
            last: Mutex::default(),
            registry,
        };
        // What is to be alarmed of is there from the first: a rate of what was never told is nothing, not 0.
        for outcome in ["counted", "duplicate", "filtered", "rejected"] {
            metrics.records.of([outcome]);
        }
        for outcome in ["counted", "cut short", "refused", "known", "unreachable"] {
            metrics.log_files.of([outcome]);
        }
        for part in Part::ALL {
            metrics.faults.of([part.as_str()]);
        }
        for kind in target::kinds().chain([target::OTHER]) {
            metrics.delivery_attempts.of([kind, "given up"]);
        }
        for direction in ["increase", "decrease"] {
            metrics.insights_held_back.of([direction]);
        }
        metrics.log_file_bytes.of([]);
        metrics.batch_seconds.of([]);
        metrics.puts_dropped.of([]);
        metrics.listings_failed.of([]);
        metrics.breakdowns.of([]);
        metrics.puts_waiting.of([]);
        metrics.deliveries_under_way.of([]);
        metrics
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A part of the service that works while nobody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Counting and evaluating.
    Pipeline,
    /// Delivering.
    Deliveries,
    /// What is done because it is time: digests, schedules.
    Clockwork,
    /// Running queries.
    Queries,
    /// Keeping events in the lake.
    Lake,
}

impl Part {
    const ALL: [Part; 5] = [Part::Pipeline, Part::Deliveries, Part::Clockwork, Part::Queries, Part::Lake];

    fn as_str(self) -> &'static str {
        match self {
            Part::Pipeline => "pipeline",
            Part::Deliveries => "deliveries",
            Part::Clockwork => "clockwork",
            Part::Queries => "queries",
            Part::Lake => "lake",
        }
    }
}

impl Metrics {
    /// The same, which also tells how the process and its disk are doing.
    pub fn of_machine(machine: Box<dyn Machine>) -> Metrics {
        Metrics { machine: Some(machine), ..Metrics::default() }
    }

    /// Room on the disk of the data, where that is known.
    pub(crate) fn room(&self) -> Option<Room> {
        self.machine.as_ref().and_then(|machine| machine.room())
    }

    /// An object was put. Says whether there was room to note it.
    pub fn put_noted(&self, there_was_room: bool) {
        if there_was_room {
            self.puts_waiting.of([]).inc();
        } else {
            self.puts_dropped.of([]).inc();
        }
    }

    /// So many objects that were put are being looked at.
    pub(crate) fn puts_taken(&self, count: usize) {
        self.puts_waiting.of([]).dec_by(count as f64);
    }

    /// A batch of so many bytes was counted.
    pub(crate) fn counted(&self, batch: &Ingested, bytes: u64, seconds: f64) {
        let Ingested { files, refused_files, counted, duplicates, filtered, rejected, .. } = batch;
        let records = [("counted", counted), ("duplicate", duplicates), ("filtered", filtered), ("rejected", rejected)];
        for (outcome, count) in records {
            self.records.of([outcome]).inc_by(*count);
        }
        for (reason, count) in &batch.rejected_for {
            self.records_rejected.of([reason]).inc_by(*count);
        }
        let cut_short = batch.cut_short_files;
        let whole = files.saturating_sub(cut_short);
        for (outcome, count) in [("counted", whole), ("cut short", cut_short), ("refused", *refused_files)] {
            self.log_files.of([outcome]).inc_by(count);
        }
        for (reason, count) in &batch.refused_for {
            self.log_files_refused.of([reason]).inc_by(*count);
        }
        self.log_file_bytes.of([]).inc_by(bytes);
        self.batch_seconds.of([]).observe(seconds);
    }

    /// So many log files were told of that were counted before.
    pub(crate) fn known(&self, files: usize) {
        self.log_files.of(["known"]).inc_by(files as u64);
    }

    /// A trail's bucket could not be listed.
    pub(crate) fn unlisted(&self) {
        self.listings_failed.of([]).inc();
    }

    /// A log file is listed, and could not be fetched.
    pub(crate) fn unreachable(&self) {
        self.log_files.of(["unreachable"]).inc();
    }

    /// A part of the service could not do what it was about to do.
    pub(crate) fn failed(&self, part: Part) {
        self.faults.of([part.as_str()]).inc();
    }

    /// Something broke down.
    pub fn broke_down(&self) {
        self.breakdowns.of([]).inc();
    }

    /// Starts and Ends were told.
    pub(crate) fn told(&self, told: &[Told]) {
        for Told { insight, state, origin, held_by, .. } in told {
            if held_by.is_some() && *origin == Origin::Live {
                if *state == State::Start {
                    self.insights_held_back.of([insight.direction.as_str()]).inc();
                }
                continue;
            }
            self.insights_told.of([state.as_str(), origin_word(*origin), insight.direction.as_str()]).inc();
        }
    }

    /// So many deliveries are being made.
    pub(crate) fn under_way(&self, count: usize) {
        self.deliveries_under_way.of([]).set(count as f64);
    }

    /// An attempt came to this. `since_due`: how long after it was due it arrived, if it did.
    pub(crate) fn attempted(&self, kind: &'static str, outcome: &'static str, since_due: Option<f64>) {
        self.delivery_attempts.of([kind, outcome]).inc();
        if let Some(seconds) = since_due {
            self.delivery_seconds.of([kind]).observe(seconds);
        }
    }

    /// The text, without what is looked up.
    pub(crate) fn write(&self, form: Form) -> String {
        let mut text = String::new();
        let written = match form {
            Form::Prometheus => prometheus_text::encode(&mut text, &self.registry),
            Form::OpenMetrics => text::encode(&mut text, &self.registry),
        };
        written.expect("a string takes whatever is written");
        text
    }
}
