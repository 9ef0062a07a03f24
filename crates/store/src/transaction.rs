//! One transaction: what can be asked in it, and what can be changed.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use rusqlite::{CachedStatement, Connection, TransactionBehavior};

use crate::StoreError;
use crate::awakening::News;
use crate::error::{Cause, doing};
use crate::pretended::Pretended;

/// What can be asked: everything, as of one moment.
#[derive(Debug)]
pub struct Reader<'c> {
    pub(crate) connection: &'c Connection,
}

/// What can be changed, within one transaction; what can be asked sees the changes.
#[derive(Debug)]
pub struct Writer<'c> {
    reader: Reader<'c>,
    /// What failed first: then nothing is kept, whether or not it was passed over.
    failed: RefCell<Option<String>>,
    /// There is something new to be delivered.
    pub(crate) has_delivery: Cell<bool>,
    /// A query was added or changed.
    pub(crate) has_query: Cell<bool>,
    pretended: &'c Pretended,
}

/// Says, too, what is new for whoever waits.
pub(crate) fn write_with<T, E: From<StoreError>>(
    connection: &mut Connection,
    pretended: &Pretended,
    change: impl FnOnce(&Writer<'_>) -> Result<T, E>,
) -> Result<(T, News), E> {
    // Dropped without a commit it is rolled back: after an error, and after a panic.
    let begun = doing(
        || "begin to write".into(),
        || {
            pretended.step()?;
            Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
        },
    )?;
    let (failed, has_delivery, has_query) = Default::default();
    let writer = Writer { reader: Reader { connection: &begun }, failed, has_delivery, has_query, pretended };
    let changed = change(&writer)?;
    let news = News { has_delivery: writer.has_delivery.get(), has_query: writer.has_query.get() };
    if let Some(part) = writer.failed.into_inner() {
        return Err(StoreError::CalledOff { part }.into());
    }
    doing(
        || "keep what was written".into(),
        || {
            pretended.step()?;
            Ok(begun.commit()?)
        },
    )?;
    Ok((changed, news))
}

impl Reader<'_> {
    /// A statement, prepared once a connection.
    pub(crate) fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, Cause> {
        Ok(self.connection.prepare_cached(sql)?)
    }
}

impl Writer<'_> {
    /// As [`crate::error::doing`]; and what failed calls the transaction off.
    pub(crate) fn doing<T>(
        &self,
        what: impl FnOnce() -> String,
        work: impl FnOnce() -> Result<T, Cause>,
    ) -> Result<T, StoreError> {
        let done = doing(what, || {
            self.pretended.step()?;
            work()
        });
        if let Err(error) = &done {
            self.failed.borrow_mut().get_or_insert_with(|| error.to_string());
        }
        done
    }

    /// Runs a statement; says how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize, Cause> {
        Ok(self.prepare(sql)?.execute(values)?)
    }
}

impl<'c> Deref for Writer<'c> {
    type Target = Reader<'c>;

    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}
