//! Names of trails, and what CloudTrail says of those that are none.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html>

use std::net::Ipv4Addr;

use wire::ApiError;

const SHORTEST: usize = 3;
const LONGEST: usize = 128;

/// Refuses what is no name of a trail.
pub(crate) fn check(name: &str) -> Result<(), ApiError> {
    match objection(name) {
        None => Ok(()),
        Some(objection) => Err(ApiError::new("InvalidTrailNameException", objection)),
    }
}

fn objection(name: &str) -> Option<String> {
    let length = name.chars().count();
    let is_joint = |byte: &u8| b"._-".contains(byte);
    let bytes = name.as_bytes();
    if length < SHORTEST {
        return Some(format!(
            "Trail name too short. Minimum allowed length: {SHORTEST} characters. Specified name length: {length} characters."
        ));
    }
    if length > LONGEST {
        return Some(format!(
            "Trail name too long. Maximum allowed length: {LONGEST} characters. Specified name length: {length} characters."
        ));
    }
    if !bytes.first().is_some_and(u8::is_ascii_alphanumeric) {
        return Some("Trail name must starts with a letter or number.".into());
    }
    if !bytes.last().is_some_and(u8::is_ascii_alphanumeric) {
        return Some("Trail name must ends with a letter or number.".into());
    }
    if !bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || is_joint(byte)) {
        return Some(
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_)."
                .into(),
        );
    }
    if bytes.windows(2).any(|pair| pair.iter().all(is_joint)) {
        return Some("Trail name cannot have two adjacent periods (.), hyphens (-), or underscores (_).".into());
    }
    if name.parse::<Ipv4Addr>().is_ok() {
        return Some("Trail name cannot be in the form of an IP address.".into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_and_ends_with_a_letter_or_number() {
        for name in ["my-trail", "a.b", "A1_b", "123", &"a".repeat(128)] {
            assert_eq!(objection(name), None, "{name}");
        }
        for name in ["", "ab", "-my-trail", "my-trail.", "my trail", "my--trail", "my._trail", "10.0.0.1", "träil"] {
            assert!(objection(name).is_some(), "{name}");
        }
        assert!(objection(&"a".repeat(129)).is_some());
    }
}
