//! Event data stores: each is a part of a table, of events, of Insights events, or of events from outside of AWS.

use lake::arrivals::Arrivals;
use lake::schema::Kind;
use lake::table::Table;
use record::selection::{FieldCondition, Part, Selector, Window};

use crate::tables::{DAY, NOON, hour};
use crate::{answer, keep, runtime};

#[test]
fn a_store_is_a_part_of_the_table() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        let all: Vec<String> = (0..30).map(hour).collect();
        keep(&table, 1, &all).await.expect("it is kept");
        let text = |text: &str| vec![text.to_owned()];
        let field = |field: &str| FieldCondition { field: field.into(), ..FieldCondition::default() };
        let selected = |conditions| Part { selectors: vec![Selector { conditions }], ..Part::all() };
        let of_categories = |categories: &[&str]| {
            let one = |of: &&str| FieldCondition { equals: text(of), ..field("eventCategory") };
            let selectors = categories.iter().map(|of| Selector { conditions: vec![one(of)] }).collect();
            Part { selectors, ..Part::all() }
        };
        let at = |micros| jiff::Timestamp::from_microsecond(micros).expect("a moment");
        let window = |from, until: Option<i64>| Window { from: at(from), until: until.map(at) };
        let cases = [
            (
                Part { accounts: Some(["111111111111".into()].into()), ..Part::all() },
                "recipientAccountId = '111111111111'",
            ),
            (Part { accounts: Some([].into()), ..Part::all() }, "false"),
            (Part { regions: Some(["us-east-1".into()].into()), ..Part::all() }, "awsRegion = 'us-east-1'"),
            (
                Part {
                    windows: vec![window(NOON, Some(NOON + DAY / 4)), window(NOON + DAY / 2, None)],
                    ..Part::default()
                },
                "eventTime < '2026-02-10 18:00:00' OR eventTime >= '2026-02-11'",
            ),
            (Part::default(), "false"),
            // All files are wholly in it; and all but the last event.
            (Part { windows: vec![window(NOON - DAY, Some(NOON + 2 * DAY))], ..Part::default() }, "true"),
            (
                Part { windows: vec![window(NOON, Some(NOON + 29 * DAY / 24))], ..Part::default() },
                "eventTime < '2026-02-11 17:00:00'",
            ),
            (of_categories(&["Management", "Data", "NetworkActivity"]), "true"),
            (of_categories(&["Data", "NetworkActivity"]), "eventCategory IN ('Data', 'NetworkActivity')"),
            (
                selected(vec![FieldCondition { equals: text("s3.amazonaws.com"), ..field("eventSource") }]),
                "eventSource = 's3.amazonaws.com'",
            ),
            (selected(vec![FieldCondition { equals: text("true"), ..field("readOnly") }]), "readOnly"),
            (
                selected(vec![
                    FieldCondition { not_equals: text("Name1"), not_ends_with: text("2"), ..field("eventName") },
                    FieldCondition { starts_with: text("arn:aws:iam::2"), ..field("userIdentity.arn") },
                ]),
                "eventName NOT IN ('Name1', 'Name2') AND userIdentity.arn LIKE 'arn:aws:iam::2%'",
            ),
            (
                selected(vec![FieldCondition {
                    ends_with: vec![":b4".into(), ":b2".into()],
                    ..field("resources.ARN")
                }]),
                "resources[1].arn LIKE '%:b4' OR resources[1].arn LIKE '%:b2'",
            ),
            (
                selected(vec![FieldCondition { equals: text("AWS::Lambda::Function"), ..field("resources.type") }]),
                "false",
            ),
            (selected(vec![FieldCondition { not_equals: text("x"), ..field("errorCode") }]), "true"),
            (selected(vec![FieldCondition { equals: text("x"), ..field("somethingNew") }]), "false"),
        ];
        for (part, condition) in cases {
            // A column that the condition needs not, and one that it does.
            for columns in ["count(*), count(DISTINCT sourceIPAddress)", "eventName, count(*)"] {
                let group = if columns.starts_with("eventName") { " GROUP BY 1 ORDER BY 1" } else { "" };
                let in_part = answer(table.part(part.clone()), &format!("SELECT {columns} FROM t{group}")).await;
                let of_all = format!("SELECT {columns} FROM t WHERE {condition}{group}");
                let of_all = answer(table.part(Part::all()), &of_all).await;
                assert_eq!(in_part.expect("it is answered"), of_all.expect("it is answered"), "{condition}");
            }
            // The newest of them, also where there is no file of them.
            let newest =
                |of: &str| format!("SELECT eventID FROM t WHERE {of} ORDER BY eventTime DESC, eventID LIMIT 3");
            let in_part = answer(table.part(part), &newest("true")).await;
            let of_all = answer(table.part(Part::all()), &newest(condition)).await;
            assert_eq!(in_part.expect("it is answered"), of_all.expect("it is answered"), "{condition}");
        }
    });
}

#[test]
fn insights_events_are_asked_as_awss_guide_and_the_article_name_their_columns() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Insights).await.expect("it is made");
        let mut arrivals = Arrivals::new(Kind::Insights);
        for state in ["Start", "End"] {
            arrivals.add_insight(&format!(
                r#"{{"eventVersion":"1.10","eventTime":"2026-02-10T02:0{}:00Z","awsRegion":"us-east-1","eventID":"id-{state}","eventType":"AwsCloudTrailInsight","recipientAccountId":"123456789012","sharedEventID":"shared","insightDetails":{{"state":"{state}","eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","insightType":"ApiCallRateInsight","insightContext":{{"statistics":{{"baseline":{{"average":0.5}},"insight":{{"average":40.25}},"insightDuration":3,"baselineDuration":10080}},"attributions":[]}}}},"eventCategory":"Insight"}}"#,
                state.len(),
            ));
        }
        let written = table.write(&mut arrivals).await.expect("they are written");
        table.commit(2, &written).await.expect("they are kept");
        let statement = "SELECT insightDetails.state, insightDetails.insightContext.statistics.baseline.average AS usual, \
                         insightDetails.insightContext.statistics.insight.average AS now, eventSource, insightEventName \
                         FROM t WHERE insightType = 'ApiCallRateInsight' ORDER BY eventTime";
        let told = answer(table.part(Part::all()), statement).await.expect("it is answered");
        assert_eq!(told[0], "state | usual | now | eventSource | insightEventName");
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[1].starts_with("End | 0.5 | 40.25"), "{told:?}");
    });
}

/// An event from outside of AWS, as the service writes it.
fn outside(number: usize, stores: &str) -> String {
    let (id, day) = (format!("00000000-0000-8000-8000-{number:012}"), 10 + number % 3);
    format!(
        r#"{{"eventVersion":"1.0","eventCategory":"ActivityAuditLog","eventType":"ActivityLog","eventID":"{id}","eventTime":"2026-02-{day}T12:00:{:02}Z","awsRegion":"us-east-1","recipientAccountId":"123456789012","metadata":{{"ingestionTime":"2026-02-13T00:00:00Z","channelARN":"arn:aws:cloudtrail:us-east-1:123456789012:channel/c"}},"eventDataStores":[{stores}],"eventData":{{"version":"1","userIdentity":{{"type":"Person","principalId":"{}","details":{{"team":"ops"}}}},"eventSource":"app.example.com","eventName":"Do","eventTime":"2026-02-{day}T12:00:00Z","UID":"u{number}","requestParameters":{{"amount":12.50,"to":{{"a":[1]}}}},"recipientAccountId":"123456789012"}}}}"#,
        number % 60,
        number % 4,
    )
}

#[test]
fn events_from_outside_are_in_the_stores_that_they_say_and_asked_as_awss_guide_names_their_columns() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Activity).await.expect("it is made");
        for through in 1..=20 {
            let mut arrivals = Arrivals::new(Kind::Activity);
            for number in 3 * through - 3..3 * through {
                let stores = if number % 2 == 0 { r#""one","two""# } else { r#""two""# };
                arrivals.add_activity(&outside(number, stores));
                arrivals.add_activity(&outside(number, stores));
            }
            let written = table.write(&mut arrivals).await.expect("they are written");
            table.commit(through as u64, &written).await.expect("they are kept");
        }
        let of = |store: &str| {
            let is_one_of =
                FieldCondition { field: "eventDataStores".into(), equals: vec![store.into()], ..FieldCondition::default() };
            Part { selectors: vec![Selector { conditions: vec![is_one_of] }], ..Part::all() }
        };
        for _ in ["as they came", "put together"] {
            for (store, count) in [("one", "30"), ("two", "60"), ("three", "0")] {
                let told = answer(table.part(of(store)), "SELECT count(*), count(DISTINCT eventID) FROM t").await;
                assert_eq!(told.expect("it is answered")[1], format!("{count} | {count}"), "{store}");
            }
            let statement = "SELECT eventData.userIdentity.principalid AS who, element_at(eventData.userIdentity.details, 'team') AS team, \
                             element_at(eventData.requestParameters, 'amount') AS amount, \
                             json_extract_scalar(element_at(eventData.requestParameters, 'to'), '$.a[0]') AS first, \
                             metadata.channelArn, eventData.uid, eventData.eventtime AS said, addendum.reason \
                             FROM t WHERE eventTime > '2026-02-11' AND eventData.UID = 'u31'";
            let told = answer(table.part(of("two")), statement).await.expect("it is answered");
            assert_eq!(told, [
                "who | team | amount | first | channelArn | uid | said | reason",
                "3 | ops | 12.50 | 1 | arn:aws:cloudtrail:us-east-1:123456789012:channel/c | u31 | 2026-02-11T12:00:00Z | NULL",
            ]);
            let statement = "SELECT eventData.eventTime AS t FROM t WHERE eventData.UID = 'u31' \
                             UNION SELECT CAST(eventTime AS varchar) FROM t WHERE eventData.UID = 'u31' ORDER BY 1";
            assert_eq!(answer(table.part(of("two")), statement).await.expect("it is answered").len(), 3);
            while table.merge_small_files(NOON / DAY + 1).await.expect("they are put together") > 0 {}
        }
        // Of each of the three days fewer are left than are put together at once.
        assert!(table.snapshot().files.len() < 3 * 16, "{:?}", table.snapshot().files);
        let wrong = answer(table.part(of("two")), "SELECT eventData.evntName FROM t").await.expect_err("there is none");
        assert!(wrong.to_string().contains("did you mean `eventName`?"), "{wrong}");
    });
}
