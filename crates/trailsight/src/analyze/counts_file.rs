//! Counts from outside: a CSV of minute, account, region, source, name, error_code, count.
//!
//! For anyone who already has counts: a GROUP BY in Athena gives them. Minutes that are not named are zero, from the first to
//! the last minute of the file; so a minute that no log can have, long before CloudTrail or still to come, is rejected.
//! `error_code` is empty for all calls of the API.

use std::io::Read;

use anyhow::{Context, Result, bail};
use detect::tally::Tally;
use record::api_call::OLDEST;
use record::insight::Subject;
use record::names::{AccountId, EventCategory, Region};
use record::time::{Minute, parse_seconds};

use super::filters::Filters;
use super::reconciliation::{Filtered, Reconciliation};

const COLUMNS: [&str; 7] = ["minute", "account", "region", "source", "name", "error_code", "count"];

/// Reads one file into counts. `latest`: the last second since 1970 that a minute may begin with.
pub fn read(input: impl Read, file: &str, filters: &Filters, latest: i64) -> Result<(Tally, Reconciliation)> {
    let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(input);
    let columns = columns_of(rows.headers().with_context(|| format!("cannot read {file}"))?, file)?;
    let (mut tally, mut told) = (Tally::new(), Reconciliation::default());
    told.files = 1;
    let mut record = csv::StringRecord::new();
    let mut ends: Option<(Minute, Minute)> = None;
    loop {
        let line = rows.position().line();
        let row = match rows.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => Row::of(columns.map(|column| record.get(column).unwrap_or("")), latest),
            Err(error) => Err(Wrong { what: "no CSV", detail: error.to_string() }),
        };
        told.read += 1;
        match row {
            Ok(row) => {
                ends = Some(ends.map_or((row.at, row.at), |ends| (ends.0.min(row.at), ends.1.max(row.at))));
                row.count(filters, &mut tally, &mut told);
            }
            Err(Wrong { what, detail }) => told.reject(what, file, &format_args!("line {line}: {detail}")),
        }
    }
    if let Some((first, last)) = ends {
        watch_throughout(&mut tally, first, last);
    }
    Ok((tally, told))
}

/// Where in a row each of the columns is.
fn columns_of(header: &csv::StringRecord, file: &str) -> Result<[usize; COLUMNS.len()]> {
    let mut columns = [0; COLUMNS.len()];
    for (column, name) in columns.iter_mut().zip(COLUMNS) {
        match header.iter().position(|header| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name)) {
            Some(at) => *column = at,
            None => bail!("{file} has no column `{name}`; it needs {}", COLUMNS.join(", ")),
        }
    }
    Ok(columns)
}

/// A row that can be counted.
struct Row<'r> {
    at: Minute,
    account: &'r str,
    region: &'r str,
    source: &'r str,
    name: &'r str,
    /// Nothing: all calls of the API.
    error: &'r str,
    calls: u32,
}

/// Why one cannot.
struct Wrong {
    what: &'static str,
    detail: String,
}

impl<'r> Row<'r> {
    fn of(row: [&'r str; COLUMNS.len()], latest: i64) -> Result<Row<'r>, Wrong> {
        let wrong = |what, detail| Err(Wrong { what, detail });
        let [minute, account, region, source, name, error, count] = row;
        let at = parse_seconds(minute).ok().map(Minute::of_seconds);
        let (Some(at), Ok(calls)) = (at, count.parse::<u32>()) else {
            let what = if at.is_none() { "no minute" } else { "no count" };
            return wrong(what, format!("minute `{minute}`, count `{count}`"));
        };
        if !(OLDEST..=latest).contains(&at.seconds()) {
            let what = if at.seconds() < OLDEST { "minute before 2013" } else { "minute still to come" };
            return wrong(what, format!("minute `{minute}`"));
        }
        if account.is_empty() || region.is_empty() || source.is_empty() || name.is_empty() {
            return wrong("no name", "account, region, source and name are needed".to_owned());
        }
        if !is_plain(account) || !is_plain(region) {
            let detail = format!("account `{account}`, region `{region}`: letters, digits, - and _ only");
            return wrong("bad name", detail);
        }
        Ok(Row { at, account, region, source, name, error, calls })
    }

    /// Counts it, if the user did not leave it out.
    fn count(&self, filters: &Filters, tally: &mut Tally, told: &mut Reconciliation) {
        let Row { at, account, region, source, name, error, calls } = *self;
        if !filters.covers_place(account, region) {
            return told.filter(Filtered::ByUser);
        }
        if !filters.covers_api(source, name) {
            // It still says that the account-Region was heard of.
            let id = tally.region(&account.into(), &region.into());
            tally.add_activity(id, at, if error.is_empty() { calls } else { 0 });
            return told.filter(Filtered::ByUser);
        }
        told.counted += 1;
        let subject = Subject {
            account: account.into(),
            region: region.into(),
            source: source.into(),
            name: name.into(),
            error: (!error.is_empty()).then(|| error.into()),
            category: EventCategory::Management,
        };
        // Whoever names an API here wants to know of it, read or not.
        tally.count(&subject, at, calls, false);
    }
}

/// Accounts and Regions become folders of Insight files.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Every account-Region is watched from the first minute of the file to the last, even one with errors only.
fn watch_throughout(tally: &mut Tally, first: Minute, last: Minute) {
    let places: Vec<(AccountId, Region)> =
        tally.all_regions().map(|(_, region)| (region.account.clone(), region.region.clone())).collect();
    for (account, region) in places {
        let id = tally.region(&account, &region);
        if tally.region_tally(id).activity.span().is_none() {
            let series = tally.region_tally(id).series.clone();
            for series in series {
                let counts = tally.counted(series).counts.clone();
                counts.for_each(|minute, calls| tally.add_activity(id, minute, calls));
            }
        }
        tally.watch(id, first, last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-02T00:00:00Z.
    const LATEST: i64 = 1_772_409_600;

    #[test]
    fn bad_lines_hide_no_good_ones() {
        let text = "\u{feff}minute,Account,region,source,name,error_code,count\n\
            2026-02-02T00:00:00Z,1,us-east-1,ec2.amazonaws.com,RunInstances,,5\n\
            yesterday,1,us-east-1,ec2.amazonaws.com,RunInstances,,5\n\
            2026-02-02T00:01:00Z,1,us-east-1,ec2.amazonaws.com,RunInstances,,-5\n\
            2026-02-02T00:02:00Z,1,us-east-1,,RunInstances,,5\n\
            2026-02-02 00:03:00,1,us-east-1,ec2.amazonaws.com,RunInstances,AccessDenied,2\n";
        let (tally, told) = read(text.as_bytes(), "counts.csv", &Filters::default(), LATEST).unwrap();
        assert_eq!((told.read, told.counted, told.rejected()), (5, 2, 3));
        assert!(told.adds_up());
        assert_eq!(tally.all_series().len(), 2);
        let missing = read("minute,account\n".as_bytes(), "counts.csv", &Filters::default(), LATEST).unwrap_err();
        assert!(missing.to_string().contains("`region`"), "{missing}");
    }

    /// One such line would have all account-Regions watched for thousands of years.
    #[test]
    fn a_minute_that_no_log_can_have_is_rejected() {
        let mut text = "minute,account,region,source,name,error_code,count\n".to_owned();
        let minutes = [
            "0001-01-01T00:00:00Z",
            "-002000-01-01T00:00:00Z",
            "2012-12-31T23:59:00Z",
            "2026-03-02T00:00:00Z",
            "2026-03-02T00:01:00Z",
            "5000-01-01T00:00:00Z",
            "9999-12-01T00:00:00Z",
        ];
        for minute in minutes {
            text.push_str(&format!("{minute},1,us-east-1,ec2.amazonaws.com,RunInstances,,5\n"));
        }
        let (tally, told) = read(text.as_bytes(), "counts.csv", &Filters::default(), LATEST).unwrap();
        assert_eq!((told.read, told.counted, told.rejected()), (7, 1, 6));
        assert!(told.adds_up());
        let (first, last) = tally.span().expect("one minute is sound");
        assert_eq!((first, last), (Minute::of_seconds(LATEST), Minute::of_seconds(LATEST)));
    }
}
