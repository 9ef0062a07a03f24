//! Casts. Trino's types within types are read here, and what a cast does otherwise in DataFusion is written as a function of ours:
//!
//! | Lake | here |
//! |---|---|
//! | `CAST(x AS array(map(varchar, json)))` | `cast_as(x, 'array(map(varchar,json))')`: of JSON, or of what is nested already |
//! | `CAST(x AS varchar)` | `as_varchar(x)`, of JSON `json_as_text(x)` |
//! | `CAST(x AS bigint)` | `cast_as(x, 'bigint')`: it rounds |
//! | `CAST(x AS json)` | `to_json(x)`; what is JSON is left |
//! | `CAST(x AS ipaddress)`, `IPADDRESS '10.0.0.1'` | `ip_address(x)`: sixteen bytes |
//!
//! <https://trino.io/docs/current/functions/json.html#cast-to-json>

use std::ops::ControlFlow;

use sqlparser::ast::{CastKind, DataType, Expr, Ident, ObjectName, Value, VisitorMut};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::expressions::{call_of, name_of, number, text};

/// What these give is JSON.
const JSON: &[&str] = &["json_array_get", "json_extract", "json_get", "json_parse", "to_json"];
/// Types whose casts are functions here, and which give NULL for what is no such thing.
const FUNCTIONS: &[(&str, &str, &str)] =
    &[("ipaddress", "ip_address", "try_ip_address"), ("ipprefix", "ip_as_prefix", "try_ip_as_prefix")];
/// Types of whole numbers.
const WHOLE: &[&str] = &["tinyint", "smallint", "int", "integer", "bigint"];
/// Types of texts.
const TEXTS: &[&str] = &["varchar", "char", "text", "string"];

/// Reads a cast, if one begins here. A type that has others within it is kept as its text.
pub(super) fn parse(parser: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
    let kind = match &parser.peek_token_ref().token {
        Token::Word(word) if word.quote_style.is_none() && is_function(&word.value) => return literal(parser),
        Token::Word(word) if word.keyword == Keyword::CAST => CastKind::Cast,
        Token::Word(word) if word.keyword == Keyword::TRY_CAST => CastKind::TryCast,
        _ => return None,
    };
    if parser.peek_nth_token_ref(1).token != Token::LParen {
        return None;
    }
    Some(parse_from(parser, kind))
}

/// `IPADDRESS '10.0.0.1'`.
fn literal(parser: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
    if !matches!(parser.peek_nth_token_ref(1).token, Token::SingleQuotedString(_)) {
        return None;
    }
    let Token::Word(word) = parser.next_token().token else { return None };
    let data_type = DataType::Custom(ObjectName::from(vec![Ident::new(word.value)]), Vec::new());
    Some(parser.parse_value().map(|value| {
        let expr = Box::new(Expr::Value(value));
        Expr::Cast { kind: CastKind::Cast, expr, data_type, array: false, format: None }
    }))
}

fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|(of, ..)| name.eq_ignore_ascii_case(of))
}

fn parse_from(parser: &mut Parser<'_>, kind: CastKind) -> Result<Expr, ParserError> {
    parser.next_token();
    parser.expect_token(&Token::LParen)?;
    let expr = Box::new(parser.parse_expr()?);
    parser.expect_keyword_is(Keyword::AS)?;
    let has_types_within = match &parser.peek_token_ref().token {
        Token::Word(word) => ["array", "map", "row"].iter().any(|nested| word.value.eq_ignore_ascii_case(nested)),
        _ => false,
    };
    let data_type = if has_types_within {
        DataType::Custom(ObjectName::from(vec![Ident::new(type_text(parser)?)]), Vec::new())
    } else {
        parser.parse_data_type()?
    };
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Cast { kind, expr, data_type, array: false, format: None })
}

/// A type, and those within it: `map(varchar, array(row(x bigint)))`.
fn type_text(parser: &mut Parser<'_>) -> Result<String, ParserError> {
    let name = parser.parse_identifier()?.value.to_lowercase();
    let within = match &*name {
        "array" => 1..=1,
        "map" => 2..=2,
        "row" => 1..=usize::MAX,
        _ => return plain_type(parser, name),
    };
    parser.expect_token(&Token::LParen)?;
    let mut types = Vec::new();
    loop {
        // A field of a row may have a name before its type.
        let names = match parser.peek_nth_token_ref(1).token {
            Token::Word(_) if name == "row" => format!("{} ", parser.parse_identifier()?.value),
            _ => String::new(),
        };
        types.push(names + &type_text(parser)?);
        if !parser.consume_token(&Token::Comma) {
            break;
        }
    }
    parser.expect_token(&Token::RParen)?;
    if !within.contains(&types.len()) {
        return Err(ParserError::ParserError(format!(
            "`{name}({})` has another number of types within",
            types.join(",")
        )));
    }
    Ok(format!("{name}({})", types.join(",")))
}

/// `varchar(10)`, `decimal(10, 2)`, `timestamp(3) with time zone`.
fn plain_type(parser: &mut Parser<'_>, name: String) -> Result<String, ParserError> {
    let mut numbers = Vec::new();
    if parser.consume_token(&Token::LParen) {
        numbers = parser.parse_comma_separated(Parser::parse_literal_uint)?;
        parser.expect_token(&Token::RParen)?;
    }
    // All moments are UTC's, and there is one type of doubles.
    let _ = parser.parse_keyword(Keyword::PRECISION)
        || parser.parse_keywords(&[Keyword::WITH, Keyword::TIME, Keyword::ZONE])
        || parser.parse_keywords(&[Keyword::WITHOUT, Keyword::TIME, Keyword::ZONE]);
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    Ok(match &*name {
        "decimal" if !numbers.is_empty() => format!("{name}({})", numbers.join(",")),
        _ => name,
    })
}

/// Writes a cast as what it is here.
pub(super) fn rewrite(expr: &mut Expr) {
    let Expr::Cast { kind, expr: of, data_type, .. } = expr else { return };
    let to: String = data_type.to_string().to_lowercase();
    if to == "varbinary" {
        *data_type = DataType::Bytea;
        return;
    }
    let (name, length) = to.split_once('(').unwrap_or((&to, ""));
    let is_json = is_json(of);
    let of = (**of).clone();
    *expr = if to == "json" {
        if is_json || matches!(&of, Expr::Value(value) if value.value == Value::Null) {
            of
        } else {
            call_of("to_json", [of])
        }
    } else if matches!(data_type, DataType::Custom(..)) && ["array", "map", "row"].contains(&name) {
        // The names of a row's fields are as they are written.
        let is_tried = (*kind != CastKind::Cast).then(|| Expr::value(Value::Boolean(true)));
        call_of("cast_as", [of, text(&data_type.to_string())].into_iter().chain(is_tried))
    } else if TEXTS.contains(&name) {
        let written = call_of(if is_json { "json_as_text" } else { "as_varchar" }, [of]);
        match length.trim_end_matches(')').parse::<u32>() {
            Ok(length) => call_of("left", [written, number(&length.to_string())]),
            Err(_) => written,
        }
    } else if let Some((_, casts, tries)) = FUNCTIONS.iter().find(|(of, ..)| *of == name) {
        call_of(if *kind == CastKind::Cast { casts } else { tries }, [of])
    } else if WHOLE.contains(&name) {
        let is_tried = Expr::value(Value::Boolean(*kind != CastKind::Cast));
        let of = if is_json { call_of("json_as_text", [of]) } else { of };
        call_of("cast_as", [of, text(name), is_tried])
    } else if is_json {
        let (kind, data_type) = (kind.clone(), data_type.clone());
        let expr = Box::new(call_of("json_as_text", [of]));
        Expr::Cast { kind, expr, data_type, array: false, format: None }
    } else {
        return;
    };
}

/// Writes casts to numbers that are not whole as functions, which have a name.
pub(super) struct Told;

impl VisitorMut for Told {
    type Break = std::convert::Infallible;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        if let Expr::Cast { kind, expr: of, data_type, .. } = expr {
            let to = data_type.to_string().to_lowercase();
            let name = to.split(['(', ' ']).next().unwrap_or_default();
            if ["double", "real", "decimal"].contains(&name) {
                let is_tried = Expr::value(Value::Boolean(*kind != CastKind::Cast));
                *expr = call_of("cast_as", [(**of).clone(), text(to.trim_end_matches(" precision")), is_tried]);
            }
        }
        ControlFlow::Continue(())
    }
}

/// Whether what stands there gives JSON.
fn is_json(expr: &Expr) -> bool {
    matches!(expr, Expr::Function(function) if name_of(function).is_some_and(|name| JSON.contains(&&*name)))
}
