use super::*;

/// Some columns.
fn names() -> Names {
    let mut names = Names::default();
    for name in ["userIdentity", "sessionContext", "sessionIssuer", "userName", "eventID", "accountId"] {
        names.know(name);
    }
    names
}

fn one(label: &str) -> Selected {
    Selected::One(label.into())
}

fn understood(text: &str) -> Understood {
    understand(text, &names()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn names_are_as_the_schema_writes_them_or_as_they_were_first_written() {
    let text = "select USERIDENTITY.SESSIONCONTEXT.sessionissuer.UserName as Who, count(*) as N from Stores1 group by \
                useridentity.sessionContext.SESSIONISSUER.username order by n desc";
    let understood = understood(text);
    assert_eq!(
        understood.statement.to_string(),
        "SELECT userIdentity.sessionContext.sessionIssuer.userName AS Who, count(*) AS N FROM \"Stores1\" GROUP BY \
         userIdentity.sessionContext.sessionIssuer.userName ORDER BY N DESC"
    );
    assert_eq!(understood.stores.into_iter().collect::<Vec<_>>(), ["Stores1"]);
    assert_eq!(understood.selected, [one("Who"), one("N")]);
}

#[test]
fn a_store_is_named_by_id_name_or_arn() {
    for from in [
        "1a8f2138-0caa-46c8-a194-0123456789ab",
        "\"1a8f2138-0caa-46c8-a194-0123456789ab\"",
        "\"arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/1a8f2138-0caa-46c8-a194-0123456789ab\"",
    ] {
        let stores = understood(&format!("SELECT 1 FROM {from};")).stores;
        assert_eq!(stores.into_iter().collect::<Vec<_>>(), ["1a8f2138-0caa-46c8-a194-0123456789ab"], "{from}");
    }
    let named = understood(
        "WITH recent AS (SELECT * FROM my_store) SELECT * FROM Recent r JOIN recent s ON r.eventID = s.eventid",
    );
    assert_eq!(named.stores.into_iter().collect::<Vec<_>>(), ["my_store"]);
}

#[test]
fn log_files_are_tables_and_no_stores_wherever_a_table_may_stand() {
    let logs = |text: &str| {
        let Understood { stores, logs, .. } = understood(text);
        let logs = logs.into_values().map(|Logs { bucket, prefix, place }| format!("{bucket} {prefix}{place}"));
        (stores.into_iter().collect::<Vec<_>>(), logs.collect::<Vec<_>>())
    };
    let of = |stores: &[&str], logs: &[&str]| {
        let owned = |of: &[&str]| of.iter().map(|of| (*of).to_owned()).collect::<Vec<_>>();
        (owned(stores), owned(logs))
    };
    for (text, stores, expected) in [
        ("SELECT * FROM cloudtrail_logs('s3://b')", &[][..], &["b  at Line: 1, Column: 31"][..]),
        ("SELECT l.eventID FROM\n CloudTrail_Logs('s3://b/p/q/') AS l", &[], &["b p/q/ at Line: 2, Column: 18"]),
        ("SELECT 1 FROM TABLE(cloudtrail_logs('s3://b/p')) l", &[], &["b p at Line: 1, Column: 37"]),
        (
            "SELECT 1 FROM events e JOIN cloudtrail_logs('s3://b/P') l ON e.eventID = l.eventID, cloudtrail_logs('s3://b/p')",
            &["events"],
            &["b P at Line: 1, Column: 45", "b p at Line: 1, Column: 101"],
        ),
        (
            "WITH l AS (SELECT * FROM cloudtrail_logs('s3://b/p')) SELECT 1 FROM l WHERE eventID IN (SELECT eventID FROM \
             cloudtrail_logs('s3://b/p')) AND EXISTS (SELECT 1 FROM other)",
            &["other"],
            &["b p at Line: 1, Column: 42"],
        ),
        (
            "SELECT r.arn FROM cloudtrail_logs('s3://b/x:eventdatastore/y') CROSS JOIN UNNEST(resources) AS u(r)",
            &[],
            &["b x:eventdatastore/y at Line: 1, Column: 35"],
        ),
    ] {
        assert_eq!(logs(text), of(stores, expected), "{text}");
    }
}

#[test]
fn what_is_no_place_in_a_bucket_is_refused_with_its_place() {
    for (text, expected) in [
        ("cloudtrail_logs()", "`cloudtrail_logs` at Line: 1, Column: 15 takes one text"),
        (
            "TABLE(cloudtrail_logs('s3://a') OVER (PARTITION BY x))",
            "at Line: 1, Column: 21 is called with its text, and nothing else",
        ),
        (
            "TABLE(cloudtrail_logs('s3://a') FILTER (WHERE true))",
            "at Line: 1, Column: 21 is called with its text, and nothing else",
        ),
        ("generate_series(1, 9)", "`generate_series` at Line: 1, Column: 15 is no table function"),
        ("read_parquet('/etc/passwd')", "`read_parquet` at Line: 1, Column: 15 is no table function"),
        ("TABLE(sequence(1, 9))", "`sequence` at Line: 1, Column: 21 is no table function"),
        ("a.cloudtrail_logs('s3://a')", "`a.cloudtrail_logs` at Line: 1, Column: 15 is no table function"),
        ("cloudtrail_logs('s3://a', 's3://b')", "at Line: 1, Column: 15 takes one text"),
        ("cloudtrail_logs(eventName)", "at Line: 1, Column: 15 takes one text"),
        ("cloudtrail_logs('s3://' || 'a')", "at Line: 1, Column: 15 takes one text"),
        ("cloudtrail_logs(of => 's3://a')", "at Line: 1, Column: 15 takes one text"),
        ("cloudtrail_logs((SELECT 's3://a'))", "at Line: 1, Column: 15 takes one text"),
        ("cloudtrail_logs(7)", "at Line: 1, Column: 15 takes a text, which says where log files lie, and not 7"),
        ("cloudtrail_logs('/etc/passwd')", "'/etc/passwd' at Line: 1, Column: 31 is no place in a bucket"),
        ("cloudtrail_logs('file:///etc')", "'file:///etc' at Line: 1, Column: 31 is no place in a bucket"),
        ("cloudtrail_logs('https://a/b')", "at Line: 1, Column: 31 is no place in a bucket"),
        ("cloudtrail_logs('S3://a/b')", "at Line: 1, Column: 31 is no place in a bucket"),
        ("cloudtrail_logs('s3:///b')", "at Line: 1, Column: 31 is no place in a bucket"),
        ("TABLE(cloudtrail_logs('b'))", "'b' at Line: 1, Column: 37 is no place in a bucket"),
        ("cloudtrail_logs('s3://a') WITH ORDINALITY", "at Line: 1, Column: 15 gives events in no order"),
        ("events, LATERAL cloudtrail_logs('s3://a')", "at Line: 1, Column: 31 depends on nothing beside it"),
        ("cloudtrail_logs('s3://a') TABLESAMPLE BERNOULLI (10)", "TABLESAMPLE"),
    ] {
        let why = understand(&format!("SELECT 1 FROM {text}"), &names()).expect_err(text).to_string();
        assert!(why.contains(expected), "{text}: {why}");
    }
}

#[test]
fn labels_are_as_they_are_written() {
    let text = "SELECT eventtime, userIdentity.ARN, element_at(resources, 1).accountId, *, count(*) FROM t";
    let all = Selected::All { of: None, is_again: false };
    assert_eq!(understood(text).selected, [one("eventtime"), one("ARN"), one("accountId"), all, one("count(*)")]);
}

#[test]
fn all_columns_are_planned_once_however_often_they_are_selected() {
    let all = |of: Option<&str>, is_again| Selected::All { of: of.map(str::to_owned), is_again };
    for (text, planned, expected) in [
        ("SELECT *, 1, * FROM t", "SELECT *, 1 FROM", vec![all(None, false), one("1"), all(None, true)]),
        (
            "SELECT a.*, b.*, A.* FROM t a, t b",
            "SELECT a.*, b.* FROM",
            vec![all(Some("a"), false), all(Some("b"), false), all(Some("A"), true)],
        ),
        ("SELECT a.*, * FROM t a JOIN t b ON true", "SELECT * FROM", vec![all(Some("a"), true), all(None, false)]),
        // `*` has less than both.
        (
            "SELECT a.*, * FROM t a JOIN t b USING (n)",
            "SELECT a.*, * FROM",
            vec![all(Some("a"), false), all(None, false)],
        ),
        // A place is that of a column as it is written.
        ("SELECT *, * FROM t ORDER BY 7", "SELECT *, * FROM", vec![all(None, false), all(None, false)]),
        ("(SELECT *, * FROM t) ORDER BY 7", "(SELECT *, * FROM", vec![all(None, false), all(None, false)]),
        ("SELECT *, * FROM t GROUP BY 1, 7", "SELECT *, * FROM", vec![all(None, false), all(None, false)]),
    ] {
        let understood = understood(text);
        assert_eq!(understood.selected, expected, "{text}");
        assert!(understood.statement.to_string().starts_with(planned), "{text}: {}", understood.statement);
    }
}

#[test]
fn what_is_no_select_is_refused() {
    for text in [
        "DELETE FROM t",
        "INSERT INTO t VALUES (1)",
        "CREATE TABLE t (a INT)",
        "COPY t TO 'x'",
        "SELECT 1; SELECT 2",
        "",
        "EXPLAIN SELECT 1",
        "SET x = 1",
        "SHOW TABLES",
        "SELECT 1 FROM t TABLESAMPLE BERNOULLI (10)",
        "SELECT 1 FROM (SELECT 1) TABLESAMPLE SYSTEM (10)",
        "SELECT a SIMILAR TO 'b' FROM t",
        "SELECT a RLIKE 'b' FROM t",
    ] {
        assert!(understand(text, &names()).is_err(), "{text}");
    }
    let deep = format!("SELECT {}1{}", "(".repeat(5000), ")".repeat(5000));
    assert!(understand(&deep, &names()).is_err());
}

/// Written anew, each row within a row would be twice as long.
#[test]
fn rows_within_rows_that_are_held_by_which_comes_before_are_bounded() {
    for (begins, within) in [
        ("(1, 2) < (3, 4)", "(CASE WHEN {} THEN 1 ELSE 2 END, 2) < (3, 4)"),
        ("(1, 2) BETWEEN (3, 4) AND (5, 6)", "(1, CASE WHEN {} THEN 1 ELSE 2 END) BETWEEN (3, 4) AND (5, 6)"),
    ] {
        let nested = |depth| (0..depth).fold(begins.to_owned(), |inner, _| within.replace("{}", &inner));
        assert!(understand(&format!("SELECT 1 WHERE {}", nested(2)), &names()).is_ok(), "{}", nested(2));
        let Err(Refused(why)) = understand(&format!("SELECT 1 WHERE {}", nested(12)), &names()) else {
            panic!("{} is too long", nested(12))
        };
        assert!(why.contains("too long to be held against each other"), "{why}");
    }
}

#[test]
fn a_fault_is_told_with_its_place() {
    let Err(Refused(why)) = understand("SELECT a\nFROM t WHERE >", &names()) else { panic!("it is none") };
    assert!(why.contains("Line: 2, Column: 14"), "{why}");
}

#[test]
fn what_follows_is_distinct_from_ends_where_any_comparison_ends() {
    for (text, expected) in [
        ("a IS DISTINCT FROM true AND b IS NULL", "(a IS DISTINCT FROM true) AND (b IS NULL)"),
        ("a IS NOT DISTINCT FROM 'x' OR b = 1", "(a IS NOT DISTINCT FROM 'x') OR (b = 1)"),
        ("NOT a IS DISTINCT FROM b + 1 AND c", "(NOT (a IS DISTINCT FROM (b + 1))) AND c"),
    ] {
        let where_of =
            |condition: &str| understood(&format!("SELECT 1 FROM s WHERE {condition}")).statement.to_string();
        assert_eq!(where_of(text), where_of(expected).replace(['(', ')'], ""), "{text}");
        let Statement::Query(query) = understood(&format!("SELECT 1 FROM s WHERE {text}")).statement else {
            panic!("{text} is a query")
        };
        let told = format!("{:?}", query.body);
        let and_or = told.find("op: And").or_else(|| told.find("op: Or")).expect("it is there");
        assert!(told[..and_or].contains("DistinctFrom"), "it is the left one of both: {told}");
    }
}
