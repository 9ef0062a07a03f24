//! What was learned is kept while it is true.

use detect::engine::{Engine, Settings};
use detect::tally::Tally;
use record::time::{Minute, Minutes};
use rusqlite::Connection;
use store::Store;
use store::learned::Packed;

use crate::{START, account, both, on_disk, tally};

const DAY: i32 = 1440;

/// Calls of some series in both Regions through so many days.
fn calls(days: i32) -> Vec<(usize, i32, u32)> {
    (0..days * DAY)
        .step_by(7)
        .flat_map(|minute| [(6, minute, 3), (3, minute, 2), (9, minute, 1), (4, minute, 1)])
        .collect()
}

/// Learns day by day, and keeps what is known at the end of each. Gives the tally.
fn learn(store: &Store, days: i32, made_with: &str) -> Tally {
    let counted = tally(&calls(days));
    store.write(|w| w.add_counts(&counted)).unwrap();
    let mut engine = Engine::new(Settings::default());
    for day in 1..=days {
        engine.advance(&counted, START + Minutes(day * DAY));
        keep(store, &engine, &counted, START + Minutes(day * DAY), made_with);
    }
    counted
}

fn keep(store: &Store, engine: &Engine, counted: &Tally, day: Minute, made_with: &str) {
    let learned = engine.learned(counted, &account()).expect("it looked at something");
    let packed = Packed::of(&learned).unwrap();
    store.write(|w| w.keep_learned(&learned, &packed, day, made_with)).unwrap();
}

fn kept_day(store: &Store, made_with: &str) -> Option<i32> {
    let kept = store.read(|r| r.learned(&account(), |_| made_with.to_owned())).unwrap();
    kept.map(|kept| (kept.day - START).0 / DAY)
}

#[test]
fn the_newest_day_is_given_and_goes_on_as_it_was() {
    for store in both() {
        let counted = learn(&store, 5, "this");
        assert_eq!(store.read(|r| r.learned_accounts()).unwrap(), [account()]);
        let kept = store.read(|r| r.learned(&account(), |_| "this".to_owned())).unwrap().expect("it was kept");
        assert_eq!((kept.day, kept.reached), (START + Minutes(5 * DAY), START + Minutes(5 * DAY)));
        let learned = kept.packed.unpack().expect("it can be read");
        assert_eq!(learned.series(), 3);
        let (mut engine, mut again) = (Engine::new(Settings::default()), counted.clone());
        engine.resume(&mut again, learned);
        let (region, _) = again.all_regions().next().unwrap();
        assert!(engine.minutes_learned(&again, region).0 > 4 * DAY);
    }
}

#[test]
fn late_calls_take_back_what_was_learned_of_later_minutes_and_nothing_else() {
    let store = on_disk();
    learn(&store, 5, "this");
    let late = |day: i32| store.write(|w| w.add_counts(&tally(&[(6, day * DAY - 1, 9)]))).unwrap();
    late(6);
    assert_eq!(kept_day(&store, "this"), Some(5), "it is not late");
    late(5);
    assert_eq!(kept_day(&store, "this"), Some(4));
    late(4);
    assert_eq!(kept_day(&store, "this"), Some(3));
    late(3);
    assert_eq!(kept_day(&store, "this"), None, "three days are kept");
    assert_eq!(store.read(|r| r.learned_accounts()).unwrap(), []);
}

#[test]
fn what_another_detector_or_other_settings_learned_is_passed_over() {
    let store = on_disk();
    let counted = learn(&store, 2, "this");
    assert_eq!(kept_day(&store, "that"), None);
    let mut engine = Engine::new(Settings::default());
    engine.advance(&counted, START + Minutes(2 * DAY));
    keep(&store, &engine, &counted, START + Minutes(2 * DAY), "that");
    assert_eq!((kept_day(&store, "this"), kept_day(&store, "that")), (Some(1), Some(2)));
}

#[test]
fn what_is_damaged_is_not_taken_for_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let open = || Store::open(&path, &store::Options::default()).unwrap();
    learn(&open(), 2, "this");
    let whole: Vec<u8> = {
        let database = Connection::open(&path).unwrap();
        database.query_row("SELECT state FROM learned ORDER BY day DESC LIMIT 1", [], |row| row.get(0)).unwrap()
    };
    for (at, what) in [(whole.len() / 2, "a bit"), (whole.len() - 1, "the checksum"), (0, "the head")] {
        let mut state = whole.clone();
        state[at] ^= 4;
        Connection::open(&path).unwrap().execute("UPDATE learned SET state = ?1", [&state]).unwrap();
        let kept = open().read(|r| r.learned(&account(), |_| "this".to_owned())).unwrap().expect("it is there");
        assert!(kept.packed.unpack().is_none(), "{what}");
    }
    Connection::open(&path).unwrap().execute("UPDATE learned SET state = ?1", [&whole[..whole.len() / 2]]).unwrap();
    let kept = open().read(|r| r.learned(&account(), |_| "this".to_owned())).unwrap().expect("it is there");
    assert!(kept.packed.unpack().is_none(), "half of it");
}
