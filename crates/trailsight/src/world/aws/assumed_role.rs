//! A role that we take on at STS, for somebody else's bucket.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use serde::Deserialize;
use server::world::Clock;

use super::{Aws, AwsError, Endpoint, beginning};
use crate::world::clock::SystemClock;

/// Credentials of a role are asked for anew so long before they end.
const RENEWED: SignedDuration = SignedDuration::from_mins(5);

/// A role that we take on, for somebody else's bucket. <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Debug)]
pub struct AssumedRole {
    aws: Arc<Aws>,
    to: Endpoint,
    role_arn: String,
    external_id: Option<String>,
    session: tokio::sync::Mutex<Option<(Arc<AwsCredential>, Timestamp)>>,
}

impl AssumedRole {
    /// The role; it is not taken on yet. `region` and `endpoint_url`: those of STS.
    pub fn new(
        aws: Arc<Aws>,
        role_arn: &str,
        external_id: Option<&str>,
        region: &str,
        endpoint_url: Option<&str>,
    ) -> AssumedRole {
        AssumedRole {
            aws,
            to: Endpoint::of("sts", region, endpoint_url),
            role_arn: role_arn.to_owned(),
            external_id: external_id.map(str::to_owned),
            session: tokio::sync::Mutex::default(),
        }
    }

    async fn assume(&self) -> Result<(Arc<AwsCredential>, Timestamp), AwsError> {
        let mut form = vec![
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", &self.role_arn),
            ("RoleSessionName", "trailsight"),
        ];
        form.extend(self.external_id.as_deref().map(|id| ("ExternalId", id)));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let (status, body) = self.aws.post(&self.aws.own_credentials()?, &self.to, &headers, body).await?;
        let text = String::from_utf8_lossy(&body);
        if status != 200 {
            let Refusal { error } = quick_xml::de::from_str(&text).unwrap_or_default();
            let code = if error.code.is_empty() { format!("status {status}") } else { error.code };
            let message = if error.message.is_empty() { beginning(&body) } else { error.message };
            return Err(AwsError::Refused { code, message });
        }
        let told: AssumeRoleResponse = quick_xml::de::from_str(&text).map_err(|error| {
            AwsError::Unreachable(format!("{}: the answer to AssumeRole cannot be read: {error}", self.to.url))
        })?;
        let Session { access_key_id, secret_access_key, session_token, expiration } = told.result.credentials;
        let credential =
            AwsCredential { key_id: access_key_id, secret_key: secret_access_key, token: Some(session_token) };
        Ok((Arc::new(credential), expiration))
    }
}

#[async_trait]
impl CredentialProvider for AssumedRole {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut session = self.session.lock().await;
        let now = SystemClock.now();
        if let Some((credential, until)) = &*session
            && now + RENEWED < *until
        {
            return Ok(Arc::clone(credential));
        }
        let (credential, until) = self.assume().await.map_err(|error| {
            let source = format!("cannot take on the role {}: {error}", self.role_arn).into();
            match error {
                AwsError::Refused { code, .. } if code == "AccessDenied" => {
                    object_store::Error::PermissionDenied { path: self.role_arn.clone(), source }
                }
                _ => object_store::Error::Generic { store: "STS", source },
            }
        })?;
        *session = Some((Arc::clone(&credential), until));
        Ok(credential)
    }
}

#[derive(Debug, Deserialize)]
struct AssumeRoleResponse {
    #[serde(rename = "AssumeRoleResult")]
    result: AssumeRoleResult,
}

#[derive(Debug, Deserialize)]
struct AssumeRoleResult {
    #[serde(rename = "Credentials")]
    credentials: Session,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Session {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: Timestamp,
}

#[derive(Debug, Default, Deserialize)]
struct Refusal {
    #[serde(rename = "Error")]
    error: RefusalError,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RefusalError {
    code: String,
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_sts_is_read() {
        let text = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
                    <AssumedRoleUser><Arn>a</Arn><AssumedRoleId>b</AssumedRoleId></AssumedRoleUser><Credentials>\
                    <AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>a/b+c</SecretAccessKey>\
                    <SessionToken>t&amp;t</SessionToken><Expiration>2026-02-12T15:30:00Z</Expiration></Credentials>\
                    </AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>";
        let told: AssumeRoleResponse = quick_xml::de::from_str(text).expect("it can be read");
        assert_eq!(told.result.credentials.session_token, "t&t");
        let text = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let told: Refusal = quick_xml::de::from_str(text).expect("it can be read");
        assert_eq!((told.error.code.as_str(), told.error.message.as_str()), ("AccessDenied", "no"));
    }
}
