//! `userIdentity`: who really called.
//!
//! A role's sessions have names of their own, often one a call. AWS's Insights count them as the role, and so do we:
//!
//!   arn:aws:sts::111122223333:assumed-role/Deploy/i-0abc…  →  arn:aws:sts::111122223333:assumed-role/Deploy
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use std::borrow::Cow;

use crate::api_call::Text;

/// The caller, as the record tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// `IAMUser`, `AssumedRole`, `AWSService` …; absent in records of the services themselves.
    pub kind: Option<Text<'a>>,
    /// The ARN, with the role session if there is one.
    pub arn: Option<Text<'a>>,
    /// AWS's id of the caller; of role sessions `AROA…:session`.
    pub principal_id: Option<Text<'a>>,
    /// The account of the caller (not always the one whose resources were called).
    pub account_id: Option<Text<'a>>,
    /// The key that signed the call.
    pub access_key_id: Option<Text<'a>>,
    /// The IAM user's name.
    pub user_name: Option<Text<'a>>,
    /// The role behind a session: `arn:aws:iam::111122223333:role/Deploy`.
    pub session_issuer_arn: Option<Text<'a>>,
    /// The service that called on somebody's behalf.
    pub invoked_by: Option<Text<'a>>,
}

impl Identity<'_> {
    /// Whom calls are attributed to: the ARN, role sessions cut to the role. Where there is none: the service that called,
    /// else the principal's id (without the session), else the kind of caller.
    pub fn who(&self) -> Option<&str> {
        if let Some(arn) = text(&self.arn) {
            return Some(session_of(arn).map_or(arn, |(role, _)| role));
        }
        let principal_id = text(&self.principal_id).map(|id| id.split_once(':').map_or(id, |(id, _)| id));
        let invoked_by = text(&self.invoked_by);
        match text(&self.kind) {
            None | Some("AWSService") => invoked_by.or(principal_id).or(text(&self.kind)),
            Some(kind) => principal_id.or(invoked_by).or(Some(kind)),
        }
    }

    /// The name of the role session, if the caller is one.
    pub fn session_name(&self) -> Option<&str> {
        let session = match text(&self.arn) {
            Some(arn) => session_of(arn)?.1,
            None if text(&self.kind) == Some("AssumedRole") => text(&self.principal_id)?.split_once(':')?.1,
            None => return None,
        };
        (!session.is_empty()).then_some(session)
    }
}

fn text<'t>(text: &'t Option<Cow<'_, str>>) -> Option<&'t str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// Cuts `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION` before and after the slash behind the role.
fn session_of(arn: &str) -> Option<(&str, &str)> {
    let bytes = arn.as_bytes();
    let partition = bytes.strip_prefix(b"arn:")?;
    let service = &partition[partition.iter().position(|byte| *byte == b':')?..];
    let account = service.strip_prefix(b":sts::")?;
    let resource = &account[account.iter().position(|byte| *byte == b':')?..];
    let role = resource.strip_prefix(b":assumed-role/")?;
    let slash = arn.len() - role.len() + memchr::memchr(b'/', role)?;
    Some((&arn[..slash], &arn[slash + 1..]))
}

/// An error code without the prefix by which EC2 says that the caller is at fault: `Client.UnauthorizedOperation` and
/// `UnauthorizedOperation` are counted as one. `Server.` stays: a fault of the service is another thing.
pub fn plain_error_code(code: &str) -> &str {
    code.strip_prefix("Client.").filter(|rest| !rest.is_empty()).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(
        kind: &'static str,
        arn: &'static str,
        principal_id: &'static str,
        invoked_by: &'static str,
    ) -> Identity<'static> {
        let some = |text: &'static str| (!text.is_empty()).then_some(Cow::Borrowed(text));
        Identity {
            kind: some(kind),
            arn: some(arn),
            principal_id: some(principal_id),
            invoked_by: some(invoked_by),
            ..Identity::default()
        }
    }

    #[test]
    fn a_role_session_counts_as_its_role() {
        for (kind, arn, principal_id, invoked_by, who, session) in [
            ("IAMUser", "arn:aws:iam::1:user/a/b", "AIDA", "", "arn:aws:iam::1:user/a/b", None),
            (
                "AssumedRole",
                "arn:aws:sts::1:assumed-role/R/S",
                "AROA:S",
                "",
                "arn:aws:sts::1:assumed-role/R",
                Some("S"),
            ),
            (
                "AssumedRole",
                "arn:aws-cn:sts::1:assumed-role/R/S",
                "",
                "",
                "arn:aws-cn:sts::1:assumed-role/R",
                Some("S"),
            ),
            (
                "AssumedRole",
                "arn:aws-us-gov:sts::1:assumed-role/R/S",
                "",
                "",
                "arn:aws-us-gov:sts::1:assumed-role/R",
                Some("S"),
            ),
            ("AssumedRole", "arn:aws:sts::1:assumed-role/R", "", "", "arn:aws:sts::1:assumed-role/R", None),
            ("FederatedUser", "arn:aws:sts::1:federated-user/F", "1:F", "", "arn:aws:sts::1:federated-user/F", None),
            ("IAMUser", "arn:aws:iam::1:user/assumed-role/x/y", "", "", "arn:aws:iam::1:user/assumed-role/x/y", None),
            ("Root", "arn:aws:iam::1:root", "1", "", "arn:aws:iam::1:root", None),
            ("AWSService", "", "", "s3.amazonaws.com", "s3.amazonaws.com", None),
            ("", "", "", "s3.amazonaws.com", "s3.amazonaws.com", None),
            ("AWSAccount", "", "AROA:S", "", "AROA", None),
            ("AssumedRole", "", "AROA:S", "ec2.amazonaws.com", "AROA", Some("S")),
            ("Unknown", "", "", "", "Unknown", None),
        ] {
            let identity = identity(kind, arn, principal_id, invoked_by);
            assert_eq!(identity.who(), Some(who), "{identity:?}");
            assert_eq!(identity.session_name(), session, "{identity:?}");
        }
        assert_eq!(Identity::default().who(), None);
    }

    #[test]
    fn a_code_with_and_without_client_is_one() {
        assert_eq!(plain_error_code("Client.UnauthorizedOperation"), "UnauthorizedOperation");
        assert_eq!(plain_error_code("AccessDenied"), "AccessDenied");
        assert_eq!(plain_error_code("Server.InternalError"), "Server.InternalError");
        assert_eq!(plain_error_code("Client."), "Client.");
    }
}
