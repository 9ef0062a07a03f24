//! Learned: what the detector knows of each account, so that a start need not judge three months of counts again.
//!
//! It stands for counts that were judged. Whoever counts calls in such minutes takes it back in the same transaction, so
//! that what is kept is true at every moment: of the days that are kept, those before the late calls stay. One that a newer
//! detector cannot read, or that was made with other settings, is passed over: the counts are what is known, this is what
//! came of them.

use std::io::{Read as _, Write as _};

use detect::engine::Learned;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use record::names::AccountId;
use record::time::Minute;

use crate::error::{Cause, StoreError, doing};
use crate::{Reader, Writer};

/// Days of each account that are kept: log files that are late by more are rare.
const DAYS: u32 = 3;

/// What was learned, packed.
#[derive(Clone, Debug)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// Packs what was learned: before the transaction that keeps it, so that nobody waits for it.
    pub fn of(learned: &Learned) -> Result<Packed, StoreError> {
        let work = || {
            let state = postcard::to_allocvec(learned).map_err(|_| Cause::Damaged("a state that cannot be written"))?;
            let mut packing = ZlibEncoder::new(Vec::new(), Compression::fast());
            packing.write_all(&state)?;
            Ok(Packed(packing.finish()?))
        };
        doing(|| format!("pack what was learned of account {}", learned.account()), work)
    }

    /// What was learned; `None` if that cannot be read.
    pub fn unpack(&self) -> Option<Learned> {
        let mut state = Vec::new();
        // Its checksum is held against what was read.
        ZlibDecoder::new(&self.0[..]).read_to_end(&mut state).ok()?;
        postcard::from_bytes(&state).ok()
    }
}

/// What is kept of an account.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The day that the account was in.
    pub day: Minute,
    /// The counts before this minute were judged, in every Region.
    pub reached: Minute,
    /// What was learned.
    pub packed: Packed,
}

impl Writer<'_> {
    /// Keeps what was learned of an account by this day; the newest days of each account are kept. `made_with`: see
    /// [`Engine::made_with`](detect::engine::Engine::made_with).
    pub fn keep_learned(
        &self,
        learned: &Learned,
        Packed(state): &Packed,
        day: Minute,
        made_with: &str,
    ) -> Result<(), StoreError> {
        let account = learned.account();
        let work = || {
            let Some(reached) = learned.reached().map(|(_, reached)| reached).min() else { return Ok(()) };
            self.execute("DELETE FROM learned WHERE account = ?1 AND day = ?2", (account.as_str(), day.0))?;
            let mut keep = self.prepare(
                "INSERT INTO learned (account, day, made_with, reached, state) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
            )?;
            let row = (account.as_str(), day.0, made_with, reached.0, state);
            let id: i64 = keep.query_row(row, |row| row.get(0))?;
            let mut reach =
                self.prepare("INSERT INTO learned_region (region, learned, reached) VALUES (?1, ?2, ?3)")?;
            for (region, reached) in learned.reached() {
                reach.execute((self.region(account, region)?, id, reached.0))?;
            }
            self.execute(
                "DELETE FROM learned WHERE account = ?1 AND id NOT IN \
                 (SELECT id FROM learned WHERE account = ?1 ORDER BY day DESC LIMIT ?2)",
                (account.as_str(), DAYS),
            )?;
            Ok(())
        };
        self.doing(|| format!("keep what was learned of account {account}"), work)
    }

    /// Calls were counted in this minute of a Region: what was learned of later ones is not true any more.
    pub(crate) fn unlearn(&self, region: u32, minute: Minute) -> Result<(), Cause> {
        self.execute(
            "DELETE FROM learned WHERE id IN (SELECT learned FROM learned_region WHERE region = ?1 AND reached > ?2)",
            (region, minute.0),
        )?;
        Ok(())
    }
}

impl Reader<'_> {
    /// The newest that was learned of this account, made with the same; `None`: its counts are to be judged from the first.
    /// `made_with` says what it is to be made with if the counts before a minute were judged for it.
    pub fn learned(
        &self,
        account: &AccountId,
        made_with: impl Fn(Minute) -> String,
    ) -> Result<Option<Kept>, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT id, made_with, \
                 (SELECT max(reached) FROM learned_region WHERE learned_region.learned = learned.id) \
                 FROM learned WHERE account = ?1 ORDER BY day DESC",
            )?;
            let mut rows = all.query([account.as_str()])?;
            while let Some(row) = rows.next()? {
                let (id, kept_with, reached): (i64, String, Option<i32>) = (row.get(0)?, row.get(1)?, row.get(2)?);
                if reached.is_some_and(|reached| made_with(Minute(reached)) == kept_with) {
                    let mut find = self.prepare("SELECT day, reached, state FROM learned WHERE id = ?1")?;
                    let kept = find.query_row([id], |row| {
                        Ok(Kept { day: Minute(row.get(0)?), reached: Minute(row.get(1)?), packed: Packed(row.get(2)?) })
                    });
                    return Ok(Some(kept?));
                }
            }
            Ok(None)
        };
        doing(|| format!("read what was learned of account {account}"), work)
    }

    /// The accounts of which anything was learned.
    pub fn learned_accounts(&self) -> Result<Vec<AccountId>, StoreError> {
        let work = || {
            let mut all = self.prepare("SELECT DISTINCT account FROM learned ORDER BY account")?;
            let mut rows = all.query([])?;
            let mut accounts = Vec::new();
            while let Some(row) = rows.next()? {
                accounts.push(AccountId::from(row.get::<_, String>(0)?.as_str()));
            }
            Ok(accounts)
        };
        doing(|| "list what was learned".into(), work)
    }
}
