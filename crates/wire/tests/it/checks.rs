//! What is said of inputs that break their constraints, in AWS's words. The sentences are those that were recorded from AWS
//! (`shared/data/aws-recorded`), about made-up values.

use wire::check::{Member, Shape, check};
use wire::{Addressee, Call, Limits, Service};

use crate::scenes::Owned;

static NAME: Shape = Shape::string().length(1, 64).pattern(r"[\.\-_A-Za-z0-9]+");
static TARGET: Shape = Shape::structure(
    "Target",
    &[Member::required("Id", NAME), Member::required("Arn", Shape::string().length(1, 1600))],
);
static ENTRY: Shape = Shape::structure(
    "PutEventsRequestEntry",
    &[
        Member::optional("Time", Shape::any()),
        Member::optional("Source", Shape::string()),
        Member::optional("Resources", Shape::list(&TEXT)),
        Member::optional("Detail", Shape::string()),
    ],
);
static TEXT: Shape = Shape::string();
static ARCHITECTURE: Shape = Shape::string().one_of(&["x86_64", "arm64"]);
static VERSION: Shape = Shape::string().length(1, 1024).pattern("[0-9]+");
static WEIGHT: Shape = Shape::double().range(0.0, 1.0);
static ROUTING: Shape =
    Shape::structure("Routing", &[Member::optional("AdditionalVersionWeights", Shape::map(&VERSION, &WEIGHT))]);
static ATTRIBUTE: Shape = Shape::structure(
    "MessageAttributeValue",
    &[Member::required("DataType", Shape::string()), Member::optional("StringValue", Shape::string())],
);
static EVERYTHING: Shape = Shape::structure(
    "Everything",
    &[
        Member::optional("Name", NAME),
        Member::optional(
            "AuthorizationType",
            Shape::string().one_of(&["BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"]),
        ),
        Member::optional("Targets", Shape::list(&TARGET).length(1, 100)),
        Member::optional("Entries", Shape::list(&ENTRY).length(1, 2)),
        Member::optional("Architectures", Shape::list(&ARCHITECTURE).length(1, 1)),
        Member::optional("RoutingConfig", ROUTING),
        Member::optional("Concurrency", Shape::integer().at_least(1.0)),
        Member::optional("MessageAttributes", Shape::map(&TEXT, &ATTRIBUTE)),
        Member::optional("Alias", Shape::string().pattern_by(r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)", is_alias)),
    ],
);

fn is_alias(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    !text.is_empty() && is_plain && !text.bytes().all(|byte| byte.is_ascii_digit())
}

fn call(owned: &Owned) -> Call {
    let to = Addressee::of(&owned.request()).unwrap();
    Call::read(&owned.request(), &to, &Limits::default()).unwrap()
}

/// What is said of a JSON body, without the front that all share.
fn said(body: &str) -> String {
    let call = call(&Owned::new("POST", "/", &[("x-amz-target", "AWSEvents.Do")], body.as_bytes()));
    match check(&EVERYTHING, &call.input, Service::Events) {
        Ok(()) => "is fine\n".into(),
        Err(error) => {
            assert_eq!((error.code.as_ref(), error.status), ("ValidationException", 400));
            error.message.replace("failed to satisfy constraint", "…") + "\n"
        }
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once_in_the_words_of_aws() {
    let long = "A name with blanks, and far too long to be the name of anything at all";
    let answers = [
        said(r#"{}"#),
        said(
            r#"{"Name":"a-b.c_1","Architectures":["arm64"],"RoutingConfig":{"AdditionalVersionWeights":{"1":0.5}},"Alias":"a1"}"#,
        ),
        said(&format!(r#"{{"Name":"{long}","AuthorizationType":"NONE"}}"#)),
        said(r#"{"Targets":[{"Id":"a","Arn":"b"},{"Id":"!@","Arn":"b"},{"Arn":""}]}"#),
        said(r#"{"Targets":[]}"#),
        said(r#"{"Entries":[{"Source":"s"},{"Detail":"{\"a\": 1}","Resources":["x","y"]},{"Time":3}]}"#),
        said(r#"{"Architectures":["x86_64","arm64"]}"#),
        said(r#"{"Architectures":["X86_64"]}"#),
        said(r#"{"RoutingConfig":{"AdditionalVersionWeights":{"2":2}}}"#),
        said(r#"{"RoutingConfig":{"AdditionalVersionWeights":{"$LATEST":0.5}}}"#),
        said(r#"{"Concurrency":0}"#),
        said(r#"{"MessageAttributes":{"kind":{"StringValue":"frost"}}}"#),
        said(r#"{"Alias":"2024"}"#),
        // What has another type is said when it is read.
        said(r#"{"Name":3,"Targets":"x","RoutingConfig":[],"Concurrency":"x"}"#),
    ];
    expect_test::expect![[r#"
        is fine
        is fine
        3 validation errors detected: Value 'A name with blanks, and far too long to be the name of anything at all' at 'name' …: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+; Value 'A name with blanks, and far too long to be the name of anything at all' at 'name' …: Member must have length less than or equal to 64; Value 'NONE' at 'authorizationType' …: Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]
        3 validation errors detected: Value '!@' at 'targets.2.member.id' …: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+; Value null at 'targets.3.member.id' …: Member must not be null; Value '' at 'targets.3.member.arn' …: Member must have length greater than or equal to 1
        1 validation error detected: Value '[]' at 'targets' …: Member must have length greater than or equal to 1
        1 validation error detected: Value '[PutEventsRequestEntry(time=null, source=s, resources=null, detail=null), PutEventsRequestEntry(time=null, source=null, resources=[x, y], detail={"a": 1}), PutEventsRequestEntry(time=3, source=null, resources=null, detail=null)]' at 'entries' …: Member must have length less than or equal to 2
        1 validation error detected: Value '[x86_64, arm64]' at 'architectures' …: Member must have length less than or equal to 1
        1 validation error detected: Value '[X86_64]' at 'architectures' …: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]
        1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' …: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]
        1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' …: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]
        1 validation error detected: Value '0' at 'concurrency' …: Member must have value greater than or equal to 1
        1 validation error detected: Value null at 'messageAttributes.kind.member.dataType' …: Member must not be null
        1 validation error detected: Value '2024' at 'alias' …: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)
        is fine
    "#]].assert_eq(&answers.concat());
}

/// What AWS was recorded to say about EventBridge's inputs, where the folder of data is at hand: the values are taken out of
/// its sentences, held against our shapes, and the whole text is the same.
#[test]
fn what_aws_said_of_an_input_is_what_we_say() {
    static RECORDED: Shape = Shape::structure(
        "Recorded",
        &[
            Member::optional("Name", NAME),
            Member::optional("AuthorizationType", Shape::string().one_of(&["BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"])),
            Member::optional(
                "ConnectionArn",
                Shape::string().length(1, 1600).pattern(
                    r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$",
                ),
            ),
            Member::optional(
                "HttpMethod",
                Shape::string().one_of(&["HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"]),
            ),
            Member::optional("Targets", Shape::list(&RECORDED_TARGET)),
        ],
    );
    static RECORDED_TARGET: Shape = Shape::structure("Target", &[Member::required("Id", NAME)]);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/aws-recorded");
    let mut count = 0;
    for file in ["test_api_destinations_and_connection", "test_events"] {
        let Ok(text) = std::fs::read_to_string(format!("{folder}/{file}.snapshot.json")) else { return };
        let mut messages = Vec::new();
        messages_in(&serde_json::from_str(&text).unwrap(), &mut messages);
        // One lists members that no model has.
        for message in messages.iter().filter(|message| !message.contains("internalMetadata")) {
            let mut input = serde_json::Map::new();
            let sentences = message.split_once(": ").unwrap().1;
            for sentence in sentences.split("; ") {
                let (value, place) = sentence.strip_prefix("Value '").unwrap().split_once("' at '").unwrap();
                let (place, _) = place.split_once('\'').unwrap();
                // AWS replaced a name of its own by a shorter one here.
                let value = if value == "second-invalid-target-id" { "a".repeat(65) } else { value.to_owned() };
                match place {
                    "targets.1.member.id" => input.insert("Targets".into(), serde_json::json!([{ "Id": value }])),
                    place => input.insert(place[..1].to_uppercase() + &place[1..], value.into()),
                };
            }
            let body = serde_json::Value::Object(input).to_string();
            let call = call(&Owned::new("POST", "/", &[("x-amz-target", "AWSEvents.Do")], body.as_bytes()));
            let said = check(&RECORDED, &call.input, Service::Events).unwrap_err().message;
            assert_eq!(said.replace(&"a".repeat(65), "second-invalid-target-id"), *message);
            count += 1;
        }
    }
    assert!(count >= 6, "{count}");
}

fn messages_in(json: &serde_json::Value, messages: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) if text.contains(" detected: Value '") => messages.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| messages_in(item, messages)),
        serde_json::Value::Object(members) => members.values().for_each(|value| messages_in(value, messages)),
        _ => {}
    }
}

/// A form's words are held against the same shapes, under the older protocol's code.
#[test]
fn forms_are_held_against_the_same_shapes() {
    let form = "/?Action=Do&Version=2010-03-31&Concurrency=0&MessageAttributes.entry.1.Name=kind\
                &MessageAttributes.entry.1.Value.StringValue=frost&Targets.member.1.Id=a&Targets.member.1.Arn=b\
                &Targets.member.2.Id=%20&Targets.member.2.Arn=c";
    let call = call(&Owned::new("GET", form, &[], b""));
    let error = check(&EVERYTHING, &call.input, Service::Sns).unwrap_err();
    assert_eq!(error.code, "ValidationError");
    expect_test::expect![[r#"3 validation errors detected: Value ' ' at 'targets.2.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+; Value '0' at 'concurrency' failed to satisfy constraint: Member must have value greater than or equal to 1; Value null at 'messageAttributes.kind.member.dataType' failed to satisfy constraint: Member must not be null"#]].assert_eq(&error.message);
    assert_eq!(check(&EVERYTHING, &call.input, Service::Logs).unwrap_err().code, "InvalidParameterException");
}
