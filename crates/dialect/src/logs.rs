//! `FROM cloudtrail_logs('s3://bucket/prefix')`: log files that are read as they lie, as a table. It is none of the event data stores, so
//! it gets a name that is no store's, and whoever plans the statement is told what that stands for. Trino's
//! `TABLE(cloudtrail_logs('…'))` says the same.
//!
//! Of table functions there is no other: what DataFusion has, or may learn to read, cannot be said.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectName, ObjectNamePart, Query,
    TableFactor, Value, VisitMut, VisitorMut,
};

use super::{Places, Refused};

/// What the table function is called.
const NAME: &str = "cloudtrail_logs";
/// The scheme of what it reads.
const SCHEME: &str = "s3://";

/// Log files in a bucket, which a statement reads as they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logs {
    /// The bucket's name.
    pub bucket: String,
    /// What their keys begin with; may be empty.
    pub prefix: String,
    /// Where the statement names them first, as a sentence goes on: ` at Line: 1, Column: 15`.
    pub place: String,
}

/// Puts a name in the place of each; gives what the names stand for.
pub(super) fn rewrite(query: &mut Query, places: &Places) -> Result<BTreeMap<String, Logs>, Refused> {
    let mut rewriting = Rewriting { places, logs: BTreeMap::new() };
    match query.visit(&mut rewriting) {
        ControlFlow::Break(why) => Err(why),
        ControlFlow::Continue(()) => Ok(rewriting.logs),
    }
}

struct Rewriting<'p> {
    places: &'p Places,
    logs: BTreeMap<String, Logs>,
}

impl VisitorMut for Rewriting<'_> {
    type Break = Refused;

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<Refused> {
        match self.named(table) {
            Ok(()) => ControlFlow::Continue(()),
            Err(why) => ControlFlow::Break(why),
        }
    }
}

impl Rewriting<'_> {
    fn named(&mut self, table: &mut TableFactor) -> Result<(), Refused> {
        match table {
            TableFactor::Table {
                name, args: args @ Some(_), with_ordinality, with_hints, version, partitions, ..
            } => {
                let place = self.place(name)?;
                if *with_ordinality {
                    return Err(Refused(format!("`{NAME}`{place} gives events in no order: without ORDINALITY")));
                }
                if !with_hints.is_empty() || version.is_some() || !partitions.is_empty() {
                    return Err(more(&place));
                }
                let given = args.take().filter(|args| args.settings.is_none()).map(|args| args.args);
                *name = self.understood(&given.unwrap_or_default(), place)?;
            }
            TableFactor::TableFunction { expr: Expr::Function(function), alias } => {
                let Function { name, parameters, args, filter, null_treatment, over, within_group, .. } = function;
                let place = self.place(name)?;
                let is_more =
                    filter.is_some() || null_treatment.is_some() || over.is_some() || !within_group.is_empty();
                if is_more || *parameters != FunctionArguments::None {
                    return Err(more(&place));
                }
                let given = match args {
                    FunctionArguments::List(list) if list.clauses.is_empty() && list.duplicate_treatment.is_none() => {
                        std::mem::take(&mut list.args)
                    }
                    _ => Vec::new(),
                };
                let name = self.understood(&given, place)?;
                *table = TableFactor::Table {
                    name,
                    alias: alias.take(),
                    args: None,
                    with_hints: Vec::new(),
                    version: None,
                    with_ordinality: false,
                    partitions: Vec::new(),
                    json_path: None,
                    sample: None,
                    index_hints: Vec::new(),
                };
            }
            TableFactor::Function { name, .. } => {
                let place = self.place(name)?;
                return Err(Refused(format!("`{NAME}`{place} depends on nothing beside it: write it without LATERAL")));
            }
            _ => {}
        }
        Ok(())
    }

    /// Where it stands, if it is the function: there is no other.
    fn place(&self, name: &ObjectName) -> Result<String, Refused> {
        let first = name.0.first().and_then(ObjectNamePart::as_ident);
        let place = first.map(|ident| self.places.told(ident.span.start)).unwrap_or_default();
        match &name.0[..] {
            [ObjectNamePart::Identifier(ident)] if ident.value.eq_ignore_ascii_case(NAME) => Ok(place),
            _ => Err(Refused(format!(
                "`{name}`{place} is no table function: behind FROM stand event data stores, subqueries, UNNEST and {NAME}('s3://bucket/prefix')"
            ))),
        }
    }

    /// The name of what is called with these.
    fn understood(&mut self, given: &[FunctionArg], place: String) -> Result<ObjectName, Refused> {
        let [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value)))] = given else {
            return Err(Refused(format!(
                "`{NAME}`{place} takes one text, which says where log files lie: {NAME}('s3://bucket/prefix')"
            )));
        };
        let Value::SingleQuotedString(uri) = &value.value else {
            return Err(Refused(format!(
                "`{NAME}`{place} takes a text, which says where log files lie, and not {value}: {NAME}('s3://bucket/prefix')"
            )));
        };
        let place = self.places.told(value.span.start);
        let below = uri.strip_prefix(SCHEME).unwrap_or_default();
        let (bucket, prefix) = below.split_once('/').unwrap_or((below, ""));
        if bucket.is_empty() {
            return Err(Refused(format!(
                "{value}{place} is no place in a bucket, and {NAME} reads nothing else: write 's3://bucket/prefix', with the name \
                 under which the service holds or links the bucket"
            )));
        }
        let name = format!("{NAME}('{uri}')");
        let logs = Logs { bucket: bucket.to_owned(), prefix: prefix.to_owned(), place };
        self.logs.entry(name.clone()).or_insert(logs);
        Ok(ObjectName::from(vec![Ident::with_quote('"', name)]))
    }
}

fn more(place: &str) -> Refused {
    Refused(format!("`{NAME}`{place} is called with its text, and nothing else"))
}
