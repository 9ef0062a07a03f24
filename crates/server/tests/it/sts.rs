//! STS.

use jiff::SignedDuration;

use crate::door::{Door, Reply};
use crate::iam::texts;

const DEPLOY: &str = "RoleArn=arn:aws:iam::123456789012:role/ci/deploy&RoleSessionName=jane";

fn ask(door: &Door, action: &str) -> Reply {
    door.form(&format!("Version=2011-06-15&Action={action}"))
}

fn code(reply: &Reply) -> (u16, &str) {
    (reply.status, texts(&reply.body, "Code")[0])
}

#[test]
fn everybody_is_the_account_itself() {
    let reply = ask(&Door::default(), "GetCallerIdentity");
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("<Arn>arn:aws:iam::123456789012:root</Arn>"), "{}", reply.body);
}

#[test]
fn who_assumed_a_role_is_that_role_until_it_is_over() {
    let mut door = Door::default();
    let reply = ask(&door, &format!("AssumeRole&{DEPLOY}&DurationSeconds=900"));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let arn = "arn:aws:sts::123456789012:assumed-role/deploy/jane";
    assert_eq!(texts(&reply.body, "Arn"), [arn]);
    assert_eq!(texts(&reply.body, "Expiration"), ["2026-02-12T14:45:00.000Z"]);
    let key = texts(&reply.body, "AccessKeyId")[0];
    assert!(key.starts_with("ASIA") && key.len() == 20, "{key}");
    assert_eq!(texts(&reply.body, "SecretAccessKey")[0].len(), 40);
    let id = texts(&reply.body, "AssumedRoleId")[0];
    assert!(id.starts_with("AROA") && id.ends_with(":jane"), "{id}");

    door.access_key = key.to_owned();
    let caller = ask(&door, "GetCallerIdentity").body;
    assert_eq!((texts(&caller, "Arn"), texts(&caller, "UserId")), (vec![arn], vec![id]));
    assert_eq!(code(&ask(&door, "GetSessionToken")), (403, "AccessDenied"));
    // From one role to another for an hour at most.
    assert_eq!(ask(&door, &format!("AssumeRole&{DEPLOY}")).status, 200);
    assert_eq!(code(&ask(&door, &format!("AssumeRole&{DEPLOY}&DurationSeconds=3601"))), (400, "ValidationError"));

    let user = |door: &Door| door.form("Version=2010-05-08&Action=GetUser");
    assert_eq!(code(&user(&door)), (400, "ValidationError"));

    door.wait(SignedDuration::from_secs(900));
    assert_eq!(code(&ask(&door, "GetCallerIdentity")), (403, "ExpiredToken"));
    assert_eq!(code(&user(&door)), (403, "ExpiredToken"));
}

#[test]
fn a_session_is_forgotten_a_day_after_it_is_over() {
    let mut door = Door::default();
    let session = |door: &Door| {
        let made = ask(door, &format!("AssumeRole&{DEPLOY}&DurationSeconds=900"));
        texts(&made.body, "AccessKeyId")[0].to_owned()
    };
    let keeps_up = |door: &Door| server::upkeep::upkeep(&door.store, door.now).expect("it forgets what is old");
    let old = session(&door);
    door.wait(SignedDuration::from_secs(900 + 24 * 3600));
    let new = session(&door);
    keeps_up(&door);
    door.access_key = old;
    assert_eq!(code(&ask(&door, "GetCallerIdentity")), (403, "ExpiredToken"));
    door.wait(SignedDuration::from_secs(1));
    keeps_up(&door);
    // Where signatures are demanded, nobody knows the key any more.
    assert!(ask(&door, "GetCallerIdentity").body.contains(":root</Arn>"));
    door.access_key = new;
    assert!(ask(&door, "GetCallerIdentity").body.contains(":assumed-role/deploy/jane</Arn>"));
}

#[test]
fn a_role_of_ours_says_for_how_long_at_most() {
    let door = Door::default();
    let trust =
        "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22*%22%2C%22Action%22%3A%22*%22%7D%7D";
    let role = format!("RoleName=deploy&Path=/ci/&MaxSessionDuration=7200&AssumeRolePolicyDocument={trust}");
    let made = door.form(&format!("Action=CreateRole&Version=2010-05-08&{role}"));
    assert_eq!(made.status, 200, "{}", made.body);
    let assumed = ask(&door, &format!("AssumeRole&{DEPLOY}&DurationSeconds=7200"));
    assert!(texts(&assumed.body, "AssumedRoleId")[0].starts_with(texts(&made.body, "RoleId")[0]));
    let refused = ask(&door, &format!("AssumeRole&{DEPLOY}&DurationSeconds=7201"));
    assert_eq!(code(&refused), (400, "ValidationError"));
    assert!(refused.body.contains("exceeds the MaxSessionDuration"), "{}", refused.body);
}

#[test]
fn a_session_token_is_of_the_account_and_for_an_hour() {
    let mut door = Door::default();
    let reply = ask(&door, "GetSessionToken&DurationSeconds=43200");
    assert_eq!(texts(&reply.body, "Expiration"), ["2026-02-12T15:30:00.000Z"]);
    door.access_key = texts(&reply.body, "AccessKeyId")[0].to_owned();
    assert_eq!(texts(&ask(&door, "GetCallerIdentity").body, "Arn"), ["arn:aws:iam::123456789012:root"]);
}

#[test]
fn wrong_inputs_get_the_documented_errors() {
    let door = Door::default();
    for (asked, expected) in [
        ("AssumeRole&RoleArn=arn:aws:iam::123456789012:user/jane&RoleSessionName=jane", "ValidationError"),
        ("AssumeRole&RoleArn=arn:aws:iam::123456789012:role/&RoleSessionName=jane", "ValidationError"),
        ("AssumeRole&RoleArn=arn:aws:iam::123456789012:role/deploy&RoleSessionName=j", "ValidationError"),
        (
            "AssumeRole&RoleArn=arn:aws:iam::123456789012:role/deploy&RoleSessionName=jane&DurationSeconds=899",
            "ValidationError",
        ),
        (
            "AssumeRole&RoleArn=arn:aws:iam::123456789012:role/deploy&RoleSessionName=jane&Policy=x",
            "MalformedPolicyDocument",
        ),
        ("AssumeRole&RoleSessionName=jane", "ValidationError"),
        ("GetSessionToken&DurationSeconds=1", "ValidationError"),
        ("GetFederationToken&Name=jane", "UnsupportedOperation"),
    ] {
        assert_eq!(code(&ask(&door, asked)), (400, expected), "{asked}");
    }
}
