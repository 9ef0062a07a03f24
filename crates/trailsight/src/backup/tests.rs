use std::os::unix::fs::symlink;

use jiff::Timestamp;
use store::log_files::LogFile;
use store::{Options, Store};
use tempfile::TempDir;

use super::*;
use crate::cli::DataDirArgs;

/// A data directory as a service leaves it, and a place for backups.
fn lived_in() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    for (path, text) in [
        ("signing.pem", "a key"),
        ("buckets.toml", "[links]"),
        ("buckets/my-trail/bucket.json", "{}"),
        ("buckets/my-trail/objects/AWSLogs/a.json.gz", "an object"),
        ("buckets/my-trail/about/AWSLogs/a.json.gz", "about it"),
        ("buckets/my-trail/uploads/7/1", "a part"),
        ("buckets/.incoming/x", "half an object"),
        ("runtimes/python3.11/runtime.json", "{}"),
        ("functions/code/x", "unpacked"),
        ("lake/activity/2026-02-12/events-a.parquet", "what came through channels"),
        ("lake/activity/_delta_log/0.json", "its log"),
        ("lake/events/_delta_log/0.json", "the log of what is in log files"),
        ("lake/insights/_delta_log/0.json", "the log of what is in the database"),
        ("lake/results/1.parquet", "what was asked"),
        ("lake/spill/x", "what is sorted"),
    ] {
        fs::create_dir_all(data.join(path).parent().unwrap()).unwrap();
        fs::write(data.join(path), text).unwrap();
    }
    fs::set_permissions(data.join("signing.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    count(&Store::open(data.join(DATABASE), &Options::default()).unwrap(), 1);
    place
}

fn count(store: &Store, batch: u64) {
    let file = LogFile {
        bucket: "my-trail".into(),
        key: format!("AWSLogs/{batch}.json.gz"),
        etag: String::new(),
        size: 7,
        account_region: None,
        delivered: None,
    };
    store.write(|w| w.mark_counted(batch, [(&file, 7)], Timestamp::UNIX_EPOCH)).unwrap();
}

fn newest_batch(folder: &Path) -> u64 {
    Store::open(folder.join(DATABASE), &Options::default()).unwrap().read(|r| r.newest_batch()).unwrap()
}

fn args(place: &TempDir, name: &str) -> DataDirArgs {
    DataDirArgs { data_dir: Some(place.path().join(name)), config: None }
}

fn backed_up(place: &TempDir, to: &str, with_objects: bool) -> Result<()> {
    back_up(&BackupArgs { to: place.path().join(to), with_objects, data: args(place, "data") }).map(drop)
}

fn restored(place: &TempDir, from: &str, to: &str) -> Result<()> {
    restore(&RestoreArgs { from: place.path().join(from), data: args(place, to) }).map(drop)
}

/// Files below a folder, without the database and its like.
fn files(folder: &Path) -> Vec<String> {
    let all = WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = all.filter(|entry| entry.file_type().is_file());
    let names = files.map(|entry| entry.path().strip_prefix(folder).unwrap().display().to_string());
    names.filter(|name| !name.starts_with(DATABASE)).collect()
}

#[test]
fn all_comes_back_but_what_is_made_anew_while_the_service_has_it_open() {
    let place = lived_in();
    let open = Store::open(place.path().join("data").join(DATABASE), &Options::default()).unwrap();
    count(&open, 2);
    backed_up(&place, "plain/", false).unwrap();
    backed_up(&place, "whole", true).unwrap();
    count(&open, 3);
    restored(&place, "plain", "a").unwrap();
    restored(&place, "whole", "b").unwrap();
    assert_eq!(newest_batch(&place.path().join("a")), 2);
    let lake =
        ["lake/activity/2026-02-12/events-a.parquet", "lake/activity/_delta_log/0.json", "lake/results/1.parquet"];
    let skeleton = [&["buckets/my-trail/bucket.json", "buckets.toml"], &lake[..], &["signing.pem"]].concat();
    assert_eq!(files(&place.path().join("a")), skeleton);
    let objects = ["buckets/my-trail/about/AWSLogs/a.json.gz", "buckets/my-trail/bucket.json"];
    let whole = [&objects[..], &["buckets/my-trail/objects/AWSLogs/a.json.gz"], &skeleton[1..]].concat();
    assert_eq!(files(&place.path().join("b")), whole);
    assert_eq!(fs::read(place.path().join("b").join(whole[2])).unwrap(), b"an object");
    for secret in ["a/signing.pem", "plain/data/signing.pem", "a/trailsight.sqlite", "plain/data/trailsight.sqlite"] {
        let mode = fs::metadata(place.path().join(secret)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
    assert_eq!(fs::metadata(place.path().join("plain")).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(!place.path().join("plain.unfinished").exists());
}

#[test]
fn what_lies_behind_a_link_on_another_disk_is_backed_up_too() {
    let place = lived_in();
    let (data, disk) = (place.path().join("data"), place.path().join("disk"));
    fs::rename(data.join("buckets"), &disk).unwrap();
    symlink(&disk, data.join("buckets")).unwrap();
    backed_up(&place, "backup", true).unwrap();
    restored(&place, "backup", "new").unwrap();
    let object = place.path().join("new/buckets/my-trail/objects/AWSLogs/a.json.gz");
    assert_eq!(fs::read(object).unwrap(), b"an object");

    fs::remove_dir_all(&disk).unwrap();
    let told = format!("{:#}", backed_up(&place, "less", true).unwrap_err());
    assert!(told.contains("cannot read the data directory") && told.contains("data/buckets"), "{told}");
    assert!(!place.path().join("less").exists());
}

#[test]
fn a_database_that_its_disk_has_emptied_is_no_backup() {
    let place = lived_in();
    let data = place.path().join("data");
    fs::write(data.join(DATABASE), "").unwrap();
    let told = backed_up(&place, "backup", false).unwrap_err().to_string();
    assert!(
        told.contains("trailsight.sqlite is empty, and was not") && told.contains("restore the last backup"),
        "{told}"
    );
}

#[test]
fn a_tables_log_is_copied_before_its_files() {
    let place = lived_in();
    backed_up(&place, "backup", false).unwrap();
    let text = fs::read(place.path().join("backup").join(MANIFEST)).unwrap();
    let manifest: Manifest = serde_json::from_slice(&text).unwrap();
    let at = |wanted: &str| manifest.files.iter().position(|kept| kept.path == Path::new(wanted)).unwrap();
    assert!(at("lake/activity/_delta_log/0.json") < at("lake/activity/2026-02-12/events-a.parquet"));
}

#[test]
fn what_is_restored_belongs_to_whoever_the_data_directory_belongs_to() {
    let place = lived_in();
    backed_up(&place, "backup", true).unwrap();
    let folder = place.path().join("a");
    fs::create_dir_all(folder.join("runtimes/python3.11")).unwrap();
    // Root restores into the folder of another user; whoever else runs this restores into an own one.
    if rustix::process::geteuid().is_root() {
        lchown(&folder, Some(4711), Some(4712)).unwrap();
    }
    let before = fs::metadata(folder.join("runtimes")).unwrap().uid();
    restored(&place, "backup", "a").unwrap();
    let owner = fs::metadata(&folder).unwrap();
    let restored = WalkDir::new(&folder).into_iter().map(Result::unwrap);
    let restored: Vec<DirEntry> = restored.filter(|entry| !entry.path().starts_with(folder.join("runtimes"))).collect();
    assert!(restored.len() > 8, "{restored:?}");
    for entry in restored {
        let told = entry.metadata().unwrap();
        assert_eq!((told.uid(), told.gid()), (owner.uid(), owner.gid()), "{}", entry.path().display());
    }
    assert_eq!(fs::metadata(folder.join("runtimes")).unwrap().uid(), before, "it was there before");
}

#[test]
fn nothing_is_restored_over_a_data_directory() {
    let place = lived_in();
    backed_up(&place, "backup", false).unwrap();
    let told = restored(&place, "backup", "data").unwrap_err().to_string();
    assert!(told.contains("is not empty") && told.contains("stop the service"), "{told}");
    let told = backed_up(&place, "backup", false).unwrap_err().to_string();
    assert!(told.contains("is there already"), "{told}");
}

#[test]
fn a_backup_that_is_not_whole_is_not_restored() {
    for (spoil, sentence) in [
        ("data/signing.pem", "the backup is damaged: signing.pem"),
        ("data/trailsight.sqlite", "the backup is damaged: trailsight.sqlite"),
        ("backup.json", "its backup.json is not as we write it"),
    ] {
        let place = lived_in();
        backed_up(&place, "backup", false).unwrap();
        let path = place.path().join("backup").join(spoil);
        let mut bytes = fs::read(&path).unwrap();
        let amid = bytes.len() / 2;
        bytes[amid] ^= 0x55;
        bytes.truncate(amid + 1);
        fs::write(&path, bytes).unwrap();
        let told = format!("{:#}", restored(&place, "backup", "new").unwrap_err());
        assert!(told.contains(sentence), "{told}");
        assert!(!place.path().join("new").exists());
    }
    let place = lived_in();
    assert!(restored(&place, "data", "new").unwrap_err().to_string().contains("is no backup"));
}

#[test]
fn a_backup_reaches_out_of_its_folder_for_nobody() {
    let place = lived_in();
    backed_up(&place, "backup", false).unwrap();
    let manifest = place.path().join("backup").join(MANIFEST);
    let text = fs::read_to_string(&manifest).unwrap().replace("\"signing.pem\"", "\"../../data/signing.pem\"");
    fs::write(&manifest, text).unwrap();
    let told = restored(&place, "backup", "new").unwrap_err().to_string();
    assert!(told.contains("no file of it"), "{told}");
}

#[test]
fn a_backup_is_no_part_of_what_it_copies() {
    let place = lived_in();
    let told = backed_up(&place, "data/backup", false).unwrap_err().to_string();
    assert!(told.contains("is in the data directory"), "{told}");
    assert!(!place.path().join("data/backup.unfinished").exists());
}
