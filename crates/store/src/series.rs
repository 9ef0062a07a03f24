//! Numbers for account-Regions and series: rows name them by a number, and the number's row names them once.

use detect::tally::Counted;
use record::insight::Subject;
use record::names::{AccountId, EventCategory, Region};
use rusqlite::OptionalExtension;

use crate::error::{Cause, StoreError, doing};
use crate::{Reader, Writer};

/// What is known of a series besides its counts.
pub(crate) struct Known {
    pub(crate) number: u32,
    writes: bool,
    last_day: i32,
}

/// A slot: a stretch of time, and a number within it.
pub(crate) fn slot(stretch: i32, number: u32) -> i64 {
    i64::from(stretch) << 32 | i64::from(number)
}

pub(crate) fn stretch_of(slot: i64) -> i32 {
    (slot >> 32) as i32
}

pub(crate) fn number_of(slot: i64) -> u32 {
    slot as u32
}

/// The category as it is stored: never changed.
pub(crate) fn category_code(category: EventCategory) -> i64 {
    match category {
        EventCategory::Management => 0,
        EventCategory::Data => 1,
        EventCategory::NetworkActivity => 2,
        EventCategory::Insight => 3,
    }
}

pub(crate) fn category_of(code: i64) -> Result<EventCategory, Cause> {
    match code {
        0 => Ok(EventCategory::Management),
        1 => Ok(EventCategory::Data),
        2 => Ok(EventCategory::NetworkActivity),
        3 => Ok(EventCategory::Insight),
        _ => Err(Cause::Damaged("a category that is none")),
    }
}

impl Reader<'_> {
    /// The first and the last stretch of a table, so that whoever asks for all of time looks no further.
    pub(crate) fn stretches(&self, sql: &str) -> Result<Option<(i32, i32)>, Cause> {
        let (first, last) = self.prepare(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Option::zip(first, last).map(|(first, last)| (stretch_of(first), stretch_of(last))))
    }

    pub(crate) fn find_region(&self, account: &AccountId, region: &Region) -> Result<Option<u32>, Cause> {
        let mut find = self.prepare("SELECT id FROM region WHERE account = ?1 AND region = ?2")?;
        Ok(find.query_row((account.as_str(), region.as_str()), |row| row.get(0)).optional()?)
    }

    /// Whether calls of this series change something; `None`: it is not known.
    pub fn is_write(&self, subject: &Subject) -> Result<Option<bool>, StoreError> {
        let work = || Ok(self.find_series(subject)?.map(|known| known.writes));
        doing(|| format!("look up {} {}", subject.source, subject.name), work)
    }

    pub(crate) fn find_series(&self, subject: &Subject) -> Result<Option<Known>, Cause> {
        match self.find_region(&subject.account, &subject.region)? {
            Some(region) => self.find_series_of(region, subject),
            None => Ok(None),
        }
    }

    fn find_series_of(&self, region: u32, subject: &Subject) -> Result<Option<Known>, Cause> {
        let mut find = self.prepare(
            "SELECT id, writes, last_day FROM series WHERE name = ?1 AND source = ?2 AND region = ?3 \
             AND ifnull(error, 0) = ifnull(?4, 0) AND category = ?5",
        )?;
        let key = (
            subject.name.as_str(),
            subject.source.as_str(),
            region,
            subject.error.as_ref().map(|code| code.as_str()),
            category_code(subject.category),
        );
        let known =
            find.query_row(key, |row| Ok(Known { number: row.get(0)?, writes: row.get(1)?, last_day: row.get(2)? }));
        Ok(known.optional()?)
    }
}

impl Writer<'_> {
    /// The number of this account-Region; a new one if it has none.
    pub(crate) fn region(&self, account: &AccountId, region: &Region) -> Result<u32, Cause> {
        if let Some(number) = self.find_region(account, region)? {
            return Ok(number);
        }
        let mut add = self.prepare("INSERT INTO region (account, region) VALUES (?1, ?2) RETURNING id")?;
        Ok(add.query_row((account.as_str(), region.as_str()), |row| row.get(0))?)
    }

    /// The number of this series, which had calls up to this day; a new one if it has none.
    pub(crate) fn series(&self, region: u32, counted: &Counted, last_day: i32) -> Result<u32, Cause> {
        let subject = &counted.subject;
        let Some(known) = self.find_series_of(region, subject)? else {
            let mut add = self.prepare(
                "INSERT INTO series (region, source, name, error, category, writes, last_day) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
            )?;
            let row = (
                region,
                subject.source.as_str(),
                subject.name.as_str(),
                subject.error.as_ref().map(|code| code.as_str()),
                category_code(subject.category),
                counted.writes,
                last_day,
            );
            return Ok(add.query_row(row, |row| row.get(0))?);
        };
        if (counted.writes && !known.writes) || last_day > known.last_day {
            self.execute(
                "UPDATE series SET writes = writes OR ?2, last_day = max(last_day, ?3) WHERE id = ?1",
                (known.number, counted.writes, last_day),
            )?;
        }
        Ok(known.number)
    }

    /// Says that calls of this series change something, if it is known at all.
    pub(crate) fn series_writes(&self, subject: &Subject) -> Result<(), Cause> {
        if let Some(known) = self.find_series(subject)?
            && !known.writes
        {
            self.execute("UPDATE series SET writes = 1 WHERE id = ?1", [known.number])?;
        }
        Ok(())
    }
}
