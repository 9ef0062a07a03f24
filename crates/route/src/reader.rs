//! A JSON reader that tells of faults in the words, and at the columns, that EventBridge's users know.
//!
//! EventBridge reads patterns with Jackson, and its error messages reach the user as they are: `Unexpected close marker …
//! line: 1, column: 56`. So this reader moves as that one moves: it looks one token ahead at a field's name, it leaves a
//! text unread until somebody asks for it, and what it says of a place is how far it has read. Columns count UTF-16 units,
//! as Java does. See <https://github.com/FasterXML/jackson-core>.
//!
//! A name or text is given unescaped. Half of a surrogate pair, which JSON can escape but UTF-8 cannot hold, becomes `?`, as
//! where Java encodes it.

use std::borrow::Cow;

mod place;

use place::Place;

/// As Jackson's `StreamReadConstraints` have it; also what EventBridge allows an event.
pub(crate) const DEPTH_LIMIT: usize = 1000;

const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct JsonError {
    pub(crate) text: String,
}

/// What the reader stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    StartObject,
    EndObject,
    StartArray,
    EndArray,
    FieldName,
    String,
    Number,
    True,
    False,
    Null,
}

/// An object or array that is not closed yet.
#[derive(Clone, Copy, Debug)]
struct Scope {
    is_array: bool,
    start: usize,
    is_empty: bool,
}

/// Reads one JSON text token by token.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    /// How far it has read: the next byte.
    pos: usize,
    scopes: Vec<Scope>,
    token: Option<Token>,
    /// The value behind the field's name, which was looked at with it.
    ahead: Option<Token>,
    name: Cow<'a, str>,
    /// Where the token begins; for a text, behind its quote.
    start: usize,
    /// The text, once somebody asked for it.
    string: Option<Cow<'a, str>>,
    /// The token is a text whose end was not looked for.
    is_unfinished: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Reader<'a> {
        Reader {
            text,
            pos: 0,
            scopes: Vec::new(),
            token: None,
            ahead: None,
            name: Cow::Borrowed(""),
            start: 0,
            string: None,
            is_unfinished: false,
        }
    }

    /// An error here.
    pub(crate) fn error(&self, message: impl std::fmt::Display) -> JsonError {
        self.error_at(self.pos, message)
    }

    fn error_at(&self, pos: usize, message: impl std::fmt::Display) -> JsonError {
        JsonError { text: format!("{message}\n at {}", Place::of(self.text, pos)) }
    }

    /// How far it has read, in bytes.
    pub(crate) fn offset(&self) -> usize {
        self.pos
    }

    /// Whether it stands at such a token.
    pub(crate) fn is_at(&self, token: Token) -> bool {
        self.token == Some(token)
    }

    /// The name of the field that the reader is in.
    pub(crate) fn name(&self) -> &Cow<'a, str> {
        &self.name
    }

    /// The token's text: unescaped for a text, as written for all else. Finishes a text.
    pub(crate) fn token_text(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let Some(token) = self.token else { return Ok(Cow::Borrowed("")) };
        Ok(match token {
            Token::StartObject => Cow::Borrowed("{"),
            Token::EndObject => Cow::Borrowed("}"),
            Token::StartArray => Cow::Borrowed("["),
            Token::EndArray => Cow::Borrowed("]"),
            Token::FieldName => self.name.clone(),
            Token::True => Cow::Borrowed("true"),
            Token::False => Cow::Borrowed("false"),
            Token::Null => Cow::Borrowed("null"),
            Token::Number => Cow::Borrowed(self.number()),
            Token::String => {
                if self.is_unfinished {
                    let string = self.finish_string()?;
                    self.string = Some(string);
                }
                self.string.clone().unwrap_or_default()
            }
        })
    }

    /// The number that the reader stands at, as written.
    pub(crate) fn number(&self) -> &'a str {
        let rest = &self.text[self.start..];
        let end = rest.bytes().position(|b| !matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        &rest[..end.unwrap_or(rest.len())]
    }

    /// Goes to the next token; none at the end of the text.
    pub(crate) fn next(&mut self) -> Result<Option<Token>, JsonError> {
        self.token = self.step()?;
        Ok(self.token)
    }

    fn step(&mut self) -> Result<Option<Token>, JsonError> {
        if let Some(token) = self.ahead.take() {
            self.open(token)?;
            return Ok(Some(token));
        }
        if self.is_unfinished {
            self.finish_string()?;
        }
        self.string = None;
        let Some(c) = self.skip_blanks()? else { return self.at_end() };
        if c == b']' || c == b'}' {
            return self.close(c).map(Some);
        }
        let mut c = c;
        if let Some(scope) = self.scopes.last_mut() {
            let is_first = std::mem::replace(&mut scope.is_empty, false);
            if !is_first {
                c = self.skip_comma(c)?;
            }
        }
        let Some(scope) = self.scopes.last().filter(|scope| !scope.is_array) else {
            let token = self.value(c)?;
            self.open(token)?;
            return Ok(Some(token));
        };
        debug_assert!(!scope.is_array);
        if c != b'"' {
            // AWS's answers point at the character itself here, unlike everywhere else.
            let message = unexpected(self.last_char(), "was expecting double-quote to start field name");
            return Err(self.error_at(self.last_char_start(), message));
        }
        self.name = self.quoted("name")?;
        c = self.skip_colon()?;
        self.ahead = Some(self.value(c)?);
        Ok(Some(Token::FieldName))
    }

    fn open(&mut self, token: Token) -> Result<(), JsonError> {
        if !matches!(token, Token::StartObject | Token::StartArray) {
            return Ok(());
        }
        if self.scopes.len() >= DEPTH_LIMIT {
            return Err(self.error(format_args!(
                "Document nesting depth ({}) exceeds the maximum allowed ({DEPTH_LIMIT}, from `StreamReadConstraints.getMaxNestingDepth()`)",
                DEPTH_LIMIT + 1
            )));
        }
        self.scopes.push(Scope { is_array: token == Token::StartArray, start: self.start, is_empty: true });
        Ok(())
    }

    fn close(&mut self, c: u8) -> Result<Token, JsonError> {
        let is_array = c == b']';
        match self.scopes.last() {
            Some(scope) if scope.is_array == is_array => {
                self.scopes.pop();
                Ok(if is_array { Token::EndArray } else { Token::EndObject })
            }
            scope => {
                let start = scope.map_or_else(|| Place::root(self.text), |scope| Place::of(self.text, scope.start));
                Err(self.error(format_args!(
                    "Unexpected close marker '{}': expected '{}' (for {} starting at {start})",
                    char::from(c),
                    if is_array { '}' } else { ']' },
                    self.scope_name()
                )))
            }
        }
    }

    fn at_end(&self) -> Result<Option<Token>, JsonError> {
        match self.scopes.last() {
            None => Ok(None),
            Some(scope) => Err(self.error(format_args!(
                "Unexpected end-of-input: expected close marker for {} (start marker at {})",
                self.scope_name(),
                Place::of(self.text, scope.start)
            ))),
        }
    }

    fn scope_name(&self) -> &'static str {
        match self.scopes.last() {
            None => "root",
            Some(Scope { is_array: true, .. }) => "Array",
            Some(Scope { is_array: false, .. }) => "Object",
        }
    }

    // Single characters.

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.pos).copied()
    }

    /// The next character's first byte; all its bytes are read.
    fn take(&mut self) -> Option<u8> {
        let first = self.peek()?;
        self.pos += if first < 0x80 { 1 } else { self.text[self.pos..].chars().next().map_or(1, char::len_utf8) };
        Some(first)
    }

    fn last_char_start(&self) -> usize {
        self.pos - self.last_char().len_utf8()
    }

    fn last_char(&self) -> char {
        self.text[..self.pos].chars().next_back().unwrap_or(' ')
    }

    fn unexpected<T>(&self, comment: &str) -> Result<T, JsonError> {
        Err(self.error(unexpected(self.last_char(), comment)))
    }

    fn unexpected_in_number<T>(&self, c: char, comment: &str) -> Result<T, JsonError> {
        Err(self.error(format_args!("Unexpected character ({}) in numeric value: {comment}", described(c))))
    }

    /// Passes over blanks and takes the character behind them.
    fn skip_blanks(&mut self) -> Result<Option<u8>, JsonError> {
        loop {
            match self.take() {
                None => return Ok(None),
                Some(b' ' | b'\t' | b'\n' | b'\r') => {}
                Some(b'/') => {
                    return self.unexpected(
                        "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)",
                    );
                }
                Some(c) if c < b' ' => {
                    return Err(self.error(format_args!(
                        "Illegal character ({}): only regular white space (\\r, \\n, \\t) is allowed between tokens",
                        described(char::from(c))
                    )));
                }
                Some(c) => return Ok(Some(c)),
            }
        }
    }

    fn skip_blanks_within(&mut self) -> Result<u8, JsonError> {
        match self.skip_blanks()? {
            Some(c) => Ok(c),
            None => {
                Err(self.error(format_args!("Unexpected end-of-input within/between {} entries", self.scope_name())))
            }
        }
    }

    fn skip_comma(&mut self, c: u8) -> Result<u8, JsonError> {
        if c != b',' {
            return self.unexpected(&format!("was expecting comma to separate {} entries", self.scope_name()));
        }
        self.skip_blanks_within()
    }

    fn skip_colon(&mut self) -> Result<u8, JsonError> {
        if self.skip_blanks_within()? != b':' {
            return self.unexpected("was expecting a colon to separate field name and value");
        }
        self.skip_blanks_within()
    }

    // Values.

    /// What the character just taken begins.
    fn value(&mut self, c: u8) -> Result<Token, JsonError> {
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

    // Texts.

    fn finish_string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.is_unfinished = false;
        self.quoted("string value")
    }

    /// A text whose first quote was taken, to behind its last.
    fn quoted(&mut self, what: &str) -> Result<Cow<'a, str>, JsonError> {
        let start = self.pos;
        let bytes = self.text.as_bytes();
        let mut is_escaped = false;
        loop {
            match bytes.get(self.pos) {
                None if what == "name" => return Err(self.error("Unexpected end-of-input in field name")),
                None => {
                    return Err(self.error("Unexpected end-of-input: was expecting closing quote for a string value"));
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    is_escaped = true;
                    self.pos += 1;
                    self.escape()?;
                }
                Some(&c) if c < b' ' => {
                    // A line break within a text begins no line.
                    let place = Place::of(self.text, self.pos).one_on();
                    self.pos += 1;
                    let c = described(char::from(c));
                    return Err(JsonError {
                        text: format!(
                            "Illegal unquoted character ({c}): has to be escaped using backslash to be included in {what}\n at {place}"
                        ),
                    });
                }
                Some(_) => self.pos += 1,
            }
        }
        let quoted = &self.text[start..self.pos];
        self.pos += 1;
        Ok(if is_escaped { Cow::Owned(unescaped(quoted)) } else { Cow::Borrowed(quoted) })
    }

    /// Checks an escape whose backslash was taken.
    fn escape(&mut self) -> Result<(), JsonError> {
        match self.take() {
            Some(b'"' | b'/' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => {
                for _ in 0..4 {
                    match self.take() {
                        None => return Err(self.error("Unexpected end-of-input in character escape sequence")),
                        Some(c) if c.is_ascii_hexdigit() => {}
                        Some(_) => return self.unexpected("expected a hex-digit for character escape sequence"),
                    }
                }
                Ok(())
            }
            Some(_) => Err(self.error(format_args!("Unrecognized character escape {}", described(self.last_char())))),
            None => Err(self.error("Unexpected end-of-input in character escape sequence")),
        }
    }
}

fn unexpected(c: char, comment: &str) -> String {
    format!("Unexpected character ({}): {comment}", described(c))
}

fn described(c: char) -> String {
    // Java looks at one UTF-16 unit.
    let unit = c.encode_utf16(&mut [0; 2])[0];
    match unit {
        _ if c.is_control() => format!("(CTRL-CHAR, code {unit})"),
        0..=255 => format!("'{c}' (code {unit})"),
        _ => format!("'{c}' (code {unit} / 0x{unit:x})"),
    }
}

/// Java's `Character.isJavaIdentifierPart`, near enough.
fn is_identifier_part(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '_' | '$' | '¢' | '£' | '¤' | '¥' | '€' | '\u{0}'..='\u{8}' | '\u{e}'..='\u{1b}' | '\u{7f}'..='\u{9f}')
}

/// What the inside of a JSON text says, its escapes being right. What is no escape stays as it is.
pub(crate) fn unescaped(quoted: &str) -> String {
    let mut out = Vec::with_capacity(quoted.len());
    unescape(quoted.as_bytes(), &mut out);
    // Whole characters go in and out.
    String::from_utf8(out).unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into_owned())
}

/// Appends what the inside of a JSON text says.
pub(crate) fn unescape(quoted: &[u8], out: &mut Vec<u8>) {
    let mut rest = quoted;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let Some(&kind) = rest.get(at + 1) else { break };
        rest = &rest[at + 2..];
        match kind {
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let (c, length) = match (hex(rest), rest.get(4..6), rest.get(6..).and_then(hex)) {
                    (Some(high @ 0xd800..0xdc00), Some(b"\\u"), Some(low @ 0xdc00..0xe000)) => {
                        (char::from_u32(0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00))), 10)
                    }
                    (Some(unit), ..) => (char::from_u32(unit), 4),
                    (None, ..) => (None, 0),
                };
                out.extend_from_slice(c.unwrap_or('?').encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[length..];
            }
            c => out.push(c),
        }
    }
    out.extend_from_slice(rest);
}

/// The four hexadecimal digits that it begins with.
fn hex(digits: &[u8]) -> Option<u32> {
    digits.get(..4)?.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}
