//! What is alike for a stretch of time is made once for it: the year of a day, the text of an hour. Rows of a file lie by time, API by API, so the next
//! row is in the same stretch nearly always.

use datafusion::error::Result;

/// What was made for the last stretch.
pub(super) struct Alike<T> {
    micros: i64,
    last: Option<(i64, T)>,
}

impl<T> Alike<T> {
    /// For stretches of so many microseconds, counted from 1970.
    pub(super) fn within(micros: i64) -> Alike<T> {
        Alike { micros, last: None }
    }

    /// What is made for the stretch of this moment.
    pub(super) fn at(&mut self, moment: i64, make: impl FnOnce() -> Result<T>) -> Result<&T> {
        let stretch = moment.div_euclid(self.micros);
        match self.last.take() {
            Some(last) if last.0 == stretch => Ok(&self.last.insert(last).1),
            _ => {
                let made = make()?;
                Ok(&self.last.insert((stretch, made)).1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{RecordBatch, TimestampMicrosecondArray};
    use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
    use datafusion::datasource::MemTable;

    use crate::query::{Limits, Query};
    use crate::results::texts;

    /// Moments around the ends of stretches, with some that are alike and some that are none; each batch has so many.
    fn moments(a_batch: usize) -> MemTable {
        let ends = [
            0,
            1,
            999,
            1_000,
            999_999,
            1_000_000,
            59_999_999,
            60_000_000,
            3_599_999_999,
            3_600_000_000,
            86_399_999_999,
        ];
        let days = [-719_163, -1, 0, 19_550, 19_722, 19_723, 20_513];
        let moment = |day: i64, within: i64| Some(day * 86_400_000_000 + within);
        let mut all: Vec<Option<i64>> = days.iter().flat_map(|day| ends.map(|within| moment(*day, within))).collect();
        // Back and forth,
        all.extend(all.clone().into_iter().rev().step_by(3));
        // and with holes.
        all.iter_mut().step_by(7).for_each(|moment| *moment = None);
        let field = Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, None), true);
        let schema = Arc::new(Schema::new(vec![field]));
        let batches = all.chunks(a_batch).map(|moments| {
            let moments = Arc::new(TimestampMicrosecondArray::from(moments.to_vec()));
            RecordBatch::try_new(Arc::clone(&schema), vec![moments]).expect("a column of this type")
        });
        MemTable::try_new(Arc::clone(&schema), vec![batches.collect()]).expect("batches of this schema")
    }

    #[test]
    fn what_is_made_of_many_moments_is_what_is_made_of_each() {
        let parts = [
            "quarter",
            "month",
            "week",
            "day",
            "day_of_week",
            "day_of_year",
            "hour",
            "minute",
            "second",
            "millisecond",
            "year",
            "year_of_week",
        ];
        let formats = [
            "date_format(time, '%Y-%m-%d')",
            "date_format(time, '%a %b %c %e %j %v %x %y')",
            "date_format(time, '%H o''clock, %p')",
            "date_format(time, '%k:%i')",
            "date_format(time, '%T.%f')",
            "date_format(time, '100%% of %l')",
            "format_datetime(time, 'yyyy-MM-dd HH:mm')",
            "format_datetime(time, 'yyyy-MM-dd HH:mm:ss.SSS')",
            "format_datetime(time, 'EEEE D ww ZZ')",
            "date_format(time, IF(minute(time) = 0, '%Y', '%s'))",
            "CAST(time AS varchar)",
        ];
        let of_time = |part: &str| format!("{part}(time)");
        let all: Vec<String> = parts.map(of_time).into_iter().chain(formats.map(str::to_owned)).collect();
        let statement = format!("SELECT {} FROM t", all.join(", "));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a thread");
        let asked = |a_batch: usize| {
            runtime.block_on(async {
                let table = Arc::new(moments(a_batch));
                let limits = Limits { threads: 1, ..Limits::default() };
                let query = Query::plan(&statement, |_| Some(table.clone()), limits).await.expect("a statement");
                let mut told = Vec::new();
                let each = |batch| {
                    told.extend(texts(&batch));
                    Ok(())
                };
                query.run(each).await.expect("an answer");
                told
            })
        };
        let (each, many) = (asked(1), asked(8_192));
        assert!(each.len() > 90 && each.iter().flatten().any(Option::is_none));
        assert_eq!(many, each);
    }
}
