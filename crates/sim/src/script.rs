//! Scripts: whole stories, made of incidents that belong together.

use record::time::{Minute, Minutes};

use crate::incident::{By, Incident, IncidentKind, Target};
use crate::plan::{Arrivals, Pin, Plan};

/// 2026-02-02T00:00Z, a Monday.
const BEGIN: Minute = Minute(29_499_840);

/// One company account in three Regions for ten days. In its last night someone comes with a stolen access key:
///
/// - 02:10 looks around and is refused almost everywhere, API after API,
/// - 02:31 asks for the passwords of instances, an API that nobody here ever calls,
/// - 02:47 deletes buckets,
/// - 03:05 starts instances in a Region where nobody ever started one,
/// - 03:20 and the job that backs up volumes every quarter of an hour is heard of no more.
pub(crate) fn stolen_key(seed: u64) -> Plan {
    let (ec2, iam, s3) = ("ec2.amazonaws.com", "iam.amazonaws.com", "s3.amazonaws.com");
    let (unused_region, until) = (2, BEGIN + Minutes(14_400));
    let pin = |region, source: &str, name: &str, arrivals, error_share| Pin {
        account: 0,
        region,
        source: source.to_owned(),
        name: name.to_owned(),
        arrivals,
        error_share,
    };
    let people = |a_day: f64| Some(Arrivals::Human { per_minute: a_day / 1440.0 });
    let pins = vec![
        pin(0, ec2, "CreateSnapshot", Some(Arrivals::Cron { every: 15, offset: 3, batch: 8 }), 0.0),
        pin(0, s3, "DeleteBucket", people(1.5), 0.0),
        pin(0, iam, "CreateUser", people(0.7), 0.0),
        pin(0, iam, "ListUsers", people(6.0), 0.0),
        pin(0, iam, "CreateAccessKey", people(0.7), 0.0),
        pin(0, "secretsmanager.amazonaws.com", "ListSecrets", people(4.0), 0.0),
        pin(
            0,
            "secretsmanager.amazonaws.com",
            "GetSecretValue",
            Some(Arrivals::Machine { per_minute: 0.4, batch: 1.0 }),
            0.002,
        ),
        pin(0, ec2, "GetPasswordData", None, 0.0),
        pin(0, "cloudtrail.amazonaws.com", "StopLogging", None, 0.0),
        pin(unused_region, ec2, "RunInstances", None, 0.0),
        pin(unused_region, ec2, "CreateKeyPair", None, 0.0),
    ];
    // The last day begins at until - 1440.
    let at = |hour: i32, minute: i32| Minute(until.0 - 1440 + hour * 60 + minute);
    let theft = |region, source, name, start: Minute, minutes, calls, code| Incident {
        account: 0,
        region,
        target: Target::Api(source, name),
        kind: IncidentKind::Burst { calls, code },
        start,
        minutes,
        by: By::Thief,
    };
    let denied = Some("AccessDenied");
    let incidents = vec![
        theft(0, iam, "ListUsers", at(2, 10), 4, 22, denied),
        theft(0, "secretsmanager.amazonaws.com", "ListSecrets", at(2, 11), 6, 34, denied),
        theft(0, "secretsmanager.amazonaws.com", "GetSecretValue", at(2, 14), 9, 120, denied),
        theft(0, iam, "CreateUser", at(2, 18), 5, 31, denied),
        theft(0, iam, "CreateAccessKey", at(2, 20), 6, 46, denied),
        theft(0, ec2, "GetPasswordData", at(2, 31), 3, 64, Some("Client.UnauthorizedOperation")),
        theft(0, s3, "DeleteBucket", at(2, 47), 6, 78, None),
        theft(0, "cloudtrail.amazonaws.com", "StopLogging", at(2, 55), 1, 2, denied),
        theft(unused_region, ec2, "CreateKeyPair", at(3, 4), 1, 1, None),
        theft(unused_region, ec2, "RunInstances", at(3, 5), 12, 96, None),
        Incident {
            account: 0,
            region: 0,
            target: Target::Api(ec2, "CreateSnapshot"),
            kind: IncidentKind::Silence,
            start: at(3, 20),
            minutes: 24 * 60 - 200,
            by: By::Usual,
        },
    ];
    Plan { start: BEGIN, length: Minutes(14_400), calls_per_day: 2_600.0, pins, incidents, ..company(seed) }
}

/// 2026-01-12T00:00Z, a Monday.
const MONTH_BEGIN: Minute = Minute(29_469_600);

/// An organization of three accounts for 31 days, and four incidents, the last two still going on at 03:20 of the last day:
///
/// - a job of the second account is started again and again for an hour, by the role that always starts it,
/// - somebody tries passwords at the third account's sign-in, from an address that nobody knows,
/// - a deployment of the second account breaks what registers its tasks every quarter of an hour: nothing comes any more,
/// - and in the first account someone comes with a stolen access key, as in [`stolen_key`].
pub(crate) fn organization(seed: u64) -> Plan {
    let stolen = stolen_key(seed);
    let length = Minutes(31 * 1440);
    // Both end with the same day.
    let until = MONTH_BEGIN + length;
    let (ecs, glue, signin) = ("ecs.amazonaws.com", "glue.amazonaws.com", "signin.amazonaws.com");
    let pin = |account, source: &str, name: &str, arrivals| Pin {
        account,
        region: 0,
        source: source.to_owned(),
        name: name.to_owned(),
        arrivals: Some(arrivals),
        error_share: 0.0,
    };
    let mut pins = stolen.pins;
    pins.push(pin(1, ecs, "RegisterTaskDefinition", Arrivals::Cron { every: 15, offset: 7, batch: 6 }));
    pins.push(pin(1, glue, "StartJobRun", Arrivals::Machine { per_minute: 0.12, batch: 1.0 }));
    // People sign in once a day, one by one, and somewhere it is always morning.
    pins.push(pin(2, signin, "ConsoleLogin", Arrivals::Machine { per_minute: 14.0 / 1440.0, batch: 1.0 }));
    let at = |day: i32, hour: i32, minute: i32| Minute(until.0 - day * 1440 + hour * 60 + minute);
    let incident = |account, source, name, kind, start: Minute, minutes, by| Incident {
        account,
        region: 0,
        target: Target::Api(source, name),
        kind,
        start,
        minutes,
        by,
    };
    let mut incidents = vec![
        incident(1, glue, "StartJobRun", IncidentKind::Burst { calls: 940, code: None }, at(6, 11, 4), 58, By::Usual),
        incident(
            2,
            signin,
            "ConsoleLogin",
            IncidentKind::Burst { calls: 730, code: None },
            at(3, 21, 42),
            26,
            By::Stranger,
        ),
        incident(1, ecs, "RegisterTaskDefinition", IncidentKind::Silence, at(2, 18, 10), 1440 + 350, By::Usual),
    ];
    incidents.extend(stolen.incidents);
    Plan { accounts: 3, start: MONTH_BEGIN, length, pins, incidents, calls_per_day: 1_500.0, ..company(seed) }
}

/// What both are made of.
fn company(seed: u64) -> Plan {
    Plan { regions: 3, second_trails: 0.0, ..Plan::quiet(seed) }
}
