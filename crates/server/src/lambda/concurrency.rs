//! How many of a function may run at once: `PutFunctionConcurrency`, `GetFunctionConcurrency`, `DeleteFunctionConcurrency`.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>

use serde::{Deserialize, Serialize};
use store::Reader;
use wire::check::{Member, Shape};

use super::function::{Function, find, function};
use super::name::Named;
use super::shapes;
use super::words::{invalid, no_function};
use crate::{Context, Failure, Operation};

/// Invocations of an account at once, and how many of them no function may have for itself.
pub(crate) const ACCOUNT_LIMIT: u32 = 1_000;
const LEAST_UNRESERVED: u32 = 100;

/// `{"ReservedConcurrentExecutions": 5}`
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Concurrency {
    reserved_concurrent_executions: Option<u32>,
}

impl Concurrency {
    pub(crate) fn of(reserved: Option<u32>) -> Concurrency {
        Concurrency { reserved_concurrent_executions: reserved }
    }
}

/// How many invocations other functions than this have for themselves.
pub(crate) fn reserved_by_others(r: &Reader<'_>, named: &Named) -> Result<u32, store::StoreError> {
    let all = r.list::<Function>(&store::List::of(&named.key.account, &named.key.region))?;
    let others = all.iter().filter(|stored| stored.key != named.key);
    Ok(others.filter_map(|stored| stored.value.reserved_concurrency).sum())
}

const ONE_FUNCTION: &[Member] = &[Member::required("FunctionName", shapes::FUNCTION)];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutFunctionConcurrency {
    function_name: String,
    reserved_concurrent_executions: u32,
}

impl Operation for PutFunctionConcurrency {
    const NAME: &'static str = "PutFunctionConcurrency";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutFunctionConcurrencyRequest",
        &[
            Member::required("FunctionName", shapes::FUNCTION),
            Member::required("ReservedConcurrentExecutions", Shape::integer().at_least(0.0)),
        ],
    );
    type Output = Concurrency;

    fn run(self, cx: &Context<'_>) -> Result<Concurrency, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        let reserved = self.reserved_concurrent_executions;
        cx.store.try_write(|w| {
            let mut function = find(w, &named)?.ok_or_else(|| no_function(named.with_version()))?;
            let all = reserved_by_others(w, &named)?.saturating_add(reserved);
            if reserved > 0 && all > ACCOUNT_LIMIT - LEAST_UNRESERVED {
                return Err(invalid(format!(
                    "Specified ReservedConcurrentExecutions for function decreases account's \
                     UnreservedConcurrentExecution below its minimum value of [{LEAST_UNRESERVED}]."
                ))
                .into());
            }
            function.reserved_concurrency = Some(reserved);
            w.put(&named.key, &function, cx.now)?;
            Ok::<_, Failure>(())
        })?;
        Ok(Concurrency::of(Some(reserved)))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetFunctionConcurrency {
    function_name: String,
}

impl Operation for GetFunctionConcurrency {
    const NAME: &'static str = "GetFunctionConcurrency";
    const SHAPE: &'static Shape = &Shape::structure("GetFunctionConcurrencyRequest", ONE_FUNCTION);
    type Output = Concurrency;

    fn run(self, cx: &Context<'_>) -> Result<Concurrency, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        let function = cx.store.try_read(|r| function(r, &named))?;
        Ok(Concurrency::of(function.reserved_concurrency))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteFunctionConcurrency {
    function_name: String,
}

impl Operation for DeleteFunctionConcurrency {
    const NAME: &'static str = "DeleteFunctionConcurrency";
    const SHAPE: &'static Shape = &Shape::structure("DeleteFunctionConcurrencyRequest", ONE_FUNCTION);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        cx.store.try_write(|w| {
            let mut function = function(w, &named)?;
            function.reserved_concurrency = None;
            w.put(&named.key, &function, cx.now)?;
            Ok(())
        })
    }
}
