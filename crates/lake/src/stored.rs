//! What of a table is in an event data store, as DataFusion sees it: files of a snapshot, read as far as a statement needs them.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, DFSchema, ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use record::selection::Part;

use crate::arrivals::Span;
use crate::part::{condition, may_have};
use crate::place::{Address, Place};
use crate::reading::{Lies, Reading, texts_in_place};
use crate::schema::Kind;
use crate::table::{DataFile, Table};

/// Rows that are read at a time where whole records are: two megabytes of them, which whoever looks at them next finds in the processor's cache.
const WIDE_ROWS: usize = 1_024;

/// A part of a table, as it was when this was made.
#[derive(Clone)]
pub struct Stored {
    /// Which table it is a part of.
    pub kind: Kind,
    /// Where that lies.
    pub address: Address,
    /// The files that may have something of it.
    pub files: Vec<DataFile>,
    /// What holds for each of its rows.
    pub condition: Option<Expr>,
    /// Where this process reads it; nothing, where others shall.
    place: Option<Place>,
    schema: SchemaRef,
}

impl fmt::Debug for Stored {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} files of {:?}", self.files.len(), self.kind)
    }
}

impl Stored {
    /// Rows of these files of a table for which a condition holds. It can be planned with, and read by whoever knows the address.
    pub fn new(kind: Kind, address: Address, files: Vec<DataFile>, condition: Option<Expr>) -> Stored {
        Stored { kind, address, files, condition, place: None, schema: kind.schema() }
    }

    /// What is known of all of its rows. It is not exact: nothing is answered by it, but joins are planned by how many there are.
    fn known(&self) -> Statistics {
        statistics(Span::of(&self.files), &self.schema).to_inexact()
    }

    /// The same for statements that run in this process: it knows the place, and leaves texts as they lie in a page, not copied out of it.
    fn read_in(self, place: &Place) -> Stored {
        let schema = Arc::new(Schema::new(texts_in_place(self.schema.fields())));
        Stored { place: Some(place.clone()), schema, ..self }
    }
}

impl Table {
    /// This part of the table as it is now, for statements.
    pub fn part(&self, part: Part) -> Arc<dyn TableProvider> {
        Arc::new(self.stored(&part).read_in(self.place()))
    }

    /// The same for statements that run elsewhere.
    pub fn part_elsewhere(&self, part: Part) -> Arc<dyn TableProvider> {
        Arc::new(self.stored(&part))
    }

    fn stored(&self, part: &Part) -> Stored {
        let snapshot = self.snapshot();
        let is_wanted = |file: &&DataFile| may_have(part, file.span.first, file.span.last);
        let files: Vec<DataFile> = snapshot.files.iter().filter(is_wanted).cloned().collect();
        let condition = condition(part, self.kind(), &files);
        Stored::new(self.kind(), self.place().address(), files, condition)
    }
}

/// What is known of rows: how many there are, and the first and the last moment of an event.
fn statistics(Span { rows, first, last }: Span, schema: &Schema) -> Statistics {
    let at = |micros: i64| Precision::Exact(ScalarValue::TimestampMicrosecond(Some(micros), None));
    let columns = schema.fields().iter().map(|field| {
        let mut known = ColumnStatistics::new_unknown();
        if field.name() == "eventTime" && first != i64::MIN {
            (known.min_value, known.max_value) = (at(first), at(last));
            known.null_count = Precision::Exact(0);
        }
        known
    });
    let (num_rows, column_statistics) = (Precision::Exact(rows as usize), columns.collect());
    Statistics { num_rows, total_byte_size: Precision::Absent, column_statistics }
}

/// A file of the table at this address, with what is known of it.
pub(crate) fn parquet_file(address: &Address, file: &DataFile, schema: &Schema) -> PartitionedFile {
    let total_byte_size = Precision::Inexact(file.bytes as usize);
    let statistics = Statistics { total_byte_size, ..statistics(file.span, schema) };
    PartitionedFile::new(address.path(&file.path), file.bytes).with_statistics(Arc::new(statistics))
}

#[async_trait]
impl TableProvider for Stored {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // They choose files, groups and pages; which rows are in a result, a filter above decides.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted: Vec<usize> = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        if self.files.is_empty() {
            // A scan of no files would have no partition, which not every plan can bear.
            return Ok(Arc::new(EmptyExec::new(Arc::new(self.schema.project(&wanted)?))));
        }
        let condition = self.condition.clone();
        let mut read = wanted.clone();
        for column in condition.iter().flat_map(Expr::column_refs) {
            let at = self.schema.index_of(&column.name)?;
            if !read.contains(&at) {
                read.push(at);
            }
        }
        // What is asked for comes from above, when the plan is made, and with it the store's own condition, which is a filter there.
        if let Some(place) = &self.place {
            place.make_known(state.runtime_env());
        }
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(state.default_table_options().parquet)
            .with_parquet_file_reader_factory(Arc::new(Reading))
            .with_pushdown_filters(true)
            .with_reorder_filters(true);
        let files = self.files.iter().map(|file| {
            let found = parquet_file(&self.address, file, &self.schema);
            match &self.place {
                Some(place) => found.with_extension(Lies::of(place, file)),
                None => found,
            }
        });
        let groups = FileGroup::new(files.collect()).split_files(state.config().target_partitions());
        let is_wide = read.iter().any(|at| self.schema.field(*at).name() == "eventJson");
        let config = FileScanConfigBuilder::new(self.address.url(), Arc::new(source))
            .with_batch_size(is_wide.then_some(WIDE_ROWS))
            .with_file_groups(groups)
            .with_statistics(self.known())
            .with_projection_indices(Some(read.clone()))?
            .with_limit(limit.filter(|_| condition.is_none()))
            .build();
        let scan: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(config);
        let Some(condition) = condition else { return Ok(scan) };
        let schema = DFSchema::try_from(scan.schema())?;
        let chosen = Arc::new(FilterExec::try_new(state.create_physical_expr(condition, &schema)?, scan)?);
        if read.len() == wanted.len() {
            return Ok(chosen);
        }
        let columns = wanted.iter().enumerate().map(|(at, column)| {
            let name = self.schema.field(*column).name();
            ProjectionExpr { expr: Arc::new(Column::new(name, at)), alias: name.clone() }
        });
        Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), chosen)?))
    }
}
