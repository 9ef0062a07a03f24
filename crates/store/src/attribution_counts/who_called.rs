//! Who made the calls of one series in some stretch of time: the heaviest values of each attribute, and how they are packed.

use detect::attribution::{ValueCounts, Values};
use record::insight::Attribute;

use super::{KEPT, MOST_IN_MEMORY};
use crate::coding::{Packed, put_number, put_text};
use crate::error::Cause;

/// Bytes of a value that are kept.
const LONGEST: usize = 512;

/// The heaviest values of one attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heaviest {
    /// In the order of their text, so that two of these are put together in one walk.
    values: Vec<(Box<str>, u64)>,
    /// Calls that have no such value.
    pub without: u64,
    /// Calls with values that were given up.
    pub other: u64,
    /// A value had at most so many calls more than are told of it.
    pub missed: u64,
}

impl Heaviest {
    fn add(&mut self, value: Option<&str>, calls: u64) {
        let Some(value) = value.map(shortened) else {
            self.without += calls;
            return;
        };
        match self.values.binary_search_by(|pair| (*pair.0).cmp(value)) {
            Ok(at) => self.values[at].1 += calls,
            Err(at) => self.values.insert(at, (value.into(), calls)),
        }
    }

    /// Adds values in the order of their text, each once.
    pub(super) fn add_all<'v>(&mut self, more: impl ExactSizeIterator<Item = (&'v str, u64)>) {
        let mut mine = std::mem::take(&mut self.values).into_iter().peekable();
        let mut all = Vec::with_capacity(mine.len() + more.len());
        for (value, calls) in more {
            while let Some(before) = mine.next_if(|pair| &*pair.0 < value) {
                all.push(before);
            }
            match mine.next_if(|pair| &*pair.0 == value) {
                Some((same, known)) => all.push((same, known + calls)),
                None => all.push((value.into(), calls)),
            }
        }
        all.extend(mine);
        self.values = all;
    }

    /// Gives up all but the heaviest; among equals, those that come first by their text are kept.
    fn keep(&mut self, most: usize) {
        let (missed, other) = keep_heaviest(&mut self.values, most);
        self.missed += missed;
        self.other += other;
    }

    /// The values and their calls, heaviest first.
    pub fn values(&self) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> = self.by_text().collect();
        all.sort_unstable_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        all
    }

    fn by_text(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.values.iter().map(|(value, calls)| (&**value, *calls))
    }
}

/// Leaves the heaviest of values that are in the order of their text. Says what the heaviest that was given up had, and all of them.
pub(super) fn keep_heaviest<T: Ord>(values: &mut Vec<(T, u64)>, most: usize) -> (u64, u64) {
    if values.len() <= most {
        return (0, 0);
    }
    values.sort_unstable_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let (missed, other) = (values[most].1, values[most..].iter().map(|pair| pair.1).sum());
    values.truncate(most);
    values.sort_unstable();
    (missed, other)
}

/// without, other, missed, how many values, and each of them in the order of its text.
pub(super) fn put_attribute<T: AsRef<str>>(out: &mut Vec<u8>, sums: [u64; 3], values: &[(T, u64)]) {
    sums.into_iter().chain([values.len() as u64]).for_each(|number| put_number(out, number));
    for (value, calls) in values {
        put_text(out, value.as_ref());
        put_number(out, *calls);
    }
}

pub(super) fn shortened(value: &str) -> &str {
    &value[..value.floor_char_boundary(LONGEST)]
}

/// Who made the calls of one series, in some stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCalled {
    /// Calls in all.
    pub calls: u64,
    pub(super) attributes: [Heaviest; Attribute::ALL.len()],
}

impl WhoCalled {
    /// Counts so many calls with these values. Memory stays within its limit whatever they are.
    pub fn add(&mut self, values: &Values<'_>, calls: u64) {
        self.calls += calls;
        for (heaviest, value) in self.attributes.iter_mut().zip(values) {
            heaviest.add(*value, calls);
            if heaviest.values.len() > MOST_IN_MEMORY {
                heaviest.keep(KEPT);
            }
        }
    }

    /// What is known of one attribute.
    pub fn of(&self, attribute: Attribute) -> &Heaviest {
        &self.attributes[attribute as usize]
    }

    /// Adds what another stretch has; gives nothing up.
    pub fn merge(&mut self, other: &WhoCalled) {
        self.calls += other.calls;
        for (mine, theirs) in self.attributes.iter_mut().zip(&other.attributes) {
            mine.without += theirs.without;
            mine.other += theirs.other;
            mine.missed += theirs.missed;
            mine.add_all(theirs.by_text());
        }
    }

    pub(super) fn keep(&mut self, most: usize) {
        self.attributes.iter_mut().for_each(|heaviest| heaviest.keep(most));
    }

    pub(super) fn entries(&self) -> usize {
        self.attributes.iter().map(|heaviest| heaviest.values.len()).sum()
    }

    /// calls, then what each attribute is packed as.
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_number(&mut out, self.calls);
        for Heaviest { values, without, other, missed } in &self.attributes {
            put_attribute(&mut out, [*without, *other, *missed], values);
        }
        out
    }

    pub(super) fn unpack(blob: &[u8]) -> Result<WhoCalled, Cause> {
        let mut packed = Packed(blob);
        let mut who = WhoCalled { calls: packed.number()?, ..WhoCalled::default() };
        for heaviest in &mut who.attributes {
            heaviest.without = packed.number()?;
            heaviest.other = packed.number()?;
            heaviest.missed = packed.number()?;
            for _ in 0..packed.number()? {
                let (value, calls) = (packed.text()?, packed.number()?);
                if heaviest.values.last().is_some_and(|before| &*before.0 >= value) {
                    return Err(Cause::Damaged("attributions that are out of order"));
                }
                heaviest.values.push((value.into(), calls));
            }
        }
        if packed.is_empty() { Ok(who) } else { Err(Cause::Damaged("more than attributions")) }
    }
}

/// For [`detect::attribution::Contributions`]: values that were given up are among its *Other*.
impl From<&WhoCalled> for ValueCounts {
    fn from(who: &WhoCalled) -> ValueCounts {
        let mut counts = ValueCounts::default();
        counts.add_calls(who.calls);
        for (attribute, heaviest) in Attribute::ALL.into_iter().zip(&who.attributes) {
            counts.add_value(attribute, None, heaviest.without);
            for (value, calls) in heaviest.by_text() {
                counts.add_value(attribute, Some(value), calls);
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_and_damage_is_told(calls in proptest::collection::vec((0..60u32, 1..9u64), 0..200), cut: usize, change: u8) {
            let mut who = WhoCalled::default();
            for (number, calls) in calls {
                let (caller, agent) = (format!("é{number}"), format!("{}", number % 7));
                who.add(&[Some(&caller), None, Some(&agent), None, None, None, None, None], calls);
            }
            let mut blob = who.pack();
            prop_assert_eq!(WhoCalled::unpack(&blob).unwrap(), who);
            let at = cut % blob.len();
            prop_assert!(WhoCalled::unpack(&blob[..at]).is_err());
            blob[at] ^= change;
            let _ = WhoCalled::unpack(&blob);
        }
    }
}
