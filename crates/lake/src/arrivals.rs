//! Arrivals: events that came, in the order in which a table has them, as Parquet.
//!
//! A file holds events of one UTC day, sorted by service, API and time: so whoever asks for a time or an API reads little of it,
//! and like stands by like, which packs well. An event's id is looked for by a Bloom filter.

use std::borrow::Cow;

use arrow::array::AsArray;
use arrow::compute::{max, min};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use record::api_call::ApiCall;
use record::event_id::EventId;
use record::texts::Texts;

use crate::insights;
use crate::logs::told;
use crate::moments::{DAY_MICROS, micros};
use crate::rows::Rows;
use crate::schema::Kind;

/// Rows that are handed to a file at once.
const BATCH_ROWS: usize = 2_048;
/// What is asked for by its value, and lies close to its like: its least and greatest are kept of each page.
const SOUGHT: &[&str] =
    &["eventTime", "eventSource", "eventName", "awsRegion", "recipientAccountId", "errorCode", "sourceIPAddress"];
/// Of how many events that are not there one may seem to be.
const BLOOM_FAULTS: f64 = 0.01;

/// A file of so many rows is never sorted anew: others are put beside it, group by group, as it is.
pub(crate) const WHOLE_ROWS: u64 = 8_192;

/// How long what is written stays as it is: so it is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    /// Until its rows are sorted among others'. It is packed fast, and read beside many: LZ4 unpacks without memory of its own, where
    /// zstd takes 160 kB a column, and pages and groups are small.
    Short,
    /// As long as its events.
    Long,
}

impl Stay {
    /// How what is in the pages of columns is packed that hold nearly all of a file: whole records, ids, and values of all kinds.
    fn compression(self) -> Compression {
        match self {
            Stay::Short => LIGHT,
            // Level 3 takes a seventh more time of all writing, and what it gives of records is larger (measured: 169 bytes an event, not 163).
            Stay::Long => Compression::ZSTD(ZstdLevel::try_new(1).expect("it is one of 1 to 22")),
        }
    }

    /// Rows of a group, which is in memory as a whole while it is written, and packed while it is read.
    fn group_rows(self) -> usize {
        match self {
            Stay::Short => 1 << 14,
            Stay::Long => 1 << 16,
        }
    }

    /// Bytes of a page, which is unpacked as a whole, and after how many rows it is looked whether there are as many.
    fn page(self) -> (usize, usize) {
        match self {
            Stay::Short => (128 << 10, 128),
            Stay::Long => (256 << 10, 128),
        }
    }
}

/// How all other columns are packed: those of few values, some 15 bytes an event together, which zstd makes 9 of, and takes a tenth of the time to
/// read them for. As Parquet specifies it: DuckDB, Spark and delta-rs know it.
/// <https://github.com/apache/parquet-format/blob/master/Compression.md>
const LIGHT: Compression = Compression::LZ4_RAW;

/// Events that came.
#[derive(Debug)]
pub struct Arrivals {
    kind: Kind,
    stay: Stay,
    records: Pool,
    events: Vec<Arrived>,
    names: Texts,
}

#[derive(Debug)]
struct Arrived {
    /// Since 1970.
    day: i64,
    /// Numbers of names.
    source: u32,
    name: u32,
    micros: i64,
    /// Where its record lies.
    record: Place,
    id: u128,
    /// The number of the account's name, and what else is known of a call better than its record says it.
    account: u32,
    category: &'static str,
    is_read_only: bool,
}

/// Texts in pieces of a few MiB: none is ever moved to make room for the next.
#[derive(Debug, Default)]
struct Pool {
    pieces: Vec<String>,
    bytes: usize,
}

/// A text of a [`Pool`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    piece: u32,
    start: u32,
    end: u32,
}

impl Pool {
    const PIECE: usize = 4 << 20;

    fn add(&mut self, text: &str) -> Place {
        if self.pieces.last().is_none_or(|last| last.capacity() - last.len() < text.len()) {
            self.pieces.push(String::with_capacity(Pool::PIECE.max(text.len())));
        }
        self.bytes += text.len();
        let piece = self.pieces.len() - 1;
        let last = &mut self.pieces[piece];
        let start = last.len();
        last.push_str(text);
        Place { piece: piece as u32, start: start as u32, end: last.len() as u32 }
    }

    fn at(&self, Place { piece, start, end }: Place) -> &str {
        &self.pieces[piece as usize][start as usize..end as usize]
    }
}

/// A file of a day's events, not yet anywhere.
#[derive(Debug)]
pub struct DayFile {
    /// The day, since 1970.
    pub day: i64,
    /// Parquet.
    pub bytes: Vec<u8>,
    /// What is known of it.
    pub span: Span,
}

/// What is known of a file without reading it. Moments are microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// Its events.
    pub rows: u64,
    /// The first moment of one.
    pub first: i64,
    /// The last.
    pub last: i64,
}

impl Arrivals {
    /// None yet.
    pub fn new(kind: Kind) -> Arrivals {
        Arrivals { kind, stay: Stay::Short, records: Pool::default(), events: Vec::new(), names: Texts::default() }
    }

    /// The same, to be packed well at once: of history, there may be no more to come.
    pub fn of_history(self) -> Arrivals {
        Arrivals { stay: Stay::Long, ..self }
    }

    /// Adds a call.
    pub fn add_call(&mut self, call: &ApiCall<'_>) {
        let Ok(record) = std::str::from_utf8(call.raw) else { return };
        let (source, name) = (self.names.number(&call.source), self.names.number(&call.name));
        let account = self.names.number(&call.account);
        let record = self.records.add(record);
        let micros = call.event_time.saturating_mul(1_000_000);
        let EventId(id) = call.event_id;
        self.events.push(Arrived {
            day: micros.div_euclid(DAY_MICROS),
            source,
            name,
            micros,
            record,
            id,
            account,
            category: call.category.as_str(),
            is_read_only: call.read_only,
        });
    }

    /// Adds an Insights event: its record.
    pub fn add_insight(&mut self, record: &str) {
        let id = self.events.len() as u128;
        self.add_record(record, id, "Insight");
    }

    /// Adds an event from outside of AWS: its record.
    pub fn add_activity(&mut self, record: &str) {
        let id = Head::of(record).event_id.map_or(self.events.len() as u128, |id| EventId::of_text(&id).0);
        self.add_record(record, id, "ActivityAuditLog");
    }

    fn add_record(&mut self, record: &str, id: u128, category: &'static str) {
        let micros = Head::of(record).event_time.and_then(|time| micros(&time)).unwrap_or_default();
        let nothing = self.names.number("");
        let record = self.records.add(record);
        self.events.push(Arrived {
            day: micros.div_euclid(DAY_MICROS),
            source: nothing,
            name: nothing,
            micros,
            record,
            id,
            account: nothing,
            category,
            is_read_only: true,
        });
    }

    /// Bytes of records.
    pub fn bytes(&self) -> usize {
        self.records.bytes
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// A file for each day, and none of these events any more. Of two with one id in an account, one is written.
    pub fn take(&mut self) -> Result<Vec<DayFile>, ParquetError> {
        let ranks = self.ranks();
        self.events.sort_unstable_by_key(|event| {
            let rank = |number: u32| ranks[number as usize];
            (event.day, rank(event.source), rank(event.name), event.micros, event.id, event.account, event.record)
        });
        self.events.dedup_by_key(|event| (event.day, event.micros, event.id, event.account, event.source, event.name));
        let files = self.events.chunk_by(|a, b| a.day == b.day).map(|events| self.file(events)).collect();
        self.records = Pool::default();
        self.events.clear();
        self.names.clear();
        files
    }

    /// Of each name's number, where it stands among all.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.names.len() as u32).collect();
        order.sort_unstable_by_key(|number| self.names.text(*number));
        let mut ranks = vec![0; order.len()];
        (0..).zip(order).for_each(|(rank, number)| ranks[number as usize] = rank);
        ranks
    }

    fn file(&self, events: &[Arrived]) -> Result<DayFile, ParquetError> {
        let schema = self.kind.schema();
        let time = schema.index_of("eventTime")?;
        let mut rows = Rows::new(schema.clone());
        let stay = if events.len() as u64 >= WHOLE_ROWS { Stay::Long } else { self.stay };
        let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties(self.kind, stay)))?;
        // A record may have its time to the millisecond: what is said of a file is what stands in its column.
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for events in events.chunks(BATCH_ROWS) {
            for event in events {
                let record = self.records.at(event.record);
                match self.kind {
                    Kind::Events => {
                        let account = self.names.text(event.account);
                        rows.add(record, &told(account, event.category, event.is_read_only));
                    }
                    Kind::Insights => rows.add_read_as(record, &insights::with_lakes_names(record), &[]),
                    Kind::Activity => rows.add(record, &[]),
                }
            }
            let rows = rows.take();
            let times = rows.column(time).as_primitive::<TimestampMicrosecondType>();
            (first, last) = (first.min(min(times).unwrap_or(first)), last.max(max(times).unwrap_or(last)));
            writer.write(&rows)?;
        }
        if first > last {
            (first, last) = (events[0].micros, events[0].micros);
        }
        let span = Span { rows: events.len() as u64, first, last };
        Ok(DayFile { day: events[0].day, bytes: writer.into_inner()?, span })
    }
}

/// What of a record is looked at when it comes.
#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Head<'r> {
    #[serde(borrow)]
    event_time: Option<Cow<'r, str>>,
    #[serde(borrow, rename = "eventID")]
    event_id: Option<Cow<'r, str>>,
}

impl Head<'_> {
    fn of(record: &str) -> Head<'_> {
        serde_json::from_str(record).unwrap_or_default()
    }
}

/// How files are written.
pub(crate) fn properties(kind: Kind, stay: Stay) -> WriterProperties {
    let (page_bytes, rows_a_look) = stay.page();
    let (all, id, request) =
        (ColumnPath::from("eventJson"), ColumnPath::from("eventID"), ColumnPath::from("requestID"));
    let mut properties = WriterProperties::builder()
        .set_compression(LIGHT)
        .set_max_row_group_row_count(Some(stay.group_rows()))
        .set_data_page_size_limit(page_bytes)
        .set_write_batch_size(rows_a_look)
        .set_column_bloom_filter_enabled(id.clone(), true)
        .set_column_bloom_filter_fpp(id.clone(), BLOOM_FAULTS)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    // No two are the same, and what is least of them tells nobody anything.
    for path in [all, id, request] {
        properties = properties
            .set_column_compression(path.clone(), stay.compression())
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(path, EnabledStatistics::None);
    }
    for name in SOUGHT {
        properties = properties.set_column_statistics_enabled(ColumnPath::from(*name), EnabledStatistics::Page);
    }
    for field in kind.schema().fields() {
        if matches!(field.data_type(), DataType::Map(..)) {
            for part in ["key", "value"] {
                let path = ColumnPath::new(vec![field.name().clone(), "entries".into(), part.into()]);
                properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
                if part == "value" {
                    properties = properties.set_column_compression(path, stay.compression());
                }
            }
        }
    }
    properties.build()
}
