//! Counts: calls a minute of one series, packed.
//!
//! Recent minutes are kept open, sorted; older ones are packed as pairs of variable-length numbers (minutes since the
//! pair before, calls). A call that comes later than that waits aside, and is packed in once many do.

use record::time::Minute;

/// Open minutes that are packed at once.
const PACKED_AT_ONCE: usize = 96;
/// Open minutes beyond which the oldest are packed.
const MOST_OPEN: usize = 128;
/// Late minutes beyond which all is packed anew, if they also are an eighth of all.
const MOST_LATE: usize = 512;

/// Calls a minute of one series.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    packed: Vec<u8>,
    packed_last: Option<Minute>,
    repacked: u32,
    late: Vec<(Minute, u32)>,
    open: Vec<(Minute, u32)>,
    calls: u64,
}

/// How far a reader has come in some [`Counts`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor {
    offset: usize,
    /// The minute of the pair before `offset`.
    before: Minute,
    repacked: u32,
}

impl Counts {
    /// Counts so many calls in this minute.
    pub fn add(&mut self, minute: Minute, calls: u32) {
        if calls == 0 {
            return;
        }
        self.calls += u64::from(calls);
        if let Some(last) = self.open.last_mut()
            && last.0 == minute
        {
            last.1 = last.1.saturating_add(calls);
            return;
        }
        let is_late = self.packed_last.is_some_and(|last| minute <= last);
        add_sorted(if is_late { &mut self.late } else { &mut self.open }, minute, calls);
        if self.open.len() > MOST_OPEN {
            self.pack(PACKED_AT_ONCE);
        }
        if self.late.len() > MOST_LATE && self.late.len() * 16 > self.packed.len() {
            self.repack();
        }
    }

    /// Calls in all.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// Bytes of memory that they hold.
    pub fn bytes(&self) -> usize {
        self.packed.capacity() + (self.late.capacity() + self.open.capacity()) * size_of::<(Minute, u32)>()
    }

    /// The first and the last minute with a call.
    pub fn span(&self) -> Option<(Minute, Minute)> {
        let mut first = self.late.first().into_iter().chain(self.open.first()).map(|pair| pair.0).min();
        if !self.packed.is_empty() {
            let packed_first = unpack(&self.packed, 0, Minute(0)).0.0;
            first = Some(first.map_or(packed_first, |first| first.min(packed_first)));
        }
        let last = self.open.last().map(|pair| pair.0).or(self.packed_last);
        Some((first?, last?))
    }

    /// Every minute with calls, late ones out of order.
    pub fn for_each(&self, mut each: impl FnMut(Minute, u32)) {
        let (mut offset, mut before) = (0, Minute(0));
        while offset < self.packed.len() {
            let ((minute, calls), next) = unpack(&self.packed, offset, before);
            each(minute, calls);
            (offset, before) = (next, minute);
        }
        self.late.iter().chain(&self.open).for_each(|&(minute, calls)| each(minute, calls));
    }

    /// Appends the minutes with calls of [from, until), in order. `cursor` remembers the place: reading on is cheap.
    pub fn read(&self, cursor: &mut Cursor, from: Minute, until: Minute, out: &mut Vec<(Minute, u32)>) {
        if cursor.repacked != self.repacked {
            *cursor = Cursor { repacked: self.repacked, ..Cursor::default() };
        }
        let start = out.len();
        while cursor.offset < self.packed.len() {
            let ((minute, calls), next) = unpack(&self.packed, cursor.offset, cursor.before);
            if minute >= until {
                break;
            }
            (cursor.offset, cursor.before) = (next, minute);
            if minute >= from {
                out.push((minute, calls));
            }
        }
        for pairs in [&self.late, &self.open] {
            let pairs = &pairs[pairs.partition_point(|pair| pair.0 < from)..];
            for &(minute, calls) in &pairs[..pairs.partition_point(|pair| pair.0 < until)] {
                match out[start..].last_mut() {
                    Some(last) if last.0 == minute => last.1 = last.1.saturating_add(calls),
                    Some(last) if last.0 > minute => {
                        let at = start + out[start..].partition_point(|pair| pair.0 < minute);
                        if out[at].0 == minute {
                            out[at].1 = out[at].1.saturating_add(calls);
                        } else {
                            out.insert(at, (minute, calls));
                        }
                    }
                    _ => out.push((minute, calls)),
                }
            }
        }
    }

    /// The minutes with calls of [from, until), in order.
    pub fn within(&self, from: Minute, until: Minute) -> Vec<(Minute, u32)> {
        let mut out = Vec::new();
        self.read(&mut Cursor::default(), from, until, &mut out);
        out
    }

    fn pack(&mut self, count: usize) {
        for (minute, calls) in self.open.drain(..count) {
            pack_number(&mut self.packed, zigzag(minute.0 - self.packed_last.unwrap_or_default().0));
            pack_number(&mut self.packed, calls);
            self.packed_last = Some(minute);
        }
    }

    /// Forgets the minutes before this one.
    pub fn forget_before(&mut self, minute: Minute) {
        if self.span().is_some_and(|span| span.0 < minute) {
            self.repack_from(minute);
        }
    }

    fn repack(&mut self) {
        self.repack_from(Minute(i32::MIN));
    }

    fn repack_from(&mut self, from: Minute) {
        let mut all = Vec::new();
        self.for_each(|minute, calls| {
            if minute >= from {
                all.push((minute, calls));
            }
        });
        all.sort_unstable();
        self.calls = all.iter().map(|pair| u64::from(pair.1)).sum();
        let repacked = self.repacked.wrapping_add(1);
        *self = Counts { repacked, calls: self.calls, open: Vec::with_capacity(all.len()), ..Counts::default() };
        for (minute, calls) in all {
            match self.open.last_mut() {
                Some(last) if last.0 == minute => last.1 = last.1.saturating_add(calls),
                _ => self.open.push((minute, calls)),
            }
        }
        self.pack(self.open.len().saturating_sub(MOST_OPEN - PACKED_AT_ONCE));
        self.packed.shrink_to_fit();
        self.open.shrink_to_fit();
    }
}

fn add_sorted(pairs: &mut Vec<(Minute, u32)>, minute: Minute, calls: u32) {
    let at = match pairs.last() {
        Some(last) if last.0 >= minute => pairs.partition_point(|pair| pair.0 < minute),
        _ => pairs.len(),
    };
    match pairs.get_mut(at) {
        Some(pair) if pair.0 == minute => pair.1 = pair.1.saturating_add(calls),
        _ => pairs.insert(at, (minute, calls)),
    }
}

fn zigzag(number: i32) -> u32 {
    ((number << 1) ^ (number >> 31)) as u32
}

fn pack_number(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn unpack(packed: &[u8], offset: usize, before: Minute) -> ((Minute, u32), usize) {
    let (delta, offset) = unpack_number(packed, offset);
    let (calls, offset) = unpack_number(packed, offset);
    let delta = (delta >> 1) as i32 ^ -((delta & 1) as i32);
    ((Minute(before.0 + delta), calls), offset)
}

fn unpack_number(packed: &[u8], mut offset: usize) -> (u32, usize) {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = packed[offset];
        offset += 1;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return (number, offset);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A small generator of numbers, the same ones every time.
    fn numbers(mut seed: u64) -> impl FnMut(u32) -> u32 {
        move |below| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as u32 % below
        }
    }

    #[test]
    fn counts_are_those_of_a_map_in_whatever_order_they_came() {
        for seed in 0..20 {
            let mut number = numbers(seed);
            let (mut counts, mut map) = (Counts::default(), BTreeMap::new());
            let mut now = 29_000_000;
            for _ in 0..4000 {
                now += number(3) as i32;
                let back = if number(10) == 0 { number(4000) as i32 } else { number(5) as i32 };
                let (minute, calls) = (Minute(now - back), number(5) * number(200));
                counts.add(minute, calls);
                if calls > 0 {
                    *map.entry(minute).or_insert(0) += calls;
                }
            }
            let all: Vec<_> = map.iter().map(|(&minute, &calls)| (minute, calls)).collect();
            assert_eq!(counts.within(Minute(0), Minute(i32::MAX)), all, "seed {seed}");
            assert_eq!(counts.span(), Some((all[0].0, all[all.len() - 1].0)));
            assert_eq!(counts.calls(), all.iter().map(|pair| u64::from(pair.1)).sum::<u64>());

            let (mut cursor, mut read, mut from) = (Cursor::default(), Vec::new(), Minute(28_995_000));
            while from < Minute(now + 10) {
                let until = Minute(from.0 + 1 + number(900) as i32);
                counts.read(&mut cursor, from, until, &mut read);
                from = until;
            }
            assert_eq!(read, all, "seed {seed}");

            let from = Minute(29_001_000);
            let kept: Vec<_> = all.iter().filter(|pair| pair.0 >= from).copied().collect();
            counts.forget_before(from);
            assert_eq!(counts.within(Minute(0), Minute(i32::MAX)), kept, "seed {seed}");
            assert_eq!(counts.calls(), kept.iter().map(|pair| u64::from(pair.1)).sum::<u64>());
            let mut rest = Vec::new();
            counts.read(&mut cursor, Minute(29_002_000), Minute(i32::MAX), &mut rest);
            assert!(rest.iter().eq(all.iter().filter(|pair| pair.0 >= Minute(29_002_000))), "a reader goes on");
        }
    }
}
