//! The link that `GetFunction` gives for a function's code. AWS signs it for ten minutes; here it names the function's revision,
//! which nobody guesses and which is over when the function is changed.

use percent_encoding::percent_decode_str;
use record::names::Region;
use store::{Key, Store, StoreError};

use super::function::{Configuration, Function};
use super::name::Named;
use super::versions::all_versions;
use crate::context::Place;

const PATH: &str = "/function-code/";

/// Where a version's archive can be fetched.
pub(crate) fn code_url(public_url: &str, named: &Named, version: &Configuration) -> String {
    let (region, revision) = (&named.key.region, &version.revision_id);
    format!("{public_url}{PATH}{region}/{}/{revision}.zip", named.name())
}

/// The archive that such a link leads to; none if it leads nowhere.
pub(crate) fn archive_at(store: &Store, place: &Place, path: &str) -> Result<Option<std::sync::Arc<[u8]>>, StoreError> {
    let Some(path) = path.strip_prefix(PATH) else { return Ok(None) };
    let path = percent_decode_str(path).decode_utf8_lossy();
    let parts: Vec<&str> = path.split('/').collect();
    let [region, name, file] = parts.as_slice() else { return Ok(None) };
    let Some(revision) = file.strip_suffix(".zip") else { return Ok(None) };
    let key = Key::new(&place.account, &Region::from(*region), *name);
    let arn = format!("arn:aws:lambda:{region}:{}:function:{name}", place.account);
    let named = Named { key, arn, qualifier: None };
    let versions = store.read(|r| match r.get::<Function>(&named.key)? {
        Some(stored) => all_versions(r, &named, &stored.value),
        None => Ok(Vec::new()),
    })?;
    match versions.into_iter().find(|version| version.revision_id == revision) {
        Some(version) => store.function_code(&named.arn, &version.code_sha256),
        None => Ok(None),
    }
}
