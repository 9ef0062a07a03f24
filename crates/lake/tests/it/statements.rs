//! Statements and what they give.

use lake::LakeError;

use crate::ask;

/// A few events: who, what, when, and how it went.
fn events() -> Vec<String> {
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

#[test]
fn what_is_wrong_is_told_in_the_words_of_the_statement() {
    let wrong = |statement: &str| match ask(&events(), statement) {
        Err(LakeError::Statement(why)) => why,
        other => panic!("{statement}: {other:?}"),
    };
    assert!(wrong("SELECT eventNam FROM t").contains("eventName"), "{}", wrong("SELECT eventNam FROM t"));
    assert!(wrong("SELECT no_such(eventName) FROM t").contains("no_such"));
    assert!(matches!(ask(&events(), "SELECT 1 FROM nowhere"), Err(LakeError::NoStore(name)) if name == "nowhere"));
}
