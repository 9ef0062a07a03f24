//! `DescribeLogGroups`: the log groups of this account and Region, in the order of their names.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>

use record::names::AccountId;
use serde::{Deserialize, Serialize};
use store::log_events::{LogGroup, LogGroupList};
use wire::check::{Member, Shape};

use super::group::{GROUP_IDENTIFIER, GROUP_NAME, LIMIT, NEXT_TOKEN, PAGE, group_arn, invalid, named_group};
use super::token;
use crate::page::cut;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogGroups {
    account_identifiers: Option<Vec<AccountId>>,
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
    log_group_class: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    /// Other accounts are not linked.
    #[serde(rename = "includeLinkedAccounts")]
    _include_linked_accounts: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribedLogGroups {
    log_groups: Vec<LogGroupTold>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogGroupTold {
    log_group_name: String,
    creation_time: i64,
    retention_in_days: Option<u32>,
    metric_filter_count: u32,
    arn: String,
    stored_bytes: u64,
    log_group_class: &'static str,
    log_group_arn: String,
    deletion_protection_enabled: bool,
}

const ACCOUNT: Shape = Shape::string().length(12, 12).pattern(r"^\d{12}$");

impl Operation for DescribeLogGroups {
    const NAME: &'static str = "DescribeLogGroups";
    const SHAPE: &'static Shape = &Shape::structure(
        "DescribeLogGroupsRequest",
        &[
            Member::optional("accountIdentifiers", Shape::list(&ACCOUNT).at_most_long(20)),
            Member::optional("logGroupNamePrefix", GROUP_NAME),
            Member::optional("logGroupNamePattern", Shape::string().at_most_long(512).pattern(r"[\.\-_/#A-Za-z0-9]*")),
            Member::optional("nextToken", NEXT_TOKEN),
            Member::optional("limit", LIMIT),
            Member::optional(
                "logGroupClass",
                Shape::string().one_of(&["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"]),
            ),
            Member::optional("logGroupIdentifiers", Shape::list(&GROUP_IDENTIFIER).length(1, 50)),
        ],
    );
    type Output = DescribedLogGroups;

    fn run(self, cx: &Context<'_>) -> Result<DescribedLogGroups, Failure> {
        if self.log_group_name_prefix.is_some() && self.log_group_name_pattern.is_some() {
            return Err(
                invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.").into()
            );
        }
        // Those of other accounts, and of other classes, are not here.
        let is_other =
            self.account_identifiers.is_some_and(|accounts| !accounts.is_empty() && !accounts.contains(&cx.account))
                || self.log_group_class.is_some_and(|class| class != "STANDARD");
        if is_other {
            return Ok(DescribedLogGroups { log_groups: Vec::new(), next_token: None });
        }
        if let Some(identifiers) = &self.log_group_identifiers {
            return cx.store.try_read(|r| {
                let mut found = Vec::new();
                for identifier in identifiers {
                    found.extend(r.log_group(&named_group(cx, None, Some(identifier))?)?.map(told));
                }
                Ok(DescribedLogGroups { log_groups: found, next_token: None })
            });
        }
        let list = LogGroupList {
            prefix: self.log_group_name_prefix.unwrap_or_default(),
            part: self.log_group_name_pattern.unwrap_or_default(),
            after: token::name_of(self.next_token.as_deref())?,
        };
        let limit = self.limit.unwrap_or(PAGE);
        let groups = cx.store.read(|r| r.log_groups(&cx.account, &cx.region, &list, limit + 1))?;
        let (groups, next_token) = cut(groups, limit, |last| token::of_name(&last.name.group));
        Ok(DescribedLogGroups { log_groups: groups.into_iter().map(told).collect(), next_token })
    }
}

fn told(group: LogGroup) -> LogGroupTold {
    let arn = group_arn(&group.name);
    LogGroupTold {
        creation_time: group.created_at.as_millisecond(),
        retention_in_days: group.retention_days,
        metric_filter_count: 0,
        arn: format!("{arn}:*"),
        stored_bytes: group.stored_bytes,
        log_group_class: "STANDARD",
        log_group_arn: arn,
        deletion_protection_enabled: false,
        log_group_name: group.name.group,
    }
}
