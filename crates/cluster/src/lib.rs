//! The lake's statements on many machines: [Ballista](https://datafusion.apache.org/ballista/), which is DataFusion, shared out.
//!
//! ```text
//!   whoever asks ──► a plan of tables ──► scheduler ──► stages, shared out ──► executors, each with the same files before it
//!                                             ◄── which of them has what ──── and the same functions, known by name
//! ```
//!
//! All three are this program. What is sent is a plan, never code: a table as the list of its files and the condition that holds
//! for its rows ([`codec`]), a function as its name. So all must be of one version, and executors must see the lake's files under the
//! service's path, or have a way to the bucket that is called as the service's ([`stores`]).
//! An executor that dies is left out; what it had made, another makes again.
//!
//! Whoever reaches a scheduler or an executor can have everything read that these can read: Ballista asks nobody who he is.
//! They listen on the loopback address unless they are told otherwise; elsewhere they belong into a network of their own.

mod codec;
mod executor;
mod scheduler;
mod session;
mod stores;

pub use executor::{Executor, Host};
pub use scheduler::Scheduler;
pub use session::Cluster;
pub use stores::OpenStore;

/// What went wrong, in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// An address that is none.
    #[error("{0:?} is no address of a scheduler: it is written df://HOST:PORT")]
    Address(String),
    /// A place that cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
    /// Ballista says so.
    #[error("{0}")]
    Ballista(#[from] ballista_core::error::BallistaError),
    /// DataFusion says so.
    #[error("{0}")]
    Session(#[from] datafusion::error::DataFusionError),
    /// The lake says so.
    #[error("{0}")]
    Lake(#[from] lake::LakeError),
}
