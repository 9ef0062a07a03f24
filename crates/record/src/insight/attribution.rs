//! Who was behind an insight: what its calls are attributed to, and what was different from before.

use serde::{Deserialize, Serialize};

/// What a call can be attributed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Attribute {
    /// Who called: the ARN, role sessions cut to the role. AWS's.
    UserIdentityArn,
    /// With which program. AWS's.
    UserAgent,
    /// How it failed; `"null"` where it did not. AWS's; of call rates only.
    ErrorCode,
    /// From which address. Ours.
    SourceIpAddress,
    /// With which key. Ours.
    AccessKeyId,
    /// The name of the role session. Ours.
    SessionName,
    /// The service that called on somebody's behalf. Ours.
    InvokedBy,
    /// The resource that was called upon. Ours.
    Resource,
}

impl Attribute {
    /// All of them, in the order in which they are told: AWS's first.
    pub const ALL: [Attribute; 8] = [
        Attribute::UserIdentityArn,
        Attribute::UserAgent,
        Attribute::ErrorCode,
        Attribute::SourceIpAddress,
        Attribute::AccessKeyId,
        Attribute::SessionName,
        Attribute::InvokedBy,
        Attribute::Resource,
    ];

    /// The name in Insight records.
    pub fn as_str(self) -> &'static str {
        match self {
            Attribute::UserIdentityArn => "userIdentityArn",
            Attribute::UserAgent => "userAgent",
            Attribute::ErrorCode => "errorCode",
            Attribute::SourceIpAddress => "sourceIPAddress",
            Attribute::AccessKeyId => "accessKeyId",
            Attribute::SessionName => "sessionName",
            Attribute::InvokedBy => "invokedBy",
            Attribute::Resource => "resource",
        }
    }
}

/// The values of one attribute, during the insight and before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// Which attribute.
    pub attribute: Attribute,
    /// The five most frequent values in the first five minutes from the Start (what a Start record tells), most frequent first.
    pub start: Vec<Share>,
    /// The five most frequent values during the insight, most frequent first.
    pub insight: Vec<Share>,
    /// The five most frequent values in the baseline, most frequent first.
    pub baseline: Vec<Share>,
    /// Calls of the insight with any other value.
    pub insight_other: u64,
    /// Calls of the baseline with any other value.
    pub baseline_other: u64,
}

/// One value of an attribute, and the calls that had it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The value; `"null"` where a call has none.
    pub value: String,
    /// Calls with it.
    pub calls: u64,
}

/// A value that the insight has more of than its baseline would give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Which attribute.
    pub attribute: Attribute,
    /// Its value.
    pub value: String,
    /// Calls of the insight with it.
    pub calls: u64,
    /// Its share of the insight's calls, 0 to 1.
    pub share: f64,
    /// Its share of the baseline's calls, 0 to 1.
    pub baseline_share: f64,
    /// Calls beyond what the baseline's share would give.
    pub excess: f64,
    /// Share now over share before.
    pub lift: f64,
    /// The baseline has none of it.
    pub is_new: bool,
}
