//! CloudTrail Lake's SQL → DataFusion's. Pure: a text in, the tree of a statement out, or why it is none. Knows no DataFusion, no table,
//! and of columns their names.
//!
//! Lake speaks Trino's SELECT with liberties of its own. What differs is set right in the tree of the statement, before it is
//! planned:
//!
//! | Lake | here |
//! |---|---|
//! | `FROM 2a8f2138-0caa-46c8-…` | a bare id is quoted before it is parsed (`words`) |
//! | an id, a name, an ARN in FROM | the table of that event data store |
//! | `FROM cloudtrail_logs('s3://…')` | a table that is no store's (`logs`) |
//! | names in any case | as the schema writes them, or as the statement first wrote them |
//! | `IF(c, a, b)`, `date(x)` | CASE, CAST |
//! | `transform`, `max_by`, … | what DataFusion has for them (`functions`) |
//! | JSON | text; a cast of it reads it (`casts`) |
//! | `CAST(x AS array(json))`, `CAST(2.5 AS bigint)` | functions of ours (`casts`) |
//! | `LIKE 'a#_%' ESCAPE '#'`, `readOnly = 'true'`, `IN (VALUES 1, 2)` | with DataFusion's escape, with a flag, with a list (`conditions`) |
//! | `TRY(x / y)` | what fails within it is NULL (`tries`) |
//! | the same selected twice, two columns of one label | by names of their own (`labels`) |
//! | `SELECT *, *` | once; whoever hands out the rows gives it again (`selected`) |
//! | `SELECT EXISTS (…)`, names of a query around | what gives one value, fields (`subqueries`) |
//! | `FETCH FIRST n ROWS ONLY`, `WITH TIES` | LIMIT, of `with_ties(n)` |
//! | `(a, b) = (c, d)`, `(a, b) IN (…)` | value by value (`rows`) |
//! | `CROSS JOIN UNNEST(list) AS t(x)` | a subquery that unnests (`unnests`) |
//!
//! The labels of a result are as the statement writes them: an alias, or else the last part of a name.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-limitations.html>

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sqlparser::ast::{Ident, Statement};
use sqlparser::parser::{Parser, ParserError};
use thiserror::Error;

mod casts;
mod columns;
mod conditions;
mod counts;
mod expressions;
mod functions;
mod grammar;
mod labels;
mod logs;
mod rewriting;
mod rows;
mod selected;
mod size;
mod starts;
mod subqueries;
mod tries;
mod unnests;
mod words;
mod zones;

pub use functions::{knows as knows_function, writes as writes_function, written_otherwise as functions};
pub use labels::{SHARED, unshared};
pub use logs::Logs;
pub use selected::Selected;
pub use words::Places;

/// Operators within operators, queries within queries.
const DEPTH: usize = 120;
/// Subscripts within subscripts: what is wrong in the innermost is tried again and again, fifteen times for each.
const SUBSCRIPTS: usize = 3;
/// Brackets within brackets: a type of a thousand lists within lists is long to think about.
const BRACKETS: usize = 60;

/// Why a text is no statement that is understood: in its own words, and with its place (`Line: 1, Column: 8`).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// A statement that was understood.
#[derive(Clone, Debug)]
pub struct Understood {
    /// It, as DataFusion plans it.
    pub statement: Statement,
    /// The event data stores that it reads, as it names them.
    pub stores: BTreeSet<String>,
    /// The log files that it reads as they lie, each under the name that its table has in the statement now.
    pub logs: BTreeMap<String, Logs>,
    /// What it selects, as it is written.
    pub selected: Vec<Selected>,
    /// Where its letters were, as it was written.
    pub places: Places,
}

/// Reads a statement. Only one, and only a SELECT: nothing that writes, or looks elsewhere. `names`: those of columns, as they are spelt.
pub fn understand(text: &str, names: &Names) -> Result<Understood, Refused> {
    if words::deepest_brackets(text) > BRACKETS || words::deepest_subscripts(text) > SUBSCRIPTS {
        return Err(told(&ParserError::RecursionLimitExceeded, &Places::default()));
    }
    let (quoted, places) = words::set_right(text);
    let parser = Parser::new(&grammar::Lake).with_recursion_limit(DEPTH);
    let parsed = parser.try_with_sql(&quoted).and_then(|mut parser| parser.parse_statements());
    let mut statements = parsed.map_err(|error| told(&error, &places))?;
    let (Some(Statement::Query(mut query)), true) = (statements.pop(), statements.is_empty()) else {
        return Err(Refused("only one SELECT statement is run at a time, and nothing else".into()));
    };
    size::check(&query)?;
    let logs = logs::rewrite(&mut query, &places)?;
    let selected = selected::selected(&mut query);
    subqueries::among(&mut query);
    rows::rewrite(&mut query)?;
    unnests::rewrite(&mut query)?;
    let (stores, places) = rewriting::rewrite(&mut query, names.clone(), places, &logs)?;
    Ok(Understood { statement: Statement::Query(query), stores, logs, selected, places })
}

/// What a parser says, which tells line and column of the statement.
fn told(error: &ParserError, places: &Places) -> Refused {
    Refused(match error {
        ParserError::TokenizerError(why) | ParserError::ParserError(why) => {
            places.in_sentence(why).replace("found: EOF", "found: the end of the statement")
        }
        ParserError::RecursionLimitExceeded => "the statement has too many brackets within brackets".into(),
    })
}

/// How names are spelt: each as it was first.
#[derive(Clone, Debug, Default)]
pub struct Names {
    spelt: HashMap<String, String>,
    /// Those that stores have, in small letters.
    columns: HashSet<String>,
}

impl Names {
    /// Adds one, if it is not known in other letters.
    pub fn know(&mut self, name: &str) {
        self.spelt.entry(name.to_lowercase()).or_insert_with(|| name.to_owned());
    }

    /// Adds one of a column that stores have.
    pub fn know_column(&mut self, name: &str) {
        self.know(name);
        self.columns.insert(name.to_lowercase());
    }

    fn spell(&mut self, ident: &mut Ident) {
        let spelt = self.spelt.entry(ident.value.to_lowercase()).or_insert_with(|| ident.value.clone());
        ident.value.clone_from(spelt);
    }
}

#[cfg(test)]
mod tests;
