//! Ids that no two things ever share: `AROA…` of a role, `ANPA…` of a policy, `ASIA…` of temporary credentials.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>

use crate::world::Dice;

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A prefix and as many letters and digits as the dice give, 25 at most.
pub fn unique_id(dice: &dyn Dice, prefix: &str, count: usize) -> String {
    let bits = dice.bits();
    id_of(prefix, (0..count.min(25)).map(|place| (bits >> (place * 5)) as u8))
}

/// A prefix, and the letter or digit of each number: of its lowest five bits.
pub(crate) fn id_of(prefix: &str, numbers: impl IntoIterator<Item = u8>) -> String {
    let letters = numbers.into_iter().map(|number| char::from(LETTERS[usize::from(number & 31)]));
    prefix.chars().chain(letters).collect()
}
