//! `ListAWSServiceAccessForOrganization`: the services that may act in all accounts.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAWSServiceAccessForOrganization.html>

use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::page::{MAX_RESULTS, NEXT_TOKEN, page};
use super::service_access::all;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAWSServiceAccessForOrganization {
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedServices {
    enabled_service_principals: Vec<EnabledServicePrincipal>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EnabledServicePrincipal {
    service_principal: String,
    date_enabled: Option<Timestamp>,
}

impl Operation for ListAWSServiceAccessForOrganization {
    const NAME: &'static str = "ListAWSServiceAccessForOrganization";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListAWSServiceAccessForOrganizationRequest",
        &[Member::optional("NextToken", NEXT_TOKEN), Member::optional("MaxResults", MAX_RESULTS)],
    );
    type Output = ListedServices;

    fn run(self, cx: &Context<'_>) -> Result<ListedServices, Failure> {
        let services = cx.store.try_read(|r| all(r, cx))?;
        let (page, next_token) = page(services, |(name, _)| name, self.next_token.as_deref(), self.max_results)?;
        let told = |(service_principal, at): (String, Option<jiff::Timestamp>)| EnabledServicePrincipal {
            service_principal,
            date_enabled: at.map(Timestamp),
        };
        Ok(ListedServices { enabled_service_principals: page.into_iter().map(told).collect(), next_token })
    }
}
