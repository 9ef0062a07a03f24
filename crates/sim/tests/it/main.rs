//! What made-up accounts promise: they are like real ones, they are what the seed says, and the truth is true.

mod fidelity;
mod laws;
mod truth;
