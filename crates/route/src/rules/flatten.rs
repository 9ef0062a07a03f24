//! One walk over an event's bytes, which goes only where paths lead and lets their columns see the values there.

use skim::Block;

use super::tree::{NodeId, ROOT, Tree};
use super::{EventError, Rules, Scratch, column};
use crate::pattern::Leaf;
use crate::reader::{DEPTH_LIMIT, unescape};

/// What was seen of a column's values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) is_seen: bool,
    /// Some of them lie in elements of arrays.
    pub(super) is_in_element: bool,
}

/// An object or array that is an element of an array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    /// The array, numbered as they come.
    pub(super) array: u32,
    /// The element that the array lies in.
    pub(super) outer: ElementId,
}

/// An element's number, from 1; 0 is outside of all.
pub(super) type ElementId = u32;

/// A value at a path that some pattern names.
#[derive(Clone, Copy, Debug)]
pub(super) struct FoundLeaf {
    pub(super) column: u32,
    pub(super) element: ElementId,
    start: u32,
    end: u32,
    is_text: bool,
}

/// What the walk leaves behind, for what bits cannot tell.
#[derive(Debug, Default)]
pub(super) struct Flattened {
    pub(super) seen: Vec<Seen>,
    pub(super) elements: Vec<Element>,
    pub(super) leaves: Vec<FoundLeaf>,
    array_count: u32,
    room: column::Room,
    unescaped: Vec<u8>,
}

impl FoundLeaf {
    /// The value, with room for what must be unescaped.
    pub(super) fn leaf<'v>(&self, event: &'v [u8], room: &'v mut Vec<u8>) -> Leaf<'v> {
        let bytes = &event[self.start as usize..self.end as usize];
        match self.is_text {
            false => Leaf::Literal(bytes),
            true => Leaf::Text(unescaped(bytes, room)),
        }
    }
}

fn unescaped<'v>(bytes: &'v [u8], room: &'v mut Vec<u8>) -> &'v [u8] {
    if memchr::memchr(b'\\', bytes).is_none() {
        return bytes;
    }
    room.clear();
    unescape(bytes, room);
    room
}

/// Walks over an event: sets in the scratch's rows what the values hit.
pub(super) fn flatten(event: &[u8], rules: &Rules, scratch: &mut Scratch) -> Result<(), EventError> {
    let flattened = &mut scratch.flattened;
    flattened.seen.clear();
    flattened.seen.resize(rules.columns.len(), Seen::default());
    flattened.elements.clear();
    flattened.leaves.clear();
    flattened.array_count = 0;
    if u32::try_from(event.len()).is_err() {
        return Err(EventError::new("Event is longer than 4 GiB"));
    }
    if !scratch.structure.read(event) {
        return Err(EventError::new("Event ends within a text"));
    }
    let mut walk = Walk {
        event,
        blocks: scratch.structure.blocks(),
        has_escapes: memchr::memchr(b'\\', event).is_some(),
        tree: &rules.tree,
        columns: &rules.columns,
        word_count: rules.word_count,
        rows: &mut scratch.rows,
        flattened,
        depth: 0,
    };
    let start = walk.after_blanks(0);
    if event.get(start) != Some(&b'{') {
        return Err(EventError::new("Event must be a JSON object"));
    }
    let end = walk.object(start + 1, ROOT, 0)?;
    let end = walk.after_blanks(end);
    if end < event.len() {
        return Err(walk.fault(end, "there is something behind the event"));
    }
    Ok(())
}

struct Walk<'w> {
    event: &'w [u8],
    blocks: &'w [Block],
    has_escapes: bool,
    tree: &'w Tree,
    columns: &'w [column::Column],
    word_count: usize,
    rows: &'w mut [u64],
    flattened: &'w mut Flattened,
    depth: usize,
}

impl Walk<'_> {
    #[cold]
    fn fault(&self, pos: usize, what: &str) -> EventError {
        EventError::new(format!("Event is no JSON: {what}, at byte {pos}"))
    }

    #[inline]
    fn byte(&self, pos: usize) -> u8 {
        // No byte of JSON is 0.
        self.event.get(pos).copied().unwrap_or(0)
    }

    #[inline]
    fn after_blanks(&self, mut pos: usize) -> usize {
        while matches!(self.byte(pos), b' ' | b'\n' | b'\r' | b'\t') {
            pos += 1;
        }
        pos
    }

    /// The next quote that is no character of a text, at or behind a place.
    #[inline]
    fn quote(&self, pos: usize) -> Result<usize, EventError> {
        let mut number = pos / 64;
        let mut mask = u64::MAX << (pos % 64);
        while let Some(block) = self.blocks.get(number) {
            let quotes = block.quotes & mask;
            if quotes != 0 {
                return Ok(number * 64 + quotes.trailing_zeros() as usize);
            }
            mask = u64::MAX;
            number += 1;
        }
        Err(self.fault(pos, "a text does not end"))
    }

    /// Behind the bracket that closes the one here.
    fn after_brackets(&self, pos: usize) -> Result<usize, EventError> {
        let mut number = pos / 64;
        let mut mask = u64::MAX << (pos % 64);
        let mut depth = 0;
        while let Some(block) = self.blocks.get(number) {
            let (opens, mut closes) = (block.opens & mask, block.closes & mask);
            if closes.count_ones() < depth {
                depth += opens.count_ones();
                depth -= closes.count_ones();
            } else {
                let mut closed = 0;
                while closes != 0 {
                    let bit = closes.trailing_zeros();
                    let opened = (opens & ((1 << bit) - 1)).count_ones();
                    closed += 1;
                    if depth + opened <= closed {
                        return Ok(number * 64 + bit as usize + 1);
                    }
                    closes &= closes - 1;
                }
                depth = depth + opens.count_ones() - closed;
            }
            mask = u64::MAX;
            number += 1;
        }
        Err(self.fault(pos, "a bracket is not closed"))
    }

    /// Behind a number or word.
    #[inline]
    fn after_literal(&self, mut pos: usize) -> usize {
        while !matches!(self.byte(pos), b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' | 0) {
            pos += 1;
        }
        pos
    }

    /// The rest of an object, to behind its end.
    fn object(&mut self, start: usize, node: NodeId, element: ElementId) -> Result<usize, EventError> {
        let tree = self.tree;
        let node = tree.node(node);
        self.deeper(start)?;
        let mut pos = self.after_blanks(start);
        if self.byte(pos) == b'}' {
            self.depth -= 1;
            return Ok(pos + 1);
        }
        loop {
            if self.byte(pos) != b'"' {
                return Err(self.fault(pos, "a key was expected"));
            }
            let key_end = self.quote(pos + 1)?;
            let below = self.below(node, pos + 1, key_end);
            pos = self.after_blanks(key_end + 1);
            if self.byte(pos) != b':' {
                return Err(self.fault(pos, "a colon was expected"));
            }
            pos = self.after_blanks(pos + 1);
            pos = match below {
                Some(below) => self.value(pos, below, element)?,
                None => self.pass_over(pos)?,
            };
            pos = self.after_blanks(pos);
            match self.byte(pos) {
                b',' => pos = self.after_blanks(pos + 1),
                b'}' => {
                    self.depth -= 1;
                    return Ok(pos + 1);
                }
                _ => return Err(self.fault(pos, "a comma or closing brace was expected")),
            }
        }
    }

    #[inline]
    fn below(&mut self, node: &super::tree::Node, start: usize, end: usize) -> Option<NodeId> {
        let key = &self.event[start..end];
        if self.has_escapes && memchr::memchr(b'\\', key).is_some() {
            return node.below(unescaped(key, &mut self.flattened.unescaped));
        }
        node.below(key)
    }

    fn deeper(&mut self, pos: usize) -> Result<(), EventError> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(self.fault(pos, &format!("it is more than {DEPTH_LIMIT} levels deep")));
        }
        Ok(())
    }

    #[inline]
    fn pass_over(&self, pos: usize) -> Result<usize, EventError> {
        match self.byte(pos) {
            b'"' => Ok(self.quote(pos + 1)? + 1),
            b'{' | b'[' => self.after_brackets(pos),
            b',' | b'}' | b']' | b':' | 0 => Err(self.fault(pos, "a value was expected")),
            _ => Ok(self.after_literal(pos)),
        }
    }

    /// A value where some path is or leads on, to behind its end.
    fn value(&mut self, pos: usize, node: NodeId, element: ElementId) -> Result<usize, EventError> {
        let here = self.tree.node(node);
        match self.byte(pos) {
            b'{' if here.leads_on => self.object(pos + 1, node, element),
            b'[' => self.array(pos + 1, node, element),
            b'"' => {
                let end = self.quote(pos + 1)?;
                if let Some(column) = here.column {
                    self.leaf(FoundLeaf { column, element, start: pos as u32 + 1, end: end as u32, is_text: true });
                }
                Ok(end + 1)
            }
            b'{' | b',' | b'}' | b']' | b':' | 0 => self.pass_over(pos),
            _ => {
                let end = self.after_literal(pos);
                if let Some(column) = here.column {
                    self.leaf(FoundLeaf { column, element, start: pos as u32, end: end as u32, is_text: false });
                }
                Ok(end)
            }
        }
    }

    /// The rest of an array, to behind its end. Its objects and arrays are elements that what is in them must agree on.
    fn array(&mut self, start: usize, node: NodeId, outer: ElementId) -> Result<usize, EventError> {
        self.deeper(start)?;
        self.flattened.array_count += 1;
        let array = self.flattened.array_count;
        let mut pos = self.after_blanks(start);
        if self.byte(pos) == b']' {
            self.depth -= 1;
            return Ok(pos + 1);
        }
        loop {
            let element = match self.byte(pos) {
                b'{' | b'[' => {
                    self.flattened.elements.push(Element { array, outer });
                    self.flattened.elements.len() as ElementId
                }
                _ => outer,
            };
            pos = self.value(pos, node, element)?;
            pos = self.after_blanks(pos);
            match self.byte(pos) {
                b',' => pos = self.after_blanks(pos + 1),
                b']' => {
                    self.depth -= 1;
                    return Ok(pos + 1);
                }
                _ => return Err(self.fault(pos, "a comma or closing bracket was expected")),
            }
        }
    }

    fn leaf(&mut self, found: FoundLeaf) {
        let number = found.column as usize;
        let row = &mut self.rows[number * self.word_count..][..self.word_count];
        let seen = &mut self.flattened.seen[number];
        if !seen.is_seen {
            seen.is_seen = true;
            row.fill(0);
        }
        seen.is_in_element |= found.element != 0;
        self.flattened.leaves.push(found);
        let bytes = &self.event[found.start as usize..found.end as usize];
        let leaf = match found.is_text {
            false => Leaf::Literal(bytes),
            true if self.has_escapes => Leaf::Text(unescaped(bytes, &mut self.flattened.unescaped)),
            true => Leaf::Text(bytes),
        };
        self.columns[number].see(leaf, row, &mut self.flattened.room);
    }
}
