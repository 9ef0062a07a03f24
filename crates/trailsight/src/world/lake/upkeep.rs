//! The upkeep of the tables: small files are put together, and files of nobody are deleted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use lake::LakeError;
use lake::table::Table;

use super::DataLake;

/// Days are UTC's.
const SECONDS_A_DAY: i64 = 86_400;
/// From one time that files of nobody are looked for to the next.
const BETWEEN_SWEEPS: SignedDuration = SignedDuration::from_hours(1);

impl DataLake {
    /// Puts small files together, when nobody does already, and deletes what nobody needs: at first, then every hour. It takes as long
    /// as it takes, and holds up nobody.
    pub(super) fn keep_up(&self) {
        let Some(tables) = self.tables.get() else { return };
        if self.upkeep.swap(true, Ordering::AcqRel) {
            return;
        }
        let (tables, busy) = (tables.all().map(Arc::clone), Arc::clone(&self.upkeep));
        let writing = Arc::clone(&self.writing);
        let now = self.clock.now();
        let today = now.as_second().div_euclid(SECONDS_A_DAY);
        let sweeps = self.sweeps.is_due(now, BETWEEN_SWEEPS);
        self.runtime.get().spawn(async move {
            let _busy = Busy(busy);
            for table in tables {
                // At first: it may be that there is no room to put anything together.
                if sweeps {
                    sweep(&table, now).await;
                }
                if let Err(error) = keep_up(&table, today, &writing).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the lake's files cannot be put together");
                }
            }
        });
    }
}

/// Something that is done now and then: when it was done last.
#[derive(Default)]
pub(super) struct Rhythm(Mutex<Option<Timestamp>>);

impl Rhythm {
    /// Whether it is to be done now, so long after the last time at least; then it is done. Also if the clock was set back.
    pub(super) fn is_due(&self, now: Timestamp, between: SignedDuration) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.duration_since(last).abs() >= between);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

/// Somebody puts files together, until this is dropped: also if that breaks down.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

async fn sweep(table: &Table, now: Timestamp) {
    match table.delete_unused_files(now.as_microsecond()).await {
        Ok(files) => tracing::debug!(files, table = ?table.kind(), "files of the lake that nobody needs were deleted"),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the lake's files that nobody needs cannot be deleted");
        }
    }
}

async fn keep_up(table: &Table, today: i64, writing: &tokio::sync::Mutex<()>) -> Result<(), LakeError> {
    loop {
        // Whoever waits to keep what is new is let in between.
        let one_of_them = writing.lock().await;
        let together = table.merge_small_files(today).await?;
        drop(one_of_them);
        match together {
            0 => break,
            files => tracing::debug!(files, table = ?table.kind(), "small files of the lake were put together"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use lake::arrivals::Arrivals;
    use lake::schema::Kind;

    use super::super::{Engine, TablesIn};
    use super::*;
    use crate::world::all_buckets::with_links;
    use crate::world::clock::SystemClock;
    use crate::world::links::LinksFile;

    /// It may have ended before small files were put together, and nothing may come any more.
    #[test]
    fn small_files_that_were_left_are_put_together_after_a_start() {
        let folder = tempfile::tempdir().expect("there is room");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
        runtime.block_on(async {
            let table = Table::open(&folder.path().join("lake/insights"), Kind::Insights).await.expect("it is made");
            for through in 1..=3 {
                let mut arrivals = Arrivals::new(Kind::Insights);
                arrivals.add_insight(&format!(r#"{{"eventTime":"2020-02-10T12:00:00Z","eventID":"id-{through}"}}"#));
                let written = table.write(&mut arrivals).await.expect("there is room");
                table.commit(through, &written).await.expect("there is room");
            }
            assert_eq!(table.snapshot().files.len(), 3);
        });
        let tables = TablesIn::data_directory(folder.path());
        let buckets = with_links(folder.path(), LinksFile::of(folder.path()), runtime.handle());
        let lake =
            DataLake::open(folder.path(), tables, buckets, 64 << 20, None, Engine::default(), Box::new(SystemClock))
                .expect("it is there");
        let insights = &lake.tables().expect("they are here").insights;
        while insights.snapshot().files.len() > 1 {
            std::thread::yield_now();
        }
        assert_eq!(insights.snapshot().files[0].span.rows, 3);
    }
}
