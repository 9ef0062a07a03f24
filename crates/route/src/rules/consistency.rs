//! Whether an alternative's fields hit with values that go together: of one array, all in one element.
//!
//! Bits cannot tell that; here the fields choose values one after the other, in the order of their paths. A value brings the
//! elements it lies in; a later value that lies in another element of one of these arrays does not go with it. A field that may
//! be absent is, if no value of it goes with what was chosen before.
//!
//! Mostly there are few ways, and all are tried. An event can be made to have very many; where they are too many for that,
//! [`Thorough`] search keeps the work near the event's size.

use super::IndexedField;
use super::flatten::{ElementId, Flattened, FoundLeaf};

mod thorough;

use thorough::Thorough;

/// Values tried for one alternative before the search becomes thorough.
const QUICK_STEPS: usize = 2_000;

/// An array, and the element of it that was chosen.
type Chosen = Vec<(u32, ElementId)>;

/// Room, and how much work one event was so far.
#[derive(Debug, Default)]
pub(super) struct Room {
    chosen: Chosen,
    steps: usize,
}

impl Room {
    /// For another event.
    pub(super) fn begin(&mut self) {
        self.steps = 0;
    }

    /// Whether an alternative's fields can hit with values that go together.
    pub(super) fn goes_together(&mut self, alternative: usize, fields: &[IndexedField], flattened: &Flattened) -> bool {
        self.chosen.clear();
        let mut quick = Quick { alternative, flattened, chosen: &mut self.chosen, steps_left: QUICK_STEPS };
        match quick.goes_on(fields) {
            Some(goes_together) => {
                // Tests hold the two together.
                #[cfg(debug_assertions)]
                assert_eq!(Thorough::goes_together(alternative, fields, flattened, &mut 0), goes_together);
                goes_together
            }
            None => Thorough::goes_together(alternative, fields, flattened, &mut self.steps),
        }
    }
}

/// Tries every way.
struct Quick<'q> {
    alternative: usize,
    flattened: &'q Flattened,
    chosen: &'q mut Chosen,
    steps_left: usize,
}

impl Quick<'_> {
    /// Whether the fields can hit with values that go with those chosen. None: it is too much work.
    fn goes_on(&mut self, fields: &[IndexedField]) -> Option<bool> {
        let Some((field, rest)) = fields.split_first() else { return Some(true) };
        let flattened = self.flattened;
        let depth = self.chosen.len();
        let mut is_absent = true;
        for leaf in flattened.leaves(field.column) {
            self.steps_left = self.steps_left.checked_sub(1)?;
            let is_hit = flattened.hits(leaf, self.alternative);
            // A value that does not hit matters only where there may be none.
            if !is_hit && (!is_absent || !field.may_be_absent) || !self.goes_with(leaf) {
                continue;
            }
            is_absent = false;
            if is_hit {
                self.chosen.extend(flattened.elements_of(leaf));
                let goes_on = self.goes_on(rest);
                self.chosen.truncate(depth);
                if goes_on != Some(false) {
                    return goes_on;
                }
            }
        }
        if is_absent && field.may_be_absent { self.goes_on(rest) } else { Some(false) }
    }

    fn goes_with(&self, leaf: &FoundLeaf) -> bool {
        let mut elements = self.flattened.elements_of(leaf);
        elements.all(|(array, element)| self.chosen.iter().all(|(a, e)| *a != array || *e == element))
    }
}
