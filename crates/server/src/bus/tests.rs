//! What cannot be seen through the door: events of records and insights, and what is published with them.

use store::Store;
use store::deliveries::DeliveryList;

use super::*;
use crate::events::Target;

/// A store, and the default bus in it.
struct Place {
    store: Store,
    book: RuleBook,
    bus: BusName,
    now: Timestamp,
}

impl Place {
    fn new() -> Place {
        Place {
            store: Store::in_memory().expect("there is memory"),
            book: RuleBook::default(),
            bus: BusName { account: "123456789012".into(), region: "us-east-1".into(), name: "default".into() },
            now: "2026-02-12T14:31:07.25Z".parse().expect("it is a moment"),
        }
    }

    /// A rule with a target that is told as this says.
    fn rule(&self, name: &str, state: &str, pattern: &str, target: serde_json::Value) {
        let rule = Rule {
            arn: format!("arn:aws:events:us-east-1:123456789012:rule/{name}"),
            bus: "default".into(),
            event_pattern: Some(pattern.into()),
            schedule_expression: None,
            state: state.into(),
            description: None,
            role_arn: None,
        };
        let target: Target = serde_json::from_value(target).expect("it is a target");
        let under = Key::new(&self.bus.account, &self.bus.region, &*target.id).under(self.bus.targets_of(name));
        let put = |w: &Writer<'_>| {
            w.put(&self.bus.rule(name), &rule, self.now)?;
            w.put(&under, &target, self.now)?;
            self.book.forget(w, &self.bus);
            Ok(())
        };
        self.store.write(put).expect("it is kept");
    }

    fn publish(&self, events: &[Event<'_>]) -> usize {
        self.store.write(|w| publish(w, &self.book, &self.bus, events, self.now)).expect("it is kept")
    }

    /// The deliveries, the oldest first.
    fn told(&self) -> Vec<(TargetDelivery, Option<String>)> {
        let mut rows = self.store.read(|r| r.deliveries(&DeliveryList::default(), 1000)).expect("it is read");
        rows.sort_by_key(|row| row.id);
        let read = |row: store::deliveries::Delivery| {
            assert_eq!(row.kind, RULE_TARGET);
            (serde_json::from_slice(&row.payload).expect("it is ours"), row.in_order)
        };
        rows.into_iter().map(read).collect()
    }
}

fn topic(id: &str) -> serde_json::Value {
    serde_json::json!({ "Id": id, "Arn": format!("arn:aws:sns:us-east-1:123456789012:{id}") })
}

const LISTED: &str = r#"{"source":"aws.ec2","detail":{"eventName":"DescribeInstances"}}"#;
const WANTS_EC2: &str = r#"{"source":["aws.ec2"]}"#;

#[test]
fn plain_rules_do_not_see_calls_that_only_read() {
    let place = Place::new();
    place.rule("plain", "ENABLED", WANTS_EC2, topic("plain"));
    place.rule("all", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", WANTS_EC2, topic("all"));
    place.rule("none", "DISABLED", WANTS_EC2, topic("none"));
    let event = Event::plain(LISTED);
    assert_eq!(place.publish(&[Event { is_read_only_management: true, ..event }, event]), 3);
    let told: Vec<String> = place.told().into_iter().map(|(told, _)| told.target_id).collect();
    assert_eq!(told, ["all", "all", "plain"]);
}

#[test]
fn what_is_no_event_is_passed_over_and_what_follows_is_told() {
    let place = Place::new();
    place.rule("any", "ENABLED", WANTS_EC2, topic("any"));
    let events = [&b"no event"[..], b"{\"source\":\"aws.ec2\",\"detail\":\"\xff\"}", b"", LISTED.as_bytes()];
    let events = events.map(|text| Event { text, ..Event::plain("") });
    assert_eq!(place.publish(&events), 1);
}

#[test]
fn an_end_follows_its_start_at_each_target_by_itself() {
    let place = Place::new();
    place.rule("a", "ENABLED", WANTS_EC2, topic("one"));
    place.rule("b", "ENABLED", WANTS_EC2, topic("two"));
    let event = Event { insight: Some("5f0c"), ..Event::plain(LISTED) };
    assert_eq!(place.publish(&[event, event]), 4);
    let orders: Vec<String> = place.told().into_iter().filter_map(|(_, order)| order).collect();
    assert_eq!(orders.len(), 4);
    assert_eq!(orders[0], "5f0c arn:aws:events:us-east-1:123456789012:rule/a one");
    assert_eq!((&orders[0], &orders[1]), (&orders[2], &orders[3]));
    assert_ne!(orders[0], orders[1]);
}

/// The rule and the template of the usual guide, and the event that it shows.
#[test]
fn an_insight_is_told_in_the_words_of_the_guide() {
    let place = Place::new();
    let template = concat!(
        r#""CloudTrail Insight Detected\n\nType: <insightType>\nAPI: <eventName>\nService: <eventSource>\n"#,
        r#"Baseline Rate: <baseline> calls/min\nAnomalous Rate: <insight> calls/min\nStarted: <startTime>""#
    );
    let target = serde_json::json!({
        "Id": "insights-sns",
        "Arn": "arn:aws:sns:us-east-1:123456789012:cloudtrail-insights-alerts",
        "InputTransformer": {
            "InputPathsMap": {
                "insightType": "$.detail.insightType",
                "eventName": "$.detail.insightDetails.eventName",
                "eventSource": "$.detail.insightDetails.eventSource",
                "baseline": "$.detail.insightDetails.insightContext.statistics.baseline.average",
                "insight": "$.detail.insightDetails.insightContext.statistics.insight.average",
                "startTime": "$.detail.insightDetails.insightContext.startTime"
            },
            "InputTemplate": template
        }
    });
    let pattern = r#"{"source": ["aws.cloudtrail"], "detail-type": ["AWS Insight via CloudTrail"]}"#;
    place.rule("cloudtrail-insights-detected", "ENABLED", pattern, target);
    let record = r#"{"eventVersion":"1.09","eventTime":"2026-02-12T14:30:00Z","awsRegion":"us-east-1",
        "eventID":"0a","eventType":"AwsCloudTrailInsight","recipientAccountId":"123456789012","sharedEventID":"5f0c",
        "insightDetails":{"state":"Start","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances",
        "insightType":"ApiCallRateInsight","insightContext":{"statistics":{"baseline":{"average":12.5},
        "insight":{"average":245.0}}}},"eventCategory":"Insight"}"#;
    let mut event = Vec::new();
    route::envelope::write_insight_event(record, None, &mut event).expect("it is an insight");
    assert_eq!(place.publish(&[Event { text: &event, is_read_only_management: false, insight: Some("5f0c") }]), 1);
    let (told, _) = place.told().remove(0);
    assert_eq!(
        told.text,
        concat!(
            r#""CloudTrail Insight Detected\n\nType: ApiCallRateInsight\nAPI: DescribeInstances\n"#,
            r#"Service: ec2.amazonaws.com\nBaseline Rate: 12.5 calls/min\nAnomalous Rate: 245.0 calls/min\n"#,
            r#"Started: 2026-02-12T14:30:00Z""#
        )
    );
}

#[test]
fn rules_are_read_once_until_one_changes() {
    let place = Place::new();
    place.rule("a", "ENABLED", WANTS_EC2, topic("one"));
    assert_eq!(place.publish(&[Event::plain(LISTED)]), 1);
    // Behind the book's back: it does not look again.
    place.store.write(|w| w.delete::<Rule>(&place.bus.rule("a"))).expect("it is deleted");
    assert_eq!(place.publish(&[Event::plain(LISTED)]), 1);
    let forget = |w: &Writer<'_>| {
        place.book.forget(w, &place.bus);
        Ok(())
    };
    place.store.write(forget).expect("it is forgotten");
    assert_eq!(place.publish(&[Event::plain(LISTED)]), 0);
    assert!(place.book.buses().is_empty(), "a bus without rules takes no room");
}
