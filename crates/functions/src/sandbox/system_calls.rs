//! What a function has no business asking the kernel for: with seccomp, refused before anything looks at it.
//! <https://docs.kernel.org/userspace-api/seccomp_filter.html>
//!
//! The list says what is refused, not what is allowed: a function may be any program, and the kernel's doors that nobody needs
//! are few. They are those with which machines are administered, other processes are looked into, and sandboxes are left; and
//! those that were a way around the other layers: io_uring and new kinds of sockets, which Landlock does not see.

use std::collections::BTreeMap;

use libc::{AF_INET, AF_INET6, AF_UNIX, EACCES, ENOSYS, EPERM, SOCK_STREAM};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Width, SeccompCmpOp as Is, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refused, whatever is asked.
const REFUSED: &[libc::c_long] = &[
    // File systems.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_mount_setattr,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_fanotify_init,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Namespaces.
    libc::SYS_unshare,
    libc::SYS_setns,
    // Keys, which are held by user, not by sandbox.
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    // Programs in the kernel, and the kernel.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_syslog,
    // What does other system calls' work unseen.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // The machine.
    libc::SYS_reboot,
    libc::SYS_acct,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    // Memory that is no process's: not in what any of them holds, and bounded by no limit; System V's outlives them all.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
    libc::SYS_semget,
    libc::SYS_msgget,
    // Memory on other processors' behalf.
    libc::SYS_mbind,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_set_mempolicy,
];

/// Refused on this kind of machine.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[libc::c_long] =
    &[libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt, libc::SYS_kexec_file_load];
/// Refused on this kind of machine.
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[libc::c_long] = &[libc::SYS_kexec_file_load];

/// The first argument names a process, and 0 is the caller itself: what is set for others is refused. Where functions share the
/// service's user the kernel would let them, and Landlock has nothing to say here.
const ONLY_FOR_ITSELF: &[libc::c_long] = &[
    libc::SYS_prlimit64,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
];

/// The first argument says whether the second is a process, a group or a user; here, the one that says: a process.
const ONLY_FOR_ITSELF_OF: &[(libc::c_long, u64)] =
    &[(libc::SYS_setpriority, libc::PRIO_PROCESS as u64), (libc::SYS_ioprio_set, IOPRIO_WHO_PROCESS)];

/// libc has no name for it.
const IOPRIO_WHO_PROCESS: u64 = 1;

/// With this bit set, x86-64 has all calls a second time, with other numbers for some.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;

/// TCP that connects with its first message, past Landlock.
const MSG_FASTOPEN: u64 = 0x2000_0000;

pub(super) fn restrict(is_online: bool, is_in_view: bool) -> Result<(), String> {
    let programs = programs(is_online, is_in_view).map_err(|error| error.to_string())?;
    programs.iter().try_for_each(|program| apply_filter(program)).map_err(|error| error.to_string())
}

/// A filter has one answer; the kernel asks all of them, and the strictest decides.
fn programs(is_online: bool, is_in_view: bool) -> Result<Vec<BpfProgram>, BackendError> {
    let mut programs = vec![
        program(refused()?, EPERM)?,
        // Its arguments lie in memory, where no filter looks: whoever is told that there is none takes `clone`.
        program(on_both(BTreeMap::from([(libc::SYS_clone3, vec![])])), ENOSYS)?,
    ];
    if !is_online {
        programs.push(program(sockets(is_in_view)?, EACCES)?);
    }
    Ok(programs)
}

fn program(rules: Rules, errno: i32) -> Result<BpfProgram, BackendError> {
    let errno = u32::try_from(errno).expect("errors have positive numbers");
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), arch)?.try_into()
}

fn refused() -> Result<Rules, BackendError> {
    let mut rules: Rules = REFUSED.iter().chain(REFUSED_HERE).map(|call| (*call, vec![])).collect();
    // Processes and threads, but no namespaces.
    let namespaces = [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWCGROUP,
    ];
    let namespaces = namespaces.into_iter().map(|flag| rule(&[has(0, u64::from(flag.cast_unsigned()))?]));
    rules.insert(libc::SYS_clone, namespaces.collect::<Result<_, _>>()?);
    // Keys typed into the terminal that the service was started from.
    let typed = [libc::TIOCSTI, libc::TIOCLINUX].into_iter().map(|asked| rule(&[is(1, Is::Eq, asked)?]));
    rules.insert(libc::SYS_ioctl, typed.collect::<Result<_, _>>()?);
    for call in ONLY_FOR_ITSELF {
        rules.insert(*call, vec![rule(&[is(0, Is::Ne, 0)?])?]);
    }
    for (call, process) in ONLY_FOR_ITSELF_OF {
        rules.insert(*call, vec![rule(&[is(0, Is::Ne, *process)?])?, rule(&[is(1, Is::Ne, 0)?])?]);
    }
    let mut rules = on_both(rules);
    #[cfg(target_arch = "x86_64")]
    rules.extend((512..=547).map(|call| (call | X32, vec![])));
    #[cfg(not(target_arch = "x86_64"))]
    let _ = &mut rules;
    Ok(rules)
}

/// Sockets of other kinds than TCP over IPv4 and IPv6, and those of the machine's own programs.
fn sockets(is_in_view: bool) -> Result<Rules, BackendError> {
    let [inet, inet6, unix] = [AF_INET, AF_INET6, AF_UNIX].map(|family| u64::from(family.cast_unsigned()));
    let is_none_of =
        |families: &[u64]| families.iter().map(|family| is(0, Is::Ne, *family)).collect::<Result<Vec<_>, _>>();
    // The rest of a view has no socket of others; elsewhere docker.sock and its like are a step away.
    let families = if is_in_view { vec![inet, inet6, unix] } else { vec![inet, inet6] };
    let mut socket = vec![rule(&is_none_of(&families)?)?];
    for family in [inet, inet6] {
        let stream = u64::from(SOCK_STREAM.cast_unsigned());
        socket.push(rule(&[
            is(0, Is::Eq, family)?,
            is(1, Is::MaskedEq(0xf), stream)?,
            is(2, Is::Gt, 0)?,
            is(2, Is::Ne, 6)?,
        ])?);
        for other in (0..16).filter(|kind| *kind != stream) {
            socket.push(rule(&[is(0, Is::Eq, family)?, is(1, Is::MaskedEq(0xf), other)?])?);
        }
    }
    let fast = |argument| Ok::<_, BackendError>(vec![rule(&[has(argument, MSG_FASTOPEN)?])?]);
    Ok(on_both(BTreeMap::from([
        (libc::SYS_socket, socket),
        (libc::SYS_sendto, fast(3)?),
        (libc::SYS_sendmsg, fast(2)?),
        (libc::SYS_sendmmsg, fast(3)?),
    ])))
}

#[cfg(target_arch = "x86_64")]
fn on_both(rules: Rules) -> Rules {
    let again: Vec<_> = rules.iter().map(|(call, rules)| (call | X32, rules.clone())).collect();
    rules.into_iter().chain(again).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn on_both(rules: Rules) -> Rules {
    rules
}

fn rule(conditions: &[SeccompCondition]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.to_vec())
}

/// All of these bits of an argument are set.
fn has(argument: u8, bits: u64) -> Result<SeccompCondition, BackendError> {
    is(argument, Is::MaskedEq(bits), bits)
}

/// Arguments of these calls are 32 bits wide: whatever stands above is not looked at by the kernel either.
fn is(argument: u8, is: Is, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Width::Dword, is, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_can_be_made() {
        for is_online in [false, true] {
            for is_in_view in [false, true] {
                programs(is_online, is_in_view).expect("each filter is sound");
            }
        }
    }
}
