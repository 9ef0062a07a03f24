//! Moments of a zone: told by the clock of there, and held against others as moments, wherever they come from.
//! <https://trino.io/docs/current/language/types.html#timestamp-p-with-time-zone>

use std::sync::Arc;

use lake::logs::LogFiles;
use lake::query::{Limits, Query};
use lake::results::{JsonLines, ParquetFile};

use crate::{InMemory, answer, runtime};

fn nothing() -> Arc<LogFiles> {
    Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), record::log_file::Limits::default()))
}

#[track_caller]
fn answers(asked: &[(&str, &[&str])]) {
    let runtime = runtime();
    for (statement, expected) in asked {
        let rows =
            runtime.block_on(answer(nothing(), statement)).unwrap_or_else(|error| panic!("{statement}: {error}"));
        assert_eq!(rows[1..], **expected, "{statement}");
    }
}

/// It is the clock of there where it is looked at, and a moment where it is held against others.
#[test]
fn a_moment_of_another_zone_is_the_same_moment() {
    // Noon of UTC, 8 o'clock in New York.
    let here = "(VALUES (TIMESTAMP '2026-07-10 12:00:00')) AS a(x)";
    let there = "x AT TIME ZONE 'America/New_York'";
    for (said, told) in [
        (
            format!("{there} > TIMESTAMP '2026-07-10 11:00:00', ({there}) = x, x < at_timezone(x, 'Asia/Tokyo')"),
            "true | true | false",
        ),
        (format!("{there} BETWEEN x AND x, {there} IN (x), {there} IS DISTINCT FROM x"), "true | true | false"),
        (format!("date_diff('hour', {there}, x), to_unixtime({there}) = to_unixtime(x)"), "0 | true"),
        (format!("(x AT TIME ZONE 'Asia/Tokyo') - ({there}), x - ({there})"), "0 00:00:00.000 | 0 00:00:00.000"),
        (format!("({there}) - INTERVAL '1' HOUR < x, date_add('hour', 1, {there}) > x"), "true | true"),
        (format!("max({there}), min({there}) = min(x)"), "2026-07-10 08:00:00.000 America/New_York | true"),
        (
            format!("hour({there}), hour(({there}) - INTERVAL '1' HOUR), CAST({there} AS varchar)"),
            "8 | 7 | 2026-07-10 08:00:00.000 America/New_York",
        ),
        // There the day begins at 10 o'clock of the day before.
        ("date_trunc('day', x AT TIME ZONE 'Pacific/Kiritimati') = TIMESTAMP '2026-07-10 10:00:00'".into(), "true"),
        ("date_trunc('day', x AT TIME ZONE 'Pacific/Kiritimati') = DATE '2026-07-11'".into(), "false"),
        (format!("date_trunc('hour', {there}) = {there}"), "true"),
    ] {
        answers(&[(&format!("SELECT {said} FROM {here}"), &[told])]);
    }
}

/// Noon of UTC is 8 o'clock in New York, and 21 in Tokyo.
const ZONED: &str = "WITH a AS (SELECT n, x, x AT TIME ZONE 'America/New_York' AS there FROM \
                     (VALUES (1, TIMESTAMP '2026-07-10 12:00:00'), (2, TIMESTAMP '2026-07-10 13:30:00'), (3, NULL)) AS v(n, x))";

#[test]
fn a_zone_is_known_of_what_a_subquery_hands_on() {
    for (rest, expected) in [
        (
            "SELECT there FROM a WHERE n < 3",
            &["2026-07-10 08:00:00.000 America/New_York", "2026-07-10 09:30:00.000 America/New_York"][..],
        ),
        ("SELECT n FROM a WHERE there > TIMESTAMP '2026-07-10 12:30:00'", &["2"]),
        ("SELECT n FROM a WHERE there >= '2026-07-10 12:00:00'", &["1", "2"]),
        (
            "SELECT n FROM a WHERE there BETWEEN TIMESTAMP '2026-07-10 11:00:00' AND x AND there > DATE '2026-07-10'",
            &["1", "2"],
        ),
        ("SELECT n FROM a WHERE there IN (TIMESTAMP '2026-07-10 12:00:00', TIMESTAMP '2026-07-10 08:00:00')", &["1"]),
        ("SELECT n FROM a WHERE there IN (SELECT x FROM a)", &["1", "2"]),
        ("SELECT n FROM a WHERE x IN (SELECT there FROM a)", &["1", "2"]),
        ("SELECT n FROM a WHERE x NOT IN (SELECT there FROM a WHERE n = 1)", &["2"]),
        (
            "SELECT n FROM a WHERE x = ANY (SELECT there FROM a) AND there <= ALL (SELECT x FROM a WHERE n = 2)",
            &["1", "2"],
        ),
        ("SELECT a.n FROM a JOIN a AS b ON a.there = b.x", &["1", "2"]),
        ("SELECT n FROM a JOIN (SELECT x AT TIME ZONE 'Asia/Tokyo' AS there FROM a) AS b USING (there)", &["1", "2"]),
        ("SELECT n FROM a WHERE EXISTS (SELECT 1 FROM a b WHERE b.x = a.there AND b.n < 2)", &["1"]),
        ("SELECT there - x FROM a WHERE n = 1", &["0 00:00:00.000"]),
        (
            "SELECT there + INTERVAL '1' DAY, there - INTERVAL '1' HOUR < x FROM a WHERE n = 1",
            &["2026-07-11 08:00:00.000 America/New_York | true"],
        ),
        ("SELECT date_diff('minute', x, there), to_unixtime(there) = to_unixtime(x) FROM a WHERE n = 2", &["0 | true"]),
        (
            "SELECT hour(there), date_format(there, '%H:%i'), CAST(there AS varchar) FROM a WHERE n = 2",
            &["9 | 09:30 | 2026-07-10 09:30:00.000 America/New_York"],
        ),
        (
            "SELECT CAST(there AS timestamp), CAST(there AT TIME ZONE 'Asia/Tokyo' + INTERVAL '3' HOUR AS date) FROM a WHERE n = 1",
            &["2026-07-10 08:00:00.000 | 2026-07-11"],
        ),
        (
            "SELECT timezone_hour(there), timezone_minute(x AT TIME ZONE 'Asia/Kolkata'), timezone_hour(x) FROM a WHERE n <> 2",
            &["-4 | 30 | 0", "NULL | NULL | NULL"],
        ),
        (
            "SELECT to_iso8601(there), typeof(there) FROM a WHERE n = 1",
            &["2026-07-10T08:00:00.000-04:00 | timestamp(3) with time zone"],
        ),
        (
            "SELECT date_trunc('day', there), date_trunc('day', there) < x FROM a WHERE n = 1",
            &["2026-07-10 00:00:00.000 America/New_York | true"],
        ),
        (
            "SELECT max(there), min(there), count(DISTINCT there), max_by(n, there) FROM a",
            &["2026-07-10 09:30:00.000 America/New_York | 2026-07-10 08:00:00.000 America/New_York | 2 | 2"],
        ),
        (
            "SELECT n, lag(there, 1, TIMESTAMP '2026-07-10 04:00:00') OVER (ORDER BY there) FROM a WHERE n < 3 ORDER BY n",
            &["1 | 2026-07-10 00:00:00.000 America/New_York", "2 | 2026-07-10 08:00:00.000 America/New_York"],
        ),
        (
            "SELECT there, count(*) FROM a GROUP BY there HAVING there < TIMESTAMP '2026-07-10 13:00:00'",
            &["2026-07-10 08:00:00.000 America/New_York | 1"],
        ),
        (
            "SELECT there AT TIME ZONE 'Asia/Tokyo', at_timezone(there, 'UTC') FROM a WHERE n = 1",
            &["2026-07-10 21:00:00.000 Asia/Tokyo | 2026-07-10 12:00:00.000 UTC"],
        ),
        (
            "SELECT transform(array_agg(there ORDER BY n), t -> hour(t)), transform(array_agg(x ORDER BY n), t -> t AT TIME ZONE 'Asia/Tokyo')[2] FROM a",
            &["[8, 9, null] | 2026-07-10 22:30:00.000 Asia/Tokyo"],
        ),
    ] {
        answers(&[(&format!("{ZONED} {rest}"), expected)]);
    }
}

#[test]
fn what_has_a_zone_beside_what_has_none_or_another_stays_the_same_moment() {
    for (rest, expected) in [
        (
            "SELECT CASE WHEN n = 1 THEN there ELSE x END FROM a WHERE n < 3",
            &["2026-07-10 08:00:00.000 America/New_York", "2026-07-10 09:30:00.000 America/New_York"][..],
        ),
        (
            "SELECT if(n = 1, x, there), coalesce(x, there) = x FROM a WHERE n = 1",
            &["2026-07-10 08:00:00.000 America/New_York | true"],
        ),
        ("SELECT CASE there WHEN x THEN 'same' ELSE 'other' END FROM a WHERE n = 1", &["same"]),
        (
            "SELECT greatest(there, x AT TIME ZONE 'Asia/Tokyo'), nullif(there, x) FROM a WHERE n = 1",
            &["2026-07-10 08:00:00.000 America/New_York | NULL"],
        ),
        (
            "SELECT there FROM a WHERE n = 1 UNION SELECT x FROM a WHERE n < 3 ORDER BY 1",
            &["2026-07-10 08:00:00.000 America/New_York", "2026-07-10 09:30:00.000 America/New_York"],
        ),
        (
            "SELECT x FROM a WHERE n = 1 UNION ALL SELECT there FROM a WHERE n = 1",
            &["2026-07-10 08:00:00.000 America/New_York", "2026-07-10 08:00:00.000 America/New_York"],
        ),
        ("SELECT there FROM a INTERSECT SELECT x FROM a WHERE n = 2", &["2026-07-10 09:30:00.000 America/New_York"]),
        (
            "SELECT n, there FROM a WHERE n < 3 EXCEPT SELECT n, x FROM a WHERE n = 2",
            &["1 | 2026-07-10 08:00:00.000 America/New_York"],
        ),
        ("SELECT array[there, x][2] FROM a WHERE n = 1", &["2026-07-10 08:00:00.000 America/New_York"]),
    ] {
        answers(&[(&format!("{ZONED} {rest}"), expected)]);
    }
}

/// In Berlin the clock is put forward at 01:00 UTC of 2026-03-29, and back at 01:00 UTC of 2026-10-25.
#[test]
fn a_clock_that_is_put_forward_or_back_is_that_of_its_zone() {
    answers(&[
        (
            "SELECT with_timezone(TIMESTAMP '2026-07-10 12:00:00', 'Europe/Berlin') = TIMESTAMP '2026-07-10 10:00:00', \
             TIMESTAMP '2026-07-10 12:00:00 Europe/Berlin', TIMESTAMP '2026-07-10 12:00:00 +05:30' AT TIME ZONE 'UTC'",
            &["true | 2026-07-10 12:00:00.000 Europe/Berlin | 2026-07-10 06:30:00.000 UTC"],
        ),
        (
            "SELECT to_unixtime(with_timezone(TIMESTAMP '2026-03-29 02:30:00', 'Europe/Berlin')) - to_unixtime(TIMESTAMP '2026-03-29 01:30:00'), \
             to_unixtime(with_timezone(TIMESTAMP '2026-10-25 02:30:00', 'Europe/Berlin')) - to_unixtime(TIMESTAMP '2026-10-25 00:30:00')",
            &["0.0 | 0.0"],
        ),
        (
            "SELECT date_add('day', 1, t), t + INTERVAL '1' DAY, date_add('hour', 24, t) \
             FROM (SELECT TIMESTAMP '2026-03-28 12:00:00 Europe/Berlin' AS t)",
            &[
                "2026-03-29 12:00:00.000 Europe/Berlin | 2026-03-29 13:00:00.000 Europe/Berlin | 2026-03-29 13:00:00.000 Europe/Berlin",
            ],
        ),
        (
            "SELECT date_add('day', 1, TIMESTAMP '2026-03-28 11:00:00' AT TIME ZONE 'Europe/Berlin') = TIMESTAMP '2026-03-29 10:00:00'",
            &["true"],
        ),
        // Of other programs' types.
        (
            "SELECT hour(t), CAST(ROW(t) AS ROW(t timestamp)).t, date_add('hour', 1, t) = TIMESTAMP '2026-07-10 13:00:00' FROM \
             (SELECT arrow_cast(TIMESTAMP '2026-07-10 12:00:00' AT TIME ZONE 'UTC', 'Timestamp(Nanosecond, Some(\"America/New_York\"))') AS t)",
            &["8 | 2026-07-10 08:00:00.000 | true"],
        ),
        // A month is as long as a calendar there says.
        (
            "SELECT TIMESTAMP '2026-03-01 00:30:00 Europe/Berlin' + INTERVAL '1' MONTH, TIMESTAMP '2026-07-01 00:30:00 Europe/Berlin' - INTERVAL '1' MONTH",
            &["2026-04-01 00:30:00.000 Europe/Berlin | 2026-06-01 00:30:00.000 Europe/Berlin"],
        ),
        (
            "SELECT CAST(ROW(there) AS ROW(t timestamp)).t, CAST(array[there] AS array(date))[1] \
             FROM (SELECT TIMESTAMP '2026-07-10 02:00:00' AT TIME ZONE 'America/New_York' AS there)",
            &["2026-07-09 22:00:00.000 | 2026-07-09"],
        ),
        // A zone that is not written out may differ from row to row: it gives clocks.
        (
            "SELECT x AT TIME ZONE z FROM (VALUES (TIMESTAMP '2026-07-10 12:00:00', 'Asia/Tokyo'), (TIMESTAMP '2026-07-10 12:00:00', NULL)) AS v(x, z)",
            &["2026-07-10 21:00:00.000", "NULL"],
        ),
    ]);
    let why =
        runtime().block_on(answer(nothing(), "SELECT now() AT TIME ZONE 'Europe/Nowhere'")).expect_err("it is none");
    assert!(
        why.to_string().contains("`Europe/Nowhere` is no time zone: write it like America/New_York or +02:00"),
        "{why}"
    );
}

/// Within lists and rows nobody has said which moments they are.
#[test]
fn lists_and_rows_with_and_without_a_zone_are_not_taken_for_one_another() {
    for asked in [
        "there IN (SELECT x FROM a)",
        "(there, 1) IN (SELECT x, 1 FROM a)",
        "contains(array[x], there)",
        "array[there] = array[x]",
        "arrays_overlap(array[x], array[there])",
        "array_agg(there) || array_agg(x)",
        "CASE WHEN count(*) = 1 THEN array_agg(there) ELSE array_agg(x) END",
        "1 FROM (SELECT array[there] AS r FROM a UNION ALL SELECT array[x] FROM a)",
    ] {
        let from = if asked.starts_with("1 ") { "" } else { " FROM a" };
        let statement = format!(
            "WITH a AS (SELECT x, x AT TIME ZONE 'America/New_York' AS there FROM (VALUES (TIMESTAMP '2026-07-10 12:00:00')) AS v(x)) \
             SELECT {asked}{from}"
        );
        let why = match runtime().block_on(answer(nothing(), &statement)) {
            Err(why) => why.to_string(),
            Ok(rows) => panic!("{statement} is answered: {rows:?}"),
        };
        assert!(why.contains("write AT TIME ZONE behind both"), "{statement}: {why}");
    }
}

#[test]
fn other_programs_are_told_the_moment_and_its_offset() {
    let (mut out, mut file) = (Vec::new(), Vec::new());
    runtime().block_on(async {
        let statement = "SELECT TIMESTAMP '2026-07-10 12:00:00' AT TIME ZONE 'America/New_York' AS t";
        let query = Query::plan(statement, |_| None, Limits::default()).await.expect("a statement");
        let mut lines = JsonLines::new(&mut out);
        let mut parquet = ParquetFile::new(&mut file, query.schema()).expect("there is room");
        query.run(|batch| lines.write(&batch).and_then(|()| parquet.write(&batch))).await.expect("an answer");
        lines.finish().expect("there is room");
        parquet.finish().expect("there is room");
    });
    assert_eq!(String::from_utf8_lossy(&out).trim_end(), r#"{"t":"2026-07-10T08:00:00-04:00"}"#);
    assert!(file.starts_with(b"PAR1"));
}
