//! Insights as they stand, and up to where each account-Region has been evaluated.
//!
//! An insight is known by the id that its Start and End share, which is made of what it is about: putting the same one
//! again writes over it. What of it was told to the world is in [`crate::insight_events`].

use jiff::Timestamp;
use record::insight::{Difference, Insight};
use record::insight_record::shared_event_id;
use record::names::{AccountId, Region};
use record::time::Minute;
use rusqlite::{OptionalExtension, Row};

use crate::error::{Cause, StoreError, doing};
use crate::moment::{millis, moment};
use crate::{Reader, Writer};

/// How documents are written today: `record::insight::Insight` by its serde names. A change of those names, or of what a
/// field means, asks for a new form, and for [`read_document`] to know both. A test holds the form.
pub(crate) const FORM: i64 = 1;

/// Where an insight comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Found as its calls came in.
    Live,
    /// It began before its account was watched: shown, never sent.
    History,
    /// Made up, so that somebody can try what is told of insights.
    Test,
}

impl Origin {
    pub(crate) fn code(self) -> i64 {
        match self {
            Origin::Live => 0,
            Origin::History => 1,
            Origin::Test => 2,
        }
    }

    pub(crate) fn of_code(code: i64) -> Result<Origin, Cause> {
        match code {
            0 => Ok(Origin::Live),
            1 => Ok(Origin::History),
            2 => Ok(Origin::Test),
            _ => Err(Cause::Damaged("an origin that is none")),
        }
    }
}

/// An insight as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredInsight {
    /// What its Start and End share (`sharedEventID`).
    pub id: String,
    /// All that is told of it.
    pub insight: Insight,
    /// Where it comes from.
    pub origin: Origin,
    /// When it was last put.
    pub changed_at: Timestamp,
    /// What held it back, by its id: it was told to nobody.
    pub held_by: Option<String>,
    /// It ended because corrected counts or settings no longer show it.
    pub is_withdrawn: bool,
}

/// What something that was said held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// Its id.
    pub by: String,
    /// How many insights.
    pub count: u64,
    /// The id of the newest of them.
    pub last: String,
}

const COLUMNS: &str = "id, form, document, origin, changed_at, held_by, withdrawn";

impl Writer<'_> {
    /// Stores an insight in place of what was known of it. Gives its id. The origin stays what it was at first.
    pub fn put_insight(&self, insight: &Insight, origin: Origin, now: Timestamp) -> Result<String, StoreError> {
        let work = || {
            let id = shared_event_id(insight);
            let subject = &insight.subject;
            self.execute(
                "INSERT INTO insight (id, account, region, start, end, origin, form, document, changed_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO UPDATE SET end = excluded.end, \
                 form = excluded.form, document = excluded.document, changed_at = excluded.changed_at",
                (
                    &id,
                    subject.account.as_str(),
                    subject.region.as_str(),
                    insight.start.0,
                    insight.end.map(|end| end.0),
                    origin.code(),
                    FORM,
                    write_document(insight)?,
                    millis(now),
                ),
            )?;
            Ok(id)
        };
        self.doing(|| format!("store the insight on {} {}", insight.subject.source, insight.subject.name), work)
    }

    /// Says what holds an insight back, so that nobody is told of it.
    pub fn hold_insight(&self, id: &str, by: &str) -> Result<(), StoreError> {
        self.doing(
            || format!("hold insight {id} back"),
            || self.execute("UPDATE insight SET held_by = ?2 WHERE id = ?1", (id, by)).map(drop),
        )
    }

    /// Says that an insight which was told is over because it is not found any more.
    pub fn withdraw_insight(&self, id: &str) -> Result<(), StoreError> {
        self.doing(
            || format!("withdraw insight {id}"),
            || self.execute("UPDATE insight SET withdrawn = 1 WHERE id = ?1", [id]).map(drop),
        )
    }

    /// Takes an insight back of which nothing was told: corrected counts no longer show it. Says whether it was there.
    pub fn delete_insight(&self, id: &str) -> Result<bool, StoreError> {
        self.doing(
            || format!("take back insight {id}"),
            || Ok(self.execute("DELETE FROM insight WHERE id = ?1", [id])? > 0),
        )
    }

    /// Says that every minute of an account-Region before this one has been evaluated.
    pub fn set_evaluated_until(&self, account: &AccountId, region: &Region, until: Minute) -> Result<(), StoreError> {
        let work = || {
            let number = self.region(account, region)?;
            self.execute("UPDATE region SET evaluated_until = ?2 WHERE id = ?1", (number, until.0)).map(drop)
        };
        self.doing(|| format!("note how far account {account} was evaluated in {region}"), work)
    }
}

impl Reader<'_> {
    /// One insight.
    pub fn insight(&self, id: &str) -> Result<Option<StoredInsight>, StoreError> {
        let work = || {
            let mut find = self.prepare(&format!("SELECT {COLUMNS} FROM insight WHERE id = ?1"))?;
            find.query_row([id], |row| Ok(stored(row))).optional()?.transpose()
        };
        doing(|| format!("read insight {id}"), work)
    }

    /// All insights that go on, in the order of account, Region and Start.
    pub fn open_insights(&self) -> Result<Vec<StoredInsight>, StoreError> {
        let work = || {
            let sql = format!("SELECT {COLUMNS} FROM insight WHERE end IS NULL ORDER BY account, region, start, id");
            self.stored_insights(&sql, [])
        };
        doing(|| "list the insights that go on".into(), work)
    }

    /// The insights that began within [from, until), the newest first, at most so many; `after`: those after this one, by its
    /// Start and id.
    pub fn insights(
        &self,
        from: Minute,
        until: Minute,
        after: Option<(Minute, &str)>,
        limit: usize,
    ) -> Result<Vec<StoredInsight>, StoreError> {
        let work = || {
            let sql = format!(
                "SELECT {COLUMNS} FROM insight WHERE start >= ?1 AND start < ?2 AND (start, id) < (?3, ?4) \
                 ORDER BY start DESC, id DESC LIMIT ?5"
            );
            // Beyond `until` whatever the id.
            let (start, id) = after.map_or((i64::MAX, ""), |(start, id)| (start.0.into(), id));
            self.stored_insights(&sql, (from.0, until.0, start, id, limit as i64))
        };
        doing(|| "list the insights".into(), work)
    }

    /// The insights of an account-Region that were held back, went on at the first of these minutes or later, and began before the
    /// second.
    pub fn held_insights(
        &self,
        account: &AccountId,
        region: &Region,
        from: Minute,
        until: Minute,
    ) -> Result<Vec<StoredInsight>, StoreError> {
        let work = || {
            let sql = format!(
                "SELECT {COLUMNS} FROM insight WHERE held_by IS NOT NULL AND account = ?1 AND region = ?2 \
                 AND (end IS NULL OR end > ?3) AND start < ?4 ORDER BY start, id"
            );
            self.stored_insights(&sql, (account.as_str(), region.as_str(), from.0, until.0))
        };
        doing(|| "list the insights that were held back".into(), work)
    }

    /// What each thing that was said held back, of the insights that are kept.
    pub fn held_back(&self) -> Result<Vec<HeldBack>, StoreError> {
        let work = || {
            // Of an aggregate, SQLite gives the other columns of the row that has the maximum.
            let sql =
                "SELECT held_by, count(*), id, max(start) FROM insight WHERE held_by IS NOT NULL GROUP BY held_by";
            let mut all = self.prepare(sql)?;
            let mut rows = all.query([])?;
            let mut held = Vec::new();
            while let Some(row) = rows.next()? {
                let count = row.get::<_, i64>(1)? as u64;
                held.push(HeldBack { by: row.get(0)?, count, last: row.get(2)? });
            }
            Ok(held)
        };
        doing(|| "count the insights that were held back".into(), work)
    }

    fn stored_insights(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<StoredInsight>, Cause> {
        let mut all = self.prepare(sql)?;
        let mut rows = all.query(values)?;
        let mut insights = Vec::new();
        while let Some(row) = rows.next()? {
            insights.push(stored(row)?);
        }
        Ok(insights)
    }

    /// Up to where each account-Region has been evaluated.
    pub fn evaluated_until(&self) -> Result<Vec<(AccountId, Region, Minute)>, StoreError> {
        doing(|| "read how far was evaluated".into(), || self.minutes_of_regions("evaluated_until"))
    }
}

fn stored(row: &Row<'_>) -> Result<StoredInsight, Cause> {
    Ok(StoredInsight {
        id: row.get(0)?,
        insight: read_document(row.get(1)?, &row.get::<_, String>(2)?)?,
        origin: Origin::of_code(row.get(3)?)?,
        changed_at: moment(row.get(4)?)?,
        held_by: row.get(5)?,
        is_withdrawn: row.get(6)?,
    })
}

pub(crate) fn write_document(insight: &Insight) -> Result<String, Cause> {
    serde_json::to_string(&finite(insight.clone())).map_err(Cause::Unwritable)
}

/// JSON knows no infinity and no NaN, and an insight must not be lost for one: the largest number stands for the first,
/// 0 for the second.
fn finite(mut insight: Insight) -> Insight {
    let fix = |number: &mut f64| *number = if number.is_nan() { 0.0 } else { number.clamp(f64::MIN, f64::MAX) };
    let why = &mut insight.explanation;
    let of_explanation = [
        &mut why.calls,
        &mut why.expected,
        &mut why.expected_low,
        &mut why.expected_high,
        &mut why.ratio,
        &mut why.rarity,
        &mut why.account_rarity,
        &mut why.false_alarms_per_month,
        &mut why.threshold,
        &mut why.correction,
        &mut why.mean_per_minute,
        &mut why.hour_factor,
        &mut why.level_factor,
        &mut why.clumpiness,
        &mut why.past_exceedances,
        &mut why.size,
        &mut why.largest_past_size,
    ];
    of_explanation.into_iter().for_each(fix);
    insight.timeline.expected.iter_mut().chain(&mut insight.timeline.high).for_each(fix);
    for difference in &mut insight.differences {
        let Difference { share, baseline_share, excess, lift, .. } = difference;
        [share, baseline_share, excess, lift].into_iter().for_each(fix);
    }
    if let Some(share) = &mut insight.failed_share {
        share.before.iter_mut().chain(&mut share.during).for_each(fix);
    }
    insight
}

pub(crate) fn read_document(form: i64, document: &str) -> Result<Insight, Cause> {
    match form {
        FORM => serde_json::from_str(document).map_err(Cause::Unreadable),
        _ => Err(Cause::Damaged("an insight in a form that is not known")),
    }
}
