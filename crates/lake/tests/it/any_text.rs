//! Whatever is understood is planned or refused: statements with pieces taken out, doubled, exchanged and made up, drawn from a seed. (That any
//! text is understood or refused, `fuzz_targets/statement.rs` holds.)

use lake::dialect::understand;
use lake::{LakeError, query::Limits, query::Query};

use crate::{InMemory, log_files, runtime};

const STATEMENTS: &[&str] = &[
    "SELECT eventName, count(*) AS n FROM 2a8f2138-0caa-46c8-a194-0123456789ab WHERE eventTime > '2026-02-10 00:00:00' GROUP BY 1 ORDER BY n DESC LIMIT 5;",
    "SELECT transform(filter(resources, r -> r.type IS NOT NULL), r -> r.ARN) FROM \"t\" -- what was called\n",
    "WITH a AS (SELECT * FROM t), b AS (SELECT x.eventID FROM a x JOIN a y ON x.eventID = y.eventID) SELECT * FROM b, UNNEST(resources) AS u(r)",
    "SELECT k, v, n FROM t CROSS JOIN UNNEST(requestParameters) WITH ORDINALITY AS p(k, v, n) FETCH FIRST 3 ROWS ONLY",
    "SELECT cast(json_extract(eventJson, '$.a[0][''b'']') as map(varchar, json)), IF(a = 1, 'x', U&'y'), try(cast(b as array(json))) FROM t",
    "SELECT max_by(eventName, eventTime) FILTER (WHERE errorCode IS NULL), all_match(ARRAY[1], x -> x > 0), rank() OVER (PARTITION BY a) /* (( */ FROM t",
    "SELECT insights(date_trunc('minute', eventTime), 1) FROM t WHERE userIdentity.sessionContext.sessionIssuer.userName LIKE '%é%' UNION ALL SELECT 1",
];
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "'",
    "\"",
    "`",
    "--",
    "/*",
    "*/",
    ",",
    ".",
    "->",
    "SELECT ",
    " FROM ",
    " AS ",
    "UNNEST(",
    "é",
    "\u{0}",
    "$",
    "::",
    "2a8f2138-",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, many: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % many.max(1)
    }
}

/// A statement that somebody has had a hand in.
fn spoilt(dice: &mut Dice) -> String {
    let mut letters: Vec<char> = STATEMENTS[dice.below(STATEMENTS.len())].chars().collect();
    for _ in 0..=dice.below(4) {
        let (at, length) = (dice.below(letters.len()), dice.below(12));
        let end = (at + length).min(letters.len());
        match dice.below(4) {
            0 => drop(letters.drain(at..end)),
            1 => {
                let piece = letters[at..end].to_vec();
                letters.splice(at..at, piece);
            }
            2 => {
                let piece = PIECES[dice.below(PIECES.len())].repeat(1 + dice.below(3));
                letters.splice(at..at, piece.chars());
            }
            _ => {
                let other: Vec<char> = STATEMENTS[dice.below(STATEMENTS.len())].chars().collect();
                let from = dice.below(other.len());
                letters.splice(at..end, other[from..(from + 20).min(other.len())].iter().copied());
            }
        }
    }
    letters.into_iter().collect()
}

#[test]
fn what_is_understood_is_planned_or_refused() {
    let table = std::sync::Arc::new(lake::logs::LogFiles::new(
        std::sync::Arc::new(InMemory(log_files(&[]))),
        record::log_file::Limits::default(),
    ));
    let (mut dice, mut understood) = (Dice(11), 0);
    runtime().block_on(async {
        for _ in 0..1000 {
            let text = spoilt(&mut dice);
            if understand(&text).is_ok() {
                understood += 1;
                let planned =
                    Query::plan(&text, |_| Some(table.clone()), Limits { threads: 2, ..Limits::default() }).await;
                assert!(matches!(planned, Ok(_) | Err(LakeError::Statement(_))), "{text}: {:?}", planned.err());
            }
        }
    });
    assert!((50..950).contains(&understood), "{understood} of 1000");
}
