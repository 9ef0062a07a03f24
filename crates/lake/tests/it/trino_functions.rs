//! Functions give what Trino's documentation says that they give.
//!
//! <https://trino.io/docs/current/functions.html>

use lake::LakeError;
use lake::query::{Limits, Query};

use crate::{kept_texts, runtime};

mod lists;

/// What a statement without a table of ours gives, each row its values.
fn asked(statement: &str) -> Result<Vec<Vec<String>>, LakeError> {
    runtime().block_on(async {
        let query = Query::plan(statement, |_| None, Limits { threads: 2, ..Limits::default() }).await?;
        let mut batches = Vec::new();
        query
            .run(|batch| {
                batches.push(batch);
                Ok(())
            })
            .await?;
        Ok(kept_texts(&query, &batches))
    })
}

/// All of them at once, over these rows if there are any.
#[track_caller]
fn give_of(rows: &str, all: &[(&str, &str)]) {
    let one = |said: &[(&str, &str)]| {
        let said: Vec<String> = said.iter().enumerate().map(|(at, (said, _))| format!("{said} AS c{at}")).collect();
        asked(&format!("SELECT {} {rows}", said.join(", ")))
    };
    let given = match one(all) {
        Ok(given) => given.into_iter().next().unwrap_or_default(),
        // Which of them is it?
        Err(_) => {
            let told = |said| match one(&[said]) {
                Ok(given) => given[0][0].clone(),
                Err(error) => error.to_string(),
            };
            all.iter().map(|said| told(*said)).collect()
        }
    };
    let differ = all.iter().zip(&given).filter(|((_, expected), given)| expected != given);
    let differ: Vec<String> =
        differ.map(|((said, expected), given)| format!("{said}\n    gives {given}\n    and not {expected}")).collect();
    assert!(given.len() == all.len() && differ.is_empty(), "{}", differ.join("\n"));
}

#[track_caller]
fn give(all: &[(&str, &str)]) {
    give_of("", all);
}

#[track_caller]
fn fail(all: &[&str]) {
    let fine: Vec<&&str> = all.iter().filter(|said| asked(&format!("SELECT {said}")).is_ok()).collect();
    assert!(fine.is_empty(), "{fine:?}");
}

#[test]
fn texts_are_put_together_and_taken_apart() {
    give(&[
        ("concat('a', 'b', 'c')", "abc"),
        ("concat('a', NULL)", "NULL"),
        ("concat('a', cast(NULL AS varchar))", "NULL"),
        ("concat('a', 1)", "a1"),
        ("'a' || NULL", "NULL"),
        ("concat_ws('-', 'a', NULL, 'b')", "a-b"),
        ("concat_ws(',', array['a', NULL, 'b'])", "a,b"),
        ("concat_ws('/', split('a.b', '.'))", "a/b"),
        ("concat_ws(NULL, 'a', 'b')", "NULL"),
        ("split_part('a,b,c', ',', 2)", "b"),
        ("split_part('a,b,c', ',', 4)", "NULL"),
        ("split_part('', ',', 1)", ""),
        ("split('a,b,c', ',')", "[a, b, c]"),
        ("split('a,b,c', ',', 2)", "[a, b,c]"),
        ("split('a||b', '|')", "[a, , b]"),
        ("split_to_multimap('a=1,b=3,a=2', ',', '=')", "{a=[1, 2], b=[3]}"),
        ("split_to_map('a=1,b=2', ',', '=')", "{a=1, b=2}"),
        ("substr('hello', -3)", "llo"),
        ("substr('hello', -3, 2)", "ll"),
        ("substr('hello', 0)", ""),
        ("substr('hello', 2, 3)", "ell"),
        ("substr('hello', 10)", ""),
        ("substr('hello', -10)", ""),
        ("substr('hello', 2, -1)", ""),
        ("substr('h\u{e9}llo', 2, 2)", "\u{e9}l"),
        ("substr(NULL, 1)", "NULL"),
        ("substring('hello' FROM 2 FOR 2)", "el"),
        ("substring('hello' FROM 4)", "lo"),
        ("substring('hello', 2)", "ello"),
        ("strpos('hello', 'l')", "3"),
        ("strpos('hello', 'l', 2)", "4"),
        ("strpos('hello', 'l', -1)", "4"),
        ("strpos('hello', 'l', 3)", "0"),
        ("strpos('hello', 'z')", "0"),
        ("strrpos('hello', 'l')", "4"),
        ("strrpos('hello', 'l', 2)", "3"),
        ("position('lo' IN 'hello')", "4"),
        ("reverse('abc')", "cba"),
        ("trim('xax', 'x')", "a"),
        ("ltrim('xxa', 'x')", "a"),
        ("hamming_distance('abc', 'abd')", "1"),
        ("levenshtein_distance('kitten', 'sitting')", "3"),
        ("soundex('hello')", "H400"),
        ("soundex('Robert') = soundex('Rupert')", "true"),
        ("soundex('Tymczak')", "T522"),
        ("luhn_check('79927398713')", "true"),
        ("luhn_check('79927398714')", "false"),
    ]);
    fail(&[
        "split_part('a,b', ',', 0)",
        "split_part('a', ',', -1)",
        "split('a', ',', 0)",
        "hamming_distance('a', 'ab')",
    ]);
}

#[test]
fn what_an_expression_finds_is_replaced() {
    give(&[
        (r"regexp_replace('1a 2b', '\d+')", "a b"),
        (r"regexp_replace('1a 2b 14m', '(\d+)([ab]) ', '3c$2 ')", "3ca 3cb 14m"),
        (r"regexp_replace('abc', 'b', '\$')", "a$c"),
        (r"regexp_replace('abc', 'b', '\\')", r"a\c"),
        ("regexp_replace('abc', '(?<x>b)', '[${x}]')", "a[b]c"),
        ("regexp_replace('abc', '(b)', '$1$1x')", "abbxc"),
        ("regexp_replace('abc', '(b)', '$12')", "ab2c"),
        ("regexp_replace('abc', '', '-')", "-a-b-c-"),
        ("regexp_replace('abc', 'b', NULL)", "NULL"),
        (r"regexp_replace('a.b.c', '\.', '-')", "a-b-c"),
        (r"regexp_count('1a 2b 14m', '\s*[a-z]+\s*')", "3"),
    ]);
    fail(&["regexp_replace('abc', 'b', '$1')", "regexp_replace('abc', 'b', '${no}')"]);
}

#[test]
fn values_are_written_out() {
    give(&[
        ("format('%s-%03d', 'a', 7)", "a-007"),
        ("format('%.2f', 1.005e0)", "1.01"),
        ("format('%.3f', 3.14159e0)", "3.142"),
        ("format('%.0f', 9.5e0)", "10"),
        ("format('%,d', 1234567)", "1,234,567"),
        ("format('%,.2f', 1234567.891e0)", "1,234,567.89"),
        ("format('%x %X %o %#x', 255, 255, 8, 255)", "ff FF 10 0xff"),
        ("format('%#08x|%08X', 255, 255)", "0x0000ff|000000FF"),
        (
            "format('%,.2f|%010.1f|%(f|%f', infinity(), infinity(), -infinity(), nan())",
            "Infinity|  Infinity|(Infinity)|NaN",
        ),
        ("format('%05d|%-5d|%5d|%+d|% d', -42, 42, 42, 42, 42)", "-0042|42   |   42|+42| 42"),
        ("format('%2$s %1$s', 'a', 'b')", "b a"),
        ("format('%s %s %s', true, array[1, 2], NULL)", "true [1, 2] null"),
        ("format('%s', timestamp '2023-01-02 03:04:05')", "2023-01-02 03:04:05.000"),
        ("format('%-10s|%10s|%.2s', 'a', 'b', 'cde')", "a         |         b|cd"),
        ("format('100%%%n', 1)", "100%\n"),
        ("format('%b %e', true, 12345.678e0)", "true 1.234568e+04"),
        ("format(NULL, 1)", "NULL"),
        ("format_number(1234567)", "1.23M"),
        ("format_number(123456)", "123K"),
        ("format_number(1000000)", "1M"),
        ("format_number(-15)", "-15"),
        ("human_readable_seconds(96)", "1 minute, 36 seconds"),
        ("human_readable_seconds(3762)", "1 hour, 2 minutes, 42 seconds"),
        ("human_readable_seconds(56363463)", "93 weeks, 1 day, 8 hours, 31 minutes, 3 seconds"),
        ("human_readable_seconds(0)", "0 seconds"),
        ("cast(parse_data_size('2.3MB') AS bigint)", "2411724"),
        ("to_base(255, 16)", "ff"),
        ("to_base(-5, 2)", "-101"),
        ("from_base('ff', 16)", "255"),
        ("from_base('-101', 2)", "-5"),
    ]);
    fail(&[
        "format('%d', 'a')",
        "format('%q', 1)",
        "format('%s %s', 1)",
        "format('%99999999d', 1)",
        "from_base('9', 2)",
    ]);
}

#[test]
fn numbers_are_computed() {
    give(&[
        ("greatest(1, 3, 2)", "3"),
        ("greatest(1, NULL)", "NULL"),
        ("least('b', 'a')", "a"),
        ("least('a', NULL)", "NULL"),
        ("greatest(date '2023-01-01', date '2023-01-02')", "2023-01-02"),
        ("width_bucket(3.5, 0, 10, 5)", "2"),
        ("width_bucket(11, 0, 10, 5)", "6"),
        ("width_bucket(-1, 0, 10, 5)", "0"),
        ("width_bucket(3.5, 10, 0, 5)", "4"),
        ("width_bucket(5, array[0, 4, 8])", "2"),
        ("bitwise_and(6, 3)", "2"),
        ("bitwise_not(5)", "-6"),
        ("bitwise_left_shift(1, 3)", "8"),
        ("bitwise_right_shift(8, 1)", "4"),
        ("bitwise_right_shift_arithmetic(-8, 1)", "-4"),
        ("bit_count(7, 64)", "3"),
        ("bit_count(-7, 8)", "6"),
        ("1e0 / 0", "Infinity"),
        ("-1e0 / 0", "-Infinity"),
        ("ceil(5)", "5"),
        ("ceiling(1.2e0)", "2.0"),
        ("floor(-1.2e0)", "-2.0"),
        ("floor(7)", "7"),
        ("sign(-4)", "-1"),
        ("sign(-4.5e0)", "-1.0"),
        ("nan()", "NaN"),
        ("infinity()", "Infinity"),
        ("CAST(-infinity() AS real)", "-Infinity"),
        ("CAST(nan() AS JSON)", "\"NaN\""),
        ("CAST(array[1e0, infinity()] AS JSON)", "[1.0,\"Infinity\"]"),
        ("is_nan(nan())", "true"),
        ("is_finite(1e0)", "true"),
        ("is_infinite(infinity())", "true"),
        ("rand() < 1", "true"),
        ("random(10) BETWEEN 0 AND 9", "true"),
        ("random(5, 6)", "5"),
    ]);
    fail(&["bit_count(300, 8)", "width_bucket(1, 0, 0, 5)"]);
}

#[test]
fn binaries_are_hashed() {
    give(&[
        ("to_utf8('hi')", "68 69"),
        ("to_hex(sha1(to_utf8('a')))", "86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8"),
        ("to_hex(md5(to_utf8('a')))", "0CC175B9C0F1B6A831C399E269772661"),
        ("crc32(to_utf8('a'))", "3904355907"),
        ("to_hex(xxhash64(to_utf8('a')))", "D24EC4F1A98C6E5B"),
        (
            "to_hex(hmac_sha256(to_utf8('what do ya want for nothing?'), to_utf8('Jefe')))",
            "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843",
        ),
        (
            "to_hex(hmac_sha1(to_utf8('what do ya want for nothing?'), to_utf8('Jefe')))",
            "EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79",
        ),
    ]);
}

#[test]
fn types_are_named() {
    give(&[
        ("typeof(1)", "bigint"),
        ("typeof(cast(1 AS integer))", "integer"),
        ("typeof('abc')", "varchar"),
        ("typeof(cast(1 AS double))", "double"),
        ("typeof(true)", "boolean"),
        ("typeof(NULL)", "unknown"),
        ("typeof(date '2020-01-01')", "date"),
        ("typeof(timestamp '2020-01-01 00:00:00')", "timestamp(3)"),
        ("typeof(array[1, 2])", "array(bigint)"),
        ("typeof(map(array['a'], array[1]))", "map(varchar, bigint)"),
        ("typeof(row(1, 'a'))", "row(bigint, varchar)"),
        ("typeof(date_trunc('week', date '2023-07-12'))", "date"),
        ("typeof(to_utf8('a'))", "varbinary"),
    ]);
}

#[test]
fn days_stay_days_and_moments_are_written() {
    give(&[
        ("date_add('month', 1, date '2020-01-31')", "2020-02-29"),
        ("date_add('week', 1, date '2020-01-01')", "2020-01-08"),
        ("date_add('hour', 1, timestamp '2020-01-01 23:30:00')", "2020-01-02 00:30:00.000"),
        ("date_trunc('week', date '2023-07-12')", "2023-07-10"),
        ("date_trunc('year', date '2023-08-12')", "2023-01-01"),
        ("date_trunc('month', date_add('month', -1, date '2023-03-31'))", "2023-02-01"),
        ("date_trunc('quarter', timestamp '2023-08-12 01:02:03')", "2023-07-01 00:00:00.000"),
        ("date_trunc('minute', timestamp '2023-08-12 01:02:03')", "2023-08-12 01:02:00.000"),
        ("to_iso8601(date '2023-07-09')", "2023-07-09"),
        ("to_iso8601(timestamp '2023-07-09 05:06:07')", "2023-07-09T05:06:07.000"),
        ("format_datetime(timestamp '2023-07-09 15:06:07', 'yyyy-MM-dd''T''HH:mm:ss')", "2023-07-09T15:06:07"),
        ("format_datetime(timestamp '2023-07-09 15:06:07', 'EEEE, d MMM y h:mm a')", "Sunday, 9 Jul 2023 3:06 PM"),
        ("format_datetime(timestamp '2023-07-09 15:06:07', 'e xxxx ww D')", "7 2023 27 190"),
        ("format_datetime(timestamp '2023-01-02 03:04:05', 'HH:mm:ss.SSS Z')", "03:04:05.000 +0000"),
        ("format_datetime(timestamp '2023-01-02 03:04:05.678', 's SSSS')", "5 6780"),
        ("format_datetime(timestamp '2023-01-02 03:04:05', 'HH%mm ZZ ZZZ z')", "03%04 +00:00 UTC UTC"),
        (
            "format_datetime(timestamp '2023-01-02 03:04:05', 'HH''%d 100%% o''''clock'' '''' %%')",
            "03%d 100%% o'clock ' %%",
        ),
        ("parse_datetime('100%d 2023', '''100%d'' yyyy')", "2023-01-01 00:00:00.000"),
        ("parse_datetime('2023-07-09 05+0200', 'yyyy-MM-dd HHZ')", "2023-07-09 03:00:00.000"),
        ("parse_datetime('2023-07', 'yyyy-MM')", "2023-07-01 00:00:00.000"),
        ("date_parse('2023', '%Y')", "2023-01-01 00:00:00.000"),
        ("date_parse('09/Jul/2023', '%d/%b/%Y')", "2023-07-09 00:00:00.000"),
        ("date_format(timestamp '2023-07-09 15:06:07', '%v %x')", "27 2023"),
        ("extract(dow FROM date '2023-07-09')", "7"),
        ("extract(day_of_week FROM timestamp '2023-07-09 05:00:00')", "7"),
        ("extract(year_of_week FROM date '2021-01-03')", "2020"),
        ("extract(HOUR FROM timestamp '2021-01-03 13:14:15')", "13"),
        ("to_milliseconds(interval '1' day)", "86400000"),
        ("to_milliseconds(timestamp '2023-01-01 00:00:01.5' - timestamp '2023-01-01 00:00:00')", "1500"),
        ("to_milliseconds(parse_duration('42.8ms'))", "43"),
        ("timestamp '2023-07-09 00:00:00' + parse_duration('1.5d')", "2023-07-10 12:00:00.000"),
        ("from_unixtime(1688878800, 'Europe/Berlin')", "2023-07-09 07:00:00.000 Europe/Berlin"),
        ("from_unixtime_nanos(1688878800123456789)", "2023-07-09 05:00:00.123"),
    ]);
    fail(&[
        "date_format(timestamp '2023-07-09 15:06:07', '%D')",
        "date_add('hour', 1, date '2020-01-01')",
        "date_trunc('hour', 1)",
        "from_unixtime(1e18)",
        "from_unixtime(-infinity())",
        "format_datetime(timestamp '2023-07-09 15:06:07', 'kk')",
        "format_datetime(timestamp '2023-07-09 15:06:07', 'KK')",
        "parse_datetime('2023-07-09T05', 'yyyy-MM-ddTHH')",
    ]);
}

#[test]
fn json_has_no_blanks_and_its_names_in_order() {
    give(&[
        (
            r#"json_format(json_parse('{"b": 1, "a": [1, {"d" : "x y", "c":null}]}'))"#,
            r#"{"a":[1,{"c":null,"d":"x y"}],"b":1}"#,
        ),
        (r#"json_parse(' [ 1.0 , "a\" b" ] ')"#, r#"[1.0,"a\" b"]"#),
        (r#"json_format('{"a" : 12345678901234567890}')"#, r#"{"a":12345678901234567890}"#),
    ]);
    let deep = format!("json_format('{}\"a b\" {}')", "[ ".repeat(300), "]".repeat(300));
    give(&[(&deep, &format!("{}\"a b\"{}", "[".repeat(300), "]".repeat(300)))]);
}

#[test]
fn groups_are_told_of() {
    let numbers = "FROM (VALUES (1, 'a', 2), (2, 'b', 8), (3, 'c', 1), (3, 'c', NULL), (9, NULL, 9)) AS t(x, name, y)";
    give_of(
        numbers,
        &[
            ("max(x, 2)", "[9, 3]"),
            ("max(y, 2)", "[9, 8]"),
            ("max(y, 3)", "[9, 8, 2]"),
            ("min(-x, 2)", "[-9, -3]"),
            ("min(x, 2)", "[1, 2]"),
            ("max_by(name, x, 2)", "[null, c]"),
            ("min_by(name, y, 2)", "[c, a]"),
            ("max_by(name, y)", "NULL"),
            ("min_by(name, y)", "c"),
            ("max_by(name, x) FILTER (WHERE x < 3)", "b"),
            ("max_by(name, x) FILTER (WHERE x > 100)", "NULL"),
            ("approx_percentile(x, 0.5)", "3"),
            ("approx_percentile(x, array[0.0, 0.5, 1.0])", "[1, 3, 9]"),
            ("approx_percentile(cast(x AS double), 0.9)", "9.0"),
            ("approx_percentile(x, y, 0.5)", "2"),
            ("approx_percentile(x, 0.5) FILTER (WHERE x > 100)", "NULL"),
            ("approx_distinct(x, 0.01)", "4"),
            ("approx_most_frequent(1, name, 10)", "{c=2}"),
            ("array_sort(set_agg(x))", "[1, 2, 3, 9]"),
            ("count_if(x > 2) FILTER (WHERE y IS NOT NULL)", "2"),
            ("checksum(x) = checksum(x)", "true"),
            ("length(to_hex(checksum(x)))", "16"),
        ],
    );
    give_of("FROM (VALUES (2), (8)) AS t(x)", &[("geometric_mean(x)", "4.0"), ("entropy(cast(1 AS double))", "1.0")]);
    give_of(
        "FROM (VALUES (1), (2), (3), (9)) AS t(x)",
        &[("round(skewness(x), 4)", "0.9794"), ("round(kurtosis(x), 4)", "3.0144")],
    );
    give_of(
        "FROM (VALUES (array[1], map(array['a'], array[1])), (array[1, 2], map(array['b'], array[2])), (NULL, NULL)) AS t(x, m)",
        &[("array_sort(set_union(x))", "[1, 2]"), ("map_union(m)", "{a=1, b=2}")],
    );
    let rows = "SELECT max_by(name, x) OVER (ORDER BY x) FROM (VALUES (1, 'a'), (2, 'b')) AS t(x, name) ORDER BY 1";
    assert_eq!(asked(rows).unwrap(), [["a"], ["b"]]);
}

#[test]
fn percentiles_of_many_are_near() {
    let given = asked(
        "SELECT approx_percentile(x, array[0.01, 0.5, 0.99]) AS p, min(x) AS low FROM (SELECT unnest(sequence(1, 200000)) AS x)",
    );
    let given = given.unwrap();
    let parts: Vec<f64> = given[0][0].trim_matches(['[', ']']).split(", ").map(|part| part.parse().unwrap()).collect();
    for (part, expected) in parts.iter().zip([2_000.0, 100_000.0, 198_000.0]) {
        assert!((part - expected).abs() < 1_000.0, "{parts:?}");
    }
}
