//! What the columns of a result are called: as the statement labels them, and as the tables have them where it names none.

use std::sync::Arc;

use ::dialect::unshared;
use arrow::datatypes::{Field, Schema, SchemaRef};

/// The columns of a plan, with the labels of the statement. All columns of a table stand where a label is not known.
pub(crate) fn labelled(schema: &Schema, labels: &[Option<String>]) -> SchemaRef {
    let named = labels.iter().filter(|label| label.is_some()).count();
    let open = labels.len() - named;
    let columns = schema.fields().len();
    // Of several wildcards nobody knows which has how many: then the names of the schema stand.
    if open > 1 || columns < named || (open == 0 && named != columns) {
        let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_name(unshared(field.name())));
        return Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    }
    let wildcard = columns - named;
    let mut names: Vec<Option<&str>> = Vec::with_capacity(columns);
    for label in labels {
        match label {
            Some(label) => names.push(Some(label)),
            None => names.extend(std::iter::repeat_n(None, wildcard)),
        }
    }
    let fields = schema.fields().iter().zip(names).map(|(field, name)| {
        let name = name.unwrap_or_else(|| unshared(field.name()));
        Field::new(name, field.data_type().clone(), field.is_nullable())
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
