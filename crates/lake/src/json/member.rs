//! A member of an object, found in its text: what comes behind it is not looked at, and what is nested before it is passed over 64 bytes at a step.
//!
//! What is no JSON is walked as far as its brackets and quotes go; nothing here fails.

use std::ops::Range;

use skim::{Avx2, Block, Carry, Look, Portable, Work, padded};

use super::as_name;

/// The member of an object of this name: as it is written. Of two of a name, the first.
pub(crate) fn member<'j>(object: &'j str, name: &str) -> Option<&'j str> {
    let found = match Avx2::here() {
        Some(look) => found(look, object, name),
        None => found(Portable, object, name),
    };
    object.get(found?)
}

fn found(look: impl Look, object: &str, name: &str) -> Option<Range<usize>> {
    look.run(Find { look, object, name }, ())
}

struct Find<'a, L> {
    look: L,
    object: &'a str,
    name: &'a str,
}

impl<L: Look> Work for Find<'_, L> {
    type With = ();
    type Output = Option<Range<usize>>;

    #[inline(always)]
    fn work(self, (): ()) -> Option<Range<usize>> {
        let text = self.object.as_bytes();
        if text.first() != Some(&b'{') {
            return None;
        }
        let (whole, rest) = text.as_chunks::<64>();
        let mut carry = Carry::default();
        let mut walk = Walk { object: self.object, name: self.name, at: At::Name };
        for (number, bytes) in whole.iter().enumerate() {
            match walk.through(64 * number, carry.block(self.look, bytes)) {
                Step::On => {}
                Step::Found(found) => return Some(found),
                Step::Nowhere => return None,
            }
        }
        match walk.through(64 * whole.len(), carry.block(self.look, &padded(rest))) {
            Step::Found(found) => Some(found),
            Step::On | Step::Nowhere => None,
        }
    }
}

/// Where a walk is.
#[derive(Clone, Copy)]
enum At {
    /// Before a name, or the object's end.
    Name,
    /// Within a name that begins here.
    InName(usize),
    /// Behind a name that ends here.
    Behind(usize, IsWanted),
    /// Within a text that begins here.
    InText(usize, IsWanted),
    /// Within an object or a list that begins here, so deep.
    Nested(usize, u32, IsWanted),
}

type IsWanted = bool;

enum Step {
    On,
    Found(Range<usize>),
    Nowhere,
}

struct Walk<'a> {
    object: &'a str,
    name: &'a str,
    at: At,
}

impl Walk<'_> {
    /// Goes from mark to mark of a block, which begins here.
    #[inline(always)]
    fn through(&mut self, from: usize, block: Block) -> Step {
        let brackets = block.opens | block.closes;
        // Of this block's bytes those that are still before us. The object's own first bracket says nothing.
        let behind = |bit: u32| u64::MAX.checked_shl(bit + 1).unwrap_or(0);
        let mut left = if from == 0 { behind(0) } else { u64::MAX };
        loop {
            let marks = match self.at {
                At::Nested(..) => brackets,
                _ => brackets | block.quotes,
            };
            let bits = marks & left;
            if bits == 0 {
                return Step::On;
            }
            let bit = bits.trailing_zeros();
            left = behind(bit);
            match self.mark(from + bit as usize, block.opens >> bit & 1 == 1) {
                Step::On => {}
                over => return over,
            }
        }
    }

    #[inline(always)]
    fn mark(&mut self, mark: usize, opens: bool) -> Step {
        let text = self.object.as_bytes();
        let is_quote = text[mark] == b'"';
        self.at = match self.at {
            At::Name if is_quote => At::InName(mark),
            At::Name => return Step::Nowhere,
            At::InName(start) => At::Behind(mark, self.is_wanted(&text[start + 1..mark])),
            At::Behind(end, is_wanted) => {
                let between = |byte: &u8| matches!(byte, b':' | b' ' | b'\t' | b'\r' | b'\n');
                let start = text[end + 1..mark].iter().position(|byte| !between(byte));
                match start.map(|start| end + 1 + start) {
                    // A number, a flag or null: it ends before the mark.
                    Some(start) if is_wanted => {
                        let ends = |byte: &u8| matches!(byte, b',' | b' ' | b'\t' | b'\r' | b'\n');
                        let length = text[start..mark].iter().position(ends).unwrap_or(mark - start);
                        return Step::Found(start..start + length);
                    }
                    Some(_) if is_quote => At::InName(mark),
                    None if is_quote => At::InText(mark, is_wanted),
                    None if opens => At::Nested(mark, 1, is_wanted),
                    _ => return Step::Nowhere,
                }
            }
            At::InText(start, true) => return Step::Found(start..mark + 1),
            At::InText(..) => At::Name,
            At::Nested(start, 1, true) if !opens => return Step::Found(start..mark + 1),
            At::Nested(_, 1, false) if !opens => At::Name,
            At::Nested(start, depth, is_wanted) => {
                At::Nested(start, if opens { depth + 1 } else { depth - 1 }, is_wanted)
            }
        };
        Step::On
    }

    #[inline(always)]
    fn is_wanted(&self, name: &[u8]) -> bool {
        name == self.name.as_bytes()
            || name.contains(&b'\\') && str::from_utf8(name).is_ok_and(|name| as_name(name) == self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of JSON, drawn.
    fn drawn(seed: &mut u64, depth: u32, out: &mut String) {
        let mut draw = |most: u64| {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (*seed >> 33) % most
        };
        const TEXTS: [&str; 9] = [
            "a",
            "b",
            "",
            "]}",
            "é",
            "a\\\"b",
            "\\\\",
            "\\u0061",
            "a text that is longer than a block of sixty-four bytes, so that it ends in another {",
        ];
        const BLANKS: [&str; 4] = ["", "", " ", "\n\t"];
        let kind = draw(if depth == 0 { 3 } else { 6 });
        match kind {
            0 => out.push_str(["1", "-2.5e3", "true", "null"][draw(4) as usize]),
            1 | 2 => out.push_str(&format!("\"{}\"", TEXTS[draw(9) as usize])),
            _ => {
                let (opens, closes) = if kind == 3 { ('[', ']') } else { ('{', '}') };
                let many = draw(6);
                out.push(opens);
                for at in 0..many {
                    let (name, blanks) =
                        (TEXTS[draw(9) as usize], [BLANKS[draw(4) as usize], BLANKS[draw(4) as usize]]);
                    out.push_str(if at > 0 { "," } else { "" });
                    out.push_str(blanks[0]);
                    if opens == '{' {
                        out.push_str(&format!("\"{name}\"{}:{}", blanks[1], blanks[0]));
                    }
                    let mut below = draw(u64::MAX);
                    drawn(&mut below, depth - 1, out);
                    out.push_str(blanks[1]);
                }
                out.push(closes);
            }
        }
    }

    /// What a reader of all of it finds first of this name.
    fn first(object: &str, wanted: &str) -> Option<String> {
        let mut found = None;
        super::super::each_entry(object, |name, value| {
            if found.is_none() && name == wanted {
                found = Some(value.get().to_owned());
            }
        });
        found
    }

    #[test]
    fn what_is_found_is_what_a_reader_of_all_of_it_finds_first() {
        let (mut objects, mut members) = (0, 0);
        for seed in 0..20_000 {
            let (mut seed, mut json) = (seed, String::new());
            drawn(&mut seed, 4, &mut json);
            if !json.starts_with('{') {
                continue;
            }
            objects += 1;
            for name in ["a", "b", "", "]}", "é", "a\"b", "\\", "nothing"] {
                let expected = first(&json, name);
                members += usize::from(expected.is_some());
                for (look, found) in [
                    ("here", member(&json, name)),
                    ("portable", found(Portable, &json, name).and_then(|at| json.get(at))),
                ] {
                    assert_eq!(found, expected.as_deref(), "{look}, {name}: {json}");
                }
            }
        }
        assert!(objects > 5_000 && members > 5_000, "{objects} objects, {members} members");
    }

    /// Whatever comes, it is walked as far as it goes.
    #[test]
    fn no_text_is_too_broken_to_be_walked() {
        let text = r#"{"a":"x\"]","b":[1,{"c":{}},"y",[],null],"d":-1.5e3,"e":true, "longer than any of the others":{"é":"]"}}"#;
        let names = ["a", "b", "c", "d", "e", "x", ""];
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at) && text.is_char_boundary(at + 1)) {
            for spoil in ["", "\"", "{", "}", "[", "]", ",", ":", "\\", " ", "é"] {
                let spoilt = format!("{}{spoil}{}", &text[..at], &text[at + 1..]);
                for name in names {
                    member(&spoilt, name);
                    member(&spoilt[..spoilt.floor_char_boundary(at)], name);
                }
            }
        }
        for text in
            ["", "{", "}", "[]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":\"", "{\"a\"}", "{\"a\":}", "{{", "{]"]
        {
            assert_eq!(member(text, "a"), None, "{text}");
        }
    }
}
