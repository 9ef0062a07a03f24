//! The dialect ([`dialect`]) with the columns of our tables.

use std::sync::LazyLock;

use ::dialect::Names;
pub use ::dialect::{Logs, Understood};

use crate::LakeError;
use crate::deep::deep;
use crate::schema::{Kind, each_name};

/// Reads a statement. Only one, and only a SELECT: nothing that writes, or looks elsewhere.
pub fn understand(text: &str) -> Result<Understood, LakeError> {
    Ok(deep(|| ::dialect::understand(text, &NAMES))?)
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    for kind in Kind::ALL {
        kind.schema().fields().iter().for_each(|field| names.know_column(field.name()));
        each_name(kind.schema().fields(), &mut |name| names.know(name));
    }
    each_name(crate::functions::fields_of_insights(), &mut |name| names.know(name));
    names
});
