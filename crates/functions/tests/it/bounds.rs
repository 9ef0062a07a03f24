//! What ends an invocation: time, memory, size, errors, and how many there are.

use std::time::Duration;

use functions::sandbox::Layer;
use functions::{Function, InvokeError};
use serde_json::{Value, json};

use crate::door::{Choices, Door, function, log, machine_clock};
use crate::hostile::processes_of;

const ID: &str = "8f5c1d52-0000-4000-8000-000000000001";

#[track_caller]
fn failed(door: &Door, function: &Function) -> (Value, String) {
    let invoked = door.invoke(function, &Value::Null).expect("it takes place");
    assert!(invoked.has_failed, "{}", log(&invoked));
    (serde_json::from_slice(&invoked.payload).expect("it is JSON"), log(&invoked))
}

#[test]
fn who_takes_too_long_is_ended_and_the_next_one_begins_anew() {
    let Some(door) = Door::open() else { return };
    let python = "import time\nprint('begun')\ndef handler(event, context):\n    print('slow')\n    if event is None: time.sleep(600)\n    return 'quick'\n";
    // Warm first, so that the time is the function's alone.
    let function = Function { timeout: Duration::from_millis(250), ..function(python) };
    door.invoke(&function, &json!(1)).expect("it runs");
    let (payload, log) = failed(&door, &function);
    let text = format!("RequestId: {ID} Error: Task timed out after 0.25 seconds");
    assert_eq!(payload, json!({"errorType": "Sandbox.Timedout", "errorMessage": text}));
    assert!(log.contains(&format!("1970-01-01T00:00:00.000Z {ID} Task timed out after 0.25 seconds\n")), "{log}");
    assert!(log.contains("slow\n") && log.contains("\tDuration: 250.00 ms\tBilled Duration: 250 ms\t"), "{log}");
    assert!(log.ends_with("\tStatus: timeout\n"), "{log}");
    let again = door.invoke(&function, &json!(1)).expect("it runs");
    assert!(crate::door::log(&again).contains("begun"), "{}", crate::door::log(&again));
}

#[test]
fn a_slow_beginning_takes_nothing_of_the_time_that_is_left() {
    let Some(door) = Door::with(Choices { machine_clock, ..Choices::usual() }) else { return };
    let python =
        "import time\ntime.sleep(3)\ndef handler(event, context):\n    return context.get_remaining_time_in_millis()\n";
    let function = Function { timeout: Duration::from_secs(6), ..function(python) };
    let cold = door.invoke(&function, &Value::Null).expect("it runs");
    let left: u64 = serde_json::from_slice(&cold.payload).expect("it is a number");
    assert!((3_001..=6_000).contains(&left), "{left} ms are left\n{}", log(&cold));
}

#[test]
fn who_fails_says_so_itself() {
    let Some(door) = Door::open() else { return };
    let (payload, log) = failed(&door, &function("def handler(event, context):\n    raise KeyError('insightType')\n"));
    assert!(!log.contains("Status: "), "{log}");
    assert_eq!(payload["errorType"], "KeyError");
    assert_eq!(payload["errorMessage"], "'insightType'");
    let (payload, log) = failed(&door, &Function { revision: "2".into(), ..function("import nothing_of_this_name\n") });
    assert_eq!(payload["errorType"], "Runtime.ImportModuleError", "{payload}");
    assert!(log.contains("\tPhase: init\tStatus: error\n"), "{log}");
    assert!(log.ends_with("\tStatus: error\tError Type: Runtime.ImportModuleError\n"), "{log}");
    let (payload, _) =
        failed(&door, &Function { handler: "index.other".into(), revision: "3".into(), ..function("x = 1\n") });
    assert_eq!(payload["errorType"], "Runtime.HandlerNotFound", "{payload}");
}

#[test]
fn who_ends_without_an_answer_is_told_as_lambda_tells_it() {
    let Some(door) = Door::open() else { return };
    for (python, said) in [
        ("import os\ndef handler(event, context):\n    os._exit(3)\n", "Runtime exited with error: exit status 3"),
        (
            "import os\ndef handler(event, context):\n    os.kill(os.getpid(), 9)\n",
            "Runtime exited with error: signal: killed",
        ),
        ("import os\ndef handler(event, context):\n    os._exit(0)\n", "Runtime exited without providing a reason"),
        ("import os\nos._exit(1)\n", "Runtime exited with error: exit status 1"),
    ] {
        let (payload, _) = failed(&door, &Function { revision: python.into(), ..function(python) });
        assert_eq!(
            payload,
            json!({"errorType": "Runtime.ExitError", "errorMessage": format!("RequestId: {ID} Error: {said}")})
        );
    }
}

#[test]
fn who_returns_too_much_is_refused() {
    let Some(door) = Door::open() else { return };
    let large = |bytes: usize| Function {
        revision: bytes.to_string(),
        // With the quotes around it.
        ..function(&format!("def handler(event, context):\n    return 'x' * {}\n", bytes - 2))
    };
    let most = door.invoke(&large(6_291_556), &Value::Null).expect("it runs");
    assert_eq!((most.payload.len(), most.has_failed), (6_291_556, false));
    let (payload, _) = failed(&door, &large(6_291_557));
    assert_eq!(payload["errorType"], "Function.ResponseSizeTooLarge");
}

#[test]
fn who_takes_too_much_memory_is_ended() {
    let Some(door) = Door::open() else { return };
    let python = "def handler(event, context):\n    kept = []\n    while True: kept.append(b'x' * (1 << 20))\n";
    let (payload, log) = failed(&door, &Function { memory_mib: 128, ..function(python) });
    assert_eq!(payload["errorType"], "Runtime.OutOfMemory", "{log}");
    assert!(log.contains("\tMax Memory Used: 128 MB\t"), "{log}");
}

#[test]
fn who_takes_too_much_memory_is_ended_also_while_it_asks_without_end() {
    let Some(door) = Door::open() else { return };
    let python = "
import os, socket, time
def ask():
    host, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')
    while True:
        with socket.create_connection((host, int(port))) as one:
            one.sendall(f'GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n'.encode())
            time.sleep(0.002)
def handler(event, context):
    for _ in range(4):
        if os.fork() == 0: ask()
    time.sleep(0.1)
    kept = b'x' * (400 << 20)
    time.sleep(3)
    return len(kept)
";
    let (payload, log) = failed(&door, &Function { memory_mib: 128, ..function(python) });
    assert_eq!(payload["errorType"], "Runtime.OutOfMemory", "{log}");
}

#[test]
fn who_takes_too_much_memory_after_its_answer_is_ended_too() {
    let Some(door) = Door::open() else { return };
    if !door.pool.layers().held.contains(&Layer::User) {
        return;
    }
    let python = "
import os, time
runs = 0
def handler(event, context):
    global runs
    runs += 1
    if event == 'leave one behind' and os.fork() == 0:
        os.setsid()
        time.sleep(0.5)
        kept = b'x' * (400 << 20)
        time.sleep(600)
        os._exit(0)
    return [runs, os.getuid()]
";
    let function = Function { memory_mib: 128, ..function(python) };
    let returned = |payload| -> (u32, u32) {
        let invoked = door.invoke(&function, &payload).expect("it runs");
        serde_json::from_slice(&invoked.payload).expect("it is a pair")
    };
    let (first, user) = returned(json!("leave one behind"));
    assert_eq!((first, returned(Value::Null).0), (1, 2), "it is still the same environment");
    assert!(processes_of(user) > 0, "it is there");
    // Sooner than anybody sweeps up what ended by itself.
    let are_gone = (0..1000).any(|_| {
        std::thread::park_timeout(Duration::from_millis(10));
        processes_of(user) == 0
    });
    assert!(are_gone, "{} are left", processes_of(user));
    assert_eq!(returned(Value::Null).0, 1, "it begins anew");
}

#[test]
fn who_writes_without_end_is_not_listened_to_without_end() {
    let Some(door) = Door::open() else { return };
    let python = "def handler(event, context):\n    for _ in range(50): print('x' * 100_000)\n    print('y' * 10, end='')\n    return 1\n";
    let invoked = door.invoke(&function(python), &Value::Null).expect("it runs");
    let log = log(&invoked);
    assert!(!invoked.has_failed && log.len() < (1 << 20) + 1000, "{}", log.len());
    assert!(log.contains("bytes more were logged and are not kept\n"), "it is told");
}

#[test]
fn no_more_run_at_once_than_may() {
    let Some(door) = Door::with(Choices { max_environments: 1, ..Choices::usual() }) else { return };
    let none = Function { reserved_concurrency: Some(0), ..function("def handler(event, context): return 1\n") };
    assert_eq!(door.invoke(&none, &Value::Null), Err(InvokeError::TooMany("Rate Exceeded.".into())));
    // One place, and a second function: the first one's environment, which is idle, makes room.
    let first = function("def handler(event, context): return 1\n");
    let second = Function { arn: format!("{}-2", first.arn), ..first.clone() };
    for function in [&first, &second, &first] {
        door.invoke(function, &Value::Null).expect("there is room");
    }
    // What was forgotten makes room too, although it is only about to end.
    door.pool.forget(&first.arn);
    door.invoke(&second, &Value::Null).expect("there is room");
    // Both at once: whoever comes second is told so. Which one that is, chance says.
    let slow = Function {
        revision: "2".into(),
        reserved_concurrency: Some(1),
        ..function("import time\ndef handler(event, context):\n    time.sleep(1)\n    return 1\n")
    };
    let results = std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| door.invoke(&slow, &Value::Null)));
        both.map(|one| one.join().expect("it does not panic"))
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert!(results.contains(&Err(InvokeError::TooMany("Rate Exceeded.".into()))), "{results:?}");
}
