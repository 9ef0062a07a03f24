//! What a request asks for behind its question mark.

use std::collections::BTreeMap;

use record::time::Minute;

use super::wrong;
use crate::Failure;

/// No moment is later: minutes are 32 bits, and days are added to them.
const YEAR_2100: i64 = 4_102_444_800;

/// Parameters, each once. An empty one is none.
pub(super) struct Query(BTreeMap<String, String>);

impl Query {
    pub(super) fn of(query: &str) -> Query {
        let all = form_urlencoded::parse(query.as_bytes()).into_owned();
        Query(all.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// A parameter that nobody knows is a mistake, and never just not heeded.
    pub(super) fn only(&self, known: &[&str]) -> Result<&Query, Failure> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(self),
            Some(name) if known.is_empty() => Err(wrong(format!("There is no parameter {name}: none is taken."))),
            Some(name) => Err(wrong(format!("There is no parameter {name}; there are: {}.", known.join(", ")))),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| wrong(format!("The parameter {name} is missing.")))
    }

    /// One of these words.
    pub(super) fn word<'w>(&self, name: &str, words: &[&'w str]) -> Result<Option<&'w str>, Failure> {
        let Some(said) = self.text(name) else { return Ok(None) };
        let known = words.iter().find(|word| **word == said);
        known.copied().map(Some).ok_or_else(|| wrong(format!("{name} is one of {}.", words.join(", "))))
    }

    /// A number within these bounds.
    pub(super) fn number(&self, name: &str, usual: usize, least: usize, most: usize) -> Result<usize, Failure> {
        let Some(said) = self.text(name) else { return Ok(usual) };
        let number = said.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| wrong(format!("{name} is a number from {least} to {most}.")))
    }

    /// A moment: seconds since 1970, or RFC 3339. The minute that it lies in.
    pub(super) fn minute(&self, name: &str) -> Result<Option<Minute>, Failure> {
        self.text(name).map(|said| minute_of(name, said)).transpose()
    }

    /// A time from one moment to another, at most so many days.
    pub(super) fn span(&self, usual: (Minute, Minute), most_days: i32) -> Result<(Minute, Minute), Failure> {
        let from = self.minute("from")?.unwrap_or(usual.0);
        let until = self.minute("until")?.unwrap_or(usual.1);
        if from >= until {
            return Err(wrong("from must be before until."));
        }
        if (until - from).0 > most_days * 1440 {
            return Err(wrong(format!("From from to until are {most_days} days at most.")));
        }
        Ok((from, until))
    }
}

/// The minute of a moment that is said so.
pub(super) fn minute_of(name: &str, said: &str) -> Result<Minute, Failure> {
    let seconds = said.parse().ok().or_else(|| said.parse::<jiff::Timestamp>().ok().map(|at| at.as_second()));
    let seconds = seconds.filter(|seconds: &i64| (0..=YEAR_2100).contains(seconds));
    let wrong_time = || wrong(format!("{name} is a time: seconds since 1970, or as 2026-02-12T14:30:00Z."));
    seconds.map(Minute::of_seconds).ok_or_else(wrong_time)
}
