//! The search for events with very many ways.
//!
//! Two things keep its work near the event's size: what was chosen in arrays that no later field lies in is forgotten, and what
//! is left with a field was a dead end once, is one for good; and the values of a field are kept by the elements they lie in,
//! so that those that do not go with the chosen ones are mostly not even looked at.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::IndexedField;
use super::super::flatten::{ElementId, Flattened};
use super::Chosen;

/// Values tried for one event, over all patterns. An event that takes more repeats keys over long arrays, which nobody but
/// an attacker writes; for it, a pattern matches whose fields all hit, be it in different elements: better told than missed.
const STEP_LIMIT: usize = 1 << 20;

#[derive(Debug)]
struct Value {
    elements: Chosen,
    is_hit: bool,
}

/// A field's values.
#[derive(Debug, Default)]
struct Values {
    values: Vec<Value>,
    may_be_absent: bool,
    /// How many lie in an array.
    in_array: FxHashMap<u32, usize>,
    /// Which lie in an element.
    in_element: FxHashMap<ElementId, Vec<u32>>,
    /// The arrays that this field's values and those of later fields lie in.
    arrays: FxHashSet<u32>,
}

pub(super) struct Thorough<'s> {
    fields: Vec<Values>,
    /// A field's place and what was chosen before it.
    dead_ends: FxHashSet<(usize, Chosen)>,
    steps: &'s mut usize,
}

impl<'s> Thorough<'s> {
    /// Whether the fields can hit with values that go together. `steps`: the work that the event was so far.
    pub(super) fn goes_together(
        alternative: usize,
        fields: &[IndexedField],
        flattened: &Flattened,
        steps: &mut usize,
    ) -> bool {
        // It would be told as a match without a look.
        *steps > STEP_LIMIT || Thorough::new(alternative, fields, flattened, steps).goes_on(0, &Vec::new())
    }

    fn new(alternative: usize, fields: &[IndexedField], flattened: &Flattened, steps: &'s mut usize) -> Thorough<'s> {
        let mut fields: Vec<Values> = fields.iter().map(|field| Values::new(alternative, field, flattened)).collect();
        // What no field behind lies in need not be remembered.
        let mut later = FxHashSet::default();
        for field in fields.iter_mut().rev() {
            later.extend(field.in_array.keys().copied());
            field.arrays.clone_from(&later);
        }
        Thorough { fields, dead_ends: FxHashSet::default(), steps }
    }

    fn goes_on(&mut self, place: usize, chosen: &Chosen) -> bool {
        let Some(field) = self.fields.get(place) else { return true };
        let mut known: Chosen = chosen.iter().filter(|(array, _)| field.arrays.contains(array)).copied().collect();
        known.sort_unstable();
        known.dedup();
        if self.dead_ends.contains(&(place, known.clone())) {
            return false;
        }
        let fitting = field.fitting(&known, self.steps);
        if *self.steps > STEP_LIMIT {
            return true;
        }
        let goes_on = if fitting.is_empty() {
            field.may_be_absent && self.goes_on(place + 1, &known)
        } else {
            let hits: Vec<Chosen> = fitting
                .into_iter()
                .map(|number| &field.values[number as usize])
                .filter(|value| value.is_hit)
                .map(|value| [known.as_slice(), &value.elements].concat())
                .collect();
            hits.iter().any(|chosen| self.goes_on(place + 1, chosen))
        };
        if !goes_on {
            self.dead_ends.insert((place, known));
        }
        goes_on
    }
}

impl Values {
    fn new(alternative: usize, field: &IndexedField, flattened: &Flattened) -> Values {
        let mut values = Values { may_be_absent: field.may_be_absent, ..Values::default() };
        for leaf in flattened.leaves(field.column) {
            let elements: Chosen = flattened.elements_of(leaf).collect();
            let number = values.values.len() as u32;
            for (array, element) in &elements {
                *values.in_array.entry(*array).or_default() += 1;
                values.in_element.entry(*element).or_default().push(number);
            }
            values.values.push(Value { elements, is_hit: flattened.hits(leaf, alternative) });
        }
        values
    }

    /// The values that go with what was chosen.
    fn fitting(&self, chosen: &Chosen, steps: &mut usize) -> Vec<u32> {
        // Where all that is left lies in one array, only the chosen element's need a look. Arrays are numbered from outside
        // to inside, so an outer one comes first.
        let mut left: Option<&[u32]> = None;
        let mut left_count = self.values.len();
        for (array, element) in chosen {
            if left_count > 0 && self.in_array.get(array) == Some(&left_count) {
                let inside = self.in_element.get(element).map_or(&[][..], Vec::as_slice);
                left = Some(inside);
                left_count = inside.len();
            }
        }
        *steps += left_count + 1;
        let goes_with = |number: &u32| {
            let mut elements = self.values[*number as usize].elements.iter();
            elements.all(|(array, element)| match chosen.binary_search_by_key(array, |(array, _)| *array) {
                Ok(at) => chosen[at].1 == *element,
                Err(_) => true,
            })
        };
        match left {
            Some(left) => left.iter().copied().filter(goes_with).collect(),
            None => (0..self.values.len() as u32).filter(goes_with).collect(),
        }
    }
}
