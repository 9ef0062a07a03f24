//! Fingerprints of eventIDs: a record that was counted in the last days is known when it comes again.
//!
//! Copies carry the same eventID and the same eventTime, so an id is sought among those of its account and event hour
//! only. There, ids lie in a few sorted runs. A batch adds a run of its new ids; a run that is not more than twice as long
//! is merged with the one before, so that runs grow like the digits of a number: an id is written anew some ten times, not
//! with every batch, and looking for a batch's ids is one walk along each run.
//!
//! Eight bytes an id. Two events of one account and hour share a fingerprint about once in 2^64 pairs.

use record::event_id::EventId;
use record::names::AccountId;
use record::time::Minute;
use rusqlite::OptionalExtension;

use crate::error::{Cause, doing};
use crate::{Reader, StoreError, Writer};

/// An hour since 1970, by eventTime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventHour(pub i32);

impl EventHour {
    /// The hour that this second since 1970 is in.
    pub fn of_seconds(seconds: i64) -> EventHour {
        // What lies beyond the years that a slot can name is of one hour, as good as any.
        EventHour(seconds.div_euclid(3600).clamp(-EARLIEST, EARLIEST) as i32)
    }

    /// The hour that this minute is in.
    pub fn of_minute(minute: Minute) -> EventHour {
        EventHour::of_seconds(minute.seconds())
    }
}

/// Hours that fit into the upper bits of a slot.
const EARLIEST: i64 = (1 << 26) - 1;
const RUN_BITS: u32 = 8;
const ACCOUNT_BITS: u32 = 28;

/// 64 bits of an id. Stored: it is never changed.
pub fn fingerprint(id: EventId) -> u64 {
    let mix = |mut bits: u64| {
        // Stafford's mix 13 (SplitMix64): every bit of the id moves half of those of the fingerprint.
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    mix(mix((id.0 >> 64) as u64).wrapping_add(0x9e37_79b9_7f4a_7c15) ^ id.0 as u64)
}

impl Reader<'_> {
    /// Of each of these ids, whether it is new: not stored, and not among those before it here.
    pub fn which_ids_are_new(
        &self,
        account: &AccountId,
        hour: EventHour,
        ids: &[u64],
    ) -> Result<Vec<bool>, StoreError> {
        let work = || {
            let number = match self.find_account(account)? {
                Some(number) => number,
                None => return Ok(Sought::of(ids).are_new(ids.len())),
            };
            let mut sought = Sought::of(ids);
            self.each_run(hour, number, |_, run| sought.walk_along(run))?;
            Ok(sought.are_new(ids.len()))
        };
        doing(|| format!("look for copies among the records of account {account}"), work)
    }

    fn find_account(&self, account: &AccountId) -> Result<Option<u32>, Cause> {
        let mut find = self.prepare("SELECT id FROM event_id_account WHERE name = ?1")?;
        Ok(find.query_row([account.as_str()], |row| row.get(0)).optional()?)
    }

    fn each_run(&self, hour: EventHour, account: u32, mut each: impl FnMut(u8, &[u8])) -> Result<(), Cause> {
        let mut runs = self.prepare("SELECT slot, ids FROM event_ids WHERE slot BETWEEN ?1 AND ?2 ORDER BY slot")?;
        let mut rows = runs.query([slot(hour, account, 0), slot(hour, account, u8::MAX)])?;
        while let Some(row) = rows.next()? {
            let run = row.get_ref(1)?.as_blob().map_err(|_| Cause::Damaged("ids that are no blob"))?;
            if run.len() % 8 != 0 {
                return Err(Cause::Damaged("a part of an id"));
            }
            each(row.get::<_, i64>(0)? as u8, run);
        }
        Ok(())
    }

    /// How many ids are stored, of all accounts.
    pub fn event_id_count(&self) -> Result<u64, StoreError> {
        let work = || {
            let mut sum = self.prepare("SELECT ifnull(sum(length(ids)), 0) / 8 FROM event_ids")?;
            Ok(sum.query_row([], |row| row.get::<_, i64>(0))? as u64)
        };
        doing(|| "count the event ids".into(), work)
    }
}

impl Writer<'_> {
    /// Stores the ids of an account and event hour. Says of each whether it was new: not stored before, and not among
    /// those before it here.
    pub fn add_event_ids(&self, account: &AccountId, hour: EventHour, ids: &[u64]) -> Result<Vec<bool>, StoreError> {
        let work = || {
            let number = self.account(account)?;
            let mut sought = Sought::of(ids);
            let mut lengths = Vec::new();
            self.each_run(hour, number, |run, bytes| {
                sought.walk_along(bytes);
                lengths.push((run, bytes.len() / 8));
            })?;
            let new = sought.new_ids();
            if !new.is_empty() {
                self.add_run(hour, number, lengths, new)?;
            }
            Ok(sought.are_new(ids.len()))
        };
        self.doing(|| format!("remember the records of account {account}"), work)
    }

    fn account(&self, account: &AccountId) -> Result<u32, Cause> {
        let number = match self.find_account(account)? {
            Some(number) => number,
            None => {
                let mut add = self.prepare("INSERT INTO event_id_account (name) VALUES (?1) RETURNING id")?;
                add.query_row([account.as_str()], |row| row.get(0))?
            }
        };
        if number >> ACCOUNT_BITS != 0 {
            return Err(Cause::Damaged("more accounts than can be numbered"));
        }
        Ok(number)
    }

    /// Adds a run of new ids, in order, merged with those runs before it that are not much longer.
    fn add_run(
        &self,
        hour: EventHour,
        account: u32,
        mut lengths: Vec<(u8, usize)>,
        mut run: Vec<u64>,
    ) -> Result<(), Cause> {
        let mut get = self.prepare("SELECT ids FROM event_ids WHERE slot = ?1")?;
        while let Some((number, _)) = lengths.pop_if(|last| last.1 <= 2 * run.len() || last.0 == u8::MAX) {
            let slot = slot(hour, account, number);
            let before = get.query_row([slot], |row| Ok(numbers(row.get_ref(0)?.as_blob()?).collect::<Vec<u64>>()))?;
            run = merged(&before, &run);
            self.execute("DELETE FROM event_ids WHERE slot = ?1", [slot])?;
        }
        let number = lengths.last().map_or(0, |last| last.0 + 1);
        let bytes: Vec<u8> = run.iter().flat_map(|id| id.to_le_bytes()).collect();
        self.execute("INSERT INTO event_ids (slot, ids) VALUES (?1, ?2)", (slot(hour, account, number), bytes))?;
        Ok(())
    }

    /// Forgets the ids of the hours before that of this minute.
    pub fn expire_event_ids(&self, before: Minute) -> Result<usize, StoreError> {
        let first_kept = slot(EventHour::of_minute(before), 0, 0);
        let work = || {
            self.reach(FORGOTTEN_BEFORE, i64::from(before.0))?;
            self.reach(FORGOTTEN_THROUGH, self.newest_batch()? as i64)?;
            self.reach_next(FORGOTTEN_TIMES)?;
            self.execute("DELETE FROM event_ids WHERE slot < ?1", [first_kept])
        };
        self.doing(|| format!("forget the event ids before {before}"), work)
    }
}

/// Which ids were forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Those of the hours before that of this minute,
    pub before: Minute,
    /// as far as they came with the batches up to this one. What came since is known. No clock tells that: one that is ahead for a while
    /// would name a moment that is long to come.
    pub through: u64,
    /// How often that was done.
    pub times: u64,
}

const FORGOTTEN_BEFORE: &str = "event ids before";
const FORGOTTEN_THROUGH: &str = "event ids through";
const FORGOTTEN_TIMES: &str = "event ids times";

impl Reader<'_> {
    /// Which ids were forgotten; `None`: none was.
    pub fn forgotten_event_ids(&self) -> Result<Option<Forgotten>, StoreError> {
        let work = || {
            let Some(before) = self.reached(FORGOTTEN_BEFORE)? else { return Ok(None) };
            let before = i32::try_from(before).map_err(|_| Cause::Damaged("a minute that is none"))?;
            let times = self.reached(FORGOTTEN_TIMES)?.unwrap_or(0) as u64;
            // Versions before noted a moment instead: until it is done once more, of all it is taken as forgotten.
            let through = self.reached(FORGOTTEN_THROUGH)?.map_or(u64::MAX, |through| through as u64);
            Ok(Some(Forgotten { before: Minute(before), through, times }))
        };
        doing(|| "look which event ids were forgotten".into(), work)
    }
}

fn slot(hour: EventHour, account: u32, run: u8) -> i64 {
    i64::from(hour.0) << (ACCOUNT_BITS + RUN_BITS) | i64::from(account) << RUN_BITS | i64::from(run)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes))
}

fn merged(one: &[u64], other: &[u64]) -> Vec<u64> {
    let mut out = Vec::with_capacity(one.len() + other.len());
    let (mut a, mut b) = (0, 0);
    while a < one.len() && b < other.len() {
        let is_first = one[a] <= other[b];
        out.push(if is_first { one[a] } else { other[b] });
        a += usize::from(is_first);
        b += usize::from(!is_first);
    }
    out.extend_from_slice(&one[a..]);
    out.extend_from_slice(&other[b..]);
    out
}

/// Ids that are looked for, in their order, each with where it stood; of equal ones the first.
struct Sought {
    ids: Vec<(u64, u32)>,
    is_known: Vec<bool>,
}

impl Sought {
    fn of(ids: &[u64]) -> Sought {
        let mut ids: Vec<(u64, u32)> = (0..).zip(ids).map(|(at, &id)| (id, at)).collect();
        ids.sort_unstable();
        ids.dedup_by_key(|pair| pair.0);
        Sought { is_known: vec![false; ids.len()], ids }
    }

    fn walk_along(&mut self, run: &[u8]) {
        let run = run.as_chunks::<8>().0;
        let at = |index: usize| u64::from_le_bytes(run[index]);
        let mut from = 0;
        for ((id, _), is_known) in self.ids.iter().zip(&mut self.is_known) {
            // In strides that double, then halve: a few steps where a batch is small beside the run, and one where it is not.
            let mut stride = 1;
            while from + stride <= run.len() && at(from + stride - 1) < *id {
                from += stride;
                stride *= 2;
            }
            let end = (from + stride).min(run.len());
            from += run[from..end].partition_point(|bytes| u64::from_le_bytes(*bytes) < *id);
            *is_known |= from < run.len() && at(from) == *id;
        }
    }

    fn new_ids(&self) -> Vec<u64> {
        self.ids.iter().zip(&self.is_known).filter(|(_, is_known)| !**is_known).map(|(pair, _)| pair.0).collect()
    }

    fn are_new(&self, count: usize) -> Vec<bool> {
        let mut are_new = vec![false; count];
        for ((_, at), is_known) in self.ids.iter().zip(&self.is_known) {
            are_new[*at as usize] = !is_known;
        }
        are_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_what_it_was() {
        let id = EventId::of_text("6b54e0ad-c23c-4850-b896-7533a3558526");
        assert_eq!(fingerprint(id), 17_126_670_231_919_829_716);
        assert_ne!(fingerprint(EventId(1)), fingerprint(EventId(1 << 64)));
    }

    #[test]
    fn hours_are_in_order_and_none_is_too_far() {
        let slots = [i64::MIN, -1, 0, 3599, 3600, i64::MAX].map(|seconds| slot(EventHour::of_seconds(seconds), 7, 3));
        assert!(slots.is_sorted());
        assert_eq!(slots[2], slots[3]);
        assert_eq!(slot(EventHour(0), (1 << ACCOUNT_BITS) - 1, u8::MAX) + 1, slot(EventHour(1), 0, 0));
    }
}
