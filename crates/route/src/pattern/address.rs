//! IP addresses: any spelling that EventBridge takes for one, as a number.

/// An address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Address {
    V4(u32),
    V6(u128),
}

/// All addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) first: Address,
    pub(crate) last: Address,
}

impl Network {
    /// The network of `bits` bits that an address lies in.
    pub(super) fn new(address: Address, bits: u32) -> Network {
        match address {
            Address::V4(address) => {
                let host = u32::MAX.checked_shr(bits).unwrap_or(0);
                Network { first: Address::V4(address & !host), last: Address::V4(address | host) }
            }
            Address::V6(address) => {
                let host = u128::MAX.checked_shr(bits).unwrap_or(0);
                Network { first: Address::V6(address & !host), last: Address::V6(address | host) }
            }
        }
    }

    pub(crate) fn contains(&self, address: Address) -> bool {
        // Of the two kinds all of one come before all of the other.
        self.first <= address && address <= self.last
    }
}

/// Whether a text is made of what addresses are made of: four numbers with dots, or hexadecimal digits and colons.
pub(super) fn looks_like_one(text: &[u8]) -> bool {
    let mut numbers = text.split(|b| *b == b'.');
    let is_v4 = numbers.clone().count() == 4 && numbers.all(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit));
    is_v4 || text.contains(&b':') && text.iter().all(|b| b.is_ascii_hexdigit() || *b == b':')
}

impl Address {
    /// Reads an address as Java's `InetAddress` does: numbers may have leading zeros (they stay decimal), and an IPv4 address
    /// mapped to IPv6 is the IPv4 address.
    pub(crate) fn parse(text: &[u8]) -> Option<Address> {
        match text.first()? {
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b':' => {}
            _ => return None,
        }
        if text.contains(&b':') { Address::parse_v6(text) } else { Address::parse_v4(text) }
    }

    fn parse_v4(text: &[u8]) -> Option<Address> {
        if text.len() > 15 {
            return None;
        }
        let mut address = 0;
        let mut count = 0;
        for number in text.split(|b| *b == b'.') {
            if number.is_empty() || !number.iter().all(u8::is_ascii_digit) {
                return None;
            }
            let number = number.iter().try_fold(0_u32, |value, digit| {
                Some(value * 10 + u32::from(digit - b'0')).filter(|value| *value < 256)
            })?;
            address = address << 8 | number;
            count += 1;
        }
        (count == 4).then_some(Address::V4(address))
    }

    fn parse_v6(text: &[u8]) -> Option<Address> {
        let (head, tail) = match memchr::memmem::find(text, b"::") {
            Some(at) => (&text[..at], Some(&text[at + 2..])),
            None => (text, None),
        };
        let (head, head_count) = groups(head)?;
        let address = match tail {
            None => (head_count == 8).then_some(head)?,
            Some(tail) => {
                let (tail, tail_count) = groups(tail)?;
                // `::` stands for one group of zeros at least.
                if head_count + tail_count > 7 {
                    return None;
                }
                head.checked_shl(16 * (8 - head_count)).unwrap_or(0) | tail
            }
        };
        Some(match address >> 32 {
            0xffff => Address::V4(address as u32),
            _ => Address::V6(address),
        })
    }
}

/// Groups of hexadecimal digits with single colons between, as one number, and how many there are.
fn groups(text: &[u8]) -> Option<(u128, u32)> {
    if text.is_empty() {
        return Some((0, 0));
    }
    let (mut address, mut count) = (0, 0);
    for group in text.split(|b| *b == b':') {
        if group.is_empty() || count == 8 {
            return None;
        }
        let group = group.iter().try_fold(0_u32, |value, digit| {
            Some(value << 4 | char::from(*digit).to_digit(16)?).filter(|value| *value < 0x10000)
        })?;
        address = address << 16 | u128::from(group);
        count += 1;
    }
    Some((address, count))
}
