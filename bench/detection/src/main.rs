//! How good the detector is.
fn main() {}
