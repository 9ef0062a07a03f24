//! City lots: events of some 900 bytes that look like those of Event Ruler's published benchmark, and five rules a kind.
//!
//! Nothing is copied from there: a feature is some properties and a polygon, its numbers are drawn, its names are our own.

use serde_json::Value;
use sim::counts::dice::Dice;

/// One kind of rule.
pub(crate) struct Kind {
    /// `prefix`
    pub(crate) name: &'static str,
    /// Events a second of Event Ruler, on another day.
    pub(crate) event_ruler: f64,
    /// A rule of this kind, made after an event that it is to match.
    rule: fn(&mut Dice, &Value) -> String,
}

/// Every kind that Event Ruler publishes figures for.
pub(crate) static KINDS: [Kind; 8] = [
    Kind {
        name: "exact",
        event_ruler: 206e3,
        rule: |dice, lot| {
            let field = dice.one_of(&["lotId", "blockId", "street"]);
            format!(r#"{{"properties":{{"{field}":[{}]}}}}"#, lot["properties"][field])
        },
    },
    Kind {
        name: "prefix",
        event_ruler: 234e3,
        rule: |dice, lot| on(dice, lot, "prefix", |text, length| text[..length].to_owned()),
    },
    Kind {
        name: "suffix",
        event_ruler: 269e3,
        rule: |dice, lot| on(dice, lot, "suffix", |text, length| text[text.len() - length..].to_owned()),
    },
    Kind {
        name: "equals-ignore-case",
        event_ruler: 194e3,
        rule: |dice, lot| on(dice, lot, "equals-ignore-case", |text, _| text.to_lowercase()),
    },
    Kind {
        name: "wildcard",
        event_ruler: 130e3,
        rule: |dice, lot| {
            on(dice, lot, "wildcard", |text, length| match length % 3 {
                0 => format!("{}*{}", &text[..length - 1], &text[text.len() - 2..]),
                1 => format!("*{}*", &text[1..length]),
                _ => format!("{}*", &text[..length]),
            })
        },
    },
    Kind {
        name: "numeric",
        event_ruler: 87e3,
        rule: |dice, lot| {
            let axis = dice.one_of(&["x", "y"]);
            let number = &lot["geometry"]["first"][axis];
            let wanted = match dice.whole(0, 3) {
                0 => format!(r#"["=",{number}]"#),
                1 => {
                    let number = number.as_f64().expect("coordinates are numbers");
                    format!(r#"[">=",{:.6},"<",{:.6}]"#, number - 0.001, number + 0.001)
                }
                _ => format!(r#"["{}",{number}]"#, dice.one_of(&["<", ">="])),
            };
            format!(r#"{{"geometry":{{"first":{{"{axis}":[{{"numeric":{wanted}}}]}}}}}}"#)
        },
    },
    Kind {
        name: "anything-but",
        event_ruler: 137e3,
        rule: |dice, lot| {
            let field = dice.one_of(&["street", "streetType", "blockId"]);
            let but = match &lot["properties"][field] {
                Value::Null => r#""BLVD""#.to_owned(),
                value => value.to_string(),
            };
            let side = &lot["properties"]["side"];
            format!(r#"{{"properties":{{"{field}":[{{"anything-but":[{but},"TERRACE"]}}],"side":[{side}]}}}}"#)
        },
    },
    Kind {
        name: "complex-arrays",
        event_ruler: 39e3,
        rule: |dice, lot| {
            let corners = lot["geometry"]["corners"].as_array().expect("a polygon has corners");
            let corner = &corners[dice.whole(0, corners.len() as u32) as usize];
            let y = &corner["y"];
            // One that a single corner has, or one that many lots have, though seldom in the corner that the others ask for.
            let x = if dice.chance(0.4) {
                format!(r#"["=",{}]"#, corner["x"])
            } else {
                let x = corner["x"].as_f64().expect("coordinates are numbers");
                format!(r#"[">=",{:.4},"<",{:.4}]"#, x - 0.005, x + 0.005)
            };
            format!(
                r#"{{"geometry":{{"type":["Polygon"],"corners":{{"x":[{{"numeric":{x}}}],"y":[{{"numeric":["<=",{y}]}}],"z":[{{"numeric":["=",0]}}]}}}}}}"#
            )
        },
    },
];

/// A rule on one of the texts of a lot.
fn on(dice: &mut Dice, lot: &Value, operator: &str, operand: fn(&str, usize) -> String) -> String {
    let field = dice.one_of(&["street", "lotId"]);
    let text = lot["properties"][field].as_str().expect("lots have these texts");
    let length = dice.whole(3, text.len() as u32 - 1) as usize;
    let operand = Value::from(operand(text, length));
    format!(r#"{{"properties":{{"{field}":[{{"{operator}":{operand}}}]}}}}"#)
}

/// Five rules, each made after an event, so that each matches some.
pub(crate) fn rules(seed: u64, kind: &Kind, events: &[Vec<u8>]) -> Vec<String> {
    let mut dice = Dice::of(seed, 2, 0);
    let mut lot = || {
        let event = &events[dice.whole(0, events.len() as u32) as usize];
        serde_json::from_slice::<Value>(event).expect("we wrote it")
    };
    let lots: Vec<Value> = (0..5).map(|_| lot()).collect();
    lots.iter().map(|lot| (kind.rule)(&mut dice, lot)).collect()
}

/// How many lots there are.
const LOTS: usize = 4_000;

pub(crate) fn events(seed: u64) -> Vec<Vec<u8>> {
    (0..LOTS).map(|number| lot(&mut Dice::of(seed, 1, number as u64))).collect()
}

const STREETS: [&str; 24] = [
    "ALDERWICK",
    "BELLHAVEN",
    "CORMORANT",
    "DUNSMERE",
    "EASTGARTH",
    "FENWORTHY",
    "GALLOWGLASS",
    "HARTSEASE",
    "INGLENOOK",
    "JUNIPERHILL",
    "KESTRELMOOR",
    "LARKSPUR",
    "MARSHGATE",
    "NETTLETON",
    "OAKENSHAW",
    "PEREGRINE",
    "QUARRYSIDE",
    "ROOKSMITH",
    "SALTMARKET",
    "THISTLEDOWN",
    "UNDERCLIFF",
    "VINTNERS",
    "WEATHERBY",
    "YARROWFIELD",
];

/// One lot: properties, and a polygon of nine to thirteen corners.
fn lot(dice: &mut Dice) -> Vec<u8> {
    let block = dice.whole(1, 9_000);
    let lot = dice.whole(1, 200);
    let street = dice.one_of(&STREETS);
    let kind = dice.one_of(&[r#""ST""#, r#""AVE""#, r#""BLVD""#, r#""CT""#, "null"]);
    let house = dice.whole(1, 4_000);
    let side = if house.is_multiple_of(2) { "E" } else { "O" };
    let (west, south) = (dice.between(-122.51, -122.36), dice.between(37.70, 37.83));
    let corners: Vec<String> = (0..dice.whole(9, 14))
        .map(|_| {
            let (x, y) = (west + dice.between(0.0, 0.001), south + dice.between(0.0, 0.001));
            format!(r#"{{"x":{x:.13},"y":{y:.13},"z":0.0}}"#)
        })
        .collect();
    format!(
        r#"{{"type":"Feature","properties":{{"lotId":"{block:04}{lot:03}","blockId":"{block:04}","lot":"{lot:03}","from":"{house}","to":"{}","street":"{street}","streetType":{kind},"side":"{side}","zoning":"RH-{}","surveyed":{}}},"geometry":{{"type":"Polygon","first":{},"corners":[{}]}}}}"#,
        house + 2 * dice.whole(0, 9),
        dice.whole(1, 4),
        dice.whole(1985, 2026),
        corners[0],
        corners.join(","),
    )
    .into_bytes()
}
