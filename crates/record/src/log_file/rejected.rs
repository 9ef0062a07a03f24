//! What is rejected, and why: a record by its reason, a file by what is wrong with it.

/// Why a record was not read. Each has one short name for ever, by which it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "`as_str` and `advice` say it")]
pub enum RejectReason {
    NotAnObject,
    NotARecord,
    BrokenJson,
    TooLarge,
    TooDeep,
    NotUtf8,
    BadText,
    WrongType,
    OtherVersion,
    OtherCategory,
    NoEventTime,
    BadEventTime,
    NoEventName,
    NoEventSource,
    NoRegion,
    BadRegion,
    NoIdentity,
    NoAccount,
    BadAccount,
}

impl RejectReason {
    /// All of them.
    pub const ALL: [RejectReason; 19] = [
        RejectReason::NotAnObject,
        RejectReason::NotARecord,
        RejectReason::BrokenJson,
        RejectReason::TooLarge,
        RejectReason::TooDeep,
        RejectReason::NotUtf8,
        RejectReason::BadText,
        RejectReason::WrongType,
        RejectReason::OtherVersion,
        RejectReason::OtherCategory,
        RejectReason::NoEventTime,
        RejectReason::BadEventTime,
        RejectReason::NoEventName,
        RejectReason::NoEventSource,
        RejectReason::NoRegion,
        RejectReason::BadRegion,
        RejectReason::NoIdentity,
        RejectReason::NoAccount,
        RejectReason::BadAccount,
    ];

    /// Its short name.
    pub fn as_str(self) -> &'static str {
        match self {
            RejectReason::NotAnObject => "not an object",
            RejectReason::NotARecord => "not a CloudTrail record",
            RejectReason::BrokenJson => "broken JSON",
            RejectReason::TooLarge => "too large",
            RejectReason::TooDeep => "too deep",
            RejectReason::NotUtf8 => "not UTF-8",
            RejectReason::BadText => "bad escape",
            RejectReason::WrongType => "wrong type",
            RejectReason::OtherVersion => "unknown eventVersion",
            RejectReason::OtherCategory => "unknown eventCategory",
            RejectReason::NoEventTime => "no eventTime",
            RejectReason::BadEventTime => "bad eventTime",
            RejectReason::NoEventName => "no eventName",
            RejectReason::NoEventSource => "no eventSource",
            RejectReason::NoRegion => "no awsRegion",
            RejectReason::BadRegion => "bad awsRegion",
            RejectReason::NoIdentity => "no userIdentity",
            RejectReason::NoAccount => "no account",
            RejectReason::BadAccount => "bad account",
        }
    }

    /// What to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            RejectReason::NotAnObject | RejectReason::NotARecord => "leave out what CloudTrail did not write",
            RejectReason::BrokenJson | RejectReason::NotUtf8 | RejectReason::BadText => {
                "fetch the file again, as CloudTrail wrote it"
            }
            RejectReason::TooLarge | RejectReason::TooDeep => "raise the limit if the record is genuine",
            RejectReason::OtherVersion => "only versions 1.x are known: look for a newer Trailsight",
            RejectReason::OtherCategory => "no calls: nothing is lost for detection",
            RejectReason::NoAccount => "read the file under its own key, which names the account",
            RejectReason::WrongType
            | RejectReason::NoEventTime
            | RejectReason::BadEventTime
            | RejectReason::NoEventName
            | RejectReason::NoEventSource
            | RejectReason::NoRegion
            | RejectReason::BadRegion
            | RejectReason::NoIdentity
            | RejectReason::BadAccount => "read the file as CloudTrail wrote it: something has rewritten the record",
        }
    }
}

impl std::fmt::Display for RejectReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A record that was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {} (byte {at}) rejected: {reason}{}{detail}: {}", index + 1, if detail.is_empty() { "" } else { ": " }, reason.advice())]
pub struct Rejection {
    /// Why.
    pub reason: RejectReason,
    /// Which one of the file: 0 is the first, and read ones count too.
    pub index: usize,
    /// Where it begins in the inflated file.
    pub at: usize,
    /// What exactly: the field, the text; may be empty.
    pub detail: String,
}

/// A file that was not read, or not to its end. The records before the fault were handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectedFile {
    /// The last bytes are missing.
    #[error("cut short at inflated byte {at}: fetch the file again")]
    CutShort {
        /// Where it ends.
        at: usize,
    },
    /// The gzip stream is damaged.
    #[error("damaged gzip ({detail}) after {at} inflated bytes: fetch the file again")]
    BadGzip {
        /// How much could be inflated.
        at: usize,
        /// What the decompressor says.
        detail: String,
    },
    /// It inflates to more than the limit.
    #[error("inflates to more than {limit} bytes: raise the limit on inflated bytes if the file is genuine")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// Neither gzip nor JSON.
    #[error("not JSON at inflated byte {at}: not a log file, or damaged")]
    NotJson {
        /// Where it stops being JSON.
        at: usize,
    },
    /// It is a digest of log files, and has no records.
    #[error("a digest file: it lists log files and has no records; leave it out")]
    Digest,
    /// JSON, but nothing that CloudTrail writes.
    #[error("not CloudTrail: JSON without `Records`; leave it out")]
    NotCloudTrail,
}

impl RejectedFile {
    /// Its short name, by which rejected files are counted.
    pub fn as_str(&self) -> &'static str {
        match self {
            RejectedFile::CutShort { .. } => "cut short",
            RejectedFile::BadGzip { .. } => "damaged gzip",
            RejectedFile::TooLarge { .. } => "too large",
            RejectedFile::NotJson { .. } => "not JSON",
            RejectedFile::Digest => "digest",
            RejectedFile::NotCloudTrail => "not CloudTrail",
        }
    }
}
