//! `insights(moment)`, `insights(moment, calls)`, and both with `from, until` behind: the detector as an aggregate function. Of each
//! group it gives the stretches of time in which its rate was unusual, as a list that UNNEST unnests.
//!
//! ```text
//!   rows, in any order ──► calls a minute ──► merged, in any order ──► detect: one series, minute by minute ──► insights
//! ```
//!
//! A row is a call, or so many calls of its minute. A group is watched from `from` up to `until` (the least and the greatest of them
//! that its rows say), or else from its first call to its last. Every minute of that is known: a minute that has no row had no call.
//!
//! What rarity is asked for follows from how many series a promise is given for ([`detect::budget`]). One aggregate cannot know how
//! many groups there are without its answer depending on how rows were shared out. So each group is asked as one of a thousand under
//! the usual promise: over a thousand groups, about three false alarms a month. Whoever has more groups asks for more `rarity`.

use std::sync::{Arc, LazyLock};

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, ListArray, StringBuilder,
    StructArray, TimestampMicrosecondBuilder,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Int32Type, Int64Type, TimestampMicrosecondType};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use detect::budget::Asked;
use detect::counts::Counts;
use detect::engine::{Found, Settings, episodes_alone};
use detect::findings;
use detect::tally::Tally;
use detect::watch::Watch;
use record::insight::{Direction, Evidence, Insight, Subject};
use record::names::EventCategory;
use record::time::Minute;

use super::typed::list_of;
use crate::moments::MINUTE_MICROS;
use crate::schema::MOMENT;

/// Of how many series each group is taken for one.
const SERIES: u32 = 1000;
/// An increase has so many calls at least, and a decrease follows many more.
const LEAST_CALLS: u64 = 3;
/// A group is watched so long at most: twenty years.
const LONGEST: i64 = 20 * 366 * 1440;

pub(super) fn function() -> AggregateUDF {
    AggregateUDF::from(Insights { signature: Signature::user_defined(Volatility::Immutable) })
}

/// What is told of an insight.
pub(crate) fn fields() -> &'static Fields {
    static FIELDS: LazyLock<Fields> = LazyLock::new(|| {
        let one = |name: &str, of| Field::new(name, of, true);
        Fields::from(vec![
            one("direction", DataType::Utf8),
            one("startTime", MOMENT),
            one("endTime", MOMENT),
            one("baselineAverage", DataType::Float64),
            one("insightAverage", DataType::Float64),
            one("baselineDuration", DataType::Int32),
            one("insightDuration", DataType::Int32),
            one("rarity", DataType::Float64),
            one("evidence", DataType::Utf8),
            one("peakTime", MOMENT),
            one("windowMinutes", DataType::Int32),
            one("calls", DataType::Int64),
            one("expected", DataType::Float64),
            one("ratio", DataType::Float64),
            one("newUsual", DataType::Boolean),
        ])
    });
    &FIELDS
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Insights {
    signature: Signature,
}

impl AggregateUDFImpl for Insights {
    fn name(&self) -> &str {
        "insights"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given.len() {
            1 => Ok(vec![MOMENT]),
            2 => Ok(vec![MOMENT, DataType::Int64]),
            3 => Ok(vec![MOMENT; 3]),
            4 => Ok(vec![MOMENT, DataType::Int64, MOMENT, MOMENT]),
            many => plan_err!(
                "insights takes a moment (eventTime), or a minute and its calls, and behind these from when until when is looked at; \
                 not {many} arguments"
            ),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(list_of(DataType::Struct(fields().clone())))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let state = |name, of| Arc::new(Field::new(format_state_name(args.name, name), of, true));
        Ok(vec![
            state("minutes", list_of(DataType::Int32)),
            state("calls", list_of(DataType::Int64)),
            state("from", DataType::Int64),
            state("until", DataType::Int64),
        ])
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Calls::default()))
    }
}

/// The calls of a group.
#[derive(Debug, Default)]
struct Calls {
    counts: Counts,
    /// From when until when it is said to be watched, in microseconds since 1970.
    from: Option<i64>,
    until: Option<i64>,
}

impl Calls {
    fn add(&mut self, minute: i32, calls: i64) -> Result<()> {
        if calls < 0 {
            return exec_err!("insights counts calls, and {calls} is no number of them");
        }
        self.counts.add(Minute(minute), u32::try_from(calls).unwrap_or(u32::MAX));
        Ok(())
    }

    fn watch(&mut self, from: Option<i64>, until: Option<i64>) {
        self.from = [self.from, from].into_iter().flatten().min();
        self.until = [self.until, until].into_iter().flatten().max();
    }

    /// The first minute that is watched, and the one after the last.
    fn span(&self) -> Result<Option<(Minute, Minute)>> {
        let Some((first, last)) = self.counts.span() else { return Ok(None) };
        let from = match self.from {
            Some(micros) => minute_of(micros)?,
            None => first.0,
        };
        let until = match self.until {
            // A minute that has begun is looked at.
            Some(micros) => minute_of(micros.saturating_add(MINUTE_MICROS - 1))?,
            None => last.next().0,
        };
        if i64::from(until) - i64::from(from) > LONGEST {
            return exec_err!("insights looks at twenty years at most; say from when until when");
        }
        Ok((from < until).then_some((Minute(from), Minute(until))))
    }

    fn insights(&self) -> Result<Vec<Insight>> {
        let Some((first, until)) = self.span()?.filter(|_| self.counts.calls() >= LEAST_CALLS) else {
            return Ok(Vec::new());
        };
        let mut watch = Watch::new(first);
        watch.known(until);
        let calls = self.counts.within(first, until);
        let settings = Settings::default();
        let asked = [Direction::Increase, Direction::Decrease]
            .map(|direction| Asked::new(direction, SERIES, settings.false_alarms_per_month, 1.0));
        let episodes = episodes_alone(&watch, &calls, asked);
        if episodes.is_empty() {
            return Ok(Vec::new());
        }
        // What is counted has no name here.
        let mut tally = Tally::new();
        let series = tally.series(&Subject {
            account: "".into(),
            region: "".into(),
            source: "".into(),
            name: "".into(),
            error: None,
            category: EventCategory::Management,
        });
        calls.iter().for_each(|(minute, calls)| tally.add(series, *minute, *calls));
        let told = |episode| findings::insight(&Found { series, episode }, &tally, &settings, until);
        Ok(episodes.into_iter().map(told).collect())
    }
}

fn minute_of(micros: i64) -> Result<i32> {
    match i32::try_from(micros.div_euclid(MINUTE_MICROS)) {
        Ok(minute) => Ok(minute),
        Err(_) => exec_err!("insights does not know the year of {}", crate::moments::shown(micros)),
    }
}

fn micros_of(minute: Minute) -> i64 {
    i64::from(minute.0) * MINUTE_MICROS
}

impl Accumulator for Calls {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let moments = columns[0].as_primitive::<TimestampMicrosecondType>();
        let counted = columns.len().is_multiple_of(2).then(|| columns[1].as_primitive::<Int64Type>());
        for row in 0..moments.len() {
            let calls = match counted {
                Some(counted) if counted.is_null(row) => continue,
                Some(counted) => counted.value(row),
                None => 1,
            };
            if moments.is_valid(row) {
                self.add(minute_of(moments.value(row))?, calls)?;
            }
        }
        if let [.., from, until] = columns
            && columns.len() > 2
        {
            let (from, until) = [from, until].map(|ends| ends.as_primitive::<TimestampMicrosecondType>()).into();
            self.watch(arrow::compute::min(from), arrow::compute::max(until));
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let all = structs(&self.insights()?)?;
        let item = Arc::new(Field::new("item", all.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths([all.len()]);
        Ok(ScalarValue::List(Arc::new(ListArray::try_new(item, offsets, Arc::new(all), None)?)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.counts.bytes()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (mut minutes, mut calls) = (Vec::new(), Vec::new());
        self.counts.for_each(|minute, count| {
            minutes.push(ScalarValue::Int32(Some(minute.0)));
            calls.push(ScalarValue::Int64(Some(i64::from(count))));
        });
        Ok(vec![
            ScalarValue::List(ScalarValue::new_list_nullable(&minutes, &DataType::Int32)),
            ScalarValue::List(ScalarValue::new_list_nullable(&calls, &DataType::Int64)),
            ScalarValue::Int64(self.from),
            ScalarValue::Int64(self.until),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let (all_minutes, all_calls) = (states[0].as_list::<i32>(), states[1].as_list::<i32>());
        for row in 0..all_minutes.len() {
            if all_minutes.is_null(row) || all_calls.is_null(row) {
                continue;
            }
            let (minutes, calls) = (all_minutes.value(row), all_calls.value(row));
            let (minutes, calls) = (minutes.as_primitive::<Int32Type>(), calls.as_primitive::<Int64Type>());
            for (minute, calls) in minutes.values().iter().zip(calls.values()) {
                self.add(*minute, *calls)?;
            }
        }
        let [from, until] = [&states[2], &states[3]].map(|ends| ends.as_primitive::<Int64Type>());
        self.watch(arrow::compute::min(from), arrow::compute::max(until));
        Ok(())
    }
}

/// A row for each insight.
fn structs(insights: &[Insight]) -> Result<StructArray> {
    let texts = |of: fn(&Insight) -> &'static str| -> ArrayRef {
        let mut out = StringBuilder::new();
        insights.iter().for_each(|insight| out.append_value(of(insight)));
        Arc::new(out.finish())
    };
    let moments = |of: fn(&Insight) -> Option<Minute>| -> ArrayRef {
        let mut out = TimestampMicrosecondBuilder::new();
        insights.iter().for_each(|insight| out.append_option(of(insight).map(micros_of)));
        Arc::new(out.finish())
    };
    let doubles = |of: fn(&Insight) -> f64| -> ArrayRef {
        let mut out = Float64Builder::new();
        insights.iter().for_each(|insight| out.append_value(of(insight)));
        Arc::new(out.finish())
    };
    let minutes = |of: fn(&Insight) -> i32| -> ArrayRef {
        let mut out = Int32Builder::new();
        insights.iter().for_each(|insight| out.append_value(of(insight)));
        Arc::new(out.finish())
    };
    let mut calls = Int64Builder::new();
    insights.iter().for_each(|insight| calls.append_value(insight.explanation.calls.round() as i64));
    let mut new_usual = BooleanBuilder::new();
    insights.iter().for_each(|insight| new_usual.append_value(insight.new_usual));
    let columns = vec![
        texts(|insight| insight.direction.as_str()),
        moments(|insight| Some(insight.start)),
        moments(|insight| insight.end),
        doubles(|insight| insight.statistics.baseline_average()),
        doubles(|insight| insight.statistics.insight_average()),
        minutes(|insight| insight.statistics.baseline_minutes.0),
        minutes(|insight| insight.statistics.insight_minutes.0),
        doubles(|insight| insight.explanation.rarity),
        texts(|insight| match insight.explanation.kind {
            Evidence::Window => "calls",
            Evidence::Silence => "silence",
        }),
        moments(|insight| Some(insight.explanation.minute)),
        minutes(|insight| insight.explanation.window.0),
        Arc::new(calls.finish()),
        doubles(|insight| insight.explanation.expected),
        doubles(|insight| insight.explanation.ratio),
        Arc::new(new_usual.finish()),
    ];
    Ok(StructArray::try_new(fields().clone(), columns, None)?)
}
