//! AWS elsewhere: who we are there, and signed calls.
//!
//! Credentials come from where AWS's tools look for them: the environment, the profile's static keys, a web identity, a container's
//! or an instance's role. What the environment says of endpoints is not believed: whoever talks to this service has set
//! `AWS_ENDPOINT_URL` to this service.
//!
//! Everything goes through `object_store`'s signer, which is here for buckets anyway. A client's ARN says to which Region a call
//! goes: no redirect is followed, and no answer is longer than AWS's are, for whoever answers there.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Limited};
use jiff::{SignedDuration, Timestamp};
use object_store::CredentialProvider;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsAuthorizer, AwsCredential, AwsCredentialProvider};
use object_store::client::HttpClient;
use serde::Deserialize;
use server::world::Clock;

use super::aws_profile;
use super::clock::SystemClock;

/// How long a call may take; a queue is asked for messages for twenty seconds at once.
const TIMEOUT: Duration = Duration::from_secs(35);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Credentials of a role are asked for anew so long before they end.
const RENEWED: SignedDuration = SignedDuration::from_mins(5);
/// The longest answer: ten messages of a queue are 1 MiB, and JSON escapes make them six times as long.
const ANSWER_BYTES: usize = 8 << 20;
/// The most of an answer that is repeated in an error.
const TOLD_BYTES: usize = 500;

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AwsError {
    /// Nobody says who we are.
    #[error("there are no AWS credentials (environment, profile, web identity, instance role): {0}")]
    NoCredentials(String),
    /// It was not reached.
    #[error("{0}")]
    Unreachable(String),
    /// It refuses.
    #[error("{code}: {message}")]
    Refused {
        /// `AccessDenied`.
        code: String,
        /// In AWS's words.
        message: String,
    },
}

/// The way to AWS.
#[derive(Debug)]
pub struct Aws {
    http: HttpClient,
    own: OnceLock<Result<AwsCredentialProvider, String>>,
}

/// To whom a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `sqs`, as it is signed for.
    pub service: &'static str,
    /// The Region it is signed for.
    pub region: String,
    /// `https://sqs.us-east-1.amazonaws.com`, without a slash at its end.
    pub url: String,
}

impl Endpoint {
    /// AWS's own, or the one that was named.
    pub fn of(service: &'static str, region: &str, named: Option<&str>) -> Endpoint {
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let url = named
            .map_or_else(|| format!("https://{service}.{region}.{domain}"), |url| url.trim_end_matches('/').into());
        Endpoint { service, region: region.to_owned(), url }
    }
}

impl Aws {
    /// Nothing is asked yet.
    pub fn new() -> anyhow::Result<Aws> {
        let client = reqwest::Client::builder()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .build()?;
        Ok(Aws { http: HttpClient::new(client), own: OnceLock::new() })
    }

    /// The way to AWS for whom we are said to be.
    #[cfg(test)]
    pub(super) fn known_as(credential: AwsCredential) -> anyhow::Result<Aws> {
        let provider: AwsCredentialProvider = Arc::new(object_store::StaticCredentialProvider::new(credential));
        Ok(Aws { own: OnceLock::from(Ok(provider)), ..Aws::new()? })
    }

    /// Whoever we are by ourselves.
    pub fn own_credentials(&self) -> Result<AwsCredentialProvider, AwsError> {
        let own = self.own.get_or_init(|| {
            let builder = bucket_builder(|name| std::env::var(name).ok()).with_bucket_name("credentials");
            builder.build().map(|s3| Arc::clone(s3.credentials())).map_err(|error| error.to_string())
        });
        own.clone().map_err(AwsError::NoCredentials)
    }

    /// A call in JSON: `target` is `AmazonSQS.SendMessage`.
    pub async fn json(
        &self,
        credentials: &AwsCredentialProvider,
        to: &Endpoint,
        target: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, AwsError> {
        let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target)];
        let (status, body) = self.post(credentials, to, &headers, body.to_string()).await?;
        let told = serde_json::from_slice(&body).ok().filter(serde_json::Value::is_object);
        if status == 200 {
            // A proxy's page, say: whoever took it for an answer would take for done what nobody has done.
            let why = || AwsError::Unreachable(format!("{}: its answer cannot be read: {}", to.url, beginning(&body)));
            return told.ok_or_else(why);
        }
        let told = told.unwrap_or_default();
        let text = |name: &str| told[name].as_str().map(str::to_owned);
        let code = text("__type").map(|code| code.rsplit('#').next().unwrap_or_default().to_owned());
        Err(AwsError::Refused {
            code: code.unwrap_or_else(|| format!("status {status}")),
            message: text("message").or_else(|| text("Message")).unwrap_or_else(|| beginning(&body)),
        })
    }

    async fn post(
        &self,
        credentials: &AwsCredentialProvider,
        to: &Endpoint,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<(u16, bytes::Bytes), AwsError> {
        let unreachable = |error: &dyn std::fmt::Display| AwsError::Unreachable(format!("{}: {error}", to.url));
        let credential = credentials.get_credential().await;
        let credential = credential.map_err(|error| AwsError::NoCredentials(error.to_string()))?;
        let mut request = Request::builder().method(Method::POST).uri(format!("{}/", to.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).map_err(|error| unreachable(&error))?;
        AwsAuthorizer::new(&credential, to.service, &to.region).authorize(&mut request, None);
        let reply = self.http.execute(request).await.map_err(|error| unreachable(&causes(&error)))?;
        let (parts, body) = reply.into_parts();
        let body = Limited::new(body, ANSWER_BYTES).collect().await.map_err(|error| unreachable(&causes(&*error)))?;
        Ok((parts.status.as_u16(), body.to_bytes()))
    }
}

/// A bucket's builder that knows who we are, but no endpoint.
pub fn bucket_builder(variable: impl Fn(&str) -> Option<String>) -> AmazonS3Builder {
    let mut builder = AmazonS3Builder::new();
    let keys = [
        AmazonS3ConfigKey::AccessKeyId,
        AmazonS3ConfigKey::SecretAccessKey,
        AmazonS3ConfigKey::Token,
        AmazonS3ConfigKey::DefaultRegion,
        AmazonS3ConfigKey::Region,
        AmazonS3ConfigKey::WebIdentityTokenFile,
        AmazonS3ConfigKey::RoleArn,
        AmazonS3ConfigKey::RoleSessionName,
        AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
        AmazonS3ConfigKey::ContainerCredentialsFullUri,
        AmazonS3ConfigKey::ContainerAuthorizationTokenFile,
        AmazonS3ConfigKey::MetadataEndpoint,
        AmazonS3ConfigKey::ImdsV1Fallback,
    ];
    for key in keys {
        if let Some(value) = variable(&key.as_ref().to_ascii_uppercase()) {
            builder = builder.with_config(key, value);
        }
    }
    let profile = aws_profile::settings(&variable);
    builder = aws_profile::with_keys(builder, &profile, &variable);
    if variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).is_none()
        && let Some(region) = profile.get("region")
    {
        builder = builder.with_region(region);
    }
    builder
}

/// An error with its causes, once each: reqwest's own text leaves them out.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let told = next.to_string();
        if !text.contains(&told) {
            text = format!("{text}: {told}");
        }
        cause = next.source();
    }
    text
}

fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(TOLD_BYTES)]).escape_debug().to_string()
}

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
        let (credential, until) = self.assume().await.map_err(|error| object_store::Error::Generic {
            store: "STS",
            source: format!("cannot take on the role {}: {error}", self.role_arn).into(),
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
    fn what_the_environment_says_of_endpoints_is_not_believed() {
        let variable = |name: &str| match name {
            "AWS_ENDPOINT_URL" | "AWS_ENDPOINT_URL_S3" | "AWS_ENDPOINT_URL_SQS" => {
                Some("http://127.0.0.1:4580".to_owned())
            }
            "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE".to_owned()),
            "AWS_DEFAULT_REGION" => Some("eu-west-1".to_owned()),
            _ => None,
        };
        let builder = bucket_builder(variable);
        let told = |key| builder.get_config_value(&key);
        assert_eq!(told(AmazonS3ConfigKey::AccessKeyId).as_deref(), Some("AKIDEXAMPLE"));
        assert_eq!(told(AmazonS3ConfigKey::Region).as_deref(), Some("eu-west-1"));
        assert_eq!((told(AmazonS3ConfigKey::Endpoint), told(AmazonS3ConfigKey::S3Endpoint)), (None, None));
    }

    #[test]
    fn an_endpoint_is_awss_own_unless_another_is_named() {
        let url = |region, named| Endpoint::of("sqs", region, named).url;
        assert_eq!(url("eu-west-1", None), "https://sqs.eu-west-1.amazonaws.com");
        assert_eq!(url("cn-north-1", None), "https://sqs.cn-north-1.amazonaws.com.cn");
        assert_eq!(url("us-east-1", Some("http://127.0.0.1:5000/")), "http://127.0.0.1:5000");
    }

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
