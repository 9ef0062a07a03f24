//! Invocations that go well, and what is told of them.

use serde_json::{Value, json};

use crate::door::{Door, function, log};

#[test]
fn what_a_function_returns_is_the_answer_and_its_environment_stays_warm() {
    let Some(door) = Door::open() else { return };
    let function = function(
        "import os\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return {'got': event, 'count': count}\n",
    );
    let first = door.invoke(&function, &json!({"a": "é"})).expect("it runs");
    let second = door.invoke(&function, &json!([1])).expect("it runs");
    let returned = |payload: &[u8]| serde_json::from_slice::<Value>(payload).expect("it is JSON");
    assert_eq!(returned(&first.payload), json!({"got": {"a": "é"}, "count": 1}), "{}", log(&first));
    assert_eq!(returned(&second.payload), json!({"got": [1], "count": 2}));
    assert_eq!(first.log_stream, "1970/01/01/[$LATEST]0123456789abcdef0123456789abcdef");
    assert_eq!(second.log_stream, first.log_stream);

    let changed = functions::Function { revision: "2".into(), ..function.clone() };
    let third = door.invoke(&changed, &Value::Null).expect("it runs");
    assert_eq!(returned(&third.payload)["count"], 1, "another revision has environments of its own");
    door.pool.forget(&function.arn);
    let fourth = door.invoke(&changed, &Value::Null).expect("it runs");
    assert_eq!(returned(&fourth.payload)["count"], 1, "what was forgotten begins anew");
}

#[test]
fn the_log_is_what_was_written_between_start_and_report() {
    let Some(door) = Door::open() else { return };
    let function = function(
        "import sys\nprint('while it begins')\ndef handler(event, context):\n    print('out')\n    sys.stderr.write('err\\n')\n    print('a\\rb')\n    return 1\n",
    );
    let cold = door.invoke(&function, &Value::Null).expect("it runs");
    let lines: Vec<&str> = cold.log.iter().map(|(_, line)| line.as_str()).collect();
    let [init, beginning, start, out, err, one, end, report] = lines[..] else { panic!("{lines:#?}") };
    assert!(init.starts_with("INIT_START Runtime Version: python:3."), "{init}");
    assert_eq!(beginning, "while it begins\n");
    assert_eq!(start, "START RequestId: 8f5c1d52-0000-4000-8000-000000000001 Version: $LATEST\n");
    assert_eq!([out, err, one], ["out\n", "err\n", "a\rb\n"]);
    assert_eq!(end, "END RequestId: 8f5c1d52-0000-4000-8000-000000000001\n");
    assert!(report.starts_with("REPORT RequestId: 8f5c1d52-0000-4000-8000-000000000001\tDuration: "), "{report}");
    assert!(report.contains("\tMemory Size: 1024 MB\tMax Memory Used: "), "{report}");
    assert!(report.contains(" MB\tInit Duration: "), "{report}");
    assert!(!report.contains("Used: 0 MB"), "{report}");
    let warm = door.invoke(&function, &Value::Null).expect("it runs");
    assert_eq!(warm.log.len(), 6, "{}", log(&warm));
    assert!(!log(&warm).contains("Init Duration"), "{}", log(&warm));
}

#[test]
fn a_function_finds_what_lambda_sets_and_nothing_of_the_service() {
    let Some(door) = Door::open() else { return };
    let mut found = door.returned("import os\ndef handler(event, context):\n    return {**os.environ, 'cwd': os.getcwd(), 'arn': context.invoked_function_arn, 'left': context.get_remaining_time_in_millis() != 0}\n");
    let found = found.as_object_mut().expect("it is one");
    let mut take = |name: &str| found.remove(name).unwrap_or_default();
    let service = door.service.local_addr().expect("it listens");
    assert_eq!(take("AWS_ENDPOINT_URL"), format!("http://{service}"));
    assert!(take("AWS_LAMBDA_RUNTIME_API").as_str().is_some_and(|api| api.starts_with("127.0.0.1:")));
    assert!(take("_X_AMZN_TRACE_ID").as_str().is_some_and(|id| id.starts_with("Root=1-00000000-")));
    assert_eq!(take("arn"), "arn:aws:lambda:us-east-1:123456789012:function:tried");
    let root = take("LAMBDA_TASK_ROOT");
    assert_eq!([take("PWD"), take("cwd")], [root.clone(), root.clone()]);
    for (name, value) in [
        ("_HANDLER", "index.handler"),
        ("AWS_ACCESS_KEY_ID", "ASIAKEY"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
        ("AWS_LAMBDA_FUNCTION_NAME", "tried"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/tried"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "1970/01/01/[$LATEST]0123456789abcdef0123456789abcdef"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
        ("LANG", "en_US.UTF-8"),
        ("OWN", "own"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(take(name), value, "{name}");
    }
    for name in ["AWS_EC2_METADATA_DISABLED", "LAMBDA_RUNTIME_DIR", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "left"] {
        assert!(!take(name).is_null(), "{name}");
    }
    // Python and its runtime client set some themselves.
    found.retain(|name, _| !["LC_CTYPE", "TMPDIR"].contains(&name.as_str()));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_sdk_is_there() {
    let Some(door) = Door::open() else { return };
    let found = door.returned(
        "import boto3\nsns = boto3.client('sns')\ndef handler(event, context):\n    return sns.meta.endpoint_url\n",
    );
    assert_eq!(found, format!("http://{}", door.service.local_addr().expect("it listens")));
}
