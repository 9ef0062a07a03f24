//! The one door: a service in memory, asked as AWS's clients ask, but for the signature.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use server::deliver::{Delivering, deliver_due};
use server::http::{FrontDoor, HostName};
use server::metrics::Metrics;
use server::world::{
    BucketError, Buckets, Clock, Dice, Mail, MailError, MailMessage, Nothing, QueueError, QueueMessage, Queues, Signer,
    World,
};
use server::{Caller, Context, Place, RuleBook, answer};
use store::Store;

use crate::lake::FakeLake;
use crate::web::{FakeWeb, TestKey};
use wire::{Addressee, Limits, Request};

/// Where it is reached.
const PUBLIC_URL: &str = "http://127.0.0.1:4580";

/// A service, and the moment it is in.
pub(crate) struct Door {
    pub(crate) store: Store,
    world: World,
    rules: RuleBook,
    pub(crate) metrics: Metrics,
    pub(crate) outbox: Outbox,
    pub(crate) web: FakeWeb,
    pub(crate) queues: QueuesOutside,
    pub(crate) metadata: Metadata,
    pub(crate) objects: Objects,
    pub(crate) lake: FakeLake,
    pub(crate) now: Timestamp,
    /// Where it is.
    pub(crate) place: Place,
    /// Whose key signs what it is asked.
    pub(crate) access_key: String,
}

struct Stopped(Mutex<Timestamp>);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("nobody panics with it")
    }
}

/// Dice that fall 1, 2, 3.
struct Counting(AtomicU64);

impl Dice for Counting {
    fn bits(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Objects in memory; every bucket is there but `no-such-bucket`, and held here unless its name begins with `linked`.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) objects: Objects,
    pub(crate) metadata: Metadata,
}

/// Objects, by bucket and key.
pub(crate) type Objects = Arc<Mutex<BTreeMap<(String, String), Vec<u8>>>>;

/// The metadata of objects, by bucket and key.
pub(crate) type Metadata = Arc<Mutex<BTreeMap<(String, String), BTreeMap<String, String>>>>;

impl Buckets for Held {
    fn exists(&self, bucket: &str) -> Result<bool, BucketError> {
        Ok(bucket != "no-such-bucket")
    }

    fn get(&self, bucket: &str, key: &str, most_bytes: u64) -> Result<Vec<u8>, BucketError> {
        let objects = self.objects.lock().expect("nobody panics with it");
        let object = objects.get(&(bucket.into(), key.into())).ok_or_else(|| BucketError::NoObject(key.into()))?;
        let bytes = object.len() as u64;
        if bytes > most_bytes { Err(BucketError::TooLarge { bytes }) } else { Ok(object.clone()) }
    }

    fn put_with(&self, bucket: &str, key: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), BucketError> {
        let name = (bucket.to_owned(), key.to_owned());
        let metadata = metadata.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        self.metadata.lock().expect("nobody panics with it").insert(name.clone(), metadata);
        self.objects.lock().expect("nobody panics with it").insert(name, bytes.into());
        Ok(())
    }

    fn is_held(&self, bucket: &str) -> bool {
        !bucket.starts_with("linked")
    }

    fn list(&self, bucket: &str, prefix: &str, after: &str, limit: usize) -> Result<Vec<(String, u64)>, BucketError> {
        let objects = self.objects.lock().expect("nobody panics with it");
        let keys =
            objects.iter().filter(|((held, key), _)| held == bucket && key.starts_with(prefix) && &**key > after);
        Ok(keys.take(limit).map(|((_, key), bytes)| (key.clone(), bytes.len() as u64)).collect())
    }

    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, BucketError> {
        let objects = self.objects.lock().expect("nobody panics with it");
        let keys = objects.keys().filter(|(held, _)| held == bucket).filter_map(|(_, key)| key.strip_prefix(prefix));
        let mut folders: Vec<String> =
            keys.filter_map(|rest| rest.split_once('/')).map(|(folder, _)| format!("{prefix}{folder}/")).collect();
        folders.dedup();
        Ok(folders)
    }
}

/// Mails that were handed over.
#[derive(Clone, Default)]
pub(crate) struct Outbox(Arc<Mutex<Vec<MailMessage>>>);

impl Outbox {
    /// All of them, and none is left.
    pub(crate) fn take(&self) -> Vec<MailMessage> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics with it"))
    }
}

impl Mail for Outbox {
    fn send(&self, mail: &MailMessage) -> Result<(), MailError> {
        self.0.lock().expect("nobody panics with it").push(mail.clone());
        Ok(())
    }
}

/// Queues that take what they are sent, but for those that were told to refuse.
#[derive(Clone, Default)]
pub(crate) struct QueuesOutside {
    taken: Arc<Mutex<Vec<(String, QueueMessage)>>>,
    refusing: Arc<Mutex<BTreeMap<String, QueueError>>>,
}

impl QueuesOutside {
    /// All that was sent, and none is left.
    pub(crate) fn take(&self) -> Vec<(String, QueueMessage)> {
        std::mem::take(&mut *self.taken.lock().expect("nobody panics with it"))
    }

    /// From now on this queue refuses.
    pub(crate) fn refuse(&self, queue_arn: &str, error: QueueError) {
        self.refusing.lock().expect("nobody panics with it").insert(queue_arn.into(), error);
    }

    /// From now on it takes messages again.
    pub(crate) fn allow(&self, queue_arn: &str) {
        self.refusing.lock().expect("nobody panics with it").remove(queue_arn);
    }
}

impl Queues for QueuesOutside {
    fn send(&self, queue_arn: &str, message: &QueueMessage) -> Result<String, QueueError> {
        if let Some(error) = self.refusing.lock().expect("nobody panics with it").get(queue_arn) {
            return Err(error.clone());
        }
        let mut taken = self.taken.lock().expect("nobody panics with it");
        taken.push((queue_arn.into(), message.clone()));
        Ok(format!("m{}", taken.len()))
    }
}

/// What came back.
#[derive(Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Default for Door {
    fn default() -> Door {
        let now = "2026-02-12T14:30:00Z".parse().expect("it is a moment");
        let outbox = Outbox::default();
        let web = FakeWeb::default();
        let queues = QueuesOutside::default();
        let (metadata, objects) = (Metadata::default(), Objects::default());
        let lake = FakeLake::default();
        let world = World {
            clock: Box::new(Stopped(Mutex::new(now))),
            dice: Box::new(Counting(AtomicU64::new(1))),
            buckets: Box::new(Held { metadata: Arc::clone(&metadata), objects: Arc::clone(&objects) }),
            mail: Box::new(outbox.clone()),
            web: Box::new(web.clone()),
            queues: Box::new(queues.clone()),
            functions: Box::new(Nothing),
            signer: Box::new(TestKey),
            vault: Box::new(Nothing),
            lake: Box::new(lake.clone()),
        };
        Door {
            store: Store::in_memory().expect("there is memory"),
            world,
            rules: RuleBook::default(),
            metrics: Metrics::default(),
            outbox,
            web,
            queues,
            metadata,
            objects,
            lake,
            now,
            place: Place::default(),
            access_key: "AKIAIOSFODNN7EXAMPLE".into(),
        }
    }
}

impl Door {
    /// Lets time pass.
    #[allow(dead_code)]
    pub(crate) fn wait(&mut self, time: SignedDuration) {
        self.now += time;
    }

    /// The same, with something to sign with.
    pub(crate) fn signing(mut self, signer: impl Signer + 'static) -> Door {
        self.world.signer = Box::new(signer);
        self
    }

    /// What deliveries know of it.
    pub(crate) fn delivering(&self) -> Delivering<'_> {
        Delivering {
            store: &self.store,
            world: &self.world,
            rules: &self.rules,
            place: &self.place,
            metrics: &self.metrics,
            public_url: PUBLIC_URL,
            now: self.now,
        }
    }

    /// Delivers until nothing is due.
    pub(crate) fn deliver(&self) {
        while deliver_due(&self.delivering(), 100).expect("it delivers") > 0 {}
    }

    /// What lies outside, to be changed.
    pub(crate) fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    /// The same as what answers over HTTP.
    pub(crate) fn into_front_door(mut self) -> FrontDoor {
        self.world.clock = Box::new(Stopped(Mutex::new(self.now)));
        FrontDoor {
            store: Arc::new(self.store),
            world: Arc::new(self.world),
            rules: Arc::new(self.rules),
            place: self.place,
            public_url: PUBLIC_URL.into(),
            hosts: vec![HostName::Exact("127.0.0.1:4580".into())],
            gate: Arc::default(),
            s3: None,
            page: None,
            push: Arc::new(server::push::PushDesk::new(Box::new(server::push::NoPushKeys), std::time::Duration::ZERO)),
            progress: std::sync::Arc::default(),
            metrics: std::sync::Arc::new(self.metrics),
            live: Arc::default(),
        }
    }

    /// An object's bytes, however many.
    pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.buckets().get(bucket, key, u64::MAX).ok()
    }

    /// Its buckets.
    pub(crate) fn buckets(&self) -> &dyn Buckets {
        &*self.world.buckets
    }

    /// A call in JSON: `target` is `AWSEvents.PutRule`.
    pub(crate) fn json(&self, target: &str, input: Value) -> Reply {
        Answering::json(self, target, input)
    }

    /// A call as a form: `Action=Publish&Version=2010-03-31&…`.
    pub(crate) fn form(&self, form: &str) -> Reply {
        let mut headers = http::HeaderMap::new();
        headers.insert(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8".parse().expect("it is a header"),
        );
        self.ask(&headers, form.as_bytes())
    }

    /// A call by method and path: `GET /2015-03-31/functions`.
    pub(crate) fn rest(
        &self,
        method: &str,
        target: &str,
        headers: &[(&'static str, &str)],
        body: &[u8],
    ) -> http::Response<Vec<u8>> {
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("it is a header"));
        }
        self.answer(&Request::new(method, target, &map, body))
    }

    fn ask(&self, headers: &http::HeaderMap, body: &[u8]) -> Reply {
        read(self.answer(&Request::new("POST", "/", headers, body)))
    }
}

/// What answers operations: a door, or the same as it is when others are at work beside it.
pub(crate) trait Answering {
    /// Answers a request.
    fn answer(&self, request: &Request<'_>) -> http::Response<Vec<u8>>;

    /// A call in JSON: `target` is `AWSEvents.PutRule`.
    fn json(&self, target: &str, input: Value) -> Reply {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-amz-target", target.parse().expect("a target is a header"));
        headers.insert("content-type", "application/x-amz-json-1.1".parse().expect("it is a header"));
        read(self.answer(&Request::new("POST", "/", &headers, input.to_string().as_bytes())))
    }
}

pub(crate) fn read(reply: http::Response<Vec<u8>>) -> Reply {
    Reply { status: reply.status().as_u16(), body: String::from_utf8_lossy(reply.body()).into_owned() }
}

impl Answering for Door {
    fn answer(&self, request: &Request<'_>) -> http::Response<Vec<u8>> {
        let parts = (&self.store, &self.world, &self.rules, &self.place);
        answered(parts, &self.access_key, self.now, request)
    }
}

impl Answering for FrontDoor {
    fn answer(&self, request: &Request<'_>) -> http::Response<Vec<u8>> {
        let parts = (&*self.store, &*self.world, &*self.rules, &self.place);
        answered(parts, "AKIAIOSFODNN7EXAMPLE", self.world.clock.now(), request)
    }
}

fn answered(
    (store, world, rules, place): (&Store, &World, &RuleBook, &Place),
    access_key: &str,
    now: Timestamp,
    request: &Request<'_>,
) -> http::Response<Vec<u8>> {
    let addressee = Addressee::of(request).expect("it is for a service");
    let context = Context {
        store,
        world,
        rules,
        place,
        account: place.account.clone(),
        region: place.region.clone(),
        caller: Caller { access_key: access_key.into(), is_verified: true },
        now,
        request_id: "7a0b3c1e-0000-4000-8000-000000000001".into(),
        public_url: PUBLIC_URL.into(),
    };
    answer(request, &addressee, &Limits::default(), &context)
}
