//! What a pattern says, and what is said of texts that are none.

use super::*;
