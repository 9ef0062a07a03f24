//! Archives of strangers.

use std::io::{Cursor, Write};

use functions::code::{CodeError, DEPTH, UNPACKED_BYTES, unpack};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn made(make: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    make(&mut archive);
    archive.finish().expect("it is in memory").into_inner()
}

fn file(archive: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str) {
    archive.start_file(name, SimpleFileOptions::default()).expect("it is in memory");
    archive.write_all(b"x").expect("it is in memory");
}

fn link(archive: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, target: &str) {
    archive.add_symlink(name, target, SimpleFileOptions::default()).expect("it is in memory");
}

#[test]
fn nothing_is_written_outside() {
    for (name, archive) in [
        ("absolute", made(|archive| file(archive, "/outside"))),
        ("up", made(|archive| file(archive, "../outside"))),
        ("up later", made(|archive| file(archive, "a/../../outside"))),
        ("link up", made(|archive| link(archive, "a", "../outside"))),
        ("link away", made(|archive| link(archive, "a", "/etc/passwd"))),
        (
            "link up through a link",
            made(|archive| {
                link(archive, "d/e/l1", "../..");
                link(archive, "d/e/l2", "l1/..");
            }),
        ),
        (
            "through a link",
            made(|archive| {
                link(archive, "a", ".");
                file(archive, "a/../../outside");
            }),
        ),
        ("twice", {
            // The writer refuses it; so two names are made one.
            let mut bytes = made(|archive| {
                file(archive, "aaaa");
                file(archive, "bbbb");
            });
            for at in 0..bytes.len() - 4 {
                if &bytes[at..at + 4] == b"bbbb" {
                    bytes[at..at + 4].copy_from_slice(b"aaaa");
                }
            }
            bytes
        }),
    ] {
        let folder = tempfile::tempdir().expect("there is room");
        let into = folder.path().join("into");
        std::fs::create_dir(&into).expect("there is room");
        let unpacked = unpack(&archive, &into);
        assert!(!folder.path().join("outside").exists(), "{name}");
        // What names a file twice may also be known as no sound archive, or as one file.
        assert!(name == "twice" || matches!(unpacked, Err(CodeError::Refused(_))), "{name}: {unpacked:?}");
    }
}

#[test]
fn a_link_inside_is_one_and_programs_stay_programs() {
    use std::os::unix::fs::PermissionsExt;
    let archive = made(|archive| {
        file(archive, "lib/real.py");
        link(archive, "lib/other.py", "real.py");
        archive
            .start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o4777))
            .expect("it is in memory");
    });
    let folder = tempfile::tempdir().expect("there is room");
    unpack(&archive, folder.path()).expect("it is sound");
    assert_eq!(std::fs::read(folder.path().join("lib/other.py")).expect("it is there"), b"x");
    let mode =
        |name: &str| std::fs::metadata(folder.path().join(name)).expect("it is there").permissions().mode() & 0o7777;
    assert_eq!([mode("bootstrap"), mode("lib/real.py")], [0o755, 0o644]);
}

#[test]
fn a_bomb_does_not_go_off() {
    let archive = made(|archive| {
        archive.start_file("zeroes", SimpleFileOptions::default().large_file(true)).expect("it is in memory");
        let zeroes = vec![0; 1 << 20];
        for _ in 0..=UNPACKED_BYTES >> 20 {
            archive.write_all(&zeroes).expect("it is in memory");
        }
    });
    assert!(archive.len() < 1 << 20);
    let folder = tempfile::tempdir().expect("there is room");
    assert!(matches!(unpack(&archive, folder.path()), Err(CodeError::Refused(text)) if text.contains("larger than")));
}

#[test]
fn folders_are_not_nested_without_end() {
    // A name of 4 KiB, and none of its folders has an entry.
    let deep = |depth: usize| made(|archive| file(archive, &format!("{}file", "f/".repeat(depth - 1))));
    let deep_folder = made(|archive| {
        archive.add_directory("f/".repeat(2000), SimpleFileOptions::default()).expect("it is in memory");
    });
    for archive in [deep(2000), deep(DEPTH + 1), deep_folder] {
        let folder = tempfile::tempdir().expect("there is room");
        assert!(
            matches!(unpack(&archive, folder.path()), Err(CodeError::Refused(text)) if text.contains("64 names deep"))
        );
        assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0);
    }
    let folder = tempfile::tempdir().expect("there is room");
    unpack(&deep(DEPTH), folder.path()).expect("this deep is allowed");
}

#[test]
fn what_is_no_archive_is_said_to_be_none() {
    let folder = tempfile::tempdir().expect("there is room");
    for bytes in [&b""[..], b"not a zip", b"PK\x05\x06"] {
        assert!(matches!(unpack(bytes, folder.path()), Err(CodeError::Zip(_))));
    }
}
