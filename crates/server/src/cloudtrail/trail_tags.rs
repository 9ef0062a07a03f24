//! Settings of a trail that AWS has no words for, as tags, so that the AWS CLI, Terraform and every SDK can set them.
//!
//! | tag | value | what it says |
//! |---|---|---|
//! | `trailsight:false-alarms-per-month` | `3`, `0.5`, `10/total` | how many are accepted: by each account, or by all of the trail together |
//! | `trailsight:read-events` | `true`, `false` | whether the call rates of APIs that only read are looked at, too |
//! | `trailsight:mute` | `ec2/RunInstances sts` | of what nothing is told: services, or single APIs of them, with blanks between |

use record::names::{EventName, EventSource};
use store::tags::Tags;
use wire::ApiError;

use super::tags::invalid_tag;

/// What the tags of a trail say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct TrailTags {
    false_alarms: Option<FalseAlarms>,
    reads_events: bool,
    muted: Vec<Muted>,
}

/// How many false alarms a month are accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FalseAlarms {
    pub(crate) per_month: f64,
    /// By all accounts of the trail together, not by each.
    pub(crate) in_total: bool,
}

/// Something of which nothing is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Muted {
    pub(crate) source: EventSource,
    /// `None`: the whole service.
    pub(crate) name: Option<EventName>,
}

/// How the keys of all of ours begin.
const OURS: &str = "trailsight:";

const KNOWN: &str = "trailsight:false-alarms-per-month, trailsight:read-events, trailsight:mute";

/// More would make every minute an alarm.
const MOST_FALSE_ALARMS: f64 = 10_000.0;

impl TrailTags {
    /// Reads them; others than ours are nobody's business.
    pub(crate) fn of(tags: &Tags) -> Result<TrailTags, ApiError> {
        let mut read = TrailTags::default();
        for (key, value) in tags {
            let Some(name) = key.strip_prefix(OURS) else { continue };
            let wrong = |what: &str| invalid_tag(format!("The value {value} of the tag {key} is not valid: {what}."));
            match name {
                "false-alarms-per-month" => {
                    let alarms = false_alarms(value);
                    let what = "a number above 0, as 3 for each account or 3/total for all of them together";
                    read.false_alarms = Some(alarms.ok_or_else(|| wrong(what))?);
                }
                "read-events" => {
                    read.reads_events = match value.as_str() {
                        "true" => true,
                        "false" => false,
                        _ => return Err(wrong("true or false")),
                    }
                }
                "mute" => {
                    let muted: Option<Vec<Muted>> = value.split_whitespace().map(muted).collect();
                    let what = "services or APIs with blanks between, as sts or ec2.amazonaws.com/RunInstances";
                    read.muted = muted.filter(|muted| !muted.is_empty()).ok_or_else(|| wrong(what))?;
                }
                _ => return Err(invalid_tag(format!("There is no setting {key}. There are: {KNOWN}."))),
            }
        }
        Ok(read)
    }

    /// How many false alarms a month are accepted, if that is said.
    #[cfg_attr(not(test), expect(dead_code, reason = "the pipeline asks it"))]
    pub(crate) fn false_alarms(&self) -> Option<FalseAlarms> {
        self.false_alarms
    }

    /// Whether the call rates of APIs that only read are looked at, too.
    pub(crate) fn reads_events(&self) -> bool {
        self.reads_events
    }

    /// Whether nothing is told of this API.
    #[cfg_attr(not(test), expect(dead_code, reason = "the pipeline asks it"))]
    pub(crate) fn mutes(&self, source: &EventSource, name: &EventName) -> bool {
        let is_it = |muted: &Muted| muted.source == *source && muted.name.as_ref().is_none_or(|of| of == name);
        self.muted.iter().any(is_it)
    }
}

fn false_alarms(value: &str) -> Option<FalseAlarms> {
    let (number, in_total) = value.strip_suffix("/total").map_or((value, false), |number| (number, true));
    let per_month: f64 = number.parse().ok()?;
    (per_month > 0.0 && per_month <= MOST_FALSE_ALARMS).then_some(FalseAlarms { per_month, in_total })
}

fn muted(word: &str) -> Option<Muted> {
    let (service, name) = word.split_once('/').map_or((word, None), |(service, name)| (service, Some(name)));
    let service = service.strip_suffix(".amazonaws.com").unwrap_or(service);
    let is_service = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_valid = !service.is_empty()
        && service.bytes().all(is_service)
        && name.is_none_or(|name| !name.is_empty() && name.bytes().all(is_name));
    is_valid.then(|| Muted {
        source: EventSource::from(format!("{service}.amazonaws.com").as_str()),
        name: name.map(EventName::from),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, value: &str) -> Result<TrailTags, ApiError> {
        TrailTags::of(&Tags::from([(key.to_owned(), value.to_owned())]))
    }

    #[test]
    fn each_setting_is_read_or_refused_with_a_sentence() {
        let alarms = read("trailsight:false-alarms-per-month", "0.5/total").unwrap().false_alarms();
        assert_eq!(alarms, Some(FalseAlarms { per_month: 0.5, in_total: true }));
        assert!(read("trailsight:read-events", "true").unwrap().reads_events());
        assert!(!read("env", "prod").unwrap().reads_events());
        let mute = read("trailsight:mute", "ec2/RunInstances sts.amazonaws.com").unwrap();
        let is_muted = |source: &str, name: &str| mute.mutes(&EventSource::from(source), &EventName::from(name));
        assert!(is_muted("ec2.amazonaws.com", "RunInstances") && is_muted("sts.amazonaws.com", "AssumeRole"));
        assert!(!is_muted("ec2.amazonaws.com", "StopInstances") && !is_muted("s3.amazonaws.com", "RunInstances"));
        for (key, value) in [
            ("false-alarms-per-month", "0"),
            ("false-alarms-per-month", "NaN"),
            ("false-alarms-per-month", "inf"),
            ("false-alarms-per-month", "-1/total"),
            ("false-alarms-per-month", ""),
            ("read-events", "yes"),
            ("mute", " "),
            ("mute", "ec2/"),
            ("mute", "EC2 *"),
            ("volume", "11"),
            ("", "x"),
        ] {
            let error = read(&format!("trailsight:{key}"), value).unwrap_err();
            assert_eq!(error.code, "InvalidTagParameterException", "{key}={value}");
            assert!(error.message.ends_with('.') && error.message.contains(key), "{}", error.message);
        }
    }
}
