//! Takes the built console in, so that the crate can embed it; cargo never needs node.
//!
//! `make console` builds it to `~/.cache/trailsight/console`; `CONSOLE_DIST` names another place. Where there is none, a page is
//! embedded that says how to make one, and that is an error if `CONSOLE_REQUIRED=1`.

use std::error::Error;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    for name in ["CONSOLE_DIST", "CONSOLE_REQUIRED", "HOME"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=not-built.html");
    let dist = dist();
    let mut files = Vec::new();
    if dist.join("index.html.br").exists() {
        // Rewritten by each build that made something else.
        println!("cargo::rerun-if-changed={}", dist.join("built").display());
        find(&dist, "", &mut files)?;
    } else if env::var("CONSOLE_REQUIRED").is_ok_and(|required| required == "1") {
        let dist = dist.display();
        return Err(format!("the console is not built: there is no {dist}/index.html.br; run `make console`").into());
    } else {
        // What is not there is not watched, or every cargo would run this again: `make console` touches this file instead.
        files.push(("index.html".to_owned(), env::current_dir()?.join("not-built.html")));
    }
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut table = String::from("&[\n");
    for (number, (name, path)) in files.iter().enumerate() {
        // A copy: what is embedded is what was hashed, whatever is built meanwhile.
        let bytes = fs::read(path)?;
        let copy = out.join(format!("file-{number}"));
        fs::write(&copy, &bytes)?;
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let hash = hasher.finish();
        let copy = copy.display().to_string();
        writeln!(table, "    File {{ name: {name:?}, hash: \"{hash:016x}\", bytes: include_bytes!({copy:?}) }},")?;
    }
    table.push_str("]\n");
    fs::write(out.join("files.rs"), table)?;
    Ok(())
}

/// Where it lies, if it does.
fn dist() -> PathBuf {
    let named = env::var_os("CONSOLE_DIST").filter(|path| !path.is_empty()).map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(&env::var_os("HOME").unwrap_or_default()).join(".cache/trailsight/console"))
}

/// All that is compressed, by their names: the rest is the same, uncompressed.
fn find(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), format!("{prefix}{}", entry.file_name().to_string_lossy()));
        if path.is_dir() {
            find(&path, &format!("{name}/"), files)?;
        } else if name.ends_with(".br") {
            files.push((name, path));
        }
    }
    Ok(())
}
