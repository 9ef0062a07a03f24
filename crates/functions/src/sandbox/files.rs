//! Which files a function may read and write: with Landlock, whoever owns them.
//! <https://docs.kernel.org/userspace-api/landlock.html>

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, RulesetStatus,
};

use super::{Plan, view};

/// The newest rules that we know; a kernel that knows fewer keeps those.
const KNOWN: ABI = ABI::V5;

pub(super) fn restrict(plan: &Plan, is_in_view: bool) -> Result<(), String> {
    let restrict = || {
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(KNOWN))?
            .create()?;
        if is_in_view {
            // Whatever is in the view may be read.
            rules = read(rules, Path::new("/"))?;
            rules = write(rules, Path::new("/tmp"))?;
        } else {
            for path in view::SYSTEM.iter().chain(view::SETTINGS) {
                rules = read(rules, Path::new(path))?;
            }
            rules = read(rules, &plan.task)?;
            if let Some(pack) = &plan.pack {
                rules = read(rules, pack)?;
            }
            rules = write(rules, &plan.scratch)?;
        }
        for device in view::DEVICES {
            rules = device_use(rules, Path::new(device))?;
        }
        rules.restrict_self()
    };
    match restrict().map_err(|error: RulesetError| error.to_string())?.ruleset {
        RulesetStatus::NotEnforced => {
            Err("Landlock is not there; it needs Linux 5.13, and `landlock` in its list of modules".into())
        }
        _ => Ok(()),
    }
}

fn read(rules: RulesetCreated, path: &Path) -> Result<RulesetCreated, RulesetError> {
    allow(rules, path, AccessFs::from_read(KNOWN))
}

fn write(rules: RulesetCreated, path: &Path) -> Result<RulesetCreated, RulesetError> {
    let none_of_these = AccessFs::MakeBlock | AccessFs::MakeChar | AccessFs::IoctlDev;
    allow(rules, path, AccessFs::from_all(KNOWN) & !none_of_these)
}

fn device_use(rules: RulesetCreated, path: &Path) -> Result<RulesetCreated, RulesetError> {
    allow(rules, path, AccessFs::ReadFile | AccessFs::WriteFile)
}

/// What is not there needs no rule.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(opened) = PathFd::new(path) else { return Ok(rules) };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(KNOWN) };
    rules.add_rule(PathBeneath::new(opened, access))
}
