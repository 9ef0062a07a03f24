//! What is among the rows of a query, held against a truth that looks at each of them.

use std::sync::Arc;

use lake::logs::LogFiles;
use record::log_file::Limits;

use crate::{InMemory, answer, runtime};

/// A number, or NULL.
type Number = Option<i64>;

/// A value and a group of `a` or `b`.
type Row = (Number, Number);

fn equal(one: Number, other: Number) -> Option<bool> {
    Some(one? == other?)
}

fn less(one: Number, other: Number) -> Option<bool> {
    Some(one? < other?)
}

fn plus(one: Number, other: i64) -> Number {
    Some(one? + other)
}

/// Whether it is one of those from the first to the last.
fn lies(one: Number, first: Number, last: Number) -> Option<bool> {
    and(not(less(one, first)), not(less(last, one)))
}

fn not(one: Option<bool>) -> Option<bool> {
    Some(!one?)
}

fn or(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    not(or(not(one), not(other)))
}

/// What is so of any row of these.
fn any(rows: &[Row], holds: impl Fn(Row) -> Option<bool>) -> Option<bool> {
    rows.iter().map(|row| holds(*row)).reduce(or).unwrap_or(Some(false))
}

/// What is so of a row of `a`, and the rows of `b`.
type Truth = fn(Row, &[Row]) -> Option<bool>;

fn is_in((x, _): Row, b: &[Row]) -> Option<bool> {
    any(b, |(y, _)| equal(x, y))
}

fn is_in_group((x, k): Row, b: &[Row]) -> Option<bool> {
    let group: Vec<Row> = b.iter().copied().filter(|(_, of)| equal(*of, k) == Some(true)).collect();
    any(&group, |(y, _)| equal(x, y))
}

fn is_in_above((x, k): Row, b: &[Row]) -> Option<bool> {
    let above: Vec<Row> = b.iter().copied().filter(|(_, of)| less(k, *of) == Some(true)).collect();
    any(&above, |(y, _)| equal(x, y))
}

/// Whether both values of a row are those of one of these.
fn is_row_in((x, k): Row, b: &[Row]) -> Option<bool> {
    any(b, |(y, g)| and(equal(x, y), equal(k, g)))
}

/// Whether a row comes before another: by its first value, and where these are equal by the second.
fn is_before((x, k): Row, (y, g): Row) -> Option<bool> {
    or(less(x, y), and(equal(x, y), less(k, g)))
}

const SOME: &[Row] = &[(Some(1), Some(2)), (Some(3), Some(3)), (Some(2), None)];

fn exists(b: &[Row], holds: impl Fn(Row) -> Option<bool>) -> Option<bool> {
    Some(b.iter().any(|row| holds(*row) == Some(true)))
}

const CONDITIONS: &[(&str, Truth)] = &[
    ("x IN (SELECT y FROM b)", is_in),
    ("x NOT IN (SELECT y FROM b)", |a, b| not(is_in(a, b))),
    ("NOT x IN (SELECT y FROM b)", |a, b| not(is_in(a, b))),
    ("NOT (x NOT IN (SELECT y FROM b))", is_in),
    ("x = ANY (SELECT y FROM b)", is_in),
    ("x = SOME (SELECT y FROM b)", is_in),
    ("NOT x = ANY (SELECT y FROM b)", |a, b| not(is_in(a, b))),
    ("x <> ALL (SELECT y FROM b)", |a, b| not(is_in(a, b))),
    ("x < ANY (SELECT y FROM b)", |(x, _), b| any(b, |(y, _)| less(x, y))),
    ("x >= ALL (SELECT y FROM b)", |(x, _), b| not(any(b, |(y, _)| less(x, y)))),
    ("k = 1 OR x IN (SELECT y FROM b)", |a, b| or(equal(a.1, Some(1)), is_in(a, b))),
    ("k = 1 OR x NOT IN (SELECT y FROM b)", |a, b| or(equal(a.1, Some(1)), not(is_in(a, b)))),
    ("NOT (k = 1 AND x IN (SELECT y FROM b))", |a, b| not(and(equal(a.1, Some(1)), is_in(a, b)))),
    ("(x IN (SELECT y FROM b)) IS NULL", |a, b| Some(is_in(a, b).is_none())),
    ("(x NOT IN (SELECT y FROM b)) IS NOT TRUE", |a, b| Some(not(is_in(a, b)) != Some(true))),
    ("coalesce(x IN (SELECT y FROM b), true)", |a, b| Some(is_in(a, b).unwrap_or(true))),
    ("CASE WHEN x NOT IN (SELECT y FROM b) THEN k = 1 ELSE true END", |a, b| match not(is_in(a, b)) {
        Some(true) => equal(a.1, Some(1)),
        _ => Some(true),
    }),
    ("if(x IN (SELECT y FROM b), false, k = 2)", |a, b| match is_in(a, b) {
        Some(true) => Some(false),
        _ => equal(a.1, Some(2)),
    }),
    ("EXISTS (SELECT 1 FROM b)", |_, b| Some(!b.is_empty())),
    ("NOT EXISTS (SELECT 1 FROM b WHERE y = 2)", |_, b| not(exists(b, |(y, _)| equal(y, Some(2))))),
    ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x)", |a, b| exists(b, |(y, _)| equal(y, a.0))),
    ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x)", |a, b| not(exists(b, |(y, _)| equal(y, a.0)))),
    ("k = 1 OR NOT EXISTS (SELECT * FROM b WHERE b.y = a.x)", |a, b| {
        or(equal(a.1, Some(1)), not(exists(b, |(y, _)| equal(y, a.0))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.g > a.k)", |a, b| {
        exists(b, |(y, g)| and(equal(y, a.0), less(a.1, g)))
    }),
    ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.g > a.k)", |a, b| {
        not(exists(b, |(y, g)| and(equal(y, a.0), less(a.1, g))))
    }),
    ("k = 2 OR EXISTS (SELECT 1 FROM b WHERE b.y + 1 = a.x + 1 AND b.g <> a.k)", |a, b| {
        or(equal(a.1, Some(2)), exists(b, |(y, g)| and(equal(y, a.0), not(equal(g, a.1)))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.g < a.k)", |a, b| {
        exists(b, |(y, g)| and(equal(y, a.0), less(g, a.1)))
    }),
    ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.g <= a.k)", |a, b| {
        not(exists(b, |(y, g)| and(equal(y, a.0), not(less(a.1, g)))))
    }),
    ("k = 1 OR NOT EXISTS (SELECT b.* FROM b WHERE a.x + 1 = b.y + 1 AND a.k - 1 <= b.g - 1)", |a, b| {
        or(equal(a.1, Some(1)), not(exists(b, |(y, g)| and(equal(y, a.0), not(less(g, a.1))))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.y = a.k AND b.g < a.k)", |a, b| {
        exists(b, |(y, g)| and(equal(y, a.0), and(equal(y, a.1), less(g, a.1))))
    }),
    ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.y = a.k AND b.g <> a.x)", |a, b| {
        not(exists(b, |(y, g)| and(equal(y, a.0), and(equal(y, a.1), not(equal(g, a.0))))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x + 9 AND 1 / (b.g - b.g) < a.k)", |_, _| Some(false)),
    ("EXISTS (SELECT g, y FROM b WHERE b.g < a.k)", |a, b| exists(b, |(_, g)| less(g, a.1))),
    ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND a.k <> b.g)", |a, b| {
        not(exists(b, |(y, g)| and(equal(y, a.0), not(equal(g, a.1)))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.g < a.k AND b.g <> a.x)", |a, b| {
        exists(b, |(y, g)| and(equal(y, a.0), and(less(g, a.1), not(equal(g, a.0)))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.g > a.k - 2 AND b.g < a.k + 1)", |a, b| {
        exists(b, |(y, g)| and(equal(y, a.0), lies(g, plus(a.1, -1), a.1)))
    }),
    ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.g >= a.k AND b.g <= a.k + 1)", |a, b| {
        not(exists(b, |(y, g)| and(equal(y, a.0), lies(g, a.1, plus(a.1, 1)))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.g BETWEEN a.k AND a.x)", |a, b| exists(b, |(_, g)| lies(g, a.1, a.0))),
    ("EXISTS (SELECT 1 FROM b WHERE a.k <= b.g AND b.g >= a.x AND a.k + 3 > b.g)", |a, b| {
        exists(b, |(_, g)| and(lies(g, a.1, plus(a.1, 2)), lies(g, a.0, Some(99))))
    }),
    ("k = 1 OR NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.g > a.k AND b.g <= a.x + 1)", |a, b| {
        or(equal(a.1, Some(1)), not(exists(b, |(y, g)| and(equal(y, a.0), lies(g, plus(a.1, 1), plus(a.0, 1))))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.g <= a.k AND b.y <> a.x)", |a, b| {
        exists(b, |(y, g)| and(not(less(a.1, g)), not(equal(y, a.0))))
    }),
    ("NOT EXISTS (SELECT 1 FROM b WHERE b.g BETWEEN a.k AND a.k + 1 AND a.x <> b.y)", |a, b| {
        not(exists(b, |(y, g)| and(lies(g, a.1, plus(a.1, 1)), not(equal(y, a.0)))))
    }),
    (
        "EXISTS (SELECT 1 FROM (SELECT g, CAST(y AS varchar) AS t FROM b) AS c WHERE c.g >= a.k AND c.t <> CAST(a.x AS varchar))",
        |a, b| exists(b, |(y, g)| and(not(less(g, a.1)), not(equal(y, a.0)))),
    ),
    ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.y <> a.k AND b.g > a.k AND b.g < a.k + 3)", |a, b| {
        not(exists(b, |(y, g)| and(and(equal(y, a.0), not(equal(y, a.1))), lies(g, plus(a.1, 1), plus(a.1, 2)))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.g >= a.k AND b.g < a.x AND b.g <> a.k)", |a, b| {
        exists(b, |(_, g)| and(lies(g, a.1, plus(a.0, -1)), not(equal(g, a.1))))
    }),
    ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.g >= a.k AND b.g <= a.k + 1 AND a.k > 1)", |a, b| {
        not(exists(b, |(y, g)| and(and(equal(y, a.0), less(Some(1), a.1)), lies(g, a.1, plus(a.1, 1)))))
    }),
    ("EXISTS (SELECT 1 FROM b WHERE b.y > a.x AND b.y < a.x + 2 AND b.g > a.k)", |a, b| {
        exists(b, |(y, g)| and(equal(y, plus(a.0, 1)), less(a.1, g)))
    }),
    ("x IN (SELECT y FROM b WHERE b.g > a.k AND b.g < a.k + 2)", |a, b| {
        exists(b, |(y, g)| and(equal(y, a.0), equal(g, plus(a.1, 1))))
    }),
    ("x IN (SELECT y FROM b WHERE b.g = a.k)", is_in_group),
    ("x NOT IN (SELECT y FROM b WHERE b.g = a.k)", |a, b| not(is_in_group(a, b))),
    ("x IN (SELECT y FROM b WHERE b.g > a.k)", is_in_above),
    ("x NOT IN (SELECT y FROM b WHERE b.g > a.k)", |a, b| not(is_in_above(a, b))),
    ("k = 2 OR x NOT IN (SELECT y FROM b WHERE b.g = a.k)", |a, b| or(equal(a.1, Some(2)), not(is_in_group(a, b)))),
    ("x + 1 IN (SELECT y + 1 FROM b)", is_in),
    ("2 IN (SELECT y FROM b)", |_, b| is_in((Some(2), None), b)),
    ("2 NOT IN (SELECT y FROM b)", |_, b| not(is_in((Some(2), None), b))),
    ("EXISTS (SELECT 1 FROM b AS c WHERE x NOT IN (SELECT y FROM b))", |a, b| {
        Some(!b.is_empty() && not(is_in(a, b)) == Some(true))
    }),
    ("EXISTS (SELECT 1 FROM b AS c WHERE x IN (SELECT y FROM b))", |a, b| {
        Some(!b.is_empty() && is_in(a, b) == Some(true))
    }),
    ("NULL NOT IN (SELECT y FROM b)", |_, b| not(is_in((None, None), b))),
    ("k = 1 OR 2 NOT IN (SELECT y FROM b)", |a, b| or(equal(a.1, Some(1)), not(is_in((Some(2), None), b)))),
    ("k = 1 OR NOT EXISTS (SELECT 1 FROM b)", |a, b| or(equal(a.1, Some(1)), Some(b.is_empty()))),
    ("x NOT IN (SELECT 2 FROM b)", |(x, _), b| not(any(b, |_| equal(x, Some(2))))),
    ("x NOT IN (SELECT y FROM b LIMIT 99)", |a, b| not(is_in(a, b))),
    ("x NOT IN (SELECT b.y FROM b JOIN b AS c ON b.id = c.id)", |a, b| not(is_in(a, b))),
    ("x NOT IN (SELECT y FROM b WHERE y NOT IN (SELECT g FROM b))", |(x, _), b| {
        let among = |y: Number| not(any(b, |(_, g)| equal(y, g)));
        let these: Vec<Row> = b.iter().copied().filter(|(y, _)| among(*y) == Some(true)).collect();
        not(is_in((x, None), &these))
    }),
    ("x + 1 NOT IN (SELECT y + 1 FROM b)", |a, b| not(is_in(a, b))),
    ("x IN (SELECT DISTINCT y FROM b)", is_in),
    ("x NOT IN (SELECT y FROM b GROUP BY y)", |a, b| not(is_in(a, b))),
    ("x NOT IN (SELECT max(y) FROM b GROUP BY y)", |a, b| not(is_in(a, b))),
    ("x NOT IN (SELECT y FROM b UNION ALL SELECT y FROM b)", |a, b| not(is_in(a, b))),
    ("x NOT IN (SELECT y FROM b WHERE y IS NOT NULL)", |(x, _), b| {
        not(any(b, |(y, _)| if y.is_none() { Some(false) } else { equal(x, y) }))
    }),
    ("(x, k) IN (SELECT y, g FROM b)", is_row_in),
    ("(x, k) NOT IN (SELECT y, g FROM b)", |a, b| not(is_row_in(a, b))),
    ("NOT (x, k) IN (SELECT y, g FROM b)", |a, b| not(is_row_in(a, b))),
    ("(x + 1, k) IN (SELECT b.y + 1, b.g FROM b WHERE b.y IS NOT NULL)", |(x, k), b| {
        let told: Vec<Row> = b.iter().copied().filter(|(y, _)| y.is_some()).collect();
        is_row_in((x, k), &told)
    }),
    ("(x, k, 1) NOT IN (SELECT y, g, 1 FROM b)", |a, b| not(is_row_in(a, b))),
    ("(x, k, x, 1) NOT IN (SELECT y, g, y, 1 FROM b)", |a, b| not(is_row_in(a, b))),
    ("k = 1 OR (x, k) NOT IN (SELECT y, g FROM b)", |a, b| or(equal(a.1, Some(1)), not(is_row_in(a, b)))),
    ("((x, k) IN (SELECT y, g FROM b)) IS NULL", |a, b| Some(is_row_in(a, b).is_none())),
    ("CASE WHEN (x, k) NOT IN (SELECT y, g FROM b) THEN k = 1 ELSE true END", |a, b| match not(is_row_in(a, b)) {
        Some(true) => equal(a.1, Some(1)),
        _ => Some(true),
    }),
    ("ROW(x, 2) IN (SELECT * FROM (SELECT y, g FROM b) AS c)", |(x, _), b| is_row_in((x, Some(2)), b)),
    ("(x, k) NOT IN (SELECT y, max(g) FROM b GROUP BY y HAVING max(g) > 2)", |a, b| {
        let groups = b.iter().map(|(y, _)| *y).collect::<std::collections::BTreeSet<_>>();
        let most = |y: Number| b.iter().filter(|(of, _)| *of == y).filter_map(|(_, g)| *g).max();
        let rows: Vec<Row> = groups.into_iter().map(|y| (y, most(y))).filter(|(_, g)| *g > Some(2)).collect();
        not(is_row_in(a, &rows))
    }),
    ("(x, k) IN ((1, 2), (3, 3), (2, NULL))", |a, _| is_row_in(a, SOME)),
    ("(x, k) NOT IN ((1, 2), (3, 3), (2, NULL))", |a, _| not(is_row_in(a, SOME))),
    ("(x, k) IN (VALUES (1, 2), (3, 3), (2, NULL))", |a, _| is_row_in(a, SOME)),
    ("(x, k) = (2, 2)", |a, _| is_row_in(a, &[(Some(2), Some(2))])),
    ("(x, k) < (2, 2)", |a, _| is_before(a, (Some(2), Some(2)))),
    ("(x, k) >= (k, x)", |(x, k), _| or(is_before((k, x), (x, k)), and(equal(x, k), equal(k, x)))),
    ("NOT ROW(x, (k, 1)) > (2, (2, 2))", |a, _| {
        not(or(is_before((Some(2), Some(2)), a), and(and(equal(a.0, Some(2)), equal(a.1, Some(2))), Some(false))))
    }),
    ("(x, k) NOT BETWEEN (1, 3) AND (2, 2)", |a, _| {
        or(is_before(a, (Some(1), Some(3))), is_before((Some(2), Some(2)), a))
    }),
    ("ROW(x, k) <> (2, 2) OR (x, k) = (k, x)", |(x, k), _| {
        or(not(and(equal(x, Some(2)), equal(k, Some(2)))), and(equal(x, k), equal(k, x)))
    }),
    ("x IN (SELECT y FROM b) AND x NOT IN (SELECT g FROM b)", |a, b| {
        and(is_in(a, b), not(any(b, |(_, g)| equal(a.0, g))))
    }),
];

fn values(rows: &[Row]) -> String {
    let number = |of: Number| of.map_or("CAST(NULL AS bigint)".into(), |of| of.to_string());
    let row = |(at, (value, group)): (usize, &Row)| format!("({at}, {}, {})", number(*value), number(*group));
    let rows: Vec<String> = rows.iter().enumerate().map(row).collect();
    // A table without rows.
    if rows.is_empty() { "SELECT 0, 1, 1 WHERE false".into() } else { format!("VALUES {}", rows.join(", ")) }
}

#[test]
fn what_is_among_others_is_what_a_look_at_each_of_them_finds() {
    let all = [None, Some(1), Some(2), Some(3)];
    let a: Vec<Row> = all.into_iter().flat_map(|x| all.map(|k| (x, k))).collect();
    let many: Vec<Row> = (0..24).map(|n| (Some(n / 3 % 4), (n % 7 > 0).then_some(n * n % 5))).collect();
    let bs: &[&[Row]] = &[
        &[],
        &[(None, None)],
        &[(None, Some(1))],
        &[(Some(1), Some(1)), (Some(1), Some(1)), (Some(2), Some(3))],
        &[(Some(1), Some(2)), (Some(1), None), (None, Some(2)), (Some(3), Some(3)), (Some(3), Some(1))],
        &[(Some(2), Some(2)), (None, Some(3)), (None, Some(3)), (Some(2), Some(2))],
        &many,
    ];
    let nothing = Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), Limits::default()));
    let (runtime, mut wrong) = (runtime(), Vec::new());
    for b in bs {
        for (condition, truth) in CONDITIONS {
            let statement = format!(
                "WITH a(id, x, k) AS ({}), b(id, y, g) AS ({}) SELECT id FROM a WHERE {condition} ORDER BY id",
                values(&a),
                values(b)
            );
            let expected: Vec<String> = std::iter::once("id".to_owned())
                .chain(
                    a.iter().enumerate().filter(|(_, row)| truth(**row, b) == Some(true)).map(|(at, _)| at.to_string()),
                )
                .collect();
            match runtime.block_on(answer(nothing.clone(), &statement)) {
                Ok(rows) if rows == expected => {}
                Err(why) if condition.contains("AS c WHERE x") && why.to_string().contains("not understood") => {}
                other => wrong.push(format!("{condition} of {b:?}: {other:?} instead of {expected:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What DataFusion has of a statement is seen by how long it takes: each of these holds ten thousand rows that are equal against as many.
#[test]
fn among_many_that_are_equal_each_is_looked_for_once() {
    let nothing = Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), Limits::default()));
    let runtime = runtime();
    for (condition, expected) in [
        ("x IN (SELECT y FROM b)", "30000"),
        ("x NOT IN (SELECT y FROM b)", "0"),
        ("x = ANY (SELECT y FROM b)", "30000"),
        ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x)", "30000"),
        ("EXISTS (SELECT 1 FROM b)", "30000"),
        ("x < 0 OR x IN (SELECT y FROM b)", "30000"),
        ("x < 0 OR x NOT IN (SELECT y FROM b)", "0"),
        ("x + 1 IN (SELECT y + 1 FROM b)", "30000"),
        ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.n < a.n)", "2"),
        ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.n >= a.n + 2)", "29998"),
        ("x < 0 OR NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.n <> a.n)", "0"),
        ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.n > a.n AND b.n <= a.n + 2)", "29998"),
        ("NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.n > a.n AND b.n < a.n + 2)", "30000"),
        ("EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.n BETWEEN a.n - 8 AND a.n + 8 AND b.place <> a.place)", "4789"),
        ("x < 0 OR EXISTS (SELECT 1 FROM b WHERE b.y = a.x AND b.n > a.n AND b.place <> a.place)", "29949"),
    ] {
        let rows =
            "n % 2 AS x, n % 2 AS y, CAST(n / 100 AS varchar) AS place, n FROM UNNEST(sequence(1, 30000)) AS s(n)";
        let statement =
            format!("WITH a AS (SELECT {rows}), b AS (SELECT {rows}) SELECT count(*) FROM a WHERE {condition}");
        let rows = runtime.block_on(answer(nothing.clone(), &statement)).expect("it is understood");
        assert_eq!(rows[1..], [expected], "{condition}");
    }
}

/// Ten thousand rows of which a part is not known, and as many others: a look at each pair would be seen.
#[test]
fn rows_of_which_something_is_not_known_are_looked_up_by_the_rest() {
    let nothing = Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), Limits::default()));
    let statement = "WITH a AS (SELECT n AS x, if(n % 2 = 0, n) AS k FROM UNNEST(sequence(1, 20000)) AS s(n)), \
                     b AS (SELECT n AS y, n AS g FROM UNNEST(sequence(10001, 30000)) AS s(n)) \
                     SELECT count(*) FROM a WHERE (x, k) NOT IN (SELECT y, g FROM b)";
    let rows = runtime().block_on(answer(nothing, statement)).expect("it is understood");
    assert_eq!(rows[1..], ["10000"]);
}

#[test]
fn what_is_among_others_below_select_is_the_same_and_may_be_null() {
    let nothing = Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), Limits::default()));
    let runtime = runtime();
    let a: Vec<Row> =
        [None, Some(1), Some(2), Some(3)].into_iter().flat_map(|x| [None, Some(2)].map(|k| (x, k))).collect();
    let conditions: &[(&str, Truth)] = &[
        ("x IN (SELECT y FROM b)", is_in),
        ("x NOT IN (SELECT y FROM b)", |a, b| not(is_in(a, b))),
        ("x IN (SELECT y FROM b WHERE b.g = a.k)", is_in_group),
        ("x = ANY (SELECT y FROM b)", is_in),
        ("(x, k) IN (SELECT y, g FROM b)", is_row_in),
        ("(x, k) NOT IN (SELECT b.y, max(b.g) FROM b GROUP BY b.y, b.g)", |a, b| not(is_row_in(a, b))),
        ("ROW(k, 2e0, x) IN (SELECT g, 2, y FROM b)", is_row_in),
        ("(x, k) IN (SELECT y, 2 FROM b WHERE b.g = a.k)", |(x, k), b| {
            let group = b.iter().copied().filter(|(_, of)| equal(*of, k) == Some(true));
            is_row_in((x, k), &group.map(|(y, _)| (y, Some(2))).collect::<Vec<_>>())
        }),
        ("(x, k) < (2, 2)", |a, _| is_before(a, (Some(2), Some(2)))),
    ];
    for b in [
        &[][..],
        &[(None, Some(2))],
        &[(Some(1), Some(2)), (Some(3), None), (Some(1), Some(1))],
        &[(Some(2), Some(2)), (None, None)],
    ] {
        for &(condition, truth) in conditions {
            let statement = format!(
                "WITH a(id, x, k) AS ({}), b(id, y, g) AS ({}) SELECT {condition} FROM a ORDER BY id",
                values(&a),
                values(b)
            );
            let told = |row: &Row| truth(*row, b).map_or("NULL".to_owned(), |is_so| is_so.to_string());
            let expected: Vec<String> = a.iter().map(told).collect();
            let rows = runtime.block_on(answer(nothing.clone(), &statement)).expect("it is understood");
            assert_eq!(rows[1..], expected, "{statement}");
        }
    }
}

#[test]
fn what_stands_behind_lateral_is_asked_of_each_row_or_refused() {
    let nothing = Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), Limits::default()));
    let runtime = runtime();
    let tables = "WITH a(x) AS (VALUES 1, 2, 3, NULL), b(y, g) AS (VALUES (1, 10), (1, 20), (2, NULL), (NULL, 30))";
    for (from, expected) in [
        ("LATERAL (SELECT count(*) AS n FROM b WHERE b.y = a.x) AS l", &["1 | 2", "2 | 1", "3 | 0", "NULL | 0"][..]),
        ("LATERAL (SELECT count(*) + 1 AS n FROM b WHERE b.y = a.x) AS l", &["1 | 3", "2 | 2", "3 | 1", "NULL | 1"]),
        (
            "LATERAL (SELECT sum(g) AS n FROM b WHERE b.y = a.x) AS l",
            &["1 | 30", "2 | NULL", "3 | NULL", "NULL | NULL"],
        ),
        (
            "LATERAL (SELECT coalesce(sum(g), 7) AS n FROM b WHERE b.y = a.x) AS l",
            &["1 | 30", "2 | 7", "3 | 7", "NULL | 7"],
        ),
        ("LATERAL (SELECT g AS n FROM b WHERE b.y = a.x) AS l", &["1 | 10", "1 | 20", "2 | NULL"]),
        ("LATERAL (SELECT DISTINCT y AS n FROM b WHERE b.y = a.x) AS l", &["1 | 1", "2 | 2"]),
    ] {
        let statement = format!("{tables} SELECT a.x, l.n FROM a CROSS JOIN {from} ORDER BY 1, 2");
        match runtime.block_on(answer(nothing.clone(), &statement)) {
            Ok(rows) => assert_eq!(rows[1..], *expected, "{statement}"),
            Err(why) => assert!(why.to_string().contains("not understood"), "{statement}: {why}"),
        }
    }
}

/// A row of `a` as often as it is there, less as often as it is in `b`; and as often as in both.
#[test]
fn rows_that_are_alike_are_counted_where_it_is_said_to_be_of_all() {
    let nothing = Arc::new(LogFiles::new(Arc::new(InMemory(Vec::new())), Limits::default()));
    let runtime = runtime();
    let a = "(VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, 'y'), (NULL, 'z'), (NULL, 'z'), (3, NULL)) AS a(n, t)";
    let b = "(VALUES (1, 'x'), (NULL, 'z'), (4, 'x'), (3, NULL), (3, NULL), (2, 'n')) AS b(n, t)";
    for (statement, expected) in [
        (format!("SELECT * FROM {a} EXCEPT ALL SELECT * FROM {b}"), &["1 | x", "1 | x", "2 | y", "NULL | z"][..]),
        (format!("SELECT * FROM {a} INTERSECT ALL SELECT * FROM {b}"), &["1 | x", "3 | NULL", "NULL | z"]),
        (format!("SELECT * FROM {b} EXCEPT ALL SELECT * FROM {a}"), &["2 | n", "3 | NULL", "4 | x"]),
        (format!("SELECT n FROM {a} EXCEPT ALL SELECT n FROM {b}"), &["1", "1", "NULL"]),
        (format!("SELECT DISTINCT n FROM {a} EXCEPT ALL SELECT n FROM {b}"), &[]),
        (format!("SELECT n + 0.0e0 FROM {a} INTERSECT ALL SELECT n FROM {b}"), &["1.0", "2.0", "3.0", "NULL"]),
        (
            format!(
                "SELECT count(*), n FROM (SELECT n FROM {a} EXCEPT ALL (SELECT n FROM {b} INTERSECT ALL SELECT 1)) GROUP BY 2"
            ),
            &["1 | 2", "1 | 3", "2 | 1", "2 | NULL"],
        ),
        (format!("SELECT n AS c, n AS c FROM {a} EXCEPT ALL SELECT n, n FROM {b}"), &["1 | 1", "1 | 1", "NULL | NULL"]),
        (
            format!("SELECT n FROM {a} WHERE n IN (SELECT n FROM {a} EXCEPT ALL SELECT n FROM {b}) ORDER BY 1"),
            &["1", "1", "1"],
        ),
    ] {
        let rows = runtime.block_on(answer(nothing.clone(), &statement));
        let mut rows = rows.unwrap_or_else(|error| panic!("{statement}: {error}")).split_off(1);
        rows.sort();
        assert_eq!(rows, *expected, "{statement}");
    }
}
