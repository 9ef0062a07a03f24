use datafusion::physical_plan::displayable;
use record::api_call::Record;
use record::log_file::{Limits as FileLimits, Reader};
use record::selection::Part;

use super::*;
use crate::arrivals::Arrivals;
use crate::query::{Limits, Query};
use crate::results::texts;
use crate::schema::Kind;
use crate::table::Table;

/// A log file of some calls of this day: all APIs at all hours, errors here and there, one time to the millisecond.
fn log_file(day: u32, part: u32) -> String {
    let call = |number: u32| {
        let drawn = number.wrapping_mul(2_654_435_761).wrapping_add(day * 97 + part) >> 7;
        let (hour, minute) = (drawn % 24, drawn / 24 % 60);
        let fraction = if drawn.is_multiple_of(11) { ".750" } else { "" };
        let error = if drawn.is_multiple_of(5) { r#""errorCode":"AccessDenied","# } else { "" };
        let name = ["Decrypt", "GetObject", "RunInstances"][drawn as usize % 3];
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","accountId":"123456789012","arn":"arn:aws:iam::123456789012:user/u{}"}},"eventTime":"2026-02-{:02}T{hour:02}:{minute:02}:59{fraction}Z","eventSource":"x.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1",{error}"sourceIPAddress":"198.51.100.{}","eventID":"00000000-0000-4000-8000-{:012}","eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012"}}"#,
            drawn % 4,
            day + 1,
            drawn % 7,
            (day * 10 + part) * 1_000 + number,
        )
    };
    let calls: Vec<String> = (0..60).map(call).collect();
    format!(r#"{{"Records":[{}]}}"#, calls.join(","))
}

/// A table of ten days, three files each.
async fn table(folder: &std::path::Path) -> Table {
    let table = Table::open(folder, Kind::Events).await.expect("it is made");
    let mut reader = Reader::new(FileLimits::default());
    for part in 0..3 {
        let mut arrivals = Arrivals::new(Kind::Events);
        for day in 0..10 {
            let read = reader.read(log_file(day, part).as_bytes(), None, |record| {
                if let Ok(Record::Call(call)) = record {
                    arrivals.add_call(&call);
                }
            });
            read.expect("it is a log file");
        }
        let written = table.write(&mut arrivals).await.expect("there is room");
        table.commit(u64::from(part) + 1, &written).await.expect("there is room");
    }
    table
}

/// What a query answers, in order, and what it matched and looked at.
async fn asked(query: &Query) -> (Vec<Vec<Option<String>>>, crate::query::Statistics) {
    let mut told = Vec::new();
    let each = |batch| {
        told.extend(texts(&batch));
        Ok(())
    };
    let statistics = query.run(each).await.expect("an answer");
    told.sort();
    (told, statistics)
}

/// Whatever is asked, the answer is the same whether it is made in turn or all at once, and so is what is told of it; and what can be made in turn is.
#[test]
fn stretches_in_turn_answer_as_all_at_once() {
    let made_in_turn = [
        "SELECT date_trunc('minute', eventTime) AS minute, eventName, count(*) AS calls FROM t GROUP BY 1, 2",
        "SELECT eventName, date_trunc('hour', eventTime) AS hour, count(errorCode) AS errors, min(sourceIPAddress) AS least FROM t GROUP BY 1, 2",
        "SELECT eventTime, count(*) AS calls FROM t GROUP BY 1",
        "SELECT CAST(eventTime AS date) AS day, count(DISTINCT userIdentity.arn) AS who FROM t GROUP BY 1",
        "SELECT date_trunc('second', eventTime) AS second, sum(length(eventName)) AS letters FROM t GROUP BY 1",
        "SELECT DISTINCT date_trunc('hour', eventTime) AS hour, userIdentity.arn FROM t WHERE errorCode LIKE 'Acc%' AND userIdentity.arn LIKE '%u2'",
        "SELECT max(calls) AS most, count(*) AS n FROM (SELECT date_trunc('minute', eventTime) AS minute, count(*) AS calls FROM t GROUP BY 1)",
        "SELECT a.hour, a.calls, b.errors FROM (SELECT date_trunc('hour', eventTime) AS hour, count(*) AS calls FROM t GROUP BY 1) a \
         LEFT JOIN (SELECT date_trunc('hour', eventTime) AS hour, count(*) AS errors FROM t WHERE errorCode IS NOT NULL GROUP BY 1) b ON a.hour = b.hour",
        "SELECT hour, sum(calls) OVER (PARTITION BY eventName ORDER BY hour) AS so_far FROM (SELECT date_trunc('hour', eventTime) AS hour, eventName, count(*) AS calls FROM t GROUP BY 1, 2)",
        "SELECT eventName, insights(minute, calls) AS unusual FROM (SELECT eventName, date_trunc('minute', eventTime) AS minute, count(*) AS calls FROM t GROUP BY 1, 2) GROUP BY 1",
    ];
    // Whoever adds up on several threads relies on which group is on which.
    let made_in_turn_by_one_thread = [
        "SELECT hour, eventName, sum(calls) OVER (PARTITION BY hour, eventName) AS calls FROM (SELECT date_trunc('hour', eventTime) AS hour, eventName, count(*) AS calls FROM t GROUP BY 1, 2)",
    ];
    let made_at_once = [
        "SELECT eventName, count(*) AS calls FROM t GROUP BY 1",
        "SELECT hour(eventTime) AS hour, count(*) AS calls FROM t GROUP BY 1",
        "SELECT CAST(eventTime AS time) AS time, count(*) AS calls FROM t GROUP BY 1",
        "SELECT date_trunc('day', eventTime - INTERVAL '1' HOUR) AS day, count(*) AS calls FROM t GROUP BY 1",
        "SELECT date_trunc('month', eventTime) AS month, count(*) AS calls FROM t GROUP BY 1",
        "SELECT eventTime, eventName, count(*) AS calls FROM t GROUP BY GROUPING SETS ((eventTime), (eventName))",
        "SELECT count(*) AS calls FROM t",
        "SELECT sum(calls) FROM (SELECT eventTime, count(*) AS calls FROM (SELECT eventTime FROM t LIMIT 100) GROUP BY 1)",
        "SELECT sum(calls) FROM (SELECT eventTime, count(*) AS calls FROM (SELECT eventTime FROM t WHERE userIdentity.arn LIKE '%u1' LIMIT 100) GROUP BY 1)",
    ];
    let folder = tempfile::tempdir().expect("there is room");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a thread");
    runtime.block_on(async {
        let table = table(folder.path()).await;
        let part = table.part(Part::all());
        for threads in [1, 3] {
            let kinds: [(&[&str], bool); 3] =
                [(&made_in_turn, true), (&made_in_turn_by_one_thread, threads == 1), (&made_at_once, false)];
            let all = kinds.into_iter().flat_map(|(all, is_in_turn)| all.iter().map(move |one| (*one, is_in_turn)));
            for (statement, is_in_turn) in all {
                let limits = Limits { threads, ..Limits::default() };
                let planned = async || Query::plan(statement, |_| Some(Arc::clone(&part)), limits.clone()).await;
                let (at_once, mut turned) = (planned().await.expect(statement), planned().await.expect(statement));
                turned.plan = within(turned.plan, 1, false).expect("a plan");
                let shown = displayable(turned.plan.as_ref()).indent(false).to_string();
                assert_eq!(shown.contains("InTurn"), is_in_turn, "{statement}, {threads} threads: {shown}");
                let (expected, told) = (asked(&at_once).await, asked(&turned).await);
                assert!(!expected.0.is_empty(), "{statement}");
                assert_eq!(told.0, expected.0, "{statement}, {threads} threads: {shown}");
                let read =
                    |statistics: crate::query::Statistics| (statistics.events_matched, statistics.events_scanned);
                assert_eq!(read(told.1), read(expected.1), "{statement}, {threads} threads: {shown}");
            }
        }
    });
}

/// A stretch has enough rows to be worth while, and what is not enough for all threads is grouped at once.
#[test]
fn small_stretches_are_put_together() {
    let folder = tempfile::tempdir().expect("there is room");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a thread");
    runtime.block_on(async {
        let table = table(folder.path()).await;
        let part = table.part(Part::all());
        let stretches = async |least: usize, threads: usize| {
            let limits = Limits { threads, ..Limits::default() };
            let statement = "SELECT date_trunc('minute', eventTime) AS minute, count(*) AS calls FROM t GROUP BY 1";
            let query = Query::plan(statement, |_| Some(Arc::clone(&part)), limits).await.expect("a statement");
            let turned = within(query.plan, least, false).expect("a plan");
            let shown = displayable(turned.as_ref()).indent(false).to_string();
            let (_, told) = shown.split_once("InTurn: ")?;
            told.split(' ').next()?.parse::<usize>().ok()
        };
        // Ten days of 180 calls.
        assert_eq!(stretches(1, 1).await, Some(10));
        assert_eq!(stretches(181, 1).await, Some(5));
        assert_eq!(stretches(181, 2).await, None);
        assert_eq!(stretches(10_000, 1).await, None);
        assert_eq!(stretches(1, 3).await, Some(10));
        assert_eq!(stretches(1, 4).await, None);
    });
}
