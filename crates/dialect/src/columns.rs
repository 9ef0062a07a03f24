//! What the columns of a query are called, as far as it can be seen in the statement: those that `*` brings are the columns of a store, or what a
//! query within selects.

use std::collections::HashSet;

use sqlparser::ast::{
    Cte, ObjectName, ObjectNamePart, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableAlias,
    TableFactor,
};

use super::labels::{label, unshared};
use super::subqueries::{called, relations};

/// Names of columns, in small letters.
pub(super) type Columns = HashSet<String>;

/// What tables there are: what WITH names, the innermost last; anything else is a store.
pub(super) struct Tables<'c> {
    pub(super) of_stores: &'c Columns,
    pub(super) named: Vec<(String, Columns)>,
}

impl Tables<'_> {
    /// What all that a query selects is called.
    pub(super) fn selected(&mut self, query: &Query) -> Columns {
        let outside = self.named.len();
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            let columns = self.of_named(table);
            self.named.push((table.alias.name.value.to_lowercase(), columns));
        }
        let columns = self.of_body(&query.body);
        self.named.truncate(outside);
        columns
    }

    /// What the columns are called of what WITH names.
    pub(super) fn of_named(&mut self, table: &Cte) -> Columns {
        self.called(Some(&table.alias), |tables| tables.selected(&table.query))
    }

    fn of_body(&mut self, body: &SetExpr) -> Columns {
        match body {
            SetExpr::Select(select) => {
                let mut columns = self.brought(select);
                let labels = select.projection.iter().filter_map(label);
                columns.extend(labels.map(|label| unshared(&label).to_lowercase()));
                columns
            }
            SetExpr::SetOperation { left, .. } => self.of_body(left),
            SetExpr::Query(query) => self.selected(query),
            _ => Columns::new(),
        }
    }

    /// What `*` and `t.*` bring in a SELECT.
    pub(super) fn brought(&mut self, select: &Select) -> Columns {
        let mut columns = Columns::new();
        for item in &select.projection {
            match item {
                SelectItem::Wildcard(_) => {
                    for table in relations(select) {
                        columns.extend(self.of_table(table));
                    }
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let is_named =
                        |table: &&TableFactor| called(table).is_some_and(|of| of.eq_ignore_ascii_case(last(name)));
                    for table in relations(select).filter(is_named) {
                        columns.extend(self.of_table(table));
                    }
                }
                _ => {}
            }
        }
        columns
    }

    fn of_table(&mut self, table: &TableFactor) -> Columns {
        match table {
            TableFactor::Table { name, alias, .. } => self.called(alias.as_ref(), |tables| {
                let name = last(name).to_lowercase();
                let named = tables.named.iter().rev().find(|(named, _)| *named == name);
                named.map_or_else(|| tables.of_stores.clone(), |(_, columns)| columns.clone())
            }),
            TableFactor::Derived { subquery, alias, .. } => {
                self.called(alias.as_ref(), |tables| tables.selected(subquery))
            }
            _ => Columns::new(),
        }
    }

    /// What they are called by an alias, or else.
    fn called(&mut self, alias: Option<&TableAlias>, otherwise: impl FnOnce(&mut Self) -> Columns) -> Columns {
        match alias {
            Some(alias) if !alias.columns.is_empty() => {
                alias.columns.iter().map(|column| column.name.value.to_lowercase()).collect()
            }
            _ => otherwise(self),
        }
    }
}

fn last(name: &ObjectName) -> &str {
    name.0.last().and_then(|part| part.as_ident()).map_or("", |ident| ident.value.as_str())
}

/// The event data store that a name in FROM means: its id, its name, or the id at the end of its ARN.
pub(super) fn store_of(name: &ObjectName) -> Option<String> {
    let parts: Vec<&str> = name
        .0
        .iter()
        .map(|part| match part {
            ObjectNamePart::Identifier(ident) => Some(ident.value.as_str()),
            ObjectNamePart::Function(_) => None,
        })
        .collect::<Option<_>>()?;
    let whole = parts.join(".");
    Some(whole.rsplit_once(":eventdatastore/").map_or(whole.as_str(), |(_, id)| id).to_owned())
}
