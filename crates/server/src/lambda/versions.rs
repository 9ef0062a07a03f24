//! Versions and aliases as they are remembered: a version is what a function was once and stays, an alias is a name for one.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html>

use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, StoreError, Stored, Writer};
use wire::ApiError;

use super::function::{Configuration, Function, function};
use super::name::{LATEST, Named};
use super::words::{conflict, hold_revision, invalid, not_here};
use crate::{Context, Failure};

/// A version. Its key: its number, under the function's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FunctionVersion(pub(crate) Configuration);

impl Resource for FunctionVersion {
    const KIND: &'static str = "function-version";
}

/// A name for a version. Its key: itself, under the function's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FunctionAlias {
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) revision_id: String,
}

impl Resource for FunctionAlias {
    const KIND: &'static str = "function-alias";
}

impl Named {
    /// The key of one of its versions. Numbers have zeros in front, so that they are in order.
    fn version_key(&self, number: &str) -> Key {
        self.alias_key(&format!("{number:0>10}"))
    }

    /// The key of one of its aliases.
    pub(crate) fn alias_key(&self, alias: &str) -> Key {
        Key { parent: self.key.name.clone(), name: alias.to_owned(), ..self.key.clone() }
    }

    /// All that lies under it.
    pub(crate) fn list(&self) -> List {
        List { parent: Some(self.key.name.clone()), ..List::of(&self.key.account, &self.key.region) }
    }
}

/// Whether a qualifier is a version's number, and no alias.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The version of this number, or that this alias names.
pub(crate) fn published(r: &Reader<'_>, named: &Named, qualifier: &str) -> Result<Option<Configuration>, StoreError> {
    if is_number(qualifier) {
        let found = r.get::<FunctionVersion>(&named.version_key(qualifier))?;
        return Ok(found.map(|stored| stored.value.0));
    }
    let Some(Stored { value: alias, .. }) = r.get::<FunctionAlias>(&named.alias_key(qualifier))? else {
        return Ok(None);
    };
    match alias.version.as_str() {
        LATEST => Ok(r.get::<Function>(&named.key)?.map(|stored| stored.value.latest)),
        number => Ok(r.get::<FunctionVersion>(&named.version_key(number))?.map(|stored| stored.value.0)),
    }
}

/// `$LATEST`, and what was published, the oldest first.
pub(crate) fn all_versions(
    r: &Reader<'_>,
    named: &Named,
    function: &Function,
) -> Result<Vec<Configuration>, StoreError> {
    let published = r.list::<FunctionVersion>(&named.list())?.into_iter().map(|stored| stored.value.0);
    Ok(std::iter::once(function.latest.clone()).chain(published).collect())
}

/// What is to be known before a version is published.
#[derive(Default)]
pub(crate) struct Publishing {
    pub(crate) description: Option<String>,
    /// The code that who asks means.
    pub(crate) code_sha256: Option<String>,
    pub(crate) revision_id: Option<String>,
}

/// Makes a version of what the function is now; the last one, if nothing has changed since.
pub(crate) fn publish(
    w: &Writer<'_>,
    cx: &Context<'_>,
    named: &Named,
    publishing: Option<Publishing>,
) -> Result<Configuration, Failure> {
    let publishing = publishing.unwrap_or_default();
    let mut function = function(w, named)?;
    hold_revision(publishing.revision_id.as_deref(), &function.latest.revision_id)?;
    let current = &function.latest.code_sha256;
    if let Some(sha256) = publishing.code_sha256.filter(|sha256| sha256 != current) {
        return Err(invalid(format!(
            "CodeSHA256 ({sha256}) is different from current CodeSHA256 in $LATEST ({current}). Please try again with the \
             CodeSHA256 in $LATEST."
        ))
        .into());
    }
    if let Some(last) = published(w, named, &function.last_version.to_string())?
        && last.run_id == function.latest.run_id
    {
        return Ok(last);
    }
    function.last_version += 1;
    let number = function.last_version.to_string();
    let version = Configuration {
        version: number.clone(),
        description: publishing.description.unwrap_or_else(|| function.latest.description.clone()),
        revision_id: cx.world.dice.uuid(),
        ..function.latest.clone()
    };
    w.put(&named.version_key(&number), &FunctionVersion(version.clone()), cx.now)?;
    w.put(&named.key, &function, cx.now)?;
    Ok(version)
}

/// Deletes a version that no alias names; one that is not there is gone already.
pub(crate) fn delete_version(w: &Writer<'_>, named: &Named, function: &Function, number: &str) -> Result<(), Failure> {
    let aliases = w.list::<FunctionAlias>(&named.list())?;
    let names: Vec<&str> =
        aliases.iter().filter(|stored| stored.value.version == number).map(|stored| stored.key.name.as_str()).collect();
    if !names.is_empty() {
        return Err(conflict(format!(
            "Version was not able to be deleted: the following aliases reference it: [{}]",
            names.join(", ")
        ))
        .into());
    }
    w.delete::<FunctionVersion>(&named.version_key(number))?;
    forget_old_code(w, named, function)
}

/// Forgets archives that no version has any longer.
pub(crate) fn forget_old_code(w: &Writer<'_>, named: &Named, function: &Function) -> Result<(), Failure> {
    let versions = all_versions(w, named, function)?;
    let kept: Vec<&str> = versions.iter().map(|version| version.code_sha256.as_str()).collect();
    w.keep_function_code(&named.arn, &kept)?;
    Ok(())
}

/// An alias names one version: weights of others are refused.
pub(crate) fn hold_routing(has_weights: bool) -> Result<(), ApiError> {
    match has_weights {
        true => Err(not_here("An alias names one version here: leave RoutingConfig out.")),
        false => Ok(()),
    }
}
