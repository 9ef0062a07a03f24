//! `eventID` as 128 bits: what duplicates are known by.
//!
//! AWS writes a UUID, whose bits are the id. Any other text, and a record without an id, is given a hash that no UUID can be
//! confused with: it is marked as a UUID of version 15, which nobody issues; a text that looks like one is hashed like any other.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What duplicates of a record are known by, within an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub u128);

/// Version 15 and variant 7 of a UUID: where they stand in the 128 bits.
const MARK: u128 = 0x0000_0000_0000_f000_e000_0000_0000_0000;

impl EventId {
    /// The id with this text.
    #[inline]
    pub fn of_text(text: &str) -> EventId {
        match uuid(text.as_bytes()) {
            Some(bits) if bits & MARK != MARK => EventId(bits),
            _ => EventId::hashed(b"eventID", text.as_bytes()),
        }
    }

    /// The id of a record that has none (eventVersion 1.0): byte-identical copies share it.
    pub fn of_record(raw: &[u8]) -> EventId {
        EventId::hashed(b"record", raw)
    }

    /// Whether it is a hash, and no UUID.
    pub fn is_hashed(self) -> bool {
        self.0 & MARK == MARK
    }

    #[cold]
    fn hashed(kind: &[u8], bytes: &[u8]) -> EventId {
        let hash = Sha256::new().chain_update(kind).chain_update([0]).chain_update(bytes).finalize();
        let bits = u128::from_be_bytes(*hash.first_chunk().expect("SHA-256 has 32 bytes"));
        EventId(bits | MARK)
    }
}

/// The UUID; of a hashed one, what stands in its place.
impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            bits >> 80 & 0xffff,
            bits >> 64 & 0xffff,
            bits >> 48 & 0xffff,
            bits & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

/// The bits of `6b54e0ad-c23c-4850-b896-7533a3558526`.
#[inline]
fn uuid(text: &[u8]) -> Option<u128> {
    let text: &[u8; 36] = text.try_into().ok()?;
    if [text[8], text[13], text[18], text[23]] != [b'-'; 4] {
        return None;
    }
    let four = |at: usize| u64::from(u32::from_le_bytes([text[at], text[at + 1], text[at + 2], text[at + 3]]));
    let a = hex(four(0) | four(4) << 32);
    let b = hex(four(9) | four(14) << 32);
    let c = hex(four(19) | four(24) << 32);
    let d = hex(four(28) | four(32) << 32);
    // Each has its 32 bits below and, above, something other than zero if a byte is no digit.
    if (a | b | c | d) >> 32 != 0 {
        return None;
    }
    Some(u128::from(a) << 96 | u128::from(b) << 64 | u128::from(c) << 32 | u128::from(d))
}

/// Eight hexadecimal digits, the first in the lowest byte, as 32 bits; above them something else than zero if one is no digit.
#[inline]
fn hex(digits: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // A byte below 0x80 is at least `n` where adding 0x80 - n reaches its highest bit.
    let at_least = |bytes: u64, n: u8| (bytes + ONES * u64::from(0x80 - n)) & HIGH;
    let low = digits & !HIGH;
    let lower = low | (ONES * 0x20);
    let is_digit = at_least(low, b'0') & !at_least(low, b'9' + 1);
    // `A` to `F` and `a` to `f`; setting the bit makes nothing else one of them but what is 0x20 below: those.
    let is_letter = at_least(lower, b'a') & !at_least(lower, b'f' + 1) & at_least(low, b'A');
    let bad = !(is_digit | is_letter) & HIGH | digits & HIGH;
    let values = (low & (ONES * 0x0f)) + (is_letter >> 7) * 9;
    // Pairs of digits to bytes, then bytes to one number, the first digit highest.
    let pairs = (values << 4 | values >> 8) & 0x00ff_00ff_00ff_00ff;
    let quads = (pairs << 8 | pairs >> 16) & 0x0000_ffff_0000_ffff;
    let number = (quads << 16 | quads >> 32) & 0xffff_ffff;
    if bad == 0 { number } else { u64::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_uuid_is_its_bits() {
        let id = EventId::of_text("6b54e0ad-c23c-4850-b896-7533a3558526");
        assert_eq!(id.0, 0x6b54e0ad_c23c_4850_b896_7533a3558526);
        assert_eq!(id, EventId::of_text("6B54E0AD-C23C-4850-B896-7533A3558526"));
        assert!(!id.is_hashed());
    }

    #[test]
    fn another_text_is_never_taken_for_a_uuid() {
        let odd = EventId::of_text("KEEP-0001-5678-abcd-EXAMPLE00001");
        assert!(odd.is_hashed());
        // The text that prints like a hash is not that hash.
        assert_ne!(EventId::of_text(&odd.to_string()), odd);
        assert_ne!(EventId::of_text(""), EventId::of_record(b""));
        for text in ["6b54e0ad-c23c-4850-b896-7533a355852g", "6b54e0ad+c23c-4850-b896-7533a3558526", "é"] {
            assert!(EventId::of_text(text).is_hashed(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn bits_are_printed_and_read_back(bits: u128) {
            prop_assume!(bits & MARK != MARK);
            prop_assert_eq!(EventId::of_text(&EventId(bits).to_string()), EventId(bits));
        }

        #[test]
        fn only_hexadecimal_digits_are_digits(byte: u8, at in 0..8usize) {
            let mut digits = *b"0123abEF";
            digits[at] = byte;
            let expected = std::str::from_utf8(&digits).ok().and_then(|text| {
                text.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u64::from_str_radix(text, 16).unwrap())
            });
            let read = hex(u64::from_le_bytes(digits));
            prop_assert_eq!((read >> 32 == 0).then_some(read), expected);
        }
    }
}
