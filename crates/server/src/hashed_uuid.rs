//! UUIDs that are made of something: the same of the same, for ever. Version 8, of the first 128 bits of its SHA-256.
//! <https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8>

use record::event_id::EventId;
use sha2::{Digest, Sha256};

pub(crate) fn hashed_uuid(of: &str) -> EventId {
    let hash = Sha256::digest(of);
    let mut bits = [0; 16];
    bits.copy_from_slice(&hash[..16]);
    EventId(u128::from_be_bytes(bits) & !(0xf << 76) & !(0x3 << 62) | 0x8 << 76 | 0x2 << 62)
}
