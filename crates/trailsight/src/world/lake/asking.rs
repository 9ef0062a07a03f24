//! Those who ask: queries, each of which runs until it is done or cancelled, and whoever waits for an answer, one after the other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use lake::LakeError;
use lake::dialect::Logs;
use lake::kept_rows::KeptRows;
use lake::query::{Limits, Query, Statistics, TableProvider};
use lake::results::texts;
use server::world::lake::{LakeQuery, QueryDone, QueryFault, QueryFaultKind, QueryRow, QueryStatistics, StoreView};

use super::log_files::Found;
use super::plugged_in::fault;
use super::tables::Tables;
use super::{DataLake, Engine, behind};

/// How often it is looked whether a query was cancelled.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// How long somebody waits for an answer.
const ASKING: Duration = Duration::from_secs(20);
/// Who waits for an answer at once.
const MOST_ASKERS: usize = 64;

impl DataLake {
    /// What a statement reads where it names this store.
    fn table(tables: &Tables, view: &StoreView, wants_insights: bool, engine: &Engine) -> Arc<dyn TableProvider> {
        let (table, part) = match (&view.activity, &view.events) {
            (Some(activity), _) => (&tables.activity, activity),
            (None, Some(events)) if !wants_insights => (&tables.events, events),
            (None, _) => (&tables.insights, &view.insights),
        };
        match engine.is_here() {
            true => table.part(part.clone()),
            false => table.part_elsewhere(part.clone()),
        }
    }

    async fn plan(
        &self,
        query: &LakeQuery,
        logs: &[Found],
        wants_insights: bool,
        limits: Limits,
        engine: &Engine,
    ) -> Result<Query, LakeError> {
        let tables = self.tables()?;
        let find = |name: &str| {
            let view = query.views.iter().find(|view| view.named.eq_ignore_ascii_case(name))?;
            Some(DataLake::table(tables, view, wants_insights, engine))
        };
        let logs = |named: &Logs| Found::table(logs, named);
        Query::plan_with_logs(engine.session(&limits)?, &query.statement, find, logs, limits).await
    }

    /// The plan of a query. If no event has the columns that it asks for, Insights events may.
    pub(super) async fn plan_it(&self, query: &LakeQuery, logs: &[Found], engine: &Engine) -> Result<Query, LakeError> {
        match self.plan(query, logs, false, self.limits.clone(), engine).await {
            Err(LakeError::Statement(why)) if query.views.iter().any(|view| view.events.is_some()) => {
                let planned = self.plan(query, logs, true, self.limits.clone(), engine).await;
                planned.map_err(|_| LakeError::Statement(why))
            }
            planned => planned,
        }
    }

    /// Runs a query until it is done or cancelled, and keeps its rows.
    pub(super) fn run_watched(
        &self,
        query: &LakeQuery,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        progress: &mut (dyn FnMut(QueryStatistics) + Send),
    ) -> Result<QueryDone, LakeError> {
        let logs = Found::all(&query.statement, &self.buckets, self.engine.is_here(), is_cancelled)?;
        let here = Engine::default();
        let engine = if logs.iter().all(Found::is_elsewhere) { &self.engine } else { &here };
        let planned = self.runtime.get().block_on(self.plan_it(query, &logs, engine))?;
        let (ended, goes_on) = channel::<()>();
        let stopper = planned.stopper();
        let watch = move || {
            while goes_on.recv_timeout(BETWEEN_LOOKS) == Err(RecvTimeoutError::Timeout) {
                if is_cancelled() {
                    return stopper.stop();
                }
            }
        };
        // From a thread of its own: a statement may be so busy that nothing else on its threads comes to look.
        let done = std::thread::scope(|scope| {
            scope.spawn(watch);
            let run = || self.runtime.get().block_on(self.run_it(query, &planned, is_cancelled, progress));
            let done = behind::run(run);
            drop(ended);
            done
        });
        let told = logs.iter().map(|logs| logs.tell(&query.id)).fold(Ok(()), Result::and);
        done.and_then(|done| told.map(|()| done))
    }

    async fn run_it(
        &self,
        query: &LakeQuery,
        planned: &Query,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        progress: &mut (dyn FnMut(QueryStatistics) + Send),
    ) -> Result<QueryDone, LakeError> {
        let mut rows = KeptRows::new(&self.results, &query.id, &planned.schema())?;
        let looking = async {
            loop {
                tokio::time::sleep(BETWEEN_LOOKS).await;
                if is_cancelled() {
                    return;
                }
                progress(said(planned.statistics()));
            }
        };
        let statistics = tokio::select! {
            done = planned.run(|batch| rows.write(&batch)) => done?,
            () = looking => return Err(LakeError::Cancelled),
        };
        Ok(QueryDone { rows: rows.finish()?, statistics: said(statistics) })
    }

    /// Answers somebody who waits, after those who waited before.
    pub(super) fn ask_in_turn(&self, query: &LakeQuery, at_most: usize) -> Result<Vec<QueryRow>, QueryFault> {
        // Each of them holds a thread of the service while it waits.
        let _asker = Asker::of(&self.askers).ok_or_else(|| QueryFault {
            kind: QueryFaultKind::Busy,
            text: format!("{MOST_ASKERS} ask the lake already, one after the other: ask again in a moment."),
        })?;
        let _one_at_a_time = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        self.runtime.get().block_on(self.ask_it(query, at_most)).map_err(fault)
    }

    async fn ask_it(&self, query: &LakeQuery, at_most: usize) -> Result<Vec<QueryRow>, LakeError> {
        let limits = Limits { time: ASKING, ..self.limits.clone() };
        let planned = self.plan(query, &[], false, limits, &Engine::default()).await?;
        let schema = planned.schema();
        let labels = || schema.fields().iter().map(|field| field.name().clone());
        let mut rows = Vec::new();
        planned
            .run(|batch| {
                let texts = texts(&batch).map(|row| row.into_iter().map(Option::unwrap_or_default));
                rows.extend(texts.map(|row| labels().zip(row).collect()).take(at_most - rows.len()));
                Ok(())
            })
            .await?;
        Ok(rows)
    }
}

/// One of those who ask, until this is dropped.
struct Asker<'a>(&'a AtomicUsize);

impl<'a> Asker<'a> {
    /// `None`: there are too many.
    fn of(askers: &'a AtomicUsize) -> Option<Asker<'a>> {
        let asker = Asker(askers);
        (askers.fetch_add(1, Ordering::AcqRel) < MOST_ASKERS).then_some(asker)
    }
}

impl Drop for Asker<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn said(statistics: Statistics) -> QueryStatistics {
    let Statistics { events_matched, events_scanned, bytes_scanned } = statistics;
    QueryStatistics { events_matched, events_scanned, bytes_scanned }
}
