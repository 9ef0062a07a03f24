//! Types in sentences: DataFusion's names for them, as Trino's.

use std::str::FromStr;
use std::sync::LazyLock;

use arrow::datatypes::{DataType, TimeUnit};

use crate::functions::{said, said_shortly};

/// The words by which DataFusion names types, and Trino's.
static TYPES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let word = |of: DataType| {
        let theirs = of.to_string();
        let end = theirs.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(theirs.len());
        (theirs[..end].to_owned(), said(&of))
    };
    let named = [
        DataType::Binary,
        DataType::Boolean,
        DataType::Date32,
        DataType::Float32,
        DataType::Float64,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::Int8,
        DataType::LargeUtf8,
        DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::UInt64,
        DataType::Utf8,
        DataType::Utf8View,
    ];
    named.map(word).into()
});

/// Those that have something in brackets behind them, and how they are told if that is not understood.
const WITH_MORE: &[(&str, &str)] = &[
    ("Decimal128", "decimal"),
    ("Decimal256", "decimal"),
    ("Dictionary", "varchar"),
    ("Duration", "interval day to second"),
    ("FixedSizeBinary", "varbinary"),
    ("FixedSizeList", "array"),
    ("Interval", "interval day to second"),
    ("LargeList", "array"),
    ("List", "array"),
    ("Map", "map"),
    ("Struct", "row"),
    ("Time32", "time"),
    ("Time64", "time"),
    ("Timestamp", "timestamp"),
];

/// The same with Trino's types, where DataFusion's are words of their own. Of rows it is not told what is in them.
pub(super) fn types(sentence: &str) -> String {
    let mut told = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while !rest.is_empty() {
        let word = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
        let with_more = WITH_MORE.iter().find(|(theirs, _)| *theirs == &rest[..word]);
        let end = with_more.and_then(|_| closed(&rest[word..])).map(|length| word + length);
        if let (Some((_, plain)), Some(end)) = (with_more, end) {
            told.push_str(
                &DataType::from_str(&rest[..end]).map_or_else(|_| (*plain).to_owned(), |of| said_shortly(&of)),
            );
            rest = &rest[end..];
            continue;
        }
        let known = TYPES.iter().find(|(theirs, _)| *theirs == rest[..word]);
        told.push_str(known.map_or(&rest[..word], |(_, lakes)| lakes));
        let next = rest[word..].chars().next().map_or(rest.len(), |letter| word + letter.len_utf8());
        told.push_str(&rest[word..next]);
        rest = &rest[next..];
    }
    told
}

/// How long what stands in brackets is, from the bracket that opens.
fn closed(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (at > 0).then_some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::types;

    #[test]
    fn types_are_named_as_trino_names_them() {
        for (theirs, expected) in [
            ("Utf8 = Int64", "varchar = bigint"),
            ("Utf8View, LargeUtf8", "varchar, varchar"),
            ("Timestamp(µs) + Timestamp(ns, \"+00:00\")", "timestamp + timestamp with time zone"),
            ("FixedSizeBinary(16), FixedSizeBinary(17)", "ipaddress, ipprefix"),
            ("Interval(MonthDayNano) * Int64", "interval day to second * bigint"),
            ("Decimal128(10, 2)!", "decimal(10,2)!"),
            (r#"List(Struct("a": Utf8, "b": non-null Int64))"#, "array(row(…))"),
            (
                r#"Map("entries": non-null Struct("key": non-null Utf8, "value": Utf8), unsorted)"#,
                "map(varchar, varchar)",
            ),
            ("Struct(what) and List(is) not (known)", "row and array not (known)"),
            ("a List of things, Struct", "a List of things, Struct"),
            ("List(", "List("),
            ("(a Map)", "(a Map)"),
        ] {
            assert_eq!(types(theirs), expected, "{theirs}");
        }
    }
}
