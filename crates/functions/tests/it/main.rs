//! Functions, run for real: what they return and log, how they fail, and what they cannot do, however they try.

mod archives;
mod bounds;
mod door;
mod hostile;
mod invocations;
mod other_runtimes;
