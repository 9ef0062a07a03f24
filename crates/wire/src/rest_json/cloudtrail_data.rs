//! CloudTrail's data service. <https://docs.aws.amazon.com/awscloudtraildata/latest/APIReference/API_PutAuditEvents.html>

use super::route::{Route, post};

pub(super) static ROUTES: &[Route] =
    &[post("PutAuditEvents", "/PutAuditEvents").query(&[("channelArn", "channelArn"), ("externalId", "externalId")])];
