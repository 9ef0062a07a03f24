//! A database that is lost: its disk has emptied it, somebody has deleted it, the disk that it is on is not mounted. SQLite would make a new
//! one, and the service would begin without trails, rules and all that was learned, beside a lake that follows another database.
//!
//! That there was one is told by what is made after it, or filled from it.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::backup::DATABASE;
use crate::world::buckets;
use crate::world::lake;
use crate::world::whole_file::advised;

/// Refuses a data directory that had a database, and has it no more.
pub(crate) fn refuse(folder: &Path) -> Result<()> {
    let database = folder.join(DATABASE);
    let has_buckets = folder.join(buckets::FOLDER).exists();
    let lock = folder.join(format!("{DATABASE}.lock"));
    match fs::metadata(&database) {
        // A first start that was killed leaves no more than that.
        Ok(file) if file.len() == 0 && has_buckets => bail!(
            "{} is empty, and was not: the disk has lost it. Keep a copy of {}, and restore the last backup into an empty directory. {}",
            database.display(),
            folder.display(),
            begin_anew(),
        ),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let lake = folder.join(lake::FOLDER);
            let has_kept = lake::has_kept(&lake)
                .map_err(advised)
                .with_context(|| format!("cannot look into {}", lake.display()))?;
            let is_left_behind = has_kept || has_buckets && lock.exists();
            if !is_left_behind {
                return Ok(());
            }
            bail!(
                "{} is not there, and was: {} is what it leaves behind. Bring it back, if it was moved or its disk is not mounted; or move \
                 {} away, and restore the last backup into an empty directory. {}",
                database.display(),
                if has_kept { "a lake that was filled from it" } else { "its lock, beside buckets," },
                folder.display(),
                begin_anew(),
            )
        }
        Err(error) => Err(advised(error)).with_context(|| format!("cannot look at {}", database.display())),
    }
}

fn begin_anew() -> String {
    format!(
        "To begin anew instead, without trails, rules and what was learned, and with the buckets, links and keys that are here, move all that \
         begins with `{DATABASE}` away, and `{}`, or the lake's tables in its bucket",
        lake::FOLDER
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn refused(folder: &Path) -> String {
        refuse(folder).err().map(|error| error.to_string()).unwrap_or_default()
    }

    /// A data directory as a service leaves it that has kept events.
    fn lived_in(folder: &Path) -> PathBuf {
        let log = folder.join("lake/events/_delta_log");
        fs::create_dir_all(&log).unwrap();
        fs::create_dir_all(folder.join("buckets")).unwrap();
        for file in ["trailsight.sqlite", "trailsight.sqlite.lock"] {
            fs::write(folder.join(file), "x").unwrap();
        }
        fs::write(log.join("00000000000000000000.json"), "").unwrap();
        log
    }

    #[test]
    fn a_database_that_is_not_there_is_not_begun_anew_beside_what_it_leaves_behind() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        assert_eq!(refused(folder), "", "nothing was ever here");
        let log = lived_in(folder);
        fs::write(log.join("00000000000000000007.json"), "").unwrap();
        assert_eq!(refused(folder), "");
        fs::remove_file(folder.join(DATABASE)).unwrap();
        let told = refused(folder);
        for part in ["trailsight.sqlite is not there, and was", "a lake that was filled", "restore", "To begin anew"] {
            assert!(told.contains(part), "{part}: {told}");
        }
        // By the lake alone, whatever else is gone, also of a table of which only the newest is left.
        fs::remove_file(folder.join("trailsight.sqlite.lock")).unwrap();
        fs::remove_dir(folder.join("buckets")).unwrap();
        fs::remove_file(log.join("00000000000000000000.json")).unwrap();
        assert!(refused(folder).contains("a lake that was filled"));
        // As it says.
        fs::rename(folder.join("lake"), folder.join("away")).unwrap();
        assert_eq!(refused(folder), "");
    }

    #[test]
    fn where_the_lake_is_elsewhere_or_keeps_nothing_the_lock_tells_of_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        lived_in(folder);
        fs::remove_file(folder.join(DATABASE)).unwrap();
        assert!(refused(folder).contains("its lock, beside buckets, is what it leaves behind"));
        fs::remove_file(folder.join("trailsight.sqlite.lock")).unwrap();
        assert_eq!(refused(folder), "", "buckets may be brought along");
        // A first start that was killed before it had one.
        fs::write(folder.join("trailsight.sqlite.lock"), "1").unwrap();
        fs::remove_dir(folder.join("buckets")).unwrap();
        assert_eq!(refused(folder), "");
    }

    #[test]
    fn a_database_that_its_disk_has_emptied_is_not_taken_for_a_new_one() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        lived_in(folder);
        fs::write(folder.join(DATABASE), "").unwrap();
        let told = refused(folder);
        assert!(told.contains("is empty, and was not") && told.contains("restore the last backup"), "{told}");
        assert!(told.contains("To begin anew"), "{told}");
        // A first start that was killed leaves no more than that.
        fs::remove_dir(folder.join("buckets")).unwrap();
        assert_eq!(refused(folder), "");
    }
}
