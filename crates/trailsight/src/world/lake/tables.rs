//! The tables, and where they are: in folders, or under prefixes of an object store.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lake::LakeError;
use lake::place::{Objects, Place};
use lake::schema::Kind;
use lake::table::Table;

use super::FOLDER;

/// Where the tables are.
#[derive(Clone, Debug)]
pub enum TablesIn {
    /// A folder, each in one of its own.
    Folder(PathBuf),
    /// An object store, each under a prefix of its own.
    Objects(Objects),
}

impl TablesIn {
    /// Those of a data directory, if nothing else is said.
    pub fn data_directory(folder: &Path) -> TablesIn {
        TablesIn::Folder(folder.join(FOLDER))
    }

    /// A table's place. `making`: where files are made that are sent away.
    pub(super) fn place(&self, name: &str, making: &Path) -> Place {
        match self {
            TablesIn::Folder(folder) => Place::Folder(folder.join(name)),
            TablesIn::Objects(objects) => Place::Objects { objects: objects.part(name), making: making.join(name) },
        }
    }
}

/// The folders of tables.
const EVENTS: &str = "events";
const INSIGHTS: &str = "insights";
const ACTIVITY: &str = "activity";
/// A table's log, a file a version; the first is its making.
pub const LOG: &str = "_delta_log";

/// Whether anything was ever kept in the tables in this folder, as their logs tell. Nothing is opened, and nothing made.
pub fn has_kept(lake: &Path) -> io::Result<bool> {
    for table in [EVENTS, INSIGHTS, ACTIVITY] {
        let files = match fs::read_dir(lake.join(table).join(LOG)) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for file in files {
            let name = file?.file_name();
            let version = name.to_str().and_then(|name| name.split('.').next()?.parse::<u64>().ok());
            if version.is_some_and(|version| version > 0) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The tables.
pub(super) struct Tables {
    pub(super) events: Arc<Table>,
    pub(super) insights: Arc<Table>,
    pub(super) activity: Arc<Table>,
}

impl Tables {
    pub(super) async fn open(place: impl Fn(&str) -> Place) -> Result<Tables, LakeError> {
        let open = async |name, kind| Table::open_at(place(name), kind).await.map(Arc::new);
        Ok(Tables {
            events: open(EVENTS, Kind::Events).await?,
            insights: open(INSIGHTS, Kind::Insights).await?,
            activity: open(ACTIVITY, Kind::Activity).await?,
        })
    }

    pub(super) fn all(&self) -> [&Arc<Table>; 3] {
        [&self.events, &self.insights, &self.activity]
    }
}
