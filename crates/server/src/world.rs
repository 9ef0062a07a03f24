//! What lies outside, as small traits. The binary plugs the real things in, tests plug in what they can turn and break.

/// The clock.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> jiff::Timestamp;
}

/// Dice.
pub trait Dice: Send + Sync {
    /// 128 bits that nobody can guess.
    fn bits(&self) -> u128;

    /// A version 4 UUID: `6f5c…`.
    fn uuid(&self) -> String {
        let bits = self.bits() & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        let hex = format!("{bits:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// All of it.
pub struct World {
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// Dice.
    pub dice: Box<dyn Dice>,
}
