//! Made-up accounts, exact from a seed.
