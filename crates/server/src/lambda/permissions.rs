//! Who may invoke a function: `AddPermission`, `GetPolicy`, `RemovePermission`. Remembered and told, and nothing hangs on it:
//! rules and topics of this account reach its functions.
//! <https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::function::{find, function};
use super::name::{LATEST, Named};
use super::policy::{Statement, policy_json};
use super::shapes;
use super::versions::published;
use super::words::{conflict, hold_revision, invalid, no_function, not_there};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddPermission {
    function_name: String,
    statement_id: String,
    action: String,
    principal: String,
    source_arn: Option<String>,
    source_account: Option<String>,
    event_source_token: Option<String>,
    function_url_auth_type: Option<String>,
    invoked_via_function_url: Option<bool>,
    #[serde(rename = "PrincipalOrgID")]
    principal_org_id: Option<String>,
    qualifier: Option<String>,
    revision_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddedPermission {
    statement: String,
}

impl Operation for AddPermission {
    const NAME: &'static str = "AddPermission";
    const SHAPE: &'static Shape = &Shape::structure(
        "AddPermissionRequest",
        &[
            Member::required("FunctionName", shapes::ANY_FUNCTION),
            Member::required("StatementId", Shape::string().length(1, 100).pattern(r"([a-zA-Z0-9-_]+)")),
            Member::required(
                "Action",
                Shape::string().at_most_long(10_000).pattern(r"(lambda:[*]|lambda:[a-zA-Z]+|[*])"),
            ),
            Member::required("Principal", Shape::string().at_most_long(2048).pattern(r"[^\s]+")),
            Member::optional("SourceArn", shapes::SOURCE_ARN),
            Member::optional("SourceAccount", Shape::string().at_most_long(12).pattern(r"\d{12}")),
            Member::optional("EventSourceToken", Shape::string().length(0, 256).pattern(r"[a-zA-Z0-9._\-]+")),
            Member::optional("Qualifier", shapes::QUALIFIER),
            Member::optional("PrincipalOrgID", Shape::string().length(12, 34).pattern(r"o-[a-z0-9]{10,32}")),
            Member::optional("FunctionUrlAuthType", Shape::string().one_of(&["NONE", "AWS_IAM"])),
        ],
    );
    type Output = AddedPermission;

    fn run(self, cx: &Context<'_>) -> Result<AddedPermission, Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        if named.qualifier.as_deref() == Some(LATEST) {
            return Err(invalid("We currently do not support adding policies for $LATEST.").into());
        }
        let resource = named.told();
        let statement = Statement::new(
            self.statement_id,
            &self.principal,
            self.action,
            resource.clone(),
            [
                ("AWS:SourceAccount", "StringEquals", self.source_account),
                ("lambda:EventSourceToken", "StringEquals", self.event_source_token),
                ("lambda:FunctionUrlAuthType", "StringEquals", self.function_url_auth_type),
                ("aws:PrincipalOrgID", "StringEquals", self.principal_org_id),
                ("AWS:SourceArn", "ArnLike", self.source_arn),
                ("lambda:InvokedViaFunctionUrl", "Bool", self.invoked_via_function_url.map(|is| is.to_string())),
            ],
        )?;
        cx.store.try_write(|w| {
            let mut function = function(w, &named)?;
            if let Some(qualifier) = &named.qualifier
                && published(w, &named, qualifier)?.is_none()
            {
                return Err(no_function(&resource).into());
            }
            hold_revision(self.revision_id.as_deref(), &function.latest.revision_id)?;
            if function.policy.iter().any(|other| other.sid == statement.sid && other.is_about(&resource)) {
                return Err(conflict(format!(
                    "The statement id ({}) provided already exists. Please provide a new statement id, or remove the \
                     existing statement.",
                    statement.sid
                ))
                .into());
            }
            function.policy.push(statement.clone());
            function.latest.revision_id = cx.world.dice.uuid();
            w.put(&named.key, &function, cx.now)?;
            Ok::<_, Failure>(())
        })?;
        Ok(AddedPermission { statement: statement.to_json() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPolicy {
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GotPolicy {
    policy: String,
    revision_id: String,
}

impl Operation for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetPolicyRequest",
        &[Member::required("FunctionName", shapes::ANY_FUNCTION), Member::optional("Qualifier", shapes::QUALIFIER)],
    );
    type Output = GotPolicy;

    fn run(self, cx: &Context<'_>) -> Result<GotPolicy, Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        let resource = named.told();
        let found = cx.store.read(|r| find(r, &named))?;
        let found = found.map(|function| {
            let about = function.policy.into_iter().filter(|statement| statement.is_about(&resource));
            (about.collect::<Vec<Statement>>(), function.latest.revision_id)
        });
        match found {
            Some((statements, revision_id)) if !statements.is_empty() => {
                Ok(GotPolicy { policy: policy_json(&statements), revision_id })
            }
            _ => Err(not_there("The resource you requested does not exist.").into()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemovePermission {
    function_name: String,
    statement_id: String,
    qualifier: Option<String>,
    revision_id: Option<String>,
}

impl Operation for RemovePermission {
    const NAME: &'static str = "RemovePermission";
    const SHAPE: &'static Shape = &Shape::structure(
        "RemovePermissionRequest",
        &[
            Member::required("FunctionName", shapes::ANY_FUNCTION),
            Member::required("StatementId", Shape::string().length(1, 100).pattern(r"([a-zA-Z0-9-_.]+)")),
            Member::optional("Qualifier", shapes::QUALIFIER),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        let resource = named.told();
        cx.store.try_write(|w| {
            let missing = || not_there(format!("No policy found for: {resource}"));
            let mut function = find(w, &named)?.ok_or_else(missing)?;
            if !function.policy.iter().any(|statement| statement.is_about(&resource)) {
                return Err(not_there("No policy is associated with the given resource.").into());
            }
            let before = function.policy.len();
            function.policy.retain(|statement| statement.sid != self.statement_id || !statement.is_about(&resource));
            if function.policy.len() == before {
                let message = format!("Statement {} is not found in resource policy.", self.statement_id);
                return Err(not_there(message).into());
            }
            hold_revision(self.revision_id.as_deref(), &function.latest.revision_id)?;
            function.latest.revision_id = cx.world.dice.uuid();
            w.put(&named.key, &function, cx.now)?;
            Ok(())
        })
    }
}
