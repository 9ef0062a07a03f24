//! The service as a client sees it: one binary, one door, a clock that a test turns.

mod cloudtrail;
mod detection;
mod digests;
mod door;
mod event_data_stores;
mod events;
mod gate;
mod hostile;
mod iam;
#[allow(dead_code, reason = "the follower comes next")]
mod lake;
mod lambda;
mod logs;
mod metrics;
mod monitoring;
mod notifications;
mod organizations;
mod pipeline;
mod port;
mod push;
mod queries;
mod queues;
mod rule_targets;
mod seats;
mod simulation;
mod sns;
mod sts;
mod trails;
mod web;
mod work;
