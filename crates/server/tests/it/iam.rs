//! IAM: what is stored is given back.

use crate::door::{Door, Reply};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}]}"#;

/// Asks an operation; its parameters as a form has them, not encoded.
pub(crate) fn ask(door: &Door, action: &str, parameters: &[(&str, &str)]) -> Reply {
    let encoded = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let mut form = format!("Action={action}&Version=2010-05-08");
    for (name, value) in parameters {
        form += &format!("&{name}={}", encoded(value));
    }
    door.form(&form)
}

fn answer(door: &Door, action: &str, parameters: &[(&str, &str)]) -> String {
    let reply = ask(door, action, parameters);
    assert_eq!(reply.status, 200, "{action}: {}", reply.body);
    reply.body
}

/// The texts of all elements of a name.
pub(crate) fn texts<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).map(|rest| rest.split(&close).next().expect("it is closed")).collect()
}

fn with_role() -> Door {
    let door = Door::default();
    let parameters = [
        ("RoleName", "deploy"),
        ("AssumeRolePolicyDocument", TRUST),
        ("Description", "deploys"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "blue"),
    ];
    answer(&door, "CreateRole", &parameters);
    door
}

const DEPLOY: (&str, &str) = ("RoleName", "deploy");

#[test]
fn a_role_is_given_back_as_it_was_made() {
    let door = with_role();
    let role = answer(&door, "GetRole", &[DEPLOY]);
    assert_eq!(texts(&role, "Arn"), ["arn:aws:iam::123456789012:role/deploy"]);
    assert_eq!(texts(&role, "CreateDate"), ["2026-02-12T14:30:00.000Z"]);
    assert_eq!((texts(&role, "Description"), texts(&role, "MaxSessionDuration")), (vec!["deploys"], vec!["3600"]));
    assert_eq!((texts(&role, "Key"), texts(&role, "Value")), (vec!["team"], vec!["blue"]));
    let id = texts(&role, "RoleId")[0];
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    // In the encoding of URLs, as AWS tells documents.
    let document = texts(&role, "AssumeRolePolicyDocument")[0];
    assert!(document.starts_with("%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22"), "{document}");

    answer(&door, "UpdateAssumeRolePolicy", &[DEPLOY, ("PolicyDocument", &TRUST.replace("lambda", "events"))]);
    assert!(answer(&door, "GetRole", &[DEPLOY]).contains("events.amazonaws.com"));
    answer(&door, "TagRole", &[DEPLOY, ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "1")]);
    answer(&door, "UntagRole", &[DEPLOY, ("TagKeys.member.1", "team")]);
    assert_eq!(texts(&answer(&door, "ListRoleTags", &[DEPLOY]), "Key"), ["a"]);
}

#[test]
fn a_role_has_policies_of_its_own_and_managed_ones_and_goes_without_them_only() {
    let door = with_role();
    answer(&door, "PutRolePolicy", &[DEPLOY, ("PolicyName", "publish"), ("PolicyDocument", ALLOW)]);
    assert_eq!(texts(&answer(&door, "ListRolePolicies", &[DEPLOY]), "member"), ["publish"]);
    let told = answer(&door, "GetRolePolicy", &[DEPLOY, ("PolicyName", "publish")]);
    assert!(texts(&told, "PolicyDocument")[0].contains("sns%3APublish"), "{told}");

    let policy =
        answer(&door, "CreatePolicy", &[("PolicyName", "mine"), ("PolicyDocument", ALLOW), ("Path", "/ours/")]);
    let arn = texts(&policy, "Arn")[0];
    assert_eq!(arn, "arn:aws:iam::123456789012:policy/ours/mine");
    let of_aws = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    for arn in [arn, of_aws, of_aws] {
        answer(&door, "AttachRolePolicy", &[DEPLOY, ("PolicyArn", arn)]);
    }
    let attached = answer(&door, "ListAttachedRolePolicies", &[DEPLOY]);
    assert_eq!(texts(&attached, "PolicyName"), ["AWSLambdaBasicExecutionRole", "mine"]);
    let attached = answer(&door, "ListAttachedRolePolicies", &[DEPLOY, ("PathPrefix", "/ours/")]);
    assert_eq!(texts(&attached, "PolicyArn"), [arn]);
    assert_eq!(texts(&answer(&door, "GetPolicy", &[("PolicyArn", arn)]), "AttachmentCount"), ["1"]);
    let version = answer(&door, "GetPolicyVersion", &[("PolicyArn", arn), ("VersionId", "v1")]);
    assert!(texts(&version, "Document")[0].contains("sns%3APublish"));
    assert_eq!(texts(&answer(&door, "ListPolicyVersions", &[("PolicyArn", arn)]), "VersionId"), ["v1"]);
    assert_eq!(
        texts(&answer(&door, "ListPolicies", &[("Scope", "Local"), ("OnlyAttached", "true")]), "PolicyName"),
        ["mine"]
    );
    assert!(texts(&answer(&door, "ListPolicies", &[("Scope", "AWS")]), "PolicyName").is_empty());

    let conflict = |action: &str, parameters: &[(&str, &str)], message: &str| {
        let reply = ask(&door, action, parameters);
        assert_eq!((reply.status, &*texts(&reply.body, "Code")), (409, &["DeleteConflict"][..]), "{}", reply.body);
        assert_eq!(texts(&reply.body, "Message"), [message]);
    };
    conflict("DeletePolicy", &[("PolicyArn", arn)], "Cannot delete a policy attached to entities.");
    conflict("DeleteRole", &[DEPLOY], "Cannot delete entity, must detach all policies first.");
    for arn in [arn, of_aws] {
        answer(&door, "DetachRolePolicy", &[DEPLOY, ("PolicyArn", arn)]);
    }
    conflict("DeleteRole", &[DEPLOY], "Cannot delete entity, must delete policies first.");
    answer(&door, "DeleteRolePolicy", &[DEPLOY, ("PolicyName", "publish")]);
    answer(&door, "ListInstanceProfilesForRole", &[DEPLOY]);
    answer(&door, "DeleteRole", &[DEPLOY]);
    answer(&door, "DeletePolicy", &[("PolicyArn", arn)]);
    assert!(texts(&answer(&door, "ListRoles", &[]), "RoleName").is_empty());
}

#[test]
fn pages_of_roles_are_the_whole() {
    let door = Door::default();
    for name in ["a", "b", "c"] {
        answer(&door, "CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST), ("Path", "/x/")]);
    }
    let first = answer(&door, "ListRoles", &[("MaxItems", "2"), ("PathPrefix", "/x/")]);
    assert_eq!((texts(&first, "RoleName"), texts(&first, "IsTruncated")), (vec!["a", "b"], vec!["true"]));
    let rest = answer(&door, "ListRoles", &[("MaxItems", "2"), ("Marker", texts(&first, "Marker")[0])]);
    assert_eq!((texts(&rest, "RoleName"), texts(&rest, "IsTruncated")), (vec!["c"], vec!["false"]));
    assert!(texts(&answer(&door, "ListRoles", &[("PathPrefix", "/y/")]), "RoleName").is_empty());
}

#[test]
fn wrong_inputs_get_the_documented_errors() {
    let door = with_role();
    let none = ("RoleName", "none");
    for (action, parameters, status, code, message) in [
        (
            "CreateRole",
            &[("RoleName", "DEPLOY"), ("AssumeRolePolicyDocument", TRUST)][..],
            409,
            "EntityAlreadyExists",
            "Role with name DEPLOY already exists.",
        ),
        (
            "CreateRole",
            &[("RoleName", "x"), ("AssumeRolePolicyDocument", "{")],
            400,
            "MalformedPolicyDocument",
            "This policy contains invalid Json",
        ),
        (
            "CreateRole",
            &[("RoleName", "x"), ("AssumeRolePolicyDocument", ALLOW)],
            400,
            "MalformedPolicyDocument",
            "Has prohibited field Resource",
        ),
        (
            "CreateRole",
            &[("RoleName", "a b"), ("AssumeRolePolicyDocument", TRUST)],
            400,
            "ValidationError",
            "1 validation error detected",
        ),
        (
            "CreateRole",
            &[("RoleName", "x"), ("AssumeRolePolicyDocument", TRUST), ("MaxSessionDuration", "60")],
            400,
            "ValidationError",
            "1 validation error detected",
        ),
        ("GetRole", &[none], 404, "NoSuchEntity", "The role with name none cannot be found."),
        ("DeleteRole", &[none], 404, "NoSuchEntity", "The role with name none cannot be found."),
        (
            "PutRolePolicy",
            &[DEPLOY, ("PolicyName", "p"), ("PolicyDocument", TRUST)],
            400,
            "MalformedPolicyDocument",
            "Policy document should not specify a principal.",
        ),
        (
            "GetRolePolicy",
            &[DEPLOY, ("PolicyName", "p")],
            404,
            "NoSuchEntity",
            "The role policy with name p cannot be found.",
        ),
        (
            "DeleteRolePolicy",
            &[DEPLOY, ("PolicyName", "p")],
            404,
            "NoSuchEntity",
            "The role policy with name p cannot be found.",
        ),
        (
            "AttachRolePolicy",
            &[DEPLOY, ("PolicyArn", "arn:aws:iam::123456789012:policy/none")],
            404,
            "NoSuchEntity",
            "does not exist or is not attachable",
        ),
        (
            "AttachRolePolicy",
            &[DEPLOY, ("PolicyArn", "arn:aws:sns:us-east-1:123456789012:x")],
            400,
            "InvalidInput",
            "is not valid",
        ),
        (
            "DetachRolePolicy",
            &[DEPLOY, ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")],
            404,
            "NoSuchEntity",
            "was not found",
        ),
        ("GetPolicy", &[("PolicyArn", "arn:aws:iam::123456789012:policy/none")], 404, "NoSuchEntity", "was not found"),
        ("GetPolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")], 404, "NoSuchEntity", "AWS's own"),
        ("GetUser", &[("UserName", "jane")], 404, "NoSuchEntity", "The user with name jane cannot be found."),
        ("ListRoles", &[("Marker", "x")], 400, "ValidationError", "Invalid Marker."),
        (
            "CreateUser",
            &[("UserName", "jane")],
            400,
            "UnsupportedOperation",
            "and enforces none; CreateUser is not kept.",
        ),
    ] {
        let reply = ask(&door, action, parameters);
        assert_eq!((reply.status, &*texts(&reply.body, "Code")), (status, &[code][..]), "{action}: {}", reply.body);
        assert!(texts(&reply.body, "Message")[0].contains(message), "{action}: {}", reply.body);
    }
    assert_eq!(texts(&answer(&door, "GetUser", &[]), "Arn"), ["arn:aws:iam::123456789012:root"]);
}
