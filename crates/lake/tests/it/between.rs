//! What lies between bounds, in every way to say them: looked for, it is there where a join finds a pair.

use std::sync::Arc;

use lake::logs::LogFiles;
use record::log_file::Limits;

use crate::{InMemory, answer, runtime};

/// Moments around each other: to the second, the microsecond, and whole units apart.
const MOMENTS: &str = "SELECT k, date_add('second', far, at) AS t, place FROM (VALUES \
    (1, 0, 'x'), (1, 1, 'x'), (1, 59, 'y'), (1, 60, 'x'), (1, 61, 'y'), (1, 119, 'x'), (1, 3599, 'z'), (1, 3600, 'x'), \
    (1, 3601, 'x'), (1, 86399, 'x'), (1, 86400, 'y'), (2, 0, 'x'), (2, 60, 'x'), (2, 120, NULL), (NULL, 60, 'x'), (1, NULL, 'x')) AS v(k, far, place) \
    CROSS JOIN (VALUES from_iso8601_timestamp('2026-02-10T18:00:00Z'), from_iso8601_timestamp('2026-02-10T18:00:00.000001Z')) AS s(at)";

const CONDITIONS: &[&str] = &[
    "b.k = a.k AND b.t > a.t AND b.t < a.t + INTERVAL '1' MINUTE",
    "b.k = a.k AND b.t BETWEEN a.t - INTERVAL '1' HOUR AND a.t - INTERVAL '1' SECOND",
    "b.k = a.k AND b.t >= date_add('minute', -1, a.t) AND b.t < a.t",
    "b.k = a.k AND b.t + INTERVAL '1' MINUTE > a.t AND b.t < a.t",
    "b.k = a.k AND b.t - INTERVAL '1' DAY = a.t AND b.t >= a.t",
    "b.k = a.k AND INTERVAL '61' SECOND + b.t <= a.t",
    "b.k = a.k AND date_add('hour', 1, b.t) >= a.t AND date_add('second', -1, b.t) < a.t",
    "b.k = a.k AND date_diff('minute', b.t, a.t) = 1",
    "b.k = a.k AND date_diff('minute', b.t, a.t) BETWEEN 1 AND 2",
    "b.k = a.k AND date_diff('minute', a.t, b.t) BETWEEN -1 AND 0 AND b.t <> a.t",
    "b.k = a.k AND date_diff('minute', a.t, b.t) > 1 AND 60 > date_diff('minute', a.t, b.t)",
    "b.k = a.k AND date_diff('second', a.t, b.t) <= -60 AND b.place <> a.place",
    "b.k = a.k AND date_diff('second', b.t, a.t) < 0 AND b.place <> a.place",
    "b.k = a.k AND date_diff('hour', a.t, b.t) >= 1 AND a.place = 'x'",
    "b.k = a.k AND date_diff('day', a.t + INTERVAL '1' HOUR, b.t - INTERVAL '1' SECOND) >= 0 AND b.t > a.t",
    "b.k = a.k AND date_diff('millisecond', b.t, a.t) = 0 AND b.t <> a.t",
    "date_diff('week', a.t, b.t) < 0 OR a.k = 2 AND b.t > a.t",
    "date_diff('month', a.t, b.t) = 0 AND b.t > a.t AND b.k = a.k AND b.k = 2",
    "b.t <= a.t AND b.place <> a.place AND b.t > a.t - INTERVAL '2' MINUTE AND a.place <> 'z'",
];

#[test]
fn it_is_there_where_a_join_finds_a_pair() {
    let nothing = Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), Limits::default()));
    let (runtime, mut found, mut wrong) = (runtime(), 0, Vec::new());
    let rows = |condition: &str| {
        let statement = format!(
            "WITH b AS ({MOMENTS}), a AS (SELECT row_number() OVER (ORDER BY k, t, place) AS id, * FROM b) {condition}"
        );
        let rows = runtime.block_on(answer(nothing.clone(), &statement));
        rows.unwrap_or_else(|error| panic!("{statement}: {error}")).split_off(1)
    };
    for condition in CONDITIONS {
        let pairs = rows(&format!("SELECT DISTINCT a.id FROM a CROSS JOIN b WHERE {condition} ORDER BY id"));
        let there = rows(&format!("SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE {condition}) ORDER BY id"));
        let absent =
            rows(&format!("SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE {condition}) ORDER BY id"));
        if there != pairs || absent.len() + pairs.len() != 32 || absent.iter().any(|id| pairs.contains(id)) {
            wrong.push(format!("{condition}: {there:?} are there, {absent:?} are not, a join finds {pairs:?}"));
        }
        found += pairs.len();
        assert!(!pairs.is_empty() && pairs.len() < 32, "{condition} decides nothing: {pairs:?}");
    }
    assert!(wrong.is_empty() && found > 100, "{found} found; {}", wrong.join("\n"));
}

/// Each of fifteen thousand moments of a key held against as many would be seen.
#[test]
fn among_many_of_a_key_it_is_found_by_halving() {
    let nothing = Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), Limits::default()));
    let runtime = runtime();
    for (condition, expected) in [
        ("b.t > a.t AND b.t <= a.t + INTERVAL '2' SECOND", "29998"),
        ("b.t - INTERVAL '3' SECOND < a.t AND b.t > a.t", "29998"),
        ("date_add('second', 2, b.t) >= a.t AND b.t < a.t", "29998"),
        ("date_diff('second', b.t, a.t) BETWEEN 1 AND 2", "29998"),
        ("date_diff('minute', b.t, a.t) = 0 AND b.t > a.t AND b.place <> a.place", "17342"),
    ] {
        let statement = format!(
            "WITH b AS (SELECT n % 2 AS k, CAST(n / 100 AS varchar) AS place, date_add('second', n, from_iso8601_timestamp('2026-02-10T18:00:00Z')) AS t \
             FROM UNNEST(sequence(0, 29999)) AS s(n)), a AS (SELECT * FROM b) \
             SELECT count(*) FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND {condition})"
        );
        let rows = runtime.block_on(answer(nothing.clone(), &statement)).expect("it is understood");
        assert_eq!(rows[1..], [expected], "{condition}");
    }
}
