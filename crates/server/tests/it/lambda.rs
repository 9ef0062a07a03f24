//! Lambda.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use server::world::{Function, Functions, Invocation, InvokeError, Invoked, QueueError, QueueMessage, Queues};

use crate::door::Door;

mod asynchronous;
mod functions;
mod invoke;
mod versions;
mod workers;

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:warden";
const ROLE: &str = "arn:aws:iam::123456789012:role/warden";
const FUNCTIONS: &str = "/2015-03-31/functions";

/// A zip archive with one file in it that is stored as it is.
pub(crate) fn archive(text: &str) -> Vec<u8> {
    let name = b"index.py";
    let size = (text.len() as u32).to_le_bytes();
    // Version, flags, method, time and date, checksum (nobody asks for it here), sizes, and the length of the name.
    let middle =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &size, &size, &[name.len() as u8, 0, 0, 0]].concat();
    let mut bytes = [b"PK\x03\x04", &middle[..], name, text.as_bytes()].concat();
    let directory = (bytes.len() as u32).to_le_bytes();
    let entry = [b"PK\x01\x02\x14\x00", &middle[..], &[0; 14][..], name].concat();
    bytes.extend(&entry);
    bytes.extend(
        [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &(entry.len() as u32).to_le_bytes()[..], &directory, &[0, 0]].concat(),
    );
    bytes
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    serde_json::to_value(wire::Blob(bytes.to_vec())).expect("it is text").as_str().expect("it is text").to_owned()
}

/// What runs functions here: it notes what it is asked, and answers what it was told to.
#[derive(Default)]
struct Runs {
    asked: Mutex<Vec<(Function, Invocation)>>,
    answers: Mutex<VecDeque<Result<Invoked, InvokeError>>>,
    forgotten: Mutex<Vec<String>>,
}

#[derive(Clone, Default)]
struct Runner(Arc<Runs>);

impl Runner {
    fn will_answer(&self, answer: Result<Invoked, InvokeError>) {
        self.0.answers.lock().expect("nobody panics with it").push_back(answer);
    }

    fn asked(&self) -> Vec<(Function, Invocation)> {
        std::mem::take(&mut *self.0.asked.lock().expect("nobody panics with it"))
    }
}

impl Functions for Runner {
    fn invoke(&self, function: &Function, invocation: &Invocation) -> Result<Invoked, InvokeError> {
        self.0.asked.lock().expect("nobody panics with it").push((function.clone(), invocation.clone()));
        let answer = self.0.answers.lock().expect("nobody panics with it").pop_front();
        answer.unwrap_or_else(|| Ok(returned("null")))
    }

    fn cannot_run(&self, runtime: &str) -> Option<String> {
        (!runtime.starts_with("python")).then(|| format!("{runtime} is not installed"))
    }

    fn never_runs(&self, runtime: &str) -> Option<String> {
        runtime.starts_with("nodejs").then(|| format!("Functions of {runtime} are not run here."))
    }

    fn forget(&self, function_arn: &str) {
        self.0.forgotten.lock().expect("nobody panics with it").push(function_arn.to_owned());
    }
}

fn returned(payload: &str) -> Invoked {
    Invoked { payload: payload.into(), log_stream: "2026/02/12/[$LATEST]a".into(), ..Invoked::default() }
}

fn failed(payload: &str) -> Invoked {
    Invoked { error: Some("Unhandled".into()), ..returned(payload) }
}

/// Queues that take everything.
#[derive(Clone, Default)]
struct Taken(Arc<Mutex<Vec<(String, QueueMessage)>>>);

impl Taken {
    fn take(&self) -> Vec<(String, QueueMessage)> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics with it"))
    }
}

impl Queues for Taken {
    fn send(&self, queue_arn: &str, message: &QueueMessage) -> Result<String, QueueError> {
        self.0.lock().expect("nobody panics with it").push((queue_arn.to_owned(), message.clone()));
        Ok("m-1".into())
    }
}

/// A service that runs functions.
struct Service {
    door: Door,
    runner: Runner,
    queues: Taken,
}

impl Default for Service {
    fn default() -> Service {
        let (runner, queues) = (Runner::default(), Taken::default());
        let mut door = Door::default();
        door.world_mut().functions = Box::new(runner.clone());
        door.world_mut().queues = Box::new(queues.clone());
        Service { door, runner, queues }
    }
}

impl Service {
    /// With a function.
    fn with_warden() -> Service {
        let service = Service::default();
        service.create(json!({}));
        service
    }

    fn ask(&self, method: &str, target: &str, input: Value) -> (u16, Value) {
        let body = if input.is_null() { Vec::new() } else { input.to_string().into_bytes() };
        let reply = self.door.rest(method, target, &[("content-type", "application/json")], &body);
        let told =
            if reply.body().is_empty() { Value::Null } else { serde_json::from_slice(reply.body()).expect("JSON") };
        (reply.status().as_u16(), told)
    }

    fn ok(&self, method: &str, target: &str, input: Value) -> Value {
        let (status, told) = self.ask(method, target, input);
        assert!((200..300).contains(&status), "{method} {target}: {status} {told}");
        told
    }

    /// A refusal: its status, code and sentence.
    fn refused(&self, method: &str, target: &str, input: Value) -> (u16, String, String) {
        let body = if input.is_null() { Vec::new() } else { input.to_string().into_bytes() };
        let reply = self.door.rest(method, target, &[], &body);
        let told: Value = serde_json::from_slice(reply.body()).unwrap_or_default();
        let code = reply.headers().get("x-amzn-errortype").and_then(|code| code.to_str().ok()).unwrap_or_default();
        let message = told["message"].as_str().or(told["Message"].as_str()).unwrap_or_default();
        (reply.status().as_u16(), code.to_owned(), message.to_owned())
    }

    fn create(&self, more: Value) -> Value {
        let mut input = json!({
            "FunctionName": "warden", "Runtime": "python3.11", "Role": ROLE, "Handler": "index.handler",
            "Code": { "ZipFile": base64(&archive("def handler(event, context): pass")) }
        });
        for (name, value) in more.as_object().expect("it is an object") {
            input[name] = value.clone();
        }
        self.ok("POST", FUNCTIONS, input)
    }
}

fn says(status: u16, code: &str, message: &str) -> (u16, String, String) {
    (status, code.into(), message.into())
}

fn invalid(message: &str) -> (u16, String, String) {
    says(400, "InvalidParameterValueException", message)
}

fn not_found(message: &str) -> (u16, String, String) {
    says(404, "ResourceNotFoundException", message)
}
