//! Wherever a table lies, in a folder or in an object store, it keeps and answers the same; and what was sent and not answered is there once.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use datafusion::object_store::memory::InMemory;
use datafusion::object_store::path::Path as Key;
use datafusion::object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use futures::TryStreamExt;
use futures::stream::BoxStream;
use lake::place::{Objects, Place};
use lake::schema::Kind;
use lake::table::Table;
use record::selection::Part;

use crate::tables::{BY_NAME, COUNT, DAY, NOON, hour, many};
use crate::{answer, keep, runtime};

/// A store in memory that loses some answers: it has done what it was asked, and says that it failed.
#[derive(Debug, Default)]
struct Forgetful {
    objects: InMemory,
    /// Of so many puts one is not answered; 0: each is.
    one_of: u64,
    puts: AtomicU64,
}

impl fmt::Display for Forgetful {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a store that loses answers")
    }
}

#[async_trait]
impl ObjectStore for Forgetful {
    async fn put_opts(&self, key: &Key, bytes: PutPayload, options: PutOptions) -> Result<PutResult> {
        let put = self.objects.put_opts(key, bytes, options).await?;
        let number = 1 + self.puts.fetch_add(1, Ordering::Relaxed);
        if self.one_of > 0 && number.is_multiple_of(self.one_of) {
            return Err(Error::Generic { store: "test", source: "the answer was lost".into() });
        }
        Ok(put)
    }

    async fn put_multipart_opts(&self, key: &Key, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.objects.put_multipart_opts(key, options).await
    }

    async fn get_opts(&self, key: &Key, options: GetOptions) -> Result<GetResult> {
        self.objects.get_opts(key, options).await
    }

    fn delete_stream(&self, keys: BoxStream<'static, Result<Key>>) -> BoxStream<'static, Result<Key>> {
        self.objects.delete_stream(keys)
    }

    fn list(&self, prefix: Option<&Key>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.objects.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Key>) -> Result<ListResult> {
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Key, to: &Key, options: CopyOptions) -> Result<()> {
        self.objects.copy_opts(from, to, options).await
    }
}

fn there(store: &Arc<Forgetful>, making: &Path) -> Place {
    let objects = Objects { name: "my-lake".into(), store: Arc::clone(store) as _, prefix: "some/where".into() };
    Place::Objects { objects: objects.part("events"), making: making.to_owned() }
}

/// A life: small files and whole ones, put together, the oldest day gone; opened anew in between. What it answers then.
async fn life(place: &Place) -> Vec<Vec<String>> {
    let open = async || Table::open_at(place.clone(), Kind::Events).await.expect("it opens");
    let mut table = open().await;
    let mut through = 0;
    for number in 0..40 {
        through += 1;
        keep(&table, through, &[hour(number)]).await.expect("it is kept");
    }
    table = open().await;
    for part in 0..3 {
        through += 1;
        keep(&table, through, &many(9000 * part, 9000)).await.expect("it is kept");
    }
    assert_eq!(table.snapshot().kept, through);
    while table.merge_small_files(NOON / DAY + 9).await.expect("they are put together") > 0 {}
    table.delete_unused_files(crate::now()).await.expect("some are deleted");
    assert_eq!(table.snapshot().files.len(), 4, "a small and a large one of the first day, and one each of the others");
    let mut answers = Vec::new();
    for statement in [COUNT, BY_NAME, "SELECT eventTime, eventJson FROM t WHERE eventID = 'id-9001'"] {
        answers.push(answer(table.part(Part::all()), statement).await.expect("it is answered"));
    }
    assert_eq!(table.expire(NOON + DAY).await.expect("they go"), 2);
    answers.push(answer(open().await.part(Part::all()), COUNT).await.expect("it is answered"));
    answers
}

#[test]
fn a_table_in_an_object_store_lives_as_one_in_a_folder() {
    let folder = tempfile::tempdir().expect("there is room");
    let store = Arc::<Forgetful>::default();
    // As of a data directory that is named from where the service is started.
    let here = std::env::current_dir().expect("it is somewhere");
    let up: PathBuf = here.components().skip(1).map(|_| "..").collect();
    let making = up.join(folder.path().strip_prefix("/").expect("it is absolute")).join("making");
    runtime().block_on(async {
        let there = life(&there(&store, &making)).await;
        assert_eq!(there, life(&Place::Folder(folder.path().join("table"))).await);
        assert!(there[2][1].contains("id-9001"), "{:?}", there[2]);
        let keys: Vec<ObjectMeta> = store.list(None).try_collect().await.expect("they are listed");
        assert!(keys.iter().all(|object| object.location.as_ref().starts_with("some/where/events/")), "{keys:?}");
    });
    assert_eq!(crate::files_in(&making, ".parquet"), Vec::<PathBuf>::new(), "what was sent does not stay");
}

/// Whoever is not answered does it again, as the service does: with what the table says that it has.
#[test]
fn what_was_not_answered_is_there_once() {
    let folder = tempfile::tempdir().expect("there is room");
    for one_of in 2..9 {
        let store = Arc::new(Forgetful { one_of, ..Forgetful::default() });
        let place = there(&store, folder.path());
        runtime().block_on(async {
            let mut tries = 0;
            let mut open = async || loop {
                tries += 1;
                assert!(tries < 20, "it opens at last");
                if let Ok(table) = Table::open_at(place.clone(), Kind::Events).await {
                    return table;
                }
            };
            let table = open().await;
            for number in 0..12 {
                let mut tries = 0;
                while table.snapshot().kept < number + 1 {
                    tries += 1;
                    assert!(tries < 20, "it is kept at last");
                    let _ = keep(&table, number + 1, &[hour(number as i64)]).await;
                }
            }
            for _ in 0..20 {
                let _ = table.merge_small_files(NOON / DAY + 9).await;
            }
            let told = answer(table.part(Part::all()), COUNT).await.expect("it is answered");
            assert_eq!(told[1], "360 | 360 | 2026-02-10 12:00:00.000 | 2026-02-10 23:58:00.000", "one of {one_of}");
            assert_eq!(table.snapshot().files.len(), 1, "one of {one_of}");
            let again = open().await;
            assert_eq!(answer(again.part(Part::all()), COUNT).await.expect("it is answered"), told);
        });
    }
}
