//! Whole numbers that are too large for what holds them: never begun again from the other end.

use std::sync::Arc;

use lake::LakeError;
use lake::logs::LogFiles;
use record::log_file::Limits;

use crate::{InMemory, answer, runtime};

fn asked(statement: &str) -> Result<Vec<String>, LakeError> {
    let nothing = Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), Limits::default()));
    runtime().block_on(answer(nothing, statement)).map(|mut rows| rows.split_off(1))
}

/// The largest, twice the half of it and one, and a few others.
const NUMBERS: &str =
    "(VALUES (1, 9223372036854775807), (2, -9223372036854775807), (1, 1), (2, 5), (1, -3), (3, NULL)) AS t(k, x)";

#[test]
fn what_fits_is_calculated() {
    for (statement, expected) in [
        // In between it is more than fits: no order of the rows makes the answer another.
        (format!("SELECT sum(x) FROM {NUMBERS}"), vec!["3"]),
        (
            format!("SELECT k, sum(x) FROM {NUMBERS} GROUP BY k ORDER BY k"),
            vec!["1 | 9223372036854775805", "2 | -9223372036854775802", "3 | NULL"],
        ),
        (format!("SELECT sum(DISTINCT x) FROM {NUMBERS} WHERE k < 3"), vec!["3"]),
        (format!("SELECT sum(x) FILTER (WHERE k = 2) FROM {NUMBERS}"), vec!["-9223372036854775802"]),
        (format!("SELECT sum(x) FROM {NUMBERS} WHERE k = 9"), vec!["NULL"]),
        (
            format!(
                "SELECT sum(k) OVER (ORDER BY k ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM {NUMBERS} ORDER BY 1"
            ),
            vec!["1", "2", "2", "3", "4", "5"],
        ),
        (
            "SELECT 9223372036854775806 + 1, -9223372036854775807 - 1, 3037000499 * 3037000499".into(),
            vec!["9223372036854775807 | -9223372036854775808 | 9223372030926249001"],
        ),
        (
            "SELECT typeof(1 + 1), 2 * 3 - 1 + NULL, 1 + 0.5, CAST(2 AS integer) * CAST(3 AS integer)".into(),
            vec!["bigint | NULL | 1.5 | 6"],
        ),
        (
            "SELECT x + 1 FROM (VALUES 1, 2) AS t(x) GROUP BY x + 1 HAVING x + 1 > 2 ORDER BY x + 1 LIMIT 1 + 1".into(),
            vec!["3"],
        ),
        (
            "SELECT INTERVAL '1' DAY * 3, -2 * INTERVAL '1' MONTH, INTERVAL '2' HOUR * NULL, DATE '2026-01-31' + INTERVAL '1' DAY * x \
             FROM (VALUES 2) AS t(x)"
                .into(),
            vec!["3 00:00:00.000 | -0-2 | NULL | 2026-02-02"],
        ),
        (
            "SELECT abs(x), -x, abs(-0.5e0), -CAST(x AS double), abs(CAST(-7 AS decimal(5, 2))), -(-x) FROM (VALUES -9223372036854775807, 3, NULL) AS t(x) ORDER BY x"
                .into(),
            vec![
                "9223372036854775807 | 9223372036854775807 | 0.5 | 9.223372036854776e18 | 7.00 | -9223372036854775807",
                "3 | -3 | 0.5 | -3.0 | 7.00 | 3",
                "NULL | NULL | 0.5 | NULL | 7.00 | NULL",
            ],
        ),
        ("SELECT typeof(-CAST(1 AS integer)), typeof(abs(CAST(1 AS smallint))), -INTERVAL '1' DAY, -NULL, abs(NULL)".into(), vec!["integer | smallint | -1 00:00:00.000 | NULL | NULL"]),
        (
            // What leaves the window is left out when the last that is equal to it leaves; of 1 and of 2 there are several.
            "SELECT at, sum(DISTINCT x) OVER w, sum(DISTINCT CAST(x AS double)) OVER w, sum(DISTINCT CAST(x AS decimal(3, 1))) OVER w \
             FROM (VALUES (1, 1), (2, 1), (3, 2), (4, NULL), (5, 1), (6, 2), (7, 2), (8, 2)) AS t(at, x) \
             WINDOW w AS (ORDER BY at ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) ORDER BY at"
                .into(),
            vec![
                "1 | 1 | 1.0 | 1.0",
                "2 | 1 | 1.0 | 1.0",
                "3 | 3 | 3.0 | 3.0",
                "4 | 3 | 3.0 | 3.0",
                "5 | 3 | 3.0 | 3.0",
                "6 | 3 | 3.0 | 3.0",
                "7 | 3 | 3.0 | 3.0",
                "8 | 2 | 2.0 | 2.0",
            ],
        ),
        ("SELECT sum(n) * 2 - 1 FROM UNNEST(sequence(1, 10000)) AS t(n)".into(), vec!["100009999"]),
        (
            "SELECT CASE WHEN x > 9 THEN 0 ELSE x + 1 END FROM (VALUES 9223372036854775807, 1) AS t(x) ORDER BY 1"
                .into(),
            vec!["0", "2"],
        ),
    ] {
        assert_eq!(asked(&statement).unwrap_or_else(|error| panic!("{statement}: {error}")), expected, "{statement}");
    }
}

#[test]
fn what_does_not_fit_is_said() {
    for (statement, expected) in [
        (
            "SELECT sum(x) FROM (VALUES 9223372036854775807, 1) AS t(x)".to_owned(),
            "bigint addition overflow: the sum is 9223372036854775808",
        ),
        (
            "SELECT k, sum(x) FROM (VALUES (1, -9223372036854775807), (1, -9)) AS t(k, x) GROUP BY k".into(),
            "bigint addition overflow: the sum is -9223372036854775816",
        ),
        (
            "SELECT sum(x) OVER (ORDER BY x) FROM (VALUES 9223372036854775807, 1) AS t(x)".into(),
            "bigint addition overflow: the sum is 9223372036854775808",
        ),
        (
            "SELECT sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 9223372036854775807, 1) AS t(x)".into(),
            "bigint addition overflow: the sum is 9223372036854775808",
        ),
        ("SELECT -x FROM (VALUES -9223372036854775807 - 1) AS t(x)".into(), "bigint negation overflow: -9223372036854775808"),
        ("SELECT -CAST(-2147483648 AS integer)".into(), "integer negation overflow: -2147483648"),
        ("SELECT 1 FROM (VALUES 3, -9223372036854775807 - 1) AS t(x) WHERE abs(x) < 0".into(), "Value -9223372036854775808 is out of range for abs(bigint)"),
        (
            "SELECT sum(DISTINCT x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 9223372036854775807, 1) AS t(x)".into(),
            "bigint addition overflow: the sum is 9223372036854775808",
        ),
        ("SELECT INTERVAL '1' DAY * 9223372036854775807".into(), "interval multiplication overflow"),
        ("SELECT 9223372036854775807 + 1".into(), "bigint addition overflow: 9223372036854775807 + 1"),
        (
            "SELECT x - 2 FROM (VALUES -9223372036854775807) AS t(x)".into(),
            "bigint subtraction overflow: -9223372036854775807 - 2",
        ),
        (
            "SELECT 1 FROM (VALUES 4611686018427387904) AS t(x) WHERE x * 2 < 0".into(),
            "bigint multiplication overflow: 4611686018427387904 * 2",
        ),
        (
            "SELECT CAST(2147483647 AS integer) + CAST(1 AS integer)".into(),
            "integer addition overflow: 2147483647 + 1",
        ),
        (
            "SELECT transform(ARRAY[9223372036854775807], x -> x + 1)".into(),
            "bigint addition overflow: 9223372036854775807 + 1",
        ),
        ("SELECT reduce(ARRAY[9223372036854775807, 1], 0, (s, x) -> s + x, s -> s)".into(), "bigint addition overflow"),
    ] {
        match asked(&statement) {
            Err(LakeError::Statement(why) | LakeError::Failed(why)) => assert!(why.contains(expected), "{statement}: {why}"),
            other => panic!("{statement}: {other:?}"),
        }
    }
}
