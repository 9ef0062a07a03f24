//! Made-up accounts, exact from a seed: CloudTrail log files as real ones are, and the truth beside them.
//!
//! A [`Plan`] says what to make; everything else follows from it, byte for byte, on every machine:
//!
//! ```text
//! Plan ─► World: accounts, who is in them, which keys they use    (world, account, identity, lane, catalogue)
//!           └─► calls, hour by hour                               (traffic, happening)
//!                 ├─► counted as they are                         (minute_counts)
//!                 └─► cut into files as trails do it              (delivery)
//!                       └─► records, compressed, under their keys (records, log_files)
//! ```
//!
//! What real logs look like, and so what these must look like, is measured in `tests/it/fidelity.rs`.

mod account;
mod call;
mod catalogue;
pub mod counts;
mod decoy;
mod delivery;
mod dice;
pub mod faults;
mod happening;
mod identity;
mod incident;
mod lane;
mod log_files;
mod minute_counts;
mod plan;
mod records;
mod script;
mod template;
mod traffic;
mod truth;
mod words;
mod world;

pub use account::Account;
pub use call::Call;
pub use decoy::{Decoy, DecoyKind};
pub use identity::Actor;
pub use incident::{By, Incident, IncidentKind, RateClass, Target};
pub use log_files::{LogFile, Progress, Written, log_files, texts, write};
pub use minute_counts::{Counted, minute_counts};
pub use plan::{Arrivals, Pin, Plan, REGIONS, Tier};
pub use traffic::{calls, calls_of};
pub use truth::{Told, Truth, truth};
pub use world::World;
