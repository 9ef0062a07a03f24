//! A path, and for every value that patterns ask for there, who asks for it.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::ordered::Prefixes;
use super::row::{Row, words_for};
use super::wildcards::Wildcards;
use crate::pattern::{Address, Field, Folded, Leaf, Network, Predicate, Range, fold, is_written_as, nearest};

/// Who asks for a value: the alternatives that want it, and those that want anything but it.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    wanted: Row,
    excepted: Row,
}

impl Target {
    pub(super) fn merge(&mut self, other: &Target) {
        self.wanted.merge(&other.wanted);
        self.excepted.merge(&other.excepted);
    }

    pub(super) fn set(&mut self, number: usize, is_exception: bool) {
        if is_exception { self.excepted.set(number) } else { self.wanted.set(number) }
    }
}

/// One path.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// The alternatives that do not name the path.
    pub(super) indifferent: Vec<u64>,
    /// Those, and the alternatives that let nothing be there.
    pub(super) fits_nothing: Vec<u64>,
    /// The alternatives that any value hits.
    exists: Row,
    /// The alternatives that want anything but some values.
    anything_but: Row,
    texts: FxHashMap<Box<[u8]>, Target>,
    /// Which lengths of texts there are, modulo 64: most texts of events need no look-up.
    text_lengths: u64,
    literals: FxHashMap<Box<[u8]>, Target>,
    numbers: FxHashMap<u64, Target>,
    ranges: Vec<(Range, Target)>,
    addresses: FxHashMap<Address, Target>,
    networks: Vec<(Network, Target)>,
    prefixes: Prefixes,
    /// Reversed.
    suffixes: Prefixes,
    /// By their folded forms. Several may fold alike.
    folded_texts: FxHashMap<Box<[u8]>, Vec<(Folded, Target)>>,
    /// In lower case, of ASCII only.
    lower_prefixes: Prefixes,
    /// In lower case and reversed, of ASCII only.
    lower_suffixes: Prefixes,
    /// Those that are not of ASCII only.
    folded_prefixes: Vec<(Folded, Target)>,
    folded_suffixes: Vec<(Folded, Target)>,
    wildcards: Wildcards,
    /// Fields with several lists of exceptions, of which one is enough: asked one by one.
    odd_fields: Vec<(Arc<Field>, usize)>,
    asks: Asks,
}

/// What a column must look at, so that it looks at nothing else.
#[derive(Clone, Copy, Debug, Default)]
struct Asks {
    number: bool,
    address: bool,
    folded: bool,
    ends: bool,
    folded_ends: bool,
}

/// Room for what is made of a value on the way.
#[derive(Debug, Default)]
pub(super) struct Room {
    text: Vec<u8>,
    excepted: Vec<u64>,
    /// The wildcards that the value was held against.
    tried: Vec<u64>,
}

impl Column {
    /// A path that none of so many alternatives names.
    pub(super) fn new(alternative_count: usize) -> Column {
        let mut all = vec![u64::MAX; words_for(alternative_count)];
        if !alternative_count.is_multiple_of(64) {
            all[alternative_count / 64] = (1 << (alternative_count % 64)) - 1;
        }
        Column { indifferent: all.clone(), fits_nothing: all, ..Column::default() }
    }

    /// Adds what an alternative asks for here.
    pub(super) fn add(&mut self, number: usize, field: &Arc<Field>) {
        let bit = 1 << (number % 64);
        self.indifferent[number / 64] &= !bit;
        if !field.may_be_absent() {
            self.fits_nothing[number / 64] &= !bit;
        }
        let is_exception = |predicate: &&Predicate| matches!(predicate, Predicate::AnythingBut(_));
        if field.predicates.iter().filter(is_exception).count() > 1 {
            self.odd_fields.push((Arc::clone(field), number));
            return;
        }
        for predicate in &field.predicates {
            match predicate {
                Predicate::AnythingBut(anything_but) => {
                    self.anything_but.set(number);
                    for exception in &anything_but.exceptions {
                        self.add_value(exception, number, true);
                    }
                }
                _ => self.add_value(predicate, number, false),
            }
        }
    }

    fn add_value(&mut self, predicate: &Predicate, number: usize, is_exception: bool) {
        let target = match predicate {
            Predicate::Exists => return self.exists.set(number),
            Predicate::Absent | Predicate::AnythingBut(_) => return,
            Predicate::Text(text) => {
                self.text_lengths |= 1 << (text.len() % 64);
                self.texts.entry(text.clone()).or_default()
            }
            Predicate::Literal(literal) => self.literals.entry(literal.clone()).or_default(),
            // 0 is the only number with two forms, and `comparable` gives one of them.
            Predicate::Number(number) => self.numbers.entry(number.to_bits()).or_default(),
            Predicate::Range(range) => {
                self.ranges.push((*range, Target::default()));
                &mut self.ranges.last_mut().expect("just pushed").1
            }
            Predicate::Address(address) => self.addresses.entry(*address).or_default(),
            Predicate::Network(network) => {
                self.networks.push((*network, Target::default()));
                &mut self.networks.last_mut().expect("just pushed").1
            }
            Predicate::Prefix(prefix) => self.prefixes.target(prefix),
            Predicate::Suffix(suffix) => {
                let reversed: Vec<u8> = suffix.iter().rev().copied().collect();
                self.suffixes.target(&reversed)
            }
            Predicate::FoldedText(text) => {
                let alike = self.folded_texts.entry(text.folded.clone()).or_default();
                alike.push((text.clone(), Target::default()));
                &mut alike.last_mut().expect("just pushed").1
            }
            Predicate::FoldedPrefix(prefix) if prefix.is_ascii => self.lower_prefixes.target(&prefix.folded),
            Predicate::FoldedSuffix(suffix) if suffix.is_ascii => {
                let reversed: Vec<u8> = suffix.folded.iter().rev().copied().collect();
                self.lower_suffixes.target(&reversed)
            }
            Predicate::FoldedPrefix(prefix) => {
                self.folded_prefixes.push((prefix.clone(), Target::default()));
                &mut self.folded_prefixes.last_mut().expect("just pushed").1
            }
            Predicate::FoldedSuffix(suffix) => {
                self.folded_suffixes.push((suffix.clone(), Target::default()));
                &mut self.folded_suffixes.last_mut().expect("just pushed").1
            }
            Predicate::Wildcard(wildcard) => self.wildcards.target(wildcard),
        };
        target.set(number, is_exception);
    }

    /// To be called when all is added.
    pub(super) fn finish(&mut self) {
        for prefixes in [&mut self.prefixes, &mut self.suffixes, &mut self.lower_prefixes, &mut self.lower_suffixes] {
            prefixes.finish();
        }
        self.wildcards.finish();
        self.asks = Asks {
            number: !self.numbers.is_empty() || !self.ranges.is_empty(),
            address: !self.addresses.is_empty() || !self.networks.is_empty(),
            folded: !self.folded_texts.is_empty(),
            ends: !self.prefixes.is_empty() || !self.suffixes.is_empty(),
            folded_ends: !self.lower_prefixes.is_empty()
                || !self.lower_suffixes.is_empty()
                || !self.folded_prefixes.is_empty()
                || !self.folded_suffixes.is_empty(),
        };
    }

    /// Sets in a row of bits the alternatives that a value hits.
    pub(super) fn see(&self, leaf: Leaf<'_>, row: &mut [u64], room: &mut Room) {
        self.exists.set_in(row);
        let has_exceptions = !self.anything_but.is_empty();
        if has_exceptions {
            room.excepted.clear();
            room.excepted.resize(row.len(), 0);
        }
        let Room { text: made, excepted, tried } = room;
        let mut hit = |target: &Target| {
            target.wanted.set_in(row);
            if has_exceptions {
                target.excepted.set_in(excepted);
            }
        };
        match leaf {
            Leaf::Text(text) => self.see_text(text, made, tried, &mut hit),
            Leaf::Literal(literal) => self.see_literal(literal, &mut hit),
        }
        if has_exceptions {
            self.anything_but.set_in_without(excepted, row);
        }
        for (field, number) in &self.odd_fields {
            if field.hits(&leaf) {
                row[number / 64] |= 1 << (number % 64);
            }
        }
    }

    fn see_text(&self, text: &[u8], made: &mut Vec<u8>, tried: &mut Vec<u64>, hit: &mut impl FnMut(&Target)) {
        if self.text_lengths >> (text.len() % 64) & 1 == 1
            && let Some(target) = self.texts.get(text)
        {
            hit(target);
        }
        if self.asks.address
            && let Some(address) = Address::parse(text)
        {
            self.addresses.get(&address).into_iter().for_each(&mut *hit);
            self.networks.iter().filter(|(network, _)| network.contains(address)).for_each(|(_, target)| hit(target));
        }
        if self.asks.folded {
            made.clear();
            fold(text, made);
            let alike = self.folded_texts.get(made.as_slice()).into_iter().flatten();
            alike.filter(|(wanted, _)| wanted.equals(text)).for_each(|(_, target)| hit(target));
        }
        if self.asks.ends {
            self.prefixes.find(text).into_iter().for_each(&mut *hit);
            if !self.suffixes.is_empty() {
                made.clear();
                made.extend(text.iter().rev());
                self.suffixes.find(made).into_iter().for_each(&mut *hit);
            }
        }
        if self.asks.folded_ends {
            made.clear();
            made.extend(text.iter().map(u8::to_ascii_lowercase));
            self.lower_prefixes.find(made).into_iter().for_each(&mut *hit);
            made.reverse();
            self.lower_suffixes.find(made).into_iter().for_each(&mut *hit);
            self.folded_prefixes.iter().filter(|(p, _)| p.is_prefix_of(text)).for_each(|(_, target)| hit(target));
            self.folded_suffixes.iter().filter(|(s, _)| s.is_suffix_of(text)).for_each(|(_, target)| hit(target));
        }
        self.wildcards.find(text, tried, hit);
    }

    fn see_literal(&self, literal: &[u8], hit: &mut impl FnMut(&Target)) {
        if !self.literals.is_empty()
            && let Some(target) = self.literals.get(literal)
        {
            hit(target);
        }
        if self.asks.number
            && let Some(number) = nearest(literal)
        {
            // Whether it can be compared at all is asked last, for it is asked seldom then.
            let mut is_comparable = None;
            let equal = self.numbers.get(&number.to_bits()).into_iter();
            let around = self.ranges.iter().filter(|(range, _)| range.contains(number)).map(|(_, target)| target);
            for target in equal.chain(around) {
                if *is_comparable.get_or_insert_with(|| is_written_as(number, literal)) {
                    hit(target);
                }
            }
        }
    }
}
