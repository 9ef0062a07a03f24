//! What the columns of a result are, and what they are called: as the statement labels them, and as the tables have them where it names none.

use std::ops::Range;
use std::sync::Arc;

use ::dialect::{Selected, unshared};
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::error::{DataFusionError, Result};

/// The columns of a result.
#[derive(Debug)]
pub(crate) struct Columns {
    /// Which of the plan's they are; `None`: those.
    places: Option<Vec<usize>>,
    pub(crate) schema: SchemaRef,
}

impl Columns {
    /// Those of a plan, of which the statement selects some again. `named`: as it was planned, where it is known which table has a column.
    pub(crate) fn of(planned: &Schema, named: &DFSchema, selected: &[Selected]) -> Result<Columns> {
        let is_again = |part: &Selected| matches!(part, Selected::All { is_again: true, .. });
        let fields = planned.fields();
        let of_schema = |place: usize| (place, unshared(fields[place].name()));
        let columns: Vec<(usize, &str)> = match laid_out(named, selected) {
            Some(parts) => {
                parts.into_iter().flatten().map(|(place, label)| (place, label.unwrap_or(of_schema(place).1))).collect()
            }
            None if selected.iter().any(is_again) => {
                return datafusion::common::plan_err!("Projections require unique expression names");
            }
            // Nobody knows which wildcard has how many: then the names of the schema stand.
            None => (0..fields.len()).map(of_schema).collect(),
        };
        let labelled = columns
            .iter()
            .map(|&(place, label)| Field::new(label, fields[place].data_type().clone(), fields[place].is_nullable()));
        let schema = Arc::new(Schema::new(labelled.collect::<Vec<_>>()));
        let places: Vec<usize> = columns.into_iter().map(|(place, _)| place).collect();
        let is_same = places.iter().copied().eq(0..fields.len());
        Ok(Columns { places: (!is_same).then_some(places), schema })
    }

    /// The rows of a plan, as those of the result.
    pub(crate) fn laid(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = match &self.places {
            Some(places) => places.iter().map(|place| Arc::clone(batch.column(*place))).collect(),
            None => batch.columns().to_vec(),
        };
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map_err(DataFusionError::from)
    }
}

/// Columns of a plan, each with its label where the statement has one.
type Places<'s> = Vec<(usize, Option<&'s str>)>;

/// What each part of a statement brings; `None`: it cannot be seen.
fn laid_out<'s>(named: &DFSchema, selected: &'s [Selected]) -> Option<Vec<Places<'s>>> {
    let is_of = |place: usize, table: &str| {
        named.qualified_field(place).0.is_some_and(|of| of.table().eq_ignore_ascii_case(table))
    };
    let planned = planned(named.fields().len(), selected, is_of)?;
    let brings = |(part, here): (&'s Selected, &Range<usize>)| match part {
        Selected::One(label) => Some(vec![(here.start, Some(label.as_str()))]),
        Selected::All { of, is_again: true } => brought_before(of.as_deref(), selected, &planned, is_of),
        Selected::All { .. } => Some(here.clone().map(|place| (place, None)).collect()),
    };
    selected.iter().zip(&planned).map(brings).collect()
}

/// Where in a plan the columns of each part are. What is selected again is nowhere.
fn planned(columns: usize, selected: &[Selected], is_of: impl Fn(usize, &str) -> bool) -> Option<Vec<Range<usize>>> {
    let once = selected.iter().filter(|part| !matches!(part, Selected::All { is_again: true, .. }));
    let (ones, alls): (Vec<&Selected>, Vec<&Selected>) = once.partition(|part| matches!(part, Selected::One(_)));
    let mut at = 0;
    let mut planned = Vec::with_capacity(selected.len());
    for part in selected {
        let many = match part {
            Selected::One(_) => 1,
            Selected::All { is_again: true, .. } => 0,
            Selected::All { .. } if alls.len() == 1 => columns.checked_sub(ones.len())?,
            Selected::All { of, .. } => {
                let table = of.as_deref()?;
                (at..columns).take_while(|place| is_of(*place, table)).count()
            }
        };
        planned.push(at..at + many);
        at += many;
    }
    (at == columns).then_some(planned)
}

/// The columns of this table, or of all, among those that another part brings.
fn brought_before<'s>(
    of: Option<&str>,
    selected: &[Selected],
    planned: &[Range<usize>],
    is_of: impl Fn(usize, &str) -> bool,
) -> Option<Places<'s>> {
    let by = |wanted: Option<&str>| {
        let is_wanted = |part: &Selected| match (part, wanted) {
            (Selected::All { of: Some(of), is_again: false }, Some(wanted)) => of.eq_ignore_ascii_case(wanted),
            (Selected::All { of: None, is_again: false }, None) => true,
            _ => false,
        };
        selected.iter().position(is_wanted).map(|at| planned[at].clone())
    };
    let places: Places = match (by(of), of) {
        (Some(all), _) => all.map(|place| (place, None)).collect(),
        (None, Some(table)) => by(None)?.filter(|place| is_of(*place, table)).map(|place| (place, None)).collect(),
        (None, None) => return None,
    };
    (!places.is_empty()).then_some(places)
}
