//! A lake in memory: it answers with the rows that a test gave it, when the test lets it, and keeps what it is handed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use server::world::Lake;
use server::world::lake::{
    Column, Kept, KeptFile, LakeFault, LakeQuery, Named, NamedLogs, QueryDone, QueryFault, QueryFaultKind, QueryRow,
    QueryStatistics, Vocabulary,
};

/// The same lake, however often it is cloned.
#[derive(Clone, Default)]
pub(crate) struct FakeLake(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    /// What the next queries answer.
    rows: Vec<QueryRow>,
    /// What they fail with instead.
    fault: Option<QueryFault>,
    /// They do not end until they may.
    is_held: bool,
    /// Those that have begun, in order.
    begun: Vec<LakeQuery>,
    /// Those that have ended.
    ended: usize,
    results: BTreeMap<String, Vec<QueryRow>>,
    kept: Kept,
    files: Vec<KeptFile>,
    insights: Vec<String>,
    activity: Vec<String>,
    keepings: usize,
    /// How often it was asked how far it has come.
    askings: usize,
    /// Before when events may go.
    expired: Option<jiff::Timestamp>,
    /// What keeping fails with.
    keep_fault: Option<LakeFault>,
    /// What keeping breaks down with.
    keeping_panics: Option<&'static str>,
}

impl FakeLake {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.0.1.notify_all();
        changed
    }

    fn wait(&self, until: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        self.0.1.wait_while(self.state(), |state| !until(state)).unwrap_or_else(PoisonError::into_inner)
    }

    /// Of each file that was kept, how many of its records were left out.
    pub(crate) fn left_out(&self) -> Vec<usize> {
        self.state().files.iter().map(|file| file.left_out.len()).collect()
    }

    /// From now on queries answer this: each row as labels and texts.
    pub(crate) fn answer(&self, rows: &[&[(&str, &str)]]) {
        let row = |row: &&[(&str, &str)]| row.iter().map(|(label, text)| ((*label).into(), (*text).into())).collect();
        self.change(|state| (state.fault, state.rows) = (None, rows.iter().map(row).collect()));
    }

    /// From now on queries fail.
    pub(crate) fn fail(&self, kind: QueryFaultKind, text: &str) {
        self.change(|state| state.fault = Some(QueryFault { kind, text: text.into() }));
    }

    /// From now on queries do not end, until they are cancelled or let go.
    pub(crate) fn hold(&self) {
        self.change(|state| state.is_held = true);
    }

    /// They may end.
    pub(crate) fn let_go(&self) {
        self.change(|state| state.is_held = false);
    }

    /// Waits until so many queries have begun, in all; says which.
    pub(crate) fn begun(&self, count: usize) -> Vec<LakeQuery> {
        self.wait(|state| state.begun.len() >= count).begun.clone()
    }

    /// Waits until so many queries have ended, in all.
    pub(crate) fn ended(&self, count: usize) {
        drop(self.wait(|state| state.ended >= count));
    }

    /// The rows that queries answer are those of this one.
    pub(crate) fn keep_rows(&self, id: &str) {
        self.change(|state| state.results.insert(id.to_owned(), state.rows.clone()));
    }

    /// Whether the rows of a query are still there.
    pub(crate) fn has_rows(&self, id: &str) -> bool {
        self.state().results.contains_key(id)
    }

    /// From now on keeping fails with this, or goes well again.
    pub(crate) fn keeping_fails(&self, fault: Option<LakeFault>) {
        self.change(|state| state.keep_fault = fault);
    }

    /// From now on keeping breaks down, or goes well again.
    pub(crate) fn keeping_panics(&self, why: Option<&'static str>) {
        self.change(|state| state.keeping_panics = why);
    }

    /// Before when events may go, as it was last told.
    pub(crate) fn expired(&self) -> Option<jiff::Timestamp> {
        self.state().expired
    }

    /// Waits until somebody has asked how far it has come.
    pub(crate) fn was_asked(&self) {
        drop(self.wait(|state| state.askings > 0));
    }

    /// How far it has come, and the keys of the files that are kept, in the order of their coming.
    pub(crate) fn kept_keys(&self) -> (Kept, Vec<String>) {
        let state = self.state();
        (state.kept, state.files.iter().map(|file| file.key.clone()).collect())
    }

    /// The Insights events that are kept.
    pub(crate) fn kept_insights(&self) -> Vec<String> {
        self.state().insights.clone()
    }

    /// The events from outside of AWS that are kept.
    pub(crate) fn kept_activity(&self) -> Vec<String> {
        self.state().activity.clone()
    }

    /// How often something was kept: commits of a real lake.
    pub(crate) fn keepings(&self) -> usize {
        self.state().keepings
    }
}

impl Lake for FakeLake {
    /// The words behind each FROM; those that begin with `s3://` are log files.
    fn understand(&self, statement: &str) -> Result<Named, QueryFault> {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let behind = words.windows(2).filter(|pair| pair[0].eq_ignore_ascii_case("from")).map(|pair| pair[1]);
        let behind = behind.map(|name| name.trim_matches(|letter| "\"';,()".contains(letter)));
        let (logs, stores): (Vec<&str>, Vec<&str>) = behind.partition(|name| name.starts_with("s3://"));
        let bucket = |uri: &str| uri.split('/').nth(2).unwrap_or_default().to_owned();
        let logs =
            logs.into_iter().map(|uri| NamedLogs { bucket: bucket(uri), place: " at Line: 1, Column: 15".into() });
        let mut named = Named {
            stores: stores.into_iter().map(|name| name.rsplit('/').next().unwrap_or(name).to_owned()).collect(),
            logs: logs.collect(),
        };
        named.stores.dedup();
        if named.stores.is_empty() && named.logs.is_empty() {
            let text = "line 1: nothing stands behind FROM".into();
            return Err(QueryFault { kind: QueryFaultKind::Statement, text });
        }
        Ok(named)
    }

    fn vocabulary(&self) -> Vocabulary {
        let column = |name: &str, kind: &str, fields| Column { name: name.into(), kind: kind.into(), fields };
        let arn = column("arn", "varchar", Vec::new());
        Vocabulary {
            events: vec![column("userIdentity", "row", vec![arn]), column("eventName", "varchar", Vec::new())],
            insights: vec![column("insightType", "varchar", Vec::new())],
            activity: vec![column("metadata", "row", vec![column("channelARN", "varchar", Vec::new())])],
            functions: vec!["count".into()],
        }
    }

    /// There is no column whose name begins with `no_`.
    fn check(&self, query: &LakeQuery) -> Result<(), QueryFault> {
        match query.statement.split_whitespace().find(|word| word.starts_with("no_")) {
            None => Ok(()),
            Some(word) => Err(QueryFault {
                kind: QueryFaultKind::Statement,
                text: format!("there is no column `{word}` in {}", query.views.len()),
            }),
        }
    }

    fn run(
        &self,
        query: &LakeQuery,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        progress: &mut (dyn FnMut(QueryStatistics) + Send),
    ) -> Result<QueryDone, QueryFault> {
        progress(QueryStatistics { events_matched: 1, events_scanned: 10, bytes_scanned: 100 });
        self.change(|state| state.begun.push(query.clone()));
        // Nobody tells it that a query was cancelled: it looks.
        while self.state().is_held && !is_cancelled() {
            std::thread::yield_now();
        }
        self.change(|state| {
            state.ended += 1;
            if is_cancelled() {
                return Err(QueryFault { kind: QueryFaultKind::Cancelled, text: "The query was cancelled.".into() });
            }
            if let Some(fault) = &state.fault {
                return Err(fault.clone());
            }
            let rows = state.rows.clone();
            let statistics = QueryStatistics { events_matched: 2, events_scanned: 20, bytes_scanned: 200 };
            let done = QueryDone { rows: rows.len() as u64, statistics };
            state.results.insert(query.id.clone(), rows);
            Ok(done)
        })
    }

    /// Each of these takes, of the rows that are left of what was to be answered, the first that have the column it selects.
    fn ask(&self, query: &LakeQuery, at_most: usize) -> Result<Vec<QueryRow>, QueryFault> {
        self.change(|state| {
            state.begun.push(query.clone());
            match &state.fault {
                Some(fault) => Err(fault.clone()),
                None => {
                    let column = query.statement.split_whitespace().nth(1).map(|word| word.trim_end_matches(','));
                    let is_its = |row: &&QueryRow| row.first().map(|(label, _)| label.as_str()) == column;
                    let count = state.rows.iter().take(at_most).take_while(is_its).count();
                    Ok(state.rows.drain(..count).collect())
                }
            }
        })
    }

    fn rows(&self, id: &str, from: u64, at_most: usize) -> Result<Vec<QueryRow>, QueryFault> {
        let state = self.state();
        let rows = state.results.get(id).ok_or_else(|| QueryFault {
            kind: QueryFaultKind::Failed,
            text: format!("Of the query {id} there are no rows."),
        })?;
        Ok(rows.iter().skip(from as usize).take(at_most).cloned().collect())
    }

    /// Its texts, one a line.
    fn result(&self, id: &str) -> Result<File, QueryFault> {
        let texts: Vec<String> = self.rows(id, 0, usize::MAX)?.into_iter().flatten().map(|(_, text)| text).collect();
        let mut file = tempfile::tempfile().expect("there is room");
        file.write_all(texts.join("\n").as_bytes()).and_then(|()| file.rewind()).expect("there is room");
        Ok(file)
    }

    fn forget(&self, id: &str) {
        self.change(|state| state.results.remove(id));
    }

    fn kept(&self) -> Result<Kept, LakeFault> {
        self.change(|state| {
            state.askings += 1;
            match &state.keep_fault {
                Some(LakeFault::NoLake) => Err(LakeFault::NoLake),
                Some(LakeFault::Other(_)) | None => Ok(state.kept),
            }
        })
    }

    fn expire(&self, before: jiff::Timestamp) -> Result<(), LakeFault> {
        self.change(|state| state.expired = Some(before));
        Ok(())
    }

    fn keep(&self, through_batch: u64, files: &[KeptFile]) -> Result<(), LakeFault> {
        if let Some(why) = self.state().keeping_panics {
            panic!("{why}");
        }
        self.change(|state| {
            if let Some(fault) = &state.keep_fault {
                return Err(fault.clone());
            }
            if through_batch > state.kept.batch {
                state.kept.batch = through_batch;
                state.keepings += 1;
                state.files.extend_from_slice(files);
            }
            Ok(())
        })
    }

    fn import(&self, part: u64, files: &[KeptFile]) -> Result<(), LakeFault> {
        self.change(|state| {
            if let Some(fault) = &state.keep_fault {
                return Err(fault.clone());
            }
            if part > state.kept.import {
                state.kept.import = part;
                state.keepings += 1;
                state.files.extend_from_slice(files);
            }
            Ok(())
        })
    }

    fn keep_insights(&self, through: u64, records: &[String]) -> Result<(), LakeFault> {
        self.change(|state| {
            if let Some(fault) = &state.keep_fault {
                return Err(fault.clone());
            }
            if through > state.kept.insight {
                state.kept.insight = through;
                state.keepings += 1;
                state.insights.extend_from_slice(records);
            }
            Ok(())
        })
    }

    fn keep_activity(&self, through: u64, records: &[String]) -> Result<(), LakeFault> {
        self.change(|state| {
            if let Some(fault) = &state.keep_fault {
                return Err(fault.clone());
            }
            if through > state.kept.activity {
                state.kept.activity = through;
                state.keepings += 1;
                state.activity.extend_from_slice(records);
            }
            Ok(())
        })
    }
}
