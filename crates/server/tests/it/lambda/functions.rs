//! Functions are made, told, changed and deleted.

use serde_json::{Value, json};

use super::{ARN, FUNCTIONS, Service, archive, base64, invalid, not_found, says};

#[test]
fn a_function_is_told_as_aws_tells_it() {
    let service = Service::default();
    let created = service.create(json!({
        "Environment": { "Variables": { "TOPIC": "alerts" } }, "Tags": { "team": "security" }
    }));
    let (revision, sha256) = (created["RevisionId"].clone(), created["CodeSha256"].clone());
    let mut expected = json!({
        "FunctionName": "warden", "FunctionArn": ARN, "Runtime": "python3.11", "Role": super::ROLE,
        "Handler": "index.handler", "CodeSize": 147, "Description": "", "Timeout": 3, "MemorySize": 128,
        "LastModified": "2026-02-12T14:30:00.000+0000", "CodeSha256": sha256, "Version": "$LATEST",
        "Environment": { "Variables": { "TOPIC": "alerts" } }, "TracingConfig": { "Mode": "PassThrough" },
        "RevisionId": revision, "State": "Pending", "StateReason": "The function is being created.",
        "StateReasonCode": "Creating", "PackageType": "Zip", "Architectures": ["x86_64"],
        "EphemeralStorage": { "Size": 512 }, "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": "/aws/lambda/warden" }
    });
    assert_eq!(created, expected);
    // Base64 of 32 bytes.
    assert_eq!(sha256.as_str().map(str::len), Some(44));
    // Who asks again finds it made.
    let told = service.ok("GET", &format!("{FUNCTIONS}/warden"), Value::Null);
    let fields = expected.as_object_mut().expect("it is an object");
    fields.remove("StateReason");
    fields.remove("StateReasonCode");
    expected["State"] = "Active".into();
    expected["LastUpdateStatus"] = "Successful".into();
    assert_eq!(told["Configuration"], expected);
    assert_eq!(told["Tags"], json!({ "team": "security" }));
    assert_eq!(told["Code"]["RepositoryType"], "S3");
    assert_eq!(told["Concurrency"], Value::Null);
    // With the version where that was asked for, and however it is named.
    for name in ["warden?Qualifier=%24LATEST", "warden:$LATEST", &format!("{}%3A%24LATEST", ARN.replace(':', "%3A"))] {
        let told = service.ok("GET", &format!("{FUNCTIONS}/{name}"), Value::Null);
        assert_eq!(told["Configuration"]["FunctionArn"], format!("{ARN}:$LATEST"), "{name}");
    }
    let listed = service.ok("GET", FUNCTIONS, Value::Null);
    assert_eq!(listed["Functions"][0]["FunctionName"], "warden");
    assert_eq!(listed["Functions"][0]["State"], Value::Null);
}

#[test]
fn what_is_said_is_changed_and_all_else_stays() {
    let service = Service::with_warden();
    let path = format!("{FUNCTIONS}/warden/configuration");
    let before = service.ok("GET", &path, Value::Null);
    let changed = service.ok("PUT", &path, json!({ "Timeout": 30, "Environment": { "Variables": { "AB": "c" } } }));
    assert_eq!((&changed["Timeout"], &changed["LastUpdateStatus"]), (&json!(30), &json!("InProgress")));
    assert_eq!((&changed["Handler"], &changed["State"]), (&json!("index.handler"), &json!("Active")));
    assert_ne!(changed["RevisionId"], before["RevisionId"]);
    assert_eq!(service.ok("GET", &path, Value::Null)["LastUpdateStatus"], "Successful");

    let code = base64(&archive("def handler(event, context): return 1"));
    let stale = json!({ "ZipFile": code, "RevisionId": before["RevisionId"] });
    let refused = service.refused("PUT", &format!("{FUNCTIONS}/warden/code"), stale);
    assert_eq!((refused.0, refused.1.as_str()), (412, "PreconditionFailedException"));
    let dry = service.ok("PUT", &format!("{FUNCTIONS}/warden/code"), json!({ "ZipFile": code, "DryRun": true }));
    assert_ne!(dry["CodeSha256"], before["CodeSha256"]);
    assert_eq!(service.ok("GET", &path, Value::Null)["CodeSha256"], before["CodeSha256"]);
    let updated = service.ok("PUT", &format!("{FUNCTIONS}/warden/code"), json!({ "ZipFile": code }));
    assert_eq!(updated["CodeSha256"], dry["CodeSha256"]);
    assert_eq!(*service.runner.0.forgotten.lock().unwrap(), [ARN, ARN]);
    // What it was made of before is not kept.
    let settings = service.ok("GET", "/2016-08-19/account-settings", Value::Null);
    assert_eq!(settings["AccountUsage"]["TotalCodeSize"], updated["CodeSize"]);
    assert_eq!(settings["AccountUsage"]["FunctionCount"], 1);
}

#[test]
fn what_cannot_be_is_refused_in_the_words_of_lambda() {
    let service = Service::default();
    let refused = |name: &str, value: Value| {
        let mut input = json!({
            "FunctionName": "warden", "Runtime": "python3.11", "Role": super::ROLE, "Handler": "index.handler",
            "Code": { "ZipFile": base64(&archive("")) }
        });
        input[name] = value;
        service.refused("POST", FUNCTIONS, input)
    };
    assert_eq!(
        refused("Role", json!("r1")),
        says(
            400,
            "ValidationException",
            r"1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
        )
    );
    let (status, code, message) = refused("Runtime", json!("cobol"));
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert!(message.starts_with("Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum"));
    let unzipped = invalid("Could not unzip uploaded file. Please check your file, then try to upload again.");
    assert_eq!(refused("Code", json!({ "ZipFile": base64(b"no archive") })), unzipped);
    let no_key = invalid(
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    );
    assert_eq!(refused("Code", json!({ "S3Bucket": "code", "S3Key": "warden.zip" })), no_key);
    let reserved = refused("Environment", json!({ "Variables": { "AWS_REGION": "x", "FINE": "y" } }));
    assert!(reserved.2.ends_with("Reserved keys used in this request: AWS_REGION"), "{}", reserved.2);
    let large = refused("Environment", json!({ "Variables": { "LARGE_VAR": "x".repeat(4_082) } }));
    assert!(large.2.contains("exceeded the 4KB limit. String measured: {\"LARGE_VAR\":\"xxx"), "{}", large.2);
    let name = "a".repeat(65);
    let long = refused("FunctionName", json!(name));
    assert!(long.2.ends_with("Member must have length less than or equal to 64"), "{}", long.2);
    // What AWS can do and this cannot says what to do instead.
    for (name, value, advice) in [
        ("PackageType", json!("Image"), "leave PackageType out, or set it to Zip."),
        (
            "Layers",
            json!(["arn:aws:lambda:us-east-1:123456789012:layer:l:1"]),
            "put what they hold into the function's archive.",
        ),
        ("VpcConfig", json!({ "SubnetIds": ["subnet-1"] }), "leave VpcConfig out."),
        ("TracingConfig", json!({ "Mode": "Active" }), "leave TracingConfig out, or set its Mode to PassThrough."),
        ("LoggingConfig", json!({ "LogFormat": "JSON" }), "set LogFormat to Text."),
        ("EphemeralStorage", json!({ "Size": 513 }), "leave EphemeralStorage out, or set its Size to 512."),
    ] {
        let (status, code, message) = refused(name, value);
        assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"), "{name}");
        assert!(message.ends_with(advice), "{message}");
    }
    assert_eq!(service.ok("GET", FUNCTIONS, Value::Null)["Functions"], json!([]));
    service.create(json!({}));
    assert_eq!(
        refused("FunctionName", json!("warden")),
        says(409, "ResourceConflictException", "Function already exist: warden")
    );
    let (status, _, message) = service.refused("GET", "/2015-03-31/event-source-mappings", Value::Null);
    assert_eq!(status, 400);
    assert!(message.starts_with("ListEventSourceMappings is not answered here. Let an EventBridge rule"), "{message}");
}

#[test]
fn a_function_is_of_a_runtime_that_is_run_here() {
    let service = Service::default();
    // It may be installed later.
    service.create(json!({ "Runtime": "provided.al2023" }));
    let path = format!("{FUNCTIONS}/warden/configuration");
    let refusal = invalid("Functions of nodejs22.x are not run here.");
    assert_eq!(service.refused("PUT", &path, json!({ "Runtime": "nodejs22.x", "Timeout": 9 })), refusal);
    let told = service.ok("GET", &path, Value::Null);
    assert_eq!((&told["Runtime"], &told["Timeout"]), (&json!("provided.al2023"), &json!(3)));
    service.ok("DELETE", &format!("{FUNCTIONS}/warden"), Value::Null);
    let input = json!({
        "FunctionName": "warden", "Runtime": "nodejs22.x", "Role": super::ROLE, "Handler": "index.handler",
        "Code": { "ZipFile": base64(&archive("")) }
    });
    assert_eq!(service.refused("POST", FUNCTIONS, input), refusal);
    assert_eq!(service.ok("GET", FUNCTIONS, Value::Null)["Functions"], json!([]));
}

#[test]
fn code_may_lie_in_a_bucket() {
    let service = Service::default();
    let bytes = archive("def handler(event, context): return 2");
    service.door.buckets().put("code", "warden.zip", &bytes).expect("it takes it");
    let created = service.create(json!({ "Code": { "S3Bucket": "code", "S3Key": "warden.zip" } }));
    assert_eq!(created["CodeSize"], bytes.len());
}

#[test]
fn a_deleted_function_leaves_nothing_behind() {
    let service = Service::with_warden();
    let tags = format!("/2017-03-31/tags/{}", ARN.replace(':', "%3A"));
    service.ok("POST", &tags, json!({ "Tags": { "a": "b", "c": "d" } }));
    service.ok("DELETE", &format!("{tags}?tagKeys=a&tagKeys=x"), Value::Null);
    assert_eq!(service.ok("GET", &tags, Value::Null), json!({ "Tags": { "c": "d" } }));
    let path = format!("{FUNCTIONS}/warden");
    let latest = service.refused("DELETE", &format!("{path}?Qualifier=%24LATEST"), Value::Null);
    assert_eq!(latest, invalid("$LATEST version cannot be deleted without deleting the function."));
    assert_eq!(service.ask("DELETE", &path, Value::Null), (204, Value::Null));
    let gone = not_found(&format!("Function not found: {ARN}"));
    for (method, target) in [("GET", &path), ("DELETE", &path), ("GET", &tags)] {
        assert_eq!(service.refused(method, target, Value::Null), gone, "{method} {target}");
    }
    let settings = service.ok("GET", "/2016-08-19/account-settings", Value::Null);
    assert_eq!(settings["AccountUsage"]["TotalCodeSize"], 0);
    service.create(json!({}));
    assert_eq!(service.ok("GET", &tags, Value::Null), json!({ "Tags": {} }));
}

#[test]
fn functions_of_other_places_are_not_reached() {
    let service = Service::with_warden();
    let there = service.refused("GET", &format!("{FUNCTIONS}/{}", ARN.replace("us-east-1", "eu-west-1")), Value::Null);
    assert_eq!(there, not_found("Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"));
    let theirs = service.refused("GET", &format!("{FUNCTIONS}/{}", ARN.replace("1234", "9999")), Value::Null);
    assert_eq!((theirs.0, theirs.1.as_str()), (403, "AccessDeniedException"));
    for name in ["*", "arn:aws:ec2:us-east-1:123456789012:instance:i-1", "warden:1:2", "warden:$LATES"] {
        let (status, code, message) = service.refused("GET", &format!("{FUNCTIONS}/{name}"), Value::Null);
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{name}");
        assert!(
            message.starts_with(&format!("1 validation error detected: Value '{name}' at 'functionName'")),
            "{message}"
        );
    }
    let differs = service.refused("GET", &format!("{FUNCTIONS}/warden:1?Qualifier=2"), Value::Null);
    assert_eq!(
        differs,
        invalid("The derived qualifier from the function name does not match the specified qualifier.")
    );
}

#[test]
fn permits_are_kept_and_told() {
    let service = Service::with_warden();
    let path = format!("{FUNCTIONS}/warden/policy");
    assert_eq!(service.refused("GET", &path, Value::Null), not_found("The resource you requested does not exist."));
    let permit = json!({
        "StatementId": "rule", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
        "SourceArn": "arn:aws:events:us-east-1:123456789012:rule/insights"
    });
    let added = service.ok("POST", &path, permit.clone());
    let statement = json!({
        "Sid": "rule", "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "lambda:InvokeFunction", "Resource": ARN,
        "Condition": { "ArnLike": { "AWS:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/insights" } }
    });
    assert_eq!(serde_json::from_str::<Value>(added["Statement"].as_str().unwrap()).unwrap(), statement);
    let policy = service.ok("GET", &path, Value::Null);
    let told: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(told, json!({ "Version": "2012-10-17", "Id": "default", "Statement": [statement] }));
    let again = service.refused("POST", &path, permit);
    assert_eq!((again.0, again.1.as_str()), (409, "ResourceConflictException"));
    let nobody = json!({ "StatementId": "x", "Action": "lambda:InvokeFunction", "Principal": "nobody" });
    let invalid_principal = invalid("The provided principal was invalid. Please check the principal and try again.");
    assert_eq!(service.refused("POST", &path, nobody), invalid_principal);
    assert_eq!(
        service.refused("DELETE", &format!("{path}/other"), Value::Null),
        not_found("Statement other is not found in resource policy.")
    );
    assert_eq!(service.ask("DELETE", &format!("{path}/rule"), Value::Null).0, 204);
    assert_eq!(
        service.refused("DELETE", &format!("{path}/rule"), Value::Null),
        not_found("No policy is associated with the given resource.")
    );
}
