//! Figures: how things stand, looked up when somebody asks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use record::names::{AccountId, Region};
use record::time::Minute;
use store::deliveries::DeliveryState;
use store::{Store, StoreError};

use super::table::Kind;
use super::{Form, Level, Many, Metrics, seconds};
use crate::http::FrontDoor;
use crate::progress::{Behind, Come};
use crate::status::origin_word;

/// So many account-Regions, those most behind, are told of one by one, and so many accounts.
pub const MOST_SOURCES: usize = 500;

/// Whoever knows how the process and the disk of its data are doing.
pub trait Machine: Send + Sync {
    /// The process.
    fn process(&self) -> Process;

    /// The disk; `None` if it does not tell.
    fn room(&self) -> Option<Room>;
}

/// How the process is doing. What the machine does not tell is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    /// Memory of the process, in bytes.
    pub resident_bytes: Option<u64>,
    /// Seconds on processors.
    pub cpu_seconds: Option<f64>,
    /// Open files.
    pub open_fds: Option<u64>,
    /// How many there may be.
    pub max_fds: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
    /// When it started, in seconds since 1970.
    pub started_at: Option<f64>,
}

/// Room on a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// What is free to us.
    pub free_bytes: u64,
    /// The disk's size.
    pub size_bytes: u64,
    /// Nothing can be written there.
    pub is_read_only: bool,
}

type CpuSeconds = Counter<f64, std::sync::atomic::AtomicU64>;

/// The metrics that are looked up.
pub(super) struct Figures {
    ready: Many<Level>,
    log_files_missed: Many<Level>,
    log_files_too_old: Many<Level>,
    log_files_held_up: Many<Level>,
    reading_history: Many<Level>,
    step_lag: Many<Level>,
    evaluated_lag: Many<Level>,
    sources: Many<Level>,
    sources_left_out: Many<Level>,
    source_delivered_lag: Many<Level>,
    source_evaluated_lag: Many<Level>,
    source_learned: Many<Level>,
    rarity_asked: Many<Level>,
    correction: Many<Level>,
    series_active: Many<Level>,
    insights_open: Many<Level>,
    deliveries_waiting: Many<Level>,
    deliveries_oldest: Many<Level>,
    deliveries_dead: Many<Level>,
    lake_batches_waiting: Many<Level>,
    lake_lag: Many<Level>,
    audit_event_bytes_waiting: Many<Level>,
    store_bytes: Many<Level>,
    data_free: Many<Level>,
    data_size: Many<Level>,
    resident: Many<Level>,
    cpu: Many<CpuSeconds>,
    open_fds: Many<Level>,
    max_fds: Many<Level>,
    threads: Many<Level>,
    started_at: Many<Level>,
}

impl Figures {
    pub(super) fn new(registry: &mut Registry) -> Figures {
        let mut level = |name| Many::new(registry, name, Kind::Gauge, Level::default as fn() -> Level);
        level("trailsight_build").of([env!("CARGO_PKG_VERSION")]).set(1.0);
        Figures {
            ready: level("trailsight_ready"),
            log_files_missed: level("trailsight_log_files_missed"),
            log_files_too_old: level("trailsight_log_files_too_old"),
            log_files_held_up: level("trailsight_log_files_held_up"),
            reading_history: level("trailsight_reading_history"),
            step_lag: level("trailsight_step_lag_seconds"),
            evaluated_lag: level("trailsight_evaluated_lag_seconds"),
            sources: level("trailsight_sources"),
            sources_left_out: level("trailsight_sources_left_out"),
            source_delivered_lag: level("trailsight_source_delivered_lag_seconds"),
            source_evaluated_lag: level("trailsight_source_evaluated_lag_seconds"),
            source_learned: level("trailsight_source_learned_minutes"),
            rarity_asked: level("trailsight_rarity_asked"),
            correction: level("trailsight_false_alarm_correction"),
            series_active: level("trailsight_series_active"),
            insights_open: level("trailsight_insights_open"),
            deliveries_waiting: level("trailsight_deliveries_waiting"),
            deliveries_oldest: level("trailsight_deliveries_oldest_waiting_seconds"),
            deliveries_dead: level("trailsight_deliveries_dead"),
            lake_batches_waiting: level("trailsight_lake_batches_waiting"),
            lake_lag: level("trailsight_lake_lag_seconds"),
            audit_event_bytes_waiting: level("trailsight_audit_event_bytes_waiting"),
            store_bytes: level("trailsight_store_bytes"),
            data_free: level("trailsight_data_free_bytes"),
            data_size: level("trailsight_data_size_bytes"),
            resident: level("process_resident_memory_bytes"),
            open_fds: level("process_open_fds"),
            max_fds: level("process_max_fds"),
            threads: level("process_threads"),
            started_at: level("process_start_time_seconds"),
            cpu: Many::new(registry, "process_cpu_seconds", Kind::Counter, CpuSeconds::default),
        }
    }

    fn of_progress(&self, come: &Come, now: Timestamp) {
        self.log_files_missed.of([]).set(come.listed_files.saturating_sub(come.read_files) as f64);
        self.log_files_too_old.of([]).set(come.too_old_files as f64);
        let held_up: u64 = come.held_up.iter().map(|held_up| held_up.files).sum();
        self.log_files_held_up.of([]).set(held_up as f64);
        self.reading_history.of([]).set(f64::from(come.is_reading_history));
        if let Some(at) = come.stepped_at {
            self.step_lag.of([]).set(lag(at, now));
        }
        let evaluated = come.regions.iter().filter_map(|region| region.evaluated_until);
        self.evaluated_lag.of([]).set(evaluated.min().map_or(0.0, |at| lag(at, now)));
        for metric in [&self.rarity_asked, &self.correction, &self.series_active] {
            metric.family.clear();
        }
        for account in come.accounts.iter().take(MOST_SOURCES) {
            for (direction, asked) in [("increase", &account.increase), ("decrease", &account.decrease)] {
                let labels = [account.account.as_str(), direction];
                self.rarity_asked.of(labels).set(asked.rarity);
                self.correction.of(labels).set(asked.correction);
                self.series_active.of(labels).set(f64::from(asked.series));
            }
        }
    }

    fn of_sources(&self, come: &Come, delivered: &[(AccountId, Region, Minute)], now: Timestamp) {
        let delivered: BTreeMap<_, i64> =
            delivered.iter().map(|(account, region, at)| ((account, region), at.seconds())).collect();
        let mut sources: Vec<_> = come
            .regions
            .iter()
            .map(|region| (delivered.get(&(&region.account, &region.region)).copied(), region))
            .collect();
        self.sources.of([]).set(sources.len() as f64);
        let left_out = sources.len().saturating_sub(MOST_SOURCES) + come.accounts.len().saturating_sub(MOST_SOURCES);
        self.sources_left_out.of([]).set(left_out as f64);
        sources.sort_by_key(|(_, region)| region.evaluated_until);
        for metric in [&self.source_delivered_lag, &self.source_evaluated_lag, &self.source_learned] {
            metric.family.clear();
        }
        for (delivered, region) in sources.into_iter().take(MOST_SOURCES) {
            let labels = [region.account.as_str(), region.region.as_str()];
            if let Some(at) = delivered {
                self.source_delivered_lag.of(labels).set(lag(at, now));
            }
            if let Some(at) = region.evaluated_until {
                self.source_evaluated_lag.of(labels).set(lag(at, now));
            }
            self.source_learned.of(labels).set(f64::from(region.minutes_learned.0));
        }
    }

    fn of_store(&self, store: &Store, come: &Come, now: Timestamp) -> Result<(), StoreError> {
        let (delivered, open, backlog) =
            store.read(|r| Ok((r.newest_delivered()?, r.open_insights()?, r.delivery_backlog()?)))?;
        self.of_sources(come, &delivered, now);
        for origin in ["live", "history", "test"] {
            let count = open.iter().filter(|insight| origin_word(insight.origin) == origin).count();
            self.insights_open.of([origin]).set(count as f64);
        }
        // A kind of which nothing waits any more has none waiting, and is not merely silent.
        for kind in crate::target::kinds() {
            self.deliveries_waiting.of([kind]).set(0.0);
            self.deliveries_oldest.of([kind]).set(0.0);
            self.deliveries_dead.of([kind]).set(0.0);
        }
        for counted in backlog {
            let Some(kind) = crate::target::kinds().find(|kind| *kind == counted.kind) else { continue };
            if counted.state == DeliveryState::Dead {
                self.deliveries_dead.of([kind]).set(counted.count as f64);
            } else {
                self.deliveries_waiting.of([kind]).set(counted.count as f64);
                self.deliveries_oldest.of([kind]).set(seconds(counted.oldest, now));
            }
        }
        let sizes = store.sizes()?;
        self.store_bytes.of(["database"]).set(sizes.database_bytes as f64);
        self.store_bytes.of(["wal"]).set(sizes.wal_bytes as f64);
        Ok(())
    }

    fn of_lake(&self, behind: Behind, now: Timestamp) {
        self.lake_batches_waiting.of([]).set(behind.batches as f64);
        self.lake_lag.of([]).set(behind.oldest_at.map_or(0.0, |at| seconds(at, now)));
        self.audit_event_bytes_waiting.of([]).set(behind.audit_event_bytes as f64);
    }

    fn of_machine(&self, machine: &Process) {
        let whole = |metric: &Many<Level>, value: Option<u64>| {
            if let Some(value) = value {
                metric.of([]).set(value as f64);
            }
        };
        whole(&self.resident, machine.resident_bytes);
        whole(&self.open_fds, machine.open_fds);
        whole(&self.max_fds, machine.max_fds);
        whole(&self.threads, machine.threads);
        if let Some(at) = machine.started_at {
            self.started_at.of([]).set(at);
        }
        if let Some(seconds) = machine.cpu_seconds {
            let cpu = self.cpu.of([]);
            cpu.inc_by((seconds - cpu.get()).max(0.0));
        }
    }

    fn of_room(&self, room: Room) {
        self.data_free.of([]).set(room.free_bytes as f64);
        self.data_size.of([]).set(room.size_bytes as f64);
    }
}

/// From that second until now.
fn lag(at: i64, now: Timestamp) -> f64 {
    seconds(Timestamp::from_second(at).unwrap_or(now), now)
}

impl FrontDoor {
    /// All metrics, as text. Where the store cannot be read, what it would tell is left as it was.
    pub fn metrics_text(&self, form: Form) -> String {
        let metrics: &Metrics = &self.metrics;
        let now = self.world.clock.now();
        let mut last = metrics.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((at, of, text)) = &*last
            && *of == form
            && at.as_second() == now.as_second()
        {
            return text.clone();
        }
        let come = self.progress.now();
        let figures = &metrics.figures;
        figures.ready.of([]).set(f64::from(self.readiness().is_ready()));
        figures.of_progress(&come, now);
        if let Err(error) = figures.of_store(&self.store, &come, now) {
            tracing::warn!(error = &error as &dyn std::error::Error, "metrics of the store cannot be told");
        }
        match self.progress.lake().behind(&self.store) {
            Ok(behind) => figures.of_lake(behind, now),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "metrics of the lake cannot be told")
            }
        }
        if let Some(machine) = &metrics.machine {
            figures.of_machine(&machine.process());
        }
        if let Some(room) = metrics.room() {
            figures.of_room(room);
        }
        let text = metrics.write(form);
        *last = Some((now, form, text.clone()));
        text
    }
}
