//! What Trino answers is answered: statements whose meaning DataFusion has otherwise, and what it has not.
//!
//! <https://trino.io/docs/current/sql/select.html>, <https://trino.io/docs/current/functions.html>

use crate::ask;

/// An event with two resources, one of which says little.
const EVENT: &str = r#"{"eventVersion":"1.09","userIdentity":{"type":"Root","arn":"arn:aws:iam::123456789012:root"},"eventTime":"2026-07-10T11:42:18Z","eventSource":"s3.amazonaws.com","eventName":"CreateBucket","awsRegion":"us-east-1","requestParameters":{"bucketName":"one","rules":{"Rule":[{"Status":"Enabled","Days":30},{"Status":"Disabled","Days":90}]}},"eventID":"id-0","readOnly":false,"resources":[{"accountId":"123456789012","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::one"},{"ARN":"second"}],"sessionCredentialFromConsole":"true"}"#;

/// Another, with neither.
const BARE: &str = r#"{"eventVersion":"1.09","userIdentity":{"type":"Root","arn":"arn:aws:iam::123456789012:root"},"eventTime":"2026-07-10T12:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"us-east-1","eventID":"id-1","readOnly":true}"#;

#[track_caller]
fn answers(statements: &[(&str, &[&str])]) {
    let events = [EVENT.to_owned(), BARE.to_owned()];
    for (statement, expected) in statements {
        let mut rows = ask(&events, statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        rows.remove(0);
        assert_eq!(rows, *expected, "{statement}");
    }
}

#[test]
fn nulls_come_last_in_either_order() {
    answers(&[
        ("SELECT x FROM (VALUES 1, NULL, 2) AS t(x) ORDER BY x", &["1", "2", "NULL"]),
        ("SELECT x FROM (VALUES 1, NULL, 2) AS t(x) ORDER BY x DESC", &["2", "1", "NULL"]),
        ("SELECT x FROM (VALUES 1, NULL, 2) AS t(x) ORDER BY x NULLS FIRST", &["NULL", "1", "2"]),
        (
            "SELECT x, row_number() OVER (ORDER BY x DESC) AS n FROM (VALUES 1, NULL) AS t(x) ORDER BY n",
            &["1 | 1", "NULL | 2"],
        ),
        ("SELECT array_agg(x ORDER BY x DESC) FROM (VALUES 1, NULL, 2) AS t(x)", &["[2, 1, null]"]),
    ]);
}

#[test]
fn casts_are_those_of_trino() {
    answers(&[
        (
            "SELECT CAST(2.5 AS bigint), CAST(-0.6e0 AS bigint), CAST('7' AS integer), TRY_CAST('x' AS integer)",
            &["3 | -1 | 7 | NULL"],
        ),
        (
            "SELECT CAST(eventTime AS varchar), CAST(eventTime AS varchar(10)), CAST(readOnly AS varchar) FROM t WHERE eventID = 'id-0'",
            &["2026-07-10 11:42:18.000 | 2026-07-10 | false"],
        ),
        ("SELECT count(*) FROM t WHERE CAST(eventTime AS varchar) LIKE '2026-07-10 11%'", &["1"]),
        (r#"SELECT contains(CAST(json_extract('{"a":["x"]}', '$.a') AS array(varchar)), 'x')"#, &["true"]),
        (r#"SELECT CAST(json_parse('{"a":"x","b":null}') AS map(varchar, varchar))"#, &["{a=x, b=null}"]),
        (
            r#"SELECT CAST(json_parse('[2.5, 1e18, 1e30, -1e30, "NaN", 9223372036854775807]') AS array(bigint))"#,
            &["[3, 1000000000000000000, null, null, null, 9223372036854775807]"],
        ),
        (r#"SELECT CAST(json_parse('{"a":[1,"2"]}') AS map(varchar, array(bigint)))"#, &["{a=[1, 2]}"]),
        (
            r#"SELECT CAST(json_parse('[[1,"b"],{"y":"c","X":2}]') AS array(row(x bigint, y varchar)))"#,
            &["[{x=1, y=b}, {x=2, y=c}]"],
        ),
        (
            r#"SELECT CAST(json_parse('["a",7]') AS array(json)), CAST(json_parse('7') AS array(json))"#,
            &[r#"["a", 7] | NULL"#],
        ),
        (
            "SELECT CAST(map(array['a', 'b'], array[2.7e0, -0.2e0]) AS map(varchar, bigint)), CAST(row(2.7e0, '3') AS row(x bigint, y integer)), \
             CAST(array[row(1.5e0, 'x')] AS array(row(n integer, t varchar)))",
            &["{a=3, b=0} | {x=3, y=3} | [{n=2, t=x}]"],
        ),
        ("SELECT CAST(CAST(row(1, 2) AS row(a bigint, b bigint)) AS row(b bigint, a bigint))", &["{b=1, a=2}"]),
        (
            "SELECT CAST(x AS array(bigint)) FROM (SELECT x FROM (VALUES (array['7']), (array['x'])) AS t(x) LIMIT 1)",
            &["[7]"],
        ),
        (
            "SELECT TRY_CAST(row(map(array['k'], array[1]), 1000) AS row(a json, b tinyint)), \
             TRY_CAST(row(IPADDRESS '10.0.0.1', 1000) AS row(a varchar, b tinyint))",
            &["NULL | NULL"],
        ),
        (
            "SELECT TRY_CAST(x AS array(bigint)), TRY_CAST(row(x) AS row(a array(bigint))) FROM (VALUES (1, array['7']), (2, array['x'])) AS t(n, x) \
             ORDER BY n",
            &["[7] | {a=[7]}", "NULL | NULL"],
        ),
        (r#"SELECT flatten(CAST('[["a"],["b","c"]]' AS array(array(varchar))))"#, &["[a, b, c]"]),
        (
            "SELECT CAST(array[2.5, -0.6] AS array(bigint)), CAST(json_parse('[2.5, \"3\"]') AS array(bigint))",
            &["[3, -1] | [3, 3]"],
        ),
        (
            r#"SELECT CAST(json_extract('{"a":null,"b":"5"}', '$.a') AS bigint), CAST(json_extract('{"b":"5"}', '$.b') AS double)"#,
            &["NULL | 5.0"],
        ),
        ("SELECT CAST(12 AS json), CAST('a' AS json), CAST(array['a', NULL] AS json)", &[r#"12 | "a" | ["a",null]"#]),
        (
            "SELECT json_extract_scalar(CAST(requestParameters AS json), '$.bucketName'), CAST(resources[1] AS json) FROM t WHERE eventID = 'id-0'",
            &[
                r#"one | {"accountId":"123456789012","type":"AWS::S3::Bucket","arn":"arn:aws:s3:::one","arnPrefix":null}"#,
            ],
        ),
        (r#"SELECT json_extract_scalar(JSON '{"a":1}', '$.a')"#, &["1"]),
    ]);
}

#[test]
fn ways_into_json_may_lead_to_several() {
    answers(&[(
        "SELECT json_extract(element_at(requestParameters, 'rules'), '$.Rule[*].Days'), \
         json_extract(element_at(requestParameters, 'rules'), '$.Rule[?(@.Status === \"Enabled\")].Days'), \
         json_extract_scalar(element_at(requestParameters, 'rules'), '$.Rule[*].Days'), \
         json_size(element_at(requestParameters, 'rules'), '$..Status') FROM t WHERE eventID = 'id-0'",
        &["[30,90] | [30] | NULL | 2"],
    )]);
    answers(&[(
        r#"SELECT json_value(x, 'lax $.a[0]'), json_query(x, 'strict $.a'), json_value(x, '$.a'), json_exists(x, 'lax $.a[*]'), json_exists(x, '$.b[*]') FROM (VALUES '{"a":[1],"b":[]}') AS t(x)"#,
        &["1 | [1] | NULL | true | false"],
    )]);
}

#[test]
fn what_fails_within_try_is_null() {
    answers(&[
        (
            "SELECT try(1 / 0), try(7 % 0), try(4 / 2), try(CAST('x' AS bigint)), try(CAST('7' AS bigint))",
            &["NULL | NULL | 2 | NULL | 7"],
        ),
        (
            "SELECT try(date_parse(x, '%Y-%m-%d')) FROM (VALUES '2026-02-10', 'never') AS t(x)",
            &["2026-02-10 00:00:00.000", "NULL"],
        ),
        // Row by row: of those beside it nothing is lost.
        (
            "SELECT x, try(x + 1), try(x * 2 - 1), try(-x), try(abs(x)) FROM (VALUES 9223372036854775807, 5, -9223372036854775807 - 1, NULL) AS t(x) ORDER BY x",
            &[
                "-9223372036854775808 | -9223372036854775807 | NULL | NULL | NULL",
                "5 | 6 | 9 | -5 | 5",
                "9223372036854775807 | NULL | NULL | -9223372036854775807 | 9223372036854775807",
                "NULL | NULL | NULL | NULL | NULL",
            ],
        ),
        (
            "SELECT sum(try(CAST(n AS integer) * CAST(65536 AS integer))), count(try(CAST(n AS integer) * CAST(65536 AS integer))) FROM UNNEST(sequence(32760, 32775)) AS t(n)",
            &["17177509888 | 8"],
        ),
        (
            "SELECT count(*) FROM UNNEST(sequence(1, 30000)) AS t(n) WHERE try(9223372036854775807 - 20000 + n) IS NULL",
            &["10000"],
        ),
        (
            "SELECT try(9223372036854775807 + 1), try(1 + 1), try(parse_datetime('x', 'yyyy')), try(regexp_like('a', '('))",
            &["NULL | 2 | NULL | NULL"],
        ),
        (
            "SELECT transform(array[1, 9223372036854775807], x -> try(x + try(1 / (x - 1))))",
            &["[null, 9223372036854775807]"],
        ),
        ("SELECT try(it + 1) FROM (VALUES 1) AS t(it)", &["2"]),
        (
            "SELECT try(CAST(x AS array(bigint))), try(element_at(x, 0)), try(element_at(x, 1)) FROM (SELECT array['x'] AS x FROM t LIMIT 1)",
            &["NULL | NULL | x"],
        ),
        (
            "SELECT try(sum(x) / count(y)), try(max(x) + 1) FROM (VALUES (1, NULL), (9223372036854775807 - 1, NULL)) AS t(x, y)",
            &["NULL | 9223372036854775807"],
        ),
        (
            "SELECT try(x + 1) AS a, count(*) FROM (VALUES 1, 1, 9223372036854775807) AS t(x) GROUP BY try(x + 1) ORDER BY 1",
            &["2 | 2", "NULL | 1"],
        ),
        ("SELECT try(CAST(x AS integer) + 1) FROM (VALUES '1', 'x') AS t(x) ORDER BY 1", &["2", "NULL"]),
        (
            "SELECT eventID FROM t WHERE try(CAST(element_at(requestParameters, 'bucketName') AS integer) + 1) IS NULL AND try(year(eventTime) + 1) = 2027 ORDER BY 1",
            &["id-0", "id-1"],
        ),
        (
            "SELECT transform(array['\"a\"', '[1]'], x -> if(try(is_json_scalar(x)), x, CAST(array[x] AS json)))",
            &[r#"["a", ["[1]"]]"#],
        ),
    ]);
}

#[test]
fn lists_become_rows_and_rows_columns() {
    answers(&[
        (
            "SELECT type, arn FROM t CROSS JOIN UNNEST(resources) AS k (accountId, type, arn, prefix)",
            &["AWS::S3::Bucket | arn:aws:s3:::one", "NULL | second"],
        ),
        (
            "SELECT r.arn, n FROM t, UNNEST(resources) WITH ORDINALITY AS u(r, n)",
            &["arn:aws:s3:::one | 1", "second | 2"],
        ),
        ("SELECT r.arn FROM t CROSS JOIN UNNEST(resources) AS r", &["arn:aws:s3:::one", "second"]),
        (
            "SELECT eventID, r.arn FROM t LEFT JOIN UNNEST(resources) AS u(r) ON true ORDER BY 1, 2",
            &["id-0 | arn:aws:s3:::one", "id-0 | second", "id-1 | NULL"],
        ),
        (
            "SELECT eventID, k, v FROM t LEFT JOIN UNNEST(requestParameters) AS u(k, v) ON true WHERE k IS NULL OR k = 'bucketName' ORDER BY 1",
            &["id-0 | bucketName | one", "id-1 | NULL | NULL"],
        ),
        ("SELECT x, n FROM UNNEST(array[5, 6]) WITH ORDINALITY AS u(x, n)", &["5 | 1", "6 | 2"]),
        (
            "SELECT x, n FROM UNNEST(array[array[1, 2], array[3]]) WITH ORDINALITY AS u(x, n)",
            &["[1, 2] | 1", "[3] | 2"],
        ),
        (
            "SELECT x, y, n FROM UNNEST(array[1], array[1, 2]) WITH ORDINALITY AS u(x, y, n)",
            &["1 | 1 | 1", "NULL | 2 | 2"],
        ),
        (
            "SELECT a.x, n FROM (VALUES 1) AS a(x) LEFT JOIN UNNEST(slice(array[1], 2, 1)) WITH ORDINALITY AS u(y, n) ON true",
            &["1 | NULL"],
        ),
        (
            "SELECT DISTINCT cardinality(filter(resources, r -> r.type = 'AWS::S3::Bucket')) FROM t CROSS JOIN UNNEST(resources) AS r(account, type, arn, prefix)",
            &["1"],
        ),
        ("SELECT id, x FROM (VALUES (1, array[7, 8])) AS a(id, l) CROSS JOIN UNNEST(l) AS u(x)", &["1 | 7", "1 | 8"]),
        (
            r#"SELECT i['k'] FROM UNNEST(CAST('[{"k":"v"},{"k":2}]' AS array(map(varchar, varchar)))) AS u(i)"#,
            &["v", "2"],
        ),
    ]);
}

#[test]
fn times_are_told_as_trino_does() {
    answers(&[
        (
            "SELECT hour(eventTime AT TIME ZONE 'America/New_York'), date_format(eventTime AT TIME ZONE 'Europe/Berlin', '%H'), \
             date_trunc('day', at_timezone(eventTime, '+13:00')) FROM t WHERE eventID = 'id-0'",
            &["7 | 13 | 2026-07-11 00:00:00.000 +13:00"],
        ),
        ("SELECT max(eventTime) - min(eventTime) FROM t", &["0 00:17:42.000"]),
        (
            "SELECT interval '3' day, interval '14' month, interval '90' minute, - interval '90' second",
            &["3 00:00:00.000 | 1-2 | 0 01:30:00.000 | -0 00:01:30.000"],
        ),
        (
            "SELECT extract(dow FROM DATE '2023-07-09'), extract(year_of_week FROM DATE '2023-01-01'), extract(minute FROM eventTime) FROM t WHERE eventID = 'id-0'",
            &["7 | 2022 | 42"],
        ),
    ]);
}

#[test]
fn conditions_hold_as_in_trino() {
    answers(&[
        (
            r"SELECT 'a_b' LIKE 'a#_b' ESCAPE '#', 'axb' LIKE 'a#_b' ESCAPE '#', 'a\b' LIKE 'a\b', '\a' LIKE '\_'",
            &["true | false | true | true"],
        ),
        ("SELECT eventID FROM t WHERE sessionCredentialFromConsole = true AND readOnly = 'false'", &["id-0"]),
        ("SELECT eventID FROM t WHERE eventName IN (VALUES 'CreateBucket', 'a, b')", &["id-0"]),
        (
            "SELECT a.eventID FROM t a WHERE NOT EXISTS (SELECT 1 FROM t b WHERE b.userIdentity.arn = a.userIdentity.arn AND b.readOnly)",
            &[],
        ),
        (
            "SELECT eventID, CASE WHEN EXISTS (SELECT 1 FROM t b WHERE b.eventSource = a.eventSource AND b.readOnly) THEN 'read' END, \
             eventName IN (SELECT eventName FROM t WHERE readOnly) FROM t a ORDER BY 1",
            &["id-0 | read | false", "id-1 | read | true"],
        ),
        (
            "SELECT x, x NOT IN (SELECT y FROM (VALUES 1) AS u(y)) FROM (VALUES 1, 2, NULL) AS t(x)",
            &["1 | false", "2 | true", "NULL | NULL"],
        ),
        (
            "SELECT x IN (SELECT y FROM (VALUES 1) AS u(y) WHERE y > 1) FROM (VALUES 1, NULL) AS t(x)",
            &["false", "false"],
        ),
        (
            "SELECT x NOT IN (SELECT y FROM (VALUES 2, NULL) AS u(y)) FROM (VALUES 1, 2) AS t(x) ORDER BY x",
            &["NULL", "false"],
        ),
        ("SELECT arbitrary(x), any_value(x) FROM (VALUES NULL, 'a') AS t(x)", &["a | a"]),
    ]);
}

#[test]
fn the_same_may_be_selected_twice() {
    let events = [EVENT.to_owned(), BARE.to_owned()];
    let rows =
        ask(&events, "SELECT eventName, eventname, count(*), count(*) FROM t GROUP BY eventName ORDER BY 1").unwrap();
    assert_eq!(
        rows,
        [
            "eventName | eventname | count(*) | count(*)",
            "CreateBucket | CreateBucket | 1 | 1",
            "ListBuckets | ListBuckets | 1 | 1"
        ]
    );
    answers(&[
        ("SELECT listagg(x, ',') WITHIN GROUP (ORDER BY x DESC) FROM (VALUES 'a', 'b') AS t(x)", &["b,a"]),
        (
            "SELECT listagg(DISTINCT x, ',' ON OVERFLOW TRUNCATE '…' WITHOUT COUNT) WITHIN GROUP (ORDER BY x) FROM (VALUES 'a', 'b', 'a') AS t(x)",
            &["a,b"],
        ),
    ]);
}
