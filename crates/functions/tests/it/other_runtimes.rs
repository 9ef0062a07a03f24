//! Runtimes that are not the one that is installed.

use functions::runtimes::never_run;
use functions::{Function, InvokeError};
use serde_json::{Value, json};

use crate::door::{Door, archive, function, log};

#[test]
fn a_function_may_bring_its_own_runtime() {
    let Some(door) = Door::open() else { return };
    let bootstrap = r#"#!/bin/bash
api=/dev/tcp/${AWS_LAMBDA_RUNTIME_API/://}
while true; do
  exec 3<>$api
  printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$AWS_LAMBDA_RUNTIME_API" >&3
  answer=$(cat <&3); exec 3>&-
  id=$(printf '%s' "$answer" | grep -i '^lambda-runtime-aws-request-id' | tr -d '\r' | cut -d' ' -f2)
  exec 3<>$api
  printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: 7\r\n\r\n"shell"' "$id" "$AWS_LAMBDA_RUNTIME_API" >&3
  cat <&3 >/dev/null; exec 3>&-
done
"#;
    let function =
        Function { runtime: "provided.al2023".into(), code: archive(&[("bootstrap", bootstrap)]), ..function("") };
    let invoked = door.invoke(&function, &Value::Null).expect("it runs");
    assert_eq!(String::from_utf8_lossy(&invoked.payload), r#""shell""#, "{}", log(&invoked));
}

#[test]
fn another_python_is_run_by_the_one_that_is_installed() {
    let Some(door) = Door::open() else { return };
    for runtime in ["python3.8", "python3.14"] {
        assert_eq!(door.pool.cannot_run(runtime), None);
    }
    let function = Function {
        runtime: "python3.12".into(),
        ..function("import os\ndef handler(event, context): return os.environ['AWS_EXECUTION_ENV']\n")
    };
    let invoked = door.invoke(&function, &Value::Null).expect("it runs");
    assert_eq!(serde_json::from_slice::<Value>(&invoked.payload).ok(), Some(json!("AWS_Lambda_python3.12")));
}

#[test]
fn pythons_are_run_and_what_archives_bring_whatever_is_installed() {
    for runtime in ["python3.8", "python3.15", "provided.al2023", "provided.al2", "provided"] {
        assert_eq!(never_run(runtime), None);
    }
    for runtime in ["nodejs22.x", "java21", "python2.7", "python3.7", "python3.16", "python3.", "dotnet8", ""] {
        let text = never_run(runtime).expect(runtime);
        assert!(text.starts_with(&format!("Functions of the runtime {runtime} are not run here: those of")), "{text}");
    }
}

#[test]
fn what_cannot_be_run_says_what_to_do() {
    let Some(door) = Door::open() else { return };
    let nodejs = Function { runtime: "nodejs22.x".into(), ..function("") };
    let Err(InvokeError::CannotRun(text)) = door.invoke(&nodejs, &Value::Null) else { panic!("it is not run") };
    assert_eq!(Some(&text), never_run("nodejs22.x").as_ref());
    assert!(text.starts_with("Functions of the runtime nodejs22.x are not run here: those of python3.8"), "{text}");
    let broken = Function { code: (*b"no zip").into(), ..function("") };
    assert!(
        matches!(door.invoke(&broken, &Value::Null), Err(InvokeError::CannotRun(text)) if text.contains("no sound zip archive"))
    );
}
