//! Which events selectors take.

use super::*;

fn selectors<T: serde::de::DeserializeOwned>(json: &str) -> Vec<T> {
    serde_json::from_str(json).unwrap()
}

fn basic(json: &str) -> EventSelectors {
    let all: Vec<EventSelector> = selectors(json);
    EventSelector::check(&all).unwrap();
    EventSelectors::Basic(all)
}

fn advanced(json: &str) -> EventSelectors {
    let all: Vec<AdvancedEventSelector> = selectors(json);
    AdvancedEventSelector::check(&all).unwrap();
    EventSelectors::Advanced(all)
}

const RUN: EventFacts<'static> = EventFacts {
    category: EventCategory::Management,
    read_only: false,
    source: "ec2.amazonaws.com",
    name: "RunInstances",
    event_type: Some("AwsApiCall"),
    user_arn: Some("arn:aws:iam::123456789012:user/alice"),
    error_code: None,
    resource_arn: None,
};
const DESCRIBE: EventFacts<'static> = EventFacts { read_only: true, name: "DescribeInstances", ..RUN };
const DECRYPT: EventFacts<'static> = EventFacts { source: "kms.amazonaws.com", name: "Decrypt", ..DESCRIBE };
const PUT: EventFacts<'static> = EventFacts {
    category: EventCategory::Data,
    source: "s3.amazonaws.com",
    name: "PutObject",
    resource_arn: Some("arn:aws:s3:::logs/2026/a.gz"),
    ..RUN
};
const INVOKE: EventFacts<'static> = EventFacts {
    category: EventCategory::Data,
    source: "lambda.amazonaws.com",
    name: "Invoke",
    resource_arn: Some("arn:aws:lambda:us-east-1:123456789012:function:f"),
    ..RUN
};

#[test]
fn a_new_trail_logs_all_management_events_and_no_data_events() {
    let new = EventSelectors::default();
    assert!(new.log(&RUN) && new.log(&DESCRIBE) && new.log(&DECRYPT));
    assert!(!new.log(&PUT) && !new.log(&INVOKE));
    assert!(!new.may_log(EventCategory::Data, false));
}

#[test]
fn basic_selectors_say_reads_or_writes_and_leave_services_out() {
    let writes = basic(r#"[{"ReadWriteType":"WriteOnly"}]"#);
    assert!(writes.log(&RUN) && !writes.log(&DESCRIBE));
    let reads = basic(r#"[{"ReadWriteType":"ReadOnly","ExcludeManagementEventSources":["kms.amazonaws.com"]}]"#);
    assert!(!reads.log(&RUN) && reads.log(&DESCRIBE) && !reads.log(&DECRYPT));
    assert!(!reads.may_log(EventCategory::Management, false) && reads.may_log(EventCategory::Management, true));
}

#[test]
fn an_event_is_logged_if_any_selector_takes_it() {
    let two = basic(
        r#"[{"ReadWriteType":"ReadOnly"},{"IncludeManagementEvents":false,"DataResources":
            [{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::logs/"]}]}]"#,
    );
    assert!(two.log(&DESCRIBE) && !two.log(&RUN));
    assert!(two.log(&PUT) && !two.log(&EventFacts { resource_arn: Some("arn:aws:s3:::other/a"), ..PUT }));
    assert!(!two.log(&INVOKE));
    let everywhere = basic(r#"[{"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}]"#);
    assert!(everywhere.log(&INVOKE) && everywhere.log(&EventFacts { resource_arn: None, ..INVOKE }));
    assert!(!everywhere.log(&PUT));
}

#[test]
fn advanced_conditions_must_all_hold() {
    let writes = advanced(
        r#"[{"Name":"writes","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},
            {"Field":"readOnly","Equals":["false"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]}]}]"#,
    );
    assert!(writes.log(&RUN) && !writes.log(&DESCRIBE) && !writes.log(&DECRYPT) && !writes.log(&PUT));
    assert!(!writes.may_log(EventCategory::Management, true) && !writes.may_log(EventCategory::Data, false));
    let objects = advanced(
        r#"[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},
            {"Field":"resources.type","Equals":["AWS::S3::Object"]},
            {"Field":"eventName","StartsWith":["Put"],"EndsWith":["Acl"],"NotEquals":["PutObjectAcl"]},
            {"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::secret/"]}]}]"#,
    );
    assert!(objects.log(&PUT) && objects.log(&EventFacts { name: "GetObjectAcl", ..PUT }));
    assert!(!objects.log(&EventFacts { name: "PutObjectAcl", ..PUT }) && !objects.log(&INVOKE) && !objects.log(&RUN));
    assert!(!objects.log(&EventFacts { resource_arn: Some("arn:aws:s3:::secret/a"), ..PUT }));
}

#[test]
fn what_selectors_must_not_be_is_refused() {
    let refused = |json: &str| EventSelector::check(&selectors(json)).unwrap_err().message;
    assert_eq!(
        refused(r#"[{"DataResources":[{"Type":"AWS::S3::Bucket","Values":[]}]}]"#),
        "Value AWS::S3::Bucket for DataResources.Type is invalid. \
         Valid values are: AWS::DynamoDB::Table, AWS::Lambda::Function, AWS::S3::Object"
    );
    for value in ["arn:aws:s3:::*/*", "logs/", "arn:aws:lambda", "arn:aws:s3x:::a"] {
        let json = format!(r#"[{{"DataResources":[{{"Type":"AWS::S3::Object","Values":["{value}"]}}]}}]"#);
        assert_eq!(refused(&json), format!("Value {value} for DataResources.Values is invalid."));
    }
    refused("[]");
    refused("[{},{},{},{},{},{}]");
    refused(r#"[{"ExcludeManagementEventSources":["ec2.amazonaws.com"]}]"#);
    let nothing = "Invalid combination of parameters in EventSelectors. When includeManagementEvents is false, DataResources must not be \
                   empty.";
    for selects_nothing in [
        r#"[{"IncludeManagementEvents":false}]"#,
        r#"[{},{"IncludeManagementEvents":false,"DataResources":[]}]"#,
        r#"[{"IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::S3::Object","Values":[]}]}]"#,
    ] {
        assert_eq!(refused(selects_nothing), nothing);
    }
    let refused = |fields: &str| {
        let json = format!(r#"[{{"FieldSelectors":[{fields}]}}]"#);
        AdvancedEventSelector::check(&selectors(&json)).unwrap_err().message
    };
    let data = r#"{"Field":"eventCategory","Equals":["Data"]}"#;
    let management = r#"{"Field":"eventCategory","Equals":["Management"]}"#;
    refused(data);
    refused(r#"{"Field":"eventCategory","Equals":["Insight"]}"#);
    refused(r#"{"Field":"eventCategory","StartsWith":["Data"]}"#);
    for condition in [
        r#"{"Field":"eventName","Equals":["RunInstances"]}"#,
        r#"{"Field":"readOnly","Equals":["yes"]}"#,
        r#"{"Field":"readOnly"}"#,
        r#"{"Field":"eventSource","NotEquals":["ec2.amazonaws.com"]}"#,
        management,
    ] {
        refused(&format!("{management},{condition}"));
    }
}

#[test]
fn of_an_api_it_is_known_before_any_call_whether_one_could_be_logged() {
    let of = |event: &EventFacts<'static>| ApiFacts {
        category: event.category,
        read_only: event.read_only,
        source: event.source,
        name: event.name,
    };
    let writes = basic(r#"[{"ReadWriteType":"WriteOnly"}]"#);
    assert!(writes.may_log_api(&of(&RUN)) && !writes.may_log_api(&of(&DESCRIBE)));
    let no_kms = basic(r#"[{"ExcludeManagementEventSources":["kms.amazonaws.com"]}]"#);
    assert!(no_kms.may_log_api(&of(&DESCRIBE)) && !no_kms.may_log_api(&of(&DECRYPT)));
    let objects = basic(r#"[{"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::logs/"]}]}]"#);
    assert!(objects.may_log_api(&of(&PUT)) && !objects.may_log_api(&of(&INVOKE)));
    let no_kms = advanced(
        r#"[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]}]}]"#,
    );
    assert!(no_kms.may_log_api(&of(&DESCRIBE)) && !no_kms.may_log_api(&of(&DECRYPT)) && !no_kms.may_log_api(&of(&PUT)));
    let puts = advanced(
        r#"[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"eventName","StartsWith":["Put"]},{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::logs/"]}]}]"#,
    );
    assert!(puts.may_log_api(&of(&PUT)) && !puts.may_log_api(&of(&INVOKE)) && !puts.may_log_api(&of(&RUN)));
    assert!(!puts.may_log_api(&ApiFacts { name: "GetObject", ..of(&PUT) }));
}
