//! What the lake was handed: noted, and waited for the disk, before the lake keeps it.
//!
//! The lake says itself how far it has come, and its commits outlive a power failure. What is counted need not: so this note takes
//! all that was written before it with it. A lake that has kept more than was ever noted here follows another database: an older
//! one, as after a restore, or another one's.

use crate::error::{Cause, doing};
use crate::imports::NEWEST_PART;
use crate::{Reader, StoreError, Writer};

/// How far the lake was handed what is counted; 0 where nothing was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handed {
    /// The last batch.
    pub batch: u64,
    /// The last Insights event.
    pub insight: u64,
    /// The last part of all imports.
    pub import: u64,
}

const NAMES: [&str; 3] = ["handed batch", "handed insight", "handed import"];

impl Writer<'_> {
    /// Notes what the lake is handed next. Nothing is taken back.
    pub fn hand(&self, handed: Handed) -> Result<(), StoreError> {
        let Handed { batch, insight, import } = handed;
        let mut of = NAMES.into_iter().zip([batch, insight, import]);
        let work = || of.try_for_each(|(name, reached)| self.reach(name, reached as i64));
        self.doing(|| "note what the lake is handed".into(), work)
    }
}

impl Reader<'_> {
    /// What the lake was handed; `None`: it never was.
    pub fn handed(&self) -> Result<Option<Handed>, StoreError> {
        let work = || {
            let of = |name| -> Result<_, Cause> { Ok(self.reached(name)?.map(|reached| reached as u64)) };
            let [batch, insight, import] = NAMES;
            let Some(batch) = of(batch)? else { return Ok(None) };
            Ok(Some(Handed { batch, insight: of(insight)?.unwrap_or(0), import: of(import)?.unwrap_or(0) }))
        };
        doing(|| "read what the lake was handed".into(), work)
    }

    /// The last part that an import has begun; 0 if there is none.
    pub fn newest_import_part(&self) -> Result<u64, StoreError> {
        let work = || Ok(self.reached(NEWEST_PART)?.unwrap_or(0) as u64);
        doing(|| "look for the last part of an import".into(), work)
    }
}
