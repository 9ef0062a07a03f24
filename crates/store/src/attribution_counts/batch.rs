//! The attributions of a batch, on their way into the store.
//!
//! Most stretches of a batch are new: what they are packed as is made at once and put where nothing is. Only where something is,
//! that is read, and both are put together.

use std::borrow::Cow;

use detect::attribution::Values;
use detect::tally::SeriesId;
use record::insight::Attribute;
use record::texts::{AgainEach, NO_TEXT, Texts, ValueNumbers};
use record::time::Minute;

use super::who_called::{WhoCalled, keep_heaviest, put_attribute, shortened};
use super::{ADD, BY_FIVE_MINUTES, FINE, KEPT};
use crate::coding::put_number;
use crate::counts::CountedSeries;
use crate::error::Cause;
use crate::series::slot;
use crate::{StoreError, Writer};

/// Who made the calls of a batch, by the series of the batch's [`Tally`]. Every text is there once.
#[derive(Debug, Default)]
pub struct AttributionBatch {
    texts: Texts,
    /// The texts in their order, as far as they were put in order.
    order: Order,
    before: AgainEach<{ Attribute::ALL.len() }>,
    calls: Vec<Calls>,
}

/// Texts by their place among all of a batch, so that only numbers are sorted of each stretch.
#[derive(Clone, Debug, Default)]
struct Order {
    /// Numbers of texts, in the order of the texts.
    numbers: Vec<u32>,
    /// Where each text stands among them.
    places: Vec<u32>,
}

impl Order {
    fn of(texts: &Texts) -> Order {
        let mut order = Order::default();
        order.put(texts);
        order
    }

    fn put(&mut self, texts: &Texts) {
        let Order { numbers, places } = self;
        numbers.clear();
        numbers.extend(0..texts.len() as u32);
        numbers.sort_unstable_by_key(|number| texts.text(*number));
        places.clear();
        places.resize(texts.len(), 0);
        (0..).zip(&*numbers).for_each(|(place, number)| places[*number as usize] = place);
    }
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

    /// Puts the texts in order that have numbers by now, so that whoever adds this to a store need not.
    pub fn put_in_order(&mut self) {
        self.order.put(&self.texts);
    }

    /// Forgets everything, and keeps the room for the next one.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.before.clear();
        self.calls.clear();
    }

    /// Hands over each series and stretch, in their order, with what was counted there.
    fn each_stretch(&self, mut each: impl FnMut(SeriesId, i32, &[&Calls]) -> Result<(), Cause>) -> Result<(), Cause> {
        let mut all = self.by_series();
        for calls in all.chunk_by_mut(|a, b| a.series == b.series) {
            // Files come in the order of their time, so that little is out of order.
            calls.sort_by_key(|calls| calls.stretch);
            for calls in calls.chunk_by(|a, b| a.stretch == b.stretch) {
                each(calls[0].series, calls[0].stretch, calls)?;
            }
        }
        Ok(())
    }

    /// All calls in the order of their series, those of one as they came: the numbers of series are dense, so each is counted.
    fn by_series(&self) -> Vec<&Calls> {
        let Some(first) = self.calls.first() else { return Vec::new() };
        let most = self.calls.iter().map(|calls| calls.series.0 as usize).max().unwrap_or_default();
        let mut places = vec![0; most + 2];
        self.calls.iter().for_each(|calls| places[calls.series.0 as usize + 1] += 1);
        (1..places.len()).for_each(|at| places[at] += places[at - 1]);
        let mut sorted = vec![first; self.calls.len()];
        for calls in &self.calls {
            let place = &mut places[calls.series.0 as usize];
            sorted[*place] = calls;
            *place += 1;
        }
        sorted
    }

    /// The values of an attribute in these calls, each once and in the order of its text: `room.texts`. Says how many calls have none.
    fn values<'b>(&'b self, attribute: usize, calls: &[&Calls], room: &mut Room<'b>) -> u64 {
        let Room { order, places, texts, .. } = room;
        places.clear();
        let place = |number: u32| if number == NO_TEXT { NO_TEXT } else { order.places[number as usize] };
        // Calls that follow each other are often of the same.
        places.extend(
            calls
                .chunk_by(|a, b| a.values[attribute] == b.values[attribute])
                .map(|same| (place(same[0].values[attribute]), all_of(same))),
        );
        places.sort_unstable_by_key(|pair| pair.0);
        sum_up(places);
        let without = places.pop_if(|last| last.0 == NO_TEXT).map_or(0, |none| none.1);
        let text = |place: u32| shortened(self.texts.text(order.numbers[place as usize]));
        texts.clear();
        texts.extend(places.iter().map(|(place, calls)| (text(*place), *calls)));
        // What was shortened may be the same now, and stands beside it.
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
struct Room<'b> {
    order: Cow<'b, Order>,
    places: Vec<(u32, u64)>,
    texts: Vec<(&'b str, u64)>,
    packed: Vec<u8>,
}

impl<'b> Room<'b> {
    fn of(batch: &'b AttributionBatch) -> Room<'b> {
        let is_in_order = batch.order.places.len() == batch.texts.len();
        let order = if is_in_order { Cow::Borrowed(&batch.order) } else { Cow::Owned(Order::of(&batch.texts)) };
        Room { order, places: Vec::new(), texts: Vec::new(), packed: Vec::new() }
    }
}

fn all_of(calls: &[&Calls]) -> u64 {
    calls.iter().map(|calls| calls.count).sum()
}

/// Makes one of those that stand side by side and are the same.
fn sum_up<K: Eq>(counts: &mut Vec<(K, u64)>) {
    counts.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        kept.1 += if is_same { next.1 } else { 0 };
        is_same
    });
}

impl Writer<'_> {
    /// Adds a batch, of series whose counts were added before.
    pub fn add_attributions(&self, counted: &CountedSeries, batch: &AttributionBatch) -> Result<(), StoreError> {
        let work = || {
            let mut room = Room::of(batch);
            batch.each_stretch(|series, stretch, calls| {
                let number = counted.number(series).ok_or(Cause::NotThere)?;
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
        fn a_new_stretch_is_packed_as_one_that_was_empty(calls in proptest::collection::vec((0..90u32, 1..9u64), 1..300), is_in_order: bool) {
            let mut batch = AttributionBatch::new();
            for (number, count) in calls {
                // Values that are the same once they are shortened are one.
                let caller = format!("{}{number}", "é".repeat(if number % 9 == 0 { 300 } else { 3 }));
                let agent = (number % 4 > 0).then(|| format!("{}", number % 7));
                let values = [Some(&*caller), None, agent.as_deref(), None, None, None, None, None];
                batch.add(SeriesId(0), Minute(0), &values, count);
            }
            if is_in_order {
                batch.put_in_order();
            }
            let compared = batch.each_stretch(|_, _, calls| {
                let (mut room, mut who) = (Room::of(&batch), WhoCalled::default());
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
