//! Insights and their events.

use expect_test::expect;
use record::insight::{
    Attribute, Attribution, Difference, Direction, Evidence, Explanation, FailedShare, Insight, InsightType, Share,
    Statistics, Timeline,
};
use record::insight_record::{State, event_id, shared_event_id};
use record::time::{Minute, Minutes};
use store::StoreError;
use store::insight_events::{InsightEvent, Lookup};
use store::insights::Origin;

use crate::{START, account, at, both, everything, subject};

fn insight(number: usize, end: Option<i32>) -> Insight {
    let share = |value: &str, calls| Share { value: value.into(), calls };
    let start = START + Minutes(number as i32 * 10);
    Insight {
        subject: subject(number),
        direction: Direction::Increase,
        start,
        end: end.map(|end| start + Minutes(end)),
        called: start + Minutes(1),
        statistics: Statistics {
            baseline_calls: 1,
            baseline_minutes: Minutes(10_923),
            start_calls: 6,
            insight_calls: 22,
            insight_minutes: Minutes(end.unwrap_or(3)),
        },
        attributions: vec![Attribution {
            attribute: Attribute::UserIdentityArn,
            start: vec![share("role/a", 6)],
            insight: vec![share("role/a", 22)],
            baseline: vec![],
            insight_other: 0,
            baseline_other: 1,
        }],
        differences: vec![Difference {
            attribute: Attribute::SourceIpAddress,
            value: "203.0.113.77".into(),
            calls: 22,
            share: 1.0,
            baseline_share: 0.1,
            excess: 0.1 + 0.2,
            lift: 1e300,
            is_new: true,
        }],
        explanation: Explanation {
            kind: Evidence::Window,
            minute: start + Minutes(1),
            window: Minutes(5),
            calls: 6.0,
            expected: 0.03,
            expected_low: 0.0,
            expected_high: 1.0,
            ratio: 200.0,
            rarity: 3.7,
            account_rarity: 1.2,
            series_count: 200,
            false_alarms_per_month: 3.0,
            threshold: 2.1,
            correction: 1.0,
            minutes_learned: Minutes(40_000),
            mean_per_minute: 0.006,
            hour_factor: 1.0,
            level_factor: 1.0,
            clumpiness: 2.0,
            past_exceedances: 0.0,
            size: 3.0,
            largest_past_size: 0.0,
        },
        failed_share: Some(FailedShare { before: None, during: Some(0.5) }),
        new_usual: false,
        timeline: Timeline { from: start, step: Minutes(1), calls: vec![0, 6], expected: vec![0.1], high: vec![1.5] },
    }
}

#[test]
fn what_is_put_is_read_to_the_last_bit_and_goes_on_until_its_end() {
    for store in both() {
        let open = insight(1, None);
        let id = store.write(|w| w.put_insight(&open, Origin::Live, at(0))).unwrap();
        assert_eq!(id, shared_event_id(&open));
        let stored = store.read(|r| r.insight(&id)).unwrap().unwrap();
        assert_eq!((&stored.insight, stored.origin, stored.changed_at), (&open, Origin::Live, at(0)));
        assert_eq!(store.read(|r| r.open_insights()).unwrap(), [stored]);

        let over = insight(1, Some(11));
        store.write(|w| w.put_insight(&over, Origin::History, at(9))).unwrap();
        let stored = store.read(|r| r.insight(&id)).unwrap().unwrap();
        assert_eq!((stored.insight, stored.origin, stored.changed_at), (over, Origin::Live, at(9)));
        assert_eq!(store.read(|r| r.open_insights()).unwrap(), []);
    }
}

#[test]
fn a_number_that_json_does_not_know_loses_no_insight() {
    for store in both() {
        let mut odd = insight(1, None);
        (odd.explanation.ratio, odd.explanation.size, odd.timeline.high[0]) =
            (f64::INFINITY, f64::NAN, f64::NEG_INFINITY);
        let id = store.write(|w| w.put_insight(&odd, Origin::Live, at(0))).unwrap();
        let read = store.read(|r| r.insight(&id)).unwrap().unwrap().insight;
        assert_eq!((read.explanation.ratio, read.explanation.size, read.timeline.high[0]), (f64::MAX, 0.0, f64::MIN));
    }
}

/// If this fails, documents in the field are written otherwise: make a new form, and let the store read both.
#[test]
fn the_form_of_a_document_is_what_it_was() {
    let written = serde_json::to_string(&insight(1, Some(11))).unwrap();
    expect![[r#"{"subject":{"account":"123456789012","region":"eu-central-1","source":"ec2.amazonaws.com","name":"Api0","error":"AccessDenied","category":"Management"},"direction":"increase","start":29510010,"end":29510021,"called":29510011,"statistics":{"baseline_calls":1,"baseline_minutes":10923,"start_calls":6,"insight_calls":22,"insight_minutes":11},"attributions":[{"attribute":"userIdentityArn","start":[{"value":"role/a","calls":6}],"insight":[{"value":"role/a","calls":22}],"baseline":[],"insight_other":0,"baseline_other":1}],"differences":[{"attribute":"sourceIpAddress","value":"203.0.113.77","calls":22,"share":1.0,"baseline_share":0.1,"excess":0.30000000000000004,"lift":1e+300,"is_new":true}],"explanation":{"kind":"window","minute":29510011,"window":5,"calls":6.0,"expected":0.03,"expected_low":0.0,"expected_high":1.0,"ratio":200.0,"rarity":3.7,"account_rarity":1.2,"series_count":200,"false_alarms_per_month":3.0,"threshold":2.1,"correction":1.0,"minutes_learned":40000,"mean_per_minute":0.006,"hour_factor":1.0,"level_factor":1.0,"clumpiness":2.0,"past_exceedances":0.0,"size":3.0,"largest_past_size":0.0},"failed_share":{"before":null,"during":0.5},"new_usual":false,"timeline":{"from":29510010,"step":1,"calls":[0,6],"expected":[0.1],"high":[1.5]}}"#]].assert_eq(&written);
}

#[test]
fn an_event_is_cut_once_and_stays_as_it_was_told() {
    for store in both() {
        let open = insight(2, None);
        let missing = store.write(|w| w.cut_insight_event(&open, State::Start, at(0))).unwrap_err();
        assert!(matches!(missing, StoreError::NotThere { .. }), "{missing}");

        let (event, is_new) = store
            .write(|w| {
                w.put_insight(&open, Origin::Test, at(0))?;
                w.cut_insight_event(&open, State::Start, at(0))
            })
            .unwrap();
        assert!(is_new);
        let expected = InsightEvent {
            id: event_id(&open, State::Start),
            insight_id: shared_event_id(&open),
            state: State::Start,
            at: open.start,
            insight: open.clone(),
            origin: Origin::Test,
            created_at: at(0),
            sent_at: None,
        };
        assert_eq!(event, expected);

        let over = insight(2, Some(7));
        let again = store.write(|w| w.cut_insight_event(&over, State::Start, at(5))).unwrap();
        assert_eq!(again, (expected.clone(), false));
        let (end, is_new) = store.write(|w| w.cut_insight_event(&over, State::End, at(6))).unwrap();
        assert_eq!((end.at, is_new), (over.start + Minutes(7), true));
        assert_eq!(store.read(|r| r.insight_event(&expected.id)).unwrap(), Some(expected));
    }
}

#[test]
fn what_is_looked_up_is_what_a_filter_would_leave_in_pages_of_any_size() {
    for store in both() {
        store
            .write(|w| {
                for number in 0..12 {
                    let over = insight(number, Some(4));
                    let origin = [Origin::Live, Origin::History, Origin::Test][number % 3];
                    w.put_insight(&over, origin, at(0))?;
                    w.cut_insight_event(&over, State::Start, at(0))?;
                    w.cut_insight_event(&over, State::End, at(0))?;
                }
                Ok(())
            })
            .unwrap();
        let pages = |lookup: &Lookup, page: usize| {
            let (mut all, mut after) = (Vec::new(), None);
            loop {
                let (events, next) = store.read(|r| r.insight_events(lookup, after.as_ref(), page)).unwrap();
                all.extend(events);
                match next {
                    Some(_) => after = next,
                    None => return all,
                }
            }
        };
        let all = pages(&Lookup::default(), 100);
        assert_eq!(all.len(), 24);
        assert!(all.is_sorted_by_key(|event| std::cmp::Reverse((event.at, event.id.clone()))));

        type Left<'a> = &'a dyn Fn(&InsightEvent) -> bool;
        let (from, until) = (START + Minutes(24), START + Minutes(70));
        let nothing = Lookup::default;
        let cases: [(Lookup, Left<'_>); 8] = [
            (nothing(), &|_| true),
            (Lookup { from: Some(from), until: Some(until), ..nothing() }, &|event| {
                from <= event.at && event.at < until
            }),
            (Lookup { name: Some("Api1".into()), ..nothing() }, &|event| event.insight.subject.name.as_str() == "Api1"),
            (Lookup { source: Some("s3.amazonaws.com".into()), ..nothing() }, &|_| false),
            (Lookup { insight_type: Some(InsightType::ApiErrorRateInsight), ..nothing() }, &|event| {
                event.insight.subject.error.is_some()
            }),
            (Lookup { region: Some("us-east-1".into()), origin: Some(Origin::Test), ..nothing() }, &|event| {
                event.origin == Origin::Test && event.insight.subject.region.as_str() == "us-east-1"
            }),
            (Lookup { id: Some(all[5].id.clone()), ..nothing() }, &|event| event.id == all[5].id),
            (Lookup { account: Some("000000000000".into()), ..nothing() }, &|_| false),
        ];
        for (lookup, left) in cases {
            let expected: Vec<_> = all.iter().filter(|event| left(event)).cloned().collect();
            for page in [1, 5, 24] {
                assert_eq!(pages(&lookup, page), expected, "{lookup:?}");
            }
        }
    }
}

#[test]
fn event_bridge_is_told_once_and_never_of_history() {
    for store in both() {
        for (number, origin) in [(2, Origin::Test), (1, Origin::History), (0, Origin::Live)] {
            let open = insight(number, None);
            store
                .write(|w| {
                    w.put_insight(&open, origin, at(0))?;
                    w.cut_insight_event(&open, State::Start, at(0))
                })
                .unwrap();
        }
        let unsent = || store.read(|r| r.unsent_insight_events(10)).unwrap();
        let origins: Vec<Origin> = unsent().iter().map(|event| event.origin).collect();
        assert_eq!(origins, [Origin::Live, Origin::Test]);
        let id = unsent()[0].id.clone();
        assert!(store.write(|w| w.mark_sent(&id, at(3))).unwrap());
        assert!(!store.write(|w| w.mark_sent(&id, at(4))).unwrap());
        assert_eq!(store.read(|r| r.insight_event(&id)).unwrap().unwrap().sent_at, Some(at(3)));
        assert_eq!(unsent().len(), 1);
        assert!(matches!(store.write(|w| w.mark_sent("none", at(4))), Err(StoreError::NotThere { .. })));
    }
}

#[test]
fn what_expires_is_over_and_goes_with_its_events() {
    for store in both() {
        for (number, end) in [(0, Some(4)), (1, None), (2, Some(4))] {
            let insight = insight(number, end);
            store
                .write(|w| {
                    w.put_insight(&insight, Origin::Live, at(0))?;
                    w.cut_insight_event(&insight, State::Start, at(0))
                })
                .unwrap();
        }
        assert_eq!(store.write(|w| w.expire_insights(START + Minutes(15))).unwrap(), 1);
        let left = |lookup: &Lookup| store.read(|r| r.insight_events(lookup, None, 10)).unwrap().0.len();
        assert_eq!(left(&Lookup::default()), 2);
        let by_start = store.read(|r| r.insights(Minute(0), Minute(i32::MAX), None, 1)).unwrap();
        assert_eq!(by_start[0].insight, insight(2, Some(4)));
        let last = Some((by_start[0].insight.start, &*by_start[0].id));
        let rest = store.read(|r| r.insights(Minute(0), Minute(i32::MAX), last, 9)).unwrap();
        assert_eq!(rest.into_iter().map(|one| one.insight).collect::<Vec<_>>(), [insight(1, None)]);

        // One whose Start was told is not taken back.
        let before = everything(&store);
        assert!(store.write(|w| w.delete_insight(&shared_event_id(&insight(1, None)))).is_err());
        assert_eq!(everything(&store), before);
    }
}

#[test]
fn how_far_was_evaluated_is_of_each_region() {
    for store in both() {
        let set = |region: &str, until| {
            store.write(|w| w.set_evaluated_until(&account(), &region.into(), START + Minutes(until))).unwrap();
        };
        set("us-east-1", 5);
        set("eu-west-1", 7);
        set("us-east-1", 9);
        let told = store.read(|r| r.evaluated_until()).unwrap();
        let told: Vec<_> = told.iter().map(|(_, region, until)| (region.as_str(), until.0 - START.0)).collect();
        assert_eq!(told, [("eu-west-1", 7), ("us-east-1", 9)]);
    }
}
