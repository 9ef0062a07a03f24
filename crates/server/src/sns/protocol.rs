//! The protocols that a subscription can have. <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>
//!
//! `application` (mobile push) and `firehose` are not spoken here, and refused as what nobody knows is.

use serde::{Deserialize, Serialize};

/// How a subscriber is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    Http,
    Https,
    Email,
    EmailJson,
    Sms,
    Sqs,
    Lambda,
}

impl Protocol {
    pub(crate) fn of_name(name: &str) -> Option<Protocol> {
        use Protocol::{Email, EmailJson, Http, Https, Lambda, Sms, Sqs};
        [Http, Https, Email, EmailJson, Sms, Sqs, Lambda].into_iter().find(|protocol| protocol.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Https => "https",
            Protocol::Email => "email",
            Protocol::EmailJson => "email-json",
            Protocol::Sms => "sms",
            Protocol::Sqs => "sqs",
            Protocol::Lambda => "lambda",
        }
    }

    /// The kind of the deliveries that carry its messages.
    pub(crate) fn delivery_kind(self) -> &'static str {
        match self {
            Protocol::Http | Protocol::Https => "sns-http",
            Protocol::Email | Protocol::EmailJson => "sns-email",
            Protocol::Sms => "sns-sms",
            Protocol::Sqs => "sns-sqs",
            Protocol::Lambda => "sns-lambda",
        }
    }

    /// The kind of those that ask whether it wants messages at all, or say that it gets no more.
    pub(crate) fn confirmation_kind(self) -> &'static str {
        match self {
            Protocol::Http | Protocol::Https => "sns-http-confirmation",
            Protocol::Email | Protocol::EmailJson => "sns-email-confirmation",
            Protocol::Sms => "sns-sms-confirmation",
            Protocol::Sqs => "sns-sqs-confirmation",
            Protocol::Lambda => "sns-lambda-confirmation",
        }
    }

    pub(crate) fn is_http(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }

    pub(crate) fn is_mail(self) -> bool {
        matches!(self, Protocol::Email | Protocol::EmailJson)
    }

    /// Whether it can be told the message alone, without an envelope.
    pub(crate) fn knows_raw(self) -> bool {
        self.is_http() || self == Protocol::Sqs
    }
}
