//! SQL over what happened. DataFusion lives here; besides only `cluster` knows it.
//!
//! ```text
//!   a statement ──► dialect: CloudTrail Lake's SQL ──► DataFusion's ──► plan ──► batches ──► values, as Lake shows them
//!   records ──► rows: columns as AWS's Lake has them ──┬─► log files, read where they lie (`logs`)
//!                                                      └─► event data stores (`stored`): parts of tables (`table`)
//! ```
//!
//! On the way to a plan (`query`) it is DataFusion's, but for what is done otherwise here: what is meant (`among`, `ties`), which side of a join is
//! in memory (`joins`), and, of the plan that is run, what is counted before it is grouped (`counted_early`), what is grouped in turn (`in_turn`), and
//! that all of it ends when nobody wants it any more (`wanted`).

mod addresses;
mod among;
pub mod arrivals;
mod counted_early;
mod deep;
pub mod dialect;
mod error;
mod functions;
mod in_turn;
mod insights;
mod joins;
mod json;
mod json_path;
pub mod kept_rows;
mod labels;
mod layout;
pub mod logs;
mod memory;
mod moments;
mod part;
pub mod place;
pub mod query;
mod reading;
pub mod results;
pub mod rows;
pub mod schema;
pub mod session;
pub mod stored;
pub mod table;
mod ties;
mod upkeep;
pub mod values;
pub mod vocabulary;
mod wanted;
mod wording;
mod zones;

pub use arrow;
pub use error::LakeError;
