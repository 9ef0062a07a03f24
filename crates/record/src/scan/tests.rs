//! The two forms of the walk answer the same, whatever the bytes.

use proptest::prelude::*;

use super::*;

/// Bytes that are mostly structure, so that every branch is met.
fn structure() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(b"\"\\{}[],: \nntf0-1\xff".to_vec()).prop_map(|byte| vec![byte]),
        2 => Just(b"\"a\":".to_vec()),
        1 => Just(b",\"eventTime\":\"".to_vec()),
        1 => Just(b",\"userIdentity\":{".to_vec()),
        1 => Just(b"\"type\":\"".to_vec()),
        1 => Just(b",\"sessionContext\":{\"sessionIssuer\":{".to_vec()),
        1 => Just(b",\"resources\":[{".to_vec()),
        1 => Just(b",\"requestParameters\":".to_vec()),
        1 => Just(b",\"readOnly\":true".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..100),
        1 => Just(vec![b'\\'; 67]),
        1 => Just(b"[]".repeat(40)),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn record_by(walk: Walk, bytes: &[u8], depth_limit: u32) -> Result<Fields, Fault> {
    let mut fields = Fields::default();
    walk.record(bytes, depth_limit, &mut fields).map(|()| fields)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn both_walks_find_the_same(bytes in structure(), depth_limit in 1..12u32, start in prop::sample::select(vec![&b""[..], b"{", b"{\"eventVersion\":\"1\""])) {
        let bytes = [start, &bytes].concat();
        prop_assert_eq!(record_by(Walk::best(), &bytes, depth_limit), record_by(Walk::portable(), &bytes, depth_limit));
        for pos in [0, bytes.len() / 2, bytes.len()] {
            prop_assert_eq!(
                Walk::best().value(&bytes, pos, depth_limit),
                Walk::portable().value(&bytes, pos, depth_limit)
            );
        }
    }

    #[test]
    fn a_value_ends_where_its_brackets_close(bytes in structure()) {
        let found = Walk::best().value(&bytes, 0, u32::MAX);
        if let Some(b'{' | b'[') = bytes.first() {
            prop_assert_eq!(found.ok(), end_of_brackets(&bytes), "{}", String::from_utf8_lossy(&bytes));
        }
    }
}

/// Byte by byte.
fn end_of_brackets(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut in_text, mut is_escaped) = (0, false, false);
    for (i, byte) in bytes.iter().enumerate() {
        // Outside texts a backslash is no JSON; the walk lets it escape quotes there, too.
        if std::mem::take(&mut is_escaped) && (in_text || matches!(byte, b'"' | b'\\')) {
            continue;
        }
        match byte {
            b'\\' => is_escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return (*byte == bytes[0] + 2).then_some(i + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[test]
fn what_is_too_deep_is_told_exactly() {
    for depth in [1, 2, 63, 64, 65, 119, 120, 121, 200] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for walk in [Walk::best(), Walk::portable()] {
            let found = walk.value(nested.as_bytes(), 0, 120);
            assert_eq!(found.is_ok(), depth <= 120, "{depth}");
            let flat = format!("[{}]", "[],".repeat(500));
            assert_eq!(walk.value(flat.as_bytes(), 0, 2), Ok(flat.len()));
            assert_eq!(walk.value(flat.as_bytes(), 0, 1), Err(Fault::TooDeep(1)));
        }
    }
}
