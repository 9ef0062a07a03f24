//! Joins of more rows than a table in memory can be of: they are answered all the same, and are not begun twice where they need not be.

use std::sync::Arc;

use datafusion::datasource::MemTable;
use lake::LakeError;
use lake::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use lake::arrow::datatypes::{DataType, Field, Schema};
use lake::query::{Limits, Query};
use lake::results;

use crate::runtime;

const ROWS: i64 = 150_000;

/// So many events, with ids that are long enough to be some; of every thousandth there is none.
fn events(rows: i64) -> Arc<MemTable> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("n", DataType::Int64, false),
        Field::new("id", DataType::Utf8, true),
        Field::new("told", DataType::Utf8, false),
    ]));
    let batches = (0..rows).step_by(8192).map(|from| {
        let numbers = from..(from + 8192).min(rows);
        let id = |n: i64| format!("{:08x}-0000-4000-8000-{n:012x}", n.wrapping_mul(0x9e37_79b9) as u32);
        let ids: StringArray = numbers.clone().map(|n| (n % 1000 != 999).then(|| id(n))).collect();
        let told: StringArray = numbers.clone().map(|n| Some(id(n))).collect();
        let columns: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from_iter_values(numbers)), Arc::new(ids), Arc::new(told)];
        RecordBatch::try_new(Arc::clone(&schema), columns).expect("a value each")
    });
    let batches = batches.collect();
    Arc::new(MemTable::try_new(schema, vec![batches]).expect("it is a table"))
}

/// The rows of an answer, within so many MiB.
fn asked(table: &Arc<MemTable>, statement: &str, mebibytes: usize) -> Result<Vec<String>, LakeError> {
    let limits = Limits { memory_bytes: mebibytes << 20, threads: 1, ..Limits::default() };
    let mut rows = Vec::new();
    runtime().block_on(async {
        let query = Query::plan(statement, |_| Some(table.clone()), limits).await?;
        let each = |batch: RecordBatch| {
            rows.extend(results::texts(&batch).map(|row| {
                row.into_iter().map(|text| text.unwrap_or_else(|| "NULL".into())).collect::<Vec<_>>().join(" | ")
            }));
            Ok(())
        };
        query.run(each).await
    })?;
    Ok(rows)
}

#[test]
fn what_no_table_in_memory_holds_is_joined_in_order() {
    let table = events(ROWS);
    for (statement, expected) in [
        ("SELECT count(*) FROM t WHERE id IN (SELECT id FROM t)", "149850"),
        ("SELECT count(*) FROM t WHERE told IN (SELECT told FROM t WHERE n % 2 = 0)", "75000"),
        (
            "SELECT count(*), max(length(told)) FROM t WHERE told NOT IN (SELECT told FROM t WHERE n % 2 = 0)",
            "75000 | 36",
        ),
        ("SELECT count(*) FROM t WHERE id NOT IN (SELECT id FROM t WHERE n % 2 = 0 AND id IS NOT NULL)", "74850"),
        ("SELECT count(*) FROM t WHERE told NOT IN (SELECT id FROM t)", "0"),
        ("SELECT count(*) FROM t WHERE n < 0 OR told IN (SELECT told FROM t WHERE n % 4 = 0)", "37500"),
        ("SELECT count(*) FROM t a WHERE EXISTS (SELECT 1 FROM t b WHERE b.id = a.id)", "149850"),
        ("SELECT count(*) FROM t a WHERE NOT EXISTS (SELECT 1 FROM t b WHERE b.id = a.id AND b.n > a.n)", "150000"),
        ("SELECT count(*), sum(b.n - a.n) FROM t a JOIN t b ON a.told = b.told", "150000 | 0"),
        ("SELECT count(*), count(b.n) FROM t a LEFT JOIN t b ON a.id = b.id", "150000 | 149850"),
        ("SELECT count(*), count(a.n), count(b.n) FROM t a FULL JOIN t b ON a.id = b.id", "150150 | 150000 | 150000"),
        ("SELECT count(*) FROM (SELECT id FROM t EXCEPT SELECT id FROM t WHERE n < 9)", "149842"),
    ] {
        // A group's greatest value needs room beside the side that is in order already.
        let mebibytes = if statement.contains("b.n > a.n") { 15 } else { 14 };
        let rows = asked(&table, statement, mebibytes).unwrap_or_else(|error| panic!("{statement}: {error}"));
        assert_eq!(rows, [expected], "{statement}");
    }
}

#[test]
fn rows_are_told_once_though_a_statement_begins_again() {
    let table = events(ROWS);
    let statement = "SELECT n FROM t WHERE n < 3 UNION ALL SELECT a.n FROM t a JOIN t b ON a.told = b.told";
    let mut rows = asked(&table, statement, 14).expect("it is answered");
    rows.sort();
    rows.dedup_by(|one, other| one == other && !matches!(one.as_str(), "0" | "1" | "2"));
    assert_eq!(rows.len() as i64, ROWS + 3);
}

/// What is looked for among few is not kept in memory, however wide it is: a quarter of the table would not fit.
#[test]
fn what_is_held_against_few_needs_little_memory() {
    let table = events(ROWS);
    let few = "(SELECT told FROM t WHERE n IN (7, 8, 9))";
    for (statement, expected) in [
        (format!("SELECT count(*), max(id), max(n) FROM t WHERE told IN {few}"), 3),
        (format!("SELECT n, id, told FROM t WHERE told NOT IN {few}"), ROWS - 3),
        (format!("SELECT t.n, t.id FROM t JOIN {few} AS few ON few.told = t.told"), 3),
        (format!("SELECT t.n, t.id FROM t LEFT JOIN {few} AS few ON few.told = t.told"), ROWS),
        (format!("SELECT n, id FROM t WHERE n < 0 OR told IN {few}"), 3),
    ] {
        let rows = asked(&table, &statement, 6).unwrap_or_else(|error| panic!("{statement}: {error}"));
        let many = if statement.contains("count") { 1 } else { expected };
        assert_eq!(rows.len() as i64, many, "{statement}");
    }
}
