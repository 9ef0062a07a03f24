//! The index and the naive matcher answer alike, whatever the patterns and the event.

use std::fmt::Write;

use route::{Pattern, Rules, Scratch, naive};

/// Splitmix64: numbers that a seed decides.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Few, so that they meet; dotted, empty and escaped ones too.
const KEYS: &[&str] = &["a", "b", "a.b", "b.a", "c", "", "a-b", "\\u0061", "é", "a\\\"", "ａ", "😀"];

/// Texts as JSON.
const TEXTS: &[&str] = &[
    "\"\"",
    "\"a\"",
    "\"A\"",
    "\"ab\"",
    "\"abc\"",
    "\"bca\"",
    "\"a\\u0062\"",
    "\"ABC\"",
    "\"a*c\"",
    "\"\\\"q\\\"\"",
    "\"q\"",
    "\"ünï\"",
    "\"ÜNÏ\"",
    "\"ß\"",
    "\"SS\"",
    "\"日本\"",
    "\"\\ud83d\\ude00\"",
    "\"😀\"",
    "\"\\ud83d\"",
    "\"?\"",
    "\"a\\\\b\"",
    "\"10.0.0.1\"",
    "\"010.0.0.1\"",
    "\"10.0.0.255\"",
    "\"2001:db8::1\"",
    "\"2001:0DB8:0::1\"",
    "\"::ffff:a00:1\"",
    "\"1\"",
    "\"true\"",
    "\"null\"",
    "\"\\n\\t\"",
    "\"a{[b\"",
    "\"a very long text that does not fit into one block of sixty-four bytes, {[ \\\" ]} at all\"",
];

const LITERALS: &[&str] = &[
    "true",
    "false",
    "null",
    "0",
    "-0",
    "-0.0",
    "1",
    "1.0",
    "1e0",
    "10E-1",
    "2.5",
    "-5000000000.0",
    "300",
    "3e2",
    "1e400",
    "1E-400",
    "123456789012",
    "12345678901234567890123456789",
    "0.1",
    "0.1000000000000000055",
    "9007199254740993",
];

fn value(dice: &mut Dice) -> &'static str {
    if dice.one_in(3) { dice.of(LITERALS) } else { dice.of(TEXTS) }
}

fn event(dice: &mut Dice, depth: usize, out: &mut String) {
    out.push('{');
    for i in 0..dice.below(4) {
        out.push_str(if i > 0 { dice.of(&[",", " , ", ",\n"]) } else { "" });
        write!(out, "\"{}\"{}", dice.of(KEYS), dice.of(&[":", ": ", " :\t"])).expect("a text has room");
        any(dice, depth, out);
    }
    out.push('}');
}

fn any(dice: &mut Dice, depth: usize, out: &mut String) {
    match dice.below(if depth > 4 { 2 } else { 6 }) {
        0 | 1 => out.push_str(value(dice)),
        2 | 3 => event(dice, depth + 1, out),
        _ => {
            out.push('[');
            for i in 0..dice.below(4) {
                out.push_str(if i > 0 { "," } else { "" });
                any(dice, depth + 1, out);
            }
            out.push(']');
        }
    }
}

fn pattern(dice: &mut Dice, depth: usize, out: &mut String) {
    out.push('{');
    for i in 0..=dice.below(3) {
        out.push_str(if i > 0 { "," } else { "" });
        if dice.one_in(8) {
            out.push_str("\"$or\":[");
            for i in 0..=1 + dice.below(2) {
                out.push_str(if i > 0 { "," } else { "" });
                pattern(dice, depth + 1, out);
            }
            out.push(']');
            continue;
        }
        write!(out, "\"{}\":", dice.of(KEYS)).expect("a text has room");
        if depth < 3 && dice.one_in(2) {
            pattern(dice, depth + 1, out);
        } else {
            out.push('[');
            for i in 0..=dice.below(3) {
                out.push_str(if i > 0 { "," } else { "" });
                wanted(dice, out);
            }
            out.push(']');
        }
    }
    out.push('}');
}

/// Parts of texts, without quotes.
const PARTS: &[&str] = &["a", "b", "ab", "c", "A", "\\\"", "\\\"q", "ü", "Ü", "ß", "s", "本", "q\\\"", "😀"];

fn wanted(dice: &mut Dice, out: &mut String) {
    match dice.below(14) {
        0..=3 => out.push_str(value(dice)),
        4 => write!(out, "{{\"prefix\":\"{}\"}}", dice.of(PARTS)).expect("a text has room"),
        5 => write!(out, "{{\"suffix\":\"{}\"}}", dice.of(PARTS)).expect("a text has room"),
        6 => {
            write!(out, "{{\"{}\":{{\"equals-ignore-case\":\"{}\"}}}}", dice.of(&["prefix", "suffix"]), dice.of(PARTS))
                .expect("a text has room")
        }
        7 => write!(out, "{{\"equals-ignore-case\":{}}}", dice.of(TEXTS)).expect("a text has room"),
        8 => write!(
            out,
            "{{\"wildcard\":\"{}\"}}",
            dice.of(&["*", "a*", "*c", "a*c", "*b*", "a\\\\*c", "*ü*ï", "**", "\\\\\\\\"])
        )
        .expect("a text has room"),
        9 => out.push_str(dice.of(&["{\"exists\":true}", "{\"exists\":false}", "{\"exists\":false}"])),
        10 => write!(
            out,
            "{{\"numeric\":[{}]}}",
            dice.of(&["\"=\",1", "\"<\",2.5", "\">=\",1", "\">\",0,\"<=\",300", "\"<=\",0", "\">\",-1e300"])
        )
        .expect("a text has room"),
        11 => write!(
            out,
            "{{\"cidr\":\"{}\"}}",
            dice.of(&["10.0.0.0/24", "0.0.0.0/0", "2001:db8::/32", "::/0", "10.0.0.1/31"])
        )
        .expect("a text has room"),
        12 => write!(
            out,
            "{{\"anything-but\":{}}}",
            dice.of(&["\"a\"", "[\"a\",\"ab\"]", "1", "[1,300]", "[\"10.0.0.1\"]"])
        )
        .expect("a text has room"),
        _ => {
            let operator = dice.of(&["prefix", "suffix", "equals-ignore-case", "wildcard"]);
            let text = if operator == "wildcard" { dice.of(&["a*", "*c", "*b*"]) } else { dice.of(PARTS) };
            write!(out, "{{\"anything-but\":{{\"{operator}\":[\"{text}\",\"{}\"]}}}}", dice.of(&["ab", "b", "q"]))
                .expect("a text has room");
        }
    }
}

#[test]
fn the_index_answers_as_the_naive_matcher() {
    let (mut scratch, mut matches, mut refused) = (Scratch::default(), 0, 0);
    for seed in 0..1_000 {
        let mut dice = Dice(seed);
        let mut patterns = Vec::new();
        // More than 64 now and then, so that a row has several words.
        for _ in 0..if dice.one_in(10) { 90 } else { 1 + dice.below(12) } {
            let mut text = String::new();
            pattern(&mut dice, 0, &mut text);
            match Pattern::compile(&text) {
                Ok(pattern) => patterns.push((pattern, text)),
                Err(_) => refused += 1,
            }
        }
        let rules = Rules::new(patterns.iter().map(|(pattern, _)| pattern));
        for _ in 0..20 {
            let mut text = String::new();
            event(&mut dice, 0, &mut text);
            let found = rules.matching(text.as_bytes(), &mut scratch).expect("it is an event").to_vec();
            for (i, (pattern, pattern_text)) in patterns.iter().enumerate() {
                let expected = naive::matches(pattern, &text).expect("it is an event");
                matches += usize::from(expected);
                assert_eq!(found.contains(&(i as u32)), expected, "seed {seed}\n{pattern_text}\n{text}");
            }
        }
    }
    assert!(matches > 3_000 && refused > 300, "{matches} matches and {refused} refused: the dice are dull");
}

/// Patterns over the elements of arrays, where bits are not enough.
#[test]
fn elements_of_arrays_go_together_as_in_the_naive_matcher() {
    let mut scratch = Scratch::default();
    let (mut matches, mut misses) = (0, 0);
    for seed in 0..10_000 {
        let mut dice = Dice(seed);
        let mut wanted = String::from("{\"l\":{");
        for (i, key) in ["a", "b", "c", "m.a", "m.b"].iter().enumerate() {
            if dice.one_in(2) || i == 0 {
                let list =
                    dice.of(&["[1]", "[2]", "[{\"exists\":false}]", "[1,{\"exists\":false}]", "[{\"exists\":true}]"]);
                write!(wanted, "{}\"{key}\":{list}", if i > 0 { "," } else { "" }).expect("a text has room");
            }
        }
        wanted.push_str("}}");
        let pattern = Pattern::compile(&wanted).expect("it is a pattern");
        let rules = Rules::new([&pattern]);
        let mut text = String::from("{\"l\":");
        elements(&mut dice, 0, &mut text);
        text.push('}');
        let expected = naive::matches(&pattern, &text).expect("it is an event");
        let found = rules.matching(text.as_bytes(), &mut scratch).expect("it is an event");
        assert_eq!(!found.is_empty(), expected, "seed {seed}\n{wanted}\n{text}");
        *if expected { &mut matches } else { &mut misses } += 1;
    }
    assert!(matches > 1_000 && misses > 1_000, "{matches} matches and {misses} misses: the dice are dull");
}

fn elements(dice: &mut Dice, depth: usize, out: &mut String) {
    out.push('[');
    for i in 0..=dice.below(3) {
        out.push_str(if i > 0 { "," } else { "" });
        match dice.below(8) {
            0 => out.push_str(dice.of(&["1", "2"])),
            1 if depth < 3 => elements(dice, depth + 1, out),
            _ => {
                out.push('{');
                for i in 0..dice.below(4) {
                    write!(out, "{}\"{}\":", if i > 0 { "," } else { "" }, dice.of(&["a", "b", "c", "m"]))
                        .expect("a text has room");
                    if depth < 2 && dice.one_in(3) {
                        elements(dice, depth + 1, out);
                    } else {
                        out.push_str(dice.of(&["1", "2", "[1,2]", "[]", "{\"a\":1}", "{\"b\":2,\"a\":2}"]));
                    }
                }
                out.push('}');
            }
        }
    }
    out.push(']');
}

/// An event made to take long takes time as its length, not as its square: eight times the event, well under 64 times the
/// steps. Counted are steps, not seconds: a search that gives up tells a match, and this one must not give up.
#[test]
fn long_arrays_are_searched_without_giving_up() {
    let pattern = r#"{"l":{"a":[1],"b":[2],"c":[{"exists":false}],"m":{"a":[1],"b":[2]}}}"#;
    let pattern = Pattern::compile(pattern).expect("it is a pattern");
    let rules = Rules::new([&pattern]);
    let mut scratch = Scratch::default();
    for element in [
        r#"{"a":1,"b":1,"c":1}"#,
        r#"{"a":1},{"b":2}"#,
        r#"{"a":1,"b":2,"m":[{"a":1},{"b":2}]}"#,
        r#"[{"a":1},[{"b":2}]]"#,
        r#"{"a":1,"b":2,"m":{"a":[1,1,1],"b":[1,1]}}"#,
    ] {
        let long = format!("{{\"l\":[{}]}}", vec![element; 20_000].join(","));
        assert_eq!(rules.matching(long.as_bytes(), &mut scratch), Ok(&[][..]), "{element}");
    }
}
