//! Whether an endpoint is one of its protocol, and whether it must say first that it wants to be one.

use record::names::AccountId;
use wire::ApiError;

use super::invalid;
use super::protocol::Protocol;
use crate::arn::Arn;

/// Checks an endpoint. What passes can stand in a header or a mail's envelope: no blanks, no control characters.
pub(crate) fn check(protocol: Protocol, endpoint: &str) -> Result<(), ApiError> {
    let is_one_word = !endpoint.chars().any(|char| char.is_whitespace() || char.is_control());
    match protocol {
        Protocol::Http | Protocol::Https => {
            let host = endpoint.strip_prefix(protocol.name()).and_then(|rest| rest.strip_prefix("://"));
            match host.filter(|host| is_one_word && !host.is_empty() && !host.starts_with(['/', '?', '#'])) {
                Some(_) => Ok(()),
                None => Err(invalid("Endpoint must match the specified protocol")),
            }
        }
        Protocol::Email | Protocol::EmailJson => {
            let is_address = endpoint.rsplit_once('@').is_some_and(|(who, host)| {
                !who.is_empty() && !host.is_empty() && !endpoint.contains(['<', '>', ',', ';', '"', '\\'])
            });
            if is_one_word && is_address && endpoint.len() <= 320 { Ok(()) } else { Err(invalid("Email address")) }
        }
        Protocol::Sms if is_phone_number(endpoint) => Ok(()),
        Protocol::Sms => Err(ApiError::new("InvalidParameter", format!("Invalid SMS endpoint: {endpoint}"))),
        Protocol::Sqs => match Arn::of(endpoint).filter(|arn| is_one_word && arn.service == "sqs") {
            Some(queue) if queue.resource.ends_with(".fifo") => Err(invalid(
                "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
            )),
            Some(_) => Ok(()),
            None => Err(invalid("SQS endpoint ARN")),
        },
        Protocol::Lambda => match Arn::of(endpoint).filter(|arn| is_one_word && arn.service == "lambda") {
            Some(_) => Ok(()),
            None => Err(invalid("Lambda endpoint ARN")),
        },
    }
}

/// Whether an endpoint gets messages at once: queues and functions of the account itself, and telephones.
pub(crate) fn is_confirmed_at_once(protocol: Protocol, endpoint: &str, account: &AccountId) -> bool {
    match protocol {
        Protocol::Sms => true,
        Protocol::Sqs | Protocol::Lambda => Arn::of(endpoint).is_some_and(|arn| arn.account == account.as_str()),
        Protocol::Http | Protocol::Https | Protocol::Email | Protocol::EmailJson => false,
    }
}

/// `+15551234567`; single dots, dashes and slashes may divide it.
pub(crate) fn is_phone_number(text: &str) -> bool {
    let is_divider = |byte: &u8| b"./-".contains(byte);
    let bytes = text.as_bytes();
    let are_single = !bytes.windows(2).any(|pair| pair.iter().all(&is_divider));
    let are_inside = !bytes.first().is_some_and(is_divider) && !bytes.last().is_some_and(is_divider);
    let number: Vec<u8> = bytes.iter().copied().filter(|byte| !is_divider(byte)).collect();
    let digits = number.strip_prefix(b"+").unwrap_or(&number);
    are_single
        && are_inside
        && (2..=15).contains(&digits.len())
        && digits[0] != b'0'
        && digits.iter().all(u8::is_ascii_digit)
}
