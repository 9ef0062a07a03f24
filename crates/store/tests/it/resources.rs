//! Resources and tags.

use record::names::Region;
use serde::{Deserialize, Serialize};
use store::tags::Tags;
use store::{Key, List, Resource, StoreError};

use crate::{account, at, both, in_memory};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Rule {
    pattern: String,
    #[serde(default)]
    is_disabled: bool,
}

impl Resource for Rule {
    const KIND: &'static str = "rule";
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Topic {
    display_name: String,
}

impl Resource for Topic {
    const KIND: &'static str = "topic";
}

fn rule(pattern: &str) -> Rule {
    Rule { pattern: pattern.into(), is_disabled: false }
}

fn key(region: &str, bus: &str, name: &str) -> Key {
    Key::new(&account(), &Region::from(region), name).under(bus)
}

#[test]
fn what_is_put_is_got_until_it_is_deleted() {
    for store in both() {
        let here = key("us-east-1", "default", "one");
        assert_eq!(store.read(|r| r.get::<Rule>(&here)).unwrap(), None);
        assert!(store.write(|w| w.put(&here, &rule("a"), at(0))).unwrap());
        assert!(!store.write(|w| w.put(&here, &rule("b"), at(5))).unwrap());
        let got = store.read(|r| r.get::<Rule>(&here)).unwrap().unwrap();
        assert_eq!((got.key, got.value, got.created_at, got.changed_at), (here.clone(), rule("b"), at(0), at(5)));

        // Another kind, bus, or Region is another thing.
        assert_eq!(store.read(|r| r.get::<Topic>(&here)).unwrap(), None);
        assert_eq!(store.read(|r| r.get::<Rule>(&key("us-east-1", "", "one"))).unwrap(), None);
        assert_eq!(store.read(|r| r.get::<Rule>(&key("", "default", "one"))).unwrap(), None);

        assert!(store.write(|w| w.delete::<Rule>(&here)).unwrap());
        assert!(!store.write(|w| w.delete::<Rule>(&here)).unwrap());
        assert_eq!(store.read(|r| r.get::<Rule>(&here)).unwrap(), None);
    }
}

#[test]
fn a_list_is_in_order_and_its_pages_are_the_whole() {
    let store = in_memory();
    let names = ["a", "a%", "a_b", "ab", "b", "é", "éa"];
    store
        .write(|w| {
            for region in ["eu-west-1", "us-east-1"] {
                for bus in ["default", "other"] {
                    for name in names {
                        w.put(&key(region, bus, name), &rule(name), at(0))?;
                    }
                }
            }
            w.put(&key("us-east-1", "default", "a"), &Topic { display_name: "a".into() }, at(0)).map(drop)
        })
        .unwrap();
    let list = |list: &List| store.read(|r| r.list::<Rule>(list)).unwrap();
    let all = list(&List::default());
    assert_eq!(all.len(), 28);
    assert!(all.is_sorted_by_key(|one| one.key.clone()));

    for page in [1, 3, 28, 50] {
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let some = list(&List { after: after.clone(), limit: Some(page), ..List::default() });
            let Some(last) = some.last() else { break };
            after = Some(last.key.clone());
            paged.extend(some);
        }
        assert_eq!(paged, all);
    }

    let of_bus = List { parent: Some("other".into()), ..List::of(&account(), &"us-east-1".into()) };
    let found: Vec<String> = list(&of_bus).into_iter().map(|one| one.key.name).collect();
    assert_eq!(found, names);
    for (prefix, expected) in [("a", 4), ("a%", 1), ("a_", 1), ("é", 2), ("c", 0), ("", 7)] {
        let with_prefix = List { prefix: prefix.into(), ..of_bus.clone() };
        assert_eq!(list(&with_prefix).len(), expected, "{prefix}");
        assert_eq!(store.read(|r| r.count::<Rule>(&with_prefix)).unwrap(), expected);
    }
    let deleted = store.write(|w| w.delete_under::<Rule>(&account(), &"us-east-1".into(), "other")).unwrap();
    assert_eq!((deleted, list(&List::default()).len()), (7, 21));
}

#[test]
fn a_document_that_lacks_what_came_later_is_read_and_one_of_another_kind_is_told() {
    #[derive(Serialize, Deserialize)]
    struct EarlierRule {
        pattern: String,
    }
    impl Resource for EarlierRule {
        const KIND: &'static str = "rule";
    }
    #[derive(Debug, Serialize, Deserialize)]
    struct WrongRule {
        targets: u32,
    }
    impl Resource for WrongRule {
        const KIND: &'static str = "rule";
    }
    for store in both() {
        let here = Key::global(&account(), "one");
        store.write(|w| w.put(&here, &EarlierRule { pattern: "a".into() }, at(0))).unwrap();
        assert_eq!(store.read(|r| r.get::<Rule>(&here)).unwrap().unwrap().value, rule("a"));
        let told = store.read(|r| r.get::<WrongRule>(&here)).unwrap_err();
        assert!(matches!(&told, StoreError::Corrupted { .. }));
        assert!(told.to_string().starts_with("cannot read rule `one`"), "{told}");
    }
}

#[test]
fn tags_are_set_one_by_one_and_found_by_their_key() {
    for store in both() {
        let tags = |pairs: &[(&str, &str)]| -> Tags {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        store.write(|w| w.set_tags("arn:a", &tags(&[("team", "x"), ("trailsight:mute", "s3")]))).unwrap();
        store.write(|w| w.set_tags("arn:a", &tags(&[("team", "y")]))).unwrap();
        store.write(|w| w.set_tags("arn:b", &tags(&[("team", "z")]))).unwrap();
        assert_eq!(store.read(|r| r.tags("arn:a")).unwrap(), tags(&[("team", "y"), ("trailsight:mute", "s3")]));
        assert_eq!(store.read(|r| r.tagged("team")).unwrap(), tags(&[("arn:a", "y"), ("arn:b", "z")]));
        store.write(|w| w.remove_tags("arn:a", ["team", "unknown"])).unwrap();
        assert_eq!(store.read(|r| r.tags("arn:a")).unwrap(), tags(&[("trailsight:mute", "s3")]));
        store.write(|w| w.remove_all_tags("arn:a")).unwrap();
        assert_eq!(store.read(|r| r.tags("arn:a")).unwrap(), tags(&[]));
    }
}
