//! Installing a runtime: an interpreter that is copied whole, so that whoever runs functions can execute it wherever it came
//! from, and AWS's runtime client and SDK beside it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use walkdir::WalkDir;

use super::{Installed, PYTHONS, Runtimes, minor};
use crate::sandbox::{self, LANG, Launcher, Layer, Plan, RUNTIME};

/// What comes with it, in versions that were tried. <https://pypi.org/project/awslambdaric/>
pub const PACKAGES: [(&str, &str); 2] = [("awslambdaric", "4.2.2"), ("boto3", "1.44.8")];

/// The first Python that all of these run on.
const FIRST: u32 = 10;

/// Why a runtime was not installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// It is not one that can be installed.
    #[error(
        "{0} cannot be installed: python3.{FIRST} to python3.15 can (functions of python3.8 and 3.9 are run by a newer one)"
    )]
    Unknown(String),
    /// There is no interpreter.
    #[error(
        "there is no {0} on this machine: install it (apt-get install {0}, uv python install, pyenv …), or say where it is with --python"
    )]
    NoInterpreter(String),
    /// It is another one than asked for, or does not run.
    #[error("{program} is no {name}: {why}")]
    WrongInterpreter {
        /// Which.
        program: PathBuf,
        /// What was wanted.
        name: String,
        /// What it is.
        why: String,
    },
    /// pip failed.
    #[error(
        "pip cannot install {what}: {why}\nWithout a network, say --wheels FOLDER; `pip download --only-binary :all: --dest FOLDER {what}` fills one elsewhere"
    )]
    Pip {
        /// The packages.
        what: String,
        /// What it said.
        why: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {what} {path}: {why}")]
    Disk {
        /// What was tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// It is installed as it should be, and does not run.
    #[error("the runtime does not start in the sandbox: {0}")]
    DoesNotStart(String),
}

/// What to install.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// `python3.11`.
    pub name: &'a str,
    /// The interpreter; else it is looked for.
    pub python: Option<&'a Path>,
    /// Where the packages are; else they come from wherever pip finds them.
    pub wheels: Option<&'a Path>,
    /// How the sandbox is started in which the runtime is tried.
    pub launcher: &'a Launcher,
    /// The user that it is tried as.
    pub user: u32,
}

/// What a Python says of itself.
#[derive(Debug, Deserialize)]
struct Interpreter {
    version: String,
    minor: u32,
    executable: PathBuf,
    library: PathBuf,
    extensions: PathBuf,
    shared: Option<PathBuf>,
}

const ASK: &str = "
import json, os, sys, sysconfig
v = sysconfig.get_config_vars()
shared = os.path.join(v.get('LIBDIR') or '', v.get('INSTSONAME') or v.get('LDLIBRARY') or '')
is_shared = bool(v.get('Py_ENABLE_SHARED')) and os.path.isfile(shared)
print(json.dumps({
    'version': '.'.join(map(str, sys.version_info[:3])), 'minor': sys.version_info[1],
    'executable': os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable),
    'library': os.path.dirname(os.path.realpath(os.__file__)),
    'extensions': os.path.realpath(v.get('DESTSHARED') or ''),
    'shared': os.path.realpath(shared) if is_shared else None,
}))
";

/// Installs a runtime in place of what was there of this name. `say` is told what is done.
pub fn install(runtimes: &Runtimes, wanted: &Wanted<'_>, say: &mut dyn FnMut(&str)) -> Result<Installed, InstallError> {
    let Some(minor) = minor(wanted.name).filter(|minor| *minor >= FIRST && PYTHONS.contains(minor)) else {
        return Err(InstallError::Unknown(wanted.name.escape_debug().to_string()));
    };
    let name = format!("python3.{minor}");
    let python = interpreter(&name, minor, wanted.python)?;
    say(&format!("{name}: copying Python {} from {}", python.version, python.executable.display()));
    fs::create_dir_all(&runtimes.folder).map_err(disk("make", &runtimes.folder))?;
    let made = tempfile::Builder::new()
        .prefix(".installing-")
        .tempdir_in(&runtimes.folder)
        .map_err(disk("write into", &runtimes.folder))?;
    let pack = made.path();
    copy_interpreter(&python, &name, &pack.join("lang"))?;
    let packages: Vec<String> = PACKAGES.iter().map(|(name, version)| format!("{name}=={version}")).collect();
    say(&format!("{name}: installing {}", packages.join(" and ")));
    pip(&python.executable, &packages, wanted.wheels, &pack.join("runtime"))?;
    let own = pack.join("lang/bin").join(&name);
    // Else each start would compile what it imports: nobody may write here then.
    let compiled = Command::new(&own)
        .args(["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"])
        .args([pack.join("lang"), pack.join("runtime")])
        .env_clear()
        .env("LD_LIBRARY_PATH", pack.join("lang/lib"))
        .output();
    if let Ok(output) = compiled
        && !output.status.success()
    {
        say(&format!("{name}: not everything can be compiled beforehand; it will start more slowly"));
    }
    let installed = Installed {
        name: name.clone(),
        version: python.version.clone(),
        packages: packages_in(&pack.join("runtime")),
        from: python.executable.clone(),
    };
    let about = serde_json::to_vec_pretty(&installed).expect("it has nothing that JSON cannot say");
    fs::write(pack.join("runtime.json"), about).map_err(disk("write", pack))?;
    for entry in WalkDir::new(pack).into_iter().flatten() {
        open_to_all(entry.path(), entry.file_type())?;
    }
    say(&format!("{name}: trying it in the sandbox"));
    say(&format!("{name}: {}", try_in_sandbox(pack, &name, wanted)?));
    let place = runtimes.folder.join(&name);
    if place.exists() {
        let old = tempfile::Builder::new()
            .prefix(".old-")
            .tempdir_in(&runtimes.folder)
            .map_err(disk("write into", &runtimes.folder))?;
        fs::rename(&place, old.path().join(&name)).map_err(disk("replace", &place))?;
    }
    fs::rename(pack, &place).map_err(disk("make", &place))?;
    Ok(installed)
}

fn interpreter(name: &str, minor: u32, named: Option<&Path>) -> Result<Interpreter, InstallError> {
    if let Some(program) = named {
        return ask(program, name, minor);
    }
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&on_path).chain(["/usr/bin".into(), "/usr/local/bin".into()]);
    folders
        .map(|folder: PathBuf| folder.join(name))
        .filter(|program| program.is_file())
        // A shim of pyenv's may have no such version.
        .find_map(|program| ask(&program, name, minor).ok())
        .ok_or_else(|| InstallError::NoInterpreter(name.to_owned()))
}

fn ask(program: &Path, name: &str, minor: u32) -> Result<Interpreter, InstallError> {
    let wrong =
        |why: String| InstallError::WrongInterpreter { program: program.to_owned(), name: name.to_owned(), why };
    let output = Command::new(program).args(["-I", "-c", ASK]).output().map_err(|error| wrong(error.to_string()))?;
    let python: Interpreter = serde_json::from_slice(&output.stdout)
        .map_err(|_| wrong(String::from_utf8_lossy(&output.stderr).trim().to_owned()))?;
    if python.minor == minor { Ok(python) } else { Err(wrong(format!("it is Python {}", python.version))) }
}

/// The interpreter and its library finds each other by where they lie, wherever that is.
fn copy_interpreter(python: &Interpreter, name: &str, lang: &Path) -> Result<(), InstallError> {
    let library = lang.join("lib").join(name);
    fs::create_dir_all(lang.join("bin")).map_err(disk("make", lang))?;
    fs::copy(&python.executable, lang.join("bin").join(name)).map_err(disk("copy", &python.executable))?;
    std::os::unix::fs::symlink(name, lang.join("bin/python3")).map_err(disk("link", lang))?;
    copy_folder(&python.library, &library)?;
    if !python.extensions.starts_with(&python.library) && python.extensions.is_dir() {
        copy_folder(&python.extensions, &library.join("lib-dynload"))?;
    }
    if let Some(shared) = &python.shared {
        let file = shared.file_name().unwrap_or_default();
        fs::copy(shared, lang.join("lib").join(file)).map_err(disk("copy", shared))?;
    }
    Ok(())
}

/// Left out: packages of others, tests, what is for windows on a screen, and what was compiled.
fn copy_folder(from: &Path, to: &Path) -> Result<(), InstallError> {
    const LEFT_OUT: &[&str] =
        &["site-packages", "dist-packages", "test", "tests", "idlelib", "turtledemo", "tkinter", "__pycache__"];
    let wanted = |entry: &walkdir::DirEntry| {
        !(entry.depth() > 0 && entry.file_type().is_dir() && LEFT_OUT.iter().any(|name| entry.file_name() == *name))
    };
    for entry in WalkDir::new(from).into_iter().filter_entry(wanted) {
        let entry =
            entry.map_err(|error| InstallError::Disk { what: "read", path: from.to_owned(), why: error.into() })?;
        let at = to.join(entry.path().strip_prefix(from).unwrap_or(entry.path()));
        if entry.file_type().is_dir() {
            fs::create_dir_all(&at).map_err(disk("make", &at))?;
        } else if entry.path().is_file() {
            // Links are followed: what they lead to may not be there for others.
            fs::copy(entry.path(), &at).map_err(disk("copy", entry.path()))?;
        }
    }
    Ok(())
}

fn pip(python: &Path, packages: &[String], wheels: Option<&Path>, into: &Path) -> Result<(), InstallError> {
    let mut arguments: Vec<OsString> = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
        "--target",
    ]
    .map(OsString::from)
    .to_vec();
    arguments.push(into.into());
    if let Some(wheels) = wheels {
        arguments.extend(["--no-index".into(), "--find-links".into(), wheels.into()]);
    }
    arguments.extend(packages.iter().map(OsString::from));
    let failed = |why: String| InstallError::Pip { what: packages.join(" "), why };
    let output = Command::new(python)
        .args(&arguments)
        .env_remove("PYTHONPATH")
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(failed(if said.is_empty() { output.status.to_string() } else { said }))
}

/// Those that we asked for first.
fn packages_in(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut packages: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (name, version) = name.strip_suffix(".dist-info")?.rsplit_once('-')?;
            Some((name.to_owned(), version.to_owned()))
        })
        .collect();
    packages.sort_by_key(|(name, _)| (PACKAGES.iter().all(|(asked, _)| asked != name), name.clone()));
    packages
}

fn open_to_all(path: &Path, kind: fs::FileType) -> Result<(), InstallError> {
    if kind.is_symlink() {
        return Ok(());
    }
    let about = fs::metadata(path).map_err(disk("read", path))?;
    let mode = if about.is_dir() || about.permissions().mode() & 0o111 != 0 { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(disk("open to all", path))
}

/// Imports what a function's start imports, as a function would.
fn try_in_sandbox(pack: &Path, name: &str, wanted: &Wanted<'_>) -> Result<String, InstallError> {
    let room = tempfile::tempdir().map_err(disk("write into", &std::env::temp_dir()))?;
    for folder in ["root", "task", "scratch"] {
        fs::create_dir(room.path().join(folder)).map_err(disk("make", room.path()))?;
    }
    let does_not_start = |error: io::Error| InstallError::DoesNotStart(error.to_string());
    let mut plan = Plan {
        layers: Vec::new(),
        user: wanted.user,
        mount_at: room.path().join("root"),
        task: room.path().join("task"),
        pack: Some(pack.to_owned()),
        scratch: room.path().join("scratch"),
        scratch_bytes: 1 << 20,
        ports: Vec::new(),
        is_online: false,
        address_space_bytes: 4 << 30,
        program: PathBuf::new(),
        arguments: vec![
            "-c".into(),
            "import sys, awslambdaric, boto3, ssl; print('Python', sys.version.split()[0], 'with awslambdaric', \
             awslambdaric.__version__, 'and boto3', boto3.__version__, 'runs')"
                .into(),
        ],
        environment: Vec::new(),
        folder: PathBuf::from("/"),
        is_probe: false,
    };
    plan.layers = sandbox::probe(wanted.launcher, &plan).map_err(does_not_start)?.held;
    let is_in_view = plan.layers.contains(&Layer::View);
    let shown = |inside: &str, outside: &str| if is_in_view { PathBuf::from(inside) } else { pack.join(outside) };
    let (lang, runtime) = (shown(LANG, "lang"), shown(RUNTIME, "runtime"));
    plan.program = lang.join("bin").join(name);
    plan.environment = vec![
        ("PYTHONPATH".into(), runtime.to_string_lossy().into_owned()),
        ("LD_LIBRARY_PATH".into(), lang.join("lib").to_string_lossy().into_owned()),
    ];
    let output = sandbox::output(wanted.launcher, &plan).map_err(does_not_start)?;
    if output.status.success() {
        let layers: Vec<String> = plan.layers.iter().map(Layer::to_string).collect();
        return Ok(format!("{} in a sandbox of {}", String::from_utf8_lossy(&output.stdout).trim(), layers.join(", ")));
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let hint = if is_in_view {
        ""
    } else {
        "\nWithout a view of its own (namespaces), whoever runs functions must be able to reach the folder"
    };
    Err(InstallError::DoesNotStart(format!("{said} ({}){hint}", output.status)))
}

fn disk(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> InstallError {
    let path = path.to_owned();
    move |why| InstallError::Disk { what, path, why }
}
