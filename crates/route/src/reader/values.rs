//! What a value's first character begins: numbers and words here, the rest elsewhere.

use super::{JsonError, Reader, Token};

const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

impl Reader<'_> {
    /// What the character just taken begins.
    pub(super) fn value(&mut self, c: u8) -> Result<Token, JsonError> {
        self.start = self.last_char_start();
        match c {
            b'"' => {
                self.start = self.pos;
                self.is_unfinished = true;
                Ok(Token::String)
            }
            b'[' => Ok(Token::StartArray),
            b'{' => Ok(Token::StartObject),
            b'}' => self.unexpected("expected a value"),
            b't' => self.word("true", Token::True),
            b'f' => self.word("false", Token::False),
            b'n' => self.word("null", Token::Null),
            b'-' => self.negative_number(),
            b'0'..=b'9' => self.digits_and_more(self.pos),
            _ => self.odd_value(c),
        }
    }

    fn word(&mut self, word: &'static str, token: Token) -> Result<Token, JsonError> {
        for (i, expected) in word.bytes().enumerate().skip(1) {
            if self.peek() != Some(expected) {
                return self.unknown_token(&word[..i]);
            }
            self.pos += 1;
        }
        match self.text[self.pos..].chars().next() {
            Some(c) if c >= '0' && is_identifier_part(c) => self.unknown_token(word),
            _ => Ok(token),
        }
    }

    fn unknown_token(&mut self, read: &str) -> Result<Token, JsonError> {
        let mut token = String::from(read);
        while let Some(c) = self.text[self.pos..].chars().next().filter(|c| is_identifier_part(*c)) {
            self.pos += c.len_utf8();
            token.push(c);
            if token.len() >= 256 {
                token.push_str("...");
                break;
            }
        }
        Err(self.error(format_args!("Unrecognized token '{token}': was expecting {VALUES}")))
    }

    fn odd_value(&mut self, c: u8) -> Result<Token, JsonError> {
        let not_standard = |word: &str| {
            format!("Non-standard token '{word}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow")
        };
        match c {
            b'N' if self.text[self.pos..].starts_with("aN") => {
                self.pos += 2;
                return Err(self.error(not_standard("NaN")));
            }
            b'I' if self.text[self.pos..].starts_with("nfinity") => {
                self.pos += 7;
                return Err(self.error(not_standard("Infinity")));
            }
            b'+' => {
                self.take();
                return self.unexpected_in_number('+', "JSON spec does not allow numbers to have plus signs: enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow");
            }
            _ => {}
        }
        let first = self.last_char();
        if first.is_alphabetic() || matches!(first, '_' | '$') {
            return self.unknown_token(&first.to_string());
        }
        self.unexpected(&format!("expected a valid value {VALUES}"))
    }

    fn negative_number(&mut self) -> Result<Token, JsonError> {
        let after_sign = self.pos;
        match self.take() {
            None => Err(self.error("Unexpected end-of-inputNo digit following minus sign")),
            Some(b'0'..=b'9') => self.digits_and_more(after_sign),
            Some(_) => self.unexpected_in_number(
                self.last_char(),
                "expected digit (0-9) to follow minus sign, for valid numeric value",
            ),
        }
    }

    /// The rest of a number whose first digit was just taken. Faults in what follows are told at `told_at`.
    fn digits_and_more(&mut self, told_at: usize) -> Result<Token, JsonError> {
        let bytes = self.text.as_bytes();
        let is_digit = |pos: usize| bytes.get(pos).is_some_and(u8::is_ascii_digit);
        let mut pos = self.pos;
        if bytes[pos - 1] == b'0' && is_digit(pos) {
            return Err(self.error("Invalid numeric value: Leading zeroes not allowed"));
        }
        while is_digit(pos) {
            pos += 1;
        }
        for (begins, fault) in [
            (&b"."[..], "Decimal point not followed by a digit"),
            (&b"eE"[..], "Exponent indicator not followed by a digit"),
        ] {
            if !bytes.get(pos).is_some_and(|b| begins.contains(b)) {
                continue;
            }
            pos += 1;
            if begins != b"." && matches!(bytes.get(pos), Some(b'+' | b'-')) {
                pos += 1;
            }
            if !is_digit(pos) {
                self.pos = told_at;
                let found = self.text.get(pos..).and_then(|rest| rest.chars().next());
                return self.unexpected_in_number(found.unwrap_or(char::from(bytes[pos - 1])), fault);
            }
            while is_digit(pos) {
                pos += 1;
            }
        }
        self.pos = pos;
        if self.scopes.is_empty() && bytes.get(pos).is_some_and(|b| !b.is_ascii_whitespace()) {
            self.take();
            return self.unexpected("Expected space separating root-level values");
        }
        Ok(Token::Number)
    }
}

/// Java's `Character.isJavaIdentifierPart`, near enough.
fn is_identifier_part(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '_' | '$' | '¢' | '£' | '¤' | '¥' | '€' | '\u{0}'..='\u{8}' | '\u{e}'..='\u{1b}' | '\u{7f}'..='\u{9f}')
}
