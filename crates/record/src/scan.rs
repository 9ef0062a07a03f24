//! The single structural walk over a record's JSON: finds where the fields we need begin and end, and passes over the rest.
//!
//! ```text
//!  {"eventVersion":"1.08","userIdentity":{…},"eventTime":"…", … ,"requestParameters":{ ░░░░░░ }, … }
//!    └ usual order: keys are guessed, not searched ─────────►      └ brackets counted, 64 bytes a step
//! ```
//!
//! CloudTrail writes its keys in one order, so the walk first tries the key that usually comes next (one comparison of a few
//! bytes) and only where that fails looks at which key it is. The end of a string is sought 32 bytes at a time; what we do
//! not need (requestParameters, responseElements …) is passed over by counting brackets outside strings, 64 bytes at a time,
//! as [simdjson](https://arxiv.org/abs/1902.08318) does. Which instructions look at 32 or 64 bytes is the affair of the
//! crate `skim`: the walk is written once over any [`Look`], and built twice, for AVX2 and for every machine.
//!
//! What is passed over is held to balanced brackets and closed strings only, not to every rule of JSON.
//! Of keys that come twice the last wins, as in `serde_json::Value`.

use std::borrow::Cow;

use skim::{Avx2, Block, Carry, Look, Portable, Work, padded};

/// A text field that the walk finds. The identity's come last, so that a second `userIdentity` can replace them at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    EventVersion,
    EventTime,
    EventSource,
    EventName,
    Region,
    SourceIp,
    UserAgent,
    ErrorCode,
    EventId,
    EventType,
    RecipientAccount,
    EventCategory,
    Resource,
    IdentityType,
    PrincipalId,
    Arn,
    IdentityAccount,
    AccessKeyId,
    UserName,
    InvokedBy,
    IssuerArn,
}

impl Field {
    pub(crate) const ALL: [Field; 21] = [
        Field::EventVersion,
        Field::EventTime,
        Field::EventSource,
        Field::EventName,
        Field::Region,
        Field::SourceIp,
        Field::UserAgent,
        Field::ErrorCode,
        Field::EventId,
        Field::EventType,
        Field::RecipientAccount,
        Field::EventCategory,
        Field::Resource,
        Field::IdentityType,
        Field::PrincipalId,
        Field::Arn,
        Field::IdentityAccount,
        Field::AccessKeyId,
        Field::UserName,
        Field::InvokedBy,
        Field::IssuerArn,
    ];

    /// Its path in the record.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Field::EventVersion => "eventVersion",
            Field::EventTime => "eventTime",
            Field::EventSource => "eventSource",
            Field::EventName => "eventName",
            Field::Region => "awsRegion",
            Field::SourceIp => "sourceIPAddress",
            Field::UserAgent => "userAgent",
            Field::ErrorCode => "errorCode",
            Field::EventId => "eventID",
            Field::EventType => "eventType",
            Field::RecipientAccount => "recipientAccountId",
            Field::EventCategory => "eventCategory",
            Field::Resource => "resources",
            Field::IdentityType => "userIdentity.type",
            Field::PrincipalId => "userIdentity.principalId",
            Field::Arn => "userIdentity.arn",
            Field::IdentityAccount => "userIdentity.accountId",
            Field::AccessKeyId => "userIdentity.accessKeyId",
            Field::UserName => "userIdentity.userName",
            Field::InvokedBy => "userIdentity.invokedBy",
            Field::IssuerArn => "userIdentity.sessionContext.sessionIssuer.arn",
        }
    }
}

const FIELD_COUNT: usize = Field::ALL.len();

/// Where a text lies in its record, without its quotes. All zero: there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

const ABSENT: Span = Span { start: 0, end: 0 };
/// The field is there, but is no text.
const WRONG: Span = Span { start: u32::MAX, end: u32::MAX };

/// `true`, `false`, not there, or something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Flag {
    #[default]
    Absent,
    True,
    False,
    Wrong,
}

/// Whether `userIdentity` is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum IdentityIs {
    #[default]
    Absent,
    Object,
    Wrong,
}

/// One text of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// There is none, or it is `null`.
    Absent,
    /// It is something else than text.
    Wrong,
    /// It lies between these bytes of the record, and stands there as it is.
    Plain(usize, usize),
    /// It lies between these bytes of the record, and has escapes that must be undone.
    Escaped(usize, usize),
}

/// What the walk found in one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    spans: [Span; FIELD_COUNT],
    /// One bit a field: it has escapes.
    escaped: u32,
    /// Some field was there and no text.
    wrong: bool,
    pub(crate) read_only: Flag,
    pub(crate) management_event: Flag,
    pub(crate) identity: IdentityIs,
    /// Bytes of the record.
    pub(crate) len: usize,
}

impl Fields {
    /// No field has escapes that must be undone.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.escaped == 0
    }

    #[inline(always)]
    pub(crate) fn get(&self, field: Field) -> Found {
        let Span { start, end } = self.spans[field as usize];
        if start == 0 {
            Found::Absent
        } else if start == u32::MAX {
            Found::Wrong
        } else if self.escaped >> field as u32 & 1 == 1 {
            Found::Escaped(start as usize, end as usize)
        } else {
            Found::Plain(start as usize, end as usize)
        }
    }

    /// Whether it has what only records of CloudTrail (or rewritten ones) have.
    pub(crate) fn is_like_a_record(&self) -> bool {
        [Field::EventTime, Field::EventName, Field::EventSource, Field::EventVersion]
            .iter()
            .any(|field| self.spans[*field as usize] != ABSENT)
    }

    /// Some field is there, but is no text.
    #[inline(always)]
    pub(crate) fn first_wrong(&self) -> Option<Field> {
        if !self.wrong {
            return None;
        }
        // A later one of the same name may have been right.
        Field::ALL.into_iter().find(|field| self.spans[*field as usize] == WRONG)
    }

    #[inline(always)]
    fn set(&mut self, field: Field, start: usize, end: usize, escaped: bool) {
        // Inflated bytes are limited to 4 GiB (log_file.rs), so positions fit.
        self.spans[field as usize] = Span { start: start as u32, end: end as u32 };
        if escaped {
            self.escaped |= 1 << field as u32;
        } else if self.escaped != 0 {
            self.escaped &= !(1 << field as u32);
        }
    }

    fn clear_identity(&mut self) {
        self.spans[Field::IdentityType as usize..].fill(ABSENT);
    }
}

/// Why the walk ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The bytes ended before the record did.
    CutShort,
    /// No JSON at this byte.
    Syntax(usize),
    /// More brackets within brackets than allowed at this byte.
    TooDeep(usize),
}

/// A [`Fault`] in one word, so that a [`Step`] is returned in two registers: slices are shorter than half of all addresses,
/// which leaves the highest bit of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop(usize);

const TOO_DEEP: usize = 1 << (usize::BITS - 1);
const CUT_SHORT: Stop = Stop(usize::MAX);

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Fault {
        match stop {
            CUT_SHORT => Fault::CutShort,
            Stop(at) if at & TOO_DEEP != 0 => Fault::TooDeep(at & !TOO_DEEP),
            Stop(at) => Fault::Syntax(at),
        }
    }
}

/// The walk, in the fastest form that this machine can do.
#[derive(Clone, Copy)]
pub struct Walk {
    avx2: Option<Avx2>,
}

impl std::fmt::Debug for Walk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Walk({})", self.name())
    }
}

impl Walk {
    /// The fastest one here.
    pub fn best() -> Walk {
        Walk { avx2: Avx2::here() }
    }

    /// The one that runs everywhere, in safe code.
    pub fn portable() -> Walk {
        Walk { avx2: None }
    }

    /// What it is made of: `portable`, `avx2`.
    pub fn name(self) -> &'static str {
        if self.avx2.is_some() { "avx2" } else { "portable" }
    }

    /// Walks the record that begins with the first byte.
    #[inline]
    pub(crate) fn record(self, bytes: &[u8], depth_limit: u32, fields: &mut Fields) -> Result<(), Fault> {
        match self.avx2 {
            Some(look) => look.run(WalkRecord { walker: Walker { bytes, depth_limit, look }, fields }, ()),
            None => Portable.run(WalkRecord { walker: Walker { bytes, depth_limit, look: Portable }, fields }, ()),
        }
        .map_err(Fault::from)
    }

    /// The position after the value that begins at `pos`.
    pub(crate) fn value(self, bytes: &[u8], pos: usize, depth_limit: u32) -> Result<usize, Fault> {
        match self.avx2 {
            Some(look) => Walker { bytes, depth_limit, look }.skip(pos, 0),
            None => Walker { bytes, depth_limit, look: Portable }.skip(pos, 0),
        }
        .map_err(Fault::from)
    }
}

/// The position after spaces, tabs and line ends.
#[inline(always)]
pub(crate) fn after_space(bytes: &[u8], mut pos: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(pos) {
        pos += 1;
    }
    pos
}

// What meets the usual order of members is inlined into one function a kind of `Look`: only there may the compiler use its
// instructions. The rest is functions of their own, or the compiler would be busy for minutes.

#[derive(Clone, Copy)]
struct Walker<'b, L> {
    bytes: &'b [u8],
    depth_limit: u32,
    look: L,
}

/// The position after what was walked over.
type Step = Result<usize, Stop>;

impl<L: Look> Walker<'_, L> {
    /// From the first byte to after the record's closing bracket.
    #[inline(always)]
    fn record(&self, fields: &mut Fields) -> Step {
        if self.bytes.first() != Some(&b'{') {
            return Err(self.fault(0));
        }
        let mut pos = 1;
        if let Some(inside) = self.past(pos, b"\"eventVersion\":\"") {
            pos = self.text(inside, fields, Field::EventVersion)?;
        } else {
            pos = after_space(self.bytes, pos);
            match self.bytes.get(pos) {
                Some(b'}') => return Ok(pos + 1),
                Some(b'"') => pos = self.record_member(pos, fields)?,
                _ => return Err(self.fault(pos)),
            }
        }
        loop {
            pos = self.usual_members(pos, fields)?;
            // Here is the end, or a key that usually isn't.
            match self.next_key(pos)? {
                Next::End(after) => return Ok(after),
                Next::Key(key) => pos = self.record_member(key, fields)?,
            }
        }
    }

    /// The members that usually follow, in the order in which they usually do. Leaves off at the first that is not among them.
    #[inline(always)]
    fn usual_members(&self, mut pos: usize, fields: &mut Fields) -> Step {
        if !self.is_at(pos, b",\"") {
            return Ok(pos);
        }
        macro_rules! text {
            ($key:literal, $field:expr) => {
                if let Some(start) = self.past(pos, $key) {
                    pos = self.text(start, fields, $field)?;
                }
            };
        }
        macro_rules! skip {
            ($key:literal) => {
                if let Some(value) = self.past(pos, $key) {
                    pos = self.skip(value, 1)?;
                }
            };
        }
        macro_rules! flag {
            ($key:literal, $field:ident) => {
                if let Some(value) = self.past(pos, $key) {
                    pos = self.flag(value, &mut fields.$field)?;
                }
            };
        }
        if let Some(inside) = self.past(pos, b",\"userIdentity\":{") {
            pos = self.identity(inside, fields)?;
        }
        text!(b",\"eventTime\":\"", Field::EventTime);
        text!(b",\"eventSource\":\"", Field::EventSource);
        text!(b",\"eventName\":\"", Field::EventName);
        text!(b",\"awsRegion\":\"", Field::Region);
        text!(b",\"sourceIPAddress\":\"", Field::SourceIp);
        text!(b",\"userAgent\":\"", Field::UserAgent);
        text!(b",\"errorCode\":\"", Field::ErrorCode);
        skip!(b",\"errorMessage\":");
        skip!(b",\"requestParameters\":");
        skip!(b",\"responseElements\":");
        skip!(b",\"additionalEventData\":");
        skip!(b",\"requestID\":");
        text!(b",\"eventID\":\"", Field::EventId);
        flag!(b",\"readOnly\":", read_only);
        if let Some(inside) = self.past(pos, b",\"resources\":[") {
            pos = self.resources(inside, fields)?;
        }
        text!(b",\"eventType\":\"", Field::EventType);
        skip!(b",\"apiVersion\":");
        flag!(b",\"managementEvent\":", management_event);
        text!(b",\"recipientAccountId\":\"", Field::RecipientAccount);
        skip!(b",\"sharedEventID\":");
        skip!(b",\"vpcEndpointId\":");
        text!(b",\"eventCategory\":\"", Field::EventCategory);
        skip!(b",\"tlsDetails\":");
        skip!(b",\"sessionCredentialFromConsole\":");
        Ok(pos)
    }

    /// One member of the record, whichever it is; `pos` is at its key's quote.
    #[inline(never)]
    fn record_member(&self, pos: usize, fields: &mut Fields) -> Step {
        let (key, pos) = self.key(pos)?;
        match &*key {
            b"eventVersion" => self.version(pos, fields),
            b"userIdentity" => self.identity_or_other(pos, fields),
            b"eventTime" => self.text_or_other(pos, fields, Field::EventTime),
            b"eventSource" => self.text_or_other(pos, fields, Field::EventSource),
            b"eventName" => self.text_or_other(pos, fields, Field::EventName),
            b"awsRegion" => self.text_or_other(pos, fields, Field::Region),
            b"sourceIPAddress" => self.text_or_other(pos, fields, Field::SourceIp),
            b"userAgent" => self.text_or_other(pos, fields, Field::UserAgent),
            b"errorCode" => self.text_or_other(pos, fields, Field::ErrorCode),
            b"eventID" => self.text_or_other(pos, fields, Field::EventId),
            b"eventType" => self.text_or_other(pos, fields, Field::EventType),
            b"recipientAccountId" => self.text_or_other(pos, fields, Field::RecipientAccount),
            b"eventCategory" => self.text_or_other(pos, fields, Field::EventCategory),
            b"readOnly" => self.flag(pos, &mut fields.read_only),
            b"managementEvent" => self.flag(pos, &mut fields.management_event),
            b"resources" => self.resources_or_other(pos, fields),
            _ => self.skip(pos, 1),
        }
    }

    /// The version is a text; some rewriters make it a number.
    #[inline]
    fn version(&self, pos: usize, fields: &mut Fields) -> Step {
        let end = self.text_or_other(pos, fields, Field::EventVersion)?;
        if matches!(self.bytes[pos], b'-' | b'0'..=b'9') {
            fields.set(Field::EventVersion, pos, end, false);
        }
        Ok(end)
    }

    #[inline(never)]
    fn identity_or_other(&self, pos: usize, fields: &mut Fields) -> Step {
        if self.bytes.get(pos) == Some(&b'{') {
            return self.identity(pos + 1, fields);
        }
        fields.clear_identity();
        let after = self.skip(pos, 1)?;
        fields.identity = if self.is_at(pos, b"null") { IdentityIs::Absent } else { IdentityIs::Wrong };
        Ok(after)
    }

    /// The members of `userIdentity`; `pos` is after its bracket.
    #[inline(always)]
    fn identity(&self, mut pos: usize, fields: &mut Fields) -> Step {
        if fields.identity != IdentityIs::Absent {
            fields.clear_identity();
        }
        fields.identity = IdentityIs::Object;

        macro_rules! text {
            ($key:literal, $field:expr) => {
                if let Some(start) = self.past(pos, $key) {
                    pos = self.text(start, fields, $field)?;
                }
            };
        }
        // The usual order.
        if let Some(inside) = self.past(pos, b"\"type\":\"") {
            pos = self.text(inside, fields, Field::IdentityType)?;
            text!(b",\"principalId\":\"", Field::PrincipalId);
            text!(b",\"arn\":\"", Field::Arn);
            text!(b",\"accountId\":\"", Field::IdentityAccount);
            text!(b",\"accessKeyId\":\"", Field::AccessKeyId);
            text!(b",\"userName\":\"", Field::UserName);
            if let Some(inside) = self.past(pos, b",\"sessionContext\":{") {
                pos = self.session_context(inside, fields)?;
            }
            text!(b",\"invokedBy\":\"", Field::InvokedBy);
        } else {
            pos = after_space(self.bytes, pos);
            match self.bytes.get(pos) {
                Some(b'}') => return Ok(pos + 1),
                Some(b'"') => pos = self.identity_member(pos, fields)?,
                _ => return Err(self.fault(pos)),
            }
        }
        // Whatever is left.
        loop {
            match self.next_key(pos)? {
                Next::End(after) => return Ok(after),
                Next::Key(key) => pos = self.identity_member(key, fields)?,
            }
        }
    }

    #[inline(never)]
    fn identity_member(&self, pos: usize, fields: &mut Fields) -> Step {
        let (key, pos) = self.key(pos)?;
        match &*key {
            b"type" => self.text_or_other(pos, fields, Field::IdentityType),
            b"principalId" => self.text_or_other(pos, fields, Field::PrincipalId),
            b"arn" => self.text_or_other(pos, fields, Field::Arn),
            b"accountId" => self.text_or_other(pos, fields, Field::IdentityAccount),
            b"accessKeyId" => self.text_or_other(pos, fields, Field::AccessKeyId),
            b"userName" => self.text_or_other(pos, fields, Field::UserName),
            b"invokedBy" => self.text_or_other(pos, fields, Field::InvokedBy),
            b"sessionContext" => {
                fields.spans[Field::IssuerArn as usize] = ABSENT;
                if self.bytes.get(pos) == Some(&b'{') {
                    self.session_context(pos + 1, fields)
                } else {
                    self.skip(pos, 2)
                }
            }
            _ => self.skip(pos, 2),
        }
    }

    /// The members of `userIdentity.sessionContext`; `pos` is after its bracket.
    #[inline(always)]
    fn session_context(&self, mut pos: usize, fields: &mut Fields) -> Step {
        if let Some(inside) = self.past(pos, b"\"sessionIssuer\":{") {
            pos = self.session_issuer(inside, fields)?;
            if let Some(after) = self.past(pos, b",\"webIdFederationData\":{}") {
                pos = after;
            }
            if let Some(inside) = self.past(pos, b",\"attributes\":{") {
                pos = self.close(inside, 1, 3)?;
            }
        } else {
            pos = after_space(self.bytes, pos);
            match self.bytes.get(pos) {
                Some(b'}') => return Ok(pos + 1),
                Some(b'"') => pos = self.session_context_member(pos, fields)?,
                _ => return Err(self.fault(pos)),
            }
        }
        loop {
            match self.next_key(pos)? {
                Next::End(after) => return Ok(after),
                Next::Key(key) => pos = self.session_context_member(key, fields)?,
            }
        }
    }

    #[inline(never)]
    fn session_context_member(&self, pos: usize, fields: &mut Fields) -> Step {
        let (key, pos) = self.key(pos)?;
        if &*key != b"sessionIssuer" {
            return self.skip(pos, 3);
        }
        fields.spans[Field::IssuerArn as usize] = ABSENT;
        if self.bytes.get(pos) == Some(&b'{') { self.session_issuer(pos + 1, fields) } else { self.skip(pos, 3) }
    }

    /// The members of `userIdentity.sessionContext.sessionIssuer`; `pos` is after its bracket.
    #[inline(always)]
    fn session_issuer(&self, mut pos: usize, fields: &mut Fields) -> Step {
        if let Some(inside) = self.past(pos, b"\"type\":\"") {
            pos = self.after_text(inside)?;
            if let Some(inside) = self.past(pos, b",\"principalId\":\"") {
                pos = self.after_text(inside)?;
            }
            if let Some(inside) = self.past(pos, b",\"arn\":\"") {
                pos = self.text(inside, fields, Field::IssuerArn)?;
            }
            if let Some(inside) = self.past(pos, b",\"accountId\":\"") {
                pos = self.after_text(inside)?;
            }
            if let Some(inside) = self.past(pos, b",\"userName\":\"") {
                pos = self.after_text(inside)?;
            }
        } else {
            pos = after_space(self.bytes, pos);
            match self.bytes.get(pos) {
                Some(b'}') => return Ok(pos + 1),
                Some(b'"') => pos = self.session_issuer_member(pos, fields)?,
                _ => return Err(self.fault(pos)),
            }
        }
        loop {
            match self.next_key(pos)? {
                Next::End(after) => return Ok(after),
                Next::Key(key) => pos = self.session_issuer_member(key, fields)?,
            }
        }
    }

    #[inline(never)]
    fn session_issuer_member(&self, pos: usize, fields: &mut Fields) -> Step {
        let (key, pos) = self.key(pos)?;
        if &*key == b"arn" { self.text_or_other(pos, fields, Field::IssuerArn) } else { self.skip(pos, 4) }
    }

    #[inline(never)]
    fn resources_or_other(&self, pos: usize, fields: &mut Fields) -> Step {
        if self.bytes.get(pos) == Some(&b'[') {
            return self.resources(pos + 1, fields);
        }
        fields.spans[Field::Resource as usize] = ABSENT;
        self.skip(pos, 1)
    }

    /// The elements of `resources`, up to the first that has an ARN; `pos` is after the bracket.
    /// What is no object, or has something else than text there, is not the first.
    #[inline(never)]
    fn resources(&self, mut pos: usize, fields: &mut Fields) -> Step {
        fields.spans[Field::Resource as usize] = ABSENT;
        loop {
            pos = after_space(self.bytes, pos);
            match self.bytes.get(pos) {
                Some(b']') => return Ok(pos + 1),
                Some(b',') => pos += 1,
                Some(b'{') => {
                    pos = self.resource(pos + 1, fields)?;
                    if fields.spans[Field::Resource as usize] != ABSENT {
                        return self.close(pos, 1, 1);
                    }
                }
                _ => pos = self.skip(pos, 2)?,
            }
        }
    }

    /// The members of one resource: its `ARN`, or else its `arn`.
    #[inline(never)]
    fn resource(&self, mut pos: usize, fields: &mut Fields) -> Step {
        let mut lower_case = ABSENT;
        let mut lower_case_escaped = false;
        let mut next = after_space(self.bytes, pos);
        let end = match self.bytes.get(next) {
            Some(b'}') => next + 1,
            Some(b'"') => loop {
                let (key, value) = self.key(next)?;
                let is_text = self.bytes.get(value) == Some(&b'"');
                if is_text && (&*key == b"ARN" || &*key == b"arn") {
                    let (end, escaped) = self.string_end(value + 1)?;
                    if &*key == b"ARN" {
                        fields.set(Field::Resource, value + 1, end, escaped);
                    } else {
                        lower_case = Span { start: value as u32 + 1, end: end as u32 };
                        lower_case_escaped = escaped;
                    }
                    pos = end + 1;
                } else {
                    match &*key {
                        b"ARN" => fields.spans[Field::Resource as usize] = ABSENT,
                        b"arn" => lower_case = ABSENT,
                        _ => {}
                    }
                    pos = self.skip(value, 3)?;
                }
                match self.next_key(pos)? {
                    Next::End(after) => break after,
                    Next::Key(key) => next = key,
                }
            },
            _ => return Err(self.fault(next)),
        };
        if fields.spans[Field::Resource as usize] == ABSENT && lower_case != ABSENT {
            fields.set(Field::Resource, lower_case.start as usize, lower_case.end as usize, lower_case_escaped);
        }
        Ok(end)
    }

    /// After a member: the next one's key, or the object's end.
    #[inline(always)]
    fn next_key(&self, pos: usize) -> Result<Next, Stop> {
        let pos = after_space(self.bytes, pos);
        match self.bytes.get(pos) {
            Some(b'}') => Ok(Next::End(pos + 1)),
            Some(b',') => {
                let key = after_space(self.bytes, pos + 1);
                if self.bytes.get(key) == Some(&b'"') { Ok(Next::Key(key)) } else { Err(self.fault(key)) }
            }
            _ => Err(self.fault(pos)),
        }
    }

    /// The key at this quote, and where its value begins.
    #[inline(never)]
    fn key(&self, quote: usize) -> Result<(Cow<'_, [u8]>, usize), Stop> {
        let (end, escaped) = self.string_end(quote + 1)?;
        let colon = after_space(self.bytes, end + 1);
        if self.bytes.get(colon) != Some(&b':') {
            return Err(self.fault(colon));
        }
        let value = after_space(self.bytes, colon + 1);
        let key =
            if escaped { unescaped_key(&self.bytes[quote..=end]) } else { Cow::Borrowed(&self.bytes[quote + 1..end]) };
        Ok((key, value))
    }

    /// A text that begins here, after its quote, is the field's. The position after its closing quote.
    #[inline(always)]
    fn text(&self, start: usize, fields: &mut Fields, field: Field) -> Step {
        let (end, escaped) = self.string_end_here(start)?;
        fields.set(field, start, end, escaped);
        Ok(end + 1)
    }

    /// A value that should be a text.
    #[inline(never)]
    fn text_or_other(&self, pos: usize, fields: &mut Fields, field: Field) -> Step {
        if self.bytes.get(pos) == Some(&b'"') {
            let (end, escaped) = self.string_end(pos + 1)?;
            fields.set(field, pos + 1, end, escaped);
            return Ok(end + 1);
        }
        let after = self.skip(pos, 1)?;
        if self.bytes[pos] == b'n' {
            fields.spans[field as usize] = ABSENT;
        } else {
            fields.spans[field as usize] = WRONG;
            fields.wrong = true;
        }
        Ok(after)
    }

    /// A value that should be `true` or `false`; some rewriters make them texts.
    #[inline]
    fn flag(&self, pos: usize, flag: &mut Flag) -> Step {
        let pos = after_space(self.bytes, pos);
        if self.is_at(pos, b"true") {
            *flag = Flag::True;
            Ok(pos + 4)
        } else if self.is_at(pos, b"false") {
            *flag = Flag::False;
            Ok(pos + 5)
        } else {
            let after = self.skip(pos, 1)?;
            *flag = match &self.bytes[pos..after] {
                b"null" => Flag::Absent,
                b"\"true\"" => Flag::True,
                b"\"false\"" => Flag::False,
                _ => Flag::Wrong,
            };
            Ok(after)
        }
    }

    /// The position after the value that begins here, `outer` brackets deep.
    #[inline(always)]
    fn skip_here(&self, pos: usize, outer: u32) -> Step {
        match self.bytes.get(pos) {
            Some(b'"') => self.after_text(pos + 1),
            Some(bracket @ (b'{' | b'[')) => {
                let after = self.close_here(pos + 1, 1, outer)?;
                // Pairs are not told apart on the way; where one is missing, this is where it mostly shows.
                if self.bytes[after - 1] == bracket + 2 { Ok(after) } else { Err(Stop(after - 1)) }
            }
            Some(b'n') if self.is_at(pos, b"null") => Ok(pos + 4),
            Some(b't') if self.is_at(pos, b"true") => Ok(pos + 4),
            Some(b'f') if self.is_at(pos, b"false") => Ok(pos + 5),
            Some(b'-' | b'0'..=b'9') => {
                let mut pos = pos + 1;
                while let Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') = self.bytes.get(pos) {
                    pos += 1;
                }
                Ok(pos)
            }
            Some(b' ' | b'\n' | b'\r' | b'\t') => self.skip(after_space(self.bytes, pos), outer),
            _ => Err(self.fault(pos)),
        }
    }

    #[inline(always)]
    fn after_text(&self, start: usize) -> Step {
        Ok(self.string_end_here(start)?.0 + 1)
    }

    /// The closing quote of the string whose text begins here, and whether a backslash comes before it.
    #[inline(always)]
    fn string_end_here(&self, start: usize) -> Result<(usize, bool), Stop> {
        let mut pos = start;
        let mut escaped = false;
        while let Some(block) = self.bytes.get(pos..).and_then(|rest| rest.first_chunk::<32>()) {
            let found = self.look.quotes_or_backslashes(block);
            if found == 0 {
                pos += 32;
                continue;
            }
            let at = pos + found.trailing_zeros() as usize;
            if self.bytes[at] == b'"' {
                return Ok((at, escaped));
            }
            escaped = true;
            pos = at + 2;
        }
        string_end_bytewise(self.bytes, pos, escaped)
    }

    /// The position after the bracket that closes the last of `open` open brackets, with `outer` around them.
    /// `pos` is outside any string.
    #[inline(always)]
    fn close_here(&self, mut pos: usize, mut open: u32, outer: u32) -> Step {
        let mut carry = Carry::default();
        loop {
            let last;
            let block = match self.bytes.get(pos..).and_then(|rest| rest.first_chunk::<64>()) {
                Some(block) => block,
                None => {
                    let rest = self.bytes.get(pos..).unwrap_or_default();
                    if rest.is_empty() {
                        return Err(CUT_SHORT);
                    }
                    last = padded(rest);
                    &last
                }
            };
            let Block { opens, closes, .. } = carry.block(self.look, block);

            if outer + open + opens.count_ones() > self.depth_limit {
                self.check_depth(pos, outer + open, opens, closes)?;
            }
            if closes.count_ones() >= open {
                // It may end within this block: at the close before which there are as many others as brackets are open.
                let mut rest = closes;
                let mut closed = 0;
                while rest != 0 {
                    let bit = rest.trailing_zeros();
                    closed += 1;
                    if open + (opens & ((1 << bit) - 1)).count_ones() == closed {
                        return Ok(pos + bit as usize + 1);
                    }
                    rest &= rest - 1;
                }
            }
            open = open + opens.count_ones() - closes.count_ones();
            pos += 64;
        }
    }

    /// Goes bracket by bracket where a block may be too deep.
    #[cold]
    fn check_depth(&self, pos: usize, mut depth: u32, opens: u64, closes: u64) -> Result<(), Stop> {
        for bit in 0..64 {
            depth += (opens >> bit & 1) as u32;
            if depth > self.depth_limit {
                return Err(Stop(TOO_DEEP | (pos + bit)));
            }
            depth -= (closes >> bit & 1) as u32;
            if depth == 0 {
                break;
            }
        }
        Ok(())
    }

    /// The position after these bytes, if they are here.
    #[inline(always)]
    fn past<const N: usize>(&self, pos: usize, expected: &[u8; N]) -> Option<usize> {
        self.is_at(pos, expected).then_some(pos + N)
    }

    #[inline(always)]
    fn is_at<const N: usize>(&self, pos: usize, expected: &[u8; N]) -> bool {
        self.bytes.get(pos..).and_then(|rest| rest.first_chunk::<N>()) == Some(expected)
    }

    #[inline(always)]
    fn fault(&self, pos: usize) -> Stop {
        if pos >= self.bytes.len() { CUT_SHORT } else { Stop(pos) }
    }
}

/// The same as [`Walker::string_end_here`], for the last bytes of the file.
#[cold]
#[inline(never)]
fn string_end_bytewise(bytes: &[u8], mut pos: usize, mut escaped: bool) -> Result<(usize, bool), Stop> {
    loop {
        match bytes.get(pos) {
            Some(b'"') => return Ok((pos, escaped)),
            Some(b'\\') => {
                escaped = true;
                pos += 2;
            }
            Some(_) => pos += 1,
            None => return Err(CUT_SHORT),
        }
    }
}

// Three ways that are long and met in many places: each is a function of its own, built with the look's instructions.
impl<L: Look> Walker<'_, L> {
    /// [`Walker::close_here`].
    #[inline(always)]
    fn close(&self, pos: usize, open: u32, outer: u32) -> Step {
        self.look.run(Close { walker: self, pos }, (open, outer))
    }

    /// [`Walker::skip_here`].
    #[inline(always)]
    fn skip(&self, pos: usize, outer: u32) -> Step {
        self.look.run(Skip { walker: self, pos }, outer)
    }

    /// [`Walker::string_end_here`], for the members that come out of the usual order.
    #[inline(always)]
    fn string_end(&self, start: usize) -> Result<(usize, bool), Stop> {
        self.look.run(StringEnd { walker: self, start }, ())
    }
}

struct WalkRecord<'a, 'b, L> {
    walker: Walker<'b, L>,
    fields: &'a mut Fields,
}

impl<L: Look> Work for WalkRecord<'_, '_, L> {
    type With = ();
    type Output = Result<(), Stop>;

    #[inline(always)]
    fn work(self, (): ()) -> Result<(), Stop> {
        *self.fields = Fields::default();
        self.fields.len = self.walker.record(self.fields)?;
        Ok(())
    }
}

struct Close<'a, 'b, L> {
    walker: &'a Walker<'b, L>,
    pos: usize,
}

impl<L: Look> Work for Close<'_, '_, L> {
    type With = (u32, u32);
    type Output = Step;

    #[inline(always)]
    fn work(self, (open, outer): (u32, u32)) -> Step {
        self.walker.close_here(self.pos, open, outer)
    }
}

struct Skip<'a, 'b, L> {
    walker: &'a Walker<'b, L>,
    pos: usize,
}

impl<L: Look> Work for Skip<'_, '_, L> {
    type With = u32;
    type Output = Step;

    #[inline(always)]
    fn work(self, outer: u32) -> Step {
        self.walker.skip_here(self.pos, outer)
    }
}

struct StringEnd<'a, 'b, L> {
    walker: &'a Walker<'b, L>,
    start: usize,
}

impl<L: Look> Work for StringEnd<'_, '_, L> {
    type With = ();
    type Output = Result<(usize, bool), Stop>;

    #[inline(always)]
    fn work(self, (): ()) -> Result<(usize, bool), Stop> {
        self.walker.string_end_here(self.start)
    }
}

enum Next {
    /// The quote of the next member's key.
    Key(usize),
    /// After the object's closing bracket.
    End(usize),
}

/// A key with escapes, as it reads. One that cannot be read is none of ours.
#[cold]
fn unescaped_key(quoted: &[u8]) -> Cow<'static, [u8]> {
    Cow::Owned(serde_json::from_slice::<String>(quoted).unwrap_or_default().into_bytes())
}

#[cfg(test)]
mod tests;
