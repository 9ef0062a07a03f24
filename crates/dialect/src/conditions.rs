//! Conditions that DataFusion reads otherwise: LIKE's escapes, flags that are held against texts, and `IN (VALUES 1, 2)`.

use sqlparser::ast::{Expr, SetExpr, Value, ValueWithSpan};

/// Columns that are flags, in small letters.
const FLAGS: &[&str] = &["managementevent", "readonly"];
/// Columns that say `true` or `false` as texts.
const SPELT_FLAGS: &[&str] = &["mfaauthenticated", "sessioncredentialfromconsole"];

/// Writes a pattern with the escape that DataFusion knows, which is `\` always: Lake has none if none is said.
pub(super) fn set_right(pattern: &mut Expr, escape: &mut Option<ValueWithSpan>) {
    let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) = pattern else { return };
    let escape_letter = match escape.as_ref().map(|escape| &escape.value) {
        None => None,
        Some(Value::SingleQuotedString(letter)) if letter.chars().count() == 1 => letter.chars().next(),
        Some(_) => return,
    };
    *escape = None;
    let mut written = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            _ if Some(letter) == escape_letter => {
                written.extend(letters.next().into_iter().flat_map(|next| ['\\', next]))
            }
            '\\' => written.push_str(r"\\"),
            _ => written.push(letter),
        }
    }
    *text = written;
}

/// `readOnly = 'true'` and `sessionCredentialFromConsole = true`, which AWS's samples have: the value is written as the column is.
pub(super) fn hold_flag_against(column: &Expr, value: &mut Expr) {
    let name = match column {
        Expr::Identifier(name) => name.value.to_lowercase(),
        Expr::CompoundIdentifier(names) => names.last().map(|name| name.value.to_lowercase()).unwrap_or_default(),
        _ => return,
    };
    let Expr::Value(ValueWithSpan { value, .. }) = value else { return };
    match value {
        Value::Boolean(flag) if SPELT_FLAGS.contains(&&*name) => *value = Value::SingleQuotedString(flag.to_string()),
        Value::SingleQuotedString(text) if FLAGS.contains(&&*name) => {
            if let Ok(flag) = text.to_lowercase().parse::<bool>() {
                *value = Value::Boolean(flag);
            }
        }
        _ => {}
    }
}

/// `x IN (VALUES 1, 2)`: a list of them.
pub(super) fn list_values(expr: &mut Expr) {
    let Expr::InSubquery { expr: of, subquery, negated } = expr else { return };
    let SetExpr::Values(values) = &*subquery.body else { return };
    let list: Option<Vec<Expr>> = values.rows.iter().map(|row| Some(row.content.first()?.clone())).collect();
    if let Some(list) = list
        && values.rows.iter().all(|row| row.content.len() == 1)
    {
        *expr = Expr::InList { expr: of.clone(), list, negated: *negated };
    }
}
