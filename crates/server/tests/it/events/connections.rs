//! Connections and API destinations: how they are set up, and what is never told of them.

use super::*;
use crate::web::{body, header};

fn connection(name: &str, kind: &str, auth: Value) -> Value {
    json!({ "Name": name, "AuthorizationType": kind, "AuthParameters": auth })
}

pub(super) fn api_key() -> Value {
    json!({ "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key", "ApiKeyValue": "s3cret" } })
}

pub(super) fn oauth() -> Value {
    json!({
        "OAuthParameters": {
            "ClientParameters": { "ClientID": "trail", "ClientSecret": "s3cret" },
            "AuthorizationEndpoint": "https://login.example.com/token",
            "HttpMethod": "POST",
            "OAuthHttpParameters": { "BodyParameters": [{ "Key": "scope", "Value": "a b", "IsValueSecret": false }] }
        }
    })
}

/// A connection, and its ARN.
pub(super) fn connected(door: &Door, name: &str, kind: &str, auth: Value) -> String {
    let made = ask(door, "CreateConnection", connection(name, kind, auth));
    made["ConnectionArn"].as_str().expect("it has one").to_owned()
}

fn described(door: &Door, name: &str) -> Value {
    ask(door, "DescribeConnection", json!({ "Name": name }))
}

#[test]
fn a_connection_is_told_without_its_secrets() {
    let door = Door::default();
    let besides = json!({
        "HeaderParameters": [
            { "Key": "x-team", "Value": "blue" },
            { "Key": "x-token", "Value": "s3cret", "IsValueSecret": true }
        ]
    });
    for (name, kind, mut auth, told) in [
        ("key", "API_KEY", api_key(), json!({ "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key" } })),
        (
            "basic",
            "BASIC",
            json!({ "BasicAuthParameters": { "Username": "user", "Password": "s3cret" } }),
            json!({ "BasicAuthParameters": { "Username": "user" } }),
        ),
        (
            "oauth",
            "OAUTH_CLIENT_CREDENTIALS",
            oauth(),
            json!({
                "OAuthParameters": {
                    "ClientParameters": { "ClientID": "trail" },
                    "AuthorizationEndpoint": "https://login.example.com/token",
                    "HttpMethod": "POST",
                    "OAuthHttpParameters": { "BodyParameters": [{ "Key": "scope", "Value": "a b", "IsValueSecret": false }] }
                }
            }),
        ),
    ] {
        auth["InvocationHttpParameters"] = besides.clone();
        let made = ask(&door, "CreateConnection", connection(name, kind, auth));
        let state = if name == "oauth" { "AUTHORIZING" } else { "AUTHORIZED" };
        assert_eq!((&made["ConnectionState"], made.get("LastAuthorizedTime")), (&json!(state), None));
        let arn = made["ConnectionArn"].as_str().expect("it has one");
        assert!(arn.starts_with(&format!("arn:aws:events:us-east-1:123456789012:connection/{name}/")), "{arn}");
        let mut expected = told;
        expected["InvocationHttpParameters"] = json!({
            "HeaderParameters": [
                { "Key": "x-team", "Value": "blue", "IsValueSecret": false },
                { "Key": "x-token", "IsValueSecret": true }
            ]
        });
        let described = described(&door, name);
        assert_eq!(described["AuthParameters"], expected);
        assert_eq!((&described["Name"], &described["AuthorizationType"]), (&json!(name), &json!(kind)));
        let secret = described["SecretArn"].as_str().expect("it has one");
        assert!(secret.contains(&format!(":secret:events!connection/{name}/")), "{secret}");
        assert!(!described.to_string().contains("s3cret"), "{described}");
    }
    let all = ask(&door, "ListConnections", json!({}));
    assert_eq!(all["Connections"].as_array().map(Vec::len), Some(3));
    assert!(!all.to_string().contains("s3cret"));
    let waiting = ask(&door, "ListConnections", json!({ "ConnectionState": "AUTHORIZING" }));
    assert_eq!(waiting["Connections"][0]["Name"], "oauth");
}

#[test]
fn a_connection_fetches_a_token_as_soon_as_it_is_made_or_says_why_not() {
    let door = Door::default();
    connected(&door, "good", "OAUTH_CLIENT_CREDENTIALS", oauth());
    door.web.will_answer(200, &[], r#"{"access_token":"t-1","token_type":"bearer","expires_in":"3600"}"#);
    door.deliver();
    assert_eq!(described(&door, "good")["ConnectionState"], "AUTHORIZED");
    let [asked] = &door.web.take()[..] else { panic!("it was asked once") };
    assert_eq!((asked.method.as_str(), asked.url.as_str()), ("POST", "https://login.example.com/token"));
    assert_eq!(body(asked), "grant_type=client_credentials&client_id=trail&client_secret=s3cret&scope=a+b");
    assert_eq!(header(asked, "content-type"), Some("application/x-www-form-urlencoded"));

    connected(&door, "bad", "OAUTH_CLIENT_CREDENTIALS", oauth());
    door.web.will_answer(400, &[], r#"{"error":"invalid_client","error_description":"s3cret is wrong"}"#);
    door.deliver();
    let bad = described(&door, "bad");
    assert_eq!(bad["ConnectionState"], "DEAUTHORIZED");
    assert_eq!(bad["StateReason"], "no token: the authorization endpoint answered 400 invalid_client");
    let rows = door.store.read(|r| r.deliveries(&DeliveryList::default(), 10)).expect("it is read");
    assert!(rows.iter().all(|row| !format!("{row:?}").contains("s3cret")), "{rows:?}");
}

/// A document as it lies in the database.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Raw<const TOKEN: bool>(Value);

impl<const TOKEN: bool> store::Resource for Raw<TOKEN> {
    const KIND: &'static str = if TOKEN { "connection-token" } else { "connection" };
}

fn key(name: &str) -> store::Key {
    store::Key::new(&"123456789012".into(), &"us-east-1".into(), name)
}

fn raw<const TOKEN: bool>(store: &store::Store, name: &str) -> Value {
    store.read(|r| r.get::<Raw<TOKEN>>(&key(name))).expect("it is read").expect("it is there").value.0
}

fn put_raw<const TOKEN: bool>(door: &Door, name: &str, document: Value) {
    door.store.write(|w| w.put(&key(name), &Raw::<TOKEN>(document), door.now)).expect("there is room");
}

#[test]
fn secrets_lie_sealed_each_as_its_own_connection_s() {
    let door = Door::default();
    door.web.will_answer(200, &[], r#"{"access_token":"t0ken","token_type":"bearer","expires_in":3600}"#);
    connected(&door, "o", "OAUTH_CLIENT_CREDENTIALS", oauth());
    door.deliver();
    assert_eq!(described(&door, "o")["ConnectionState"], "AUTHORIZED");
    connected(&door, "c", "API_KEY", api_key());
    let texts = [raw::<false>(&door.store, "o"), raw::<true>(&door.store, "o"), raw::<false>(&door.store, "c")]
        .map(|raw| raw.to_string());
    for text in &texts {
        assert!(text.contains("\"sealed\"") && !text.contains("s3cret") && !text.contains("t0ken"), "{text}");
    }
    // In another's place it opens nothing.
    let mut stolen = raw::<false>(&door.store, "c");
    stolen["arn"] = json!("arn:aws:events:us-east-1:123456789012:connection/c/another");
    put_raw::<false>(&door, "c", stolen);
    assert_eq!(described(&door, "c").get("AuthParameters"), None);
}

#[test]
fn what_lies_in_the_clear_is_read_and_sealed_when_it_is_written() {
    let door = Door::default();
    connected(&door, "c", "API_KEY", api_key());
    let mut old = raw::<false>(&door.store, "c");
    old["auth_parameters"] = api_key();
    put_raw::<false>(&door, "c", old);
    let told = json!({ "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key" } });
    assert_eq!(described(&door, "c")["AuthParameters"], told);
    assert!(raw::<false>(&door.store, "c").to_string().contains("s3cret"));
    ask(&door, "UpdateConnection", json!({ "Name": "c", "Description": "new" }));
    assert!(!raw::<false>(&door.store, "c").to_string().contains("s3cret"));
    assert_eq!(described(&door, "c")["AuthParameters"], told);
}

#[test]
fn what_lies_in_the_clear_is_sealed_at_the_start_and_nobody_is_told_that_it_was_changed() {
    let mut door = Door::default();
    door.web.will_answer(200, &[], r#"{"access_token":"t0ken","token_type":"bearer","expires_in":3600}"#);
    connected(&door, "o", "OAUTH_CLIENT_CREDENTIALS", oauth());
    door.deliver();
    let documents = |store: &store::Store| (raw::<false>(store, "o"), raw::<true>(store, "o"));
    let sealed = documents(&door.store);
    let (mut connection, mut token) = sealed.clone();
    (connection["auth_parameters"], token["header"]) = (oauth(), json!("Bearer t0ken"));
    door.wait(jiff::SignedDuration::from_hours(1));
    put_raw::<false>(&door, "o", connection);
    put_raw::<true>(&door, "o", token);

    let put_at = door.now;
    let front = door.into_front_door();
    server::work::Walk::start(&front, Default::default()).expect("it starts");
    assert_eq!(documents(&front.store), sealed);
    let kept = front.store.read(|r| r.get::<Raw<false>>(&key("o"))).expect("it is read").expect("it is there");
    assert_eq!(kept.changed_at, put_at);
}

#[test]
fn a_connection_is_changed_deauthorized_and_deleted() {
    let door = Door::default();
    let arn = connected(&door, "c", "API_KEY", api_key());
    assert_eq!(
        refusal(&door, "CreateConnection", connection("c", "API_KEY", api_key())),
        says("ResourceAlreadyExistsException", "Connection c already exists.")
    );
    let update = json!({ "Name": "c", "Description": "new", "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyName": "k" } } });
    let updated = ask(&door, "UpdateConnection", update);
    assert_eq!((&updated["ConnectionArn"], &updated["ConnectionState"]), (&json!(arn), &json!("AUTHORIZED")));
    assert_eq!(described(&door, "c")["AuthParameters"], json!({ "ApiKeyAuthParameters": { "ApiKeyName": "k" } }));
    assert_eq!(described(&door, "c")["Description"], "new");
    // Another kind needs its own parameters, all of them.
    let (code, why) = refusal(
        &door,
        "UpdateConnection",
        json!({ "Name": "c", "AuthorizationType": "BASIC", "AuthParameters": { "BasicAuthParameters": { "Username": "u" } } }),
    );
    assert!(code == "ValidationException" && why.contains("Password is missing"), "{why}");

    assert_eq!(ask(&door, "DeauthorizeConnection", json!({ "Name": "c" }))["ConnectionState"], "DEAUTHORIZING");
    let bare = described(&door, "c");
    assert_eq!((&bare["ConnectionState"], bare.get("AuthParameters")), (&json!("DEAUTHORIZED"), None));
    assert_eq!(ask(&door, "DeleteConnection", json!({ "Name": "c" }))["ConnectionState"], "DELETING");
    for (operation, doing) in [
        ("DescribeConnection", "describe"),
        ("UpdateConnection", "update"),
        ("DeauthorizeConnection", "deauthorize"),
        ("DeleteConnection", "delete"),
    ] {
        let gone = format!("Failed to {doing} the connection(s). Connection 'c' does not exist.");
        assert_eq!(refusal(&door, operation, json!({ "Name": "c" })), says("ResourceNotFoundException", &gone));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let door = Door::default();
    let why = |input: Value| refusal(&door, "CreateConnection", input);
    assert_eq!(
        why(connection("c", "INVALID_AUTH_TYPE", api_key())).1,
        "1 validation error detected: Value 'INVALID_AUTH_TYPE' at 'authorizationType' failed to satisfy constraint: Member \
         must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]"
    );
    assert_eq!(
        why(connection("Invalid Name With Spaces!", "API_KEY", api_key())).1,
        "1 validation error detected: Value 'Invalid Name With Spaces!' at 'name' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"
    );
    assert!(why(connection("c", "BASIC", api_key())).1.contains("BasicAuthParameters must be given"));
    let mut smuggled = api_key();
    smuggled["ApiKeyAuthParameters"]["ApiKeyName"] = json!("Host");
    assert_eq!(why(connection("c", "API_KEY", smuggled)).1, "Header Host is not allowed to be set.");
    let arn = connected(&door, "c", "API_KEY", api_key());

    let destination = |more: Value| {
        let mut input = json!({
            "Name": "d", "ConnectionArn": arn, "InvocationEndpoint": "https://example.com/api", "HttpMethod": "POST"
        });
        input.as_object_mut().expect("it is one").extend(more.as_object().expect("it is one").clone());
        refusal(&door, "CreateApiDestination", input)
    };
    let missing = arn.replace("/c/", "/other/");
    assert_eq!(
        destination(json!({ "ConnectionArn": missing })),
        says("ResourceNotFoundException", &format!("Connection '{missing}' does not exist."))
    );
    let (_, both) = destination(json!({ "ConnectionArn": "invalid-connection-arn", "HttpMethod": "INVALID_METHOD" }));
    assert!(
        both.starts_with("2 validation errors detected: Value 'invalid-connection-arn' at 'connectionArn'"),
        "{both}"
    );
    assert!(both.ends_with("enum value set: [HEAD, POST, PATCH, DELETE, PUT, GET, OPTIONS]"), "{both}");
    assert!(destination(json!({ "InvocationEndpoint": "ftp://example.com" })).1.contains("InvocationEndpoint"));
    assert_eq!(refusal(&door, "DescribeApiDestination", json!({ "Name": "d" })).0, "ResourceNotFoundException");
}

#[test]
fn an_api_destination_is_told_changed_and_deleted_and_is_as_good_as_its_connection() {
    let door = Door::default();
    let arn = connected(&door, "c", "API_KEY", api_key());
    let input = json!({
        "Name": "d", "ConnectionArn": arn, "InvocationEndpoint": "https://example.com/*", "HttpMethod": "POST",
        "Description": "hooks"
    });
    let made = ask(&door, "CreateApiDestination", input.clone());
    assert_eq!(made["ApiDestinationState"], "ACTIVE");
    assert_eq!(
        refusal(&door, "CreateApiDestination", input),
        says("ResourceAlreadyExistsException", "An api-destination 'd' already exists.")
    );
    let told = ask(&door, "DescribeApiDestination", json!({ "Name": "d" }));
    assert_eq!((&told["InvocationRateLimitPerSecond"], &told["Description"]), (&json!(300), &json!("hooks")));
    ask(&door, "UpdateApiDestination", json!({ "Name": "d", "HttpMethod": "PUT", "InvocationRateLimitPerSecond": 5 }));
    let listed = ask(&door, "ListApiDestinations", json!({ "ConnectionArn": arn }));
    let [told] = &listed["ApiDestinations"].as_array().expect("it is a list")[..] else { panic!("{listed}") };
    assert_eq!((&told["HttpMethod"], &told["InvocationRateLimitPerSecond"]), (&json!("PUT"), &json!(5)));
    assert_eq!(told["InvocationEndpoint"], "https://example.com/*");
    ask(&door, "DeleteConnection", json!({ "Name": "c" }));
    assert_eq!(ask(&door, "DescribeApiDestination", json!({ "Name": "d" }))["ApiDestinationState"], "INACTIVE");
    ask(&door, "DeleteApiDestination", json!({ "Name": "d" }));
    assert_eq!(ask(&door, "ListApiDestinations", json!({})), json!({ "ApiDestinations": [] }));
}
