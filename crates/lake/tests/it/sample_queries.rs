//! The public sample queries of CloudTrail Lake, where they are at hand (`../shared/data/lake-queries`), of made-up records that
//! make each of them answer rows. What they must give was worked out by hand.
//! <https://github.com/aws-samples/cloud-trail-lake-query-samples>

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::datasource::MemTable;
use lake::arrow::array::{RecordBatch, StringArray, StructArray, TimestampMicrosecondArray};
use lake::arrow::datatypes::{DataType, Field, Fields, Schema};
use serde_json::{Map, Value, json};

use crate::{answer, ask, runtime};

/// What stands where a person is to write an id.
const PLACEHOLDERS: [&str; 6] = [
    "<EDS ID>",
    "<event_data_store_id>",
    "<Event data store Id>",
    "<Event data store ID>",
    "$EDS_ID",
    "config_event_data_store_ID",
];
const ID: &str = "2a8f2138-0caa-46c8-a194-0123456789ab";

/// Queries that are broken where they come from, and what is wrong with each.
const BROKEN: &[(&str, &str)] = &[
    ("ConfigItemCountQuery.sql", "it is Athena's: it reads files by their \"$path\""),
    ("list-all-errors-for-s3-events.sql", "two statements run together"),
    ("list-publicly-accessible-rds-instances.sql", "two statements run together"),
    ("network-activity-events-vpce-access-denied-s3.sql", "it selects columns that it does not group by"),
    ("top-errors.sql", "blanks are missing before ORDER BY and LIMIT"),
];

fn folder() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("TRAILSIGHT_SHARED_DATA").map_or(beside, PathBuf::from).join("lake-queries");
    if !folder.is_dir() {
        println!("LEFT OUT: no sample queries in {}", folder.display());
        return None;
    }
    Some(folder)
}

/// A sample query, of our store: the dates that a person is to write are those of the second day of 2023.
fn statement(text: &str) -> String {
    let mut text = text.to_owned();
    for placeholder in PLACEHOLDERS {
        text = text.replace(placeholder, ID);
    }
    for day in ["2023-01-02 00:00:00", "2023-01-03 00:00:00"] {
        text = text.replacen("'${date_filter}'", &format!("'{day}'"), 1);
    }
    // A window of no time at all: nothing could ever be in it.
    text.replacen("eventTime < '2022-01-01 00:00:00'", "eventTime < '2022-01-02 00:00:00'", 1)
}

/// A record: what most have, and over it what is said.
fn record(id: u32, at: &str, api: &str, said: Value) -> String {
    let (source, name) = api.split_once(':').expect("a service and a name");
    let base = json!({
        "eventVersion": "1.09", "eventTime": at, "eventSource": format!("{source}.amazonaws.com"), "eventName": name,
        "awsRegion": "us-east-1", "sourceIPAddress": format!("203.0.113.{id}"), "userAgent": "aws-cli/2",
        "requestParameters": null, "responseElements": null, "requestID": format!("r-{id}"), "eventID": format!("e-{id}"),
        "readOnly": false, "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDA", "arn": "arn:aws:iam::111122223333:user/ann", "accountId": "111122223333"},
    });
    let (Value::Object(mut record), Value::Object(said)) = (base, said) else { panic!("records are objects") };
    record.extend(said);
    Value::Object(record).to_string()
}

/// Somebody's identity: one of the account, with more.
fn identity(more: Value) -> Value {
    let mut identity = Map::from_iter([("type".into(), json!("IAMUser")), ("accountId".into(), json!("111122223333"))]);
    identity.extend(more.as_object().cloned().unwrap_or_default());
    Value::Object(identity)
}

fn records() -> Vec<String> {
    let key = identity(json!({"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "arn": "arn:aws:iam::111122223333:user/key"}));
    let alice = identity(json!({"principalId": "AROA:alice@example.com", "userName": "alice@example.com"}));
    let role = |arn: &str, name: &str| {
        let issuer = json!({"type": "Role", "arn": arn, "userName": name});
        json!({"type": "AssumedRole", "accountId": "555555555555", "arn": format!("{arn}/s"), "sessionContext": {"sessionIssuer": issuer}})
    };
    let rule =
        |name: &str| json!({"additionalEventData": {"configRuleName": name, "configRuleArn": format!("arn:{name}")}});
    let mut all = vec![
        record(1, "2022-11-05T08:00:00Z", "config:PutEvaluations", rule("a")),
        record(2, "2022-11-05T09:00:00Z", "config:PutEvaluations", rule("a")),
        record(3, "2022-11-05T10:00:00Z", "config:PutEvaluations", rule("b")),
        record(4, "2022-11-06T10:00:00Z", "config:PutEvaluations", rule("b")),
        record(5, "2022-12-06T10:00:00Z", "config:PutEvaluations", rule("b")),
        record(
            6,
            "2023-02-01T00:00:00Z",
            "rds:CreateDBInstance",
            json!({"requestParameters":
            {"dBInstanceIdentifier": "db1", "engine": "aurora-postgresql", "engineVersion": "14", "enablePerformanceInsights": true}}),
        ),
        record(
            7,
            "2023-02-01T00:00:00Z",
            "rds:CreateDBInstance",
            json!({"requestParameters":
            {"dBInstanceIdentifier": "db2", "engine": "mysql", "enablePerformanceInsights": true}}),
        ),
        record(
            8,
            "2023-02-02T00:00:00Z",
            "sts:AssumeRole",
            json!({"userAgent": "support.amazonaws.com",
            "userIdentity": {"type": "AWSService"}, "requestParameters": {"roleArn": "r"},
            "resources": [{"accountId": "111122223333", "type": "AWS::IAM::Role", "ARN": "arn:r"}]}),
        ),
        record(
            9,
            "2022-05-02T00:00:00Z",
            "s3:GetBucketAcl",
            json!({"userIdentity":
            {"type": "AWSAccount", "principalId": "AIDAOTHER", "accountId": "999988887777"}}),
        ),
        record(10, "2022-05-02T00:00:00Z", "s3:GetBucketAcl", json!({})),
        record(
            11,
            "2023-02-03T00:00:00Z",
            "rds:RebootDBInstance",
            json!({"userIdentity": role("arn:aws:iam::1:role/dba", "dba"),
            "requestParameters": {"dBInstanceIdentifier": "db1"}}),
        ),
        record(
            12,
            "2023-02-04T00:00:00Z",
            "rds:RebootDBInstance",
            json!({"requestParameters": {"dBInstanceIdentifier": "db2"}}),
        ),
        record(
            13,
            "2023-01-05T00:00:00Z",
            "ec2:RunInstances",
            json!({"responseElements": {"instancesSet": {"items": [{"instanceId": "i-1"}]}}}),
        ),
        record(
            14,
            "2023-07-06T12:00:00Z",
            "ec2:AuthorizeSecurityGroupIngress",
            json!({"requestParameters":
            {"groupId": "sg-2", "ipPermissions": {"items": [{"fromPort": 22}]}}}),
        ),
        record(
            15,
            "2023-07-08T12:00:00Z",
            "ec2:ModifySecurityGroupRules",
            json!({"requestParameters":
            {"ModifySecurityGroupRulesRequest": {"GroupId": "sg-1", "SecurityGroupRule": {"Id": "x"}}}}),
        ),
        record(
            16,
            "2023-01-02T10:00:00Z",
            "s3:GetObject",
            json!({"userIdentity": key, "eventCategory": "Data",
            "requestParameters": {"bucketName": "b", "key": "k1"}}),
        ),
        record(17, "2023-01-02T09:00:00Z", "iam:ListUsers", json!({"userIdentity": key, "errorCode": "AccessDenied"})),
        record(
            18,
            "2023-01-03T00:00:00Z",
            "sso:Federate",
            json!({"userIdentity": alice, "eventType": "AwsServiceEvent",
            "serviceEventDetails": {"account_id": "222233334444", "role_name": "Admin"}}),
        ),
        record(19, "2023-01-03T00:00:01Z", "iam:CreateAccessKey", json!({"userIdentity": alice})),
        record(
            20,
            "2023-01-03T00:00:02Z",
            "iam:PutRolePolicy",
            json!({"userIdentity": alice,
            "requestParameters": {"roleName": "Admin", "policyDocument": "{\"Version\":\"2012-10-17\"}"}}),
        ),
        record(
            21,
            "2023-01-04T00:00:00Z",
            "s3:ListBuckets",
            json!({"userIdentity": role("arn:aws:iam::555555555555:role/alice", "alice")}),
        ),
        record(
            22,
            "2023-03-01T00:00:00Z",
            "s3:DeleteBucket",
            json!({"userIdentity": role("arn:aws:iam::1:role/ops", "ops"),
            "requestParameters": {"bucketName": "b"}, "resources": [{"ARN": "arn:aws:s3:::b"}]}),
        ),
        record(
            23,
            "2023-03-02T00:00:00Z",
            "s3:DeleteBucket",
            json!({"userIdentity": role("arn:aws:iam::1:role/x", "AWSServiceRoleForX"),
            "resources": [{"ARN": "arn:aws:s3:::b"}]}),
        ),
        record(30, "2023-01-02T11:00:00Z", "kms:Decrypt", json!({"tlsDetails": {"tlsVersion": "TLSv1"}})),
        record(30, "2023-01-02T12:00:00Z", "kms:Encrypt", json!({"tlsDetails": {"tlsVersion": "TLSv1"}})),
        record(31, "2023-01-02T12:00:00Z", "kms:Encrypt", json!({"tlsDetails": {"tlsVersion": "TLSv1.1"}})),
        record(32, "2023-01-02T12:00:00Z", "kms:Encrypt", json!({"tlsDetails": {"tlsVersion": "TLSv1.3"}})),
    ];
    for id in [40, 41] {
        // From one address, so that they are of one group.
        let denied = json!({"eventCategory": "NetworkActivity", "eventType": "AwsVpceEvent", "errorCode": "VpceAccessDenied",
            "errorMessage": "no", "vpcEndpointId": "vpce-1", "vpcEndpointAccountId": "111122223333", "managementEvent": false,
            "sourceIPAddress": "10.0.0.1"});
        all.push(record(id, "2023-01-02T13:00:00Z", "s3:PutObject", denied));
    }
    for (id, key) in [(50, "k1"), (51, "k1"), (52, "k2")] {
        let read = json!({"eventCategory": "Data", "managementEvent": false, "requestParameters": {"bucketName": "b", "key": key}});
        all.push(record(id, "2022-01-01T05:00:00Z", "s3:GetObject", read));
    }
    all
}

/// What each gives: its labels, then its rows.
const ANSWERS: &[(&str, &[&str])] = &[
    (
        "MostEvaluatedConfigRule.sql",
        &[
            "TotalEvents | datestamp | awsRegion | recipientAccountId | configRuleName | configRuleArn",
            "1 | 2022-11-06 | us-east-1 | 111122223333 | b | arn:b",
            "2 | 2022-11-05 | us-east-1 | 111122223333 | a | arn:a",
            "1 | 2022-11-05 | us-east-1 | 111122223333 | b | arn:b",
        ],
    ),
    (
        "aurora-databases-with-performance-insights.sql",
        &["DBInstance | Engine | DBEngineVersion", "db1 | aurora-postgresql | 14"],
    ),
    (
        "aws-support-access.sql",
        &[
            "eventTime | eventSource | eventName | awsRegion | sourceIPAddress | userAgent | userIdtype | ressourceAccountID | \
             ressourceARN | eventType | eventCategory | managementEvent | recipientAccountId | requestParameters | responseElements",
            "2023-02-02 00:00:00.000 | sts.amazonaws.com | AssumeRole | us-east-1 | 203.0.113.8 | support.amazonaws.com | AWSService | \
             111122223333 | arn:r | AwsApiCall | Management | true | 111122223333 | {roleArn=r} | NULL",
        ],
    ),
    (
        "cross-account-access.sql",
        &[
            "principalid | eventName | eventSource | accountId | recipientAccountId | requestParameters | eventTime",
            "AIDAOTHER | GetBucketAcl | s3.amazonaws.com | 999988887777 | 111122223333 | NULL | 2022-05-02 00:00:00.000",
        ],
    ),
    (
        "database-reboot-information.sql",
        &[
            "DBInstance | UserName | RebootTime",
            "db2 | NULL | 2023-02-04 00:00:00.000",
            "db1 | dba | 2023-02-03 00:00:00.000",
        ],
    ),
    (
        "ec2-api-run-instances.sql",
        &[
            "recipientAccountId | awsRegion | eventID | instances",
            r#"111122223333 | us-east-1 | e-13 | {"items":[{"instanceId":"i-1"}]}"#,
        ],
    ),
    (
        "ec2-security-historical-changes.sql",
        &[
            "securityGroup | eventName | eventTime | securityGroupRule | user | sourceIPAddress | eventSource",
            "sg-1 | ModifySecurityGroupRules | 2023-07-08 12:00:00.000 | {\"GroupId\":\"sg-1\",\"SecurityGroupRule\":{\"Id\":\"x\"}} | \
             arn:aws:iam::111122223333:user/ann | 203.0.113.15 | ec2.amazonaws.com",
            "sg-2 | AuthorizeSecurityGroupIngress | 2023-07-06 12:00:00.000 | {\"items\":[{\"fromPort\":22}]} | \
             arn:aws:iam::111122223333:user/ann | 203.0.113.14 | ec2.amazonaws.com",
        ],
    ),
    (
        "iam-access-key-activity.sql",
        &[
            "eventSource | eventName | sourceIPAddress | eventTime | errorCode",
            "iam.amazonaws.com | ListUsers | 203.0.113.17 | 2023-01-02 09:00:00.000 | AccessDenied",
            "s3.amazonaws.com | GetObject | 203.0.113.16 | 2023-01-02 10:00:00.000 | NULL",
        ],
    ),
    (
        "iam-idc-federate-api-by-idc-user.sql",
        &["AccountID | SSORole | eventID | eventTime", "222233334444 | Admin | e-18 | 2023-01-03 00:00:00.000"],
    ),
    (
        "iam-idc-user-create-iam-user-acces-keys.sql",
        &[
            "recipientAccountId | awsRegion | eventID | eventTime | errorCode | errorMessage",
            "111122223333 | us-east-1 | e-19 | 2023-01-03 00:00:01.000 | NULL | NULL",
        ],
    ),
    (
        "iam-idc-user-modify-iam-policy.sql",
        &[
            "recipientAccountId | eventID | eventTime | roleName | policyDocument",
            r#"111122223333 | e-20 | 2023-01-03 00:00:02.000 | Admin | {"Version":"2012-10-17"}"#,
        ],
    ),
    (
        "iam-role-activity.sql",
        &[
            "eventSource | eventName | eventTime | eventID | errorCode",
            "s3.amazonaws.com | ListBuckets | 2023-01-04 00:00:00.000 | e-21 | NULL",
        ],
    ),
    (
        "list-all-manually-created-resources.sql",
        &[
            "user | userIdentity | eventTime | eventSource | eventName | awsRegion | requestParameters | resources | requestID | eventID",
            "arn:aws:iam::1:role/ops/s | {type=AssumedRole, principalId=null, arn=arn:aws:iam::1:role/ops/s, accountId=555555555555, \
             accessKeyId=null, userName=null, sessionContext={attributes=null, sessionIssuer={type=Role, principalId=null, \
             arn=arn:aws:iam::1:role/ops, accountId=null, userName=ops}, webIdFederationData=null, sourceIdentity=null, \
             ec2RoleDelivery=null, ec2IssuedInVpc=null}, onBehalfOf=null, inScopeOf=null, invokedBy=null, identityProvider=null} | \
             2023-03-01 00:00:00.000 | s3.amazonaws.com | DeleteBucket | us-east-1 | {bucketName=b} | \
             [{accountId=null, type=null, arn=arn:aws:s3:::b, arnPrefix=null}] | r-22 | e-22",
        ],
    ),
    (
        "network-activity-events.sql",
        &[
            "VPCAccessDenied | arn | accountid | eventName | errorMessage | vpcEndpointId | vpcEndpointAccountId | sourceIPAddress",
            "2 | arn:aws:iam::111122223333:user/ann | 111122223333 | PutObject | no | vpce-1 | 111122223333 | 10.0.0.1",
        ],
    ),
    ("s3-actions-by-iam-access-key.sql", &["BucketName | ObjectName | eventName", "b | k1 | GetObject"]),
    (
        "tls-unsupported-version.sql",
        &[
            "eventSource | tlsVersion | sourceIPAddress | recipientAccountId | numOutdatedTlsCalls",
            "kms.amazonaws.com | TLSv1 | 203.0.113.30 | 111122223333 | 2",
            "kms.amazonaws.com | TLSv1.1 | 203.0.113.31 | 111122223333 | 1",
        ],
    ),
    ("top-s3-objects.sql", &["bucketName | key | requestCount", "b | k1 | 2", "b | k2 | 1"]),
];

#[test]
fn every_sample_query_that_is_not_broken_answers_as_worked_out_by_hand() {
    let Some(folder) = folder() else { return };
    for (name, expected) in ANSWERS {
        let text = std::fs::read_to_string(folder.join(name)).expect(name);
        let rows = ask(&records(), &statement(&text)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(rows, *expected, "{name}");
    }
}

#[test]
fn no_sample_query_is_forgotten() {
    let Some(folder) = folder() else { return };
    let there: BTreeSet<String> = std::fs::read_dir(&folder)
        .expect("it is a folder")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".sql"))
        .collect();
    let answered = ANSWERS.iter().map(|(name, _)| *name).chain(CONFIGURATION_ITEMS.iter().map(|(name, _)| *name));
    let known: BTreeSet<String> = answered.chain(BROKEN.iter().map(|(name, _)| *name)).map(str::to_owned).collect();
    assert_eq!(there, known);
    for (name, why) in BROKEN {
        let text = std::fs::read_to_string(folder.join(name)).expect(name);
        assert!(ask(&records(), &statement(&text)).is_err(), "{name} is said to be broken ({why}), and answers");
    }
}

/// These ask a store of AWS Config's configuration items, which is none of ours: they are asked of such a table here.
const CONFIGURATION_ITEMS: &[(&str, &[&str])] = &[
    ("ssm-patch-compliance-all-ec2-instances-time-range.sql", &["i-1", "i-2"]),
    ("ssm-patch-compliance-selected-ec2-instance-time-range.sql", &["i-1"]),
];

#[test]
fn lambdas_over_json_answer_as_worked_out_by_hand() {
    let Some(folder) = folder() else { return };
    let patch = |id: &str, state: &str| json!({"Id": id, "PatchState": state});
    let item = |patches: Value| {
        let content = json!({"AWS:ComplianceItem": {"Content": {"Patch": patches}}});
        json!({"eventData": {"configuration": content}}).to_string()
    };
    let first =
        item(json!({"p1": patch("KB1", "Installed"), "p2": patch("KB2", "Missing"), "p3": patch("KB3", "Installed")}));
    let json = StringArray::from(vec![first, item(json!({"p1": patch("KB9", "Failed")}))]);
    let kind = "AWS::SSM::PatchCompliance";
    let instances: Vec<String> = ["i-1", "i-2"].map(|id| format!("AWS::SSM::ManagedInstanceInventory/{id}")).into();
    let texts = |name: &str| Field::new(name, DataType::Utf8, true);
    let fields = Fields::from(["resourceType", "resourceId", "accountId", "awsRegion"].map(texts).to_vec());
    let columns: [StringArray; 4] =
        [vec![kind; 2].into(), instances.into(), vec!["111122223333"; 2].into(), vec!["us-east-1"; 2].into()];
    let data = StructArray::new(fields.clone(), columns.map(|column| Arc::new(column) as _).into(), None);
    let noon = 1_687_608_000_000_000;
    let schema = Arc::new(Schema::new(vec![
        Field::new("eventData", DataType::Struct(fields), true),
        Field::new("eventJson", DataType::Utf8, true),
        Field::new("eventTime", lake::schema::MOMENT, true),
    ]));
    let times = TimestampMicrosecondArray::from(vec![noon; 2]);
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(data), Arc::new(json), Arc::new(times)]);
    let table = Arc::new(MemTable::try_new(schema, vec![vec![batch.expect("a row each")]]).expect("it is a table"));
    for (name, expected) in CONFIGURATION_ITEMS {
        let text = std::fs::read_to_string(folder.join(name)).expect(name);
        let text = statement(&text).replace("<instance id such as i-123456789012>", "i-1");
        let rows = runtime().block_on(answer(table.clone(), &text)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            rows[0],
            "InstanceId | accountId | awsRegion | eventTime | Installed | InstalledOther | InstalledPendingReboot | Missing | Failed"
        );
        let found: Vec<&str> = rows[1..].iter().filter_map(|row| row.split(" | ").next()).collect();
        assert_eq!(found, *expected, "{name}");
        assert!(
            rows[1].ends_with(r#"[] | [] | ["KB2"] | []"#) && rows[1].contains(r#"["KB1", "KB3"]"#),
            "{name}: {}",
            rows[1]
        );
    }
}
