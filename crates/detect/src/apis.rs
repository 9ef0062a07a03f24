//! APIs by their names, as people write them: `sts`, `ec2/RunInstances`, `iam/Get* s3/Put*`.

use record::names::{EventName, EventSource};
use serde::{Deserialize, Serialize};

/// Services, or APIs of them, with blanks between; `*` stands for any letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Apis(Vec<Api>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Api {
    /// Without `.amazonaws.com`.
    service: String,
    /// `*`: the whole service.
    name: String,
}

impl Apis {
    /// Reads them; `None` if there is none, or one that is not understood.
    pub fn read(text: &str) -> Option<Apis> {
        let apis: Option<Vec<Api>> = text.split_whitespace().map(api).collect();
        apis.filter(|apis| !apis.is_empty()).map(Apis)
    }

    /// Whether an API is one of them.
    pub fn include(&self, source: &EventSource, name: &EventName) -> bool {
        let service = source.as_str().strip_suffix(".amazonaws.com").unwrap_or(source.as_str());
        self.0.iter().any(|api| fits(&api.service, service) && fits(&api.name, name.as_str()))
    }
}

impl TryFrom<String> for Apis {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Apis, &'static str> {
        if text.is_empty() { Ok(Apis::default()) } else { Apis::read(&text).ok_or("these are no APIs") }
    }
}

impl From<Apis> for String {
    fn from(apis: Apis) -> String {
        let words: Vec<String> = apis.0.into_iter().map(|Api { service, name }| format!("{service}/{name}")).collect();
        words.join(" ")
    }
}

fn api(word: &str) -> Option<Api> {
    let (service, name) = word.split_once('/').unwrap_or((word, "*"));
    let service = service.strip_suffix(".amazonaws.com").unwrap_or(service);
    let is_service = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._*".contains(&byte);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_*".contains(&byte);
    let is_valid =
        !service.is_empty() && service.bytes().all(is_service) && !name.is_empty() && name.bytes().all(is_name);
    is_valid.then(|| Api { service: service.to_owned(), name: name.to_owned() })
}

/// Whether a text is like a pattern, in which `*` stands for any letters.
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apis_are_read_as_people_write_them_and_written_so_again() {
        let apis = Apis::read("ec2/RunInstances  sts.amazonaws.com iam/Get*Policy").unwrap();
        let has = |source: &str, name: &str| apis.include(&EventSource::from(source), &EventName::from(name));
        assert!(has("ec2.amazonaws.com", "RunInstances") && has("sts.amazonaws.com", "AssumeRole"));
        assert!(has("iam.amazonaws.com", "GetRolePolicy") && !has("iam.amazonaws.com", "GetRole"));
        assert!(!has("ec2.amazonaws.com", "RunInstancesNow") && !has("s3.amazonaws.com", "RunInstances"));
        assert_eq!(String::from(apis.clone()), "ec2/RunInstances sts/* iam/Get*Policy");
        assert_eq!(Apis::read(&String::from(apis.clone())), Some(apis));
        for wrong in ["", "  ", "ec2/", "EC2", "/RunInstances", "ec2/Run Inst!"] {
            assert_eq!(Apis::read(wrong), None, "{wrong}");
        }
    }
}
