//! The tables, and where they are: in folders, or under prefixes of an object store.

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
            events: open("events", Kind::Events).await?,
            insights: open("insights", Kind::Insights).await?,
            activity: open("activity", Kind::Activity).await?,
        })
    }

    pub(super) fn all(&self) -> [&Arc<Table>; 3] {
        [&self.events, &self.insights, &self.activity]
    }
}
