//! Versions stay as they were, and aliases name them.

use serde_json::{Value, json};

use super::{ARN, FUNCTIONS, Service, archive, base64, not_found};

#[test]
fn a_version_stays_as_it_was_when_it_was_published() {
    let service = Service::with_warden();
    let publish = format!("{FUNCTIONS}/warden/versions");
    let first = service.ok("POST", &publish, json!({ "Description": "the first" }));
    assert_eq!((&first["Version"], &first["FunctionArn"]), (&json!("1"), &json!(format!("{ARN}:1"))));
    // Nothing has changed: it is the same one.
    assert_eq!(service.ok("POST", &publish, json!({}))["Version"], "1");
    let code = base64(&archive("def handler(event, context): return 2"));
    let second = service.ok("PUT", &format!("{FUNCTIONS}/warden/code"), json!({ "ZipFile": code, "Publish": true }));
    assert_eq!(second["Version"], "2");
    let versions = service.ok("GET", &publish, Value::Null);
    let told = |name: &str| -> Vec<Value> {
        versions["Versions"].as_array().unwrap().iter().map(|version| version[name].clone()).collect()
    };
    assert_eq!(told("Version"), ["$LATEST", "1", "2"]);
    assert_eq!(told("FunctionArn")[0], format!("{ARN}:$LATEST"));
    assert_eq!(told("Description"), ["", "the first", ""]);
    assert_eq!(told("CodeSha256")[0], told("CodeSha256")[2]);
    assert_ne!(told("CodeSha256")[0], told("CodeSha256")[1]);

    let invoked = service.door.rest("POST", &format!("{FUNCTIONS}/warden/invocations?Qualifier=1"), &[], b"{}");
    assert_eq!(invoked.headers()["x-amz-executed-version"], "1");
    let (function, _) = service.runner.asked().remove(0);
    assert_eq!(*function.code, *archive("def handler(event, context): pass"));
    assert_eq!(function.version, "1");

    service.ok("DELETE", &format!("{FUNCTIONS}/warden?Qualifier=1"), Value::Null);
    let gone = not_found(&format!("Function not found: {ARN}:1"));
    assert_eq!(service.refused("GET", &format!("{FUNCTIONS}/warden:1"), Value::Null), gone);
    // No number is given twice.
    let code = base64(&archive("def handler(event, context): return 3"));
    service.ok("PUT", &format!("{FUNCTIONS}/warden/code"), json!({ "ZipFile": code }));
    assert_eq!(service.ok("POST", &publish, json!({}))["Version"], "3");
}

#[test]
fn an_alias_is_another_name_for_a_version() {
    let service = Service::with_warden();
    let aliases = format!("{FUNCTIONS}/warden/aliases");
    service.ok("POST", &format!("{FUNCTIONS}/warden/versions"), json!({}));
    let missing = not_found(&format!("Function not found: {ARN}:7"));
    assert_eq!(service.refused("POST", &aliases, json!({ "Name": "live", "FunctionVersion": "7" })), missing);
    let live = service.ok("POST", &aliases, json!({ "Name": "live", "FunctionVersion": "1" }));
    assert_eq!((&live["AliasArn"], &live["FunctionVersion"]), (&json!(format!("{ARN}:live")), &json!("1")));
    let told = service.ok("GET", &format!("{FUNCTIONS}/warden?Qualifier=live"), Value::Null);
    assert_eq!(
        (&told["Configuration"]["Version"], &told["Configuration"]["FunctionArn"]),
        (&json!("1"), &json!(format!("{ARN}:live")))
    );
    // A version that an alias names stays.
    let (status, code, _) = service.refused("DELETE", &format!("{FUNCTIONS}/warden?Qualifier=1"), Value::Null);
    assert_eq!((status, code.as_str()), (409, "ResourceConflictException"));
    service.ok("PUT", &format!("{aliases}/live"), json!({ "FunctionVersion": "$LATEST" }));
    assert_eq!(service.ok("GET", &aliases, Value::Null)["Aliases"][0]["FunctionVersion"], "$LATEST");
    assert_eq!(service.ask("DELETE", &format!("{aliases}/live"), Value::Null).0, 204);
    let gone = not_found(&format!("Cannot find alias arn: {ARN}:live"));
    assert_eq!(service.refused("GET", &format!("{aliases}/live"), Value::Null), gone);
}
