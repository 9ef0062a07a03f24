//! When a rate is unusual.
