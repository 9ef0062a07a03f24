//! Many wildcards: one pass over a text tells which of them it is worth holding it against.
//!
//! A wildcard matches only texts that hold its longest literal. All these literals are sought at once
//! ([Aho–Corasick](https://docs.rs/aho-corasick)); only the wildcards whose literal is there are tried, each once.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::column::Target;
use super::row::words_for;
use crate::pattern::Wildcard;

/// Fewer than this are tried one by one.
const WORTH_IT: usize = 4;

/// Wildcards, and who asks for them.
#[derive(Debug, Default)]
pub(super) struct Wildcards {
    wildcards: Vec<(Wildcard, Target)>,
    seeker: Option<Seeker>,
}

#[derive(Debug)]
struct Seeker {
    literals: AhoCorasick,
    /// Which wildcards each literal is the longest of.
    wildcards: Vec<Vec<u32>>,
    /// The wildcards without a literal.
    always: Vec<u32>,
}

impl Wildcards {
    /// The target of another wildcard.
    pub(super) fn target(&mut self, wildcard: &Wildcard) -> &mut Target {
        self.wildcards.push((wildcard.clone(), Target::default()));
        &mut self.wildcards.last_mut().expect("just pushed").1
    }

    /// To be called when all are there.
    pub(super) fn finish(&mut self) {
        if self.wildcards.len() < WORTH_IT {
            return;
        }
        let mut literals: Vec<&[u8]> = Vec::new();
        let (mut wildcards, mut always) = (Vec::<Vec<u32>>::new(), Vec::new());
        for (number, (wildcard, _)) in self.wildcards.iter().enumerate() {
            match wildcard.longest_literal() {
                None => always.push(number as u32),
                Some(literal) => match literals.iter().position(|known| *known == literal) {
                    Some(at) => wildcards[at].push(number as u32),
                    None => {
                        literals.push(literal);
                        wildcards.push(vec![number as u32]);
                    }
                },
            }
        }
        // Building fails with gigabytes of literals only; then each is tried.
        let literals = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(literals).ok();
        self.seeker = literals.map(|literals| Seeker { literals, wildcards, always });
    }

    /// Tells who asks for a text.
    pub(super) fn find(&self, text: &[u8], tried: &mut Vec<u64>, hit: &mut impl FnMut(&Target)) {
        let mut hold = |number: usize| {
            let (wildcard, target) = &self.wildcards[number];
            if wildcard.matches(text) {
                hit(target);
            }
        };
        let Some(seeker) = &self.seeker else { return (0..self.wildcards.len()).for_each(hold) };
        seeker.always.iter().for_each(|number| hold(*number as usize));
        tried.clear();
        tried.resize(words_for(seeker.wildcards.len()), 0);
        for found in seeker.literals.find_overlapping_iter(text) {
            let literal = found.pattern().as_usize();
            let (word, bit) = (literal / 64, 1 << (literal % 64));
            if tried[word] & bit == 0 {
                tried[word] |= bit;
                seeker.wildcards[literal].iter().for_each(|number| hold(*number as usize));
            }
        }
    }
}
