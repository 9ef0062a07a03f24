//! What lies outside, as small traits. The binary plugs the real things in, tests plug in what they can turn and break.

mod functions;
pub mod lake;
mod nothing;

use std::collections::BTreeMap;
use std::time::Duration;

use record::event_id::EventId;

pub use functions::{Function, FunctionCredentials, Functions, Invocation, InvokeError, Invoked};
pub use lake::Lake;
pub use nothing::Nothing;

/// The clock.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> jiff::Timestamp;
}

/// Dice.
pub trait Dice: Send + Sync {
    /// 128 bits that nobody can guess.
    fn bits(&self) -> u128;

    /// A version 4 UUID: `6f5c…`.
    fn uuid(&self) -> String {
        let bits = self.bits() & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        EventId(bits).to_string()
    }
}

/// Why a bucket could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// There is no such bucket.
    #[error("there is no bucket `{0}`")]
    NoBucket(String),
    /// There is no such object.
    #[error("there is no object `{0}`")]
    NoObject(String),
    /// The object is larger than what was asked for at most.
    #[error("the object has {bytes} bytes, which is too large")]
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// Whoever holds it does not let us.
    #[error("{0}")]
    Denied(String),
    /// Anything else; it may be better another time.
    #[error("{0}")]
    Other(String),
}

impl BucketError {
    /// S3's word for it. <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    pub fn code(&self) -> &'static str {
        match self {
            BucketError::NoBucket(_) => "NoSuchBucket",
            BucketError::NoObject(_) => "NoSuchKey",
            BucketError::Denied(_) => "AccessDenied",
            BucketError::TooLarge { .. } | BucketError::Other(_) => "InternalError",
        }
    }
}

/// What comes of objects that are fetched, each with its place among them.
pub type FetchedEach<'b> = Box<dyn Iterator<Item = (usize, Result<Vec<u8>, BucketError>)> + 'b>;

/// Buckets: the folders held here, or storage elsewhere.
pub trait Buckets: Send + Sync {
    /// Whether there is such a bucket.
    fn exists(&self, bucket: &str) -> Result<bool, BucketError>;

    /// An object's bytes; of one that has more than so many, none is read.
    fn get(&self, bucket: &str, key: &str, most_bytes: u64) -> Result<Vec<u8>, BucketError>;

    /// Fetches objects: bucket and key of each. What comes of one comes with its place among them, in any order: where they lie far
    /// away, several are fetched at once.
    fn get_each<'b>(&'b self, objects: Vec<(String, String)>, most_bytes: u64) -> FetchedEach<'b> {
        let get = move |(place, (bucket, key)): (usize, (String, String))| (place, self.get(&bucket, &key, most_bytes));
        Box::new(objects.into_iter().enumerate().map(get))
    }

    /// Puts an object in place of the one with this key; all of it or nothing, and it is on the disk when this returns.
    fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result<(), BucketError> {
        self.put_with(bucket, key, bytes, &[])
    }

    /// The same, with metadata: names, without `x-amz-meta-`, and values.
    fn put_with(&self, bucket: &str, key: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), BucketError>;

    /// Whether a bucket is held here, and is not storage elsewhere that is merely read and written.
    fn is_held(&self, _bucket: &str) -> bool {
        true
    }

    /// Keys that begin with `prefix` and come after `after`, in order, at most so many; with the objects' sizes.
    fn list(&self, bucket: &str, prefix: &str, after: &str, limit: usize) -> Result<Vec<(String, u64)>, BucketError>;

    /// The folders directly below a prefix, in order, each with its slash: `AWSLogs/` → `AWSLogs/123456789012/`. Objects are
    /// not looked at one by one: it costs little where a list of all would cost much.
    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, BucketError>;
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct MailError {
    /// What was said.
    pub text: String,
    /// It will not be better another time.
    pub is_final: bool,
}

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailMessage {
    /// To whom.
    pub to: String,
    /// What its sender is called; empty: as always.
    pub sender_name: String,
    /// What it is about.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Where one can unsubscribe, if one can.
    pub unsubscribe_url: Option<String>,
}

/// Mail.
pub trait Mail: Send + Sync {
    /// Hands a mail over to whoever carries it.
    fn send(&self, mail: &MailMessage) -> Result<(), MailError>;
}

/// Something to ask a web server for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebRequest {
    /// `POST`, most often.
    pub method: String,
    /// `https://…`.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Bytes to send.
    pub body: Vec<u8>,
    /// How long the whole of it may take.
    pub timeout: Duration,
}

/// What a web server answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebReply {
    /// 200 and the like.
    pub status: u16,
    /// Names, in small letters, and values.
    pub headers: Vec<(String, String)>,
    /// The beginning of what came; whoever sends much is not read to the end.
    pub body: Vec<u8>,
}

/// Why a web server gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebError {
    /// It is not asked: the address is one that nothing is delivered to (loopback, link-local, metadata), or no address.
    #[error("{0}")]
    Refused(String),
    /// It was not reached.
    #[error("{0}")]
    Unreachable(String),
    /// It took too long.
    #[error("no answer within {} s", .0.as_secs_f64())]
    Timeout(Duration),
}

/// Web servers elsewhere.
pub trait Web: Send + Sync {
    /// Sends a request, once; whatever was answered is an answer, also a 500.
    fn send(&self, request: &WebRequest) -> Result<WebReply, WebError>;
}

/// An attribute of a message in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueAttribute {
    /// `String`, `Number`, `Binary`, with whatever stands behind a dot.
    pub data_type: String,
    /// The value; base64 if it is binary.
    pub value: String,
}

/// A message for a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueMessage {
    /// What it says.
    pub body: String,
    /// By name.
    pub attributes: BTreeMap<String, QueueAttribute>,
    /// Of queues that keep an order.
    pub group_id: Option<String>,
    /// Of queues that keep an order: what makes two messages one.
    pub deduplication_id: Option<String>,
}

/// Why a queue did not take a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is no such queue, or none that is known here.
    #[error("{0}")]
    NoQueue(String),
    /// We may not send to it.
    #[error("{0}")]
    NoPermission(String),
    /// It takes no more just now.
    #[error("{0}")]
    Throttled(String),
    /// It says that it will never take this message.
    #[error("{0}")]
    Invalid(String),
    /// Anything else; it may be better another time.
    #[error("{0}")]
    Other(String),
}

/// Queues: none is held here.
pub trait Queues: Send + Sync {
    /// Sends a message to the queue of this ARN. Says the message's id.
    fn send(&self, queue_arn: &str, message: &QueueMessage) -> Result<String, QueueError>;
}

/// Signs what others are to believe: messages of topics, digests of log files.
pub trait Signer: Send + Sync {
    /// PKCS #1 v1.5 with SHA-1.
    fn rsa_sha1(&self, text: &[u8]) -> Vec<u8>;

    /// PKCS #1 v1.5 with SHA-256.
    fn rsa_sha256(&self, text: &[u8]) -> Vec<u8>;

    /// The key's certificate, X.509 in PEM.
    fn certificate_pem(&self) -> &str;

    /// The public key, PKCS #1 in DER.
    fn public_key_der(&self) -> &[u8];
}

/// The keys that clients sign with, and the key that is nobody's but the service's.
pub trait Vault: Send + Sync {
    /// The secret of an access key that was made for good (`trailsight credentials create`); `None` if there is no such key.
    fn secret_of(&self, access_key: &str) -> Option<String>;

    /// 256 bits that belong to a name, and that nobody else can tell: the same for the same name, for ever. Secrets that are
    /// made of them need not be kept.
    fn bits_of(&self, name: &str) -> [u8; 32];

    /// Seals a text. `of` says what it is of: it opens as that and as nothing else.
    fn seal(&self, of: &str, text: &str) -> String;

    /// What was sealed as that; `None`: it was sealed by another key, or as something else.
    fn unseal(&self, of: &str, sealed: &str) -> Option<String>;
}

/// All of it.
pub struct World {
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// Dice.
    pub dice: Box<dyn Dice>,
    /// Buckets.
    pub buckets: Box<dyn Buckets>,
    /// Mail.
    pub mail: Box<dyn Mail>,
    /// Web servers elsewhere.
    pub web: Box<dyn Web>,
    /// Queues elsewhere.
    pub queues: Box<dyn Queues>,
    /// Whatever runs functions.
    pub functions: Box<dyn Functions>,
    /// Whatever signs.
    pub signer: Box<dyn Signer>,
    /// Keys.
    pub vault: Box<dyn Vault>,
    /// The lake.
    pub lake: Box<dyn Lake>,
}
