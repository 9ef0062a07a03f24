//! `DescribeOrganization`: the organization that the account manages.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html>

use serde::{Deserialize, Serialize};
use wire::check::Shape;

use super::account::email;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
pub(crate) struct DescribeOrganization {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OneOrganization {
    organization: Organization,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Organization {
    id: String,
    arn: String,
    feature_set: &'static str,
    master_account_arn: String,
    master_account_id: String,
    master_account_email: String,
    available_policy_types: [(); 0],
}

impl Operation for DescribeOrganization {
    const NAME: &'static str = "DescribeOrganization";
    const SHAPE: &'static Shape = &Shape::structure("DescribeOrganizationRequest", &[]);
    type Output = OneOrganization;

    fn run(self, cx: &Context<'_>) -> Result<OneOrganization, Failure> {
        let (account, id) = (&cx.account, cx.place.organization_id.clone());
        Ok(OneOrganization {
            organization: Organization {
                arn: format!("arn:aws:organizations::{account}:organization/{id}"),
                feature_set: "ALL",
                master_account_arn: format!("arn:aws:organizations::{account}:account/{id}/{account}"),
                master_account_id: account.to_string(),
                master_account_email: email(account),
                available_policy_types: [],
                id,
            },
        })
    }
}
