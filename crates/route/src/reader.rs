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
mod texts;
mod values;

use place::Place;
pub(crate) use texts::unescape;

/// As Jackson's `StreamReadConstraints` have it; also what EventBridge allows an event.
pub(crate) const DEPTH_LIMIT: usize = 1000;

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
