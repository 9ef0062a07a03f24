//! Identities by their ARNs, as people write them: `arn:aws:iam::*:role/scanner-*`.

use serde::{Deserialize, Serialize};

use crate::apis::fits;

/// ARNs with blanks between; `*` stands for any letters. Role sessions are their role
/// ([`UserIdentityArn`](record::insight::Attribute::UserIdentityArn)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identities(Vec<String>);

impl Identities {
    /// Reads them; `None` if there is none, or one that no ARN is like.
    pub fn read(text: &str) -> Option<Identities> {
        let is_arn = |word: &str| word.starts_with("arn:") || word.starts_with('*');
        let all: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        (!all.is_empty() && all.iter().all(|word| is_arn(word) && !word.contains(char::is_control)))
            .then_some(Identities(all))
    }

    /// Whether an identity is one of them.
    pub fn include(&self, arn: &str) -> bool {
        self.0.iter().any(|pattern| fits(pattern, arn))
    }
}

impl TryFrom<String> for Identities {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Identities, &'static str> {
        Identities::read(&text).ok_or("these are no ARNs")
    }
}

impl From<Identities> for String {
    fn from(identities: Identities) -> String {
        identities.0.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_read_as_people_write_them_and_written_so_again() {
        let identities = Identities::read("arn:aws:iam::*:role/scanner-*  *:user/ci").unwrap();
        assert!(identities.include("arn:aws:iam::111122223333:role/scanner-eu"));
        assert!(identities.include("arn:aws-cn:iam::111122223333:user/ci"));
        assert!(!identities.include("arn:aws:iam::111122223333:role/admin"));
        assert!(!identities.include("arn:aws:iam::111122223333:user/ci-2"));
        assert_eq!(String::from(identities.clone()), "arn:aws:iam::*:role/scanner-* *:user/ci");
        assert_eq!(Identities::read(&String::from(identities.clone())), Some(identities));
        for wrong in ["", "  ", "scanner", "role/scanner arn:aws:iam::1:root", "arn:a\u{7}b"] {
            assert_eq!(Identities::read(wrong), None, "{wrong}");
        }
    }
}
