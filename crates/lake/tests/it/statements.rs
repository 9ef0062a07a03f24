//! Statements and what they give.

use crate::ask;

/// A few events: who, what, when, and how it went.
pub(crate) fn events() -> Vec<String> {
    let event = |number: u32, name: &str, user: &str, error: &str, parameters: &str| {
        format!(
            r#"{{"eventVersion":"1.09","userIdentity":{{"type":"AssumedRole","principalId":"AROA:{user}","arn":"arn:aws:sts::123456789012:assumed-role/{user}/s","accountId":"123456789012","sessionContext":{{"sessionIssuer":{{"type":"Role","userName":"{user}"}},"attributes":{{"creationDate":"2026-02-10T17:00:00Z","mfaAuthenticated":"false"}}}}}},"eventTime":"2026-02-1{number}T18:02:03Z","eventSource":"s3.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.{number}","userAgent":"aws-cli","errorCode":{error},"requestParameters":{parameters},"responseElements":null,"requestID":"r","eventID":"id-{number}","readOnly":false,"resources":[{{"accountId":"123456789012","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b{number}"}},{{"ARN":"second"}}],"eventType":"AwsApiCall","managementEvent":true,"eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.{number}"}}}}"#
        )
    };
    vec![
        event(0, "DeleteBucket", "ann", "null", r#"{"bucketName":"one","nested":{"a":[1,{"b":"deep"}]},"count":3}"#),
        event(1, "PutObject", "ann", "\"AccessDenied\"", r#"{"bucketName":"two","key":"a/b"}"#),
        event(2, "PutObject", "bob", "\"AccessDenied\"", "null"),
        event(3, "GetObject", "cat", "null", r#"{"list":"[1,2,3]"}"#),
    ]
}

#[track_caller]
fn gives(statement: &str, expected: &[&str]) {
    let rows = ask(&events(), statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    assert_eq!(rows, expected, "{statement}");
}

#[test]
fn names_are_read_in_any_case_and_labelled_as_they_are_written() {
    gives(
        "SELECT EVENTNAME, userIdentity.sessioncontext.SESSIONISSUER.username, sourceipaddress AS Ip FROM t \
         WHERE eventtime > '2026-02-11' ORDER BY Ip",
        &[
            "EVENTNAME | username | Ip",
            "PutObject | ann | 203.0.113.1",
            "PutObject | bob | 203.0.113.2",
            "GetObject | cat | 203.0.113.3",
        ],
    );
}

#[test]
fn texts_are_held_against_moments() {
    for condition in [
        "eventTime = '2026-02-10 18:02:03'",
        "eventTime < '2026-02-11'",
        "eventTime BETWEEN '2026-02-09 00:00:00' AND TIMESTAMP '2026-02-10 23:59:59'",
        "date(eventTime) = DATE '2026-02-10'",
        "eventTime < date_add('day', 1, TIMESTAMP '2026-02-10 00:00:00')",
        "date_diff('hour', TIMESTAMP '2026-02-10 00:00:00', eventTime) = 18",
        "day_of_week(eventTime) = 2 AND eventTime < '2026-02-12'",
        "eventTime = from_iso8601_timestamp('2026-02-10T18:02:03Z')",
        "date_format(eventTime, '%Y-%m-%d %H:%i') = '2026-02-10 18:02'",
        "format_datetime(eventTime, 'yyyy-MM-dd') = '2026-02-10'",
    ] {
        gives(&format!("SELECT eventTime FROM t WHERE {condition}"), &["eventTime", "2026-02-10 18:02:03.000"]);
    }
}

#[test]
fn maps_and_lists_are_looked_into() {
    gives(
        "SELECT element_at(requestParameters, 'bucketName') AS b, requestParameters['key'] AS k, \
         element_at(resources, 1).arn, element_at(resources, -1).ARN AS last FROM t ORDER BY eventTime LIMIT 3",
        &[
            "b | k | arn | last",
            "one | NULL | arn:aws:s3:::b0 | second",
            "two | a/b | arn:aws:s3:::b1 | second",
            "NULL | NULL | arn:aws:s3:::b2 | second",
        ],
    );
    gives(
        "SELECT cardinality(resources) AS n, r.arn FROM t CROSS JOIN UNNEST(resources) AS u(r) WHERE eventName = 'DeleteBucket'",
        &["n | arn", "2 | arn:aws:s3:::b0", "2 | second"],
    );
    gives(
        "SELECT transform(filter(resources, x -> x.type IS NOT NULL), y -> y.ARN) AS a FROM t WHERE eventID = 'id-2'",
        &["a", "[arn:aws:s3:::b2]"],
    );
}

#[test]
fn json_within_maps_is_read() {
    gives(
        "SELECT json_extract_scalar(element_at(requestParameters, 'nested'), '$.a[1].b') AS deep, \
         json_extract(element_at(requestParameters, 'nested'), '$.a') AS list, \
         cast(json_extract(element_at(requestParameters, 'nested'), '$.a[1].b') AS varchar) AS text, \
         cast(element_at(requestParameters, 'count') AS integer) + 1 AS more FROM t WHERE eventID = 'id-0'",
        &["deep | list | text | more", r#"deep | [1,{"b":"deep"}] | deep | 4"#],
    );
    gives(
        "SELECT cardinality(cast(json_parse(element_at(requestParameters, 'list')) AS array(json))) AS n, \
         json_array_get(element_at(requestParameters, 'list'), 1) AS second FROM t WHERE eventID = 'id-3'",
        &["n | second", "3 | 2"],
    );
}

#[test]
fn groups_are_counted() {
    gives(
        "SELECT userIdentity.sessionContext.sessionIssuer.userName AS who, count(*) AS n, count_if(errorCode IS NOT NULL) AS failed, \
         max_by(eventName, eventTime) AS latest, approx_distinct(sourceIPAddress) AS ips, arbitrary(awsRegion) AS region \
         FROM t GROUP BY userIdentity.sessionContext.sessionIssuer.userName ORDER BY n DESC, who",
        &[
            "who | n | failed | latest | ips | region",
            "ann | 2 | 1 | PutObject | 2 | us-east-1",
            "bob | 1 | 1 | PutObject | 1 | us-east-1",
            "cat | 1 | 0 | GetObject | 1 | us-east-1",
        ],
    );
    gives(
        "SELECT date_trunc('day', eventTime) AS day, IF(errorCode IS NULL, 'fine', 'failed') AS how FROM t ORDER BY day DESC FETCH FIRST 1 ROWS ONLY",
        &["day | how", "2026-02-13 00:00:00.000 | fine"],
    );
    gives(
        "SELECT name, n FROM (SELECT eventName AS name, count(*) AS n, rank() OVER (ORDER BY count(*) DESC) AS place FROM t GROUP BY eventName) WHERE place = 1",
        &["name | n", "PutObject | 2"],
    );
}

#[test]
fn texts_are_taken_apart() {
    gives(
        "SELECT replace(userIdentity.principalId, 'AROA:') AS who, regexp_extract(userIdentity.arn, 'role/([a-z]+)/', 1) AS role, \
         split(eventSource, '.')[1] AS service, CAST(replace(tlsDetails.tlsVersion, 'TLSv', '') AS DOUBLE) AS tls, \
         regexp_replace(eventName, '[a-z]') AS capitals FROM t WHERE eventID = 'id-1'",
        &["who | role | service | tls | capitals", "ann | ann | s3 | 1.1 | PO"],
    );
}

#[test]
fn nested_values_are_shown_as_lake_shows_them() {
    gives(
        "SELECT tlsDetails, readOnly, resources FROM t WHERE eventID = 'id-0'",
        &[
            "tlsDetails | readOnly | resources",
            "{tlsVersion=TLSv1.0, cipherSuite=null, clientProvidedHostHeader=null} | false | \
             [{accountId=123456789012, type=AWS::S3::Bucket, arn=arn:aws:s3:::b0, arnPrefix=null}, \
             {accountId=null, type=null, arn=second, arnPrefix=null}]",
        ],
    );
}

#[test]
fn the_whole_event_is_kept_as_it_came() {
    let rows = ask(&events(), "SELECT eventJson FROM t WHERE eventID = 'id-2'").unwrap();
    assert_eq!(rows[1], events()[2]);
}

#[test]
fn odd_values_make_rows_too() {
    let odd = r#"{"eventVersion":1.0,"userIdentity":{"type":"Root","sessionContext":{"attributes":[1]}},"eventTime":"2026-02-10T18:02:03Z","eventSource":"a","eventName":"B","awsRegion":"us-east-1","sourceIPAddress":"1.2.3.4","requestParameters":"text","errorMessage":12,"tlsDetails":"none","apiVersion":{"x":[1]}}"#;
    let rows = ask(
        &[odd.to_owned()],
        "SELECT eventVersion, userIdentity.sessionContext.sourceIdentity, requestParameters, errorMessage, tlsDetails, apiVersion, eventCategory, recipientAccountId FROM t",
    )
    .unwrap();
    assert_eq!(rows[1], r#"1.0 | NULL | NULL | 12 | NULL | {"x":[1]} | Management | 123456789012"#);
}

/// What one expression gives, of nothing but itself.
#[test]
fn functions_of_trino_give_what_trino_says() {
    for (expression, expected) in [
        ("json_get(j, 'a', 1, 'b')", "\"deep\""),
        ("json_get_str(j, 'a', 1, 'b')", "deep"),
        ("json_get_int(j, 'n')", "7"),
        ("json_get_float(j, 'n')", "7.0"),
        ("json_get_bool(j, 'yes')", "true"),
        ("json_get_str(j, 'n')", "NULL"),
        ("json_get(j, 'nothing', 'there')", "NULL"),
        ("json_get(j, 'a', -1)", "{\"b\":\"deep\"}"),
        ("json_contains(j, 'a', 0)", "true"),
        ("json_contains(j, 'a', 2)", "false"),
        ("json_length(j, 'a')", "2"),
        ("json_length(j)", "3"),
        ("json_object_keys(j)", "[a, n, yes]"),
        ("CAST(json_get(j, 'a', 1, 'b') AS varchar)", "deep"),
        ("json_array_contains('[1, \"x\"]', 'x')", "true"),
        ("json_array_contains('[1, \"x\"]', 1)", "true"),
        ("is_json_scalar('1')", "true"),
        ("is_json_scalar('[1]')", "false"),
        ("url_extract_host(u)", "host.example"),
        ("url_extract_port(u)", "8443"),
        ("url_extract_path(u)", "/a/b"),
        ("url_extract_query(u)", "q=x%20y&r"),
        ("url_extract_parameter(u, 'q')", "x y"),
        ("url_extract_fragment(u)", "f"),
        ("url_extract_protocol(u)", "https"),
        ("url_decode('%7B%22Version%22%3A+1%7D')", "{\"Version\": 1}"),
        ("url_encode('a b&c')", "a+b%26c"),
        ("regexp_split('a1b22c', '[0-9]+')", "[a, b, c]"),
        ("regexp_position('abc7', '[0-9]')", "4"),
        ("element_at(split_to_map('a=1&b=2', '&', '='), 'b')", "2"),
        ("all_match(ARRAY[1, 2], x -> x > 0)", "true"),
        ("none_match(ARRAY[1, 2], x -> x > 1)", "false"),
        ("any_match(ARRAY[1, 2], X -> X > 1)", "true"),
        ("transform(ARRAY[1, 2], Item -> Item * 2)", "[2, 4]"),
        ("mod(7, 4) + bitwise_and(6, 3)", "5"),
        ("ceiling(1.2)", "2.0"),
        ("sign(-3)", "-1"),
        ("levenshtein_distance('abc', 'abd')", "1"),
        ("last_day_of_month(TIMESTAMP '2024-02-03 10:00:00')", "2024-02-29"),
        ("day_of_year(DATE '2026-02-01') + doy(DATE '2026-01-01')", "33"),
        ("parse_datetime('2026/02/03 04', 'yyyy/MM/dd HH')", "2026-02-03 04:00:00.000"),
        ("to_hex(sha256(to_utf8('x')))", "2D711642B726B04401627CA9FBAC32F5C8530FB1903CC4DB02258717921A4881"),
        ("from_utf8(from_base64('aGk='))", "hi"),
        ("to_base64(to_utf8('hi'))", "aGk="),
        ("current_timezone()", "UTC"),
        ("cardinality(sequence(1, 5))", "5"),
        ("array_join(slice(ARRAY['a', 'b', 'c'], 2, 2), '-')", "b-c"),
        ("slice(ARRAY[1, 2, 3, 4], -2, 5)", "[3, 4]"),
        ("slice(ARRAY[1, 2, 3, 4], 1, 1)", "[1]"),
        ("typeof(1)", "bigint"),
        ("try(CAST('x' AS integer))", "NULL"),
    ] {
        let statement = format!(
            "SELECT {expression} FROM (SELECT '{{\"a\":[1,{{\"b\":\"deep\"}}],\"n\":7,\"yes\":true}}' AS j, \
             'https://me@host.example:8443/a/b?q=x%20y&r#f' AS u FROM t LIMIT 1)"
        );
        let rows = ask(&events(), &statement).unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert_eq!(rows[1..], [expected], "{expression}");
    }
}

#[test]
fn groups_make_maps() {
    gives(
        "SELECT histogram(eventName) AS h, map_agg(eventID, errorCode) AS m, multimap_agg(eventName, sourceIPAddress) AS mm, \
         element_at(histogram(errorCode), 'AccessDenied') AS denied, bool_and(readOnly) AS b, every(NOT readOnly) AS e FROM t",
        &[
            "h | m | mm | denied | b | e",
            "{DeleteBucket=1, GetObject=1, PutObject=2} | {id-0=null, id-1=AccessDenied, id-2=AccessDenied, id-3=null} | \
             {DeleteBucket=[203.0.113.0], GetObject=[203.0.113.3], PutObject=[203.0.113.1, 203.0.113.2]} | 2 | false | true",
        ],
    );
    gives("SELECT histogram(eventName) AS h FROM t WHERE eventName = 'none'", &["h", "NULL"]);
}

#[test]
fn maps_grow_row_by_row_over_a_window() {
    gives(
        "SELECT histogram(eventName) OVER (ORDER BY eventTime) AS h, \
         cardinality(map_agg(eventID, errorCode) OVER (ORDER BY eventTime)) AS m, \
         element_at(multimap_agg(errorCode, eventID) OVER (ORDER BY eventTime), 'AccessDenied') AS mm, \
         cardinality(map_union(requestParameters) OVER (ORDER BY eventTime)) AS u FROM t ORDER BY eventTime",
        &[
            "h | m | mm | u",
            "{DeleteBucket=1} | 1 | NULL | 3",
            "{DeleteBucket=1, PutObject=1} | 2 | [id-1] | 4",
            "{DeleteBucket=1, PutObject=2} | 3 | [id-1, id-2] | 4",
            "{DeleteBucket=1, GetObject=1, PutObject=2} | 4 | [id-1, id-2] | 5",
        ],
    );
}

#[test]
fn maps_are_unnested_and_places_in_lists_are_told() {
    gives(
        "SELECT eventID, k, v FROM t CROSS JOIN UNNEST(requestParameters) AS p(k, v) WHERE eventID = 'id-1' ORDER BY k",
        &["eventID | k | v", "id-1 | bucketName | two", "id-1 | key | a/b"],
    );
    gives(
        "SELECT r.arn, n FROM t CROSS JOIN UNNEST(resources) WITH ORDINALITY AS u(r, n) WHERE eventID = 'id-1' ORDER BY n",
        &["arn | n", "arn:aws:s3:::b1 | 1", "second | 2"],
    );
}

#[test]
fn now_and_intervals_are_held_against_moments() {
    for condition in [
        "eventTime > DATE_ADD('week', -1, CURRENT_TIMESTAMP)",
        "eventTime > now() - INTERVAL '1' DAY",
        "eventTime > current_timestamp - INTERVAL '7' DAY",
        "date(eventTime) > current_date - INTERVAL '2' DAY",
    ] {
        assert!(ask(&events(), &format!("SELECT eventID FROM t WHERE {condition}")).is_ok(), "{condition}");
    }
}

#[test]
fn those_that_are_as_far_in_front_as_the_last_are_there_too() {
    let t = "(VALUES (1, 'a'), (2, 'b'), (2, 'c'), (2, 'd'), (3, 'e'), (NULL, 'f'), (NULL, 'g')) AS t(n, x)";
    for (statement, expected) in [
        (format!("SELECT n FROM {t} ORDER BY n FETCH FIRST 2 ROWS WITH TIES"), &["n", "1", "2", "2", "2"][..]),
        (format!("SELECT n FROM {t} ORDER BY n FETCH FIRST ROW WITH TIES"), &["n", "1"]),
        (format!("SELECT n FROM {t} ORDER BY n FETCH FIRST ROW ONLY"), &["n", "1"]),
        (format!("SELECT x FROM {t} ORDER BY n DESC, x OFFSET 1 ROWS FETCH NEXT 1 ROW WITH TIES"), &["x", "b"]),
        (format!("SELECT n AS m FROM {t} ORDER BY t.n OFFSET 2 ROWS FETCH NEXT 1 ROW WITH TIES"), &["m", "2", "2"]),
        (
            format!("SELECT n, count(*) AS c FROM {t} GROUP BY n ORDER BY c DESC FETCH FIRST 1 ROWS WITH TIES"),
            &["n | c", "2 | 3"],
        ),
        (
            format!("SELECT n FROM {t} ORDER BY n FETCH FIRST 6 ROWS WITH TIES"),
            &["n", "1", "2", "2", "2", "3", "NULL", "NULL"],
        ),
        (
            format!(
                "SELECT count(*) AS c FROM (SELECT DISTINCT n % 2 AS k, n FROM {t} ORDER BY k FETCH FIRST 1 ROWS WITH TIES)"
            ),
            &["c", "1"],
        ),
        (format!("SELECT n FROM {t} UNION ALL SELECT 1 ORDER BY 1 FETCH FIRST 1 ROWS WITH TIES"), &["n", "1", "1"]),
    ] {
        gives(&statement, expected);
    }
    let error = ask(&events(), &format!("SELECT n FROM {t} FETCH FIRST 2 ROWS WITH TIES")).expect_err("by what?");
    assert_eq!(error.to_string(), "WITH TIES stands behind ORDER BY");
}
