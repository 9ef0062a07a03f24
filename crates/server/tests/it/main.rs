//! The service as a client sees it: one binary, one door, a clock that a test turns.

mod cloudtrail;
mod detection;
mod door;
mod events;
mod lambda;
mod notifications;
mod pipeline;
mod sns;
mod sts;
mod web;
