//! Channels: made, told, listed, changed and deleted, in AWS's words; and the stores that they bring events into.

use serde_json::{Value, json};

use crate::cloudtrail::{code, refused, told};
use crate::door::Door;
use crate::event_data_stores::made;

fn of(category: &str) -> Value {
    json!([{ "FieldSelectors": [{ "Field": "eventCategory", "Equals": [category] }] }])
}

/// Makes a store of events from outside of AWS; gives its ARN.
pub(crate) fn store(door: &Door, name: &str) -> String {
    made(door, json!({ "Name": name, "AdvancedEventSelectors": of("ActivityAuditLog"), "MultiRegionEnabled": false }))
}

fn into(stores: &[&str]) -> Value {
    stores.iter().map(|arn| json!({ "Type": "EVENT_DATA_STORE", "Location": arn })).collect()
}

/// Makes a channel into these stores; gives its ARN.
pub(crate) fn channel(door: &Door, name: &str, stores: &[&str]) -> String {
    let input = json!({ "Name": name, "Source": "Custom", "Destinations": into(stores) });
    told(door, "CreateChannel", input)["ChannelArn"].as_str().expect("it is told").to_owned()
}

#[test]
fn a_new_channel_is_told_as_it_was_made() {
    let door = Door::default();
    let destinations = into(&[&store(&door, "one")]);
    let tags = json!([{ "Key": "team", "Value": "ops" }]);
    let input = json!({ "Name": "apps", "Source": "Custom", "Destinations": destinations, "Tags": tags });
    let made = told(&door, "CreateChannel", input);
    let arn = made["ChannelArn"].as_str().expect("it is told");
    assert!(arn.starts_with("arn:aws:cloudtrail:us-east-1:123456789012:channel/"), "{arn}");
    let mut whole =
        json!({ "ChannelArn": arn, "Name": "apps", "Source": "Custom", "Destinations": destinations, "Tags": tags });
    assert_eq!(made, whole);
    whole.as_object_mut().expect("it is one").remove("Tags");
    let id = arn.rsplit('/').next().expect("it has one");
    for text in [arn, id, &format!("channel/{id}")] {
        assert_eq!(told(&door, "GetChannel", json!({ "Channel": text })), whole, "{text}");
    }
    let listed = told(&door, "ListTags", json!({ "ResourceIdList": [arn] }));
    assert_eq!(listed["ResourceTagList"][0]["TagsList"], tags);
    told(&door, "RemoveTags", json!({ "ResourceId": arn, "TagsList": tags }));
    told(&door, "AddTags", json!({ "ResourceId": arn, "TagsList": [{ "Key": "a", "Value": "b" }] }));
    let listed = told(&door, "ListTags", json!({ "ResourceIdList": [arn] }));
    assert_eq!(listed["ResourceTagList"][0]["TagsList"], json!([{ "Key": "a", "Value": "b" }]));
}

#[test]
fn channels_are_listed_by_name_page_by_page() {
    let door = Door::default();
    let one = store(&door, "one");
    let arns = ["ccc", "aaa", "bbb"].map(|name| (name, channel(&door, name, &[&one])));
    let (mut names, mut asked) = (Vec::new(), json!({ "MaxResults": 2 }));
    loop {
        let page = told(&door, "ListChannels", asked.clone());
        for listed in page["Channels"].as_array().expect("it is a list") {
            let name = listed["Name"].as_str().expect("each has one").to_owned();
            assert!(arns.contains(&(&*name, listed["ChannelArn"].as_str().unwrap_or_default().to_owned())), "{listed}");
            names.push(name);
        }
        match page["NextToken"].as_str() {
            Some(token) => asked["NextToken"] = json!(token),
            None => break,
        }
    }
    assert_eq!(names, ["aaa", "bbb", "ccc"]);
    assert_eq!(code(&door, "ListChannels", json!({ "NextToken": "none of ours" })), "InvalidNextTokenException");
}

#[test]
fn channels_that_cannot_be_are_refused_when_they_are_made_and_when_they_are_changed() {
    let door = Door::default();
    let good = store(&door, "good");
    let other_kind = made(&door, json!({ "Name": "events-of-aws" }));
    let everywhere = made(&door, json!({ "Name": "wide", "AdvancedEventSelectors": of("ActivityAuditLog") }));
    let stopped = made(
        &door,
        json!({ "Name": "stopped", "AdvancedEventSelectors": of("ActivityAuditLog"),
        "MultiRegionEnabled": false, "StartIngestion": false }),
    );
    let gone = store(&door, "gone");
    told(&door, "UpdateEventDataStore", json!({ "EventDataStore": gone, "TerminationProtectionEnabled": false }));
    told(&door, "DeleteEventDataStore", json!({ "EventDataStore": gone }));
    let first = channel(&door, "first", &[&good]);
    let second = channel(&door, "second", &[&good]);
    let nowhere = "arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/01234567-0123-0123-0123-0123456789ab";
    for (destinations, expected) in [
        (into(&[&other_kind]), "InvalidEventDataStoreCategoryException"),
        (into(&["insights"]), "InvalidEventDataStoreCategoryException"),
        (into(&[&everywhere]), "InvalidParameterException"),
        (into(&[&stopped]), "InactiveEventDataStoreException"),
        (into(&[&gone]), "InactiveEventDataStoreException"),
        (into(&[nowhere]), "EventDataStoreNotFoundException"),
        (into(&["arn:aws:s3:::bucket"]), "EventDataStoreARNInvalidException"),
        (into(&[&good, &good]), "InvalidParameterException"),
        (json!([{ "Type": "AWS_SERVICE", "Location": "ssm.amazonaws.com" }]), "InvalidParameterException"),
        (json!([{ "Type": "HAT", "Location": good }]), "ValidationException"),
        (json!([]), "ValidationException"),
    ] {
        let input = json!({ "Name": "third", "Source": "Custom", "Destinations": destinations });
        assert_eq!(code(&door, "CreateChannel", input), expected, "{destinations}");
        let input = json!({ "Channel": second, "Destinations": destinations });
        assert_eq!(code(&door, "UpdateChannel", input), expected, "{destinations}");
    }
    let new = |name: &str, source: &str| json!({ "Name": name, "Source": source, "Destinations": into(&[&good]) });
    assert_eq!(code(&door, "CreateChannel", new("first", "Custom")), "ChannelAlreadyExistsException");
    assert_eq!(code(&door, "CreateChannel", new("a b", "Custom")), "ValidationException");
    let (refused_as, sentence) = refused(&door, "CreateChannel", new("third", "Okta"));
    assert!(refused_as == "InvalidSourceException" && sentence.contains("OktaSystemLogEvents"), "{sentence}");
    told(&door, "CreateChannel", new("third", "OktaSystemLogEvents"));
    let twice = code(&door, "CreateChannel", new("fourth", "OktaSystemLogEvents"));
    assert_eq!(twice, "ChannelAlreadyExistsException", "a partner has one");
    assert_eq!(code(&door, "UpdateChannel", json!({ "Channel": second })), "InvalidParameterException");
    let renamed = json!({ "Channel": second, "Name": "first" });
    assert_eq!(code(&door, "UpdateChannel", renamed), "ChannelAlreadyExistsException");
    told(&door, "UpdateChannel", json!({ "Channel": first, "Name": "first" }));
    for number in 4..=25 {
        channel(&door, &format!("channel-{number}"), &[&good]);
    }
    assert_eq!(code(&door, "CreateChannel", new("one-more", "Custom")), "ChannelMaxLimitExceededException");
}

#[test]
fn a_channel_that_is_not_there_is_unknown_to_every_operation() {
    let door = Door::default();
    let id = "01234567-0123-0123-0123-0123456789ab";
    let arn = |place: &str| format!("arn:aws:cloudtrail:{place}:channel/{id}");
    let trail = "arn:aws:cloudtrail:us-east-1:123456789012:trail/x".to_owned();
    for (text, expected) in [
        (id.to_owned(), "ChannelNotFoundException"),
        (arn("us-east-1:123456789012"), "ChannelNotFoundException"),
        (arn("eu-west-1:123456789012"), "ChannelNotFoundException"),
        (arn("us-east-1:111122223333"), "ChannelNotFoundException"),
        (trail, "ChannelARNInvalidException"),
        (format!("dashboard/{id}"), "ChannelARNInvalidException"),
    ] {
        for operation in ["GetChannel", "UpdateChannel", "DeleteChannel"] {
            let mut input = json!({ "Channel": text });
            if operation == "UpdateChannel" {
                input["Name"] = json!("other");
            }
            assert_eq!(code(&door, operation, input), expected, "{operation} {text}");
        }
    }
    let tags = json!({ "ResourceIdList": [arn("us-east-1:123456789012")] });
    assert_eq!(code(&door, "ListTags", tags), "ChannelNotFoundException");
}

#[test]
fn a_store_that_a_channel_brings_events_into_is_deleted_after_it() {
    let door = Door::default();
    let [one, other] = ["one", "other"].map(|name| store(&door, name));
    let arn = channel(&door, "apps", &[&one, &other]);
    for store in [&one, &other] {
        told(&door, "UpdateEventDataStore", json!({ "EventDataStore": store, "TerminationProtectionEnabled": false }));
        let (refused_as, sentence) = refused(&door, "DeleteEventDataStore", json!({ "EventDataStore": store }));
        assert!(refused_as == "ChannelExistsForEDSException" && sentence.contains(&arn), "{sentence}");
    }
    let updated = told(&door, "UpdateChannel", json!({ "Channel": arn, "Destinations": into(&[&other]) }));
    let expected = json!({ "ChannelArn": arn, "Name": "apps", "Source": "Custom", "Destinations": into(&[&other]) });
    assert_eq!(updated, expected);
    told(&door, "DeleteEventDataStore", json!({ "EventDataStore": one }));
    assert_eq!(told(&door, "DeleteChannel", json!({ "Channel": arn })), json!({}));
    assert_eq!(code(&door, "GetChannel", json!({ "Channel": arn })), "ChannelNotFoundException");
    told(&door, "DeleteEventDataStore", json!({ "EventDataStore": other }));
}

#[test]
fn a_store_of_events_from_outside_is_that_and_nothing_else() {
    let door = Door::default();
    let one = store(&door, "one");
    let both = json!([of("ActivityAuditLog")[0], of("Management")[0]]);
    let narrower = json!([{ "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["ActivityAuditLog"] },
        { "Field": "eventName", "Equals": ["Login"] }] }]);
    for selectors in [both, narrower] {
        let input = json!({ "Name": "two-two", "AdvancedEventSelectors": selectors });
        assert_eq!(code(&door, "CreateEventDataStore", input), "InvalidEventSelectorsException");
    }
    for category in ["Management", "Insight"] {
        let input = json!({ "EventDataStore": one, "AdvancedEventSelectors": of(category) });
        assert_eq!(code(&door, "UpdateEventDataStore", input), "InvalidEventSelectorsException");
    }
    for operation in ["StopEventDataStoreIngestion", "StartEventDataStoreIngestion"] {
        let input = json!({ "EventDataStore": one });
        assert_eq!(code(&door, operation, input), "InvalidEventDataStoreCategoryException");
    }
    let trail = json!({ "Name": "my-trail", "S3BucketName": "logs" });
    told(&door, "CreateTrail", trail);
    let selectors = json!({ "TrailName": "my-trail", "AdvancedEventSelectors": of("ActivityAuditLog") });
    assert_eq!(code(&door, "PutEventSelectors", selectors), "InvalidEventSelectorsException");
}
