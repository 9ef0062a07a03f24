//! Gaps: stretches in which a whole account-Region was silent though something was expected.
//!
//! Told as a finding of its own, with its end once events come back. The engine finds them again from the counts; here
//! they stay as they were told.

use record::insight::NoData;
use record::names::{AccountId, Region};
use record::time::Minute;

use crate::error::doing;
use crate::{Reader, StoreError, Writer};

impl Writer<'_> {
    /// Remembers a gap, or what has become of it: one account-Region's gaps are known by their first minute.
    pub fn put_gap(&self, gap: &NoData) -> Result<(), StoreError> {
        let work = || {
            let region = self.region(&gap.account, &gap.region)?;
            self.execute(
                "INSERT OR REPLACE INTO gap (region, start, end, expected) VALUES (?1, ?2, ?3, ?4)",
                (region, gap.start.0, gap.end.map(|end| end.0), gap.expected),
            )?;
            Ok(())
        };
        self.doing(|| format!("remember that account {} was silent in {}", gap.account, gap.region), work)
    }

    /// Takes a gap back: late files have filled it. Says whether it was there.
    pub fn delete_gap(&self, account: &AccountId, region: &Region, start: Minute) -> Result<bool, StoreError> {
        let work = || match self.find_region(account, region)? {
            Some(number) => {
                Ok(self.execute("DELETE FROM gap WHERE region = ?1 AND start = ?2", (number, start.0))? > 0)
            }
            None => Ok(false),
        };
        self.doing(|| format!("take back that account {account} was silent in {region}"), work)
    }

    /// Forgets the gaps that ended before this minute.
    pub fn expire_gaps(&self, before: Minute) -> Result<usize, StoreError> {
        self.doing(
            || format!("forget the gaps before {before}"),
            || self.execute("DELETE FROM gap WHERE end < ?1", [before.0]),
        )
    }
}

impl Reader<'_> {
    /// The gaps that lie in [from, until), or reach into it, open ones too; in the order of their start.
    pub fn gaps(&self, from: Minute, until: Minute) -> Result<Vec<NoData>, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT account, region.region, start, end, expected FROM gap JOIN region ON region.id = gap.region \
                 WHERE start < ?2 AND ifnull(end, ?2) > ?1 ORDER BY start, account, region.region",
            )?;
            let mut rows = all.query([from.0, until.0])?;
            let mut gaps = Vec::new();
            while let Some(row) = rows.next()? {
                gaps.push(NoData {
                    account: AccountId::from(row.get::<_, String>(0)?.as_str()),
                    region: Region::from(row.get::<_, String>(1)?.as_str()),
                    start: Minute(row.get(2)?),
                    end: row.get::<_, Option<i32>>(3)?.map(Minute),
                    expected: row.get(4)?,
                });
            }
            Ok(gaps)
        };
        doing(|| "list the gaps".into(), work)
    }
}
