//! Rows that are alike are counted where they come from, before they are grouped.
//!
//! ```text
//!   8,192 rows of a scan:  who        from          ──CountEarly──►  who    from       calls   ──group──► …
//!                          alice      10.0.0.1                       alice  10.0.0.1   8,003
//!                          alice      10.0.0.1                       bob    10.0.0.7     189
//!                          …
//! ```
//!
//! Who asks how often something happened groups a million rows by what a few hundred of them differ in. To find a row's group is to look at
//! its texts; here two texts are alike when they lie at the same place of the same page, which is a comparison of two numbers. What lies
//! elsewhere and is the same text all the same stays two rows, and grouping adds them up: so the answer is the same, and most of the work is not done.
//!
//! Where rows hardly ever are alike, it is seen after a few batches, and left (`alike`).

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, UInt32Array};
use arrow::buffer::NullBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::exec_datafusion_err;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use futures::StreamExt;

mod alike;

use alike::{Alike, is_comparable};

/// The same plan, with rows counted before they are grouped wherever all that is asked of a group is how many it has.
pub(crate) fn counted_early(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = plan.transform_up(|plan| {
        let counted = plan.downcast_ref::<AggregateExec>().map(counted_before).transpose()?.flatten();
        Ok(counted.map_or_else(|| Transformed::no(plan), Transformed::yes))
    })?;
    Ok(plan.data)
}

fn counted_before(group: &AggregateExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let by = group.group_expr();
    let takes_rows = matches!(group.mode(), AggregateMode::Single | AggregateMode::Partial);
    let is_plain = by.is_single() && !by.is_empty() && group.limit_options().is_none();
    if !takes_rows || !is_plain || group.filter_expr().iter().any(Option::is_some) {
        return Ok(None);
    }
    let schema = group.input().schema();
    let keys: Vec<_> = by.expr().iter().map(|(key, _)| Arc::clone(key)).collect();
    for key in &keys {
        if !is_comparable(&key.data_type(&schema)?) {
            return Ok(None);
        }
    }
    let Some(counted) = group.aggr_expr().iter().map(|asked| counted_in(asked)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let counts = Arc::new(CountEarly::new(Arc::clone(group.input()), keys, counted)?);
    let column = |at: usize| Arc::new(Column::new(counts.schema.field(at).name(), at)) as Arc<dyn PhysicalExpr>;
    let named = by.expr().iter().enumerate().map(|(at, (_, name))| (column(at), name.clone()));
    let sums = group.aggr_expr().iter().enumerate().map(|(at, asked)| {
        let sum = AggregateExprBuilder::new(sum_udaf(), vec![column(counts.keys.len() + at)]);
        Ok(Arc::new(sum.schema(counts.schema()).alias(asked.name()).build()?))
    });
    let (by, sums) = (PhysicalGroupBy::new_single(named.collect()), sums.collect::<Result<Vec<_>>>()?);
    let (filters, schema) = (vec![None; sums.len()], counts.schema());
    Ok(Some(Arc::new(AggregateExec::try_new(*group.mode(), by, sums, filters, counts, schema)?)))
}

/// What is counted: rows, or those that have this. `None`: it is no count.
fn counted_in(asked: &AggregateFunctionExpr) -> Option<Option<Arc<dyn PhysicalExpr>>> {
    let is_count = asked.fun().name() == "count" && !asked.is_distinct() && asked.order_bys().is_empty();
    match &asked.expressions()[..] {
        [counted] if is_count => match counted.downcast_ref::<Literal>() {
            Some(literal) if literal.value().is_null() => None,
            Some(_) => Some(None),
            None => Some(Some(Arc::clone(counted))),
        },
        _ => None,
    }
}

/// Counts rows that are alike within a batch.
#[derive(Debug)]
pub(crate) struct CountEarly {
    input: Arc<dyn ExecutionPlan>,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    /// What a row must have to be counted, for each count.
    counted: Vec<Option<Arc<dyn PhysicalExpr>>>,
    /// The keys, and the counts.
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl CountEarly {
    /// What its first columns are.
    pub(crate) fn keys(&self) -> &[Arc<dyn PhysicalExpr>] {
        &self.keys
    }

    fn new(
        input: Arc<dyn ExecutionPlan>,
        keys: Vec<Arc<dyn PhysicalExpr>>,
        counted: Vec<Option<Arc<dyn PhysicalExpr>>>,
    ) -> Result<CountEarly> {
        let mut fields = Vec::with_capacity(keys.len() + counted.len());
        for (at, key) in keys.iter().enumerate() {
            let field = key.return_field(&input.schema())?;
            fields.push(Field::new(format!("key {at}"), field.data_type().clone(), field.is_nullable()));
        }
        fields.extend((0..counted.len()).map(|at| Field::new(format!("calls {at}"), DataType::Int64, false)));
        let schema = Arc::new(Schema::new(fields));
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(input.output_partitioning().partition_count()),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Ok(CountEarly { input, keys, counted, schema, properties: Arc::new(properties) })
    }
}

impl DisplayAs for CountEarly {
    fn fmt_as(&self, _: DisplayFormatType, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CountEarly: by=[")?;
        for (at, key) in self.keys.iter().enumerate() {
            write!(out, "{}{key}", if at == 0 { "" } else { ", " })?;
        }
        out.write_str("]")
    }
}

impl ExecutionPlan for CountEarly {
    fn name(&self) -> &str {
        "CountEarly"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        each: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for expression in self.keys.iter().chain(self.counted.iter().flatten()) {
            if each(expression)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next();
        let input = input.ok_or_else(|| exec_datafusion_err!("a plan that counts has one below it"))?;
        Ok(Arc::new(CountEarly::new(input, self.keys.clone(), self.counted.clone())?))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let batches = self.input.execute(partition, context)?;
        let (keys, counted, schema) = (self.keys.clone(), self.counted.clone(), Arc::clone(&self.schema));
        let mut alike = Alike::new();
        let counted = batches.map(move |batch| {
            let batch = batch?;
            let of = |expression: &Arc<dyn PhysicalExpr>| expression.evaluate(&batch)?.into_array(batch.num_rows());
            let keys = keys.iter().map(of).collect::<Result<Vec<_>>>()?;
            let nulls = counted.iter().map(|counted| match counted {
                Some(counted) => Ok(of(counted)?.logical_nulls()),
                None => Ok(None),
            });
            let nulls = nulls.collect::<Result<Vec<_>>>()?;
            let nulls = nulls.iter().map(Option::as_ref);
            let (keys, counts): (_, Vec<_>) = if alike.is_worth_while() {
                alike.look_at(&keys, batch.num_rows())?;
                let first = UInt32Array::from(alike.first().to_vec());
                let keys = keys.iter().map(|key| Ok(take(key, &first, None)?)).collect::<Result<Vec<_>>>()?;
                (keys, nulls.map(|nulls| alike.counts(nulls)).collect())
            } else {
                (keys, nulls.map(|nulls| ones(nulls, batch.num_rows())).collect())
            };
            Ok(RecordBatch::try_new(Arc::clone(&schema), keys.into_iter().chain(counts).collect())?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), counted)))
    }
}

/// Each row by itself: one, if it is there.
fn ones(nulls: Option<&NullBuffer>, rows: usize) -> ArrayRef {
    let one = |row| i64::from(nulls.is_none_or(|nulls| nulls.is_valid(row)));
    Arc::new((0..rows).map(one).collect::<Int64Array>())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use arrow::array::{StringViewArray, TimestampMicrosecondArray};
    use arrow::datatypes::TimeUnit;
    use datafusion::datasource::MemTable;
    use datafusion::physical_plan::displayable;

    use super::*;
    use crate::query::{Limits, Query};
    use crate::results::texts;

    /// Who, when, and what went wrong.
    type Row = (Option<String>, i64, Option<String>);

    /// Rows of so many users, of whom a third has a short name, and one has none.
    fn rows(count: usize, users: u64) -> Vec<Row> {
        let row = |at: usize| {
            let drawn = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 8;
            let user = drawn % users;
            let arn = if user.is_multiple_of(3) { "u" } else { "arn:aws:iam::123456789012:user/" };
            let went_wrong = (drawn >> 9).is_multiple_of(4).then(|| "AccessDenied".to_owned());
            ((user > 0).then(|| format!("{arn}{user}")), (drawn >> 17) as i64 % 3, went_wrong)
        };
        (0..count).map(row).collect()
    }

    fn table(rows: &[Row], batch_rows: usize) -> MemTable {
        let text = |name| Field::new(name, DataType::Utf8View, true);
        let time = Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, None), true);
        let schema = Arc::new(Schema::new(vec![text("who"), time, text("error")]));
        let batches = rows.chunks(batch_rows).map(|rows| {
            let whos: StringViewArray = rows.iter().map(|(who, ..)| who.as_deref()).collect();
            let errors: StringViewArray = rows.iter().map(|(.., error)| error.as_deref()).collect();
            let times = TimestampMicrosecondArray::from_iter_values(rows.iter().map(|row| row.1 * 60_000_000 + 7));
            let columns: Vec<ArrayRef> = vec![Arc::new(whos), Arc::new(times), Arc::new(errors)];
            RecordBatch::try_new(Arc::clone(&schema), columns).expect("columns of these types")
        });
        MemTable::try_new(Arc::clone(&schema), vec![batches.collect()]).expect("batches of this schema")
    }

    /// What a statement answers, in order; it is counted before it is grouped.
    fn asked(table: MemTable, threads: usize, statement: &str) -> Vec<Vec<Option<String>>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a thread");
        runtime.block_on(async {
            let table = Arc::new(table);
            let limits = Limits { threads, ..Limits::default() };
            let query = Query::plan(statement, |_| Some(table.clone()), limits).await.expect("a statement");
            let plan = displayable(query.plan.as_ref()).indent(false).to_string();
            assert!(plan.contains("CountEarly"), "{plan}");
            let mut told = Vec::new();
            let each = |batch| {
                told.extend(texts(&batch));
                Ok(())
            };
            query.run(each).await.expect("an answer");
            told.sort();
            told
        })
    }

    /// However rows come, and however many of them are alike: each is counted once.
    #[test]
    fn rows_are_counted_as_though_each_had_been_grouped() {
        let cases =
            [(0, 1, 1, 1), (1, 1, 8, 1), (5_000, 7, 8_192, 1), (20_000, 300, 1_000, 2), (150_000, 1 << 40, 8_192, 1)];
        for (count, users, batch_rows, threads) in cases {
            let rows = rows(count, users);
            let statement = "SELECT who, date_trunc('minute', time) AS minute, count(*) AS calls, count(error) AS wrong FROM t GROUP BY 1, 2";
            let mut expected = BTreeMap::<_, (u64, u64)>::new();
            for (who, minute, error) in &rows {
                let minute = format!("1970-01-01 00:0{minute}:00.000");
                let group = expected.entry((who.clone(), Some(minute))).or_default();
                *group = (group.0 + 1, group.1 + u64::from(error.is_some()));
            }
            let text = |number: u64| Some(number.to_string());
            let row = |((who, minute), (calls, wrong))| vec![who, minute, text(calls), text(wrong)];
            let expected: Vec<_> = expected.into_iter().map(row).collect();
            let told = asked(table(&rows, batch_rows), threads, statement);
            assert!(told == expected, "{count} rows of {users} users in batches of {batch_rows}");

            let statement = "SELECT who, count(DISTINCT time) AS minutes FROM t GROUP BY 1";
            let mut minutes = BTreeMap::<_, BTreeSet<i64>>::new();
            for (who, minute, _) in &rows {
                minutes.entry(who.clone()).or_default().insert(*minute);
            }
            let expected: Vec<_> = minutes.into_iter().map(|(who, of)| vec![who, text(of.len() as u64)]).collect();
            let told = asked(table(&rows, batch_rows), threads, statement);
            assert!(told == expected, "{count} rows of {users} users in batches of {batch_rows}");
        }
    }
}
