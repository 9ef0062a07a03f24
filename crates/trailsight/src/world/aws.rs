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

use http::{Method, Request};
use http_body_util::{BodyExt as _, Limited};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsAuthorizer, AwsCredentialProvider};
use object_store::client::HttpClient;

use super::aws_profile;

mod assumed_role;

pub use assumed_role::AssumedRole;

/// How long a call may take; a queue is asked for messages for twenty seconds at once.
const TIMEOUT: Duration = Duration::from_secs(35);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
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
    pub(super) fn known_as(credential: object_store::aws::AwsCredential) -> anyhow::Result<Aws> {
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
}
