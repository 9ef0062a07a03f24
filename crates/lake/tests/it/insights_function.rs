//! `insights(…)`: what it finds, and that it finds the same however rows are ordered and shared out.

use std::sync::Arc;

use datafusion::datasource::MemTable;
use lake::LakeError;
use lake::arrow::array::{Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use lake::arrow::datatypes::{DataType, Field, Schema};

use crate::{answer, runtime};

/// 2026-02-02T00:00:00Z, a Monday, in minutes since 1970.
const MONDAY: i64 = 29_499_840;
const DAY: i64 = 1440;

/// A minute of some API, and its calls.
type Row = (&'static str, i64, i64);

/// Twelve days of three APIs: one steady, with a burst of ten minutes on the tenth day; one steady, that falls silent for three
/// hours on the eleventh; and one that only ever does what it does.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for minute in 0..12 * DAY {
        let wobble = (minute * 7) % 3;
        let is_burst = (9 * DAY + 600..9 * DAY + 610).contains(&minute);
        rows.push(("Burst", MONDAY + minute, if is_burst { 90 } else { 4 + wobble }));
        if !(10 * DAY + 600..10 * DAY + 780).contains(&minute) {
            rows.push(("Silent", MONDAY + minute, 4 + wobble));
        }
        rows.push(("Steady", MONDAY + minute, 4 + wobble));
    }
    rows
}

/// Rows as a table of so many partitions, in another order for each `seed`.
fn table(rows: &[Row], partitions: usize, seed: u64) -> Arc<MemTable> {
    let mut rows = rows.to_vec();
    let mut dice = seed;
    for at in (1..rows.len()).rev().filter(|_| seed > 0) {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        rows.swap(at, (dice >> 33) as usize % (at + 1));
    }
    let schema = Arc::new(Schema::new(vec![
        Field::new("eventName", DataType::Utf8, true),
        Field::new("minute", lake::schema::MOMENT, true),
        Field::new("calls", DataType::Int64, true),
    ]));
    let batch = |rows: &[Row]| {
        let names: StringArray = rows.iter().map(|row| Some(row.0)).collect();
        let minutes: TimestampMicrosecondArray = rows.iter().map(|row| Some(row.1 * 60_000_000)).collect();
        let calls: Int64Array = rows.iter().map(|row| Some(row.2)).collect();
        let columns = vec![Arc::new(names) as _, Arc::new(minutes) as _, Arc::new(calls) as _];
        RecordBatch::try_new(Arc::clone(&schema), columns).expect("a value each")
    };
    let parts = rows.chunks(rows.len().div_ceil(partitions)).map(|rows| rows.chunks(1000).map(batch).collect());
    Arc::new(MemTable::try_new(Arc::clone(&schema), parts.collect()).expect("it is a table"))
}

fn told(table: Arc<MemTable>, statement: &str) -> Result<Vec<String>, LakeError> {
    runtime().block_on(answer(table, statement))
}

#[test]
fn a_burst_and_a_silence_are_found_and_nothing_else() {
    let rows = told(
        table(&rows(), 1, 0),
        "SELECT eventName, i.direction, i.STARTTIME, i.endTime, round(i.baselineAverage), i.insightAverage, i.insightDuration, \
         i.rarity > 2 AS rare, i.evidence, i.ratio > 10 AS far FROM \
         (SELECT eventName, insights(minute, calls) AS found FROM t GROUP BY eventName) CROSS JOIN UNNEST(found) AS u(i) \
         ORDER BY eventName",
    );
    let rows = rows.expect("it is answered");
    assert_eq!(
        rows[1..],
        [
            "Burst | increase | 2026-02-11 10:00:00.000 | 2026-02-11 10:10:00.000 | 5.0 | 90.0 | 10 | true | calls | true",
            "Silent | decrease | 2026-02-12 10:00:00.000 | 2026-02-12 13:00:00.000 | 5.0 | 0.0 | 180 | true | calls | false",
        ]
    );
}

#[test]
fn neither_order_nor_cutting_changes_what_is_found() {
    let rows = rows();
    let statement = "SELECT eventName, insights(minute, calls) AS found FROM t GROUP BY eventName ORDER BY eventName";
    let once = told(table(&rows, 1, 0), statement).expect("it is answered");
    assert!(once[1].contains("direction=increase"), "{once:?}");
    for (partitions, seed) in [(1, 1), (2, 2), (5, 3), (9, 4)] {
        let again = told(table(&rows, partitions, seed), statement).expect("it is answered");
        assert_eq!(again, once, "{partitions} partitions, seed {seed}");
    }
    // A row a call is the same as so many of a minute.
    let calls: Vec<Row> = rows.iter().flat_map(|row| std::iter::repeat_n(*row, row.2 as usize)).collect();
    let each = told(table(&calls, 3, 5), &statement.replace("minute, calls", "minute")).expect("it is answered");
    assert_eq!(each, once);
}

#[test]
fn a_silence_that_goes_on_is_seen_until_the_moment_that_is_said() {
    let rows: Vec<Row> = rows().into_iter().filter(|row| row.0 == "Steady").collect();
    let found = "SELECT i.direction, i.startTime, i.endTime FROM (SELECT insights(minute, calls{}) AS found FROM t) \
                 CROSS JOIN UNNEST(found) AS u(i)";
    let ask = |more: &str| told(table(&rows, 2, 0), &found.replace("{}", more)).expect("it is answered");
    assert_eq!(ask("").len(), 1);
    assert_eq!(
        ask(", TIMESTAMP '2026-02-02 00:00:00', TIMESTAMP '2026-02-14 02:00:00'")[1..],
        ["decrease | 2026-02-14 00:00:00.000 | NULL"]
    );
    // What lies before and behind is not looked at.
    assert_eq!(ask(", TIMESTAMP '2026-02-12 00:00:00', TIMESTAMP '2026-02-13 00:00:00'").len(), 1);
}

#[test]
fn what_has_no_rows_has_no_insights_and_what_is_no_count_is_refused() {
    let few = [("A", MONDAY, 1)];
    let ask = |statement: &str| told(table(&few, 1, 0), statement);
    assert_eq!(ask("SELECT insights(minute) FROM t WHERE calls > 5").unwrap()[1], "[]");
    assert_eq!(ask("SELECT cardinality(insights(minute, calls)) FROM t").unwrap()[1], "0");
    for (wrong, why) in [
        ("SELECT insights() FROM t", "insights takes a moment"),
        ("SELECT insights(minute, -calls) FROM t", "no number of them"),
        (
            "SELECT insights(minute, TIMESTAMP '1900-01-01 00:00:00', TIMESTAMP '2100-01-01 00:00:00') FROM t WHERE calls > 0",
            "",
        ),
    ] {
        match ask(wrong) {
            Err(error) => assert!(error.to_string().contains(why), "{wrong}: {error}"),
            Ok(rows) => assert!(why.is_empty(), "{wrong}: {rows:?}"),
        }
    }
}
