//! Functions that attack: each tries what it must not be able to do, and says what came of it.
//!
//! Every attack is tried in the whole sandbox, and again without namespaces, as it is in an ordinary container.

use std::net::TcpListener;

use functions::sandbox::Layer;
use serde_json::{Value, json};

use crate::door::{Choices, Door, SECRET};

/// Runs an attack in each kind of sandbox. What stands in `{…}` is filled in.
fn in_each_sandbox(attack: &str, judge: impl Fn(&Door, &Value, &str)) {
    for leaves_out in [vec![], vec![Layer::View]] {
        let kind = if leaves_out.is_empty() { "whole" } else { "without namespaces" };
        let Some(door) = Door::with(Choices { leaves_out, ..Choices::usual() }) else { return };
        // Of layers that this machine does not have nothing can be shown.
        let missing: Vec<Layer> = door.pool.layers().missing.iter().map(|(layer, _)| *layer).collect();
        if missing.iter().any(|layer| *layer != Layer::View) {
            return;
        }
        let tried = "
import ctypes, errno, json, os, signal, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
def tried(what):
    try: return {'done': what()}
    except OSError as error: return {'errno': errno.errorcode.get(error.errno, str(error))}
    except Exception as error: return {'error': repr(error)}
def asked(*call):
    ctypes.set_errno(0)
    return 'done' if libc.syscall(*call) >= 0 else errno.errorcode[ctypes.get_errno()]
";
        let attack = attack.replace("{data}", &door.data.path().to_string_lossy());
        let attack = attack.replace("{service}", &door.service.local_addr().expect("it listens").port().to_string());
        let parent = std::process::id().to_string();
        let returned = door.returned(&format!("{tried}{}", attack.replace("{parent}", &parent)));
        judge(&door, &returned, kind);
    }
}

#[test]
fn a_function_reads_neither_the_service_s_data_nor_the_machine_s_secrets() {
    let attack = "
def handler(event, context):
    paths = ['{data}/secret', '/etc/shadow', '/root/.bashrc', '/proc/{parent}/environ', '/proc/{parent}/mem', '/proc/1/environ', '/dev/mem', '/etc/hostname']
    listed = [tried(lambda: os.listdir(path)) for path in ['{data}', '{data}/functions/code', '{data}/functions/scratch', '/root', '/home']]
    return [[path, tried(lambda: open(path, 'rb').read(100).decode('latin1'))] for path in paths] + listed
";
    in_each_sandbox(attack, |_, returned, kind| {
        let text = returned.to_string();
        assert!(!text.contains(SECRET), "{kind}: {text}");
        for one in returned.as_array().expect("it is one") {
            let came = one.get(1).unwrap_or(one);
            // Empty folders of its own view are no secret.
            assert!(came.get("done").is_none() || came["done"] == json!([]), "{kind}: {one}");
        }
    });
}

#[test]
fn a_function_writes_only_what_is_its_own_and_not_without_end() {
    let attack = "
def fill(path):
    with open(path, 'wb') as file:
        for _ in range(600): file.write(b'x' * (1 << 20))
def write(path):
    with open(path, 'w') as file: file.write('x')
    return 'written'
def handler(event, context):
    import tempfile
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    root = os.environ['LAMBDA_TASK_ROOT']
    places = [root + '/index.py', root + '/new', '{data}/new', '/new', '/etc/new', '/usr/new', '/var/tmp/new', sys.prefix + '/new']
    return {
        'own': tried(lambda: write(tempfile.gettempdir() + '/new')),
        'others': [tried(lambda: write(place)) for place in places],
        'much': tried(lambda: fill(tempfile.gettempdir() + '/much')),
        'removed': tried(lambda: os.remove(tempfile.gettempdir() + '/much')),
        'device': tried(lambda: os.mknod(tempfile.gettempdir() + '/device', 0o60600, os.makedev(8, 0))),
    }
";
    in_each_sandbox(attack, |_, returned, kind| {
        assert_eq!(returned["own"], json!({"done": "written"}), "{kind}");
        for other in returned["others"].as_array().expect("it is one") {
            assert!(other.get("errno").is_some(), "{kind}: {returned:#}");
        }
        let much = &returned["much"]["errno"];
        assert!(["ENOSPC", "EFBIG"].iter().any(|errno| much == errno), "{kind}: {much}");
        assert!(returned["device"].get("errno").is_some(), "{kind}: {returned:#}");
    });
}

#[test]
fn a_function_talks_to_the_service_and_to_nobody_else() {
    let other = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = other.local_addr().expect("it listens").port();
    let attack = format!(
        "
def fast():
    one = socket.socket()
    one.sendto(b'x', 0x20000000, ('127.0.0.1', {port}))
def listen():
    one = socket.socket()
    one.bind(('127.0.0.1', 0))
    one.listen()
def handler(event, context):
    return {{
        'service': tried(lambda: socket.create_connection(('127.0.0.1', {{service}})).close()),
        'other': tried(lambda: socket.create_connection(('127.0.0.1', {port}))),
        'fast': tried(fast),
        'listen': tried(listen),
        'udp': tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
        'udp6': tried(lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)),
        'mptcp': tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)),
        'sctp': tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)),
        'raw': tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
        'packet': tried(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
        'vsock': tried(lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)),
        'netlink': tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        'ring': asked(425, 8, 0),
        'x32': asked(41 | 0x40000000, 2, 2, 0),
    }}
"
    );
    in_each_sandbox(&attack, |_, returned, kind| {
        assert_eq!(returned["service"], json!({"done": null}), "{kind}");
        for (name, came) in returned.as_object().expect("it is one") {
            let is_refused = match name.as_str() {
                "service" => true,
                "ring" => came == "EPERM",
                "x32" => came != "done",
                _ => came["errno"] == "EACCES",
            };
            assert!(is_refused, "{kind}: {name}: {came}");
        }
    });
}

#[test]
fn a_function_leaves_other_processes_alone() {
    let attack = "
def handler(event, context):
    own = os.getpid()
    seen = [int(name) for name in tried(lambda: os.listdir('/proc')).get('done', []) if name.isdigit()]
    return {
        'kill': tried(lambda: os.kill({parent}, 9)),
        'kill parent': tried(lambda: os.kill(os.getppid(), 0)),
        'strangers': len([process for process in seen if process > 2 and process != own]),
        'ptrace': asked(101, 16, {parent}, 0, 0),
        'ptrace own': asked(101, 0, 0, 0, 0),
        'read memory': asked(310, {parent}, 0, 0, 0, 0, 0),
        'pidfd': asked(438, 3, 0, 0),
        'user': os.getuid() != 0 and os.getgid() != 0 and os.getgroups() == [],
        'root': tried(lambda: os.setuid(0)),
        'sudo': subprocess.run(['/bin/su', '-c', 'id'], capture_output=True, stdin=subprocess.DEVNULL).returncode != 0,
        'open': sorted(os.readlink(f'/proc/self/fd/{fd}').split(':')[0] for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}')) if seen else [],
    }
";
    in_each_sandbox(attack, |_, returned, kind| {
        for name in ["ptrace", "ptrace own", "read memory", "pidfd"] {
            assert_eq!(returned[name], "EPERM", "{kind}: {name}");
        }
        assert!(returned["kill"].get("errno").is_some(), "{kind}: {returned:#}");
        assert!(returned["root"].get("errno").is_some(), "{kind}: {returned:#}");
        assert_eq!((&returned["user"], &returned["sudo"]), (&json!(true), &json!(true)), "{kind}");
        assert_eq!(returned["strangers"], 0, "{kind}");
        for open in returned["open"].as_array().expect("it is one") {
            assert!(
                ["/dev/null", "pipe", "socket", "/proc/2/fd"].iter().any(|known| open == known),
                "{kind}: {open} is open"
            );
        }
    });
}

#[test]
fn a_function_sets_nothing_for_other_processes_and_its_own_limits_for_itself() {
    let attack = "
import resource
def handler(event, context):
    room = ctypes.create_string_buffer(64)
    limits = (ctypes.c_uint64 * 2)(0, 0)
    others = {}
    # The service, and a process of one's own: no filter can know one from the other.
    for name, other in [('service', {parent}), ('own', os.getpid())]:
        others |= {
            f'{name}: open files': asked(302, other, resource.RLIMIT_NOFILE, limits, None),
            f'{name}: open files by x32': asked(302 | 0x40000000, other, resource.RLIMIT_NOFILE, limits, None),
            f'{name}: processors': asked(203, other, 8, room),
            f'{name}: scheduler': asked(144, other, 0, room),
            f'{name}: scheduler settings': asked(142, other, room),
            f'{name}: scheduler attributes': asked(314, other, room, 0),
            f'{name}: niceness': asked(141, 0, other, 19),
            f'{name}: niceness of a group': asked(141, 1, other, 19),
            f'{name}: disk': asked(251, 1, other, 3 << 13),
            f'{name}: advice': asked(440, other, 0, 0, 0, 0),
            f'{name}: memory': asked(448, other, 0),
            f'{name}: compared': asked(312, other, other, 0, 0, 0),
            f'{name}: pages': asked(256, other, 0, 0, 0),
        }
    others |= {
        'niceness of the user': asked(141, 2, 0, 19),
        'niceness of its group': asked(141, 1, 0, 19),
        'disk of the user': asked(251, 3, 0, 3 << 13),
    }
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 1000))
    resource.prlimit(0, resource.RLIMIT_CPU, (500, 500))
    os.sched_setaffinity(0, os.sched_getaffinity(0))
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, 0, min(os.getpriority(os.PRIO_PROCESS, 0) + 1, 19))
    own = {
        'limits': [resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CPU)],
        'scheduler': os.sched_getscheduler(0) == os.SCHED_BATCH,
        'niceness': os.nice(1),
        'disk': asked(251, 1, 0, 3 << 13),
        'address space': resource.getrlimit(resource.RLIMIT_AS),
    }
    return {'others': others, 'own': own}
";
    if !cfg!(target_arch = "x86_64") {
        return;
    }
    let niceness = std::fs::read_to_string("/proc/self/stat").expect("it is there");
    let niceness: i64 =
        niceness.rsplit(')').next().and_then(|rest| rest.split(' ').nth(17)?.parse().ok()).expect("it is one");
    in_each_sandbox(attack, |_, returned, kind| {
        for (name, came) in returned["others"].as_object().expect("it is one") {
            assert_eq!(came, "EPERM", "{kind}: {name}");
        }
        let room: u64 = (1 << 30) + (2 << 30);
        let own = json!({
            "limits": [[100, 1000], [500, 500]],
            "scheduler": true,
            "niceness": (niceness + 2).min(19),
            "disk": "done",
            "address space": [room, room],
        });
        assert_eq!(returned["own"], own, "{kind}");
    });
}

#[test]
fn a_function_makes_neither_files_nor_segments_in_memory() {
    let attack = "
import mmap
from multiprocessing import shared_memory
def handler(event, context):
    with mmap.mmap(-1, 1 << 20) as own: own[0] = 1
    return {
        'memfd': asked(319, b'x', 0),
        'memfd by x32': asked(319 | 0x40000000, b'x', 0),
        'secret': asked(447, 0),
        'segment': asked(29, 0, 1 << 20, 0o1600),
        'semaphores': asked(64, 0, 32000, 0o1600),
        'messages': asked(68, 0, 0o1600),
        'file': tried(lambda: open('/dev/shm/trailsight-tried', 'w')),
        'shared memory': tried(lambda: shared_memory.SharedMemory(create=True, size=1 << 20)),
        'queue': asked(240, b'x', os.O_CREAT | os.O_RDWR, 0o600, 0),
    }
";
    if !cfg!(target_arch = "x86_64") {
        return;
    }
    in_each_sandbox(attack, |_, returned, kind| {
        for (name, came) in returned.as_object().expect("it is one") {
            let is_refused = match name.as_str() {
                // No folder, or none of its own.
                "file" | "shared memory" => came.get("errno").is_some(),
                // RLIMIT_MSGQUEUE.
                "queue" => came == "EMFILE",
                _ => came == "EPERM",
            };
            assert!(is_refused, "{kind}: {name}: {came}");
        }
    });
}

#[test]
fn a_function_does_not_leave_its_sandbox() {
    let attack = "
def handler(event, context):
    return {
        'mount': asked(165, b'none', b'/tmp', b'tmpfs', 0, 0),
        'unmount': asked(166, b'/tmp', 2),
        'user namespace': asked(272, 0x10000000),
        'clone': asked(56, 0x10000000 | 17, 0, 0, 0, 0),
        'clone3': asked(435, 0, 0),
        'chroot': asked(161, b'/tmp'),
        'pivot': asked(155, b'/tmp', b'/tmp'),
        'handle': asked(304, 0, 0, 0),
        'bpf': asked(321, 0, 0, 0),
        'keys': asked(250, 0, -3, 0),
        'userfaultfd': asked(323, 0),
        'perf': asked(298, 0, 0, -1, -1, 0),
        'module': asked(313, 0, b'', 0),
        'hostname': asked(170, b'x', 1),
        'mount by x32': asked(165 | 0x40000000, b'none', b'/tmp', b'tmpfs', 0, 0),
        'ptrace by x32': asked(521 | 0x40000000, 0, 0, 0, 0),
    }
";
    if !cfg!(target_arch = "x86_64") {
        return;
    }
    in_each_sandbox(attack, |_, returned, kind| {
        for (name, came) in returned.as_object().expect("it is one") {
            let wanted = if name == "clone3" { "ENOSYS" } else { "EPERM" };
            assert_eq!(came, wanted, "{kind}: {name}");
        }
    });
}

#[test]
fn nothing_that_a_function_starts_outlives_it() {
    let attack = "
import time
def handler(event, context):
    # Away from the process group, and from its parent.
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(3600)
        os._exit(0)
    started = 0
    try:
        for _ in range(3000):
            if os.fork() == 0: time.sleep(3600)
            started += 1
    except OSError as error:
        return {'started': started, 'errno': errno.errorcode[error.errno], 'user': os.getuid()}
    return {'started': started, 'user': os.getuid()}
";
    in_each_sandbox(attack, |door, returned, kind| {
        assert_eq!(returned["errno"], "EAGAIN", "{kind}: {returned}");
        assert!(returned["started"].as_u64() < Some(1100), "{kind}: {returned}");
        let user = u32::try_from(returned["user"].as_u64().expect("it is one")).expect("it is one");
        assert!(processes_of(user) > 10, "{kind}: they are there");
        door.pool.forget("arn:aws:lambda:us-east-1:123456789012:function:tried");
        // They are killed by then; how soon they are gone is the kernel's to say.
        let are_gone = (0..2000).any(|_| {
            std::thread::park_timeout(std::time::Duration::from_millis(10));
            processes_of(user) == 0
        });
        assert!(are_gone, "{kind}: {} are left", processes_of(user));
    });
}

/// How many processes a user has, but for those that are dead.
pub(crate) fn processes_of(user: u32) -> usize {
    use std::os::unix::fs::MetadataExt;
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter(|process| {
        process.metadata().is_ok_and(|about| about.uid() == user)
            && std::fs::read_to_string(process.path().join("stat")).is_ok_and(|stat| !stat.contains(") Z "))
    })
    .count()
}
