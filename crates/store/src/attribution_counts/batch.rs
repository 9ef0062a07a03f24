//! The attributions of a batch, on their way into the store.
//!
//! Most stretches of a batch are new: what they are packed as is made at once and put where nothing is. Only where something is,
//! that is read, and both are put together.

use detect::attribution::Values;
use detect::tally::{SeriesId, Tally};
use record::insight::Attribute;
use record::texts::{AgainEach, NO_TEXT, Texts, ValueNumbers};
use record::time::Minute;

use super::{ADD, BY_FIVE_MINUTES, FINE, KEPT, WhoCalled, keep_heaviest, put_attribute, shortened};
use crate::coding::put_number;
use crate::error::Cause;
use crate::series::slot;
use crate::{StoreError, Writer};

/// Who made the calls of a batch, by the series of the batch's [`Tally`]. Every text is there once.
#[derive(Debug, Default)]
pub struct AttributionBatch {
    texts: Texts,
    before: AgainEach<{ Attribute::ALL.len() }>,
    calls: Vec<Calls>,
}

/// Some calls of one series, with the same values.
#[derive(Debug)]
struct Calls {
    series: SeriesId,
    stretch: i32,
    count: u64,
    values: ValueNumbers,
}

impl AttributionBatch {
    /// Nothing so far.
    pub fn new() -> AttributionBatch {
        AttributionBatch::default()
    }

    /// Counts so many calls of a series. Failed calls are counted twice: of their API, and of its series of this error.
    pub fn add(&mut self, series: SeriesId, minute: Minute, values: &Values<'_>, calls: u64) {
        let values = self.numbers(values);
        self.add_numbered(series, minute, values, calls);
    }

    /// The numbers of these values, of which calls may be counted later.
    pub fn numbers(&mut self, values: &Values<'_>) -> ValueNumbers {
        self.before.numbers(*values, &mut self.texts)
    }

    /// The same as [`add`](AttributionBatch::add), of values that have [numbers](AttributionBatch::numbers).
    pub fn add_numbered(&mut self, series: SeriesId, minute: Minute, values: ValueNumbers, calls: u64) {
        self.calls.push(Calls { series, stretch: minute.0.div_euclid(FINE), count: calls, values });
    }

    /// Forgets everything, and keeps the room for the next one.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.before.clear();
        self.calls.clear();
    }

    /// Hands over each series and stretch, in their order, with what was counted there.
    fn each_stretch(&self, mut each: impl FnMut(SeriesId, i32, &[&Calls]) -> Result<(), Cause>) -> Result<(), Cause> {
        let mut calls: Vec<&Calls> = self.calls.iter().collect();
        calls.sort_unstable_by_key(|calls| (calls.series, calls.stretch));
        for calls in calls.chunk_by(|a, b| (a.series, a.stretch) == (b.series, b.stretch)) {
            each(calls[0].series, calls[0].stretch, calls)?;
        }
        Ok(())
    }

    /// The values of an attribute in these calls, each once and in the order of its text: `room.texts`. Says how many calls have none.
    fn values<'b>(&'b self, attribute: usize, calls: &[&Calls], room: &mut Room<'b>) -> u64 {
        let Room { numbers, texts, .. } = room;
        numbers.clear();
        numbers.extend(calls.iter().map(|calls| (calls.values[attribute], calls.count)));
        sum_up(numbers);
        let without = numbers.pop_if(|last| last.0 == NO_TEXT).map_or(0, |none| none.1);
        texts.clear();
        texts.extend(numbers.iter().map(|(number, calls)| (shortened(self.texts.text(*number)), *calls)));
        sum_up(texts);
        without
    }

    /// Adds these calls to what is known of their stretch.
    fn add_to<'b>(&'b self, who: &mut WhoCalled, calls: &[&Calls], room: &mut Room<'b>) {
        who.calls += all_of(calls);
        for (at, heaviest) in who.attributes.iter_mut().enumerate() {
            heaviest.without += self.values(at, calls, room);
            heaviest.add_all(room.texts.iter().copied());
        }
    }

    /// What these calls are packed as where nothing is known of their stretch: `room.packed`. Says how many values that has.
    fn pack<'b>(&'b self, calls: &[&Calls], room: &mut Room<'b>) -> usize {
        room.packed.clear();
        put_number(&mut room.packed, all_of(calls));
        let mut entries = 0;
        for attribute in 0..Attribute::ALL.len() {
            let without = self.values(attribute, calls, room);
            let (missed, other) = keep_heaviest(&mut room.texts, KEPT);
            put_attribute(&mut room.packed, [without, other, missed], &room.texts);
            entries += room.texts.len();
        }
        entries
    }
}

/// What is made of one stretch after the other, each in the room of the last.
#[derive(Default)]
struct Room<'b> {
    numbers: Vec<(u32, u64)>,
    texts: Vec<(&'b str, u64)>,
    packed: Vec<u8>,
}

fn all_of(calls: &[&Calls]) -> u64 {
    calls.iter().map(|calls| calls.count).sum()
}

/// Sorts, and makes one of those with the same key.
fn sum_up<K: Ord + Copy>(counts: &mut Vec<(K, u64)>) {
    counts.sort_unstable_by_key(|pair| pair.0);
    counts.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        kept.1 += if is_same { next.1 } else { 0 };
        is_same
    });
}

impl Writer<'_> {
    /// Adds a batch; its counts must have been added before, for series without counts are not known.
    pub fn add_attributions(&self, tally: &Tally, batch: &AttributionBatch) -> Result<(), StoreError> {
        let work = || {
            let mut last: Option<(SeriesId, u32)> = None;
            let mut room = Room::default();
            batch.each_stretch(|series, stretch, calls| {
                let number = match last {
                    Some((same, number)) if same == series => number,
                    _ => {
                        let subject = &tally.counted(series).subject;
                        self.find_series(subject)?.ok_or(Cause::NotThere)?.number
                    }
                };
                last = Some((series, number));
                let slot = slot(stretch, number);
                let entries = batch.pack(calls, &mut room);
                let row = (slot, entries as i64, all_of(calls) as i64, &*room.packed);
                if self.execute(ADD, row)? == 0 {
                    self.change_who(&BY_FIVE_MINUTES, slot, |who| batch.add_to(who, calls, &mut room))?;
                }
                Ok(())
            })
        };
        self.doing(|| "add the attributions of a batch (were its counts added?)".into(), work)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is packed at once is what it would be if an empty one had been read, added to and packed.
        #[test]
        fn a_new_stretch_is_packed_as_one_that_was_empty(calls in proptest::collection::vec((0..90u32, 1..9u64), 1..300)) {
            let mut batch = AttributionBatch::new();
            for (number, count) in calls {
                // Values that are the same once they are shortened are one.
                let caller = format!("{}{number}", "é".repeat(if number % 9 == 0 { 300 } else { 3 }));
                let agent = (number % 4 > 0).then(|| format!("{}", number % 7));
                let values = [Some(&*caller), None, agent.as_deref(), None, None, None, None, None];
                batch.add(SeriesId(0), Minute(0), &values, count);
            }
            let compared = batch.each_stretch(|_, _, calls| {
                let (mut room, mut who) = (Room::default(), WhoCalled::default());
                batch.add_to(&mut who, calls, &mut room);
                who.keep(KEPT);
                let entries = batch.pack(calls, &mut room);
                assert_eq!((entries, &room.packed), (who.entries(), &who.pack()));
                Ok(())
            });
            prop_assert!(compared.is_ok());
        }
    }
}
