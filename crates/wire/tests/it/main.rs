//! The crate as its users see it.

mod checks;
mod odd;
mod recorded;
mod replies;
mod scenes;
mod signatures;
