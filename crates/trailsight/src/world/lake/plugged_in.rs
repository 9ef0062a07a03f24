//! The lake as the service knows it: its trait, and the faults that it tells of.

use std::fs::File;

use jiff::Timestamp;
use lake::arrivals::Arrivals;
use lake::dialect::{Logs, Understood};
use lake::kept_rows;
use lake::schema::Kind;
use lake::vocabulary::{self, FUNCTIONS};
use lake::{LakeError, dialect};
use server::world::lake::{
    Column, Kept, KeptFile, LakeFault, LakeQuery, Named, NamedLogs, QueryDone, QueryFault, QueryFaultKind, QueryRow,
    QueryStatistics, Vocabulary,
};

use super::log_files::Found;
use super::{DataLake, Engine, behind};

impl server::world::Lake for DataLake {
    fn understand(&self, statement: &str) -> Result<Named, QueryFault> {
        let Understood { stores, logs, .. } = dialect::understand(statement).map_err(fault)?;
        let logs = logs.into_values().map(|Logs { bucket, place, .. }| NamedLogs { bucket, place });
        Ok(Named { stores: stores.into_iter().collect(), logs: logs.collect() })
    }

    fn vocabulary(&self) -> Vocabulary {
        let of = |kind| vocabulary::columns(kind).into_iter().map(column_of).collect();
        let functions = FUNCTIONS.iter().map(|name| (*name).to_owned()).collect();
        let (events, insights, activity) = (of(Kind::Events), of(Kind::Insights), of(Kind::Activity));
        Vocabulary { events, insights, activity, functions }
    }

    fn check(&self, query: &LakeQuery) -> Result<(), QueryFault> {
        let mut query = query.clone();
        for view in &mut query.views {
            // Of no moment at all: no file is looked for.
            let parts = [Some(&mut view.insights), view.events.as_mut(), view.activity.as_mut()];
            parts.into_iter().flatten().for_each(|part| part.windows.clear());
        }
        let logs = Found::unlooked(&query.statement).map_err(fault)?;
        self.runtime.get().block_on(self.plan_it(&query, &logs, &Engine::default())).map(drop).map_err(fault)
    }

    fn run(
        &self,
        query: &LakeQuery,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        progress: &mut (dyn FnMut(QueryStatistics) + Send),
    ) -> Result<QueryDone, QueryFault> {
        self.run_watched(query, is_cancelled, progress).map_err(fault)
    }

    fn ask(&self, query: &LakeQuery, at_most: usize) -> Result<Vec<QueryRow>, QueryFault> {
        self.ask_in_turn(query, at_most)
    }

    fn rows(&self, id: &str, from: u64, at_most: usize) -> Result<Vec<QueryRow>, QueryFault> {
        kept_rows::read(&self.results, id, from, at_most).map_err(fault)
    }

    fn result(&self, id: &str) -> Result<File, QueryFault> {
        kept_rows::open(&self.results, id).map_err(fault)
    }

    fn forget(&self, id: &str) {
        kept_rows::forget(&self.results, id);
    }

    fn kept(&self) -> Result<Kept, LakeFault> {
        let tables = self.reach().map_err(other)?;
        let [batch, insight, activity] = tables.all().map(|table| table.snapshot().kept);
        Ok(Kept { batch, insight, activity, import: tables.events.snapshot().imported })
    }

    fn expire(&self, before: Timestamp) -> Result<(), LakeFault> {
        for table in self.tables().map_err(other)?.all() {
            let files = self.runtime.get().block_on(table.expire(before.as_microsecond())).map_err(other)?;
            tracing::debug!(files, table = ?table.kind(), %before, "the lake's oldest days are in no store any more");
        }
        Ok(())
    }

    fn keep(&self, through_batch: u64, files: &[KeptFile]) -> Result<(), LakeFault> {
        let events = &self.tables().map_err(other)?.events;
        let written = behind::run(|| {
            let written = self.write(events, files, Arrivals::new(Kind::Events), |_| true);
            self.give_back();
            written
        });
        let written = written.map_err(other)?;
        self.runtime.get().block_on(events.commit(through_batch, &written)).map_err(other)?;
        self.keep_up();
        Ok(())
    }

    fn import(&self, part: u64, files: &[KeptFile]) -> Result<(), LakeFault> {
        behind::run(|| self.import_part(part, files)).map_err(other)
    }

    fn keep_insights(&self, through: u64, records: &[String]) -> Result<(), LakeFault> {
        let mut arrivals = Arrivals::new(Kind::Insights);
        records.iter().for_each(|record| arrivals.add_insight(record));
        self.keep_in(&self.tables().map_err(other)?.insights, through, arrivals)
    }

    fn keep_activity(&self, through: u64, records: &[String]) -> Result<(), LakeFault> {
        let mut arrivals = Arrivals::new(Kind::Activity);
        records.iter().for_each(|record| arrivals.add_activity(record));
        self.keep_in(&self.tables().map_err(other)?.activity, through, arrivals)
    }
}

fn column_of(column: vocabulary::Column) -> Column {
    let vocabulary::Column { name, kind, fields } = column;
    Column { name, kind, fields: fields.into_iter().map(column_of).collect() }
}

pub(super) fn fault(error: LakeError) -> QueryFault {
    let kind = match &error {
        LakeError::Statement(_) => QueryFaultKind::Statement,
        LakeError::NoStore(_) => QueryFaultKind::NoStore,
        LakeError::OutOfMemory(_) => QueryFaultKind::TooLarge,
        LakeError::TimedOut(_) => QueryFaultKind::TimedOut,
        LakeError::Cancelled => QueryFaultKind::Cancelled,
        LakeError::Failed(_) | LakeError::Table(_) => QueryFaultKind::Failed,
    };
    QueryFault { kind, text: error.to_string() }
}

pub(super) fn other(error: LakeError) -> LakeFault {
    LakeFault::Other(error.to_string())
}
