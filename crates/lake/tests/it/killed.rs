//! Killed before any step that changes something on the disk: what is kept is there whole and once, and all goes on from there.
//!
//! A child lives a life of a table: it keeps three batches, puts small files together, deletes old ones. It dies before the first such
//! step (`killed.c`), the next child before the second, and so on, until one lives to the end. After each death the life is lived to its
//! end here: it must come to what it comes to where nobody dies.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lake::schema::Kind;
use lake::table::Table;
use record::selection::Part;

use crate::tables::{BY_NAME, COUNT, DAY, NOON, hour};
use crate::{answer, keep, runtime};

/// Names the folder of a child's table.
const CHILD: &str = "TRAILSIGHT_TEST_KILLED";
const SIGKILL: i32 = 9;
const BATCHES: u64 = 3;

/// What would have come to the end is brought there.
fn live(folder: &Path) -> Vec<Vec<String>> {
    runtime().block_on(async {
        let table = Table::open(folder, Kind::Events).await.expect("it opens");
        let kept = table.snapshot().kept;
        let told = answer(table.part(Part::all()), COUNT).await.expect("it is answered");
        assert!(told[1].starts_with(&format!("{0} | {0} | ", 30 * kept)), "batch {kept} is kept: {told:?}");
        for through in kept + 1..=BATCHES {
            keep(&table, through, &[hour(through as i64)]).await.expect("it is kept");
        }
        while table.merge_small_files(NOON / DAY + 9).await.expect("they are put together") > 0 {}
        table.delete_unused_files(crate::now()).await.expect("they are deleted");
        assert_eq!(table.snapshot().files.len(), 1);
        let mut answers = Vec::new();
        for statement in [COUNT, BY_NAME] {
            answers.push(answer(table.part(Part::all()), statement).await.expect("it is answered"));
        }
        answers
    })
}

/// The code that a child dies by, for whoever loads it before the C library.
fn built(folder: &Path) -> PathBuf {
    let (source, library) = (concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/killed.c"), folder.join("killed.so"));
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let words = ["-shared", "-fPIC", "-O1", source, "-ldl", "-o"];
    let done = Command::new(compiler).args(words).arg(&library).status().expect("there is a C compiler");
    assert!(done.success());
    library
}

#[test]
fn whichever_step_it_dies_before_all_that_is_kept_is_there_once() {
    let room = tempfile::tempdir().expect("there is room");
    let library = built(room.path());
    let whole = room.path().join("whole");
    let told = live(&whole);
    for step in 1.. {
        let folder = room.path().join(step.to_string());
        let child = Command::new(std::env::current_exe().expect("it runs"))
            .args(["--exact", "killed::a_child_that_dies", "--ignored"])
            .envs([("LD_PRELOAD", library.as_os_str()), (CHILD, folder.as_os_str())])
            .env("TRAILSIGHT_TEST_DIES_AT", step.to_string())
            .stdout(Stdio::null())
            .status()
            .expect("it starts");
        match (child.success(), child.signal()) {
            (true, _) => {
                assert!(step > 30, "there are only {step} steps in it");
                break;
            }
            (false, Some(SIGKILL)) => assert_eq!(live(&folder), told, "it died before step {step}"),
            _ => panic!("it ended otherwise: {child}"),
        }
    }
}

#[test]
#[ignore = "run by the test above, as another process"]
fn a_child_that_dies() {
    if let Some(folder) = std::env::var_os(CHILD) {
        live(Path::new(&folder));
    }
}
