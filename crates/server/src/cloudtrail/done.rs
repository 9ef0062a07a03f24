//! What is answered where there is nothing to tell: `{}`, which is not no body at all.

use serde::Serialize;

/// It is done.
#[derive(Serialize)]
pub(crate) struct Done {}
