//! Which files have groups of their own: those whose first key comes after the last of all before.
//!
//! A file is known by the least and the greatest of some of its columns. What is calculated from such a column and grows with it (a minute, an hour,
//! a day of `eventTime`) is for all of the file between what is calculated of these two.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, make_comparator, new_null_array};
use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::common::stats::Precision;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::FileGroup;
use datafusion::error::Result;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{CastExpr, Column};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;

use super::scan_of;
use crate::counted_early::CountEarly;

/// The files below, in groups that have no key in common, each of so many rows at least. `None`: nothing says that any two have none in common.
pub(super) fn groups_of_files(
    rows: &Arc<dyn ExecutionPlan>,
    keys: &[Arc<dyn PhysicalExpr>],
    least_rows: usize,
) -> Result<Option<Vec<FileGroup>>> {
    let Some(known) = Known::below(rows)? else { return Ok(None) };
    for key in keys {
        if let Some(ends) = known.ends(key, &rows.schema())? {
            return Ok(Some(cut(&known.files, &ends, least_rows)?));
        }
    }
    Ok(None)
}

/// Cuts files where their keys are apart.
fn cut(files: &[&PartitionedFile], ends: &ArrayRef, least_rows: usize) -> Result<Vec<FileGroup>> {
    let compare = make_comparator(ends, ends, SortOptions::default())?;
    let (first, last) = (|file: usize| file, |file: usize| files.len() + file);
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by(|a, b| compare(first(*a), first(*b)));
    let rows = |file: usize| {
        let known = files[file].statistics.as_ref().map(|known| known.num_rows);
        known.and_then(|rows| rows.get_value().copied()).unwrap_or(0)
    };
    let (mut groups, mut group, mut in_group, mut greatest) = (Vec::new(), Vec::new(), 0, None);
    for file in order {
        let is_apart = greatest.is_some_and(|greatest| compare(greatest, first(file)) == Ordering::Less);
        if is_apart && in_group >= least_rows {
            groups.push(FileGroup::new(std::mem::take(&mut group)));
            in_group = 0;
        }
        group.push(files[file].clone());
        in_group += rows(file);
        if greatest.is_none_or(|greatest| compare(greatest, last(file)) == Ordering::Less) {
            greatest = Some(last(file));
        }
    }
    groups.push(FileGroup::new(group));
    Ok(groups)
}

/// What is known of the rows of files.
struct Known<'p> {
    files: Vec<&'p PartitionedFile>,
    /// Of each column, if nothing in it is NULL: the least of each file, and then the greatest of each.
    columns: Vec<Option<ArrayRef>>,
}

impl<'p> Known<'p> {
    /// Of what a plan gives whose rows are those of files: some of them, and with other columns.
    fn below(plan: &'p Arc<dyn ExecutionPlan>) -> Result<Option<Known<'p>>> {
        // The first so many rows of each stretch are not those of all.
        if plan.fetch().is_some() {
            return Ok(None);
        }
        if plan.children().is_empty() {
            return Known::of_files(plan);
        }
        let [input] = plan.children()[..] else { return Ok(None) };
        let exprs: Vec<Arc<dyn PhysicalExpr>> = if let Some(projected) = plan.downcast_ref::<ProjectionExec>() {
            projected.expr().iter().map(|projected| Arc::clone(&projected.expr)).collect()
        } else if let Some(counted) = plan.downcast_ref::<CountEarly>() {
            counted.keys().to_vec()
        } else if let Some(chosen) = plan.downcast_ref::<FilterExec>() {
            let schema = input.schema();
            let column = |at: usize| Arc::new(Column::new(schema.field(at).name(), at)) as Arc<dyn PhysicalExpr>;
            match chosen.projection().as_ref() {
                Some(projection) => projection.iter().map(|at| column(*at)).collect(),
                None => (0..schema.fields().len()).map(column).collect(),
            }
        } else if plan.is::<CooperativeExec>() {
            return Known::below(input);
        } else {
            return Ok(None);
        };
        match Known::below(input)? {
            Some(known) => known.through(&exprs, &input.schema()).map(Some),
            None => Ok(None),
        }
    }

    fn of_files(scan: &'p Arc<dyn ExecutionPlan>) -> Result<Option<Known<'p>>> {
        let Some(scan) = scan_of(scan) else { return Ok(None) };
        let files: Vec<_> = scan.file_groups.iter().flat_map(|group| group.iter()).collect();
        let schema = scan.file_source().table_schema().table_schema();
        let columns = (0..schema.fields().len()).map(|column| {
            let ends = |of: fn(&datafusion::common::ColumnStatistics) -> &Precision<ScalarValue>| {
                files.iter().map(move |file| {
                    let known = file.statistics.as_ref()?.column_statistics.get(column)?;
                    match of(known) {
                        Precision::Exact(end) if known.null_count == Precision::Exact(0) && !end.is_null() => {
                            Some(end.clone())
                        }
                        _ => None,
                    }
                })
            };
            let ends: Option<Vec<_>> = ends(|known| &known.min_value).chain(ends(|known| &known.max_value)).collect();
            ends.filter(|ends| !ends.is_empty()).map(ScalarValue::iter_to_array).transpose()
        });
        let known = Known { columns: columns.collect::<Result<_>>()?, files };
        match scan.file_source().projection() {
            Some(projection) => {
                let exprs: Vec<_> = projection.iter().map(|projected| Arc::clone(&projected.expr)).collect();
                known.through(&exprs, schema).map(Some)
            }
            None => Ok(Some(known)),
        }
    }

    /// The same of columns that are calculated from these.
    fn through(self, exprs: &[Arc<dyn PhysicalExpr>], schema: &SchemaRef) -> Result<Known<'p>> {
        let columns = exprs.iter().map(|expr| self.ends(expr, schema)).collect::<Result<_>>()?;
        Ok(Known { columns, files: self.files })
    }

    /// The least and the greatest of what is calculated so, if it grows with one of these columns.
    fn ends(&self, expr: &Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Result<Option<ArrayRef>> {
        if let Some(column) = expr.downcast_ref::<Column>() {
            return Ok(self.columns.get(column.index()).cloned().flatten());
        }
        let grows = match self.properties(expr, schema)?.sort_properties {
            SortProperties::Ordered(options) => !options.descending,
            SortProperties::Unordered | SortProperties::Singleton => false,
        };
        if !grows {
            return Ok(None);
        }
        let rows = 2 * self.files.len();
        let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        let columns = schema.fields().iter().enumerate().map(|(at, field)| {
            let known = self.columns.get(at).cloned().flatten();
            known.unwrap_or_else(|| new_null_array(field.data_type(), rows))
        });
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<Field>>()));
        let batch = RecordBatch::try_new_with_options(schema, columns.collect(), &options)?;
        // What fails at an end fails, if at all, where it is run.
        let Ok(ends) = expr.evaluate(&batch).and_then(|ends| ends.into_array(rows)) else { return Ok(None) };
        Ok((ends.logical_null_count() == 0).then_some(ends))
    }

    /// Whether something grows with these columns.
    fn properties(&self, expr: &Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Result<ExprProperties> {
        let of = |sort_properties| {
            let range = Interval::make_unbounded(&expr.data_type(schema)?)?;
            Ok(ExprProperties::new_unknown().with_order(sort_properties).with_range(range))
        };
        if let Some(column) = expr.downcast_ref::<Column>() {
            let is_known = self.columns.get(column.index()).is_some_and(Option::is_some);
            return of(match is_known {
                true => SortProperties::Ordered(SortOptions::default()),
                false => SortProperties::Unordered,
            });
        }
        // DataFusion takes the time of day for something that grows with time.
        if let Some(cast) = expr.downcast_ref::<CastExpr>()
            && !matches!(cast.cast_type(), DataType::Timestamp(..) | DataType::Date32 | DataType::Date64)
        {
            return of(SortProperties::Unordered);
        }
        let below = expr.children().into_iter().map(|child| self.properties(child, schema));
        expr.get_properties(&below.collect::<Result<Vec<_>>>()?)
    }
}
