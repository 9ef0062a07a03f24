//! Functions of texts, as Trino has them where DataFusion has them otherwise or not: `substr`, `replace`, `split_part`, `split_to_map`,
//! `strpos`, `concat_ws`, `soundex` …
//!
//! <https://trino.io/docs/current/functions/string.html>

use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, AsArray, BooleanBuilder, Int64Builder, ListBuilder, MapBuilder, MapFieldNames, StringArray,
    StringBuilder,
};
use arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::bounded::{Room, Steps};
use super::typed::{Picked, alike, item_of, list_of, many, map_of, order, typed, whole, within};
use super::types::{FLAG, TEXT, WHOLE};
use super::{Plain, each_text, text_at, texts_of};
use crate::wanted::ask;

pub(super) fn all() -> Vec<ScalarUDF> {
    let multimap = map_of(TEXT, list_of(TEXT));
    vec![
        Plain::new("substr", &[TEXT, WHOLE, WHOLE], TEXT, substr).optional(1).into(),
        Plain::new("replace", &[TEXT, TEXT, TEXT], TEXT, replace).optional(1).into(),
        Plain::new("split", &[TEXT, TEXT, WHOLE], list_of(TEXT), split).optional(1).into(),
        Plain::new("split_part", &[TEXT, TEXT, WHOLE], TEXT, split_part).into(),
        Plain::new("split_to_map", &[TEXT, TEXT, TEXT], crate::schema::map(), split_to_map).into(),
        Plain::new("split_to_multimap", &[TEXT, TEXT, TEXT], multimap, split_to_multimap).into(),
        Plain::new("strpos", &[TEXT, TEXT, WHOLE], WHOLE, |args, rows| positions(args, rows, false)).optional(1).into(),
        Plain::new("strrpos", &[TEXT, TEXT, WHOLE], WHOLE, |args, rows| positions(args, rows, true)).optional(1).into(),
        Plain::new("levenshtein_distance", &[TEXT, TEXT], WHOLE, levenshtein_distance).into(),
        Plain::new("hamming_distance", &[TEXT, TEXT], WHOLE, hamming_distance).into(),
        Plain::new("soundex", &[TEXT], TEXT, |args, rows| {
            let texts = texts_of(&args[0]);
            Ok(each_text(rows, |row| text_at(texts, row).map(sound)))
        })
        .into(),
        Plain::new("luhn_check", &[TEXT], FLAG, luhn_check).into(),
        typed("concat_ws", concat_ws_types, concat_ws),
    ]
}

/// From a letter on, counted from 1, or from the end if it is less than nothing; and so many letters.
fn substr(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    Ok(each_text(rows, |row| {
        let (text, from) = (text_at(texts, row)?, whole(&args[1], row)?);
        let most = match args.get(2) {
            Some(many) => usize::try_from(whole(many, row)?).unwrap_or(0),
            None => usize::MAX,
        };
        let start = match from {
            0 => None,
            1.. => usize::try_from(from - 1).ok().and_then(|letters| place_of(text, letters)),
            _ => {
                let back = usize::try_from(from.unsigned_abs()).unwrap_or(usize::MAX);
                text.char_indices().rev().nth(back - 1).map(|(at, _)| at)
            }
        };
        let rest = start.map_or("", |start| &text[start..]);
        Some(place_of(rest, most).map_or(rest, |end| &rest[..end]))
    }))
}

/// Where so many letters end; none if there are fewer.
fn place_of(text: &str, letters: usize) -> Option<usize> {
    if text.is_ascii() {
        return (letters <= text.len()).then_some(letters);
    }
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(letters)
}

/// With two arguments, what is found is taken out.
fn replace(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, found, put) = (texts_of(&args[0]), texts_of(&args[1]), args.get(2).map(texts_of));
    let (mut out, mut room) = (StringBuilder::new(), Room::default());
    for row in 0..rows {
        let put = put.map_or(Some(""), |put| text_at(put, row));
        let (Some(text), Some(found), Some(put)) = (text_at(texts, row), text_at(found, row), put) else {
            out.append_null();
            continue;
        };
        if put.len() > found.len() {
            room.take("replace", text.matches(found).count().saturating_mul(put.len() - found.len()))?;
        }
        out.append_value(text.replace(found, put));
    }
    Ok(Arc::new(out.finish()))
}

/// So many parts at most: the last has what is left.
fn split(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, between) = (texts_of(&args[0]), texts_of(&args[1]));
    let mut out = ListBuilder::new(StringBuilder::new());
    for row in 0..rows {
        let limit = args.get(2).map_or(Some(i64::MAX), |limits| whole(limits, row));
        let parts = text_at(texts, row).zip(text_at(between, row)).zip(limit);
        match parts {
            Some(((_, ""), _)) => return exec_err!("split needs something that stands between the parts"),
            Some((_, ..=0)) => return exec_err!("split gives one part or more, as its third argument says"),
            Some(((text, between), limit)) => {
                let most = usize::try_from(limit).unwrap_or(usize::MAX);
                text.splitn(most, between).for_each(|part| out.values().append_value(part));
            }
            None => {}
        }
        out.append(parts.is_some());
    }
    Ok(Arc::new(out.finish()))
}

/// Beyond the last part there is none.
fn split_part(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, between, mut out) = (texts_of(&args[0]), texts_of(&args[1]), StringBuilder::new());
    for row in 0..rows {
        out.append_option(match (text_at(texts, row), text_at(between, row), whole(&args[2], row)) {
            (Some(_), Some(_), Some(part @ ..=0)) => return exec_err!("parts are counted from 1 on, and not {part}"),
            (Some(text), Some(""), Some(part)) => {
                let (start, end) = (place_of(text, part as usize - 1), place_of(text, part as usize));
                start.zip(end).map(|(start, end)| &text[start..end])
            }
            (Some(text), Some(between), Some(part)) => text.split(between).nth(part as usize - 1),
            _ => None,
        });
    }
    Ok(Arc::new(out.finish()))
}

/// `split_to_map('a=1&b=2', '&', '=')`. Of two of a name the first counts.
fn split_to_map(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, between, within) = (texts_of(&args[0]), texts_of(&args[1]), texts_of(&args[2]));
    let names = MapFieldNames { entry: "entries".into(), key: "key".into(), value: "value".into() };
    let mut out = MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new());
    for row in 0..rows {
        let (Some(text), Some(between), Some(within)) =
            (text_at(texts, row), text_at(between, row), text_at(within, row))
        else {
            out.append(false)?;
            continue;
        };
        if between.is_empty() || within.is_empty() {
            return exec_err!("split_to_map needs what stands between the entries, and what within them");
        }
        let mut seen = std::collections::HashSet::new();
        for (name, value) in text.split(between).filter_map(|entry| entry.split_once(within)) {
            if seen.insert(name) {
                out.keys().append_value(name);
                out.values().append_value(value);
            }
        }
        out.append(true)?;
    }
    Ok(Arc::new(out.finish()))
}

/// `split_to_multimap('a=1&a=2', '&', '=')`.
fn split_to_multimap(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, between, inside) = (texts_of(&args[0]), texts_of(&args[1]), texts_of(&args[2]));
    let (mut names, mut values, mut spans) = (StringBuilder::new(), StringBuilder::new(), Vec::with_capacity(rows));
    for row in 0..rows {
        let before = names.len();
        let all = text_at(texts, row).zip(text_at(between, row)).zip(text_at(inside, row));
        if let Some(((text, between), inside)) = all {
            if between.is_empty() || inside.is_empty() {
                return exec_err!("split_to_multimap needs what stands between the entries, and what within them");
            }
            for entry in text.split(between).filter(|entry| !entry.is_empty()) {
                let Some((name, value)) = entry.split_once(inside) else {
                    return exec_err!("`{entry}` has no `{inside}`");
                };
                names.append_value(name);
                values.append_value(value);
            }
        }
        spans.push(all.map(|_| before..names.len()));
    }
    let (names, all_values): (ArrayRef, ArrayRef) = (Arc::new(names.finish()), Arc::new(values.finish()));
    let (order, mut out, mut lists) = (order(&names, &names)?, Picked::new("split"), Picked::new("split"));
    for span in spans {
        let is_valid = span.is_some();
        for same in alike(span.unwrap_or_default(), &order) {
            out.items(same.first().copied())?;
            lists.row(Some(same))?;
        }
        out.end(is_valid);
    }
    out.maps(&names, lists.lists(&all_values)?)
}

/// The letter at which it stands for the first time, or for this time: from the end, if that is less than nothing, or if the last is
/// asked for.
fn positions(args: &[ArrayRef], rows: usize, from_the_end: bool) -> Result<ArrayRef> {
    let (texts, found, mut out) = (texts_of(&args[0]), texts_of(&args[1]), Int64Builder::with_capacity(rows));
    for row in 0..rows {
        let time = args.get(2).map_or(Some(1), |times| whole(times, row));
        let (Some(text), Some(found), Some(time)) = (text_at(texts, row), text_at(found, row), time) else {
            out.append_null();
            continue;
        };
        if time == 0 || (from_the_end && time < 0) {
            return exec_err!("what is found is counted from 1 on, and not {time}");
        }
        let nth = usize::try_from(time.unsigned_abs() - 1).unwrap_or(usize::MAX);
        out.append_value(match found {
            "" => 1,
            _ => {
                let at = match (from_the_end || time < 0, nth) {
                    (false, 0) => text.find(found),
                    (true, 0) => text.rfind(found),
                    (false, _) => ends(text.bytes(), found.bytes()).nth(nth).map(|end| end - found.len()),
                    (true, _) => ends(text.bytes().rev(), found.bytes().rev()).nth(nth).map(|end| text.len() - end),
                };
                at.map_or(0, |at| text[..at].chars().count() as i64 + 1)
            }
        });
    }
    Ok(Arc::new(out.finish()))
}

/// Where what is found ends, each time. One may begin within the other: `aa` is twice in `aaa`. No byte is looked at again, however much of it was
/// like what is sought (Knuth, Morris and Pratt).
fn ends(text: impl Iterator<Item = u8>, found: impl Iterator<Item = u8>) -> impl Iterator<Item = usize> {
    let found: Vec<u8> = found.collect();
    // Of so many bytes that are alike, so many are alike still where the next is not.
    let mut alike = vec![0_u32; found.len() + 1];
    for at in 1..found.len() {
        alike[at + 1] = longer(&found, &alike, alike[at] as usize, found[at]) as u32;
    }
    let mut so_far = 0;
    text.enumerate().filter_map(move |(at, byte)| {
        so_far = longer(&found, &alike, so_far, byte);
        (so_far == found.len()).then_some(at + 1)
    })
}

/// How many bytes are alike with one more, after so many.
fn longer(found: &[u8], alike: &[u32], so_far: usize, byte: u8) -> usize {
    let mut so_far = so_far;
    while so_far > 0 && found.get(so_far) != Some(&byte) {
        so_far = alike[so_far] as usize;
    }
    so_far + usize::from(found[so_far] == byte)
}

fn levenshtein_distance(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (left, right, mut out) = (texts_of(&args[0]), texts_of(&args[1]), Int64Builder::with_capacity(rows));
    for row in 0..rows {
        let both = text_at(left, row).zip(text_at(right, row));
        if let Some((one, other)) = both {
            ask()?;
            Steps::default().take("levenshtein_distance", one.chars().count().saturating_mul(other.chars().count()))?;
        }
        out.append_option(both.map(|(one, other)| strsim::levenshtein(one, other) as i64));
    }
    Ok(Arc::new(out.finish()))
}

fn hamming_distance(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (left, right, mut out) = (texts_of(&args[0]), texts_of(&args[1]), Int64Builder::with_capacity(rows));
    for row in 0..rows {
        let distance = match text_at(left, row).zip(text_at(right, row)) {
            Some((one, other)) if one.chars().count() != other.chars().count() => {
                return exec_err!("hamming_distance takes texts of one length");
            }
            both => both.map(|(one, other)| one.chars().zip(other.chars()).filter(|(a, b)| a != b).count() as i64),
        };
        out.append_option(distance);
    }
    Ok(Arc::new(out.finish()))
}

/// American Soundex: the first letter, and three digits.
fn sound(text: &str) -> String {
    let digit = |letter: char| match letter.to_ascii_uppercase() {
        'B' | 'F' | 'P' | 'V' => '1',
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => '2',
        'D' | 'T' => '3',
        'L' => '4',
        'M' | 'N' => '5',
        'R' => '6',
        // Between two of a digit, these do not part them.
        'H' | 'W' => '-',
        _ => '0',
    };
    let mut letters = text.chars().filter(char::is_ascii_alphabetic);
    let Some(first) = letters.next() else { return String::new() };
    let (mut out, mut last) = (String::from(first.to_ascii_uppercase()), digit(first));
    for digit in letters.map(digit).filter(|digit| *digit != '-') {
        if digit != '0' && digit != last && out.len() < 4 {
            out.push(digit);
        }
        last = digit;
    }
    format!("{out:0<4}")
}

fn luhn_check(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut out) = (texts_of(&args[0]), BooleanBuilder::with_capacity(rows));
    for row in 0..rows {
        let Some(text) = text_at(texts, row) else {
            out.append_null();
            continue;
        };
        let Some(digits) = text.chars().map(|digit| digit.to_digit(10)).collect::<Option<Vec<u32>>>() else {
            return exec_err!("luhn_check takes digits, and not `{text}`");
        };
        let counted = |(place, digit): (usize, &u32)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) => twice / 10 + twice % 10,
        };
        out.append_value(!digits.is_empty() && digits.iter().rev().enumerate().map(counted).sum::<u32>() % 10 == 0);
    }
    Ok(Arc::new(out.finish()))
}

fn concat_ws_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("concat_ws", given, 2..=1000)?;
    let to = |of: &DataType| if item_of(of).is_some() { list_of(TEXT) } else { TEXT };
    Ok((given.iter().map(to).collect(), TEXT))
}

/// What is NULL is left out.
fn concat_ws(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (between, mut out, mut room) = (texts_of(&args[0]), StringBuilder::new(), Room::default());
    let mut parts: Vec<&str> = Vec::new();
    for row in 0..rows {
        let Some(between) = text_at(between, row) else {
            out.append_null();
            continue;
        };
        parts.clear();
        for arg in &args[1..] {
            match arg.as_list_opt::<i32>() {
                Some(lists) => {
                    let texts: &StringArray = lists.values().as_string();
                    parts.extend(within(lists, row).unwrap_or_default().filter_map(|item| text_at(texts, item)));
                }
                None => parts.extend(text_at(texts_of(arg), row)),
            }
        }
        let whole = parts.join(between);
        room.take("concat_ws", whole.len() - parts.iter().map(|part| part.len()).max().unwrap_or_default())?;
        out.append_value(whole);
    }
    Ok(Arc::new(out.finish()))
}
