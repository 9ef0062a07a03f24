//! The parameters of a connection: a key, a name and a password, or a client that fetches tokens; and what goes with every
//! request besides.

use serde::{Deserialize, Serialize};
use wire::{ApiError, Value};

use super::AuthorizationType;
use crate::events::http_parameters::may_be_set;
use crate::events::rule::invalid;

/// All of it, as it is kept.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AuthParameters {
    pub(crate) basic_auth_parameters: Option<Basic>,
    pub(crate) o_auth_parameters: Option<OAuth>,
    pub(crate) api_key_auth_parameters: Option<ApiKey>,
    pub(crate) invocation_http_parameters: Option<Http>,
    /// Refused.
    #[serde(default, skip_serializing)]
    connectivity_parameters: Option<Value>,
}

/// A name and a password.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Basic {
    pub(crate) username: String,
    pub(crate) password: String,
}

/// A header and its value.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApiKey {
    pub(crate) api_key_name: String,
    pub(crate) api_key_value: String,
}

/// A client, and where it gets its tokens.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OAuth {
    pub(crate) client_parameters: Client,
    pub(crate) authorization_endpoint: String,
    pub(crate) http_method: String,
    pub(crate) o_auth_http_parameters: Option<Http>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    #[serde(rename = "ClientID")]
    pub(crate) id: String,
    #[serde(rename = "ClientSecret")]
    pub(crate) secret: String,
}

/// What goes with a request besides.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Http {
    pub(crate) header_parameters: Option<Vec<Parameter>>,
    pub(crate) query_string_parameters: Option<Vec<Parameter>>,
    pub(crate) body_parameters: Option<Vec<Parameter>>,
}

/// A name and a value, which may be secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Parameter {
    key: Option<String>,
    value: Option<String>,
    is_value_secret: Option<bool>,
}

/// What UpdateConnection gives: all of it may be left out.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AuthUpdate {
    basic_auth_parameters: Option<BasicUpdate>,
    o_auth_parameters: Option<OAuthUpdate>,
    api_key_auth_parameters: Option<ApiKeyUpdate>,
    invocation_http_parameters: Option<Http>,
    connectivity_parameters: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BasicUpdate {
    username: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApiKeyUpdate {
    api_key_name: Option<String>,
    api_key_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OAuthUpdate {
    client_parameters: Option<ClientUpdate>,
    authorization_endpoint: Option<String>,
    http_method: Option<String>,
    o_auth_http_parameters: Option<Http>,
}

#[derive(Deserialize)]
struct ClientUpdate {
    #[serde(rename = "ClientID")]
    id: Option<String>,
    #[serde(rename = "ClientSecret")]
    secret: Option<String>,
}

impl Http {
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(self.header_parameters.as_deref())
    }

    pub(crate) fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(self.query_string_parameters.as_deref())
    }

    pub(crate) fn body(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(self.body_parameters.as_deref())
    }

    fn check(&self) -> Result<(), ApiError> {
        self.headers().try_for_each(|(name, _)| may_be_set(name))
    }

    /// Without what is secret: AWS tells that there is such a value, and not which.
    fn told(&self) -> Http {
        let told = |parameters: &Option<Vec<Parameter>>| {
            let each = parameters.as_ref()?.iter().map(|parameter| {
                let is_secret = parameter.is_value_secret.unwrap_or_default();
                let value = parameter.value.clone().filter(|_| !is_secret);
                Parameter { key: parameter.key.clone(), value, is_value_secret: Some(is_secret) }
            });
            Some(each.collect())
        };
        Http {
            header_parameters: told(&self.header_parameters),
            query_string_parameters: told(&self.query_string_parameters),
            body_parameters: told(&self.body_parameters),
        }
    }
}

fn pairs(parameters: Option<&[Parameter]>) -> impl Iterator<Item = (&str, &str)> {
    let each = parameters.unwrap_or_default().iter();
    each.filter_map(|parameter| Some((parameter.key.as_deref()?, parameter.value.as_deref().unwrap_or_default())))
}

impl AuthParameters {
    /// Only what the type needs is given, and all of that.
    pub(crate) fn check(&self, kind: AuthorizationType) -> Result<(), ApiError> {
        no_connectivity(self.connectivity_parameters.as_ref())?;
        let (basic, oauth, key) = (
            self.basic_auth_parameters.is_some(),
            self.o_auth_parameters.is_some(),
            self.api_key_auth_parameters.is_some(),
        );
        let (fits, name) = match kind {
            AuthorizationType::Basic => (basic && !oauth && !key, "BasicAuthParameters"),
            AuthorizationType::OauthClientCredentials => (oauth && !basic && !key, "OAuthParameters"),
            AuthorizationType::ApiKey => (key && !basic && !oauth, "ApiKeyAuthParameters"),
        };
        if !fits {
            return Err(invalid(format!(
                "Parameter AuthParameters is not valid. Reason: for this authorization type {name} must be given, and none \
                 of the others."
            )));
        }
        if let Some(key) = &self.api_key_auth_parameters {
            may_be_set(&key.api_key_name)?;
        }
        if let Some(oauth) = &self.o_auth_parameters {
            web_address("AuthorizationEndpoint", &oauth.authorization_endpoint)?;
            oauth.o_auth_http_parameters.as_ref().map_or(Ok(()), Http::check)?;
        }
        self.invocation_http_parameters.as_ref().map_or(Ok(()), Http::check)
    }

    /// What is told: names, and no secrets.
    pub(crate) fn told(&self) -> AuthTold {
        AuthTold {
            basic_auth_parameters: self
                .basic_auth_parameters
                .as_ref()
                .map(|basic| BasicTold { username: basic.username.clone() }),
            o_auth_parameters: self.o_auth_parameters.as_ref().map(|oauth| OAuthTold {
                client_parameters: ClientTold { id: oauth.client_parameters.id.clone() },
                authorization_endpoint: oauth.authorization_endpoint.clone(),
                http_method: oauth.http_method.clone(),
                o_auth_http_parameters: oauth.o_auth_http_parameters.as_ref().map(Http::told),
            }),
            api_key_auth_parameters: self
                .api_key_auth_parameters
                .as_ref()
                .map(|key| ApiKeyTold { api_key_name: key.api_key_name.clone() }),
            invocation_http_parameters: self.invocation_http_parameters.as_ref().map(Http::told),
        }
    }

    /// What it is after an update. Of another type nothing is left over but what goes with every request.
    pub(crate) fn updated(self, kind: AuthorizationType, update: AuthUpdate) -> Result<AuthParameters, ApiError> {
        no_connectivity(update.connectivity_parameters.as_ref())?;
        let missing =
            |name: &str| invalid(format!("Parameter AuthParameters is not valid. Reason: {name} is missing."));
        let whole =
            |given: Option<String>, kept: Option<String>, name: &str| given.or(kept).ok_or_else(|| missing(name));
        let mut updated = AuthParameters {
            invocation_http_parameters: update.invocation_http_parameters.or(self.invocation_http_parameters),
            ..AuthParameters::default()
        };
        match kind {
            AuthorizationType::Basic => {
                let kept = self.basic_auth_parameters.map(|basic| (basic.username, basic.password)).unzip();
                let given = update.basic_auth_parameters.map(|basic| (basic.username, basic.password)).unzip();
                updated.basic_auth_parameters = Some(Basic {
                    username: whole(given.0.flatten(), kept.0, "Username")?,
                    password: whole(given.1.flatten(), kept.1, "Password")?,
                });
            }
            AuthorizationType::ApiKey => {
                let kept = self.api_key_auth_parameters.map(|key| (key.api_key_name, key.api_key_value)).unzip();
                let given = update.api_key_auth_parameters.map(|key| (key.api_key_name, key.api_key_value)).unzip();
                updated.api_key_auth_parameters = Some(ApiKey {
                    api_key_name: whole(given.0.flatten(), kept.0, "ApiKeyName")?,
                    api_key_value: whole(given.1.flatten(), kept.1, "ApiKeyValue")?,
                });
            }
            AuthorizationType::OauthClientCredentials => {
                let given = update.o_auth_parameters;
                let (client, endpoint, method, http) = match given {
                    Some(given) => (
                        given.client_parameters,
                        given.authorization_endpoint,
                        given.http_method,
                        given.o_auth_http_parameters,
                    ),
                    None => (None, None, None, None),
                };
                let kept = self.o_auth_parameters;
                let kept_client = kept.as_ref().map(|kept| kept.client_parameters.clone());
                let (id, secret) = client.map_or((None, None), |client| (client.id, client.secret));
                let (kept_id, kept_secret) = kept_client.map(|client| (client.id, client.secret)).unzip();
                updated.o_auth_parameters = Some(OAuth {
                    client_parameters: Client {
                        id: whole(id, kept_id, "ClientID")?,
                        secret: whole(secret, kept_secret, "ClientSecret")?,
                    },
                    authorization_endpoint: whole(
                        endpoint,
                        kept.as_ref().map(|kept| kept.authorization_endpoint.clone()),
                        "AuthorizationEndpoint",
                    )?,
                    http_method: whole(method, kept.as_ref().map(|kept| kept.http_method.clone()), "HttpMethod")?,
                    o_auth_http_parameters: http.or_else(|| kept.and_then(|kept| kept.o_auth_http_parameters)),
                });
            }
        }
        updated.check(kind)?;
        Ok(updated)
    }
}

/// A private network in front of an endpoint is a thing of AWS's.
pub(crate) fn no_connectivity(connectivity: Option<&Value>) -> Result<(), ApiError> {
    match connectivity {
        None => Ok(()),
        Some(_) => Err(ApiError::new(
            "UnsupportedOperationException",
            "Resource configurations of VPC Lattice are not there. Private addresses are reached as they are: leave the \
             connectivity parameters out.",
        )),
    }
}

/// What requests are sent to.
pub(crate) fn web_address(name: &str, address: &str) -> Result<(), ApiError> {
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Ok(()),
        _ => Err(invalid(format!("Parameter {name} is not valid. Reason: it must begin with https:// or http://."))),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AuthTold {
    basic_auth_parameters: Option<BasicTold>,
    o_auth_parameters: Option<OAuthTold>,
    api_key_auth_parameters: Option<ApiKeyTold>,
    invocation_http_parameters: Option<Http>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BasicTold {
    username: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ApiKeyTold {
    api_key_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OAuthTold {
    client_parameters: ClientTold,
    authorization_endpoint: String,
    http_method: String,
    o_auth_http_parameters: Option<Http>,
}

#[derive(Serialize)]
struct ClientTold {
    #[serde(rename = "ClientID")]
    id: String,
}
