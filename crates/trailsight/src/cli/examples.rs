//! Examples and exit codes, as they stand below the help of commands.

/// Exit codes of `analyze`.
const EXIT_CODES: &str = "Exit codes:
  0   nothing unusual (whatever stands out or was rejected)
  10  at least one insight
  2   wrong usage
  1   failure";

pub(super) const ANALYZE_EXAMPLES: &str = "Examples:
  What was unusual in a folder of log files, as AWS delivers them:
      trailsight analyze ./AWSLogs
  The same, straight from the bucket (keys and Region from the environment or ~/.aws):
      trailsight analyze s3://my-trail-bucket/AWSLogs/123456789012
  Last week only; everything before it is learned from:
      trailsight analyze ./AWSLogs --from 2026-11-16
  Reads too, ten false alarms a month are fine, and a page for the incident channel:
      trailsight analyze ./AWSLogs --reads --false-alarms-per-month 10 --report insights.html
  One line of JSON a finding, for a pipeline:
      trailsight analyze ./AWSLogs --format ndjson | jq 'select(.direction == \"increase\")'
  CloudTrail Insight records, written where AWS would put them:
      trailsight analyze ./AWSLogs --out s3://my-trail-bucket
  Counts you already have (minute, account, region, source, name, error_code, count):
      trailsight analyze --counts counts.csv";

pub(super) const QUERY_EXAMPLES: &str = "Examples:
  What an access key has done, of all that the service has kept:
      trailsight query \"SELECT eventTime, eventName, sourceIPAddress, errorCode FROM events
          WHERE userIdentity.accessKeyId = 'AKIAIOSFODNN7EXAMPLE' ORDER BY 1\"
  Without a service: who was refused most often, and what:
      trailsight query --logs ./AWSLogs \"SELECT userIdentity.arn, eventName, count(*) AS n FROM logs
          WHERE errorCode LIKE '%Denied%' GROUP BY 1, 2 ORDER BY n DESC LIMIT 20\"
  From which addresses each access key was used in a night, straight from the bucket, as CSV:
      trailsight query --logs s3://my-trail-bucket/AWSLogs/123456789012 --format csv \"SELECT userIdentity.accessKeyId AS key,
          array_agg(DISTINCT sourceIPAddress) AS addresses FROM logs
          WHERE eventTime BETWEEN '2026-02-10 00:00:00' AND '2026-02-10 06:00:00' GROUP BY 1\"
  All events of a user as Parquet, for other engines:
      trailsight query --logs ./AWSLogs --out ann.parquet --format parquet \"SELECT * FROM logs WHERE userIdentity.userName = 'ann'\"

FROM names event data stores of the service (events, insights, your own); over log files the one table may have any name.
Columns are those of CloudTrail Lake:
<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html>";

/// Exit codes of `events`.
pub(super) const EVENTS_EXIT_CODES: &str = "Exit codes:
  0   it matches (with --cases: all is as expected)
  1   it does not match (with --cases: something is not as expected)
  2   wrong usage, or an error: a bad pattern, a bad event, a file that cannot be read";

pub(super) const EVENTS_TEST_EXAMPLES: &str = "Examples:
  Why does my rule not match?
      trailsight events test --pattern rule.json --event event.json
  The same, without files:
      trailsight events test --pattern '{\"source\": [\"aws.ec2\"]}' --event '{\"source\": \"aws.s3\"}'
  Many at once, for CI: lines of {\"pattern\": …, \"event\": …, \"expected\": true}
      trailsight events test --cases cases.jsonl";

pub(super) const EVENTS_MATCH_EXAMPLES: &str = "Examples:
  Would this rule have fired, and how often a day?
      trailsight events match --pattern rule.json ./AWSLogs
  The events that it would have been told of:
      trailsight events match --pattern rule.json s3://my-trail-bucket/AWSLogs --format ndjson | jq .detail";

pub(super) const SERVE_EXAMPLES: &str = "Examples:
  Run it, and let the AWS CLI talk to it (any key pair will do):
      trailsight serve
      export AWS_ENDPOINT_URL=http://127.0.0.1:4580 AWS_DEFAULT_REGION=us-east-1
      aws s3 mb s3://my-trail
  Data somewhere else, on another port, with more in the log:
      TRAILSIGHT_LOG=debug trailsight serve --data-dir ./data --listen 127.0.0.1:5000

Every option is also a key of trailsight.toml (docs/CONFIGURATION.md) and the environment variable that stands beside it.
It ends with 0 when it is told to stop (Ctrl-C, SIGTERM), with 1 if it cannot run, and with 2 if a setting is wrong.";

pub(super) const CONFIG_EXAMPLES: &str = "Examples:
  Before the service is started again with other settings:
      trailsight config check --config /etc/trailsight/trailsight.toml
  What is in force, and who says so:
      trailsight config show

A flag goes before an environment variable, that before the file, and the file before the default. docs/CONFIGURATION.md lists
all settings. Exit code 2: something is wrong with them.";

pub(super) const RUNTIMES_EXAMPLES: &str = "Examples:
  Once, and functions of Python run:
      trailsight runtimes install python3.11
  Without a network, from wheels that were brought:
      pip download --only-binary :all: --dest wheels awslambdaric==4.2.2 boto3==1.44.8
      trailsight runtimes install python3.11 --wheels wheels";

pub(super) const BACKUP_EXAMPLES: &str = "Examples:
  Every night, of the service that runs here:
      trailsight backup --data-dir /var/lib/trailsight /backup/trailsight-$(date +%F)
  And back, on a machine where nothing is yet:
      trailsight restore --data-dir /var/lib/trailsight /backup/trailsight-2026-11-28

It must be run by the user of the service, or by root; what root restores belongs to whoever the \
data directory belongs to. What is counted, told and put while it copies is in the backup or is not; \
log files that are still in their buckets are counted after a restore, each once. What lies outside of \
the data directory is not in it: /etc/trailsight/trailsight.toml, the mail server's password, the \
certificate and its key. Keep copies of those.";

pub(super) const STATUS_EXAMPLES: &str = "Examples:
  Of the service on this machine:
      trailsight status
  Of one that demands credentials, with a certificate that its own authority signed:
      AWS_CA_BUNDLE=/etc/trailsight/authority.pem trailsight status --endpoint https://trails.example.com:4580

It signs with the keys of the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), or else with those of the profile in ~/.aws.";

pub(super) const EXPECTED_EXAMPLES: &str = "Examples:
  A deployment announces itself:
      trailsight expected announce 'ec2/Run*' 'ec2/Terminate*' --until \"$(date -ud '+1 hour' +%FT%TZ)\" --why 'release 4.2'
  Nobody needs to know of a gateway that asks all day:
      trailsight expected mute sts/GetCallerIdentity --account 123456789012 --why 'ticket 12'
  This was nothing:
      trailsight expected call 3f2a8c51-0c1e-4b0a-9a55-0123456789ab false-alarm
  What was said, and what it held back:
      trailsight expected list

docs/CONSOLE.md says what each of them does. It signs as `trailsight status` does.";

pub(super) const LINK_EXAMPLES: &str = "Examples:
  The bucket that CloudTrail delivers to, read as ourselves, and told of new files by a queue:
      trailsight buckets link my-trail --url s3://my-trail \\
          --sqs-queue-url https://sqs.us-east-1.amazonaws.com/123456789012/notices
  One of another account, that may only be read:
      trailsight buckets link org-trail --url s3://org-trail --read-only \\
          --role-arn arn:aws:iam::210987654321:role/trailsight --external-id 6f5c1d2e
  MinIO, Ceph, R2 and the like:
      trailsight buckets link my-trail --url s3://my-trail --endpoint https://minio.example.com";

/// Examples, then exit codes.
pub(super) fn const_format(examples: &'static str) -> String {
    format!("{examples}\n\n{EXIT_CODES}")
}
