//! Texts whose case does not matter, compared as EventBridge does: a character of the pattern stands for its lower and its
//! upper case form in the event, as Java has them.
//!
//! That is no equality: a pattern's `ß` stands for `ß` and `SS`, a pattern's `S` never for `ß`; a title case `ǅ` does not
//! even stand for itself. An index needs an equality, so it goes by [`fold`], which is equal wherever a pattern and a text
//! match, and then asks the pattern itself.

/// A text whose case does not matter.
#[derive(Clone, Debug)]
pub(crate) struct Folded {
    text: Box<str>,
    /// Only then is its folded form all that must be compared, with texts in lower case.
    pub(crate) is_ascii: bool,
    /// For an index.
    pub(crate) folded: Box<[u8]>,
}

impl Folded {
    pub(super) fn new(text: &str) -> Folded {
        let mut folded = Vec::new();
        fold(text.as_bytes(), &mut folded);
        Folded { text: text.into(), is_ascii: text.is_ascii(), folded: folded.into() }
    }

    pub(crate) fn equals(&self, text: &[u8]) -> bool {
        if self.is_ascii {
            return self.text.as_bytes().eq_ignore_ascii_case(text);
        }
        self.ends(text).contains(&text.len())
    }

    pub(crate) fn is_prefix_of(&self, text: &[u8]) -> bool {
        if self.is_ascii {
            return text.get(..self.text.len()).is_some_and(|text| text.eq_ignore_ascii_case(self.text.as_bytes()));
        }
        !self.ends(text).is_empty()
    }

    pub(crate) fn is_suffix_of(&self, text: &[u8]) -> bool {
        if self.is_ascii {
            let start = text.len().checked_sub(self.text.len());
            return start.is_some_and(|start| text[start..].eq_ignore_ascii_case(self.text.as_bytes()));
        }
        let mut starts = vec![text.len()];
        for c in self.text.chars().rev() {
            starts = step(&starts, c, |form, at| text[..at].ends_with(form.as_bytes()).then(|| at - form.len()));
        }
        !starts.is_empty()
    }

    /// Where in a text that begins like the pattern the pattern may end.
    fn ends(&self, text: &[u8]) -> Vec<usize> {
        let mut ends = vec![0];
        for c in self.text.chars() {
            ends = step(&ends, c, |form, at| text[at..].starts_with(form.as_bytes()).then(|| at + form.len()));
        }
        ends
    }
}

/// The places that one more character leads to.
fn step(places: &[usize], c: char, go: impl Fn(&str, usize) -> Option<usize>) -> Vec<usize> {
    let forms = [c.to_lowercase().to_string(), c.to_uppercase().to_string()];
    let mut next: Vec<usize> = places.iter().flat_map(|at| forms.iter().filter_map(|form| go(form, *at))).collect();
    next.sort_unstable();
    next.dedup();
    next
}

/// Appends a text's folded form: the lower case of the upper case of its lower case.
pub(crate) fn fold(text: &[u8], out: &mut Vec<u8>) {
    if text.is_ascii() {
        out.extend(text.iter().map(u8::to_ascii_lowercase));
        return;
    }
    let text = String::from_utf8_lossy(text);
    for c in text.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So an index that goes by folded forms misses nothing.
    #[test]
    fn whatever_matches_folds_alike() {
        for c in (0..=0x10ffff).filter_map(char::from_u32) {
            let pattern = Folded::new(&c.to_string());
            for form in [c.to_lowercase().to_string(), c.to_uppercase().to_string()] {
                assert!(pattern.equals(form.as_bytes()), "{c:?}");
                let mut folded = Vec::new();
                fold(form.as_bytes(), &mut folded);
                assert_eq!(folded, *pattern.folded, "{c:?} and {form:?}");
            }
        }
    }

    #[test]
    fn a_character_stands_for_its_two_forms() {
        let stands = |pattern: &str, text: &str| Folded::new(pattern).equals(text.as_bytes());
        assert!(stands("Straße", "STRASSE") && stands("Straße", "straße") && !stands("STRASSE", "straße"));
        assert!(stands("ÜN", "ün") && !stands("ǅ", "ǅ") && stands("ǅ", "ǆ"));
        assert!(Folded::new("ß").is_prefix_of(b"SSx") && Folded::new("ß").is_suffix_of(b"xSS"));
    }
}
