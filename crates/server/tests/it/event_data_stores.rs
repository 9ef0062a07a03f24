//! Event data stores: made, told, changed, stopped, deleted and brought back, in AWS's words.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::cloudtrail::{code, refused, told};
use crate::door::Door;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn insights() -> Value {
    json!([{ "Name": "Insights", "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Insight"] }] }])
}

/// Makes a store; gives its ARN.
pub(crate) fn made(door: &Door, input: Value) -> String {
    told(door, "CreateEventDataStore", input)["EventDataStoreArn"].as_str().expect("it is told").to_owned()
}

fn get(door: &Door, store: &str) -> Value {
    told(door, "GetEventDataStore", json!({ "EventDataStore": store }))
}

fn names(door: &Door) -> Vec<String> {
    let listed = told(door, "ListEventDataStores", json!({}));
    let stores = listed["EventDataStores"].as_array().expect("it is a list").clone();
    stores.iter().map(|store| store["Name"].as_str().expect("each has one").to_owned()).collect()
}

#[test]
fn a_new_store_is_told_as_it_was_made_and_is_soon_enabled() {
    let door = Door::default();
    let told = told(&door, "CreateEventDataStore", json!({ "Name": "abc123_event_data_store" }));
    let arn = told["EventDataStoreArn"].as_str().expect("it is told");
    assert!(arn.starts_with("arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/"), "{arn}");
    assert_eq!(
        told,
        json!({
            "EventDataStoreArn": arn,
            "Name": "abc123_event_data_store",
            "Status": "CREATED",
            "AdvancedEventSelectors": [{
                "Name": "Default management events",
                "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Management"] }],
            }],
            "MultiRegionEnabled": true,
            "OrganizationEnabled": false,
            "RetentionPeriod": 366,
            "TerminationProtectionEnabled": true,
            "CreatedTimestamp": door.now.as_second(),
            "UpdatedTimestamp": door.now.as_second(),
            "BillingMode": "EXTENDABLE_RETENTION_PRICING",
        })
    );
    let mut enabled = told.clone();
    enabled["Status"] = json!("ENABLED");
    let id = arn.rsplit('/').next().expect("it has one");
    for text in [arn, id, "abc123_event_data_store", &format!("eventdatastore/{id}")] {
        assert_eq!(get(&door, text), enabled, "{text}");
    }
}

#[test]
fn what_is_set_of_a_store_is_checked_when_it_is_made_and_when_it_is_changed() {
    let door = Door::default();
    let fields = |field: &str, value: &str| {
        json!([{ "FieldSelectors": [
        { "Field": "eventCategory", "Equals": ["Management"] }, { "Field": field, "Equals": [value] }] }])
    };
    let category = |name: &str| json!([{ "FieldSelectors": [{ "Field": "eventCategory", "Equals": [name] }] }]);
    let twice = json!([category("Insight")[0], category("Management")[0]]);
    let store = made(&door, json!({ "Name": "one" }));
    for (setting, value, expected) in [
        ("Name", json!("ab"), "InvalidParameterException"),
        ("Name", json!("a b c"), "InvalidParameterException"),
        ("Name", json!("events"), "EventDataStoreAlreadyExistsException"),
        ("RetentionPeriod", json!(6), "InvalidParameterException"),
        ("RetentionPeriod", json!(3654), "InvalidParameterException"),
        ("BillingMode", json!("FREE"), "InvalidParameterException"),
        ("KmsKeyId", json!("arn:aws:s3:::logs"), "InvalidKmsKeyIdException"),
        ("AdvancedEventSelectors", json!([]), "InvalidEventSelectorsException"),
        ("AdvancedEventSelectors", category("ConfigurationItem"), "InvalidEventSelectorsException"),
        ("AdvancedEventSelectors", category("Hats"), "InvalidEventSelectorsException"),
        ("AdvancedEventSelectors", fields("hat", "red"), "InvalidEventSelectorsException"),
        ("AdvancedEventSelectors", twice, "InvalidEventSelectorsException"),
        ("AdvancedEventSelectors", json!(vec![category("Management")[0].clone(); 6]), "InvalidEventSelectorsException"),
    ] {
        let mut make = json!({ "Name": "two-two" });
        make[setting] = value.clone();
        let code_of =
            |code: String| if code == "ValidationException" { "InvalidParameterException".into() } else { code };
        assert_eq!(code_of(code(&door, "CreateEventDataStore", make)), expected, "{setting} {value}");
        let mut change = json!({ "EventDataStore": store });
        change[setting] = value.clone();
        assert_eq!(code_of(code(&door, "UpdateEventDataStore", change)), expected, "{setting} {value}");
    }
    let nothing = json!({ "EventDataStore": store });
    assert_eq!(code(&door, "UpdateEventDataStore", nothing), "InvalidParameterException");
    let changed = told(
        &door,
        "UpdateEventDataStore",
        json!({ "EventDataStore": store, "Name": "uno", "RetentionPeriod": 90, "MultiRegionEnabled": false,
            "AdvancedEventSelectors": fields("eventName", "PutObject") }),
    );
    assert_eq!(changed, get(&door, &store));
    assert_eq!((&changed["Name"], &changed["RetentionPeriod"]), (&json!("uno"), &json!(90)));
    for (setting, value, expected) in [
        ("AdvancedEventSelectors", insights(), "InvalidEventSelectorsException"),
        ("BillingMode", json!("FIXED_RETENTION_PRICING"), "InvalidParameterException"),
    ] {
        let mut change = json!({ "EventDataStore": store });
        change[setting] = value;
        assert_eq!(code(&door, "UpdateEventDataStore", change), expected);
    }
    assert_eq!(changed, get(&door, &store), "what is refused changes nothing");
}

#[test]
fn fixed_retention_is_seven_years_at_most_and_unless_less_is_said() {
    let door = Door::default();
    let fixed = |name: &str, days: Option<u32>| {
        json!({ "Name": name, "BillingMode": "FIXED_RETENTION_PRICING",
        "RetentionPeriod": days })
    };
    assert_eq!(told(&door, "CreateEventDataStore", fixed("one", None))["RetentionPeriod"], 2557);
    assert_eq!(code(&door, "CreateEventDataStore", fixed("two", Some(2558))), "InvalidParameterException");
    assert_eq!(told(&door, "CreateEventDataStore", fixed("two", Some(7)))["RetentionPeriod"], 7);
}

#[test]
fn two_stores_are_always_there_and_only_how_long_they_keep_can_be_changed() {
    let door = Door::default();
    assert_eq!(names(&door), ["events", "insights"]);
    for name in ["events", "insights"] {
        let store = get(&door, name);
        assert_eq!((&store["Status"], &store["OrganizationEnabled"]), (&json!("ENABLED"), &json!(true)));
        let arn = store["EventDataStoreArn"].as_str().expect("it is told");
        assert_eq!(get(&Door::default(), arn), store, "its id is the same for ever");
        let it = json!({ "EventDataStore": arn });
        assert_eq!(code(&door, "DeleteEventDataStore", it.clone()), "OperationNotPermittedException");
        assert_eq!(code(&door, "StopEventDataStoreIngestion", it), "OperationNotPermittedException");
        let renamed = json!({ "EventDataStore": arn, "Name": "mine" });
        assert_eq!(code(&door, "UpdateEventDataStore", renamed), "OperationNotPermittedException");
        told(&door, "UpdateEventDataStore", json!({ "EventDataStore": arn, "RetentionPeriod": 30 }));
        assert_eq!(get(&door, name)["RetentionPeriod"], 30);
    }
    assert_eq!(names(&door), ["events", "insights"]);
}

#[test]
fn a_deleted_store_comes_back_within_seven_days_and_is_gone_after() {
    let mut door = Door::default();
    let arn = made(&door, json!({ "Name": "mine", "TagsList": [{ "Key": "team", "Value": "red" }] }));
    let it = json!({ "EventDataStore": arn });
    let (code_of, sentence) = refused(&door, "DeleteEventDataStore", it.clone());
    assert_eq!(code_of, "EventDataStoreTerminationProtectedException");
    assert!(sentence.contains("termination protection"), "{sentence}");
    assert_eq!(code(&door, "RestoreEventDataStore", it.clone()), "InvalidEventDataStoreStatusException");
    told(&door, "UpdateEventDataStore", json!({ "EventDataStore": arn, "TerminationProtectionEnabled": false }));
    told(&door, "DeleteEventDataStore", it.clone());
    assert_eq!(get(&door, &arn)["Status"], "PENDING_DELETION");
    for (operation, expected) in [
        ("DeleteEventDataStore", "InactiveEventDataStoreException"),
        ("StartEventDataStoreIngestion", "InvalidEventDataStoreStatusException"),
        ("StopEventDataStoreIngestion", "InvalidEventDataStoreStatusException"),
    ] {
        assert_eq!(code(&door, operation, it.clone()), expected, "{operation}");
    }
    let tags = json!({ "ResourceId": arn, "TagsList": [{ "Key": "a" }] });
    assert_eq!(code(&door, "AddTags", tags), "InactiveEventDataStoreException");
    assert_eq!(code(&door, "CreateEventDataStore", json!({ "Name": "mine" })), "EventDataStoreAlreadyExistsException");
    assert_eq!(told(&door, "RestoreEventDataStore", it.clone())["Status"], "ENABLED");
    told(&door, "DeleteEventDataStore", it.clone());
    door.wait(DAY * 7);
    assert_eq!(code(&door, "GetEventDataStore", it.clone()), "EventDataStoreNotFoundException");
    assert_eq!(code(&door, "RestoreEventDataStore", it), "EventDataStoreNotFoundException");
    let stored = |door: &Door| door.store.read(|r| Ok(r.tags(&arn)?.len())).expect("it reads");
    assert_eq!(stored(&door), 1);
    server::upkeep::upkeep(&door.store, door.now).expect("it writes");
    assert_eq!(stored(&door), 0, "its tags go with it");
    made(&door, json!({ "Name": "mine" }));
}

#[test]
fn ingestion_is_stopped_and_started_of_stores_of_events_only() {
    let door = Door::default();
    let arn = made(&door, json!({ "Name": "mine", "StartIngestion": false }));
    let it = json!({ "EventDataStore": arn });
    assert_eq!(get(&door, &arn)["Status"], "STOPPED_INGESTION");
    assert_eq!(code(&door, "StopEventDataStoreIngestion", it.clone()), "InvalidEventDataStoreStatusException");
    told(&door, "StartEventDataStoreIngestion", it.clone());
    assert_eq!(get(&door, &arn)["Status"], "ENABLED");
    let (code_of, sentence) = refused(&door, "StartEventDataStoreIngestion", it.clone());
    assert_eq!(code_of, "InvalidEventDataStoreStatusException");
    assert!(sentence.ends_with("is ENABLED, and must be STOPPED_INGESTION."), "{sentence}");
    told(&door, "StopEventDataStoreIngestion", it);
    assert_eq!(get(&door, &arn)["Status"], "STOPPED_INGESTION");
    let of_insights = made(&door, json!({ "Name": "of-insights", "AdvancedEventSelectors": insights() }));
    for operation in ["StartEventDataStoreIngestion", "StopEventDataStoreIngestion"] {
        let it = json!({ "EventDataStore": of_insights });
        assert_eq!(code(&door, operation, it), "InvalidEventDataStoreCategoryException");
    }
}

#[test]
fn stores_are_listed_page_by_page_and_ten_of_them_are_the_most() {
    let door = Door::default();
    for number in 0..10 {
        made(&door, json!({ "Name": format!("store-{number}") }));
    }
    assert_eq!(
        code(&door, "CreateEventDataStore", json!({ "Name": "one-more" })),
        "EventDataStoreMaxLimitExceededException"
    );
    let mut seen = Vec::new();
    let mut page = json!({ "MaxResults": 5 });
    loop {
        let listed = told(&door, "ListEventDataStores", page.clone());
        let stores = listed["EventDataStores"].as_array().expect("it is a list");
        assert!(stores.len() <= 5);
        seen.extend(stores.iter().map(|store| store["Name"].as_str().expect("it has one").to_owned()));
        match &listed["NextToken"] {
            Value::Null => break,
            token => page["NextToken"] = token.clone(),
        }
    }
    assert_eq!(seen, names(&door));
    assert_eq!(seen.len(), 12);
    let stranger = json!({ "NextToken": "hats" });
    assert_eq!(code(&door, "ListEventDataStores", stranger), "InvalidNextTokenException");
}

#[test]
fn a_store_that_is_not_there_is_told_from_what_is_no_store() {
    let door = Door::default();
    let arn = made(&door, json!({ "Name": "mine" }));
    for (text, expected) in [
        (arn.replace("us-east-1", "eu-west-1"), "EventDataStoreNotFoundException"),
        (arn.replace("123456789012", "210987654321"), "EventDataStoreNotFoundException"),
        ("2a8f2138-0caa-46c8-a194-0123456789ab".into(), "EventDataStoreNotFoundException"),
        (arn.replace("eventdatastore", "trail"), "EventDataStoreARNInvalidException"),
        ("arn:aws:s3:::logs".into(), "EventDataStoreARNInvalidException"),
        ("hats".into(), "EventDataStoreARNInvalidException"),
    ] {
        assert_eq!(code(&door, "GetEventDataStore", json!({ "EventDataStore": text })), expected, "{text}");
    }
}

#[test]
fn tags_of_a_store_are_set_listed_and_taken_by_its_arn() {
    let door = Door::default();
    let arn = made(&door, json!({ "Name": "mine", "TagsList": [{ "Key": "team", "Value": "red" }] }));
    told(&door, "AddTags", json!({ "ResourceId": arn, "TagsList": [{ "Key": "year", "Value": "2026" }] }));
    told(&door, "RemoveTags", json!({ "ResourceId": arn, "TagsList": [{ "Key": "team" }] }));
    let tags = told(&door, "ListTags", json!({ "ResourceIdList": [arn] }));
    let expected = json!([{ "ResourceId": arn, "TagsList": [{ "Key": "year", "Value": "2026" }] }]);
    assert_eq!(tags["ResourceTagList"], expected);
    let by_name = arn.replace(arn.rsplit('/').next().expect("it has one"), "mine");
    assert_eq!(code(&door, "ListTags", json!({ "ResourceIdList": [by_name] })), "EventDataStoreNotFoundException");
}

#[test]
fn insights_of_a_store_go_into_another_until_they_are_switched_off() {
    let door = Door::default();
    let source = made(&door, json!({ "Name": "source" }));
    let destination = made(
        &door,
        json!({ "Name": "destination", "AdvancedEventSelectors": insights(),
        "MultiRegionEnabled": false }),
    );
    let off = |door: &Door| code(door, "GetInsightSelectors", json!({ "EventDataStore": source }));
    assert_eq!(off(&door), "InsightNotEnabledException");
    let put = |selectors: Value, destination: Option<&str>| json!({ "EventDataStore": source, "InsightsDestination": destination, "InsightSelectors": selectors });
    let rates = json!([{ "InsightType": "ApiCallRateInsight" }]);
    let data = json!([{ "InsightType": "ApiCallRateInsight", "EventCategories": ["Data"] }]);
    for (selectors, to, expected) in [
        (&rates, None, "InvalidParameterCombinationException"),
        (&rates, Some("source"), "InvalidInsightSelectorsException"),
        (&rates, Some("insights"), "InvalidInsightSelectorsException"),
        (&rates, Some("hats"), "EventDataStoreARNInvalidException"),
        (&data, Some("destination"), "InvalidInsightSelectorsException"),
    ] {
        assert_eq!(code(&door, "PutInsightSelectors", put(selectors.clone(), to)), expected, "{selectors} {to:?}");
    }
    let told_of = told(&door, "PutInsightSelectors", put(rates.clone(), Some(&destination)));
    let expected =
        json!({ "EventDataStoreArn": source, "InsightsDestination": destination, "InsightSelectors": rates });
    assert_eq!(told_of, expected);
    assert_eq!(told(&door, "GetInsightSelectors", json!({ "EventDataStore": source })), expected);
    let reads = json!([{ "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Management"] },
        { "Field": "readOnly", "Equals": ["true"] }] }]);
    let narrowed = json!({ "EventDataStore": source, "AdvancedEventSelectors": reads });
    assert_eq!(code(&door, "UpdateEventDataStore", narrowed), "InvalidInsightSelectorsException");
    let told_of = told(&door, "PutInsightSelectors", put(json!([]), None));
    assert_eq!(told_of, json!({ "EventDataStoreArn": source, "InsightSelectors": [] }));
    assert_eq!(off(&door), "InsightNotEnabledException");
}
