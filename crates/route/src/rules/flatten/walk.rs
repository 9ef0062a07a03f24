//! One walk over an event's bytes, which goes only where paths lead and lets their columns see the values there.

use skim::Block;

use super::super::tree::{Node, NodeId, ROOT, Tree};
use super::super::{EventError, Rules, Scratch, column};
use super::{Element, ElementId, Flattened, FoundLeaf, LeafId};
use crate::pattern::Leaf;
use crate::reader::{DEPTH_LIMIT, unescape};

/// Walks over an event: sets in the scratch's rows what the values hit.
pub(crate) fn flatten(event: &[u8], rules: &Rules, scratch: &mut Scratch) -> Result<(), EventError> {
    let flattened = &mut scratch.flattened;
    flattened.begin(rules.columns.len(), rules.word_count);
    if u32::try_from(event.len()).is_err() {
        return Err(EventError::new("Event is longer than 4 GiB"));
    }
    if !scratch.structure.read(event) {
        return Err(EventError::new("Event ends within a text"));
    }
    let mut walk = Walk {
        event,
        blocks: scratch.structure.blocks(),
        has_escapes: scratch.structure.has_backslashes(),
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
    fn below(&mut self, node: &Node, start: usize, end: usize) -> Option<NodeId> {
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
                    self.text(column, element, pos + 1, end);
                }
                Ok(end + 1)
            }
            b'{' | b',' | b'}' | b']' | b':' | 0 => self.pass_over(pos),
            _ => {
                let end = self.after_literal(pos);
                if let Some(column) = here.column {
                    let leaf = Leaf::Literal(&self.event[pos..end]);
                    self.columns[column as usize].see(leaf, &mut self.flattened.row, &mut self.flattened.room);
                    self.keep(column, element);
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

    fn text(&mut self, column: u32, element: ElementId, start: usize, end: usize) {
        let Flattened { row, room, unescaped: made, .. } = self.flattened;
        let bytes = &self.event[start..end];
        let text = if self.has_escapes { unescaped(bytes, made) } else { bytes };
        self.columns[column as usize].see(Leaf::Text(text), row, room);
        self.keep(column, element);
    }

    /// Keeps what a value at a column's path hits: in the column's row, and for the value itself.
    fn keep(&mut self, column: u32, element: ElementId) {
        let Flattened { seen, leaves, hits, row, .. } = self.flattened;
        let seen = &mut seen[column as usize];
        let column_row = &mut self.rows[column as usize * self.word_count..][..self.word_count];
        let first_hit = hits.len() as u32;
        if !seen.is_seen {
            seen.is_seen = true;
            column_row.fill(0);
        }
        for (word, (column_bits, bits)) in column_row.iter_mut().zip(row).enumerate() {
            if *bits != 0 {
                *column_bits |= *bits;
                hits.push((word as u32, std::mem::take(bits)));
            }
        }
        seen.is_in_element |= element != 0;
        leaves.push(FoundLeaf { element, before: seen.last, hits: (first_hit, hits.len() as u32) });
        seen.last = leaves.len() as LeafId;
    }
}

/// What the inside of a text says; what is made of it lies in the room.
fn unescaped<'v>(bytes: &'v [u8], room: &'v mut Vec<u8>) -> &'v [u8] {
    if memchr::memchr(b'\\', bytes).is_none() {
        return bytes;
    }
    room.clear();
    unescape(bytes, room);
    room
}
