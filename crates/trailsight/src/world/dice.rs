//! Dice of this machine: the system's own source of randomness.

/// The machine's dice.
#[derive(Clone, Copy, Debug)]
pub struct SystemDice;

impl server::world::Dice for SystemDice {
    #[expect(clippy::disallowed_methods, reason = "these are the dice that are plugged in")]
    fn bits(&self) -> u128 {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("every system that this runs on has a source of randomness");
        u128::from_ne_bytes(bytes)
    }
}
