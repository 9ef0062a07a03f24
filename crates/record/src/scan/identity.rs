//! The walk over `userIdentity`: who called, and whose role it was.

use skim::Look;

use super::Walker;
use super::fields::{ABSENT, Field, Fields, IdentityIs};
use super::steps::{Next, Step, after_space};

impl<L: Look> Walker<'_, L> {
    #[inline(never)]
    pub(super) fn identity_or_other(&self, pos: usize, fields: &mut Fields) -> Step {
        if self.bytes.get(pos) == Some(&b'{') {
            return self.identity(pos + 1, fields);
        }
        fields.clear_identity();
        let after = self.skip(pos, 1)?;
        fields.identity = if self.is_at(pos, b"null") { IdentityIs::Absent } else { IdentityIs::Wrong };
        Ok(after)
    }

    /// The members of `userIdentity`; `pos` is after its bracket.
    #[inline(always)]
    pub(super) fn identity(&self, mut pos: usize, fields: &mut Fields) -> Step {
        if fields.identity != IdentityIs::Absent {
            fields.clear_identity();
        }
        fields.identity = IdentityIs::Object;

        macro_rules! text {
            ($key:literal, $field:expr) => {
                if let Some(start) = self.past(pos, $key) {
                    pos = self.text(start, fields, $field)?;
                }
            };
        }
        // The usual order.
        if let Some(inside) = self.past(pos, b"\"type\":\"") {
            pos = self.text(inside, fields, Field::IdentityType)?;
            text!(b",\"principalId\":\"", Field::PrincipalId);
            text!(b",\"arn\":\"", Field::Arn);
            text!(b",\"accountId\":\"", Field::IdentityAccount);
            text!(b",\"accessKeyId\":\"", Field::AccessKeyId);
            text!(b",\"userName\":\"", Field::UserName);
            if let Some(inside) = self.past(pos, b",\"sessionContext\":{") {
                pos = self.session_context(inside, fields)?;
            }
            text!(b",\"invokedBy\":\"", Field::InvokedBy);
        } else {
            pos = after_space(self.bytes, pos);
            match self.bytes.get(pos) {
                Some(b'}') => return Ok(pos + 1),
                Some(b'"') => pos = self.identity_member(pos, fields)?,
                _ => return Err(self.fault(pos)),
            }
        }
        // Whatever is left.
        loop {
            match self.next_key(pos)? {
                Next::End(after) => return Ok(after),
                Next::Key(key) => pos = self.identity_member(key, fields)?,
            }
        }
    }

    #[inline(never)]
    fn identity_member(&self, pos: usize, fields: &mut Fields) -> Step {
        let (key, pos) = self.key(pos)?;
        match &*key {
            b"type" => self.text_or_other(pos, fields, Field::IdentityType),
            b"principalId" => self.text_or_other(pos, fields, Field::PrincipalId),
            b"arn" => self.text_or_other(pos, fields, Field::Arn),
            b"accountId" => self.text_or_other(pos, fields, Field::IdentityAccount),
            b"accessKeyId" => self.text_or_other(pos, fields, Field::AccessKeyId),
            b"userName" => self.text_or_other(pos, fields, Field::UserName),
            b"invokedBy" => self.text_or_other(pos, fields, Field::InvokedBy),
            b"sessionContext" => {
                fields.spans[Field::IssuerArn as usize] = ABSENT;
                if self.bytes.get(pos) == Some(&b'{') {
                    self.session_context(pos + 1, fields)
                } else {
                    self.skip(pos, 2)
                }
            }
            _ => self.skip(pos, 2),
        }
    }

    /// The members of `userIdentity.sessionContext`; `pos` is after its bracket.
    #[inline(always)]
    fn session_context(&self, mut pos: usize, fields: &mut Fields) -> Step {
        if let Some(inside) = self.past(pos, b"\"sessionIssuer\":{") {
            pos = self.session_issuer(inside, fields)?;
            if let Some(after) = self.past(pos, b",\"webIdFederationData\":{}") {
                pos = after;
            }
            if let Some(inside) = self.past(pos, b",\"attributes\":{") {
                pos = self.close(inside, 1, 3)?;
            }
        } else {
            pos = after_space(self.bytes, pos);
            match self.bytes.get(pos) {
                Some(b'}') => return Ok(pos + 1),
                Some(b'"') => pos = self.session_context_member(pos, fields)?,
                _ => return Err(self.fault(pos)),
            }
        }
        loop {
            match self.next_key(pos)? {
                Next::End(after) => return Ok(after),
                Next::Key(key) => pos = self.session_context_member(key, fields)?,
            }
        }
    }

    #[inline(never)]
    fn session_context_member(&self, pos: usize, fields: &mut Fields) -> Step {
        let (key, pos) = self.key(pos)?;
        if &*key != b"sessionIssuer" {
            return self.skip(pos, 3);
        }
        fields.spans[Field::IssuerArn as usize] = ABSENT;
        if self.bytes.get(pos) == Some(&b'{') { self.session_issuer(pos + 1, fields) } else { self.skip(pos, 3) }
    }

    /// The members of `userIdentity.sessionContext.sessionIssuer`; `pos` is after its bracket.
    #[inline(always)]
    fn session_issuer(&self, mut pos: usize, fields: &mut Fields) -> Step {
        if let Some(inside) = self.past(pos, b"\"type\":\"") {
            pos = self.after_text(inside)?;
            if let Some(inside) = self.past(pos, b",\"principalId\":\"") {
                pos = self.after_text(inside)?;
            }
            if let Some(inside) = self.past(pos, b",\"arn\":\"") {
                pos = self.text(inside, fields, Field::IssuerArn)?;
            }
            if let Some(inside) = self.past(pos, b",\"accountId\":\"") {
                pos = self.after_text(inside)?;
            }
            if let Some(inside) = self.past(pos, b",\"userName\":\"") {
                pos = self.after_text(inside)?;
            }
        } else {
            pos = after_space(self.bytes, pos);
            match self.bytes.get(pos) {
                Some(b'}') => return Ok(pos + 1),
                Some(b'"') => pos = self.session_issuer_member(pos, fields)?,
                _ => return Err(self.fault(pos)),
            }
        }
        loop {
            match self.next_key(pos)? {
                Next::End(after) => return Ok(after),
                Next::Key(key) => pos = self.session_issuer_member(key, fields)?,
            }
        }
    }

    #[inline(never)]
    fn session_issuer_member(&self, pos: usize, fields: &mut Fields) -> Step {
        let (key, pos) = self.key(pos)?;
        if &*key == b"arn" { self.text_or_other(pos, fields, Field::IssuerArn) } else { self.skip(pos, 4) }
    }
}
