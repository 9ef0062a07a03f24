//! Arrays and maps.

use super::{fail, give, give_of};

#[test]
fn arrays_are_looked_into() {
    give(&[
        ("contains(array[1, 2], 2)", "true"),
        ("contains(array[1, NULL], 2)", "NULL"),
        ("contains(array[1, NULL], 1)", "true"),
        ("contains(array['a'], NULL)", "NULL"),
        ("contains(split('a,b', ','), 'b')", "true"),
        ("contains(NULL, 1)", "NULL"),
        ("contains('10.0.0.0/8', '10.1.2.3')", "true"),
        ("contains('10.0.0.0/8', '11.1.2.3')", "false"),
        ("contains('10.0.0.0/8', 's3.amazonaws.com')", "false"),
        ("contains('0.0.0.0/0', '11.1.2.3')", "true"),
        ("contains('2001:db8::/32', '2001:db8::1')", "true"),
        ("contains_sequence(array[1, 2, 3], array[2, 3])", "true"),
        ("contains_sequence(array[1, 2, 3], array[1, 3])", "false"),
        ("arrays_overlap(array[1, 2], array[2, 3])", "true"),
        ("arrays_overlap(array[1], array[2, 3])", "false"),
        ("arrays_overlap(array[1, NULL], array[2])", "NULL"),
        ("array_position(array['a', 'b'], 'b')", "2"),
        ("array_position(array['a', 'b'], 'z')", "0"),
        ("array_max(array[1, 3, 2])", "3"),
        ("array_min(array['b', 'a'])", "a"),
        ("array_max(array[1, NULL])", "NULL"),
        ("array_min(array[1, NULL])", "NULL"),
        ("array_first(array[1, 2])", "1"),
        ("array_last(array[1, 2])", "2"),
        ("array_last(filter(array[1], x -> x > 1))", "NULL"),
        ("cardinality(array[1, NULL])", "2"),
        ("array_histogram(array['a', 'b', 'a', NULL])", "{a=2, b=1}"),
    ]);
    give_of(
        "FROM (VALUES (1, array['a']), (2, array['b', 'c'])) AS t(n, x) ORDER BY n DESC",
        &[
            ("element_at(x, 9223372036854775807)", "NULL"),
            ("element_at(x, -9223372036854775807 - 1)", "NULL"),
            ("element_at(x, 2)", "c"),
        ],
    );
    fail(&["element_at(array[1], 0)", "contains('10.0.0.0', '10.1.2.3')", "contains('10.0.0.0/40', '10.1.2.3')"]);
}

#[test]
fn arrays_are_made() {
    give(&[
        ("concat(array[1], array[2, 3])", "[1, 2, 3]"),
        ("concat(array[1], 2)", "[1, 2]"),
        ("concat(1, array[2])", "[1, 2]"),
        ("concat(array[array[1]], array[2])", "[[1], [2]]"),
        ("concat(array[1], NULL)", "NULL"),
        ("array[1] || array[2]", "[1, 2]"),
        ("array[1] || 2", "[1, 2]"),
        ("array_distinct(concat(array['a'], array['z', 'a']))", "[a, z]"),
        ("array_remove(array[1, 2, 1], 1)", "[2]"),
        ("array_remove(array[1, NULL], 1)", "[null]"),
        ("array_sort(array[3, 1, NULL, 2])", "[1, 2, 3, null]"),
        ("array_sort(array['b', 'a'])", "[a, b]"),
        ("array_join(array_sort(array['b', 'a']), ',')", "a,b"),
        ("reverse(array[1, 2])", "[2, 1]"),
        ("reverse(split('a/b/c', '/'))[1]", "c"),
        ("repeat('a', 3)", "[a, a, a]"),
        ("repeat(1, 0)", "[]"),
        ("array_join(repeat('a', 3), '')", "aaa"),
        ("trim_array(array[1, 2, 3], 1)", "[1, 2]"),
        ("ngrams(array['a', 'b', 'c'], 2)", "[[a, b], [b, c]]"),
        ("ngrams(array['a', 'b'], 4)", "[[a, b]]"),
        ("combinations(array[1, 2, 3], 2)", "[[1, 2], [1, 3], [2, 3]]"),
        ("combinations(array[1], 2)", "[]"),
        ("flatten(array[array[1], array[2, 3]])", "[1, 2, 3]"),
        ("slice(array[1, 2, 3, 4], -2, 2)", "[3, 4]"),
        ("sequence(1, 5)", "[1, 2, 3, 4, 5]"),
        ("sequence(5, 1)", "[5, 4, 3, 2, 1]"),
        ("sequence(5, 1, -2)", "[5, 3, 1]"),
        ("sequence(date '2023-07-09', date '2023-07-11')", "[2023-07-09, 2023-07-10, 2023-07-11]"),
        ("sequence(date '2023-01-31', date '2023-03-31', interval '1' month)", "[2023-01-31, 2023-02-28, 2023-03-31]"),
        (
            "sequence(timestamp '2023-07-09 00:00:00', timestamp '2023-07-09 02:00:00', interval '1' hour)",
            "[2023-07-09 00:00:00.000, 2023-07-09 01:00:00.000, 2023-07-09 02:00:00.000]",
        ),
    ]);
    fail(&[
        "trim_array(array[1], 2)",
        "sequence(1, 5, -1)",
        "sequence(1, 5, 0)",
        "combinations(array[1], 6)",
        "ngrams(array[1], 0)",
    ]);
    fail(&["repeat('a', 1000000000)", "cardinality(sequence(1, 1000000000))"]);
}

#[test]
fn maps_are_made() {
    give(&[
        ("map()", "{}"),
        ("map_from_entries(array[row('a', 1), row('b', 2)])", "{a=1, b=2}"),
        ("multimap_from_entries(array[row('a', 1), row('b', 3), row('a', 2)])", "{a=[1, 2], b=[3]}"),
        ("map_concat(map(array['a'], array[1]), map(array['a', 'b'], array[2, 3]))", "{a=2, b=3}"),
        ("map_concat(map(array['a'], array[1]), NULL)", "NULL"),
        ("cardinality(map(array['a'], array[1]))", "1"),
    ]);
    fail(&["map_from_entries(array[row('a', 1), row('a', 2)])", "map(array['a'], array[1, 2])"]);
}
