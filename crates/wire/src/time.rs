//! Moments and bytes, which every protocol writes in its own way.
//!
//! | | in JSON | in XML, forms and query strings |
//! |---|---|---|
//! | [`Timestamp`] | `1770906600.25`: seconds since 1970 | `2026-02-12T14:30:00.250Z` |
//! | [`Blob`] | base64 | base64 |
//!
//! An operation has them as fields and knows nothing of that. Serde has no word for either, so both are newtypes of a name
//! that our own (de)serializer knows; any other, as `serde_json`, sees the JSON form.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>, <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

pub(crate) const TIMESTAMP: &str = "$wire::Timestamp";
pub(crate) const BLOB: &str = "$wire::Blob";

/// A moment, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub jiff::Timestamp);

/// Bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob(pub Vec<u8>);

impl Timestamp {
    /// Of seconds since 1970, rounded to the millisecond.
    pub fn of_seconds(seconds: f64) -> Option<Timestamp> {
        let millis = (seconds * 1000.0).round();
        // jiff's own range is narrower than i64's; what is beyond both saturates and is refused there.
        (millis.is_finite()).then(|| jiff::Timestamp::from_millisecond(millis as i64).ok()).flatten().map(Timestamp)
    }

    /// Of a text: RFC 3339, or seconds since 1970.
    pub fn of_text(text: &str) -> Option<Timestamp> {
        if let Ok(seconds) = text.parse() {
            return Timestamp::of_seconds(seconds);
        }
        text.parse().ok().map(Timestamp)
    }

    /// Whole seconds, or seconds with a fraction.
    pub(crate) fn seconds(self) -> Result<i64, f64> {
        match self.0.as_millisecond() {
            millis if millis % 1000 == 0 => Ok(millis / 1000),
            millis => Err(millis as f64 / 1000.0),
        }
    }

    /// `2026-02-12T14:30:00.000Z`, as the query protocol has it.
    pub fn iso(self) -> String {
        format!("{:.3}", self.0)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(time: jiff::Timestamp) -> Timestamp {
        Timestamp(time)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.seconds() {
            Ok(whole) => to.serialize_newtype_struct(TIMESTAMP, &whole),
            Err(fraction) => to.serialize_newtype_struct(TIMESTAMP, &fraction),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        from.deserialize_newtype_struct(TIMESTAMP, TimeVisitor)
    }
}

struct TimeVisitor;

impl<'de> Visitor<'de> for TimeVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a timestamp")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Timestamp, D::Error> {
        from.deserialize_any(TimeVisitor)
    }

    fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Timestamp, E> {
        jiff::Timestamp::from_second(seconds).map(Timestamp).map_err(|_| E::custom("the timestamp is out of range"))
    }

    fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Timestamp, E> {
        self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<Timestamp, E> {
        Timestamp::of_seconds(seconds).ok_or_else(|| E::custom("the timestamp is out of range"))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
        Timestamp::of_text(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

impl Blob {
    /// As base64.
    pub fn base64(&self) -> String {
        base64(&self.0)
    }

    /// Of base64, padded or not.
    pub(crate) fn of_base64(text: &str) -> Option<Blob> {
        let text = text.trim_end_matches('=');
        STANDARD_NO_PAD.decode(text).ok().map(Blob)
    }
}

/// Bytes as base64.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_newtype_struct(BLOB, &base64(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Blob, D::Error> {
        from.deserialize_newtype_struct(BLOB, BlobVisitor)
    }
}

struct BlobVisitor;

impl<'de> Visitor<'de> for BlobVisitor {
    type Value = Blob;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("bytes as base64")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Blob, D::Error> {
        from.deserialize_str(BlobVisitor)
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Blob, E> {
        Ok(Blob(bytes.to_vec()))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Blob, E> {
        // The text may be megabytes long: it is not repeated in the error.
        Blob::of_base64(text).ok_or_else(|| E::custom("a blob is no base64"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_serializers_see_the_json_form() {
        let time = Timestamp::of_text("2026-02-12T14:30:00.25Z").unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), "1770906600.25");
        assert_eq!(serde_json::from_str::<Timestamp>("1770906600.25").unwrap(), time);
        assert_eq!(serde_json::to_string(&Timestamp::of_text("1770906600").unwrap()).unwrap(), "1770906600");
        let blob = Blob(vec![0, 255]);
        assert_eq!(serde_json::to_string(&blob).unwrap(), r#""AP8=""#);
        assert_eq!(serde_json::from_str::<Blob>(r#""AP8""#).unwrap(), blob);
    }

    #[test]
    fn moments_beyond_all_calendars_are_refused() {
        for text in ["1e300", "-1e300", "NaN", "inf", "9223372036854775807", "2026-02-30T00:00:00Z", ""] {
            assert_eq!(Timestamp::of_text(text), None, "{text}");
        }
        assert!(serde_json::from_str::<Timestamp>("18446744073709551615").is_err());
    }
}
