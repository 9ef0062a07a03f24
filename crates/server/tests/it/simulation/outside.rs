//! What lies outside the simulated service: it outlives the process, fails when it is told to, and can kill the process at
//! any call, before or after the call has done what it does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use server::world::{
    BucketError, Buckets, Clock, Dice, Function, Functions, Invocation, InvokeError, Invoked, Mail, MailError,
    MailMessage, Nothing, QueueError, QueueMessage, Queues, Signer, Web, WebError, WebReply, WebRequest, World,
};

use super::dice::SeededDice;

/// Something outside that does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// Objects cannot be read.
    Gets,
    /// Objects cannot be put; or they can, and an error is told.
    Puts,
    /// Buckets cannot be listed.
    Lists,
    /// The mail server is down, or breaks off when it has the mail.
    Smtp,
    /// Web servers answer 500.
    Web500,
    /// Web servers do not answer in time, whether or not they took it.
    WebTimeout,
    /// Queues take nothing.
    Queue,
    /// Functions cannot be run, or fail.
    Function,
}

impl Fault {
    pub(crate) const ALL: [Fault; 8] = [
        Fault::Gets,
        Fault::Puts,
        Fault::Lists,
        Fault::Smtp,
        Fault::Web500,
        Fault::WebTimeout,
        Fault::Queue,
        Fault::Function,
    ];
}

/// What unwinds when the process is killed.
pub(crate) struct Killed;

/// Everything outside.
#[derive(Clone)]
pub(crate) struct Outside(Arc<Mutex<State>>);

struct State {
    now: Timestamp,
    dice: SeededDice,
    objects: BTreeMap<(String, String), Vec<u8>>,
    faults: BTreeSet<Fault>,
    /// Faults that were there at any time.
    had: BTreeSet<Fault>,
    /// Calls from now until the process is killed.
    kills_in: Option<u32>,
    /// Why it was killed, and where.
    killed_at: Option<String>,
    mails: Vec<String>,
    posts: Vec<String>,
    messages: Vec<String>,
    invocations: Vec<String>,
}

/// What a call does.
#[derive(PartialEq)]
enum Call {
    Works,
    /// It fails; whether it does what it is to do all the same.
    Fails(bool),
}

impl Outside {
    pub(crate) fn new(seed: u64, now: Timestamp) -> Outside {
        Outside(Arc::new(Mutex::new(State {
            now,
            dice: SeededDice::new(seed ^ 0x0075_1de0),
            objects: BTreeMap::new(),
            faults: BTreeSet::new(),
            had: BTreeSet::new(),
            kills_in: None,
            killed_at: None,
            mails: Vec::new(),
            posts: Vec::new(),
            messages: Vec::new(),
            invocations: Vec::new(),
        })))
    }

    /// As the service sees it.
    pub(crate) fn world(&self) -> World {
        World {
            clock: Box::new(self.clone()),
            dice: Box::new(self.clone()),
            buckets: Box::new(self.clone()),
            mail: Box::new(self.clone()),
            web: Box::new(self.clone()),
            queues: Box::new(self.clone()),
            functions: Box::new(self.clone()),
            signer: Box::new(self.clone()),
            vault: Box::new(Nothing),
            lake: Box::new(Nothing),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_clock(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// An object that a client put.
    pub(crate) fn lay(&self, bucket: &str, key: &str, bytes: &[u8]) {
        self.state().objects.insert((bucket.into(), key.into()), bytes.into());
    }

    /// The objects of a bucket whose keys have this in them.
    pub(crate) fn objects(&self, bucket: &str, part: &str) -> Vec<(String, Vec<u8>)> {
        let state = self.state();
        let all = state.objects.iter().filter(|((held, key), _)| held == bucket && key.contains(part));
        all.map(|((_, key), bytes)| (key.clone(), bytes.clone())).collect()
    }

    /// A fault begins, or ends if it was there. Says whether it is there now.
    pub(crate) fn turn(&self, fault: Fault) -> bool {
        let mut state = self.state();
        let is_there = state.faults.insert(fault);
        if !is_there {
            state.faults.remove(&fault);
        }
        state.had.insert(fault);
        is_there
    }

    /// Whether there was this fault at any time.
    pub(crate) fn had(&self, fault: Fault) -> bool {
        self.state().had.contains(&fault)
    }

    /// From now on all works.
    pub(crate) fn calm(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.kills_in = None;
    }

    /// The process will be killed at a call of the outside, so many from now.
    pub(crate) fn kill_in(&self, calls: Option<u32>) {
        self.state().kills_in = calls;
    }

    /// Where it was killed since this was asked last.
    pub(crate) fn take_killed(&self) -> Option<String> {
        self.state().killed_at.take()
    }

    pub(crate) fn mails(&self) -> Vec<String> {
        self.state().mails.clone()
    }

    pub(crate) fn posts(&self) -> Vec<String> {
        self.state().posts.clone()
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.state().messages.clone()
    }

    pub(crate) fn invocations(&self) -> Vec<String> {
        self.state().invocations.clone()
    }

    /// A call of the outside: it works unless a fault is there, and the process may be killed at it.
    fn call(&self, what: &str, faults: &[Fault], effect: impl FnOnce(&mut State)) -> Call {
        let mut state = self.state();
        let is_killed = match &mut state.kills_in {
            Some(0) => true,
            Some(calls) => {
                *calls -= 1;
                false
            }
            None => false,
        };
        let fails = faults.iter().any(|fault| state.faults.contains(fault)) && state.dice.percent(85);
        let works = if is_killed { state.dice.percent(50) } else { !fails };
        // A fault may strike after all was done.
        let has_effect = works || (fails && !is_killed && state.dice.percent(30));
        if has_effect {
            effect(&mut state);
        }
        if is_killed {
            state.kills_in = None;
            state.killed_at = Some(format!("{} {what}", if works { "after" } else { "before" }));
            drop(state);
            std::panic::resume_unwind(Box::new(Killed));
        }
        if works { Call::Works } else { Call::Fails(has_effect) }
    }
}

impl Clock for Outside {
    fn now(&self) -> Timestamp {
        self.state().now
    }
}

impl Dice for Outside {
    fn bits(&self) -> u128 {
        let mut state = self.state();
        u128::from(state.dice.bits()) << 64 | u128::from(state.dice.bits())
    }
}

fn failed<T>() -> Result<T, BucketError> {
    Err(BucketError::Other("the bucket does not answer".into()))
}

impl Buckets for Outside {
    fn exists(&self, _: &str) -> Result<bool, BucketError> {
        Ok(true)
    }

    fn get(&self, bucket: &str, key: &str, _: u64) -> Result<Vec<u8>, BucketError> {
        let mut found = None;
        let call = self.call("an object is read", &[Fault::Gets], |state| {
            found = state.objects.get(&(bucket.into(), key.into())).cloned();
        });
        match (call, found) {
            (Call::Fails(_), _) => failed(),
            (Call::Works, found) => found.ok_or_else(|| BucketError::NoObject(key.into())),
        }
    }

    fn put_with(&self, bucket: &str, key: &str, bytes: &[u8], _: &[(&str, &str)]) -> Result<(), BucketError> {
        let call = self.call("an object is put", &[Fault::Puts], |state| {
            state.objects.insert((bucket.into(), key.into()), bytes.into());
        });
        if call == Call::Works { Ok(()) } else { failed() }
    }

    fn list(&self, bucket: &str, prefix: &str, after: &str, limit: usize) -> Result<Vec<(String, u64)>, BucketError> {
        let mut found = Vec::new();
        let call = self.call("a bucket is listed", &[Fault::Lists], |state| {
            let of_bucket = state.objects.range((bucket.to_owned(), after.to_owned())..);
            let of_bucket = of_bucket.take_while(|((held, _), _)| held == bucket);
            let keys = of_bucket.filter(|((_, key), _)| key.starts_with(prefix) && key.as_str() > after);
            found = keys.take(limit).map(|((_, key), bytes)| (key.clone(), bytes.len() as u64)).collect();
        });
        if call == Call::Works { Ok(found) } else { failed() }
    }

    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, BucketError> {
        let mut found = Vec::new();
        let call = self.call("the folders of a bucket are listed", &[Fault::Lists], |state| {
            let of_bucket = state.objects.keys().filter(|(held, _)| held == bucket);
            let below = of_bucket.filter_map(|(_, key)| key.strip_prefix(prefix)?.split_once('/'));
            found = below.map(|(folder, _)| format!("{prefix}{folder}/")).collect();
            found.dedup();
        });
        if call == Call::Works { Ok(found) } else { failed() }
    }
}

impl Mail for Outside {
    fn send(&self, mail: &MailMessage) -> Result<(), MailError> {
        let call = self.call("a mail is sent", &[Fault::Smtp], |state| state.mails.push(mail.text.clone()));
        match call {
            Call::Works => Ok(()),
            Call::Fails(_) => Err(MailError { text: "the mail server is down".into(), is_final: false }),
        }
    }
}

impl Web for Outside {
    fn send(&self, request: &WebRequest) -> Result<WebReply, WebError> {
        let text = String::from_utf8_lossy(&request.body).into_owned();
        match self.call("a web server is asked", &[Fault::Web500, Fault::WebTimeout], |state| state.posts.push(text)) {
            Call::Works => Ok(WebReply { status: 200, ..WebReply::default() }),
            Call::Fails(_) if self.state().faults.contains(&Fault::WebTimeout) => {
                Err(WebError::Timeout(Duration::from_secs(15)))
            }
            Call::Fails(_) => Ok(WebReply { status: 500, ..WebReply::default() }),
        }
    }
}

impl Queues for Outside {
    fn send(&self, _: &str, message: &QueueMessage) -> Result<String, QueueError> {
        let body = message.body.clone();
        match self.call("a message is sent", &[Fault::Queue], |state| state.messages.push(body)) {
            Call::Works => Ok("m".into()),
            Call::Fails(_) => Err(QueueError::Other("the queue does not answer".into())),
        }
    }
}

impl Functions for Outside {
    fn invoke(&self, _: &Function, invocation: &Invocation) -> Result<Invoked, InvokeError> {
        let payload = String::from_utf8_lossy(&invocation.payload).into_owned();
        match self.call("a function is run", &[Fault::Function], |state| state.invocations.push(payload)) {
            Call::Works => Ok(Invoked::default()),
            Call::Fails(true) => Ok(Invoked { error: Some("Unhandled".into()), ..Invoked::default() }),
            Call::Fails(false) => Err(InvokeError::Other("there is no room for it".into())),
        }
    }

    fn cannot_run(&self, _: &str) -> Option<String> {
        None
    }

    fn forget(&self, _: &str) {}
}

/// Signs so that a test can tell what was signed.
impl Signer for Outside {
    fn rsa_sha1(&self, text: &[u8]) -> Vec<u8> {
        record::digest::hash(text).into_bytes()
    }

    fn rsa_sha256(&self, text: &[u8]) -> Vec<u8> {
        record::digest::hash(text).into_bytes()
    }

    fn certificate_pem(&self) -> &str {
        "-----BEGIN CERTIFICATE-----\nof a simulation\n-----END CERTIFICATE-----\n"
    }

    fn public_key_der(&self) -> &[u8] {
        b"a public key"
    }
}
