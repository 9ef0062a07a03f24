//! Aliases: `CreateAlias`, `GetAlias`, `UpdateAlias`, `DeleteAlias`, `ListAliases`.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::{Reader, Stored};
use wire::check::{Member, Shape};

use super::function::function;
use super::name::{LATEST, Named};
use super::page::page;
use super::shapes;
use super::versions::{FunctionAlias, hold_routing, published};
use super::words::{conflict, hold_revision, no_function, not_there};
use crate::{Context, Failure, Operation};

/// An alias as it is told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AliasTold {
    alias_arn: String,
    name: String,
    function_version: String,
    description: String,
    revision_id: String,
}

impl AliasTold {
    fn of(named: &Named, name: &str, alias: FunctionAlias) -> AliasTold {
        AliasTold {
            alias_arn: format!("{}:{name}", named.arn),
            name: name.to_owned(),
            function_version: alias.version,
            description: alias.description,
            revision_id: alias.revision_id,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoutingConfig {
    additional_version_weights: Option<BTreeMap<String, f64>>,
}

fn has_weights(routing: Option<&RoutingConfig>) -> bool {
    routing.and_then(|routing| routing.additional_version_weights.as_ref()).is_some_and(|weights| !weights.is_empty())
}

/// The version that an alias is to name.
fn hold_version(r: &Reader<'_>, named: &Named, version: &str) -> Result<(), Failure> {
    if version == LATEST || published(r, named, version)?.is_some() {
        return Ok(());
    }
    Err(no_function(format_args!("{}:{version}", named.arn)).into())
}

fn alias(r: &Reader<'_>, named: &Named, name: &str) -> Result<FunctionAlias, Failure> {
    let found = r.get::<FunctionAlias>(&named.alias_key(name))?;
    let missing = || not_there(format!("Cannot find alias arn: {}:{name}", named.arn));
    Ok(found.ok_or_else(missing)?.value)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAlias {
    function_name: String,
    name: String,
    function_version: String,
    description: Option<String>,
    routing_config: Option<RoutingConfig>,
}

impl Operation for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateAliasRequest",
        &[
            Member::required("FunctionName", shapes::FUNCTION),
            Member::required("Name", shapes::ALIAS),
            Member::required("FunctionVersion", shapes::VERSION),
            Member::optional("Description", shapes::DESCRIPTION),
        ],
    );
    type Output = AliasTold;

    fn run(self, cx: &Context<'_>) -> Result<AliasTold, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        hold_routing(has_weights(self.routing_config.as_ref()))?;
        let alias = FunctionAlias {
            version: self.function_version,
            description: self.description.unwrap_or_default(),
            revision_id: cx.world.dice.uuid(),
        };
        cx.store.try_write(|w| {
            function(w, &named)?;
            hold_version(w, &named, &alias.version)?;
            match w.put(&named.alias_key(&self.name), &alias, cx.now)? {
                true => Ok(()),
                false => Err(Failure::from(conflict(format!("Alias already exists: {}:{}", named.arn, self.name)))),
            }
        })?;
        Ok(AliasTold::of(&named, &self.name, alias))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAlias {
    function_name: String,
    name: String,
}

const ONE_ALIAS: &[Member] =
    &[Member::required("FunctionName", shapes::FUNCTION), Member::required("Name", shapes::ALIAS)];

impl Operation for GetAlias {
    const NAME: &'static str = "GetAlias";
    const SHAPE: &'static Shape = &Shape::structure("GetAliasRequest", ONE_ALIAS);
    type Output = AliasTold;

    fn run(self, cx: &Context<'_>) -> Result<AliasTold, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        let found = cx.store.try_read(|r| alias(r, &named, &self.name))?;
        Ok(AliasTold::of(&named, &self.name, found))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateAlias {
    function_name: String,
    name: String,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<RoutingConfig>,
    revision_id: Option<String>,
}

impl Operation for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    const SHAPE: &'static Shape = &Shape::structure(
        "UpdateAliasRequest",
        &[
            Member::required("FunctionName", shapes::FUNCTION),
            Member::required("Name", shapes::ALIAS),
            Member::optional("FunctionVersion", shapes::VERSION),
            Member::optional("Description", shapes::DESCRIPTION),
        ],
    );
    type Output = AliasTold;

    fn run(self, cx: &Context<'_>) -> Result<AliasTold, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        hold_routing(has_weights(self.routing_config.as_ref()))?;
        let changed = cx.store.try_write(|w| {
            let mut alias = alias(w, &named, &self.name)?;
            hold_revision(self.revision_id.as_deref(), &alias.revision_id)?;
            if let Some(version) = self.function_version {
                hold_version(w, &named, &version)?;
                alias.version = version;
            }
            if let Some(description) = self.description {
                alias.description = description;
            }
            alias.revision_id = cx.world.dice.uuid();
            w.put(&named.alias_key(&self.name), &alias, cx.now)?;
            Ok::<_, Failure>(alias)
        })?;
        Ok(AliasTold::of(&named, &self.name, changed))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAlias {
    function_name: String,
    name: String,
}

impl Operation for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    const SHAPE: &'static Shape = &Shape::structure("DeleteAliasRequest", ONE_ALIAS);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        // One that is not there is gone already.
        Ok(cx.store.write(|w| w.delete::<FunctionAlias>(&named.alias_key(&self.name)).map(drop))?)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAliases {
    function_name: String,
    function_version: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedAliases {
    next_marker: Option<String>,
    aliases: Vec<AliasTold>,
}

impl Operation for ListAliases {
    const NAME: &'static str = "ListAliases";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListAliasesRequest",
        &[
            Member::required("FunctionName", shapes::FUNCTION),
            Member::optional("FunctionVersion", shapes::VERSION),
            Member::optional("MaxItems", shapes::MAX_ITEMS),
        ],
    );
    type Output = ListedAliases;

    fn run(self, cx: &Context<'_>) -> Result<ListedAliases, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        let mut all = cx.store.try_read(|r| {
            function(r, &named)?;
            Ok::<_, Failure>(r.list::<FunctionAlias>(&named.list())?)
        })?;
        if let Some(version) = &self.function_version {
            all.retain(|stored| stored.value.version == *version);
        }
        let (page, next_marker) = page(all, |stored| stored.key.name.clone(), self.marker.as_deref(), self.max_items)?;
        let told = page.into_iter().map(|Stored { key, value, .. }| AliasTold::of(&named, &key.name, value));
        Ok(ListedAliases { next_marker, aliases: told.collect() })
    }
}
