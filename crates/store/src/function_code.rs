//! The code of functions: zip archives of up to fifty megabytes, known by their SHA-256.
//!
//! An archive is never changed, so what was read last is kept in memory: a function that is invoked a thousand times is read
//! once. A function keeps as many archives as it has versions that differ.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::OptionalExtension;

use crate::error::doing;
use crate::{Reader, Store, StoreError, Writer};

/// Bytes of archives that are kept in memory, besides the one that was read last.
const KEPT_BYTES: usize = 128 << 20;

/// Archives that were read, the one that was asked for last in front.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<VecDeque<(String, Arc<[u8]>)>>);

impl Kept {
    fn get(&self, sha256: &str) -> Option<Arc<[u8]>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|(of, _)| of == sha256)?;
        let found = kept.remove(place)?;
        let archive = Arc::clone(&found.1);
        kept.push_front(found);
        Some(archive)
    }

    fn put(&self, sha256: &str, archive: &Arc<[u8]>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((sha256.to_owned(), Arc::clone(archive)));
        let mut bytes = 0;
        let few = kept.iter().take_while(|(_, archive)| {
            bytes += archive.len();
            bytes <= KEPT_BYTES
        });
        let count = few.count().max(1);
        kept.truncate(count);
    }
}

impl Store {
    /// The archive of this sum, if this function has it. Do not call it from within [`read`](Store::read) or
    /// [`write`](Store::write).
    pub fn function_code(&self, function: &str, sha256: &str) -> Result<Option<Arc<[u8]>>, StoreError> {
        if let Some(archive) = self.codes.get(sha256) {
            return Ok(Some(archive));
        }
        let archive = self.read(|r| r.function_archive(function, sha256))?;
        if let Some(archive) = &archive {
            self.codes.put(sha256, archive);
        }
        Ok(archive)
    }
}

impl Reader<'_> {
    fn function_archive(&self, function: &str, sha256: &str) -> Result<Option<Arc<[u8]>>, StoreError> {
        let work = || {
            let mut get = self.prepare("SELECT archive FROM function_code WHERE function = ?1 AND sha256 = ?2")?;
            let found = get.query_row((function, sha256), |row| Ok(Arc::from(row.get_ref(0)?.as_blob()?)));
            Ok(found.optional()?)
        };
        doing(|| format!("read the code of `{function}`"), work)
    }

    /// Bytes of all archives of functions whose ARNs begin so.
    pub fn function_code_bytes(&self, prefix: &str) -> Result<u64, StoreError> {
        let work = || {
            let mut sum = self.prepare(
                "SELECT ifnull(sum(size), 0) FROM function_code \
                 WHERE function >= ?1 AND substr(function, 1, length(?1)) = ?1",
            )?;
            Ok(sum.query_row([prefix], |row| row.get::<_, i64>(0))? as u64)
        };
        doing(|| "measure the code of functions".into(), work)
    }
}

impl Writer<'_> {
    /// Puts an archive beside the others of its function; one that is there already stays.
    pub fn put_function_code(&self, function: &str, sha256: &str, archive: &[u8]) -> Result<(), StoreError> {
        let work = || {
            self.execute(
                "INSERT OR IGNORE INTO function_code (function, sha256, size, archive) VALUES (?1, ?2, ?3, ?4)",
                (function, sha256, archive.len() as i64, archive),
            )
        };
        self.doing(|| format!("store the code of `{function}`"), work).map(drop)
    }

    /// Forgets the archives of a function that it has no longer. `kept`: the sums of those that it has.
    pub fn keep_function_code(&self, function: &str, kept: &[&str]) -> Result<usize, StoreError> {
        let work = || {
            let marks = (2..kept.len() + 2).map(|number| format!("?{number}")).collect::<Vec<_>>().join(", ");
            let values = std::iter::once(&function).chain(kept);
            self.execute(
                &format!("DELETE FROM function_code WHERE function = ?1 AND sha256 NOT IN ({marks})"),
                rusqlite::params_from_iter(values),
            )
        };
        self.doing(|| format!("forget code of `{function}`"), work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_but_the_last_is_always_kept() {
        let kept = Kept::default();
        let archive: Arc<[u8]> = vec![0; KEPT_BYTES / 2].into();
        for sum in ["a", "b", "c"] {
            kept.put(sum, &archive);
        }
        assert!(kept.get("a").is_none() && kept.get("b").is_some() && kept.get("c").is_some());
        let large: Arc<[u8]> = vec![0; KEPT_BYTES + 1].into();
        kept.put("d", &large);
        assert!(kept.get("d").is_some() && kept.get("c").is_none());
    }
}
