//! Numbers as EventBridge compares them: as doubles, but only those that a double can hold.

/// The number that a JSON number stands for, if it can be compared: its value must be what the nearest double is written as
/// in its shortest form. So `0.1` can, `0.1000000000000000055` and `1e400` cannot. `-0` is 0.
pub(crate) fn comparable(number: &[u8]) -> Option<f64> {
    nearest(number).filter(|value| is_written_as(*value, number))
}

/// The double that is nearest to a JSON number; none for what is no number, or too large.
pub(crate) fn nearest(number: &[u8]) -> Option<f64> {
    if !matches!(number, [b'-' | b'0'..=b'9', ..]) {
        return None;
    }
    let value: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
    // Of the two zeros, the one without a sign.
    value.is_finite().then_some(value + 0.0)
}

/// Whether a number has the value of the shortest form of the double that is nearest to it.
pub(crate) fn is_written_as(nearest: f64, number: &[u8]) -> bool {
    // Most numbers are short and written without an exponent.
    if number.len() <= 15 && memchr::memchr2(b'e', b'E', number).is_none() {
        return true;
    }
    let Some(wanted) = std::str::from_utf8(number).ok().and_then(Decimal::of) else { return false };
    if wanted.digits == 0 {
        return true;
    }
    Decimal::of(ryu::Buffer::new().format_finite(nearest)) == Some(wanted)
}

/// A decimal number without its sign: digits × 10^exponent, without zeros at the end. No more than 19 digits: a double's
/// shortest form has 17 at most.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Decimal {
    digits: u64,
    exponent: i64,
}

/// 10, 100, 1,000 …
const TENS: [u64; 19] = {
    let mut tens = [10; 19];
    let mut i = 1;
    while i < tens.len() {
        tens[i] = tens[i - 1] * 10;
        i += 1;
    }
    tens
};

impl Decimal {
    fn of(number: &str) -> Option<Decimal> {
        let (mut digits, mut exponent) = (0_u64, 0_i64);
        // Zeros that are only counted once another digit comes.
        let mut zeros = 0;
        let mut is_fraction = false;
        for (at, byte) in number.bytes().enumerate() {
            match byte {
                b'0' => {
                    zeros += usize::from(digits > 0);
                    exponent += i64::from(!is_fraction && digits > 0) - i64::from(is_fraction && digits == 0);
                }
                b'1'..=b'9' => {
                    let tens = *TENS.get(zeros)?;
                    digits = digits.checked_mul(tens)?.checked_add(u64::from(byte - b'0'))?;
                    exponent -= zeros as i64 + i64::from(is_fraction);
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
