//! What the binary is made of, so that tests and examples can use it too.

pub mod report;
