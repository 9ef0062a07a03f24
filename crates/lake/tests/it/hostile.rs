//! Hostile statements end at their limits: with an error or an answer, within seconds and a little memory, and whoever asks
//! beside them is answered.

use std::time::Duration;

use datafusion::datasource::MemTable;
use lake::LakeError;
use lake::arrow::array::{Int64Array, RecordBatch};
use lake::arrow::datatypes::{DataType, Field, Schema};
use lake::query::{Limits, Query, Statistics};
use std::sync::Arc;

use crate::runtime;

/// So many numbers.
fn numbers(many: i64) -> Arc<MemTable> {
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
    let column = Arc::new(Int64Array::from_iter_values(0..many));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).expect("a value each");
    Arc::new(MemTable::try_new(schema, vec![vec![batch]]).expect("it is a table"))
}

fn limits(seconds: u64) -> Limits {
    Limits {
        memory_bytes: 32 << 20,
        disk_bytes: 64 << 20,
        time: Duration::from_secs(seconds),
        threads: 2,
        ..Limits::default()
    }
}

/// Asks, within these limits.
async fn asked(statement: &str, limits: Limits) -> Result<Statistics, LakeError> {
    let table = numbers(5000);
    Query::plan(statement, |_| Some(table.clone()), limits).await?.run(|_| Ok(())).await
}

#[test]
fn deep_nesting_is_refused_and_breaks_nothing() {
    let deep = |open: &str, within: &str, close: &str, many: usize| {
        format!("SELECT {}{within}{} FROM t", open.repeat(many), close.repeat(many))
    };
    let chain = |many: usize| format!("SELECT n FROM t WHERE {} n = 1", "n = 0 OR ".repeat(many));
    let within = (0..2000).fold("SELECT n FROM t".to_owned(), |inner, _| format!("SELECT n FROM ({inner})"));
    runtime().block_on(async {
        for statement in [
            deep("(", "n", ")", 5000),
            deep("abs(", "n", ")", 5000),
            deep("CASE WHEN true THEN ", "n", " END", 3000),
            deep("-", "n", "", 5000),
            deep("NOT ", "n", "", 5000),
            deep("ARRAY[", "n", "]", 4000),
            deep("(SELECT ", "n", ")", 12),
            deep("EXISTS (SELECT ", "n", ")", 12),
            deep("n.n.n[", "n", "]", 20),
            deep("n.n.n[", "!", "", 20),
            deep("max_by(n, ", "n", ")", 40),
            deep("random(", "n", ", 2)", 40),
            format!("SELECT cast_as('[]', '{}bigint{}') FROM t", "array(".repeat(3000), ")".repeat(3000)),
            within,
        ] {
            let end = asked(&statement, limits(20)).await;
            assert!(matches!(end, Err(LakeError::Statement(_))), "{statement:.40}: {end:?}");
        }
        // As long as a statement may be at all, this is only long.
        asked(&chain(1000), limits(20)).await.expect("it is answered");
    });
}

/// As those of a service's threads are.
#[test]
fn no_statement_is_too_deep_for_a_small_stack() {
    let sum = |many: usize| format!("SELECT {}1 AS n FROM t", "1 + ".repeat(many));
    let joined = |many: usize| format!("SELECT {}'x' AS n FROM t", "'x' || ".repeat(many));
    let within = (0..40).fold("SELECT n FROM t".to_owned(), |inner, _| format!("SELECT n FROM ({inner})"));
    let any = format!("SELECT n FROM t WHERE {} n = 1", "n = 0 OR ".repeat(1000));
    let work = move || {
        runtime().block_on(async {
            for statement in [sum(99), joined(99), within, any] {
                asked(&statement, limits(20)).await.unwrap_or_else(|error| panic!("{statement:.40}: {error}"));
            }
            for statement in [sum(101), sum(4000), joined(3000)] {
                let end = asked(&statement, limits(20)).await;
                assert!(
                    matches!(&end, Err(LakeError::Statement(why)) if why.contains("more than 100 deep")),
                    "{end:?}"
                );
            }
        });
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("there is room").join().expect("it goes on");
}

#[test]
fn what_with_names_is_counted_wherever_it_is_read() {
    let doubled = |many: usize| {
        let named =
            (1..many).map(|at| format!("w{at} AS (SELECT x.n FROM w{} x JOIN w{} y ON x.n = y.n)", at - 1, at - 1));
        let named: Vec<String> = std::iter::once("w0 AS (SELECT n FROM t)".to_owned()).chain(named).collect();
        format!("WITH {} SELECT count(*) FROM w{}", named.join(", "), many - 1)
    };
    runtime().block_on(async {
        asked(&doubled(4), limits(20)).await.expect("it is answered");
        let end = asked(&doubled(40), limits(20)).await;
        assert!(matches!(&end, Err(LakeError::Statement(why)) if why.contains("200 tables")), "{end:?}");
    });
}

#[test]
fn a_giant_list_is_answered() {
    let list: Vec<String> = (0..50_000).map(|number| number.to_string()).collect();
    let statement = format!("SELECT count(*) FROM t WHERE n IN ({})", list.join(","));
    runtime().block_on(asked(&statement, limits(20))).expect("it is answered");
}

#[test]
fn what_has_no_end_ends_at_its_time() {
    runtime().block_on(async {
        for endless in [
            "SELECT count(*) FROM t a, t b, t c, t d, t e WHERE a.n + b.n + c.n + d.n + e.n = 7",
            "WITH RECURSIVE r(x) AS (SELECT n FROM t WHERE n = 0 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r WHERE x < 0",
        ] {
            let end = tokio::time::timeout(Duration::from_secs(15), asked(endless, limits(1))).await.expect("it ends soon");
            assert!(matches!(end, Err(LakeError::TimedOut(1) | LakeError::OutOfMemory(_))), "{endless}: {end:?}");
        }
    });
}

#[test]
fn what_needs_too_much_memory_ends_there() {
    runtime().block_on(async {
        for large in [
            "SELECT array_agg(lpad('x', 10000, 'x')) FROM t a, t b WHERE b.n < 10",
            "SELECT a.n, b.n, lpad('y', 2000, 'y') AS y FROM t a, t b ORDER BY a.n + b.n, y",
            "SELECT count(*) FROM (SELECT DISTINCT a.n, lpad(cast(b.n AS varchar), 300, '-') AS y FROM t a, t b WHERE b.n < 500)",
            "SELECT map_agg(a.n * 5000 + b.n, lpad('z', 1000, 'z')) FROM t a, t b WHERE b.n < 100",
        ] {
            let end = asked(large, limits(60)).await;
            assert!(matches!(end, Err(LakeError::OutOfMemory(_) | LakeError::TimedOut(_))), "{large}: {end:?}");
        }
    });
}

#[test]
fn what_makes_much_of_little_is_refused() {
    runtime().block_on(async {
        for large in [
            "SELECT cardinality(repeat('x', 2000000000)) FROM t",
            "SELECT cardinality(sequence(9223372036854775807, -9223372036854775807 - 1 + n, -2)) FROM t",
            "SELECT cardinality(sequence(DATE '0001-01-01', DATE '9000-01-01', INTERVAL '1' MONTH)), n FROM t WHERE n + cardinality(sequence(DATE '0001-01-01', date_add('day', n, DATE '9000-01-01'), INTERVAL '1' MONTH)) > 0",
            "SELECT max(cardinality(repeat(n, 1000000))) FROM t",
            "SELECT length(replace(lpad('x', 1000000, 'x'), 'x', lpad('y', 1000000, 'y'))) FROM t",
            "SELECT length(replace(lpad('x', 10000, 'x'), '', lpad('y', 10000, 'y'))) FROM t",
            "SELECT length(regexp_replace(lpad('x', 10000, 'x'), '', lpad('y', 10000, 'y'))) FROM t",
            "SELECT length(concat_ws(lpad('y', 100000, 'y'), repeat('x', 1000))) FROM t",
            "SELECT length(format('%10000d%10000d%10000d%10000d%10000d', n, n, n, n, n)) FROM t",
            "SELECT length(lpad('x', 1000000000, 'y')) FROM t",
            "SELECT max(length(rpad('x', n * 100000, 'y'))) FROM t",
            "SELECT cardinality(sequence(1, 10000000000)) FROM t",
            "SELECT cardinality(range(n * 1000000)) FROM t",
            "SELECT cardinality(sequence(TIMESTAMP '1970-01-01 00:00:00', TIMESTAMP '2026-01-01 00:00:00', INTERVAL '1' SECOND)) FROM t",
            "SELECT cardinality(array_repeat(n, 1000000000)) FROM t",
            "SELECT cardinality(array_resize(ARRAY[n], 1000000000)) FROM t",
        ] {
            match asked(large, limits(20)).await {
                Err(error) => assert!(error.to_string().contains("it may make"), "{large}: {error}"),
                Ok(_) => panic!("{large} is answered"),
            }
        }
        for tried in ["TRY(lpad('x', 1000000000, 'y'))", "TRY(cardinality(range(n * 1000000)))"] {
            let told = asked(&format!("SELECT {tried} FROM t"), limits(20)).await.expect_err("it is too much");
            assert!(told.to_string().contains("it may make"), "{tried}: {told}");
        }
        asked("SELECT cardinality(sequence(1, 1000)), lpad(cast(n AS varchar), 100, '0'), repeat('x', 100) FROM t", limits(20))
            .await
            .expect("that is little");
    });
}

/// Of a statement's literals they are called while it is planned, on whatever thread asks.
#[test]
fn what_would_take_as_many_steps_as_two_lengths_by_one_another_is_refused_or_takes_few() {
    let text = |letter: &str, many: usize| format!("lpad('', {many}, '{letter}')");
    runtime().block_on(async {
        for (name, args) in [
            ("levenshtein_distance", format!("{}, {}", text("a", 100_000), text("b", 100_000))),
            ("contains_sequence", "repeat(1, 100000), repeat(1, 50000) || ARRAY[2]".into()),
        ] {
            let told = asked(&format!("SELECT {name}({args}) FROM t LIMIT 1"), limits(20)).await;
            let told = told.expect_err("it is too much").to_string();
            assert_eq!(told, format!("{name} would take more steps with one row; it may take 50000000"));
        }
        let (long, sought) = (text("a", 200_000), format!("concat({}, 'b')", text("a", 60_000)));
        for few in [
            format!("strpos({long}, {sought}, 2) + strrpos({long}, concat('b', {}), 2)", text("a", 60_000)),
            format!("strpos({long}, {}, 100000) + strpos({long}, {}, -100000)", text("a", 60_000), text("a", 60_000)),
            format!("hamming_distance({long}, {long})"),
            format!("levenshtein_distance({}, {})", text("a", 1000), text("b", 1000)),
        ] {
            asked(&format!("SELECT {few} FROM t"), limits(20)).await.expect("it is answered");
        }
        for gone in ["levenshtein('a', 'b')", "array_has_all(ARRAY[n], ARRAY[n])", "regexp_instr('a', 'b')"] {
            let end = asked(&format!("SELECT {gone} FROM t"), limits(20)).await;
            assert!(matches!(end, Err(LakeError::Statement(_))), "{gone}: {end:?}");
        }
    });
}

/// To find each takes a walk to the end of the text.
#[test]
fn what_finds_everything_in_long_texts_ends_at_its_time_also_while_it_is_planned() {
    runtime().block_on(async {
        for call in [
            "regexp_count(TEXT, '.*[^A-Z]|[A-Z]')",
            "length(regexp_replace(TEXT, '.*[^A-Z]|[A-Z]'))",
            "cardinality(regexp_split(TEXT, '.*[^A-Z]|[A-Z]'))",
            "cardinality(regexp_extract_all(TEXT, '.*[^A-Z]|[A-Z]'))",
            "length(regexp_replace(TEXT, '.*([^A-Z])|([A-Z])', found -> found[1]))",
        ] {
            let statement = format!("SELECT {} FROM t LIMIT 1", call.replace("TEXT", "lpad('', 200000, 'A')"));
            let end = tokio::time::timeout(Duration::from_secs(15), asked(&statement, limits(1))).await;
            let end = end.expect("it ends soon");
            assert!(matches!(end, Err(LakeError::TimedOut(1))), "{call}: {end:?}");
        }
    });
}

#[test]
fn what_is_too_much_is_told_of_the_function_that_would_make_it() {
    let (most, more) = ("lpad('', 33000000, 'x')", "lpad('', 1000000, 'x')");
    let list = format!(r#"concat('["', {most}, '","', {more}, '"]'), '$[*]'"#);
    let text = format!(r#"concat('"\n', {most}, {more}, '"'), '$'"#);
    runtime().block_on(async {
        for (name, of) in
            [("json_extract", &list), ("json_query", &list), ("json_extract_scalar", &text), ("json_value", &text)]
        {
            let told = asked(&format!("SELECT length({name}({of})) FROM t LIMIT 1"), limits(20)).await;
            let told = told.expect_err("it is too much").to_string();
            assert_eq!(told, format!("{name} would make more letters or items at once; it may make 33554432"));
        }
    });
}

#[test]
fn a_bomb_of_a_regular_expression_is_refused_or_run_in_little_time() {
    runtime().block_on(async {
        for bomb in [r"((((\w{50}){50}){50}){50})", r"(a{1000}){1000}", r"(.{0,999}){999}"] {
            for function in [
                "regexp_like(x, 'BOMB')",
                "regexp_extract(x, 'BOMB')",
                "regexp_replace(x, 'BOMB')",
                "regexp_count(x, 'BOMB')",
            ] {
                let called = function.replace("BOMB", bomb);
                let statement =
                    format!("SELECT max(cast({called} AS varchar)) FROM (SELECT cast(n AS varchar) AS x FROM t)");
                let end = asked(&statement, limits(20)).await;
                assert!(matches!(end, Err(LakeError::Statement(_) | LakeError::Failed(_))), "{called}: {end:?}");
            }
        }
        // What others search for long is found in time that grows with the text alone.
        let text = "a".repeat(5000);
        asked(&format!("SELECT count(*) FROM t WHERE regexp_like('{text}', '(a+)+$b')"), limits(20))
            .await
            .expect("it is none");
    });
}

#[test]
fn whoever_asks_beside_it_is_answered() {
    runtime().block_on(async {
        let (table, endless) =
            (numbers(400), "SELECT count(*) FROM t a, t b, t c, t d, t e WHERE a.n + b.n + c.n + d.n + e.n = -7");
        // One thread is left to others.
        let one = |seconds| Limits { threads: 1, ..limits(seconds) };
        let query = Query::plan(endless, |_| Some(table.clone()), one(60)).await.expect("it is understood");
        let stopper = query.stopper();
        let hostile = tokio::spawn(async move { query.run(|_| Ok(())).await });
        for _ in 0..5 {
            asked("SELECT sum(n) FROM t WHERE n % 7 = 3", one(20)).await.expect("it is answered");
        }
        assert!(!hostile.is_finished());
        stopper.stop();
        assert!(matches!(hostile.await.expect("it does not break down"), Err(LakeError::Cancelled)));
    });
}
