//! A statement is answered alike by one process and by a scheduler with two executors, wherever the table lies, and also of log files.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

use cluster::{Cluster, Executor, Host, Scheduler};
use datafusion::object_store::memory::InMemory;
use datafusion::object_store::path::Path as Key;
use datafusion::object_store::{ObjectStore, ObjectStoreExt};
use lake::LakeError;
use lake::arrivals::Arrivals;
use lake::dialect::Logs;
use lake::logs::{LogElsewhere, LogFiles, LogSource, LogsElsewhere, ReadLog};
use lake::place::{Objects, Place};
use lake::query::{Limits, Query, TableProvider};
use lake::results;
use lake::schema::Kind;
use lake::session::session;
use lake::table::Table;
use record::api_call::Record;
use record::log_file::{Limits as FileLimits, Reader};
use record::selection::{FieldCondition, Part, Selector};

const ACCOUNT: &str = "123456789012";

/// What is asked: of each family of what Lake has and DataFusion has not, one at least.
const STATEMENTS: &[&str] = &[
    "SELECT count(*) AS n FROM events",
    "SELECT eventName, count(*) AS n, approx_distinct(sourceIPAddress) AS places FROM events GROUP BY 1 ORDER BY n DESC, 1",
    "SELECT userIdentity.arn AS who, max(eventTime) AS last FROM events WHERE errorCode IS NOT NULL GROUP BY 1 ORDER BY 1",
    "SELECT element_at(requestParameters, 'key') AS key, count(*) AS n FROM events GROUP BY 1 ORDER BY n DESC, key LIMIT 5",
    "SELECT json_extract_scalar(eventJson, '$.userIdentity.type') AS kind, map_agg(eventName, eventSource) AS all FROM events GROUP BY 1",
    "SELECT eventName, insights(date_trunc('minute', eventTime), 1) IS NULL AS quiet FROM events GROUP BY 1 ORDER BY 1",
    "SELECT a.eventID FROM events a JOIN events b ON a.eventID = b.eventID WHERE a.errorCode = 'AccessDenied' ORDER BY 1 LIMIT 7",
    "SELECT r.arn, count(*) AS n FROM events CROSS JOIN UNNEST(resources) AS u(r) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3",
    "SELECT arn, listagg(DISTINCT eventName, ',') WITHIN GROUP (ORDER BY eventName) AS names FROM events CROSS JOIN UNNEST(resources) AS u(account, type, arn, prefix) GROUP BY 1 ORDER BY 1",
    "SELECT reduce(transform(resources, r -> length(r.arn)), 0, (s, x) -> s + x, s -> s) AS letters, CAST(json_extract(eventJson, '$.resources[*].ARN') AS array(varchar)) AS arns, CAST(eventTime AS varchar) AS at FROM events ORDER BY at, letters LIMIT 5",
    "SELECT hour(eventTime AT TIME ZONE 'Europe/Berlin') AS hour, max(eventID, 2) AS last, try(1 / count_if(readOnly)) AS share FROM events GROUP BY 1 ORDER BY 1",
    "SELECT eventName FROM events WHERE eventTime > (SELECT min(eventTime) FROM events) AND eventID LIKE '%7' ORDER BY eventTime DESC, eventID LIMIT 4",
    "SELECT eventName, sum(n) AS all, sum(n * 2 - 1) AS less FROM (SELECT eventName, eventID, count(*) AS n FROM events GROUP BY 1, 2) GROUP BY 1 ORDER BY 1",
    "SELECT max(TRY_CAST(sourceIPAddress AS IPADDRESS)) AS last, max(eventTime) + INTERVAL '1' DAY * 2 AS later FROM events",
    "SELECT count(*) AS n FROM events WHERE userIdentity.arn IN (SELECT userIdentity.arn FROM events WHERE errorCode = 'AccessDenied')",
    "SELECT count(*) AS n FROM events a WHERE EXISTS (SELECT 1 FROM events b WHERE b.eventName = a.eventName AND b.sourceIPAddress <> a.sourceIPAddress AND b.eventTime BETWEEN a.eventTime - INTERVAL '9' MINUTE AND a.eventTime)",
    "SELECT max(eventTime AT TIME ZONE 'Asia/Tokyo') AS last, (max(eventName), 1) IN (SELECT eventName, 1 FROM events) AS is_there FROM events",
    "SELECT count(*) AS n FROM events WHERE readOnly OR eventName NOT IN (SELECT eventName FROM events WHERE errorCode IS NOT NULL)",
];

fn event(number: u64) -> String {
    let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
    let day = 1 + number / 86_400 + number % 3;
    let name = ["GetObject", "PutObject", "DeleteBucket", "ListBuckets"][(number % 7 % 4) as usize];
    let error = if number.is_multiple_of(11) { r#","errorCode":"AccessDenied""# } else { "" };
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::{ACCOUNT}:user/u{}","accountId":"{ACCOUNT}"}},"eventTime":"2026-02-{day:02}T{hour:02}:{minute:02}:{second:02}Z","eventSource":"s3.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.{}"{error},"requestParameters":{{"key":"k{}"}},"eventID":"00000000-0000-4000-8000-{number:012}","readOnly":{},"resources":[{{"ARN":"arn:aws:s3:::b{}"}}],"eventType":"AwsApiCall","managementEvent":true,"eventCategory":"Management","recipientAccountId":"{ACCOUNT}"}}"#,
        number % 5,
        number % 9,
        number % 13,
        number.is_multiple_of(2),
        number % 4,
    )
}

async fn table(place: Place) -> Table {
    let table = Table::open_at(place, Kind::Events).await.expect("it is made");
    for part in 0..4 {
        let records: Vec<String> = (part * 300..part * 300 + 300).map(|number| event(number * 61)).collect();
        let file = format!("{{\"Records\":[{}]}}", records.join(","));
        let mut arrivals = Arrivals::new(Kind::Events);
        let read = Reader::new(FileLimits::default()).read(file.as_bytes(), Some(ACCOUNT), |record| {
            if let Ok(Record::Call(call)) = record {
                arrivals.add_call(&call);
            }
        });
        read.expect("it is a log file");
        let written = table.write(&mut arrivals).await.expect("it is written");
        table.commit(part + 1, &written).await.expect("it is kept");
    }
    table
}

/// All but calls of one API: a condition that goes with the table, a function of ours in it.
fn part() -> Part {
    let not_listed = FieldCondition {
        field: "eventName".into(),
        not_equals: vec!["ListBuckets".into()],
        ..FieldCondition::default()
    };
    let of_buckets = FieldCondition {
        field: "resources.ARN".into(),
        starts_with: vec!["arn:aws:s3:::".into()],
        ..FieldCondition::default()
    };
    Part { selectors: vec![Selector { conditions: vec![not_listed, of_buckets] }], ..Part::all() }
}

async fn rows(query: Query) -> Result<Vec<String>, LakeError> {
    let mut rows =
        vec![query.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>().join(" | ")];
    let all = query.run(|batch| {
        rows.extend(results::texts(&batch).map(|row| {
            row.into_iter().map(|text| text.unwrap_or_else(|| "NULL".into())).collect::<Vec<_>>().join(" | ")
        }));
        Ok(())
    });
    all.await?;
    rows[1..].sort();
    Ok(rows)
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|at| at.local_addr()).expect("there is one").port()
}

fn limits() -> Limits {
    Limits { threads: 2, memory_bytes: 256 << 20, ..Limits::default() }
}

/// The one bucket that executors have a way to.
const BUCKET: &str = "my-lake";

/// What executors say that they did not read.
type Told = Arc<Mutex<Vec<String>>>;

fn executor(scheduler: SocketAddr, folder: &Path, bucket: &Arc<InMemory>, told: &Told) -> Executor {
    let bucket: Arc<dyn ObjectStore> = Arc::clone(bucket) as _;
    let told = Arc::clone(told);
    Executor {
        scheduler: Host { name: scheduler.ip().to_string(), port: scheduler.port() },
        listen: (Ipv4Addr::LOCALHOST, free_port()).into(),
        known_as: None,
        folder: folder.to_owned(),
        limits: limits(),
        open_store: Arc::new(move |name| match name {
            BUCKET => Ok(Arc::clone(&bucket)),
            other => Err(format!("nobody here knows `{other}`")),
        }),
        tell_unread: Arc::new(move |line| told.lock().expect("nobody panics with it").push(line.to_owned())),
    }
}

/// The same events in log files, one of which is cut short; keys and bytes.
fn log_files() -> Vec<(String, Vec<u8>)> {
    let records: Vec<String> = (0..1200).map(|number| event(number * 61)).collect();
    let files = records.chunks(90).enumerate().map(|(at, records)| {
        let name = format!("{ACCOUNT}_CloudTrail_eu-west-1_20260210T19{at:02}Z_0123456789abcdef.json");
        let file = format!("{{\"Records\":[{}]}}", records.join(","));
        let end = if at == 3 { file.len() - 700 } else { file.len() };
        (format!("trails/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/02/10/{name}"), file.into_bytes()[..end].to_vec())
    });
    files.collect()
}

/// Log files, in this process.
#[derive(Debug)]
struct Here(Vec<(String, Vec<u8>)>);

impl LogSource for Here {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn read(&self, at: usize) -> ReadLog {
        Ok((self.0[at].1.clone(), Some(ACCOUNT.into())))
    }
}

/// Log files in a bucket, as they are sent.
fn elsewhere(bucket: &str, files: &[(String, Vec<u8>)]) -> LogsElsewhere {
    let files = files.iter().map(|(key, bytes)| LogElsewhere(key.as_str().into(), bytes.len() as u64));
    LogsElsewhere { bucket: bucket.into(), files: files.collect() }
}

/// The bucket under a name, as the place of a table.
fn in_bucket(name: &str, bucket: &Arc<InMemory>, making: &Path) -> Place {
    let objects = Objects { name: name.into(), store: Arc::clone(bucket) as _, prefix: "some/where/events".into() };
    Place::Objects { objects, making: making.to_owned() }
}

/// A cluster with two executors, which have a way to this bucket, and what they say that they did not read.
async fn cluster(folders: [&Path; 2], bucket: &Arc<InMemory>) -> (Cluster, Told) {
    let (scheduler, told) =
        (Scheduler::listen((Ipv4Addr::LOCALHOST, 0).into()).await.expect("it listens"), Told::default());
    let address = scheduler.address();
    tokio::spawn(scheduler.serve());
    for folder in folders {
        tokio::spawn(executor(address, folder, bucket, &told).work());
    }
    (Cluster::at(&format!("df://{address}")).expect("it is an address"), told)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("threads")
}

#[test]
fn two_executors_answer_of_log_files_as_one_process() {
    let runtime = runtime();
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().expect("there is room")).collect();
    let (bucket, files) = (Arc::new(InMemory::new()), log_files());
    runtime.block_on(async {
        for (key, bytes) in &files {
            bucket.put(&Key::from(key.as_str()), bytes.clone().into()).await.expect("there is room");
        }
        let (cluster, told) = cluster([folders[1].path(), folders[2].path()], &bucket).await;
        let table = table(Place::Folder(folders[0].path().to_owned())).await;
        let there = async |logs: &LogsElsewhere, statement: &str| {
            let session = cluster.session(&limits()).expect("there is one");
            let logs = |_: &Logs| Some(Arc::new(logs.clone()) as Arc<dyn TableProvider>);
            let find = |_: &str| Some(table.part_elsewhere(part()));
            let query = Query::plan_with_logs(session, statement, find, logs, limits()).await;
            rows(query.expect("it is understood")).await
        };
        let here = async |statement: &str| {
            let files = LogFiles::new(Arc::new(Here(files.clone())), FileLimits::default());
            let logs = |_: &Logs| Some(Arc::new(files.clone()) as Arc<dyn TableProvider>);
            let session = session(&limits()).expect("there is one");
            let query = Query::plan_with_logs(session, statement, |_| Some(table.part(part())), logs, limits()).await;
            rows(query.expect("it is understood")).await.expect("it is answered")
        };
        let logs = elsewhere(BUCKET, &files);
        let of_logs = |statement: &&str| statement.replace("FROM events", "FROM cloudtrail_logs('s3://b/trails')");
        let beside = "SELECT count(*) AS n FROM cloudtrail_logs('s3://b/trails') l JOIN events e ON e.eventID = l.eventID \
                      WHERE l.eventName = 'GetObject'";
        // A piece of such work reads of some of these tables nothing.
        let several = "SELECT eventName, count(*) AS n FROM (SELECT * FROM cloudtrail_logs('s3://b/trails') UNION ALL SELECT * FROM \
                       cloudtrail_logs('s3://b/trails') UNION ALL SELECT * FROM events) GROUP BY 1";
        for statement in STATEMENTS.iter().map(of_logs).chain([beside.to_owned(), several.to_owned()]) {
            assert_eq!(there(&logs, &statement).await.expect("it is answered"), here(&statement).await, "{statement}");
        }
        let cut = format!("not read of the log files in `{BUCKET}`: 1 × rest of a file: cut short");
        assert!(told.lock().expect("nobody panics with it").contains(&cut), "{told:?}");

        // One that is gone hides no other, whoever has to read it; of a bucket that is not reached nothing is known.
        let count = "SELECT count(*) FROM cloudtrail_logs('s3://b/trails')";
        let whole = there(&logs, count).await.expect("it is answered");
        let mut more = files.clone();
        more.push(("trails/gone.json".into(), b"1".to_vec()));
        assert_eq!(there(&elsewhere(BUCKET, &more), count).await.expect("it is answered"), whole);
        there(&elsewhere(BUCKET, &more[files.len()..]), count).await.expect("it is answered");
        let gone = format!("not read of the log files in `{BUCKET}`: 1 × file: there is no object `trails/gone.json`");
        assert!(told.lock().expect("nobody panics with it").contains(&gone), "{told:?}");
        let unknown = there(&elsewhere("no-logs", &files), count).await.expect_err("it cannot be read");
        assert!(unknown.to_string().contains("nobody here knows `no-logs`"), "{unknown}");
    });
    runtime.shutdown_background();
}

#[test]
fn two_executors_answer_as_one_process() {
    let runtime = runtime();
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().expect("there is room")).collect();
    let bucket = Arc::new(InMemory::new());
    runtime.block_on(async {
        let (cluster, _) = cluster([folders[2].path(), folders[3].path()], &bucket).await;
        let find = |table: Arc<dyn TableProvider>| move |_: &str| Some(Arc::clone(&table));
        let there = async |table: &Table, statement| {
            let session = cluster.session(&limits()).expect("there is one");
            let query = Query::plan_in(session, statement, find(table.part_elsewhere(part())), limits()).await;
            rows(query.expect("it is understood")).await
        };
        let in_folder = table(Place::Folder(folders[0].path().to_owned())).await;
        let objects = table(in_bucket(BUCKET, &bucket, folders[1].path())).await;
        for statement in STATEMENTS {
            let here = Query::plan(statement, find(in_folder.part(part())), limits()).await.expect("it is understood");
            let here = rows(here).await.expect("it is answered");
            assert_eq!(there(&in_folder, statement).await.expect("it is answered"), here, "{statement}");
            assert_eq!(there(&objects, statement).await.expect("it is answered"), here, "of a bucket: {statement}");
        }
        let unknown = Table::open_at(in_bucket("no-lake", &bucket, folders[1].path()), Kind::Events).await;
        let told = there(&unknown.expect("it is there"), STATEMENTS[0]).await.expect_err("it cannot be read");
        assert!(told.to_string().contains("nobody here knows `no-lake`"), "{told}");
    });
    runtime.shutdown_background();
}
