//! Which service a request means, and which protocol it speaks.
//!
//! On AWS the host name tells; here one port serves all. What tells, the first that does:
//!
//! 1. `X-Amz-Target`, by its prefix: `AWSEvents.PutRule`;
//! 2. the service in the scope of the credential that signed the request, in `Authorization` or the query string;
//! 3. the path: Lambda's, CloudTrail's for audit events, `/service/…/operation/…`;
//! 4. for what is sent unsigned, the form: links in mails (`?Action=ConfirmSubscription`), and forms of a known version.
//!
//! Nothing of these means no service: it is the console's, or whoever's. S3 is only ever what was signed for S3, because its
//! paths are any paths.

use crate::request::Request;
use crate::rest_json;
use crate::sigv4;

/// The services that are spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/>
    CloudTrail,
    /// <https://docs.aws.amazon.com/awscloudtraildata/latest/APIReference/>
    CloudTrailData,
    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/>
    Events,
    /// <https://docs.aws.amazon.com/sns/latest/api/>
    Sns,
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/>
    Sqs,
    /// <https://docs.aws.amazon.com/lambda/latest/api/>
    Lambda,
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/>
    Sts,
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/>
    Iam,
    /// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/>
    Logs,
    /// <https://docs.aws.amazon.com/organizations/latest/APIReference/>
    Organizations,
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/>
    Kms,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/>
    S3,
}

/// How a request is written, and so how its answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// <https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>
    AwsJson10,
    /// <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>
    AwsJson11,
    /// <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>
    Query,
    /// <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>
    RestJson,
    /// S3's and its like; only its errors are written here. <https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html>
    RestXml,
    /// Only its errors are written here. <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>
    Ec2Query,
    /// Only its errors are written here. <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>
    RpcV2Cbor,
}

/// What is fixed about a service.
struct Facts {
    service: Service,
    /// As in the scope of a credential.
    signing_name: &'static str,
    /// What comes before the dot and the operation's name; the first is what most clients send.
    targets: &'static [&'static str],
    protocol: Protocol,
    /// Of a form; and in front of its date in the XML namespace.
    version: &'static str,
    namespace: &'static str,
}

const fn json(service: Service, signing_name: &'static str, targets: &'static [&'static str]) -> Facts {
    Facts { service, signing_name, targets, protocol: Protocol::AwsJson11, version: "", namespace: "" }
}

const fn other(service: Service, signing_name: &'static str, protocol: Protocol) -> Facts {
    Facts { service, signing_name, targets: &[], protocol, version: "", namespace: "" }
}

const fn query(service: Service, signing_name: &'static str, version: &'static str, namespace: &'static str) -> Facts {
    Facts { service, signing_name, targets: &[], protocol: Protocol::Query, version, namespace }
}

static SERVICES: &[Facts] = &[
    json(
        Service::CloudTrail,
        "cloudtrail",
        // The second is Smithy's: the SDKs for JavaScript (v3), Go, Java and Rust.
        &["com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", "CloudTrail_20131101"],
    ),
    other(Service::CloudTrailData, "cloudtrail-data", Protocol::RestJson),
    json(Service::Events, "events", &["AWSEvents"]),
    query(Service::Sns, "sns", "2010-03-31", "http://sns.amazonaws.com/doc/2010-03-31/"),
    Facts {
        targets: &["AmazonSQS"],
        protocol: Protocol::AwsJson10,
        ..query(Service::Sqs, "sqs", "2012-11-05", "http://queue.amazonaws.com/doc/2012-11-05/")
    },
    other(Service::Lambda, "lambda", Protocol::RestJson),
    query(Service::Sts, "sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"),
    query(Service::Iam, "iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"),
    json(Service::Logs, "logs", &["Logs_20140328"]),
    json(Service::Organizations, "organizations", &["AWSOrganizationsV20161128"]),
    json(Service::Kms, "kms", &["TrentService"]),
    other(Service::S3, "s3", Protocol::RestXml),
];

/// Services of which nothing but the protocol is known: a refusal must be in the words that their clients read.
static STRANGERS: &[(&str, Protocol)] = &[
    ("ec2", Protocol::Ec2Query),
    ("cloudfront", Protocol::RestXml),
    ("route53", Protocol::RestXml),
    ("s3express", Protocol::RestXml),
    ("s3-outposts", Protocol::RestXml),
];

impl Service {
    fn facts(self) -> &'static Facts {
        SERVICES.iter().find(|facts| facts.service == self).expect("every service is in the table: a test holds them")
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Service> {
        SERVICES.iter().map(|facts| facts.service)
    }

    /// Its name in the scope of a credential: `cloudtrail`.
    pub fn signing_name(self) -> &'static str {
        self.facts().signing_name
    }

    /// The protocol that its clients speak, if a request does not say otherwise.
    pub fn protocol(self) -> Protocol {
        self.facts().protocol
    }

    /// The namespace of its XML; empty for those that write none.
    pub fn xml_namespace(self) -> &'static str {
        self.facts().namespace
    }

    /// By its name in the scope of a credential.
    pub fn of_signing_name(name: &str) -> Option<Service> {
        SERVICES.iter().find(|facts| facts.signing_name == name).map(|facts| facts.service)
    }

    fn of_target(prefix: &str) -> Option<Service> {
        SERVICES.iter().find(|facts| facts.targets.contains(&prefix)).map(|facts| facts.service)
    }

    fn of_version(version: &str) -> Option<Service> {
        SERVICES.iter().find(|facts| !version.is_empty() && facts.version == version).map(|facts| facts.service)
    }
}

/// Whom a request means and how it speaks. Also of requests that cannot be answered: the refusal must be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The service, if it is one that is spoken here.
    pub service: Option<Service>,
    /// What the request calls it: `dynamodb`; empty if it says nothing of AWS.
    pub name: String,
    /// How to answer.
    pub protocol: Protocol,
}

impl Addressee {
    fn of_service(service: Service, request: &Request<'_>) -> Addressee {
        let protocol = match service.protocol() {
            protocol @ (Protocol::AwsJson10 | Protocol::AwsJson11) => spoken_json(request).unwrap_or(protocol),
            protocol => protocol,
        };
        // Queues were asked by forms until 2023, and some clients still do.
        let is_old = service == Service::Sqs && request.header("x-amz-target").is_none() && has_form(request);
        Addressee {
            service: Some(service),
            name: service.signing_name().to_owned(),
            protocol: if is_old { Protocol::Query } else { protocol },
        }
    }

    /// Of a request. `None`: it is for no service of AWS.
    pub fn of(request: &Request<'_>) -> Option<Addressee> {
        by_target(request).or_else(|| by_scope(request)).or_else(|| by_path(request)).or_else(|| by_form(request))
    }

    /// Whether `X-Amz-Target` and the like name a service that is not spoken here.
    pub fn is_stranger(&self) -> bool {
        self.service.is_none()
    }
}

/// Whether the request says that it is a form, or has its form in the query string.
fn has_form(request: &Request<'_>) -> bool {
    request.is_form() || (request.body.is_empty() && request.parameter("Action").is_some())
}

/// The version of JSON that the request says it is written in.
fn spoken_json(request: &Request<'_>) -> Option<Protocol> {
    match () {
        () if request.has_content_type("application/x-amz-json-1.0") => Some(Protocol::AwsJson10),
        () if request.has_content_type("application/x-amz-json-1.1") => Some(Protocol::AwsJson11),
        () => None,
    }
}

fn by_target(request: &Request<'_>) -> Option<Addressee> {
    let target = request.header("x-amz-target")?;
    let prefix = target.rsplit_once('.').map_or(target, |(prefix, _)| prefix);
    if let Some(service) = Service::of_target(prefix) {
        return Some(Addressee::of_service(service, request));
    }
    // `DynamoDB_20120810`: its scope says it better, if there is one. It may also be a new prefix of a service we know.
    let name = sigv4::scope_service(request).unwrap_or_else(|| prefix.to_owned());
    let is_json = |service: &Service| matches!(service.protocol(), Protocol::AwsJson10 | Protocol::AwsJson11);
    if let Some(service) = Service::of_signing_name(&name).filter(is_json) {
        return Some(Addressee::of_service(service, request));
    }
    Some(Addressee { service: None, name, protocol: spoken_json(request).unwrap_or(Protocol::AwsJson11) })
}

fn by_scope(request: &Request<'_>) -> Option<Addressee> {
    let name = sigv4::scope_service(request)?;
    if let Some(service) = Service::of_signing_name(&name) {
        return Some(Addressee::of_service(service, request));
    }
    let known = STRANGERS.iter().find(|(stranger, _)| *stranger == name).map(|(_, protocol)| *protocol);
    let protocol = match known {
        Some(protocol) => protocol,
        None if request.header("smithy-protocol").is_some() => Protocol::RpcV2Cbor,
        None if has_form(request) => Protocol::Query,
        None => spoken_json(request).unwrap_or(Protocol::RestJson),
    };
    Some(Addressee { service: None, name, protocol })
}

fn by_path(request: &Request<'_>) -> Option<Addressee> {
    if let Some(service) = rest_json::service_of_path(request.path) {
        return Some(Addressee::of_service(service, request));
    }
    let rest = request.path.strip_prefix("/service/")?;
    let (name, _operation) = rest.split_once("/operation/")?;
    Some(Addressee { service: None, name: name.to_owned(), protocol: Protocol::RpcV2Cbor })
}

fn by_form(request: &Request<'_>) -> Option<Addressee> {
    if !has_form(request) {
        return None;
    }
    let form = if request.is_form() && !request.body.is_empty() { request.body } else { request.query.as_bytes() };
    // Both stand in front in what clients send; a long form is not read for them.
    let mut front = form_urlencoded::parse(form).take(16);
    let (mut action, mut version) = (None, None);
    for (name, value) in &mut front {
        match name.as_ref() {
            "Action" => action = Some(value),
            "Version" => version = Some(value),
            _ => {}
        }
    }
    let service = match (action?.as_ref(), version) {
        (_, Some(version)) => Service::of_version(&version)?,
        ("ConfirmSubscription" | "Unsubscribe", None) => Service::Sns,
        _ => return None,
    };
    Some(Addressee::of_service(service, request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_its_facts_and_no_two_share_a_name() {
        for service in Service::all() {
            assert_eq!(Service::of_signing_name(service.signing_name()), Some(service));
            assert_eq!(service.xml_namespace().is_empty(), service.facts().version.is_empty());
            for target in service.facts().targets {
                assert_eq!(Service::of_target(target), Some(service));
            }
        }
        assert_eq!(SERVICES.len(), Service::S3 as usize + 1);
    }
}
