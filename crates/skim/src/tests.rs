//! Every look answers as one that goes byte by byte, whatever the bytes.

use proptest::prelude::*;

use super::*;

/// Bytes that are mostly structure.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(b"\"\\{}[],: \na\xfb\xfd\xff".to_vec()).prop_map(|byte| vec![byte]),
        4 => Just(b"\\\"".to_vec()),
        2 => (0..140usize).prop_map(|count| vec![b'\\'; count]),
        2 => (0..80usize).prop_map(|count| vec![b'x'; count]),
        1 => Just(b"\"{[\\\"]}\"".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..100),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// Byte by byte.
fn naive(text: &[u8]) -> (Vec<Block>, bool) {
    let mut blocks = vec![Block::default(); text.len().div_ceil(64)];
    let (mut in_string, mut is_escaped) = (false, false);
    for (i, byte) in text.iter().enumerate() {
        let (block, bit) = (&mut blocks[i / 64], 1 << (i % 64));
        match byte {
            b'"' if !is_escaped => {
                block.quotes |= bit;
                in_string = !in_string;
            }
            b'{' | b'[' if !in_string => block.opens |= bit,
            b'}' | b']' if !in_string => block.closes |= bit,
            _ => {}
        }
        is_escaped = *byte == b'\\' && !is_escaped;
    }
    (blocks, !in_string)
}

/// Reads into a room in which other texts were read before.
fn check(room: &mut Structure, text: &[u8]) {
    let (blocks, is_closed) = naive(text);
    let mut hold = |name: &str, read: &dyn Fn(&mut Structure) -> bool| {
        let found = read(room);
        assert_eq!((found, room.blocks()), (is_closed, &blocks[..]), "{name}: {}", text.escape_ascii());
        assert_eq!(room.has_backslashes(), text.contains(&b'\\'), "{name}: {}", text.escape_ascii());
    };
    hold("here", &|room| room.read(text));
    hold("portable", &|room| room.read_with(Portable, text));
    if let Some(avx2) = Avx2::here() {
        hold("avx2", &|room| room.read_with(avx2, text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_text(texts in prop::collection::vec(text(), 1..4)) {
        let mut room = Structure::default();
        for text in texts {
            check(&mut room, &text);
        }
    }

    #[test]
    fn any_bytes(bytes in any::<[u8; 64]>(), structure in prop::collection::vec(prop::sample::select(b"\"\\{}[]".to_vec()), 64), bits: u64) {
        let mixed: [u8; 64] = std::array::from_fn(|i| if bits >> i & 1 == 1 { structure[i] } else { bytes[i] });
        let bits_of = |kinds: &[u8]| (0..64).map(|i| u64::from(kinds.contains(&mixed[i])) << i).sum::<u64>();
        let kinds = Kinds {
            quotes: bits_of(b"\""),
            backslashes: bits_of(b"\\"),
            opens: bits_of(b"{["),
            closes: bits_of(b"}]"),
        };
        let half = mixed.first_chunk().unwrap();
        let either = (kinds.quotes | kinds.backslashes) as u32;
        let between = (0..64).map(|i| u64::from((bits << (63 - i)).count_ones() % 2) << i).sum::<u64>();
        prop_assert_eq!((Portable.kinds(&mixed), Portable.quotes_or_backslashes(half), Portable.prefix_xor(bits)), (kinds, either, between));
        if let Some(avx2) = Avx2::here() {
            prop_assert_eq!((avx2.kinds(&mixed), avx2.quotes_or_backslashes(half), avx2.prefix_xor(bits)), (kinds, either, between));
        }
    }
}

#[test]
fn every_length() {
    let mut room = Structure::default();
    for pattern in [&b"a"[..], b"\"", b"\\", b"\\\"", b"{}", b"\"[\\\"", b"{\"a\":[\"\\\\\",\"}\"]}"] {
        for length in (0..300).chain([64, 0, 1, 256]) {
            check(&mut room, &pattern.iter().copied().cycle().take(length).collect::<Vec<u8>>());
        }
    }
}

/// A quote after every run of backslashes that ends around the border of two blocks, and of three.
#[test]
fn runs_of_backslashes_over_borders() {
    let mut room = Structure::default();
    for run in 0..140 {
        for before in 0..130 {
            let text = [&b"\""[..], &b"x".repeat(before), &b"\\".repeat(run), b"\"{\",[\"]"].concat();
            check(&mut room, &text);
        }
    }
}
