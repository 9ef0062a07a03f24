//! One call: a record as far as we count, attribute, route and show by it, and the raw JSON that it came from.
//!
//! Texts are borrowed from the inflated log file; only where JSON escapes had to be undone are they copies.
//! What a record must have, and what stands in for what older versions lack, is decided here:
//!
//! | | where absent |
//! |---|---|
//! | eventTime, eventName, eventSource, awsRegion | rejected |
//! | userIdentity | rejected, unless the service itself speaks (`AwsServiceEvent`) |
//! | recipientAccountId | userIdentity.accountId, else the account in the object's key |
//! | eventCategory | by eventType, else by managementEvent, else Management |
//! | readOnly | by the name: Get, List, Describe, Head, Lookup, Search, BatchGet are reads |
//! | eventID | a hash of the whole record |
//! | eventVersion | taken for 1.x |
//!
//! `null` is as good as absent, and so is an empty text. A field that we read and that has another type rejects the record.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use std::borrow::Cow;

use crate::event_id::EventId;
use crate::identity::{Identity, plain_error_code};
use crate::insight::Attribute;
use crate::log_file::{RejectReason, Rejection};
use crate::names::{AccountId, EventCategory};
use crate::scan::{Field, Fields, Flag, Found, IdentityIs};
use crate::time::{self, Minute};

/// A text of a record.
pub type Text<'a> = Cow<'a, str>;

/// One record of a log file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are calls, and they are handed over one at a time")]
pub enum Record<'a> {
    /// A call of an API, or what a service did by itself.
    Call(ApiCall<'a>),
    /// An Insight record: found by AWS (or by us), not counted.
    Insight {
        /// Its JSON object.
        raw: &'a [u8],
    },
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCall<'a> {
    /// The record's JSON object; valid UTF-8.
    pub raw: &'a [u8],
    /// What duplicates are known by.
    pub event_id: EventId,
    /// When it was called, in seconds since 1970-01-01T00:00:00Z.
    pub event_time: i64,
    /// The account whose resources were called.
    pub account: Text<'a>,
    /// `us-east-1`.
    pub region: Text<'a>,
    /// `ec2.amazonaws.com`.
    pub source: Text<'a>,
    /// `RunInstances`.
    pub name: Text<'a>,
    /// How it failed, as written; see [`ApiCall::plain_error_code`].
    pub error_code: Option<Text<'a>>,
    /// Management, data or network activity.
    pub category: EventCategory,
    /// It changes nothing.
    pub read_only: bool,
    /// Who called.
    pub identity: Identity<'a>,
    /// With which program.
    pub user_agent: Option<Text<'a>>,
    /// From which address; or the name of a service, or `AWS Internal`.
    pub source_ip: Option<Text<'a>>,
    /// The ARN of the first resource that has one.
    pub resource: Option<Text<'a>>,
    /// `AwsApiCall`, `AwsServiceEvent`, `AwsConsoleSignIn` …
    pub event_type: Option<Text<'a>>,
}

/// No event lies before this second since 1970: CloudTrail's first records are of November 2013.
pub const OLDEST: i64 = 1_356_998_400;

/// Clocks of AWS's services may differ by so many seconds: an event may lie that far behind its file's delivery.
pub const CLOCK_SKEW: i64 = 3600;

/// The last second in which what is in a log file can have happened; of one that does not say when it was delivered, by the clock.
pub fn latest(delivered: Option<Minute>, now: i64) -> i64 {
    delivered.map_or(now, Minute::seconds) + CLOCK_SKEW
}

impl ApiCall<'_> {
    /// Why the call cannot be of its time, if it cannot: it lies after the last second in which what is in its file can have
    /// happened ([`latest`], mostly), or before there was CloudTrail.
    #[inline]
    pub fn out_of_time(&self, latest: i64) -> Option<&'static str> {
        match self.event_time {
            time if time > latest => Some("eventTime after delivery"),
            time if time < OLDEST => Some("eventTime before 2013"),
            _ => None,
        }
    }

    /// What the call has of an attribute; none where it has nothing.
    #[inline]
    pub fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::UserIdentityArn => self.identity.who(),
            Attribute::UserAgent => self.user_agent.as_deref(),
            Attribute::ErrorCode => self.plain_error_code(),
            Attribute::SourceIpAddress => self.source_ip.as_deref(),
            Attribute::AccessKeyId => self.identity.access_key_id.as_deref(),
            Attribute::SessionName => self.identity.session_name(),
            Attribute::InvokedBy => self.identity.invoked_by.as_deref(),
            Attribute::Resource => self.resource.as_deref(),
        }
    }

    /// The error code that is counted: without `Client.`.
    pub fn plain_error_code(&self) -> Option<&str> {
        self.error_code.as_deref().map(plain_error_code)
    }
}

impl<'a> Record<'a> {
    /// The record that the walk went over: the file's `index`-th, at this byte of it.
    #[inline(always)]
    pub(crate) fn new(
        raw: &'a str,
        fields: &Fields,
        key_account: Option<&'a str>,
        index: usize,
        at: usize,
    ) -> Result<Record<'a>, Rejection> {
        if fields.is_plain() {
            Record::read(Reading::<true> { raw, fields, index, at }, key_account)
        } else {
            Record::read(Reading::<false> { raw, fields, index, at }, key_account)
        }
    }

    // Rejections are made where they are met, not handed up and changed on the way: a record has 600 bytes, and so its copies.
    #[inline(always)]
    fn read<const PLAIN: bool>(
        read: Reading<'a, '_, PLAIN>,
        key_account: Option<&'a str>,
    ) -> Result<Record<'a>, Rejection> {
        let Reading { raw, fields, .. } = read;
        if let Some(field) = fields.first_wrong() {
            return Err(read.rejection(RejectReason::WrongType, field.path()));
        }
        let event_type = read.text(Field::EventType)?;
        let category = match read.text(Field::EventCategory)?.as_deref() {
            Some("Management") => EventCategory::Management,
            Some("Data") => EventCategory::Data,
            Some("NetworkActivity") => EventCategory::NetworkActivity,
            Some("Insight") => EventCategory::Insight,
            Some(other) => return Err(read.rejection(RejectReason::OtherCategory, other)),
            None => match (event_type.as_deref(), fields.management_event) {
                (Some("AwsCloudTrailInsight"), _) => EventCategory::Insight,
                (Some("AwsVpceEvents"), _) => EventCategory::NetworkActivity,
                (_, Flag::False) => EventCategory::Data,
                _ => EventCategory::Management,
            },
        };
        if let Some(version) = read.text(Field::EventVersion)?
            && version != "1"
            && !version.starts_with("1.")
        {
            return Err(read.rejection(RejectReason::OtherVersion, &version));
        }
        if category == EventCategory::Insight {
            return Ok(Record::Insight { raw: raw.as_bytes() });
        }

        let time = read.text(Field::EventTime)?;
        let source = read.text(Field::EventSource)?;
        let name = read.text(Field::EventName)?;
        if time.is_none() && source.is_none() && name.is_none() {
            return Err(read.rejection(RejectReason::NotARecord, ""));
        }
        let time = time.ok_or_else(|| read.rejection(RejectReason::NoEventTime, ""))?;
        let event_time = time::seconds_of_event_time(time.as_bytes())
            .ok_or_else(|| read.rejection(RejectReason::BadEventTime, &time))?;
        let name = name.ok_or_else(|| read.rejection(RejectReason::NoEventName, ""))?;
        let source = source.ok_or_else(|| read.rejection(RejectReason::NoEventSource, ""))?;
        let region = read.text(Field::Region)?.ok_or_else(|| read.rejection(RejectReason::NoRegion, ""))?;
        if !is_region(region.as_bytes()) {
            return Err(read.rejection(RejectReason::BadRegion, &region));
        }
        match fields.identity {
            IdentityIs::Object => {}
            IdentityIs::Absent if event_type.as_deref() == Some("AwsServiceEvent") => {}
            IdentityIs::Absent => return Err(read.rejection(RejectReason::NoIdentity, "")),
            IdentityIs::Wrong => return Err(read.rejection(RejectReason::WrongType, "userIdentity")),
        }
        let identity = Identity {
            kind: read.text(Field::IdentityType)?,
            arn: read.text(Field::Arn)?,
            principal_id: read.text(Field::PrincipalId)?,
            account_id: read.text(Field::IdentityAccount)?,
            access_key_id: read.text(Field::AccessKeyId)?,
            user_name: read.text(Field::UserName)?,
            session_issuer_arn: read.text(Field::IssuerArn)?,
            invoked_by: read.text(Field::InvokedBy)?,
        };
        let account = match read.text(Field::RecipientAccount)? {
            Some(account) if AccountId::is_one(&account) => account,
            Some(other) => return Err(read.rejection(RejectReason::BadAccount, &other)),
            // Anonymous callers have `ANONYMOUS_PRINCIPAL` here, services nothing.
            None => match &identity.account_id {
                Some(account) if AccountId::is_one(account) => account.clone(),
                _ => Cow::Borrowed(key_account.ok_or_else(|| read.rejection(RejectReason::NoAccount, ""))?),
            },
        };
        let read_only = match fields.read_only {
            Flag::True => true,
            Flag::False => false,
            Flag::Absent => sounds_read_only(&name),
            Flag::Wrong => return Err(read.rejection(RejectReason::WrongType, "readOnly")),
        };
        if fields.management_event == Flag::Wrong {
            return Err(read.rejection(RejectReason::WrongType, "managementEvent"));
        }
        let event_id = match read.text(Field::EventId)? {
            Some(id) => EventId::of_text(&id),
            None => EventId::of_record(raw.as_bytes()),
        };
        Ok(Record::Call(ApiCall {
            raw: raw.as_bytes(),
            event_id,
            event_time,
            account,
            region,
            source,
            name,
            error_code: read.text(Field::ErrorCode)?,
            category,
            read_only,
            identity,
            user_agent: read.text(Field::UserAgent)?,
            source_ip: read.text(Field::SourceIp)?,
            resource: read.text(Field::Resource)?,
            event_type,
        }))
    }
}

/// `PLAIN`: no field has escapes, which is so of nearly all records.
struct Reading<'a, 'f, const PLAIN: bool> {
    raw: &'a str,
    fields: &'f Fields,
    index: usize,
    at: usize,
}

impl<'a, const PLAIN: bool> Reading<'a, '_, PLAIN> {
    /// The field's text, if it has one that is not empty.
    #[inline(always)]
    fn text(&self, field: Field) -> Result<Option<Text<'a>>, Rejection> {
        match self.fields.get(field) {
            Found::Plain(start, end) => Ok((start != end).then(|| Cow::Borrowed(&self.raw[start..end]))),
            Found::Absent | Found::Wrong => Ok(None),
            Found::Escaped(start, end) if PLAIN => Ok(Some(Cow::Borrowed(&self.raw[start..end]))),
            Found::Escaped(start, end) => self.unescaped(&self.raw[start - 1..end + 1], field),
        }
    }

    #[cold]
    fn unescaped(&self, quoted: &str, field: Field) -> Result<Option<Text<'a>>, Rejection> {
        match serde_json::from_str::<String>(quoted) {
            Ok(text) => Ok((!text.is_empty()).then_some(Cow::Owned(text))),
            Err(_) => Err(self.rejection(RejectReason::BadText, &format!("{}: {}", field.path(), short(quoted)))),
        }
    }

    #[cold]
    fn rejection(&self, reason: RejectReason, detail: &str) -> Rejection {
        Rejection { reason, index: self.index, at: self.at, detail: short(detail) }
    }
}

/// Where `readOnly` is absent (before eventVersion 1.07): what its name says.
fn sounds_read_only(name: &str) -> bool {
    ["Get", "List", "Describe", "Head", "Lookup", "Search", "BatchGet"].iter().any(|read| name.starts_with(read))
}

/// `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`: words of letters, then a number; new ones appear every year, so by shape only.
/// Rewriters that hide where records come from write things like `megov-northeast-1r`.
#[inline]
fn is_region(text: &[u8]) -> bool {
    let mut words = 0;
    let mut letters = 0;
    for (i, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' => letters += 1,
            b'-' if letters >= 2 => {
                words += 1;
                letters = 0;
            }
            b'0'..=b'9' if words >= 2 && letters == 0 => {
                return text.len() <= 32 && text.len() - i <= 2 && text[i..].iter().all(u8::is_ascii_digit);
            }
            _ => return false,
        }
    }
    false
}

/// As much of a text as fits into a message.
fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_a_shape() {
        for region in ["us-east-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1", "ap-southeast-7", "cn-north-1"]
        {
            assert!(is_region(region.as_bytes()), "{region}");
        }
        for no_region in [
            "",
            "us",
            "us-east",
            "us-east-",
            "us-east-1r",
            "megov-northeast-1r",
            "US-EAST-1",
            "us--1",
            "us-east-123",
            "../x-y-1",
        ] {
            assert!(!is_region(no_region.as_bytes()), "{no_region}");
        }
    }
}
