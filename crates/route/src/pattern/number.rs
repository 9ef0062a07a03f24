//! Numbers as EventBridge compares them: as doubles, but only those that a double can hold.

/// The number that a JSON number stands for, if it can be compared: its value must be what the nearest double is written as
/// in its shortest form. So `0.1` can, `0.1000000000000000055` and `1e400` cannot. `-0` is 0.
pub(crate) fn comparable(number: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(number).ok()?;
    if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return None;
    }
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    // Most numbers are short and written without an exponent.
    if text.len() <= 15 && !text.contains(['e', 'E']) {
        return Some(value + 0.0);
    }
    let wanted = Decimal::of(text)?;
    if wanted.digits.is_empty() {
        return Some(0.0);
    }
    // A double tells all decimals of up to 15 digits apart.
    let is_short = wanted.digits.len() <= 15 && (-280..280).contains(&wanted.exponent);
    (is_short || Decimal::shortest(value).is_some_and(|shortest| shortest == wanted)).then_some(value)
}

/// A decimal number without its sign: 0.digits × 10^exponent, no zero at either end.
#[derive(PartialEq)]
struct Decimal {
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// The shortest form of a double, as Java has it: where two are as near, the one with the even last digit.
    fn shortest(value: f64) -> Option<Decimal> {
        let length = Decimal::of(&format!("{value:e}"))?.digits.len();
        // Rounds a tie to the even digit, where `{:e}` rounds it up.
        Decimal::of(&format!("{value:.*e}", length.saturating_sub(1)))
    }

    fn of(number: &str) -> Option<Decimal> {
        let (mantissa, exponent) = match number.find(['e', 'E']) {
            Some(at) => (&number[..at], number[at + 1..].parse::<i32>().ok()?),
            None => (number, 0),
        };
        let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = digits.iter().take_while(|digit| **digit == b'0').count();
        let trailing = digits[leading..].iter().rev().take_while(|digit| **digit == b'0').count();
        Some(Decimal {
            exponent: i64::from(exponent) + whole.len() as i64 - leading as i64,
            digits: digits[leading..digits.len() - trailing].to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::comparable;

    #[test]
    fn only_what_a_double_is_written_as_can_be_compared() {
        for (number, value) in [
            ("5", 5.0),
            ("-0.0", 0.0),
            ("0e5", 0.0),
            ("3.018e2", 301.8),
            ("245.0", 245.0),
            ("1E-320", 1e-320),
            ("123456789012", 123_456_789_012.0),
            ("27.807807921694092", 27.807_807_921_694_092),
            // Halfway between two forms: the even one.
            ("1000000000000000.2", 1e15 + 0.25),
        ] {
            assert_eq!(comparable(number.as_bytes()), Some(value), "{number}");
        }
        for number in [
            "1e309",
            "2.0e422",
            "1E-325",
            "1000000000000000.3",
            "0.1000000000000000055",
            "9007199254740993",
            "true",
            "null",
            "1e99999999999",
        ] {
            assert_eq!(comparable(number.as_bytes()), None, "{number}");
        }
    }
}
