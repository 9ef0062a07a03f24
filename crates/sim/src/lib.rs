//! Made-up accounts, exact from a seed: CloudTrail log files as real ones are, and the truth beside them.
//!
//! A [`Plan`] says what to make; everything else follows from it, byte for byte, on every machine:
//!
//! ```text
//! Plan ─► World: accounts, who is in them, which keys they use    (account, identity, catalogue)
//!           └─► calls, hour by hour                               (traffic, incident)
//!                 ├─► counted as they are                         (minute_counts)
//!                 └─► cut into files as trails do it              (delivery)
//!                       └─► records, compressed, under their keys (records, log_files)
//! ```
//!
//! What real logs look like, and so what these must look like, is measured in `tests/it/fidelity.rs`.

mod account;
mod catalogue;
pub mod counts;
mod delivery;
mod dice;
pub mod faults;
mod identity;
mod incident;
mod log_files;
mod plan;
mod records;
mod script;
mod template;
mod traffic;
mod truth;
mod words;

pub use account::{Account, World};
pub use identity::Actor;
pub use incident::{By, Decoy, DecoyKind, Incident, IncidentKind, RateClass, Target};
pub use log_files::{LogFile, Progress, Written, log_files, texts, write};
pub use plan::{Arrivals, Pin, Plan, REGIONS, Tier};
pub use traffic::{Call, Counted, calls, calls_of, minute_counts};
pub use truth::{Told, Truth, truth};
