//! Templates: JSON text with holes, compiled once, filled in for every record.

use std::fmt::Write as _;

use crate::dice::{Dice, mix};
use crate::words::{CAPITALS, Place, capitals, hex, uuid};

/// Text and the holes in it.
#[derive(Debug, Default)]
pub(crate) struct Template {
    text: Vec<u8>,
    /// Where in the text, and what belongs there.
    holes: Vec<(u32, Hole)>,
}

/// What is new in every record.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hole {
    /// A fresh UUID.
    Uuid,
    /// The record's request id.
    Request,
    /// Fresh hexadecimal digits.
    Hex(u16),
    /// Eight digits, the same all over the record.
    Name,
    /// An opaque token.
    Base64(u16),
    /// Fresh capitals and digits.
    Capitals(u16),
    /// `2026-02-12T14:30:25Z`
    Time,
    /// `Feb 12, 2026, 2:30:25 PM`
    LongDate,
    Epoch,
    EpochMilliseconds,
    /// When the caller's session began.
    SessionStart,
}

/// What the holes of one record are filled from.
pub(crate) struct Filling {
    pub at: i64,
    pub dice: Dice,
    /// The request id, as it was drawn.
    pub request: [u64; 2],
    pub is_s3: bool,
}

impl Template {
    /// Compiles text with `<words>`; those that are an account's things are looked up now.
    pub(crate) fn compile(text: &str, place: &Place) -> Template {
        let mut template = Template::default();
        let mut numbers = Dice::of(place.choice, &[11]);
        let mut rest = text;
        while let Some(open) = rest.find('<') {
            let close = open + rest[open..].find('>').expect("templates: `<` is closed");
            template.text.extend_from_slice(&rest.as_bytes()[..open]);
            let word = &rest[open + 1..close];
            rest = &rest[close + 1..];
            match hole(word) {
                Some(hole) => template.holes.push((template.text.len() as u32, hole)),
                None => template.text.extend_from_slice(fixed(word, place, &mut numbers).as_bytes()),
            }
        }
        template.text.extend_from_slice(rest.as_bytes());
        template
    }

    /// Writes the text with its holes filled.
    pub(crate) fn fill(&self, filling: &mut Filling, out: &mut Vec<u8>) {
        let mut from = 0;
        for &(at, hole) in &self.holes {
            out.extend_from_slice(&self.text[from..at as usize]);
            from = at as usize;
            match hole {
                Hole::Uuid => write_uuid([filling.dice.bits(), filling.dice.bits()], out),
                Hole::Request if filling.is_s3 => write_capitals(&mut Dice::new(filling.request[0]), 16, out),
                Hole::Request => write_uuid(filling.request, out),
                Hole::Hex(digits) => write_hex(&mut filling.dice, digits, out),
                Hole::Name => write_hex(&mut Dice::new(filling.request[1]), 8, out),
                Hole::Base64(letters) => write_base64(&mut filling.dice, letters, out),
                Hole::Capitals(letters) => write_capitals(&mut filling.dice, letters, out),
                Hole::Time => write_time(filling.at, out),
                Hole::LongDate => write_long_date(filling.at, out),
                Hole::Epoch => write_number(filling.at as u64, out),
                Hole::EpochMilliseconds => write_number(filling.at as u64 * 1000 + filling.dice.bits() % 1000, out),
                // Sessions last for some hours: they began in the hour before, at the caller's minute.
                Hole::SessionStart => {
                    write_time(filling.at.div_euclid(3600) * 3600 - 1 - (from as i64 * 7) % 3000, out)
                }
            }
        }
        out.extend_from_slice(&self.text[from..]);
    }
}

/// The hole that this word stands for.
fn hole(word: &str) -> Option<Hole> {
    let number = |prefix: &str| word.strip_prefix(prefix).and_then(|digits| digits.parse::<u16>().ok());
    match word {
        "uuid" => Some(Hole::Uuid),
        "req" => Some(Hole::Request),
        "hex8" => Some(Hole::Name),
        "time" => Some(Hole::Time),
        "awsdate" => Some(Hole::LongDate),
        "epoch" => Some(Hole::Epoch),
        "epochms" => Some(Hole::EpochMilliseconds),
        "session" => Some(Hole::SessionStart),
        _ => number("hex").map(Hole::Hex).or(number("b64:").map(Hole::Base64)).or(number("id").map(Hole::Capitals)),
    }
}

/// What a word stands for once and for all.
fn fixed(word: &str, place: &Place, numbers: &mut Dice) -> String {
    if let Some(thing) = place.word(word) {
        return thing;
    }
    let length = |prefix: &str| {
        word.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(':')).and_then(|digits| digits.parse().ok())
    };
    // A variable part that stays: few of them an account, whatever the template.
    let mut few = Dice::of(mix(place.account_seed, place.choice % 5), &[crate::words::text_seed(word)]);
    match word {
        "sensitiveDataRemoved" => format!("<{word}>"), // AWS's own words
        "n" => (2 + numbers.below(97)).to_string(),
        "uuid:" => uuid(&mut few),
        _ => match (length("hex"), length("id")) {
            (Some(digits), _) => hex(&mut few, digits),
            (_, Some(letters)) => capitals(&mut few, letters),
            _ => panic!("templates: nobody knows what <{word}> is"),
        },
    }
}

static HEX_PAIRS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
};

pub(crate) fn write_uuid(bits: [u64; 2], out: &mut Vec<u8>) {
    let high = bits[0].to_be_bytes();
    let low = bits[1].to_be_bytes();
    let mut text = [b'-'; 36];
    let mut at = 0;
    for (place, byte) in high.iter().chain(&low).enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at..at + 2].copy_from_slice(&HEX_PAIRS[*byte as usize]);
        at += 2;
    }
    (text[14], text[19]) = (b'4', b"89ab"[(bits[1] >> 62) as usize]);
    out.extend_from_slice(&text);
}

fn write_hex(dice: &mut Dice, digits: u16, out: &mut Vec<u8>) {
    let mut left = digits as usize;
    while left > 0 {
        for byte in dice.bits().to_be_bytes() {
            let now = left.min(2);
            out.extend_from_slice(&HEX_PAIRS[byte as usize][..now]);
            left -= now;
            if left == 0 {
                break;
            }
        }
    }
}

fn write_letters<const BITS: u32>(letters: &[u8], dice: &mut Dice, count: u16, out: &mut Vec<u8>) {
    let mask = (1usize << BITS) - 1;
    let mut left = count;
    while left > 0 {
        let mut bits = dice.bits();
        for _ in 0..left.min((64 / BITS) as u16) {
            out.push(letters[bits as usize & mask]);
            bits >>= BITS;
            left -= 1;
        }
    }
}

fn write_base64(dice: &mut Dice, count: u16, out: &mut Vec<u8>) {
    write_letters::<6>(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", dice, count, out);
}

fn write_capitals(dice: &mut Dice, count: u16, out: &mut Vec<u8>) {
    write_letters::<5>(CAPITALS, dice, count, out);
}

fn write_number(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let (mut at, mut left) = (20, number);
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Year, month, day of a day since 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn civil(day: i64) -> (i64, u8, u8) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u8, (day_of_year - (153 * shifted + 2) / 5 + 1) as u8)
}

pub(crate) fn write_time(at: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil(at.div_euclid(86_400));
    let second = at.rem_euclid(86_400) as u32;
    let mut text = *b"0000-00-00T00:00:00Z";
    let mut two = |at: usize, number: u32| {
        text[at] = b'0' + (number / 10 % 10) as u8;
        text[at + 1] = b'0' + (number % 10) as u8;
    };
    two(0, year as u32 / 100);
    two(2, year as u32 % 100);
    two(5, month.into());
    two(8, day.into());
    two(11, second / 3600);
    two(14, second / 60 % 60);
    two(17, second % 60);
    out.extend_from_slice(&text);
}

fn write_long_date(at: i64, out: &mut Vec<u8>) {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = civil(at.div_euclid(86_400));
    let second = at.rem_euclid(86_400);
    let (hour, half) = (second / 3600, if second < 43_200 { "AM" } else { "PM" });
    let mut text = String::with_capacity(28);
    let (month, hour, minute) = (months[month as usize - 1], (hour + 11) % 12 + 1, second / 60 % 60);
    write!(text, "{month} {day}, {year}, {hour}:{minute:02}:{:02} {half}", second % 60).expect("a String takes all");
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(choice: u64) -> Place<'static> {
        Place { account: "111122223333", account_seed: 5, region: "us-east-1", region_index: 0, choice }
    }

    fn filled(text: &str, seed: u64) -> String {
        let mut out = Vec::new();
        let mut filling = Filling { at: 1_770_906_625, dice: Dice::new(seed), request: [seed, seed], is_s3: false };
        Template::compile(text, &place(1)).fill(&mut filling, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn holes_are_fresh_and_words_stay() {
        assert_eq!(filled("at <time>, <awsdate>", 1), "at 2026-02-12T14:30:25Z, Feb 12, 2026, 2:30:25 PM");
        assert_eq!(filled("<bucket> <n> <hex17:>", 1), filled("<bucket> <n> <hex17:>", 2));
        assert_ne!(filled("<uuid>", 1), filled("<uuid>", 2));
        assert_eq!(filled("<uuid>", 1).len(), 36);
        assert_eq!(filled("<b64:76>", 1).len(), 76);
        let name = filled("<hex8>/<hex8>", 3);
        assert_eq!(name[..8], name[9..], "a new thing has one name in one record");
    }

    #[test]
    fn every_template_of_the_catalogue_is_json() {
        for api in &crate::catalogue::CATALOGUE.apis {
            for text in [api.request, api.response, api.resources] {
                let text = if text.is_empty() { "[]" } else { text };
                let parsed = serde_json::from_str::<serde_json::Value>(&filled(text, 9));
                assert!(parsed.is_ok(), "{}: {parsed:?}\n{text}", api.name);
            }
        }
    }
}
