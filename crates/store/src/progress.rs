//! Progress: numbers that only grow, each under its name.

use rusqlite::OptionalExtension;

use crate::error::Cause;
use crate::{Reader, Writer};

impl Writer<'_> {
    /// Notes how far something has come. Nothing is taken back.
    pub(crate) fn reach(&self, name: &str, reached: i64) -> Result<(), Cause> {
        let sql = "INSERT INTO progress (name, reached) VALUES (?1, ?2) \
                   ON CONFLICT (name) DO UPDATE SET reached = max(reached, excluded.reached)";
        self.execute(sql, (name, reached)).map(drop)
    }

    /// Goes one further; the first is 1.
    pub(crate) fn reach_next(&self, name: &str) -> Result<i64, Cause> {
        let mut next = self.prepare(
            "INSERT INTO progress (name, reached) VALUES (?1, 1) \
             ON CONFLICT (name) DO UPDATE SET reached = reached + 1 RETURNING reached",
        )?;
        Ok(next.query_row([name], |row| row.get(0))?)
    }
}

impl Reader<'_> {
    /// How far it has come; `None`: it was never noted.
    pub(crate) fn reached(&self, name: &str) -> Result<Option<i64>, Cause> {
        let mut find = self.prepare("SELECT reached FROM progress WHERE name = ?1")?;
        Ok(find.query_row([name], |row| row.get(0)).optional()?)
    }
}

#[cfg(test)]
mod tests {
    use crate::Store;
    use crate::error::doing;

    #[test]
    fn a_number_only_grows() {
        let store = Store::in_memory().expect("there is memory");
        let reached = |name: &str| store.read(|r| doing(String::new, || r.reached(name))).expect("it reads");
        let next = || store.write(|w| w.doing(String::new, || w.reach_next("next"))).expect("it is noted");
        assert_eq!(reached("batch"), None);
        for (to, expected) in [(7, 7), (3, 7), (9, 9)] {
            store.write(|w| w.doing(String::new, || w.reach("batch", to))).expect("it is noted");
            assert_eq!(reached("batch"), Some(expected));
        }
        assert_eq!([next(), next()], [1, 2]);
        assert_eq!((reached("next"), reached("batch")), (Some(2), Some(9)));
    }
}
