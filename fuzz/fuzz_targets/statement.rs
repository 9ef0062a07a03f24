//! Any text as a statement of Lake's SQL: understood, or refused in words, with a place that is in the text. What is understood is a query that
//! writes nothing, and reads no store but those that it is said to read.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none statement -- -max_total_time=20
//!
//! (from the folder above). The input is the text.
#![no_main]

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use dialect::{Names, understand};
use libfuzzer_sys::fuzz_target;
use sqlparser::ast::{Query, SetExpr, Statement, TableFactor, Visit, Visitor};

fuzz_target!(|text: &str| {
    let mut names = Names::default();
    ["eventName", "eventTime", "userIdentity", "arn", "requestParameters"]
        .into_iter()
        .for_each(|name| names.know(name));
    match understand(text, &names) {
        Err(refused) => {
            let why = refused.to_string();
            assert!(!why.is_empty());
            each_place(&why, |line, column| {
                // A place may be the end of the text, or of a line.
                let lines: Vec<&str> = text.split('\n').collect();
                let length = lines.get(line.max(1) - 1).map(|line| line.chars().count());
                let is_in_it = length.is_some_and(|length| column <= length + 1);
                assert!(is_in_it || text.contains("Line: "), "{why}: {text:?}");
            });
        }
        Ok(understood) => {
            assert!(matches!(understood.statement, Statement::Query(_)), "{text:?}");
            let mut reads = Reads { named: Vec::new(), stores: BTreeSet::new() };
            assert_eq!(understood.statement.visit(&mut reads), ControlFlow::Continue(()), "{text:?}");
            assert!(reads.stores.is_subset(&understood.stores), "{:?} {:?} {text:?}", reads.stores, understood.stores);
        }
    }
});

/// Visits the places that a sentence tells.
fn each_place(sentence: &str, mut each: impl FnMut(usize, usize)) {
    for rest in sentence.split("Line: ").skip(1) {
        let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
        let Some((line, rest)) = rest.split_once(", Column: ") else { continue };
        if let (Some(line), Some(column)) = (number(line), number(rest)) {
            each(line, column);
        }
    }
}

/// What a statement reads, and does not name itself.
struct Reads {
    named: Vec<String>,
    stores: BTreeSet<String>,
}

impl Visitor for Reads {
    type Break = String;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        self.named.extend(
            query.with.iter().flat_map(|with| &with.cte_tables).map(|table| table.alias.name.value.to_lowercase()),
        );
        match &*query.body {
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                ControlFlow::Break("it writes".into())
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<String> {
        if let TableFactor::Table { name, args: None, .. } = table
            && let [part] = &name.0[..]
            && let Some(ident) = part.as_ident()
            && !self.named.contains(&ident.value.to_lowercase())
        {
            self.stores.insert(ident.value.clone());
        }
        ControlFlow::Continue(())
    }
}
