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

mod fields;
mod identity;
mod resources;
mod steps;

use skim::{Avx2, Look, Portable, Work};

use fields::{ABSENT, WRONG};
pub(crate) use fields::{Field, Fields, Flag, Found, IdentityIs};
pub(crate) use steps::{Fault, after_space};
use steps::{Next, Step, Stop};

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

// What meets the usual order of members is inlined into one function a kind of `Look`: only there may the compiler use its
// instructions. The rest is functions of their own, or the compiler would be busy for minutes.

#[derive(Clone, Copy)]
struct Walker<'b, L> {
    bytes: &'b [u8],
    depth_limit: u32,
    look: L,
}

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

#[cfg(test)]
mod tests;
