//! `docs/CONFIGURATION.md`, printed from the options of `serve`.

use std::fmt::Write as _;

use super::{Kind, SYSTEM_FILE, Setting, settings};

const STORY: &str = "# Configuration

Everything has a default: `trailsight serve` runs without any setting. Each setting can be given in three ways, and the first that
says something wins:

1. a flag: `--functions-at-once 8`
2. an environment variable: `TRAILSIGHT_FUNCTIONS_AT_ONCE=8`
3. a key of the file of settings, TOML: `at-once = 8` in the table `[functions]`

Tables and keys are made of the flags: a flag without a heading in `trailsight serve --help` stands before the first table, the
others in the table of their heading, without its name in front (`--functions-port` is `port` in `[functions]`).
";

const RULES: &str = "
A setting that takes many values is a list in the file (`port = [443, 8883]`), commas in the environment (`443,8883`), and a flag
that is given again and again, or has commas. They are not added up: whoever wins gives all of them. A switch that the file
turns on is turned off by the environment (`TRAILSIGHT_FUNCTIONS_ONLINE=false`). Relative paths begin where the program was started.
A variable that is empty says nothing.

A key that is unknown, stands in the wrong table, or has a value of the wrong kind is an error that names file, line and key, and
the service does not start.

```sh
trailsight config check --config trailsight.toml    # ok, or every fault with its line; exit code 2
trailsight config show                              # what is in force, and where each value comes from
```

Changes are read at the next start. Which buckets are linked is kept elsewhere ([BUCKETS.md](BUCKETS.md)), and what AWS's API sets
(trails, selectors, rules, topics) is no setting.

## Secrets

A file that everybody on the machine may read and that holds a secret is refused (`chmod o-r`). Better is a file of its own:
";

/// The page.
pub fn page() -> String {
    let mut page = STORY.to_owned();
    let _ = write!(
        page,
        "\nOne file is read: the one that `--config` or `TRAILSIGHT_CONFIG` names, else `trailsight.toml` in the data directory, \
         else\n`{SYSTEM_FILE}`. The commands that work on the data directory (`buckets`, `push-keys`, `runtimes` and others) read\nthe same \
         file for where it is. [packaging/trailsight.example.toml](../packaging/trailsight.example.toml) is one to begin with.\n"
    );
    page.push_str(RULES);
    let all = settings();
    for secret in super::setting::SECRETS {
        let name =
            |flag: &str| all.iter().find(|setting| setting.flag() == flag).map(Setting::name).unwrap_or_default();
        let _ = writeln!(page, "`{}` instead of the secret in `{}`.", name(secret.file_flag), name(secret.flag));
    }
    let mut tables: Vec<Option<String>> = vec![None];
    for setting in &all {
        if !tables.contains(&setting.table()) {
            tables.push(setting.table());
        }
    }
    for table in tables {
        let _ = match &table {
            None => writeln!(page, "\n## Before the first table"),
            Some(table) => writeln!(page, "\n## [{table}]"),
        };
        for setting in all.iter().filter(|setting| setting.table() == table) {
            page.push_str(&described(setting));
        }
    }
    page
}

fn described(setting: &Setting) -> String {
    let mut text = format!("\n### {}\n\n{}\n\n", setting.key(), sentence(&setting.help()));
    let kind = match setting.kind() {
        Kind::Boolean => "true or false",
        Kind::Number | Kind::Fraction => "number",
        Kind::Time => "time",
        Kind::Text => "text",
    };
    let choices = setting.choices();
    let kind = match (setting.is_list(), choices.is_empty()) {
        (true, _) => format!("list, each a {kind}"),
        (false, true) => kind.to_owned(),
        (false, false) => format!("`{}`", choices.join("`, `")),
    };
    let value = setting.value_name().filter(|_| setting.kind() != Kind::Boolean && choices.is_empty());
    let value = value.map_or_else(String::new, |name| format!(" {name}"));
    let _ = write!(text, "`--{}{value}` · `{}` · {kind}", setting.flag(), setting.variable().unwrap_or_default());
    let default = match setting.kind() {
        Kind::Boolean => Some("false"),
        _ => setting.default(),
    };
    if let Some(default) = default {
        let _ = write!(text, " · default `{default}`");
    }
    text.push('\n');
    text
}

/// clap takes the stop from the end of what stands in `cli/serve.rs`.
fn sentence(help: &str) -> String {
    if help.ends_with(['.', ')']) && help.trim_end_matches(')').ends_with('.') {
        help.to_owned()
    } else {
        format!("{help}.")
    }
}
