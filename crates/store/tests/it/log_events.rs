//! Log groups, streams and events.

use jiff::Timestamp;
use store::Store;
use store::log_events::{
    CUT, EVENT_BYTES, LogBegin, LogEvent, LogEventList, LogGroupList, LogGroupName, LogStreamList, LogStreamName,
    MAX_MESSAGE_BYTES, NewLogEvent,
};

use crate::{account, at, both, in_memory};

fn group(name: &str) -> LogGroupName {
    LogGroupName { account: account(), region: "us-east-1".into(), group: name.into() }
}

fn stream(name: &str) -> LogStreamName {
    group("/aws/lambda/one").stream(name)
}

fn event(seconds: i64, message: &str) -> NewLogEvent {
    NewLogEvent { at: at(seconds), message: message.into() }
}

fn log(store: &Store, stream: &LogStreamName, events: &[NewLogEvent], now: Timestamp) {
    store.write(|w| w.add_log_events(stream, events, now)).unwrap();
}

fn read(store: &Store, list: &LogEventList, limit: usize) -> Vec<LogEvent> {
    store.read(|r| r.log_events(&group("/aws/lambda/one"), list, limit)).unwrap()
}

fn messages(events: &[LogEvent]) -> String {
    events.iter().map(|event| &*event.message).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_logged_is_read_in_the_order_of_time_and_of_coming() {
    for store in both() {
        log(&store, &stream("b"), &[event(20, "late"), event(10, "early")], at(30));
        log(&store, &stream("a"), &[event(10, "same"), event(15, "mid")], at(40));
        let all = read(&store, &LogEventList::default(), 100);
        assert_eq!(messages(&all), "early same mid late");
        assert_eq!((all[1].stream.as_str(), all[1].at, all[1].ingested_at), ("a", at(10), at(40)));
        let of = |list: LogEventList| messages(&read(&store, &list, 100));
        assert_eq!(of(LogEventList { streams: vec!["b".into()], ..Default::default() }), "early late");
        assert_eq!(of(LogEventList { streams: vec!["b".into(), "a".into()], ..Default::default() }), messages(&all));
        assert_eq!(of(LogEventList { streams: vec!["c".into()], ..Default::default() }), "");
        assert_eq!(of(LogEventList { stream_prefix: "a".into(), ..Default::default() }), "same mid");
        let within = LogEventList { from: Some(at(15)), until: Some(at(20)), ..Default::default() };
        assert_eq!(of(within), "mid");
        assert!(store.read(|r| r.log_events(&group("other"), &LogEventList::default(), 9)).unwrap().is_empty());
    }
}

#[test]
fn pages_in_either_direction_are_the_whole_while_more_is_logged() {
    let store = in_memory();
    let numbers: Vec<NewLogEvent> = (0..23).map(|i| event(i / 4, &i.to_string())).collect();
    log(&store, &stream("a"), &numbers, at(0));
    let expected = messages(&read(&store, &LogEventList::default(), 100));
    for limit in [1, 5, 23, 40] {
        for is_one_stream in [false, true] {
            let streams = if is_one_stream { vec!["a".into()] } else { Vec::new() };
            let list = |begin| LogEventList { begin, streams: streams.clone(), ..Default::default() };
            let (mut forward, mut begin) = (Vec::new(), LogBegin::First);
            loop {
                let page = read(&store, &list(begin), limit);
                let Some(last) = page.last() else { break };
                begin = LogBegin::After(last.place);
                forward.extend(page);
            }
            assert_eq!(messages(&forward), expected);
            let (mut backward, mut begin) = (Vec::new(), LogBegin::Last);
            loop {
                let mut page = read(&store, &list(begin), limit);
                let Some(first) = page.first() else { break };
                begin = LogBegin::Before(first.place);
                page.append(&mut backward);
                backward = page;
            }
            assert_eq!(messages(&backward), expected);
        }
    }
    let last = read(&store, &LogEventList { begin: LogBegin::Last, ..Default::default() }, 1)[0].place;
    log(&store, &stream("a"), &[event(0, "before"), event(9, "after")], at(1));
    let list = LogEventList { begin: LogBegin::After(last), ..Default::default() };
    assert_eq!(messages(&read(&store, &list, 9)), "after");
}

#[test]
fn a_long_message_is_cut_between_characters_and_says_so() {
    let store = in_memory();
    let long = "é".repeat(MAX_MESSAGE_BYTES);
    let longest = "x".repeat(MAX_MESSAGE_BYTES);
    log(&store, &stream("a"), &[event(0, &long), event(1, &longest)], at(0));
    let events = read(&store, &LogEventList::default(), 9);
    assert!(events[0].message.ends_with(CUT) && events[0].message.len() <= MAX_MESSAGE_BYTES);
    assert_eq!(events[1].message, longest);
}

#[test]
fn a_group_keeps_events_for_as_long_as_it_says() {
    let store = in_memory();
    let day = 24 * 60 * 60;
    log(&store, &stream("a"), &[event(0, "old"), event(2 * day, "new")], at(2 * day));
    log(&store, &group("for-ever").stream("a"), &[event(0, "kept")], at(0));
    let expire = |now| store.write(|w| w.expire_log_events(now)).unwrap();
    assert_eq!(expire(at(1000 * day)), 0);
    assert!(store.write(|w| w.set_log_retention(&group("/aws/lambda/one"), Some(1))).unwrap());
    assert!(!store.write(|w| w.set_log_retention(&group("none"), Some(1))).unwrap());
    assert_eq!(expire(at(day)), 0);
    assert_eq!(expire(at(day + 1)), 1);
    assert_eq!(messages(&read(&store, &LogEventList::default(), 9)), "new");
    let kept = store.read(|r| r.log_group(&group("/aws/lambda/one"))).unwrap().unwrap();
    assert_eq!((kept.retention_days, kept.stored_bytes), (Some(1), 3 + EVENT_BYTES as u64));
    store.write(|w| w.set_log_retention(&group("/aws/lambda/one"), None)).unwrap();
    assert_eq!(expire(at(1000 * day)), 0);
}

#[test]
fn groups_and_streams_are_made_once_listed_in_order_and_deleted_whole() {
    for store in both() {
        for name in ["b", "a/x", "a/y", "c"] {
            assert!(store.write(|w| w.create_log_group(&group(name), at(0))).unwrap());
            assert!(!store.write(|w| w.create_log_group(&group(name), at(1))).unwrap());
        }
        let names = |list: LogGroupList, limit| -> String {
            let groups = store.read(|r| r.log_groups(&account(), &"us-east-1".into(), &list, limit)).unwrap();
            groups.into_iter().map(|group| group.name.group).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(LogGroupList::default(), 9), "a/x a/y b c");
        assert_eq!(names(LogGroupList { after: Some("a/x".into()), ..Default::default() }, 2), "a/y b");
        assert_eq!(names(LogGroupList { prefix: "a/".into(), ..Default::default() }, 9), "a/x a/y");
        assert_eq!(names(LogGroupList { part: "y".into(), ..Default::default() }, 9), "a/y");
        assert!(
            store
                .read(|r| r.log_groups(&account(), &"eu-west-1".into(), &LogGroupList::default(), 9))
                .unwrap()
                .is_empty()
        );

        let of = group("b");
        assert!(store.write(|w| w.create_log_stream(&group("none").stream("s"), at(0))).is_err());
        for name in ["s2", "s1", "t"] {
            assert!(store.write(|w| w.create_log_stream(&of.stream(name), at(0))).unwrap());
            assert!(!store.write(|w| w.create_log_stream(&of.stream(name), at(0))).unwrap());
        }
        log(&store, &of.stream("s1"), &[event(9, "x"), event(5, "y")], at(9));
        log(&store, &of.stream("t"), &[event(7, "z")], at(10));
        let names = |list: &LogStreamList, is_descending, limit| -> String {
            let streams = store.read(|r| r.log_streams(&of, list, is_descending, limit)).unwrap();
            streams.into_iter().map(|stream| stream.name).collect::<Vec<_>>().join(" ")
        };
        let by_name = |prefix: &str, after: Option<&str>| LogStreamList::ByName {
            prefix: prefix.into(),
            after: after.map(Into::into),
        };
        assert_eq!(names(&by_name("", None), false, 9), "s1 s2 t");
        assert_eq!(names(&by_name("s", None), true, 9), "s2 s1");
        assert_eq!(names(&by_name("", Some("s2")), false, 9), "t");
        assert_eq!(names(&by_name("", Some("s2")), true, 9), "s1");
        let by_time = |after: Option<(Option<i64>, &str)>| LogStreamList::ByLastEvent {
            after: after.map(|(seconds, name)| (seconds.map(at), name.to_owned())),
        };
        assert_eq!(names(&by_time(None), false, 9), "s2 t s1");
        assert_eq!(names(&by_time(None), true, 2), "s1 t");
        assert_eq!(names(&by_time(Some((Some(7), "t"))), true, 2), "s2");
        assert_eq!(names(&by_time(Some((None, "s2"))), false, 2), "t s1");
        let told = store.read(|r| r.log_stream(&of.stream("s1"))).unwrap().unwrap();
        assert_eq!((told.first_at, told.last_at, told.last_ingested_at), (Some(at(5)), Some(at(9)), Some(at(9))));

        assert!(store.write(|w| w.delete_log_stream(&of.stream("s1"))).unwrap());
        assert!(!store.write(|w| w.delete_log_stream(&of.stream("s1"))).unwrap());
        let left = store.read(|r| r.log_events(&of, &LogEventList::default(), 9)).unwrap();
        assert_eq!(messages(&left), "z");
        assert_eq!(store.read(|r| r.log_group(&of)).unwrap().unwrap().stored_bytes, 1 + EVENT_BYTES as u64);
        assert!(store.write(|w| w.delete_log_group(&of)).unwrap());
        assert!(!store.write(|w| w.delete_log_group(&of)).unwrap());
        assert!(store.read(|r| r.log_group(&of)).unwrap().is_none());
    }
}
