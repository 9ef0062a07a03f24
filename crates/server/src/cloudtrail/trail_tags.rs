//! Settings of a trail that AWS has no words for, as tags, so that the AWS CLI, Terraform and every SDK can set them.
//! `docs/TRAILS.md` tells them to whoever sets them.
//!
//! | tag | value | what it says |
//! |---|---|---|
//! | `trailsight:false-alarms-per-month` | `3`, `0.5`, `10/total` | how many are accepted: by each account, or by all of the trail together |
//! | `trailsight:read-events` | `true`, `false` | whether the call rates of APIs that only read are looked at, too |
//! | `trailsight:mute` | `ec2/RunInstances iam/Get* sts` | of what nothing is told: services, or APIs of them, with blanks between |
//! | `trailsight:insights-bucket` | `my-insights` | the bucket that Insight files are written to, instead of the trail's own |
//! | `trailsight:extra-fields` | `true`, `false` | whether Insight files and `LookupEvents` have our fields besides AWS's |

use detect::apis::Apis;
use record::names::{EventName, EventSource};
use store::tags::Tags;
use wire::ApiError;

use super::tags::invalid_tag;
use super::trail_settings::is_bucket_name;

/// What the tags of a trail say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TrailTags {
    false_alarms: Option<FalseAlarms>,
    reads_events: bool,
    muted: Apis,
    insights_bucket: Option<String>,
    has_extra_fields: bool,
}

/// How many false alarms a month are accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FalseAlarms {
    pub(crate) per_month: f64,
    /// By all accounts of the trail together, not by each.
    pub(crate) in_total: bool,
}

/// How the keys of all of ours begin.
const OURS: &str = "trailsight:";

/// The tag that adds our fields to what AWS's clients see.
pub(crate) const EXTRA_FIELDS: &str = "trailsight:extra-fields";

const KNOWN: &[&str] = &["false-alarms-per-month", "read-events", "mute", "insights-bucket", "extra-fields"];

/// More would make every minute an alarm.
const MOST_FALSE_ALARMS: f64 = 10_000.0;

impl TrailTags {
    /// Reads them; others than ours are nobody's business.
    pub(crate) fn of(tags: &Tags) -> Result<TrailTags, ApiError> {
        let mut read = TrailTags::default();
        for (key, value) in tags {
            let Some(name) = key.strip_prefix(OURS) else { continue };
            let wrong = |what: &str| invalid_tag(format!("The value {value} of the tag {key} is not valid: {what}."));
            let yes_or_no = || match value.as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(wrong("true or false")),
            };
            match name {
                "false-alarms-per-month" => {
                    let alarms = false_alarms(value);
                    let what = "a number above 0, as 3 for each account or 3/total for all of them together";
                    read.false_alarms = Some(alarms.ok_or_else(|| wrong(what))?);
                }
                "read-events" => read.reads_events = yes_or_no()?,
                "mute" => {
                    let what =
                        "services or APIs with blanks between, as sts, ec2.amazonaws.com/RunInstances or iam/Get*";
                    read.muted = Apis::read(value).ok_or_else(|| wrong(what))?;
                }
                "insights-bucket" => {
                    let is_name = is_bucket_name(value);
                    let name = is_name.then(|| value.clone());
                    read.insights_bucket = Some(name.ok_or_else(|| wrong("the name of a bucket"))?);
                }
                "extra-fields" => read.has_extra_fields = yes_or_no()?,
                _ => return Err(invalid_tag(unknown(key, name))),
            }
        }
        Ok(read)
    }

    /// How many false alarms a month are accepted, if that is said.
    pub(crate) fn false_alarms(&self) -> Option<FalseAlarms> {
        self.false_alarms
    }

    /// Whether the call rates of APIs that only read are looked at, too.
    pub(crate) fn reads_events(&self) -> bool {
        self.reads_events
    }

    /// Whether nothing is told of this API.
    pub(crate) fn mutes(&self, source: &EventSource, name: &EventName) -> bool {
        self.muted.include(source, name)
    }

    /// The bucket that Insight files are written to, if not the trail's own.
    pub(crate) fn insights_bucket(&self) -> Option<&str> {
        self.insights_bucket.as_deref()
    }

    /// Whether Insight files have our fields besides AWS's.
    pub(crate) fn has_extra_fields(&self) -> bool {
        self.has_extra_fields
    }
}

/// What is said of a key that is none, with the one that was probably meant.
fn unknown(key: &str, name: &str) -> String {
    let all = KNOWN.iter().map(|known| format!("{OURS}{known}")).collect::<Vec<_>>().join(", ");
    let nearest = KNOWN.iter().map(|known| (steps_between(name, known), known)).min();
    match nearest.filter(|(steps, known)| *steps <= known.len() / 3) {
        Some((_, known)) => format!("There is no setting {key}. Is {OURS}{known} meant? There are: {all}."),
        None => format!("There is no setting {key}. There are: {all}."),
    }
}

/// How many letters must be changed, added or left out to make one text of the other.
fn steps_between(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for j in 0..b.len() {
            let changed = diagonal + usize::from(letter != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

fn false_alarms(value: &str) -> Option<FalseAlarms> {
    let (number, in_total) = value.strip_suffix("/total").map_or((value, false), |number| (number, true));
    let per_month: f64 = number.parse().ok()?;
    (per_month > 0.0 && per_month <= MOST_FALSE_ALARMS).then_some(FalseAlarms { per_month, in_total })
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
        assert!(read("trailsight:extra-fields", "true").unwrap().has_extra_fields());
        assert_eq!(read("trailsight:insights-bucket", "my-insights").unwrap().insights_bucket(), Some("my-insights"));
        let mute = read("trailsight:mute", "ec2/RunInstances sts.amazonaws.com iam/Get*Policy */Batch*").unwrap();
        let is_muted = |source: &str, name: &str| mute.mutes(&EventSource::from(source), &EventName::from(name));
        assert!(is_muted("ec2.amazonaws.com", "RunInstances") && is_muted("sts.amazonaws.com", "AssumeRole"));
        assert!(!is_muted("ec2.amazonaws.com", "StopInstances") && !is_muted("s3.amazonaws.com", "RunInstances"));
        assert!(is_muted("iam.amazonaws.com", "GetRolePolicy") && !is_muted("iam.amazonaws.com", "GetRole"));
        assert!(is_muted("ecr.amazonaws.com", "BatchGetImage") && !is_muted("ecr.amazonaws.com", "GetBatch"));
        for (key, value) in [
            ("false-alarms-per-month", "0"),
            ("false-alarms-per-month", "NaN"),
            ("false-alarms-per-month", "inf"),
            ("false-alarms-per-month", "-1/total"),
            ("false-alarms-per-month", ""),
            ("read-events", "yes"),
            ("extra-fields", "1"),
            ("insights-bucket", "No_Bucket"),
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

    #[test]
    fn of_a_key_with_a_slip_it_is_said_which_was_meant() {
        let said = |key: &str| read(&format!("trailsight:{key}"), "true").unwrap_err().message;
        assert!(said("read-event").contains("Is trailsight:read-events meant?"));
        assert!(said("false-alarms-a-month").contains("Is trailsight:false-alarms-per-month meant?"));
        assert!(!said("volume").contains("meant"));
    }
}
