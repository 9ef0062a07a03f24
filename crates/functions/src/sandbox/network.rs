//! Whom a function may talk to: with Landlock, TCP ports; and nobody outside its sandbox by signals or abstract sockets.
//! <https://docs.kernel.org/userspace-api/landlock.html>
//!
//! Landlock knows TCP only. That nothing else is spoken is seen to by `system_calls`.

use landlock::{
    ABI, Access, AccessNet, CompatLevel, Compatible, NetPort, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus, Scope,
};

pub(super) fn restrict(ports: &[u16]) -> Result<(), String> {
    let restrict = || {
        Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessNet::ConnectTcp | AccessNet::BindTcp)?
            // Newer than ports: taken where there is one.
            .set_compatibility(CompatLevel::BestEffort)
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .add_rules(ports.iter().map(|port| Ok::<_, RulesetError>(NetPort::new(*port, AccessNet::ConnectTcp))))?
            .restrict_self()
    };
    match restrict().map_err(|error: RulesetError| format!("{error}; it needs Linux 6.7"))?.ruleset {
        RulesetStatus::NotEnforced => Err("Landlock is not there".to_owned()),
        _ => Ok(()),
    }
}
