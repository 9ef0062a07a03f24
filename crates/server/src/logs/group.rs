//! How inputs name log groups and streams, and what is said of those that are not there.

use store::Reader;
use store::log_events::{LogGroup, LogGroupName};
use wire::ApiError;
use wire::check::Shape;

use crate::arn::Arn;
use crate::{Context, Failure};

pub(crate) const GROUP_NAME: Shape = Shape::string().length(1, 512).pattern(r"[\.\-_/#A-Za-z0-9]+");
pub(crate) const STREAM_NAME: Shape = Shape::string().length(1, 512).pattern(r"[^:*]*");
/// A name or an ARN.
pub(crate) const GROUP_IDENTIFIER: Shape = Shape::string().length(1, 2048).pattern(r"[\w#+=/:,.@-]*");
pub(crate) const NEXT_TOKEN: Shape = Shape::string().at_least_long(1);
/// Groups, streams or policies of a page.
pub(crate) const LIMIT: Shape = Shape::integer().range(1.0, 50.0);
/// Milliseconds since 1970.
pub(crate) const TIME: Shape = Shape::integer().at_least(0.0);

/// A page, if nobody says how long it should be.
pub(crate) const PAGE: usize = 50;

/// A group of this account and Region.
pub(crate) fn group_name(cx: &Context<'_>, name: &str) -> LogGroupName {
    LogGroupName { account: cx.account.clone(), region: cx.region.clone(), group: name.to_owned() }
}

/// The group of an ARN, with or without the `:*` behind it.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html>
pub(crate) fn group_of_arn(arn: &str) -> Option<LogGroupName> {
    let arn = Arn::of(arn).filter(|arn| arn.service == "logs")?;
    let group = arn.resource.strip_prefix("log-group:")?;
    let group = group.strip_suffix(":*").unwrap_or(group);
    (!group.is_empty() && !group.contains(':')).then(|| LogGroupName {
        account: arn.account.into(),
        region: arn.region.into(),
        group: group.to_owned(),
    })
}

/// The ARN of a group, without `:*`.
pub(crate) fn group_arn(name: &LogGroupName) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{}", name.region, name.account, name.group)
}

/// The group that an input names by one of its two members.
pub(crate) fn named_group(
    cx: &Context<'_>,
    name: Option<&str>,
    identifier: Option<&str>,
) -> Result<LogGroupName, ApiError> {
    match (name, identifier) {
        (Some(_), Some(_)) => Err(invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters.")),
        (None, None) => Err(invalid("Either LogGroup name or LogGroup ARN must be provided.")),
        (Some(name), None) => Ok(group_name(cx, name)),
        (None, Some(arn)) if arn.starts_with("arn:") => {
            let named = group_of_arn(arn).ok_or_else(|| invalid("The specified LogGroup ARN is not valid."))?;
            // Groups of other accounts and Regions are not ours to know.
            if named.account != cx.account || named.region != cx.region { Err(no_group()) } else { Ok(named) }
        }
        (None, Some(name)) => Ok(group_name(cx, name)),
    }
}

/// The group, or `ResourceNotFoundException`.
pub(crate) fn group(r: &Reader<'_>, name: &LogGroupName) -> Result<LogGroup, Failure> {
    Ok(r.log_group(name)?.ok_or_else(no_group)?)
}

pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

pub(crate) fn no_group() -> ApiError {
    ApiError::new("ResourceNotFoundException", "The specified log group does not exist.")
}

pub(crate) fn no_stream() -> ApiError {
    ApiError::new("ResourceNotFoundException", "The specified log stream does not exist.")
}

pub(crate) fn is_there(what: &str) -> ApiError {
    ApiError::new("ResourceAlreadyExistsException", format!("The specified {what} already exists"))
}
