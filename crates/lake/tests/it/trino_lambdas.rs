//! Trino's functions that take lambdas, and those of addresses.

use lake::LakeError;

use crate::ask;

/// Events: the number, and what it was asked with.
fn events() -> Vec<String> {
    let event = |number: u32, parameters: &str| {
        format!(
            r#"{{"eventVersion":"1.09","userIdentity":{{"type":"Root"}},"eventTime":"2026-02-1{number}T18:02:03Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.{number}","userAgent":"aws-cli","requestParameters":{parameters},"responseElements":null,"eventID":"id-{number}","resources":[{{"ARN":"a{number}","type":"T"}},{{"ARN":"b{number}"}}],"eventType":"AwsApiCall","eventCategory":"Management"}}"#
        )
    };
    vec![event(0, r#"{"b":"one","a":"two"}"#), event(1, "null"), event(2, r#"{"a":"x"}"#), event(3, "{}")]
}

#[track_caller]
fn gives(statement: &str, expected: &[&str]) {
    let rows = ask(&events(), statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    assert_eq!(rows[1..], *expected, "{statement}");
}

/// What expressions give, of nothing but themselves, and of what is only known row by row.
#[track_caller]
fn all_give(expressions: &[(&str, &str)]) {
    for (expression, expected) in expressions {
        gives(&format!("SELECT {expression} FROM t WHERE eventID = 'id-0'"), &[expected]);
    }
}

#[track_caller]
fn fails(expression: &str, with: &str) {
    let end = ask(&events(), &format!("SELECT {expression} FROM t"));
    let error = end.expect_err(expression).to_string();
    assert!(error.contains(with), "{expression}: {error}");
}

#[test]
fn lists_are_reduced() {
    all_give(&[
        ("reduce(ARRAY[], 0, (s, x) -> s + x, s -> s)", "0"),
        ("reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s)", "75"),
        ("reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + x, s -> s)", "NULL"),
        ("reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + coalesce(x, 0), s -> s)", "75"),
        ("reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> IF(x IS NULL, s, s + x), s -> s)", "75"),
        ("reduce(ARRAY[1.5, 2.5], 0, (s, x) -> s + x, s -> s)", "4.0"),
        ("reduce(ARRAY[1, 2], 0, (s, x) -> s + x * 1.5, s -> s * 2)", "9.0"),
        ("reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + 1, s -> s * 100)", "300"),
        ("reduce(ARRAY['a', 'b'], '', (s, x) -> s || x, s -> upper(s))", "AB"),
        ("reduce(ARRAY['a', 'b'], '', (s, x) -> concat(x, s), s -> s)", "ba"),
        ("reduce(ARRAY[3, 1, 2], NULL, (s, x) -> IF(s IS NULL OR x > s, x, s), s -> s)", "3"),
        ("reduce(ARRAY[1, 2], ARRAY[], (s, x) -> s || x, s -> s)", "[1, 2]"),
        ("reduce(ARRAY[1, 2], ARRAY[0], (s, x) -> s || ARRAY[x, x], s -> s)", "[0, 1, 1, 2, 2]"),
        ("reduce(ARRAY[1, 2], ARRAY[0], (s, x) -> s || (x * 2), s -> cardinality(s))", "3"),
        (
            "reduce(ARRAY[CAST(1.5 AS DECIMAL(3, 1)), CAST(2.5 AS DECIMAL(3, 1))], CAST(0 AS DECIMAL(3, 1)), (s, x) -> s + x, s -> s)",
            "4.0",
        ),
        ("reduce(ARRAY[ARRAY[1, 2], ARRAY[3]], 0, (s, x) -> s + reduce(x, s, (t, y) -> t + y, t -> t), s -> s)", "9"),
        ("transform(ARRAY[ARRAY[1, 2], ARRAY[3]], l -> reduce(l, 0, (s, x) -> s + x, s -> s))", "[3, 3]"),
        ("reduce(ARRAY[1, 2], 0, (S, Item) -> s + item, Total -> total)", "3"),
        ("reduce(ARRAY[1, 2, 3], 7, (s, x) -> s, s -> 1)", "1"),
        ("reduce(CAST(NULL AS ARRAY(BIGINT)), 0, (s, x) -> s + x, s -> s)", "NULL"),
        ("reduce(sequence(1, 10000), 0, (s, x) -> s + x, s -> s)", "50005000"),
    ]);
    // Lists of many lengths, with what is around them.
    gives(
        "SELECT reduce(filter(resources, r -> eventID <> 'id-2' OR r.type IS NOT NULL), eventID, \
         (s, r) -> s || '/' || eventName || r.ARN, s -> s || '!' || sourceIPAddress) FROM t \
         WHERE eventID <> 'id-3' ORDER BY eventID",
        &[
            "id-0/PutObjecta0/PutObjectb0!203.0.113.0",
            "id-1/PutObjecta1/PutObjectb1!203.0.113.1",
            "id-2/PutObjecta2!203.0.113.2",
        ],
    );
    fails("reduce(ARRAY[1], 0, (s, x) -> ARRAY[s], s -> s)", "a state that is a");
    fails("reduce(1, 0, (s, x) -> s, s -> s)", "takes an array");
    fails("reduce(ARRAY[1], 0, (s, x) -> s)", "expected 4 argument");
}

#[test]
fn lists_are_zipped() {
    all_give(&[
        ("zip_with(ARRAY[1, 3, 5], ARRAY['a', 'b', 'c'], (x, y) -> y || CAST(x AS VARCHAR))", "[a1, b3, c5]"),
        ("zip_with(ARRAY[1, 2], ARRAY[3, 4], (x, y) -> x + y)", "[4, 6]"),
        ("zip_with(ARRAY['a', 'b', 'c'], ARRAY['d'], (x, y) -> x || coalesce(y, '-'))", "[ad, b-, c-]"),
        ("zip_with(ARRAY[1], ARRAY[3, 4], (x, y) -> y)", "[3, 4]"),
        ("zip_with(CAST(NULL AS ARRAY(BIGINT)), ARRAY[3, 4], (x, y) -> x + y)", "NULL"),
        ("zip_with(ARRAY[], ARRAY[], (x, y) -> 1)", "[]"),
    ]);
    gives(
        "SELECT zip_with(resources, ARRAY[eventID], (r, e) -> r.ARN || coalesce(e, eventName)) FROM t ORDER BY eventID LIMIT 2",
        &["[a0id-0, b0PutObject]", "[a1id-1, b1PutObject]"],
    );
}

#[test]
fn maps_are_filtered_and_transformed() {
    all_give(&[
        ("map_filter(MAP(ARRAY['a', 'b', 'c'], ARRAY[1, NULL, 3]), (k, v) -> v > 1)", "{c=3}"),
        ("map_filter(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> k = 'a')", "{a=1}"),
        ("map_filter(MAP(ARRAY['a'], ARRAY[1]), (k, v) -> false)", "{}"),
        ("transform_keys(MAP(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> v || CAST(k AS VARCHAR))", "{a1=a, b2=b}"),
        ("transform_values(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v * 10)", "{a=10, b=20}"),
        ("transform_values(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> k)", "{a=a, b=b}"),
        (
            "map_zip_with(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP(ARRAY['b', 'c'], ARRAY['x', 'y']), \
             (k, v, w) -> k || coalesce(CAST(v AS VARCHAR), '-') || coalesce(w, '-'))",
            "{a=a1-, b=b2x, c=c-y}",
        ),
    ]);
    gives(
        "SELECT map_filter(requestParameters, (k, v) -> v <> 'one' AND eventID <> 'id-2') FROM t ORDER BY eventID",
        &["{a=two}", "NULL", "{}", "{}"],
    );
    gives(
        "SELECT transform_values(requestParameters, (k, v) -> k || v || eventID) FROM t ORDER BY eventID",
        &["{b=boneid-0, a=atwoid-0}", "NULL", "{a=axid-2}", "{}"],
    );
    fails("transform_keys(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> 'c')", "the key c twice");
    fails("transform_keys(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> nullif(k, 'a'))", "NULL is none");
    fails("map_filter(ARRAY[1], (k, v) -> true)", "takes a map");
    fails("map_filter(MAP(ARRAY['a'], ARRAY[1]), (k, v) -> v)", "gives a boolean");
}

#[test]
fn lists_are_sorted_by_what_a_lambda_says() {
    let descending = "(x, y) -> IF(x < y, 1, IF(x = y, 0, -1))";
    all_give(&[
        (&format!("array_sort(ARRAY[3, 2, 5, 1, 2], {descending})"), "[5, 3, 2, 2, 1]"),
        (&format!("array_sort(ARRAY['bc', 'ab', 'dc'], {descending})"), "[dc, bc, ab]"),
        (
            "array_sort(ARRAY[3, 2, NULL, 5, NULL, 1, 2], (x, y) -> CASE WHEN x IS NULL THEN -1 WHEN y IS NULL THEN 1 \
             WHEN x < y THEN 1 WHEN x = y THEN 0 ELSE -1 END)",
            "[null, null, 5, 3, 2, 2, 1]",
        ),
        // What is as long stays as it was.
        (
            "array_sort(ARRAY['a', 'abcd', 'bb', 'abc', 'aa'], (x, y) -> IF(length(x) < length(y), -1, IF(length(x) = length(y), 0, 1)))",
            "[a, bb, aa, abc, abcd]",
        ),
        (&format!("array_sort(ARRAY[], {descending})"), "[]"),
        (&format!("array_sort(ARRAY[1], {descending})"), "[1]"),
        (&format!("array_sort(sequence(1, 1000), {descending}) = array_reverse(sequence(1, 1000))"), "true"),
        (
            &format!(
                "array_sort(transform(sequence(1, 1000), x -> mod(x * 37, 1009)), {descending}) = \
                   array_reverse(array_sort(transform(sequence(1, 1000), x -> mod(x * 37, 1009))))"
            ),
            "true",
        ),
        // One that contradicts itself gives some order, and loses nothing.
        (
            "reduce(array_sort(sequence(1, 100), (x, y) -> IF(mod(x * y, 3) = 0, 1, -1)), 0, (s, x) -> s + x, s -> s)",
            "5050",
        ),
        ("array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]"),
        ("find_first(ARRAY[3, 7, 9], x -> x > 5)", "7"),
        ("find_first(ARRAY[3], x -> x > 5)", "NULL"),
    ]);
    gives(
        "SELECT transform(array_sort(resources, (a, b) -> IF((a.ARN < b.ARN) = (eventID <> 'id-1'), -1, 1)), r -> r.ARN) \
         FROM t WHERE eventID < 'id-2' ORDER BY eventID",
        &["[a0, b0]", "[b1, a1]"],
    );
    fails("array_sort(ARRAY[1, 2], (x, y) -> 2)", "gives -1, 0 or 1");
    fails("array_sort(ARRAY[1, 2], (x, y) -> x < y)", "gives -1, 0 or 1");
}

#[test]
fn what_is_found_is_replaced_by_what_a_lambda_gives() {
    all_give(&[
        (r"regexp_replace('new york', '(\w)(\w*)', x -> upper(x[1]) || lower(x[2]))", "New York"),
        (r"regexp_replace('1a 2b 14m', '(\d+)([ab]) ', x -> '3c' || x[2] || ' ')", "3ca 3cb 14m"),
        ("regexp_replace('abc', 'x', x -> 'y')", "abc"),
        ("regexp_replace('abc', '(x)|b', x -> x[1])", "NULL"),
        ("regexp_replace('ab', '', x -> '-')", "-a-b-"),
        ("regexp_replace(NULL, 'a', x -> '-')", "NULL"),
        ("regexp_replace('añb', '(ñ)', x -> x[1] || x[1])", "aññb"),
    ]);
    gives(
        "SELECT regexp_replace(eventID, '(d)|([02])', x -> coalesce(x[1], eventName || x[2])) FROM t ORDER BY eventID",
        &["id-PutObject0", "id-1", "id-PutObject2", "id-3"],
    );
    fails("regexp_replace('abc', '(', x -> '')", "no regular expression");
    fails("regexp_replace('abc', '(b)', x -> 1)", "gives a text");
}

#[test]
fn what_lambdas_make_has_an_end() {
    let many = "sequence(1, 300000)";
    for (endless, with) in [
        (format!("reduce({many}, 0, (s, x) -> s + x, s -> s)"), "too many items"),
        (format!("array_sort({many}, (x, y) -> IF(x < y, 1, -1))"), "too many items"),
        (
            "reduce(sequence(1, 1000), 0, (s, x) -> reduce(sequence(1, 1000), s, (t, y) -> t + y, t -> t), s -> s)"
                .into(),
            "too many items",
        ),
        ("reduce(sequence(1, 1000), eventID, (s, x) -> s || s, s -> length(s))".into(), "too large"),
        ("zip_with(sequence(1, 100000), ARRAY[eventID], (x, y) -> repeat(eventID, 1000))".into(), "too large"),
        (
            format!("regexp_replace(repeat(eventID, 300000), '{}.{}', x -> x[1])", "(".repeat(40), ")".repeat(40)),
            "too much",
        ),
    ] {
        fails(&endless, with);
    }
    let nested =
        (0..9).fold("1".to_owned(), |within, _| format!("reduce(ARRAY[1], 0, (s, x) -> s + {within}, s -> s)"));
    let end = ask(&events(), &format!("SELECT {nested} FROM t"));
    assert!(matches!(&end, Err(LakeError::Statement(why)) if why.contains("lambdas within lambdas")), "{end:?}");
    let nested =
        (0..8).fold("1".to_owned(), |within, _| format!("reduce(ARRAY[1], 0, (s, x) -> s + {within}, s -> s)"));
    all_give(&[(&nested, "1")]);
}

#[test]
fn addresses_are_read_and_held_against_networks() {
    all_give(&[
        ("CAST('2001:DB8:0:0:0:0:0:1' AS IPADDRESS)", "2001:db8::1"),
        ("CAST('::ffff:1.2.3.4' AS ipaddress)", "1.2.3.4"),
        ("TRY_CAST('s3.amazonaws.com' AS IPADDRESS)", "NULL"),
        ("try(CAST('s3.amazonaws.com' AS IPADDRESS))", "NULL"),
        ("TRY(CAST('10.0.0.7' AS IPADDRESS))", "10.0.0.7"),
        ("CAST('10.1.2.3/9' AS IPPREFIX)", "10.0.0.0/9"),
        ("TRY_CAST('10.1.2.3/33' AS IPPREFIX)", "NULL"),
        ("CAST(NULL AS IPADDRESS)", "NULL"),
        ("contains('10.0.0.0/8', CAST('10.255.255.255' AS IPADDRESS))", "true"),
        ("contains('10.0.0.0/8', CAST('11.255.255.255' AS IPADDRESS))", "false"),
        ("contains('2001:db8::/32', CAST('2001:db8:1::2' AS IPADDRESS))", "true"),
        ("contains('2001:db8::/32', CAST('10.0.0.1' AS IPADDRESS))", "false"),
        ("contains('0.0.0.0/0', CAST('10.0.0.1' AS IPADDRESS)) AND contains('::/0', CAST('::1' AS IPADDRESS))", "true"),
        ("contains(ARRAY['a/b', 'c'], 'c')", "true"),
        ("ip_prefix(CAST('192.64.255.255' AS IPADDRESS), 9)", "192.0.0.0/9"),
        ("ip_prefix('2001:db8::ff', 128)", "2001:db8::ff/128"),
        ("ip_subnet_min(CAST('192.64.0.0/9' AS IPPREFIX))", "192.0.0.0"),
        ("ip_subnet_max(CAST('192.64.0.0/9' AS IPPREFIX))", "192.127.255.255"),
        ("ip_subnet_range('1.2.3.160/27')", "[1.2.3.160, 1.2.3.191]"),
        ("ip_subnet_range('::/0')", "[::, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]"),
        ("is_subnet_of('1.2.3.128/26', CAST('1.2.3.129' AS IPADDRESS))", "true"),
        ("is_subnet_of('192.168.3.131/26', '192.168.3.144/30')", "true"),
        ("is_subnet_of('192.168.3.144/30', '192.168.3.131/26')", "false"),
        ("is_subnet_of('1.2.3.128/26', NULL)", "NULL"),
        ("typeof(IPADDRESS '10.0.0.1') || ' ' || typeof(IPPREFIX '10.0.0.0/8')", "ipaddress ipprefix"),
        // Texts would be the other way round.
        ("IPADDRESS '9.0.0.1' < IPADDRESS '10.0.0.1'", "true"),
        ("IPADDRESS '10.0.0.1' BETWEEN IPADDRESS '9.255.0.0' AND IPADDRESS '10.0.0.2'", "true"),
        ("IPADDRESS '::1' < IPADDRESS '1.2.3.4' AND IPADDRESS '2001:db8::' > IPADDRESS '255.255.255.255'", "true"),
        ("IPADDRESS '2001:db8::1' = CAST('2001:DB8:0:0:0:0:0:1' AS IPADDRESS)", "true"),
        ("IPADDRESS '10.0.0.1' = '10.0.0.1' AND '9.0.0.0' < ipaddress '10.0.0.1'", "true"),
        ("IPADDRESS '10.0.0.1' IN (IPADDRESS '::ffff:10.0.0.1', IPADDRESS '10.0.0.2')", "true"),
        ("IPPREFIX '9.0.0.0/8' < IPPREFIX '10.0.0.0/8' AND IPPREFIX '10.0.0.0/8' < IPPREFIX '10.0.0.0/16'", "true"),
        ("greatest(IPADDRESS '9.0.0.1', IPADDRESS '10.0.0.1')", "10.0.0.1"),
        ("array_sort(ARRAY[IPADDRESS '10.0.0.1', IPADDRESS '9.0.0.1'])", "[9.0.0.1, 10.0.0.1]"),
        ("CAST(IPADDRESS '10.0.0.1' AS varchar) || '!'", "10.0.0.1!"),
        ("CAST(ARRAY[IPADDRESS '10.0.0.1'] AS array(varchar))", "[10.0.0.1]"),
        ("CAST(IPPREFIX '10.1.0.0/16' AS IPADDRESS)", "10.1.0.0"),
        ("CAST(IPADDRESS '10.1.0.0' AS IPPREFIX)", "10.1.0.0/32"),
        ("to_hex(CAST(IPADDRESS '1.2.3.4' AS varbinary))", "00000000000000000000FFFF01020304"),
        ("CAST(from_hex('01020304') AS IPADDRESS)", "1.2.3.4"),
        ("json_format(CAST(IPADDRESS '1.2.3.4' AS json))", "\"1.2.3.4\""),
    ]);
    gives(
        "SELECT min(a), max(a), count(DISTINCT a), max_by(a, a) FROM (VALUES IPADDRESS '10.0.0.1', IPADDRESS '9.0.0.1', NULL, \
         IPADDRESS '::ffff:9.0.0.1') AS t(a)",
        &["9.0.0.1 | 10.0.0.1 | 2 | 10.0.0.1"],
    );
    gives(
        "SELECT a, count(*) FROM (VALUES IPADDRESS '10.0.0.1', IPADDRESS '9.0.0.1', IPADDRESS '::ffff:9.0.0.1') AS t(a) GROUP BY a ORDER BY a",
        &["9.0.0.1 | 2", "10.0.0.1 | 1"],
    );
    gives(
        "SELECT eventID FROM t WHERE TRY_CAST(sourceIPAddress AS IPADDRESS) BETWEEN IPADDRESS '203.0.113.2' AND IPADDRESS '203.0.113.20' ORDER BY 1",
        &["id-2", "id-3"],
    );
    gives(
        "SELECT eventID FROM t WHERE contains('203.0.113.2/31', TRY_CAST(sourceIPAddress AS IPADDRESS)) ORDER BY 1",
        &["id-2", "id-3"],
    );
    fails("CAST('s3.amazonaws.com' AS IPADDRESS)", "`s3.amazonaws.com` is no IPADDRESS");
    fails("contains('10.0.0.0/40', sourceIPAddress)", "`10.0.0.0/40` is no IPPREFIX");
    fails("ip_prefix(sourceIPAddress, 33)", "ip_prefix");
    fails("IPADDRESS '10.0.0'", "`10.0.0` is no IPADDRESS");
    fails("ip_subnet_min(7)", "takes an ipaddress, an ipprefix or a varchar, and this is a bigint");
}
