//! `regexp_replace(text, expression, groups -> text)`, which is `regexp_replace_each` here: DataFusion's has no lambda.
//!
//! The lambda is given what the groups of each place found: not the whole of it. Where it gives NULL, all is NULL.
//! <https://trino.io/docs/current/functions/regexp.html#regexp_replace>

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder, UInt32Array};
use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::HigherOrderUDF;

use super::super::regexps::Expressions;
use super::super::typed::list_of;
use super::super::{each_text, text_at, texts_of};
use super::{Call, MOST_BYTES, OfLambdas, signature};
use crate::wanted::{ask, too_much};

/// What a place, or a group, takes besides its text.
const PLACE_BYTES: usize = 24;

pub(super) fn function() -> HigherOrderUDF {
    HigherOrderUDF::from(OfLambdas {
        name: "regexp_replace_each",
        takes: |_, _| Ok(vec![DataType::Utf8; 2]),
        parameters: |_, _| Ok(vec![Some(vec![list_of(DataType::Utf8)])]),
        gives: |_, lambdas| match &lambdas[0] {
            of if of.is_string() || of.is_null() => Ok(DataType::Utf8),
            other => plan_err!("regexp_replace takes a lambda that gives a text, and this one gives a {other}"),
        },
        batch: replace,
        signature: signature(2, 1),
    })
}

fn replace(call: &Call<'_>) -> Result<ArrayRef> {
    let (texts, written) = (texts_of(&call.values[0]), texts_of(&call.values[1]));
    let mut expressions = Expressions::new(&call.values[1]);
    let mut groups = ListBuilder::new(StringBuilder::new());
    let (mut places, mut rows, mut bytes): (Vec<Range<usize>>, Vec<u32>, usize) = (Vec::new(), Vec::new(), 0);
    for row in 0..call.rows {
        let (Some(text), Some(expression)) = (text_at(texts, row), expressions.at(row)?) else { continue };
        for found in expression.captures_iter(text) {
            ask()?;
            let mut all = found.iter();
            let Some(whole) = all.next().flatten() else { continue };
            for group in all {
                bytes += PLACE_BYTES + group.map_or(0, |group| group.len());
                groups.values().append_option(group.map(|group| group.as_str()));
            }
            bytes += PLACE_BYTES;
            if bytes > MOST_BYTES {
                return too_much("regexp_replace finds too much in a batch: filter the texts first");
            }
            groups.append(true);
            places.push(whole.range());
            rows.push(row as u32);
        }
    }
    let groups: ArrayRef = Arc::new(groups.finish());
    let put = call.evaluate(0, &[groups], &UInt32Array::from(rows.clone()), &DataType::Utf8)?;
    let put = texts_of(&put);
    let mut found = rows.iter().zip(places).enumerate().peekable();
    Ok(each_text(call.rows, |row| {
        let text = text_at(texts, row)?;
        text_at(written, row)?;
        let (mut out, mut copied, mut is_null) = (String::with_capacity(text.len()), 0, false);
        while let Some((at, (_, place))) = found.next_if(|(_, (of, _))| **of as usize == row) {
            out.push_str(&text[copied..place.start]);
            copied = place.end;
            match text_at(put, at) {
                Some(put) => out.push_str(put),
                None => is_null = true,
            }
        }
        out.push_str(&text[copied..]);
        (!is_null).then_some(out)
    }))
}
