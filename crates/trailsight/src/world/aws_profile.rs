//! The static keys of an AWS profile, for who has them in `~/.aws` and not in the environment.
//!
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>. Profiles that get their keys elsewhere (SSO,
//! role chains) are served by `aws configure export-credentials --format env`.

use std::collections::HashMap;
use std::path::PathBuf;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

/// Where else credentials come from, by the variables that say so: then the profile's are not asked for.
const ELSEWHERE: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// Settings of the chosen profile, from both files; empty if there is none.
pub fn settings(variable: impl Fn(&str) -> Option<String>) -> HashMap<String, String> {
    let profile =
        variable("AWS_PROFILE").or_else(|| variable("AWS_DEFAULT_PROFILE")).unwrap_or_else(|| "default".to_owned());
    let home = variable("HOME").map(PathBuf::from).unwrap_or_default();
    let path = |name: &str, file: &str| variable(name).map_or_else(|| home.join(".aws").join(file), PathBuf::from);
    let mut settings = HashMap::new();
    for path in [path("AWS_CONFIG_FILE", "config"), path("AWS_SHARED_CREDENTIALS_FILE", "credentials")] {
        if let Ok(text) = std::fs::read_to_string(path) {
            settings.extend(of_profile(&text, &profile));
        }
    }
    settings
}

/// A bucket's builder with the keys of a profile, unless the environment has credentials.
pub fn with_keys(
    builder: AmazonS3Builder,
    profile: &HashMap<String, String>,
    variable: impl Fn(&str) -> Option<String>,
) -> AmazonS3Builder {
    if ELSEWHERE.iter().any(|name| variable(name).is_some()) {
        return builder;
    }
    let keys = [
        ("aws_access_key_id", AmazonS3ConfigKey::AccessKeyId),
        ("aws_secret_access_key", AmazonS3ConfigKey::SecretAccessKey),
        ("aws_session_token", AmazonS3ConfigKey::Token),
    ];
    let named = keys.into_iter().filter_map(|(name, key)| Some((key, profile.get(name)?)));
    named.fold(builder, |builder, (key, value)| builder.with_config(key, value))
}

fn of_profile(text: &str, profile: &str) -> Vec<(String, String)> {
    let mut is_mine = false;
    let mut settings = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let name = section.trim();
            is_mine = name.strip_prefix("profile ").unwrap_or(name).trim() == profile;
        } else if let Some((key, value)) = line.split_once('=')
            && is_mine
            && !line.starts_with('#')
        {
            settings.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_its_section() {
        let text = "[default]\nregion = eu-west-1\n# aws_access_key_id = no\n\n[profile other]\nregion=us-east-2\naws_access_key_id = AKID\n";
        assert_eq!(of_profile(text, "default"), [("region".to_owned(), "eu-west-1".to_owned())]);
        assert_eq!(of_profile(text, "other").len(), 2);
        assert!(of_profile(text, "none").is_empty());
    }

    #[test]
    fn a_profile_has_its_say_where_the_environment_has_none() {
        let profile = HashMap::from([("aws_access_key_id".to_owned(), "AKIDPROFILE".to_owned())]);
        let key_id = |set: &str| {
            let builder = with_keys(AmazonS3Builder::new(), &profile, |name| (name == set).then(|| "x".to_owned()));
            builder.get_config_value(&AmazonS3ConfigKey::AccessKeyId)
        };
        assert_eq!(key_id("AWS_SECRET_ACCESS_KEY").as_deref(), Some("AKIDPROFILE"));
        for elsewhere in ELSEWHERE {
            assert_eq!(key_id(elsewhere), None, "{elsewhere}");
        }
    }
}
