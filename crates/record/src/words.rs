//! The smallest words: numbers, lengths of time, names cut to what a reader needs, outside text made harmless.

use crate::insight::{Attribute, Attribution, Difference, Share};
use crate::names::{AccountId, EventSource};
use crate::time::{Minute, Minutes};

/// Whether a terminal or a reader could be fooled by it: control characters, line ends, what cannot be seen, and what changes the
/// direction of what follows. All of them are below U+10000.
pub fn is_misleading(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Outside text with all that is [misleading](is_misleading) made visible.
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        match is_misleading(letter) {
            // `\n`, and `\u{202e}`.
            true => clean.extend(letter.escape_default()),
            false => clean.push(letter),
        }
    }
    clean
}

/// A whole number with thousands separators: `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number to three significant digits: `12,300`, `52.6`, `0.1`; below one thousandth only that it is.
pub fn figure(number: f64) -> String {
    if number.is_nan() {
        return "unknown".to_owned();
    }
    if number < 0.0 {
        return format!("−{}", figure(-number));
    }
    if number.is_infinite() {
        return "∞".to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    if number < 0.001 {
        return "under 0.001".to_owned();
    }
    let digits = if number < 0.1 { 1 } else { 2 };
    let rounded: f64 = format!("{number:.digits$e}").parse().unwrap_or(number);
    if (1000.0..1e15).contains(&rounded) {
        return count(rounded as u64);
    }
    rounded.to_string()
}

/// `14×`; above a thousand only that it is.
pub fn times(ratio: f64) -> String {
    if ratio > 1000.0 { "over 1,000×".to_owned() } else { format!("{}×", figure(ratio)) }
}

/// `96%`, `3.7%`, `<0.1%`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        _ if !percent.is_finite() => "unknown".to_owned(),
        _ if percent == 0.0 => "0%".to_owned(),
        ..0.1 => "<0.1%".to_owned(),
        ..9.95 => format!("{}%", (percent * 10.0).round() / 10.0),
        // All but a few is not all.
        _ if percent < 100.0 => format!("{}%", percent.round().min(99.0)),
        _ => format!("{}%", percent.round()),
    }
}

/// `1 call`, `2 calls`; only `1` is one.
pub fn plural(number: &str, noun: &str) -> String {
    if number == "1" { format!("{number} {noun}") } else { format!("{number} {noun}s") }
}

/// `1 is`, `0.1 are`, `none is`.
pub fn are(number: &str) -> String {
    match number {
        "0" => "none is".to_owned(),
        "1" => "1 is".to_owned(),
        _ => format!("{number} are"),
    }
}

/// `0 to 1`, or the one number if both ends are the same.
pub fn range(low: f64, high: f64) -> String {
    let (low, high) = (figure(low), figure(high));
    if low == high { low } else { format!("{low} to {high}") }
}

/// `45 min`, `3 h 20 min`, `2 d 4 h`.
pub fn duration(length: Minutes) -> String {
    let minutes = length.0.max(0);
    let (days, hours) = (minutes / 1440, minutes / 60 % 24);
    match (days, hours, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// `2026-02-12 14:03`.
pub fn clock(minute: Minute) -> String {
    minute.to_string().replacen('T', " ", 1).chars().take(16).collect()
}

/// `12 Feb`.
pub fn day(minute: Minute) -> String {
    match jiff::Timestamp::from_second(minute.seconds()) {
        Ok(at) => at.strftime("%-d %b").to_string(),
        Err(_) => minute.to_string(),
    }
}

/// `ec2` for `ec2.amazonaws.com`.
pub fn service(source: &EventSource) -> String {
    clean(source.as_str().strip_suffix(".amazonaws.com").unwrap_or(source.as_str()))
}

/// The first letter made large.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A value as a reader needs it: an ARN without what is the same for all (`user/alice`), the account only where it is
/// another one; a call without error says so.
pub fn short_value(attribute: Attribute, value: &str, account: &AccountId) -> String {
    if value == "null" {
        return if attribute == Attribute::ErrorCode { "no error" } else { "none" }.to_owned();
    }
    if attribute != Attribute::UserIdentityArn {
        return clean(value);
    }
    let mut parts = value.splitn(6, ':');
    let is_arn = parts.next() == Some("arn");
    match (is_arn, parts.nth(3), parts.next()) {
        (true, Some(owner), Some(name)) if owner == account.as_str() => clean(name),
        (true, Some(owner), Some(name)) if !owner.is_empty() => format!("{} of account {}", clean(name), clean(owner)),
        _ => clean(value),
    }
}

/// How loud an insight is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Once in ten months on any API of the account, or rarer.
    High,
    /// Once in two months.
    Medium,
    /// Oftener.
    Low,
}

/// How loud an insight is shown, by how rare it is in its account.
pub fn level(account_rarity: f64) -> Level {
    match account_rarity {
        1.0.. => Level::High,
        0.3.. => Level::Medium,
        _ => Level::Low,
    }
}

/// An attribute as a reader calls it.
pub fn label(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::UserIdentityArn => "User identity",
        Attribute::UserAgent => "User agent",
        Attribute::ErrorCode => "Error code",
        Attribute::SourceIpAddress => "Source IP address",
        Attribute::AccessKeyId => "Access key",
        Attribute::SessionName => "Session name",
        Attribute::InvokedBy => "Invoked by",
        Attribute::Resource => "Resource",
    }
}

/// Who most likely did it: the most telling identity, or else the most frequent; with its share.
pub fn who(differences: &[Difference], attributions: &[Attribution], attribute: Attribute) -> Option<(String, f64)> {
    if let Some(different) = differences.iter().find(|difference| difference.attribute == attribute) {
        return Some((different.value.clone(), different.share));
    }
    let told = attributions.iter().find(|told| told.attribute == attribute)?;
    most_frequent(&told.insight, told.insight_other)
}

/// The value that most of the calls before had, and its share of them: of a decrease, who is missing most likely.
pub fn who_before(attributions: &[Attribution], attribute: Attribute) -> Option<(String, f64)> {
    let told = attributions.iter().find(|told| told.attribute == attribute)?;
    most_frequent(&told.baseline, told.baseline_other)
}

fn most_frequent(values: &[Share], other: u64) -> Option<(String, f64)> {
    let all = values.iter().map(|share| share.calls).sum::<u64>() + other;
    let first = values.first()?;
    Some((first.value.clone(), first.calls as f64 / all.max(1) as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let said: Vec<String> =
            [0.0, 0.000_2, 0.001_26, 0.1, 0.1004, 1.0, 3.7712, 52.64, 999.6, 12_345.6, f64::INFINITY]
                .iter()
                .map(|number| figure(*number))
                .collect();
        assert_eq!(said, ["0", "under 0.001", "0.0013", "0.1", "0.1", "1", "3.77", "52.6", "1,000", "12,300", "∞"]);
        assert_eq!([count(7), count(1234), count(1_234_567)], ["7", "1,234", "1,234,567"]);
        assert_eq!(
            [percent(0.0), percent(0.0004), percent(0.037), percent(0.9999), percent(1.0)],
            ["0%", "<0.1%", "3.7%", "99%", "100%"]
        );
        assert_eq!(
            [duration(Minutes(1)), duration(Minutes(200)), duration(Minutes(120)), duration(Minutes(3130))],
            ["1 min", "3 h 20 min", "2 h", "2 d 4 h"]
        );
    }

    #[test]
    fn names_are_cut_to_what_a_reader_needs() {
        let account = AccountId::from("111122223333");
        let short = |value| short_value(Attribute::UserIdentityArn, value, &account);
        assert_eq!(short("arn:aws:iam::111122223333:user/alice"), "user/alice");
        assert_eq!(short("arn:aws:sts::999900001111:assumed-role/x"), "assumed-role/x of account 999900001111");
        assert_eq!(short("AIDAEXAMPLE"), "AIDAEXAMPLE");
        assert_eq!(short("null"), "none");
        assert_eq!(short_value(Attribute::UserAgent, "a\u{1b}[31m\n", &account), "a\\u{1b}[31m\\n");
    }
}
