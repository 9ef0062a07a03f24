//! Ids that no two things ever share: `AROA…` of a role, `ANPA…` of a policy, `ASIA…` of temporary credentials.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>

use crate::world::Dice;

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A prefix and as many letters and digits as the dice give, 25 at most.
pub(crate) fn unique_id(dice: &dyn Dice, prefix: &str, count: usize) -> String {
    let mut bits = dice.bits();
    let mut id = prefix.to_owned();
    for _ in 0..count.min(25) {
        id.push(LETTERS[(bits & 31) as usize].into());
        bits >>= 5;
    }
    id
}
