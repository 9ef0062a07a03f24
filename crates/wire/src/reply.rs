//! What goes back: status, headers, body. One door for all protocols.

use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use crate::call::Call;
use crate::error::ApiError;
use crate::service::{Addressee, Protocol, Service};
use crate::value::Value;
use crate::xml::Xml;
use crate::{aws_json, aws_query, rest_json};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// What a body is.
fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::AwsJson10 => "application/x-amz-json-1.0",
        Protocol::AwsJson11 => "application/x-amz-json-1.1",
        Protocol::RestJson => "application/json",
        Protocol::Query | Protocol::Ec2Query => "text/xml",
        Protocol::RestXml => "application/xml",
        Protocol::RpcV2Cbor => "application/cbor",
    }
}

pub(crate) fn reply(call: &Call, answer: Value, request_id: &str) -> Response<Vec<u8>> {
    let mut response = match (call.protocol, call.route) {
        (Protocol::RestJson, Some(route)) => rest_json::reply(route, answer),
        (Protocol::Query, _) => Response::new(aws_query::written(&call.operation, answer, call.service, request_id)),
        _ => Response::new(aws_json::written(&answer)),
    };
    head(&mut response, call.protocol, request_id);
    response
}

/// An error as a reply, in the protocol of who asked.
pub fn error_reply(to: &Addressee, error: &ApiError, request_id: &str) -> Response<Vec<u8>> {
    let body = match to.protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => aws_json::error(error, to.service),
        Protocol::RestJson => rest_json::error(error, to.service),
        Protocol::Query => aws_query::error(error, to.service, request_id),
        Protocol::RestXml => s3_error(error, request_id),
        Protocol::Ec2Query => ec2_error(error, request_id),
        Protocol::RpcV2Cbor => cbor_error(error),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    head(&mut response, to.protocol, request_id);
    match to.protocol {
        Protocol::RestJson => set(&mut response, ERROR_TYPE, &error.code),
        Protocol::RpcV2Cbor => set(&mut response, HeaderName::from_static("smithy-protocol"), "rpc-v2-cbor"),
        Protocol::AwsJson10 if to.service == Some(Service::Sqs) => {
            let fault = if error.is_sender { "Sender" } else { "Receiver" };
            set(&mut response, QUERY_ERROR, &format!("{};{fault}", error.code));
        }
        _ => {}
    }
    response
}

fn head(response: &mut Response<Vec<u8>>, protocol: Protocol, request_id: &str) {
    set(response, REQUEST_ID, request_id);
    if protocol == Protocol::RestXml {
        set(response, HeaderName::from_static("x-amz-request-id"), request_id);
    }
    if !response.body().is_empty() && !response.headers().contains_key(CONTENT_TYPE) {
        set(response, CONTENT_TYPE, content_type(protocol));
    }
}

/// What is no header's text is left out.
pub(crate) fn set(response: &mut Response<Vec<u8>>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
fn s3_error(error: &ApiError, request_id: &str) -> Vec<u8> {
    let mut xml = Xml::default();
    xml.open("Error");
    xml.text("Code", &error.code);
    xml.text("Message", &error.message);
    for (name, value) in &error.fields {
        xml.element(name, value);
    }
    xml.text("RequestId", request_id);
    xml.close("Error");
    xml.finish()
}

/// <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#operation-error-serialization>
fn ec2_error(error: &ApiError, request_id: &str) -> Vec<u8> {
    let mut xml = Xml::default();
    for name in ["Response", "Errors", "Error"] {
        xml.open(name);
    }
    xml.text("Code", &error.code);
    xml.text("Message", &error.message);
    xml.close("Error");
    xml.close("Errors");
    xml.text("RequestID", request_id);
    xml.close("Response");
    xml.finish()
}

/// A map of two texts. <https://www.rfc-editor.org/rfc/rfc8949#section-3.1>
fn cbor_error(error: &ApiError) -> Vec<u8> {
    let mut cbor = vec![0xa2];
    for text in ["__type", error.code.as_ref(), "message", error.message.as_str()] {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let text = &text.as_bytes()[..length as usize];
        cbor.push(0x7a);
        cbor.extend_from_slice(&length.to_be_bytes());
        cbor.extend_from_slice(text);
    }
    cbor
}
