//! AWS protocols: bytes to a call, and what it answered back to bytes.
//!
//! ```text
//! Request ──► Addressee::of     whom it means, and in which protocol          service.rs
//!         ──► sigv4::Claim      who signed it, and whether that is true       sigv4.rs, sigv2.rs
//!         ──► Call::read        the operation and its input                   aws_json.rs, aws_query.rs, rest_json.rs
//!                 │
//!                 ├── check     AWS's words for inputs that break constraints check.rs
//!                 └── Call::input ──► the operation's own type
//!
//! answer  ──► Call::reply       bytes in the protocol of the request
//! error   ──► error_reply
//! ```
//!
//! An operation is a type that serde reads and an answer that serde writes; it knows neither HTTP nor which protocol carried
//! it. Everything here is a pure function of its arguments: the time, the keys and the request's id are among them. Knows
//! nothing of ours.

mod aws_json;
mod aws_query;
mod call;
pub mod check;
mod error;
mod reply;
mod request;
pub mod rest_json;
mod service;
pub mod sigv2;
pub mod sigv4;
mod time;
mod value;
mod xml;

pub use call::Call;
pub use error::ApiError;
pub use reply::error_reply;
pub use request::{Limits, Request};
pub use service::{Addressee, Protocol, Service};
pub use time::{Blob, Timestamp};
pub use value::de::Misread;
pub use value::ser::Unwritable;
pub use value::{Members, Value};
