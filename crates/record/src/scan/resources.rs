//! The walk over `resources`: what was called upon, as far as its first ARN.

use skim::Look;

use super::Walker;
use super::fields::{ABSENT, Field, Fields, Span};
use super::steps::{Next, Step, after_space};

impl<L: Look> Walker<'_, L> {
    #[inline(never)]
    pub(super) fn resources_or_other(&self, pos: usize, fields: &mut Fields) -> Step {
        if self.bytes.get(pos) == Some(&b'[') {
            return self.resources(pos + 1, fields);
        }
        fields.spans[Field::Resource as usize] = ABSENT;
        self.skip(pos, 1)
    }

    /// The elements of `resources`, up to the first that has an ARN; `pos` is after the bracket.
    /// What is no object, or has something else than text there, is not the first.
    #[inline(never)]
    pub(super) fn resources(&self, mut pos: usize, fields: &mut Fields) -> Step {
        fields.spans[Field::Resource as usize] = ABSENT;
        loop {
            pos = after_space(self.bytes, pos);
            match self.bytes.get(pos) {
                Some(b']') => return Ok(pos + 1),
                Some(b',') => pos += 1,
                Some(b'{') => {
                    pos = self.resource(pos + 1, fields)?;
                    if fields.spans[Field::Resource as usize] != ABSENT {
                        return self.close(pos, 1, 1);
                    }
                }
                _ => pos = self.skip(pos, 2)?,
            }
        }
    }

    /// The members of one resource: its `ARN`, or else its `arn`.
    #[inline(never)]
    fn resource(&self, mut pos: usize, fields: &mut Fields) -> Step {
        let mut lower_case = ABSENT;
        let mut lower_case_escaped = false;
        let mut next = after_space(self.bytes, pos);
        let end = match self.bytes.get(next) {
            Some(b'}') => next + 1,
            Some(b'"') => loop {
                let (key, value) = self.key(next)?;
                let is_text = self.bytes.get(value) == Some(&b'"');
                if is_text && (&*key == b"ARN" || &*key == b"arn") {
                    let (end, escaped) = self.string_end(value + 1)?;
                    if &*key == b"ARN" {
                        fields.set(Field::Resource, value + 1, end, escaped);
                    } else {
                        lower_case = Span { start: value as u32 + 1, end: end as u32 };
                        lower_case_escaped = escaped;
                    }
                    pos = end + 1;
                } else {
                    match &*key {
                        b"ARN" => fields.spans[Field::Resource as usize] = ABSENT,
                        b"arn" => lower_case = ABSENT,
                        _ => {}
                    }
                    pos = self.skip(value, 3)?;
                }
                match self.next_key(pos)? {
                    Next::End(after) => break after,
                    Next::Key(key) => next = key,
                }
            },
            _ => return Err(self.fault(next)),
        };
        if fields.spans[Field::Resource as usize] == ABSENT && lower_case != ABSENT {
            fields.set(Field::Resource, lower_case.start as usize, lower_case.end as usize, lower_case_escaped);
        }
        Ok(end)
    }
}
