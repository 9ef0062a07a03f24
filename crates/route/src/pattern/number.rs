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
    if wanted.digits == 0 {
        return Some(0.0);
    }
    (Decimal::of(ryu::Buffer::new().format_finite(value)) == Some(wanted)).then_some(value)
}

/// A decimal number without its sign: digits × 10^exponent, without zeros at the end. No more than 19 digits: a double's
/// shortest form has 17 at most.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Decimal {
    digits: u64,
    exponent: i64,
}

impl Decimal {
    fn of(number: &str) -> Option<Decimal> {
        let (mut digits, mut exponent) = (0_u64, 0_i64);
        // Zeros that are only counted once another digit comes.
        let mut zeros = 0;
        let mut is_fraction = false;
        for (at, byte) in number.bytes().enumerate() {
            match byte {
                b'0' => {
                    zeros += u32::from(digits > 0);
                    exponent += i64::from(!is_fraction && digits > 0) - i64::from(is_fraction && digits == 0);
                }
                b'1'..=b'9' => {
                    digits = digits.checked_mul(10_u64.checked_pow(zeros + 1)?)?.checked_add(u64::from(byte - b'0'))?;
                    exponent -= i64::from(zeros) + i64::from(is_fraction);
                    zeros = 0;
                }
                b'.' => is_fraction = true,
                b'e' | b'E' => {
                    exponent += i64::from(number[at + 1..].parse::<i32>().ok()?);
                    break;
                }
                _ => {}
            }
        }
        Some(Decimal { digits, exponent })
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
