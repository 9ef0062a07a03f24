//! The table of all metrics: name, kind, labels, what it says. `docs/METRICS.md` is printed from it.

/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, from 0 at each start; its name is told with `_total` behind it.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often something took how long: `_bucket`, `_sum`, `_count`.
    Histogram,
}

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name; a counter's without `_total`.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub says: &'static str,
}

impl Row {
    /// The names by which Prometheus knows it.
    pub fn told_names(&self) -> Vec<String> {
        let ends: &[&str] = match self.kind {
            Kind::Counter => &["_total"],
            Kind::Gauge => &[""],
            Kind::Histogram => &["_bucket", "_sum", "_count"],
        };
        ends.iter().map(|end| format!("{}{end}", self.name)).collect()
    }
}

/// The row of this name, which must be one of this kind.
pub(super) fn row(name: &str, kind: Kind) -> Row {
    let found = ROWS.iter().find(|row| row.name == name && row.kind == kind);
    *found.expect("every metric has its row in the table: a test makes them all")
}

const fn counter(name: &'static str, labels: &'static [&'static str], says: &'static str) -> Row {
    Row { name, kind: Kind::Counter, labels, says }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], says: &'static str) -> Row {
    Row { name, kind: Kind::Gauge, labels, says }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], says: &'static str) -> Row {
    Row { name, kind: Kind::Histogram, labels, says }
}

/// All of them, in the order in which they are documented.
pub static ROWS: &[Row] = &[
    gauge("trailsight_ready", &[], "1 if /readyz says ready, 0 if it says what is wrong."),
    gauge("trailsight_build", &["version"], "1, of the version that runs."),
    // What is read.
    counter(
        "trailsight_records",
        &["outcome"],
        "Records read: counted, duplicate (counted before), filtered (no calls), rejected.",
    ),
    counter(
        "trailsight_records_rejected",
        &["reason"],
        "Records that could not be counted, by the reason, which is one of twenty.",
    ),
    counter(
        "trailsight_log_files",
        &["outcome"],
        "Log files: counted, cut short (counted up to a fault), refused (set aside), known (counted before), unreachable (fetching failed; it is tried again).",
    ),
    counter("trailsight_log_files_refused", &["reason"], "Log files set aside, by the reason."),
    counter("trailsight_log_file_bytes", &[], "Bytes of log files fetched, as they lie in their bucket."),
    histogram("trailsight_batch_seconds", &[], "How long it took to read and count a batch of log files."),
    gauge(
        "trailsight_puts_waiting",
        &[],
        "Objects that were put or told of and are not looked at yet; 65,536 at most.",
    ),
    counter(
        "trailsight_puts_dropped",
        &[],
        "Objects not noted because that many were waiting; the next listing of their bucket finds them.",
    ),
    counter(
        "trailsight_listings_failed",
        &[],
        "Listings of a trail's bucket that failed; the next is five minutes later.",
    ),
    gauge("trailsight_log_files_missed", &[], "Log files that the last listing found and that are still to be read."),
    gauge(
        "trailsight_log_files_too_old",
        &[],
        "Log files in the trails' buckets that are not read because they were delivered more than 90 days ago; at least so many.",
    ),
    gauge(
        "trailsight_log_files_held_up",
        &[],
        "Log files that wait because they may be copies of what was counted from another bucket, which cannot be read now.",
    ),
    gauge(
        "trailsight_reading_history",
        &[],
        "1 while log files that lay in the buckets are read: nothing is evaluated meanwhile.",
    ),
    // How far it has come.
    gauge(
        "trailsight_step_lag_seconds",
        &[],
        "Time since the pipeline last finished a step; it makes one every few seconds.",
    ),
    gauge(
        "trailsight_evaluated_lag_seconds",
        &[],
        "How far the account-Region that is most behind lies behind the clock: up to half an hour is as it should be.",
    ),
    gauge("trailsight_sources", &[], "Account-Regions known."),
    gauge(
        "trailsight_sources_left_out",
        &[],
        "Account-Regions and accounts not told of one by one below; the metrics of all are right all the same.",
    ),
    gauge(
        "trailsight_source_delivered_lag_seconds",
        &["account", "region"],
        "Time since the newest log file of an account-Region was delivered; or counted, where its name tells a later time.",
    ),
    gauge(
        "trailsight_source_evaluated_lag_seconds",
        &["account", "region"],
        "How far an account-Region is evaluated, behind the clock.",
    ),
    gauge(
        "trailsight_source_learned_minutes",
        &["account", "region"],
        "Minutes for which an account-Region was watched; insights begin at 2,160.",
    ),
    gauge(
        "trailsight_rarity_asked",
        &["account", "direction"],
        "What makes an insight in an account today: so many powers of ten of months between such minutes, a series.",
    ),
    gauge(
        "trailsight_false_alarm_correction",
        &["account", "direction"],
        "How much more often than promised an account has alarmed, 1 to 20; its threshold is raised by as much.",
    ),
    gauge(
        "trailsight_series_active",
        &["account", "direction"],
        "Series of an account with calls within 28 days, that its threshold is made for.",
    ),
    // What is told.
    counter(
        "trailsight_insights_told",
        &["state", "origin", "direction"],
        "Starts and Ends of insights: live, history (told to nobody), test.",
    ),
    counter(
        "trailsight_insights_held_back",
        &["direction"],
        "Insights that were found and told to nobody: somebody had said that they are expected, or had muted the API.",
    ),
    gauge("trailsight_insights_open", &["origin"], "Insights that have begun and not ended."),
    counter(
        "trailsight_delivery_attempts",
        &["kind", "outcome"],
        "Attempts to deliver: delivered, failed (tried again), given up, postponed (had to wait, no attempt).",
    ),
    histogram(
        "trailsight_delivery_seconds",
        &["kind"],
        "From when a delivery was due until it arrived, with all attempts that it took.",
    ),
    gauge("trailsight_deliveries_waiting", &["kind"], "Deliveries still to be made."),
    gauge("trailsight_deliveries_oldest_waiting_seconds", &["kind"], "Age of the oldest of them."),
    gauge("trailsight_deliveries_dead", &["kind"], "Deliveries given up within 30 days."),
    gauge("trailsight_deliveries_under_way", &[], "Deliveries being made now; 32 at most."),
    gauge(
        "trailsight_lake_batches_waiting",
        &[],
        "Batches of log files that are counted and not yet in the lake; a batch waits for half a minute.",
    ),
    gauge("trailsight_lake_lag_seconds", &[], "Age of the oldest of them."),
    gauge(
        "trailsight_audit_event_bytes_waiting",
        &[],
        "Events that came through channels and are not yet in the lake; beyond 128 MiB `PutAuditEvents` is throttled.",
    ),
    counter(
        "trailsight_breakdowns",
        &[],
        "Faults of Trailsight itself: something broke down (a panic), and the log says where.",
    ),
    counter(
        "trailsight_faults",
        &["part"],
        "What the pipeline, the deliveries, what goes by the clock, queries and the lake could not do and try again: the log says what.",
    ),
    // Who asks.
    counter(
        "trailsight_requests",
        &["service", "operation", "status"],
        "Requests answered, by service, operation (of S3: the method) and class of status (2xx).",
    ),
    histogram("trailsight_request_seconds", &["service"], "How long they took, up to the head of the answer."),
    // What it needs.
    gauge("trailsight_store_bytes", &["file"], "Size of the database and of its write-ahead log."),
    gauge("trailsight_data_free_bytes", &[], "Room left on the disk of the data directory."),
    gauge("trailsight_data_size_bytes", &[], "Size of that disk."),
    gauge("process_resident_memory_bytes", &[], "Memory of the process."),
    counter("process_cpu_seconds", &[], "Time on processors."),
    gauge("process_open_fds", &[], "Open files and connections."),
    gauge("process_max_fds", &[], "How many there may be."),
    gauge("process_threads", &[], "Threads."),
    gauge(
        "process_start_time_seconds",
        &[],
        "When the process started, in seconds since 1970, by the machine's clock.",
    ),
];
