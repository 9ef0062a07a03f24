//! Takes the built console in, so that the crate can embed it; cargo never needs node.
//!
//! `make console` builds it to `~/.cache/trailsight/console`; `CONSOLE_DIST` names another place. Where there is none, a page is
//! embedded that says how to make one, and that is an error if `CONSOLE_REQUIRED=1`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    for name in ["CONSOLE_DIST", "CONSOLE_REQUIRED", "HOME"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=not-built.html");
    let embedded = PathBuf::from(env::var("OUT_DIR")?).join("console");
    if embedded.exists() {
        fs::remove_dir_all(&embedded)?;
    }
    fs::create_dir_all(&embedded)?;
    let dist = dist();
    if dist.join("index.html.br").exists() {
        // Rewritten by each build that made something else.
        println!("cargo::rerun-if-changed={}", dist.join("built").display());
        return copy(&dist, &embedded);
    }
    // What is not there is not watched, or every cargo would run this again: `make console` touches this file instead.
    if env::var("CONSOLE_REQUIRED").is_ok_and(|required| required == "1") {
        let dist = dist.display();
        return Err(format!("the console is not built: there is no {dist}/index.html.br; run `make console`").into());
    }
    fs::copy("not-built.html", embedded.join("index.html"))?;
    Ok(())
}

/// Where it lies, if it does.
fn dist() -> PathBuf {
    let named = env::var_os("CONSOLE_DIST").filter(|path| !path.is_empty()).map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(&env::var_os("HOME").unwrap_or_default()).join(".cache/trailsight/console"))
}

/// All that is compressed: the rest is the same, uncompressed.
fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&path, &target)?;
        } else if path.extension().is_some_and(|extension| extension == "br") {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
