use std::path::Path;

use super::*;
use crate::world::answering::{answering, known_as_an_example};

fn linked(link: &Link) -> Linked {
    Linked::open("here", link, &Arc::new(Aws::new().expect("there is a client"))).expect("it is a link")
}

fn folder_link(folder: &Path) -> Link {
    Link { url: format!("file://{}", folder.display()), ..Link::default() }
}

#[tokio::test]
async fn a_linked_folder_is_a_bucket_whose_keys_come_in_order() {
    let folder = tempfile::tempdir().expect("there is room");
    let bucket = linked(&folder_link(folder.path()));
    for key in ["AWSLogs/2/b", "AWSLogs/1/c", "AWSLogs/1/a", "other"] {
        bucket.put(key, key.as_bytes(), &[]).await.expect("there is room");
    }
    let keys = async |prefix: &str, after: &str, limit| {
        let listed = bucket.list(prefix, after, limit).await.expect("it can be listed");
        listed.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    assert_eq!(keys("AWSLogs/", "", 10).await, ["AWSLogs/1/a", "AWSLogs/1/c", "AWSLogs/2/b"]);
    assert_eq!(keys("AWSLogs/", "AWSLogs/1/a", 1).await, ["AWSLogs/1/c"]);
    assert_eq!(keys("AWSLogs/1/c", "", 10).await, ["AWSLogs/1/c"]);
    assert_eq!(keys("AWSLogs/", "AWSLogs/1/~", 10).await, ["AWSLogs/2/b"]);
    let (folders, objects) = bucket.list_folder("").await.expect("it can be listed");
    assert_eq!((folders, objects.len()), (vec!["AWSLogs/".to_owned()], 1));
    let (folders, _) = bucket.list_folder("AWSLogs/").await.expect("it can be listed");
    assert_eq!(folders, ["AWSLogs/1/", "AWSLogs/2/"]);
    assert_eq!(bucket.get_bytes("AWSLogs/1/a", 11).await.as_deref(), Ok(&b"AWSLogs/1/a"[..]));
    assert_eq!(bucket.get_bytes("AWSLogs/1/a", 10).await, Err(BucketError::TooLarge { bytes: 11 }));
    assert_eq!(bucket.get_bytes("AWSLogs/1/b", 11).await, Err(BucketError::NoObject("AWSLogs/1/b".into())));
}

#[tokio::test]
async fn nothing_is_written_where_one_may_only_read() {
    let folder = tempfile::tempdir().expect("there is room");
    let bucket = linked(&Link { read_only: true, ..folder_link(folder.path()) });
    let refused = bucket.put("a", b"a", &[]).await.expect_err("it is read only");
    assert!(refused.to_string().contains("read only"), "{refused}");
    assert!(refused.to_string().contains("`trailsight:insights-bucket`"), "it does not say what to do: {refused}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0);
}

#[test]
fn an_object_there_is_known_here_if_it_is_below_the_link() {
    let bucket = linked(&Link { url: "s3://real/trails".into(), ..Link::default() });
    assert_eq!(bucket.here("real", "trails/AWSLogs/a").as_deref(), Some("AWSLogs/a"));
    assert_eq!(bucket.here("real", "AWSLogs/a"), None);
    assert_eq!(bucket.here("other", "trails/AWSLogs/a"), None);
}

#[test]
fn links_are_read_again_when_they_change_and_a_mistake_changes_nothing() {
    let folder = tempfile::tempdir().expect("there is room");
    let runtime = tokio::runtime::Runtime::new().expect("there are threads");
    let file = LinksFile::of(folder.path());
    let aws = Arc::new(Aws::new().expect("there is a client"));
    let buckets = LinkedBuckets::open(file.clone(), aws, runtime.handle().clone()).expect("there are none");
    assert!(!buckets.look());
    file.add("one", &folder_link(folder.path())).expect("there is room");
    assert!(buckets.look());
    let one = buckets.get("one").expect("it is linked");
    file.add("two", &folder_link(folder.path())).expect("there is room");
    assert!(buckets.look());
    assert!(Arc::ptr_eq(&one, &buckets.get("one").expect("it is linked")));
    std::fs::write(file.path(), "[buckets.three]\n").expect("there is room");
    assert!(!buckets.look());
    assert_eq!(buckets.all().len(), 2);
}

#[test]
fn a_bucket_that_cannot_be_opened_holds_up_no_other_and_is_tried_again() {
    let folder = tempfile::tempdir().expect("there is room");
    let unmounted = folder.path().join("unmounted");
    let runtime = tokio::runtime::Runtime::new().expect("there are threads");
    let file = LinksFile::of(folder.path());
    let no_folder = folder.path().join("links.toml");
    std::fs::write(&no_folder, "").expect("there is room");
    for (name, folder) in [("good", folder.path()), ("bad", &unmounted), ("file", &no_folder)] {
        file.add(name, &folder_link(folder)).expect("there is room");
    }
    file.add("nobody", &Link { url: "az://logs".into(), ..Link::default() }).expect("there is room");
    let aws = Arc::new(Aws::new().expect("there is a client"));
    let buckets = LinkedBuckets::open(file.clone(), aws, runtime.handle().clone()).expect("one is enough");
    let listed = |name: &str| buckets.wait(buckets.get(name).expect("it is linked").list("", "", 10));
    listed("good").expect("it is there");
    let gone = BucketError::NoBucket(folder_link(&unmounted).url);
    assert_eq!(listed("bad").expect_err("it is not mounted"), gone);
    let bad = buckets.get("bad").expect("it is linked");
    assert_eq!(buckets.wait(bad.get_bytes("a", 1)), Err(gone));
    let why = listed("file").expect_err("it is no folder").to_string();
    assert!(why.contains("links.toml: it is no folder"), "{why}");
    let why = listed("nobody").expect_err("nobody named the account").to_string();
    assert_eq!(why.matches("Account must be specified").count(), 1, "{why}");
    assert!(!buckets.look(), "nothing has changed");
    let good = buckets.get("good").expect("it is linked");

    // One that comes while the service runs holds up none either.
    file.add("later", &folder_link(&unmounted.join("later"))).expect("there is room");
    file.add("also-good", &folder_link(folder.path())).expect("there is room");
    assert!(buckets.look());
    listed("also-good").expect("it is there");

    std::fs::create_dir(&unmounted).expect("there is room");
    assert!(buckets.look(), "it is mounted");
    assert_eq!(listed("bad").expect("it is there").len(), 0);
    assert!(Arc::ptr_eq(&good, &buckets.get("good").expect("it is linked")));
}

#[test]
fn of_many_objects_each_comes_once_with_its_place_or_why_it_does_not_and_room_is_left() {
    let folder = tempfile::tempdir().expect("there is room");
    let runtime = tokio::runtime::Runtime::new().expect("there are threads");
    let file = LinksFile::of(folder.path());
    file.add("one", &folder_link(folder.path())).expect("there is room");
    let aws = Arc::new(Aws::new().expect("there is a client"));
    let buckets = LinkedBuckets::open(file, aws, runtime.handle().clone()).expect("there is one");
    let one = buckets.get("one").expect("it is linked");
    let numbers = 0..5 * FETCHED_AT_ONCE;
    for number in numbers.clone().filter(|number| number % 7 > 0) {
        std::fs::write(folder.path().join(format!("{number}")), number.to_string()).expect("there is room");
    }
    let all = || numbers.clone().map(|number| (number, Arc::clone(&one), number.to_string())).collect::<Vec<_>>();
    let mut fetched: Vec<_> = buckets.get_each(all(), 1).collect();
    fetched.sort_by_key(|(number, _)| *number);
    let expected = numbers.clone().map(|number| match number.to_string() {
        key if number % 7 == 0 => (number, Err(BucketError::NoObject(key))),
        key if key.len() > 1 => (number, Err(BucketError::TooLarge { bytes: 2 })),
        key => (number, Ok(key.into_bytes())),
    });
    assert_eq!(fetched, expected.collect::<Vec<_>>());
    // Whoever takes but some leaves as much room as whoever takes all.
    assert!(buckets.get_each(all(), 9).nth(FETCHED_AT_ONCE).is_some());
    assert_eq!(buckets.get_each(all(), 9).count(), numbers.len());
    // What was fetched for nobody gives its room back once it has been stopped.
    let all_of_it = buckets.room.bytes.acquire_many(FETCHED_BYTES as u32);
    let room = async { tokio::time::timeout(std::time::Duration::from_secs(60), all_of_it).await.is_ok() };
    assert!(runtime.block_on(room), "{} are left", buckets.room.bytes.available_permits());
}

#[tokio::test]
async fn a_bucket_that_is_gone_and_one_that_is_closed_are_told_apart_from_one_that_does_not_answer() {
    let session = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIDEXAMPLE</AccessKeyId><SecretAccessKey>any</SecretAccessKey><SessionToken>any</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    let refusal =
        |code: &str| format!("<Error><Code>{code}</Code><Message>no {code}</Message><RequestId>7</RequestId></Error>");
    let may = || ("200 OK", session.to_owned());
    let may_not = format!("<ErrorResponse>{}</ErrorResponse>", refusal("AccessDenied"));
    let cases = [
        (vec![may(), ("404 Not Found", refusal("NoSuchBucket"))], "NoSuchBucket", "there is no bucket `s3://logs`"),
        (
            vec![may(), ("403 Forbidden", refusal("AccessDenied"))],
            "AccessDenied",
            "s3://logs: AccessDenied: no AccessDenied",
        ),
        (vec![("403 Forbidden", may_not)], "AccessDenied", "cannot take on the role"),
        (vec![may(), ("400 Bad Request", refusal("InvalidRequest"))], "InternalError", "InvalidRequest"),
    ];
    for (answers, code, text) in cases {
        let url = answering(answers);
        let link = Link {
            url: "s3://logs".into(),
            endpoint: Some(url.clone()),
            sts_endpoint: Some(url),
            role_arn: Some("arn:aws:iam::210987654321:role/reads-logs".into()),
            ..Link::default()
        };
        let bucket = Linked::open("here", &link, &known_as_an_example()).expect("it is a link");
        let error = bucket.list_folder("AWSLogs/").await.expect_err("it is refused");
        assert!(error.code() == code && error.to_string().contains(text), "{code}: {error}");
    }
}

#[tokio::test]
async fn a_folder_that_is_gone_is_no_empty_bucket() {
    let folder = tempfile::tempdir().expect("there is room");
    let (bucket, path) = (linked(&folder_link(folder.path())), folder.path().to_owned());
    assert_eq!(bucket.list("", "", 10).await.map(|all| all.len()), Ok(0));
    assert_eq!(bucket.get_bytes("a", 1).await.expect_err("it has none").code(), "NoSuchKey");
    drop(folder);
    let (listed, folders) = (bucket.list("", "", 10).await.map(drop), bucket.list_folder("").await.map(drop));
    let (read, put) = (bucket.get_bytes("a", 1).await.map(drop), bucket.put("a", b"a", &[]).await);
    for asked in [listed, folders, read, put] {
        assert_eq!(asked.expect_err("it is gone").code(), "NoSuchBucket");
    }
    assert!(!path.exists(), "it was made anew");
}
