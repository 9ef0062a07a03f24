//! Prefixes in order: all that a text begins with are found by one binary search.
//!
//! Of the prefixes in a sorted list, those of a text are a chain: the longest, its own longest prefix in the list, and so on.
//! The longest is the entry just before the text's place in the list, or one of that entry's chain.

use super::column::Target;

#[derive(Debug)]
struct Entry {
    prefix: Box<[u8]>,
    /// The longest other entry that this one begins with.
    parent: Option<u32>,
    /// What it and its chain ask for.
    target: Target,
}

/// Prefixes, and who asks for them.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    entries: Vec<Entry>,
}

impl Prefixes {
    /// The target of a prefix; one that is not there yet is added.
    pub(super) fn target(&mut self, prefix: &[u8]) -> &mut Target {
        let at = match self.entries.binary_search_by(|entry| (*entry.prefix).cmp(prefix)) {
            Ok(at) => at,
            Err(at) => {
                self.entries.insert(at, Entry { prefix: prefix.into(), parent: None, target: Target::default() });
                at
            }
        };
        &mut self.entries[at].target
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// To be called when all are there.
    pub(super) fn finish(&mut self) {
        for at in 1..self.entries.len() {
            let mut parent = Some(at as u32 - 1);
            while let Some(p) = parent {
                if self.entries[at].prefix.starts_with(&self.entries[p as usize].prefix) {
                    let target = self.entries[p as usize].target.clone();
                    self.entries[at].target.merge(&target);
                    break;
                }
                parent = self.entries[p as usize].parent;
            }
            self.entries[at].parent = parent;
        }
    }

    /// Who asks for a prefix of this text.
    pub(super) fn find(&self, text: &[u8]) -> Option<&Target> {
        let mut at = self.entries.partition_point(|entry| &*entry.prefix <= text).checked_sub(1)?;
        loop {
            let entry = &self.entries[at];
            if text.starts_with(&entry.prefix) {
                return Some(&entry.target);
            }
            at = entry.parent? as usize;
        }
    }
}
