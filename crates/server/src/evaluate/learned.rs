//! Learned: what the engine knows of an account is kept once a day, so that months need not be judged again.
//!
//! A start goes on from there, and so does whoever is behind: an account for which calls were counted in minutes that were
//! judged goes on from the last day before them, or from its first if none is kept. Others go on as they were.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use detect::engine::{Engine, Learned, SettingsBook};
use detect::findings::baseline_of;
use detect::tally::{RegionId, Tally};
use record::insight::Subject;
use record::names::AccountId;
use record::time::{Minute, Minutes};
use store::learned::{Kept, Packed};
use store::{Reader, Store, StoreError};

use super::{Evaluator, threads};

/// So many series are kept in one step, and what is left of the account that they end in: nobody waits long for it.
const SERIES_A_STEP: usize = 2_000;
/// After an insight, a timeline goes on for so long at most.
const AROUND: Minutes = Minutes(180);

/// What is kept, of every account whose settings it was learned with.
pub(super) fn all(store: &Store, settings: &SettingsBook) -> Result<Vec<(Kept, Learned)>, StoreError> {
    let kept: Vec<(AccountId, Kept)> = store.read(|r| {
        let accounts = r.learned_accounts()?.into_iter();
        let kept = accounts.map(|account| {
            let kept = r.learned(&account, |reached| Engine::made_with(settings, &account, reached))?;
            Ok(kept.map(|kept| (account, kept)))
        });
        kept.filter_map(Result::transpose).collect()
    })?;
    let (waiting, all) = (Mutex::new(kept.into_iter()), Mutex::new(BTreeMap::new()));
    let unpack = || {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((account, kept)) = next else { return };
            if let Some(learned) = unpacked(&account, &kept) {
                all.lock().unwrap_or_else(PoisonError::into_inner).insert(account, (kept, learned));
            }
        }
    };
    std::thread::scope(|scope| {
        (1..threads()).for_each(|_| drop(scope.spawn(unpack)));
        unpack();
    });
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect())
}

fn unpacked(account: &AccountId, kept: &Kept) -> Option<Learned> {
    let learned = kept.packed.unpack().filter(|learned| learned.account() == account);
    if learned.is_none() {
        tracing::warn!(%account, "what was learned of the account cannot be read: it is learned again from its counts");
    }
    learned
}

impl Evaluator {
    /// Accounts that are behind are judged again, from what was learned of them before, or from all counts since `from`. What
    /// was told stays told.
    pub fn catch_up(&mut self, store: &Store, from: Minute) -> Result<(), StoreError> {
        let mut from_the_first = BTreeSet::new();
        for account in &self.behind {
            let settings = self.engine.settings();
            let made_with = |reached| Engine::made_with(settings, account, reached);
            let kept = store.read(|r| r.learned(account, made_with))?;
            let learned = kept.filter(|kept| kept.reached >= self.remembered).and_then(|kept| unpacked(account, &kept));
            if let Some(learned) = learned {
                self.engine.resume(&mut self.tally, learned);
            } else {
                self.engine.forget(&self.tally, account);
                from_the_first.insert(account);
            }
            self.kept_days.remove(account);
        }
        if !from_the_first.is_empty() {
            let since = |account: &AccountId| from_the_first.contains(account).then_some(from);
            self.tally.replace(store.read(|r| r.load_tally_since(from, since))?);
            // Their early counts are given up again once they are judged.
            self.forgotten = from;
        }
        self.until.resize(self.tally.all_regions().len(), Minute(i32::MIN));
        let until = &self.until;
        self.engine.advance_far(&self.tally, threads(), |RegionId(id)| until[id as usize]);
        self.behind.clear();
        self.looks_again = true;
        Ok(())
    }

    /// Keeps what was learned of accounts whose day has begun since that was last done, some at a time. Says whether that is done.
    pub fn keep_learned(&mut self, store: &Store) -> Result<bool, StoreError> {
        let mut series = 0;
        let due: Vec<(AccountId, Minute)> = self
            .engine
            .days()
            .filter(|(account, day)| self.kept_days.get(*account) != Some(day) && !self.behind.contains(*account))
            .map(|(account, day)| (account.clone(), day))
            .collect();
        for (account, day) in due {
            if series >= SERIES_A_STEP {
                return Ok(false);
            }
            if let Some(learned) = self.engine.learned(&self.tally, &account) {
                let packed = Packed::of(&learned)?;
                let reached = learned.reached().map(|(_, reached)| reached).max().unwrap_or(day);
                let made_with = Engine::made_with(self.engine.settings(), &account, reached);
                store.write(|w| w.keep_learned(&learned, &packed, day, &made_with))?;
                series += learned.series();
            }
            self.kept_days.insert(account, day);
        }
        Ok(true)
    }
}

/// The counts that are told of an insight and its API, of a time that is no longer in memory.
pub(super) fn counts_around(
    r: &Reader<'_>,
    subject: &Subject,
    start: Minute,
    end: Minute,
) -> Result<Tally, StoreError> {
    let mut tally = Tally::new();
    let api = Subject { error: None, ..subject.clone() };
    let is_error = subject.error.is_some();
    for subject in [Some(subject), is_error.then_some(&api)].into_iter().flatten() {
        let series = tally.series(subject);
        for (minute, calls) in r.counts(subject, baseline_of(start).0, end.max(start) + AROUND)? {
            tally.add(series, minute, calls);
        }
    }
    Ok(tally)
}
