//! Counts from outside: a CSV of minute, account, region, source, name, error_code, count.
//!
//! For anyone who already has counts: a GROUP BY in Athena gives them. Minutes that are not named are zero, from the first to
//! the last minute of the file. `error_code` is empty for all calls of the API.

use std::io::Read;

use anyhow::{Context, Result, bail};
use detect::tally::Tally;
use record::insight::Subject;
use record::names::{AccountId, EventCategory, Region};
use record::time::{Minute, parse_seconds};

use super::filters::Filters;
use super::reconciliation::{Filtered, Reconciliation};

const COLUMNS: [&str; 7] = ["minute", "account", "region", "source", "name", "error_code", "count"];

/// Reads one file into counts.
pub fn read(input: impl Read, file: &str, filters: &Filters) -> Result<(Tally, Reconciliation)> {
    let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(input);
    let header = rows.headers().with_context(|| format!("cannot read {file}"))?.clone();
    let mut columns = [0; COLUMNS.len()];
    for (column, name) in columns.iter_mut().zip(COLUMNS) {
        match header.iter().position(|header| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name)) {
            Some(at) => *column = at,
            None => bail!("{file} has no column `{name}`; it needs {}", COLUMNS.join(", ")),
        }
    }
    let (mut tally, mut told) = (Tally::new(), Reconciliation::default());
    told.files = 1;
    let mut row = csv::StringRecord::new();
    let mut ends: Option<(Minute, Minute)> = None;
    loop {
        let line = rows.position().line();
        match rows.read_record(&mut row) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                told.read += 1;
                told.reject("no CSV", file, &format_args!("line {line}: {error}"));
                continue;
            }
        }
        told.read += 1;
        let [minute, account, region, source, name, error, count] = columns.map(|column| row.get(column).unwrap_or(""));
        let at = parse_seconds(minute).ok().map(Minute::of_seconds);
        let (Some(at), Ok(count)) = (at, count.parse::<u32>()) else {
            let what = if at.is_none() { "no minute" } else { "no count" };
            told.reject(what, file, &format_args!("line {line}: minute `{minute}`, count `{count}`"));
            continue;
        };
        if account.is_empty() || region.is_empty() || source.is_empty() || name.is_empty() {
            told.reject("no name", file, &format_args!("line {line}: account, region, source and name are needed"));
            continue;
        }
        if !is_plain(account) || !is_plain(region) {
            let what =
                format_args!("line {line}: account `{account}`, region `{region}`: letters, digits, - and _ only");
            told.reject("bad name", file, &what);
            continue;
        }
        ends = Some(ends.map_or((at, at), |ends| (ends.0.min(at), ends.1.max(at))));
        if !filters.covers_place(account, region) {
            told.filter(Filtered::ByUser);
            continue;
        }
        if !filters.covers_api(source, name) {
            told.filter(Filtered::ByUser);
            // It still says that the account-Region was heard of.
            let id = tally.region(&account.into(), &region.into());
            tally.add_activity(id, at, if error.is_empty() { count } else { 0 });
            continue;
        }
        told.counted += 1;
        let error = (!error.is_empty()).then(|| error.into());
        let (account, region) = (account.into(), region.into());
        let subject = Subject {
            account,
            region,
            source: source.into(),
            name: name.into(),
            error,
            category: EventCategory::Management,
        };
        // Whoever names an API here wants to know of it, read or not.
        tally.count(&subject, at, count, false);
    }
    if let Some((first, last)) = ends {
        watch_throughout(&mut tally, first, last);
    }
    Ok((tally, told))
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

    #[test]
    fn bad_lines_hide_no_good_ones() {
        let text = "\u{feff}minute,Account,region,source,name,error_code,count\n\
            2026-02-02T00:00:00Z,1,us-east-1,ec2.amazonaws.com,RunInstances,,5\n\
            yesterday,1,us-east-1,ec2.amazonaws.com,RunInstances,,5\n\
            2026-02-02T00:01:00Z,1,us-east-1,ec2.amazonaws.com,RunInstances,,-5\n\
            2026-02-02T00:02:00Z,1,us-east-1,,RunInstances,,5\n\
            2026-02-02 00:03:00,1,us-east-1,ec2.amazonaws.com,RunInstances,AccessDenied,2\n";
        let (tally, told) = read(text.as_bytes(), "counts.csv", &Filters::default()).unwrap();
        assert_eq!((told.read, told.counted, told.rejected()), (5, 2, 3));
        assert!(told.adds_up());
        assert_eq!(tally.all_series().len(), 2);
        let missing = read("minute,account\n".as_bytes(), "counts.csv", &Filters::default()).unwrap_err();
        assert!(missing.to_string().contains("`region`"), "{missing}");
    }
}
