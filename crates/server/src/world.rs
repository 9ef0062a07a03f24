//! What lies outside, as small traits. The binary plugs the real things in, tests plug in what they can turn and break.

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
        let hex = format!("{bits:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
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
    /// Anything else; it may be better another time.
    #[error("{0}")]
    Other(String),
}

/// Buckets: the folders held here, or storage elsewhere.
pub trait Buckets: Send + Sync {
    /// Whether there is such a bucket.
    fn exists(&self, bucket: &str) -> Result<bool, BucketError>;

    /// An object's bytes.
    fn get(&self, bucket: &str, key: &str) -> Result<Vec<u8>, BucketError>;

    /// Puts an object in place of the one with this key; all of it or nothing, and it is on the disk when this returns.
    fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result<(), BucketError>;

    /// Keys that begin with `prefix` and come after `after`, in order, at most so many; with the objects' sizes.
    fn list(&self, bucket: &str, prefix: &str, after: &str, limit: usize) -> Result<Vec<(String, u64)>, BucketError>;
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
}
