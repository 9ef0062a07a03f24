//! Made-up accounts, exact from a seed.

pub mod counts;
