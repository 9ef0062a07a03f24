//! Columns with one label.

use lake::LakeError;

use crate::{ask, statements};

#[track_caller]
fn gives(statement: &str, expected: &[&str]) {
    let rows = ask(&statements::events(), statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    assert_eq!(rows, expected, "{statement}");
}

const JOINED: &str = "t a JOIN t b ON a.eventID = b.eventID WHERE a.eventID = 'id-1'";

#[test]
fn a_result_may_have_two_columns_of_one_label() {
    let one = "FROM t WHERE eventID = 'id-1'";
    for (statement, expected) in [
        (format!("SELECT eventName, eventName {one}"), ["eventName | eventName", "PutObject | PutObject"]),
        (format!("SELECT eventName AS a, eventID AS a {one}"), ["a | a", "PutObject | id-1"]),
        (format!("SELECT eventName AS a, eventName AS a {one} ORDER BY a"), ["a | a", "PutObject | PutObject"]),
        (format!("SELECT eventName AS A, eventID AS a {one}"), ["A | a", "PutObject | id-1"]),
        (format!("SELECT DISTINCT eventName AS a, eventID AS a {one}"), ["a | a", "PutObject | id-1"]),
        (format!("SELECT eventName AS a, count(*) AS a {one} GROUP BY eventName"), ["a | a", "PutObject | 1"]),
        (format!("SELECT eventID, eventName AS eventID {one}"), ["eventID | eventID", "id-1 | PutObject"]),
        (format!("SELECT count(*), count(*) {one}"), ["count(*) | count(*)", "1 | 1"]),
        (format!("SELECT a.eventID, b.eventID FROM {JOINED} ORDER BY a.eventID"), ["eventID | eventID", "id-1 | id-1"]),
        (
            format!("SELECT DISTINCT a.eventID, b.eventName, b.eventID FROM {JOINED} ORDER BY b.eventID"),
            ["eventID | eventName | eventID", "id-1 | PutObject | id-1"],
        ),
        (
            format!("SELECT a.userIdentity.type, b.eventType AS type FROM {JOINED}"),
            ["type | type", "AssumedRole | AwsApiCall"],
        ),
        (
            "SELECT sum(n), sum(CAST(n AS double)) FROM (SELECT 7 AS n FROM t)".into(),
            ["sum(n) | sum(CAST(n AS DOUBLE))", "28 | 28.0"],
        ),
        (
            "SELECT sum(n) AS a FROM (SELECT 7 AS n FROM t) HAVING sum(CAST(n AS double)) > 1 ORDER BY sum(CAST(n AS double))".into(),
            ["a", "28"],
        ),
        (
            "SELECT sum(n) AS a, sum(CAST(n AS double)) AS b FROM (SELECT 7 AS n FROM t) HAVING sum(CAST(n AS double)) > 1 \
             ORDER BY sum(CAST(n AS double))"
                .into(),
            ["a | b", "28 | 28.0"],
        ),
        (
            "SELECT abs(n) AS a, abs(CAST(n AS double)) AS b FROM (SELECT -7 AS n FROM t) GROUP BY abs(n), abs(CAST(n AS double))".into(),
            ["a | b", "7 | 7.0"],
        ),
        (
            "SELECT x.*, 7 AS eventID FROM (SELECT eventID FROM t) AS x WHERE eventID = 'id-1'".into(),
            ["eventID | eventID", "id-1 | 7"],
        ),
        (
            "SELECT *, 7 AS n, n AS m FROM (SELECT eventID AS n FROM t WHERE eventID = 'id-1') ORDER BY m".into(),
            ["n | n | m", "id-1 | 7 | id-1"],
        ),
        (
            format!("SELECT eventName AS a, eventID AS a {one} UNION ALL SELECT '1', '2' WHERE false"),
            ["a | a", "PutObject | id-1"],
        ),
        (
            format!("SELECT a.eventID, b.eventID FROM {JOINED} INTERSECT SELECT 'id-1', 'id-1'"),
            ["eventID | eventID", "id-1 | id-1"],
        ),
    ] {
        gives(&statement, &expected);
    }
}

#[test]
fn a_result_may_have_all_columns_again() {
    let two = "(SELECT eventID, eventName AS n FROM t WHERE eventID = 'id-1') AS a";
    let other = "(SELECT eventID, 7 AS k FROM t WHERE eventID = 'id-1') AS b";
    let both = format!("{two} JOIN {other} ON a.eventID = b.eventID");
    for (statement, expected) in [
        (format!("SELECT *, * FROM {two}"), ["eventID | n | eventID | n", "id-1 | PutObject | id-1 | PutObject"]),
        (
            format!("SELECT *, 1 AS n, *, n FROM {two} ORDER BY a.n"),
            ["eventID | n | n | eventID | n | n", "id-1 | PutObject | 1 | id-1 | PutObject | PutObject"],
        ),
        (
            format!("SELECT DISTINCT a.*, A.* FROM {two} ORDER BY eventID LIMIT 1"),
            ["eventID | n | eventID | n", "id-1 | PutObject | id-1 | PutObject"],
        ),
        (
            format!("SELECT b.*, a.eventID, a.*, b.* FROM {both}"),
            ["eventID | k | eventID | eventID | n | eventID | k", "id-1 | 7 | id-1 | id-1 | PutObject | id-1 | 7"],
        ),
        (
            format!("SELECT b.*, * FROM {both}"),
            ["eventID | k | eventID | n | eventID | k", "id-1 | 7 | id-1 | PutObject | id-1 | 7"],
        ),
        (
            format!("WITH b AS (SELECT * FROM {two}) SELECT *, b.*, n AS x FROM b"),
            ["eventID | n | eventID | n | x", "id-1 | PutObject | id-1 | PutObject | PutObject"],
        ),
    ] {
        gives(&statement, &expected);
    }
}

#[test]
fn a_subquery_may_too_and_what_is_asked_of_it_has_one_meaning() {
    let twice = "SELECT eventName AS a, eventID AS a, 1 AS n FROM t WHERE eventID = 'id-1'";
    let joined = format!("SELECT a.eventID, b.eventID, 1 AS n FROM {JOINED}");
    for (statement, expected) in [
        (format!("SELECT n FROM ({twice})"), ["n", "1"]),
        ("SELECT k, eventID FROM (SELECT *, 7 AS k FROM t WHERE eventID = 'id-1')".into(), ["k | eventID", "7 | id-1"]),
        (
            "WITH x(a, b) AS (SELECT eventID, eventName FROM t WHERE eventID = 'id-1') SELECT arn, a FROM (SELECT *, 7 AS arn FROM x)".into(),
            ["arn | a", "7 | id-1"],
        ),
        (format!("SELECT * FROM ({twice}) AS x"), ["a | a | n", "PutObject | id-1 | 1"]),
        (format!("WITH x AS ({twice}) SELECT count(*) AS c FROM x"), ["c", "1"]),
        (format!("SELECT x.n FROM ({joined}) AS x"), ["n", "1"]),
        (format!("WITH x AS ({joined}) SELECT * FROM x"), ["eventID | eventID | n", "id-1 | id-1 | 1"]),
        (format!("SELECT * FROM ({joined}) AS x(one, other, n)"), ["one | other | n", "id-1 | id-1 | 1"]),
    ] {
        gives(&statement, &expected);
    }
    for (statement, expected) in [
        (
            format!("SELECT a FROM ({twice})"),
            "`a` at Line: 1, Column: 8 is what several columns are called: give each a name by AS",
        ),
        (
            format!("SELECT x.eventID FROM ({joined}) AS x"),
            "`eventID` at Line: 1, Column: 8 is what several columns are called: give each a name by AS",
        ),
        (
            "SELECT eventSource AS eventName, eventID AS eventName FROM t ORDER BY eventname".into(),
            "several columns are called so",
        ),
        (
            "SELECT eventName FROM (SELECT *, 7 AS eventName FROM t)".into(),
            "`eventName` is what several columns are called",
        ),
        ("SELECT *, 7 AS eventName FROM t ORDER BY eventName".into(), "several columns are called so"),
        (
            "SELECT * FROM (SELECT *, * FROM t)".into(),
            "two columns are called the same: give one of them another name by AS",
        ),
    ] {
        match ask(&statements::events(), &statement) {
            Err(LakeError::Statement(why)) => assert!(why.contains(expected), "{statement}: {why}"),
            other => panic!("{statement}: {other:?}"),
        }
    }
}

#[test]
fn what_is_nested_is_called_by_its_last_part_also_by_a_query_around() {
    let one = "FROM t WHERE eventID = 'id-1'";
    for (statement, expected) in [
        (format!("SELECT type, n FROM (SELECT userIdentity.type, 7 AS n {one})"), ["type | n", "AssumedRole | 7"]),
        (format!("WITH a AS (SELECT t.useridentity.TYPE {one}) SELECT a.type FROM a"), ["type", "AssumedRole"]),
        (
            format!("SELECT type, eventName FROM (SELECT *, userIdentity.type {one}) AS a"),
            ["type | eventName", "AssumedRole | PutObject"],
        ),
        (
            format!(
                "SELECT upper(type) AS t FROM (SELECT userIdentity.type {one} UNION SELECT userIdentity.type {one})"
            ),
            ["t", "ASSUMEDROLE"],
        ),
        (
            format!(
                "SELECT type, count(*) AS n FROM (SELECT t.eventID, userIdentity.type {one} ORDER BY userIdentity.type) GROUP BY 1"
            ),
            ["type | n", "AssumedRole | 1"],
        ),
        (format!("SELECT eventID FROM (SELECT t.eventID, userIdentity.type {one})"), ["eventID", "id-1"]),
        (
            format!(
                "SELECT count(*) AS n FROM (SELECT *, userIdentity.type FROM (SELECT userIdentity, 'x' AS type {one}))"
            ),
            ["n", "1"],
        ),
        (
            format!(
                "SELECT count(*) AS n FROM (SELECT t.*, t.eventName {one} UNION ALL SELECT t.*, 'x' {one} AND false)"
            ),
            ["n", "1"],
        ),
    ] {
        gives(&statement, &expected);
    }
}
