//! How numbers and counts are packed into blobs.
//!
//! Numbers take seven bits a byte, the lowest first. The counts of a day are pairs of (minutes since the one before,
//! calls), where a single call, the usual count of rare APIs, is one bit of the first number: a byte or two a pair.

use crate::error::Cause;

/// Minutes of a day, in which the pairs of a blob lie.
pub(crate) const DAY: u16 = 1440;

/// A minute of the day, and the calls in it: never 0.
pub(crate) type Pair = (u16, u32);

pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// What is left of a blob.
pub(crate) struct Packed<'b>(pub(crate) &'b [u8]);

impl<'b> Packed<'b> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Result<u64, Cause> {
        match self.0 {
            [byte @ 0..0x80, rest @ ..] => {
                self.0 = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, Cause> {
        let mut number = 0;
        for (at, &byte) in self.0.iter().enumerate().take(10) {
            number |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                self.0 = &self.0[at + 1..];
                return Ok(number);
            }
        }
        Err(Cause::Damaged("a number without an end"))
    }

    pub(crate) fn text(&mut self) -> Result<&'b str, Cause> {
        let len = self.number()?;
        let (text, rest) = usize::try_from(len)
            .ok()
            .and_then(|len| self.0.split_at_checked(len))
            .ok_or(Cause::Damaged("a text without an end"))?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| Cause::Damaged("a text that is no UTF-8"))
    }
}

/// Packs the counts of a day, which are in order.
pub(crate) fn pack_day(pairs: &[Pair], out: &mut Vec<u8>) {
    let mut next = 0;
    for &(minute, calls) in pairs {
        put_number(out, u64::from(minute - next) << 1 | u64::from(calls > 1));
        if calls > 1 {
            put_number(out, u64::from(calls) - 2);
        }
        next = minute + 1;
    }
}

/// Visits the counts of a day, in order.
#[inline]
pub(crate) fn unpack_day(blob: &[u8], mut each: impl FnMut(u16, u32)) -> Result<(), Cause> {
    let mut packed = Packed(blob);
    let mut next = 0u64;
    while !packed.is_empty() {
        let head = packed.number()?;
        let minute = next + (head >> 1);
        let calls = if head & 1 == 1 { packed.number()?.saturating_add(2) } else { 1 };
        if minute >= u64::from(DAY) {
            return Err(Cause::Damaged("a minute beyond the day"));
        }
        each(minute as u16, u32::try_from(calls).map_err(|_| Cause::Damaged("more calls than can be counted"))?);
        next = minute + 1;
    }
    Ok(())
}

/// The counts of a day, and those of `more` added to them.
pub(crate) fn merge_day(blob: &[u8], more: &[Pair], out: &mut Vec<Pair>) -> Result<(), Cause> {
    let mut more = more.iter().copied().peekable();
    unpack_day(blob, |minute, mut calls| {
        while let Some(before) = more.next_if(|pair| pair.0 < minute) {
            out.push(before);
        }
        if let Some(same) = more.next_if(|pair| pair.0 == minute) {
            calls = calls.saturating_add(same.1);
        }
        out.push((minute, calls));
    })?;
    out.extend(more);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn packed(pairs: &[Pair]) -> Vec<u8> {
        let mut out = Vec::new();
        pack_day(pairs, &mut out);
        out
    }

    fn a_day() -> impl Strategy<Value = BTreeMap<u16, u32>> {
        let calls = prop_oneof![Just(1), 1..5u32, 1..=u32::MAX];
        proptest::collection::btree_map(0..DAY, calls, 0..200)
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(day in a_day()) {
            let pairs: Vec<Pair> = day.into_iter().collect();
            let mut out = Vec::new();
            unpack_day(&packed(&pairs), |minute, calls| out.push((minute, calls))).unwrap();
            prop_assert_eq!(out, pairs);
        }

        #[test]
        fn merging_adds(one in a_day(), other in a_day()) {
            let (first, more): (Vec<Pair>, Vec<Pair>) = (one.clone().into_iter().collect(), other.clone().into_iter().collect());
            let mut sum = one;
            for (minute, calls) in other {
                let count = sum.entry(minute).or_insert(0);
                *count = count.saturating_add(calls);
            }
            let mut out = Vec::new();
            merge_day(&packed(&first), &more, &mut out).unwrap();
            prop_assert_eq!(out, sum.into_iter().collect::<Vec<Pair>>());
        }

        #[test]
        fn damage_is_told_and_never_a_panic(blob in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut last = None;
            let _ = unpack_day(&blob, |minute, calls| {
                assert!(minute < DAY && calls > 0 && last < Some(minute));
                last = Some(minute);
            });
            let mut packed = Packed(&blob);
            while !packed.is_empty() && packed.text().is_ok() {}
        }
    }

    #[test]
    fn a_lone_call_takes_a_byte_or_two() {
        assert_eq!(packed(&[(10, 1), (40, 1), (41, 1)]).len(), 3);
        assert_eq!(packed(&[(700, 1)]).len(), 2);
        assert_eq!(packed(&[(0, 9), (1, 129), (2, 2)]).len(), 6);
    }
}
