//! Running a function: what is remembered of it is put together for whoever runs it, and what it logged is kept.

use std::time::Duration;

use store::log_events::{LogStreamName, NewLogEvent};
use store::{Store, StoreError};

use super::function::{Configuration, Function};
use super::name::Named;
use crate::sts::credentials_of_function;
use crate::world::{self, Invocation, InvokeError, Invoked, World};

/// What came of it.
pub(crate) type Ran = Result<Invoked, InvokeError>;

/// Runs a version of a function, and waits for it.
pub(crate) fn run(
    store: &Store,
    world: &World,
    named: &Named,
    (function, version): (&Function, &Configuration),
    invocation: &Invocation,
) -> Result<Ran, StoreError> {
    let Some(code) = store.function_code(&named.arn, &version.code_sha256)? else {
        // It was changed or deleted between the two.
        return Ok(Err(InvokeError::Other("the function's code is not there any more".into())));
    };
    let revision = format!("{}:{}", version.run_id, version.version);
    let whose = (named.name(), &*version.role, &*revision);
    let credentials = credentials_of_function(store, world, &named.key.account, whose, world.clock.now())?;
    let runnable = world::Function {
        arn: named.arn.clone(),
        name: named.name().to_owned(),
        version: version.version.clone(),
        revision,
        runtime: version.runtime.clone(),
        handler: version.handler.clone(),
        code,
        memory_mib: version.memory_mib,
        timeout: Duration::from_secs(u64::from(version.timeout_seconds)),
        environment: version.environment.clone().unwrap_or_default(),
        credentials,
        region: named.key.region.as_str().to_owned(),
        reserved_concurrency: function.reserved_concurrency,
        log_group: version.log_group(named.name()),
    };
    let ran = world.functions.invoke(&runnable, invocation);
    match &ran {
        Ok(invoked) => keep_log(store, world, named, &runnable.log_group, invoked),
        Err(error) => {
            tracing::warn!(function = named.arn, request = invocation.request_id, "the function was not run: {error}");
        }
    }
    Ok(ran)
}

/// A function's answer stands also where its log cannot be kept.
fn keep_log(store: &Store, world: &World, named: &Named, group: &str, invoked: &Invoked) {
    if invoked.log.is_empty() {
        return;
    }
    let stream = LogStreamName {
        account: named.key.account.clone(),
        region: named.key.region.clone(),
        group: group.to_owned(),
        stream: invoked.log_stream.clone(),
    };
    let event = |(at, message): &(jiff::Timestamp, String)| NewLogEvent { at: *at, message: message.clone() };
    let events: Vec<NewLogEvent> = invoked.log.iter().map(event).collect();
    if let Err(error) = store.write(|w| w.add_log_events(&stream, &events, world.clock.now())) {
        let error = &error as &dyn std::error::Error;
        tracing::error!(function = named.arn, error, "what the function logged is not kept");
    }
}
