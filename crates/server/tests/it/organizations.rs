//! Organizations, and who administers CloudTrail for one.

use serde_json::{Value, json};

use crate::door::Door;

const MEMBER: &str = "111122223333";

fn with_member() -> Door {
    let mut door = Door::default();
    door.place.members = vec![(MEMBER.into(), "shop".into())];
    door
}

fn ask(door: &Door, operation: &str, input: Value) -> Result<Value, String> {
    let prefix = match operation.contains("OrganizationDelegatedAdmin") {
        true => "CloudTrail_20131101",
        false => "AWSOrganizationsV20161128",
    };
    let reply = door.json(&format!("{prefix}.{operation}"), input);
    match reply.status {
        200 if reply.body.is_empty() => Ok(Value::Null),
        200 => Ok(reply.json()),
        _ => Err(reply.json()["__type"].as_str().expect("an error has a type").to_owned()),
    }
}

#[test]
fn the_account_manages_an_organization_that_is_always_the_same() {
    let door = with_member();
    let organization = &ask(&door, "DescribeOrganization", json!({})).unwrap()["Organization"];
    let id = organization["Id"].as_str().unwrap();
    assert!(id.starts_with("o-") && id.len() == 12, "{id}");
    assert_eq!(
        (&organization["MasterAccountId"], &organization["FeatureSet"]),
        (&json!("123456789012"), &json!("ALL"))
    );
    assert_eq!(&ask(&Door::default(), "DescribeOrganization", json!({})).unwrap()["Organization"], organization);
    let root = &ask(&door, "ListRoots", json!({})).unwrap()["Roots"][0];
    assert_eq!(ask(&door, "ListTagsForResource", json!({"ResourceId": root["Id"]})), Ok(json!({"Tags": []})));
}

#[test]
fn its_accounts_are_those_that_were_named_and_those_that_were_seen() {
    let door = with_member();
    let file = store::log_files::LogFile {
        bucket: "b".into(),
        key: "AWSLogs/444455556666/CloudTrail/us-east-1/2026/02/12/a.json.gz".into(),
        etag: "e".into(),
        size: 1,
        account_region: Some(("444455556666".into(), "us-east-1".into())),
        delivered: Some(record::time::Minute(29_515_000)),
    };
    door.store.write(|w| w.mark_counted(1, [(&file, 1)], door.now)).unwrap();
    let page = ask(&door, "ListAccounts", json!({"MaxResults": 2})).unwrap();
    let told = |page: &Value| -> Vec<String> {
        let accounts = page["Accounts"].as_array().unwrap().iter();
        accounts.map(|one| format!("{} {}", one["Id"].as_str().unwrap(), one["Name"].as_str().unwrap())).collect()
    };
    assert_eq!(told(&page), ["111122223333 shop", "123456789012 management"]);
    let rest = ask(&door, "ListAccounts", json!({"NextToken": page["NextToken"]})).unwrap();
    assert_eq!((told(&rest), &rest["NextToken"]), (vec!["444455556666 444455556666".to_owned()], &Value::Null));
    assert_eq!(ask(&door, "DescribeAccount", json!({"AccountId": MEMBER})).unwrap()["Account"]["Status"], "ACTIVE");
}

#[test]
fn services_are_let_in_and_accounts_administer_them() {
    let door = with_member();
    let names = |listed: Value| -> Vec<String> {
        let all = listed["EnabledServicePrincipals"].as_array().unwrap().clone();
        all.iter().map(|one| one["ServicePrincipal"].as_str().unwrap().to_owned()).collect()
    };
    let list = || names(ask(&door, "ListAWSServiceAccessForOrganization", json!({})).unwrap());
    assert_eq!(list(), ["cloudtrail.amazonaws.com"]);
    let config = json!({"ServicePrincipal": "config.amazonaws.com"});
    let of_config = json!({"AccountId": MEMBER, "ServicePrincipal": "config.amazonaws.com"});
    assert_eq!(
        ask(&door, "RegisterDelegatedAdministrator", of_config.clone()),
        Err("ConstraintViolationException".into())
    );
    ask(&door, "EnableAWSServiceAccess", config.clone()).unwrap();
    assert_eq!(list(), ["cloudtrail.amazonaws.com", "config.amazonaws.com"]);
    ask(&door, "RegisterDelegatedAdministrator", of_config.clone()).unwrap();
    assert_eq!(
        ask(&door, "RegisterDelegatedAdministrator", of_config.clone()),
        Err("AccountAlreadyRegisteredException".into())
    );
    ask(&door, "RegisterOrganizationDelegatedAdmin", json!({"MemberAccountId": MEMBER})).unwrap();
    let services = ask(&door, "ListDelegatedServicesForAccount", json!({"AccountId": MEMBER})).unwrap();
    assert_eq!(services["DelegatedServices"].as_array().unwrap().len(), 2);
    let of_cloudtrail = json!({"ServicePrincipal": "cloudtrail.amazonaws.com"});
    let administrators = ask(&door, "ListDelegatedAdministrators", of_cloudtrail).unwrap();
    assert_eq!(administrators["DelegatedAdministrators"][0]["Id"], MEMBER);
    assert_eq!(administrators["DelegatedAdministrators"][0]["DelegationEnabledDate"], 1_770_906_600);

    ask(&door, "DeregisterOrganizationDelegatedAdmin", json!({"DelegatedAdminAccountId": MEMBER})).unwrap();
    ask(&door, "DeregisterDelegatedAdministrator", of_config.clone()).unwrap();
    assert_eq!(ask(&door, "DeregisterDelegatedAdministrator", of_config), Err("AccountNotRegisteredException".into()));
    ask(&door, "DisableAWSServiceAccess", json!({"ServicePrincipal": "cloudtrail.amazonaws.com"})).unwrap();
    assert_eq!(list(), ["config.amazonaws.com"]);
}

#[test]
fn wrong_inputs_get_the_documented_errors() {
    let door = with_member();
    for (operation, input, expected) in [
        ("DescribeAccount", json!({"AccountId": "999999999999"}), "AccountNotFoundException"),
        ("DescribeAccount", json!({"AccountId": "x"}), "ValidationException"),
        ("ListAccounts", json!({"MaxResults": 21}), "ValidationException"),
        ("ListAccounts", json!({"NextToken": "x"}), "InvalidInputException"),
        ("ListTagsForResource", json!({"ResourceId": "999999999999"}), "TargetNotFoundException"),
        ("EnableAWSServiceAccess", json!({"ServicePrincipal": "nobody"}), "InvalidInputException"),
        (
            "RegisterDelegatedAdministrator",
            json!({"AccountId": "123456789012", "ServicePrincipal": "cloudtrail.amazonaws.com"}),
            "ConstraintViolationException",
        ),
        ("ListDelegatedServicesForAccount", json!({"AccountId": MEMBER}), "AccountNotRegisteredException"),
        ("CreateAccount", json!({}), "UnsupportedAPIEndpointException"),
        (
            "RegisterOrganizationDelegatedAdmin",
            json!({"MemberAccountId": "123456789012"}),
            "CannotDelegateManagementAccountException",
        ),
        ("RegisterOrganizationDelegatedAdmin", json!({"MemberAccountId": "999999999999"}), "AccountNotFoundException"),
        (
            "DeregisterOrganizationDelegatedAdmin",
            json!({"DelegatedAdminAccountId": MEMBER}),
            "AccountNotRegisteredException",
        ),
    ] {
        assert_eq!(ask(&door, operation, input), Err(expected.to_owned()), "{operation}");
    }
    ask(&door, "DisableAWSServiceAccess", json!({"ServicePrincipal": "cloudtrail.amazonaws.com"})).unwrap();
    let member = json!({"MemberAccountId": MEMBER});
    assert_eq!(
        ask(&door, "RegisterOrganizationDelegatedAdmin", member),
        Err("CloudTrailAccessNotEnabledException".into())
    );
}

#[test]
fn what_is_not_there_is_refused_with_what_to_do_instead() {
    let reply = Door::default().json("TrentService.CreateKey", json!({}));
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("leave --kms-key-id and the like out"), "{}", reply.body);
    let reply = Door::default().json("DynamoDB_20120810.ListTables", json!({}));
    assert!(reply.status == 404 && reply.body.contains("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"), "{}", reply.body);
}
