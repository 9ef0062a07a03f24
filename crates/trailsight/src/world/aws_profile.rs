//! The static keys of an AWS profile, for who has them in `~/.aws` and not in the environment.
//!
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>. Profiles that get their keys elsewhere (SSO,
//! role chains) are served by `aws configure export-credentials --format env`.

use std::collections::HashMap;
use std::path::PathBuf;

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
}
