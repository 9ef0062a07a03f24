use wire::sigv4::BodySaid;

use super::*;
use crate::world::aws::Aws;
use crate::world::clock::SystemClock;
use crate::world::dice::SystemDice;
use crate::world::links::{Link, LinksFile};

/// The port, and what is behind it.
struct Asked {
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
    buckets: Arc<Buckets>,
    port: S3Port,
}

impl Asked {
    /// One bucket, `logs`, with an object `a` and an object `b`; a folder that is linked as `linked`; and one that is gone, as `gone`.
    fn new() -> Asked {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("there are threads");
        let folder = tempfile::tempdir().expect("there is room");
        let (clock, dice) = (Box::new(SystemClock), Box::new(SystemDice));
        let buckets = Buckets::open(folder.path().join("buckets"), clock, dice, Arc::new(|_, _| {}));
        let buckets = Arc::new(buckets.expect("there is room"));
        let aws = Arc::new(Aws::new().expect("it can be asked"));
        let links = LinksFile::of(folder.path());
        let elsewhere = folder.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).expect("there is room");
        for (name, path) in [("linked", &elsewhere), ("gone", &folder.path().join("gone"))] {
            let link = Link { url: format!("file://{}", path.display()), ..Link::default() };
            links.add(name, &link).expect("there is room");
        }
        let linked = LinkedBuckets::open(links, aws, runtime.handle().clone());
        let linked = Arc::new(linked.expect("it is in order"));
        let port = s3_port(Arc::clone(&buckets), linked, &["localhost:4580".into()], SystemDice);
        buckets.create("logs", "us-east-1").expect("there is room");
        for key in ["a", "b"] {
            buckets.put_bytes("logs", key, b"kept").expect("there is room");
        }
        Asked { runtime, folder, buckets, port }
    }

    /// `line` is `PUT /logs/c`; `signed` the body whose hash is signed.
    fn ask(&self, line: &str, headers: &[(&str, &str)], signed: &str, body: &str) -> (u16, String) {
        let (method, target) = line.split_once(' ').expect("it has both");
        let hash = BodySaid::Sha256(record::digest::hash(signed.as_bytes()));
        let mut request = Request::builder().method(method).uri(target).header("host", "localhost:4580");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("content-length", body.len()).extension(hash);
        let request = request.body(Body::from(body.to_owned())).expect("it is a request");
        let reply = self.runtime.block_on((self.port)(request));
        let status = reply.status().as_u16();
        let bytes = self.runtime.block_on(whole(reply)).expect("it is here");
        (status, String::from_utf8(bytes).expect("it is text"))
    }
}

#[test]
fn no_body_does_anything_that_is_not_the_one_whose_hash_was_signed() {
    let asked = Asked::new();
    let ask = |line: &str, signed: &str, body: &str| asked.ask(line, &[], signed, body);
    let buckets = &asked.buckets;
    let delete = |key: &str| format!("<Delete><Object><Key>{key}</Key></Object></Delete>");
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    for (line, signed, body) in [
        ("POST /logs?delete", delete("a"), delete("b")),
        ("PUT /logs?policy", policy.to_owned(), policy.replace('[', "[ ")),
        ("PUT /logs/c", "abc".to_owned(), "abd".to_owned()),
    ] {
        let (status, said) = ask(line, &signed, &body);
        assert!(status == 400 && said.contains("<Code>XAmzContentSHA256Mismatch<"), "{line}: {status} {said}");
    }
    assert!(buckets.get("logs", "b").is_ok() && buckets.get("logs", "c").is_err());
    let (status, said) = ask("POST /logs?delete", &delete("b"), &delete("b"));
    assert!(status == 200 && buckets.get("logs", "b").is_err(), "{status} {said}");
    assert_eq!(ask("PUT /logs/c", "abc", "abc").0, 200);
}

#[test]
fn an_object_is_given_and_copied_only_under_the_conditions_that_were_named() {
    let asked = Asked::new();
    std::fs::write(asked.folder.path().join("elsewhere/a"), "kept").expect("there is room");
    let (_, about) = asked.buckets.get("logs", "a").expect("it is there");
    let (_, upload) = asked.ask("POST /logs/whole?uploads", &[], "", "");
    let upload = upload.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once('<')).expect("it is begun").0;
    let part = format!("PUT /logs/whole?partNumber=1&uploadId={upload}");
    let (past, future) = ("Thu, 12 Feb 2015 14:30:00 GMT", "Thu, 12 Feb 2099 14:30:00 GMT");
    // As `Last-Modified` tells it: the file has a fraction of a second besides.
    let stored = about.modified_at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let (this, other) = (format!("\"{}\"", about.etag), "\"0\"".to_owned());
    for (conditions, given, copied) in [
        (&[("if-modified-since", future)][..], 304, 412),
        (&[("if-modified-since", &stored)], 304, 412),
        (&[("if-modified-since", past)], 200, 200),
        (&[("if-unmodified-since", past)], 412, 412),
        (&[("if-unmodified-since", &stored)], 200, 200),
        (&[("if-unmodified-since", future)], 200, 200),
        (&[("if-match", &other)], 412, 412),
        (&[("if-match", &this)], 200, 200),
        (&[("if-none-match", &this)], 304, 412),
        (&[("if-none-match", &other)], 200, 200),
        // Where an ETag is named, the time beside it is not asked.
        (&[("if-match", &this), ("if-unmodified-since", past)], 200, 200),
        (&[("if-none-match", &this), ("if-modified-since", past)], 304, 412),
    ] {
        for method in ["GET", "HEAD"] {
            let told = asked.ask(&format!("{method} /logs/a"), conditions, "", "");
            assert_eq!(told.0, given, "{method} {conditions:?} {}", told.1);
        }
        let of_source = |(name, value): &(&str, &str)| (format!("x-amz-copy-source-{name}"), (*value).to_owned());
        let mut headers: Vec<(String, String)> = conditions.iter().map(of_source).collect();
        headers.push(("x-amz-copy-source".into(), "logs/a".into()));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        for line in ["PUT /logs/copy", &part] {
            let told = asked.ask(line, &headers, "", "");
            assert_eq!(told.0, copied, "{line} {headers:?} {}", told.1);
        }
        assert_eq!(asked.buckets.get("logs", "copy").is_ok(), copied == 200, "{conditions:?}");
        let _ = asked.buckets.remove("logs", "copy");
    }
    // Times hold of linked buckets, too.
    let file = std::fs::metadata(asked.folder.path().join("elsewhere/a")).and_then(|file| file.modified());
    let stored = jiff::Timestamp::try_from(file.expect("it is told")).expect("it is a moment");
    let stored = stored.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (condition, given) in [
        (("if-modified-since", &*stored), 304),
        (("if-modified-since", past), 200),
        (("if-unmodified-since", past), 412),
        (("if-unmodified-since", &stored), 200),
    ] {
        for method in ["GET", "HEAD"] {
            let told = asked.ask(&format!("{method} /linked/a"), &[condition], "", "");
            assert_eq!(told.0, given, "{method} {condition:?} {}", told.1);
        }
    }
}

#[test]
fn an_upload_becomes_an_object_only_under_the_conditions_that_were_named() {
    let asked = Asked::new();
    let (_, upload) = asked.ask("POST /logs/a?uploads", &[], "", "");
    let upload = upload.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once('<')).expect("it is begun").0;
    assert_eq!(asked.ask(&format!("PUT /logs/a?partNumber=1&uploadId={upload}"), &[], "new", "new").0, 200);
    let etag = "22af645d1859cb5ca6da0c484f1f37ea";
    let parts = format!("<Part><PartNumber>1</PartNumber><ETag>\"{etag}\"</ETag></Part>");
    let parts = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let complete = |headers| asked.ask(&format!("POST /logs/a?uploadId={upload}"), headers, &parts, &parts);
    let (status, said) = complete(&[("if-none-match", "*")]);
    // S3 begins its answer before all parts are together: an error may come in its body.
    assert!(status == 412 || said.contains("PreconditionFailed"), "{status} {said}");
    let kept = || std::io::read_to_string(asked.buckets.get("logs", "a").expect("it is there").0);
    assert_eq!(kept().expect("it is text"), "kept");
    let (status, said) = complete(&[]);
    assert!(status == 200 && said.contains("CompleteMultipartUploadResult"), "{status} {said}");
    assert_eq!(kept().expect("it is text"), "new");
}

async fn whole(reply: Response<Body>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    use futures::TryStreamExt;
    let pieces: Vec<bytes::Bytes> = reply.into_body().into_data_stream().try_collect().await?;
    Ok(pieces.concat())
}

#[test]
fn whatever_is_refused_is_refused_in_a_sentence() {
    let asked = Asked::new();
    let long = format!("PUT /logs/{}", "a".repeat(1025));
    for (line, status, code, message) in [
        ("PUT /My_Bucket", 400, "InvalidBucketName", "The specified bucket is not valid."),
        ("PUT /ab", 400, "InvalidBucketName", "The specified bucket is not valid."),
        ("GET /My_Bucket/a", 400, "InvalidBucketName", "The specified bucket is not valid."),
        (&long, 400, "KeyTooLongError", "Your key is too long"),
        ("GET /nobodys", 404, "NoSuchBucket", "The specified bucket does not exist"),
        ("GET /linked/nothing", 404, "NoSuchKey", "The specified key does not exist."),
        ("GET /gone", 404, "NoSuchBucket", "The specified bucket does not exist"),
        ("GET /gone/a", 404, "NoSuchBucket", "The specified bucket does not exist"),
        ("GET /gone?location", 404, "NoSuchBucket", "The specified bucket does not exist"),
    ] {
        let (answered, said) = asked.ask(line, &[], "", "");
        assert_eq!(answered, status, "{line}: {said}");
        assert!(said.contains(&format!("<Code>{code}</Code><Message>{message}</Message>")), "{line}: {said}");
    }
}

#[test]
fn a_linked_folder_that_goes_is_no_bucket_until_it_is_back() {
    let asked = Asked::new();
    let elsewhere = asked.folder.path().join("elsewhere");
    let told = || ["HEAD /linked", "GET /linked?location", "GET /linked"].map(|line| asked.ask(line, &[], "", "").0);
    assert_eq!(told(), [200; 3]);
    std::fs::remove_dir(&elsewhere).expect("it is empty");
    assert_eq!(told(), [404; 3]);
    std::fs::create_dir(&elsewhere).expect("there is room");
    assert_eq!(told(), [200; 3]);
}

#[test]
fn a_part_is_given_as_far_as_it_is_there_by_held_and_linked_buckets_alike() {
    let asked = Asked::new();
    asked.buckets.put_bytes("logs", "empty", b"").expect("there is room");
    for (name, text) in [("a", "kept"), ("empty", "")] {
        std::fs::write(asked.folder.path().join("elsewhere").join(name), text).expect("there is room");
    }
    for (range, of_four, of_none) in [
        ("bytes=1-2", Some("ep"), None),
        ("bytes=1-9", Some("ept"), None),
        ("bytes=3-", Some("t"), None),
        ("bytes=-2", Some("pt"), None),
        ("bytes=-9", Some("kept"), None),
        ("bytes=4-", None, None),
        ("bytes=4-9", None, None),
        ("bytes=999999-", None, None),
        ("bytes=-0", None, None),
        // No range, or several: passed over.
        ("bytes=3-1", Some("kept"), Some("")),
        ("bytes=0-0,2-2", Some("kept"), Some("")),
        ("bytes=x", Some("kept"), Some("")),
    ] {
        for (object, wanted) in [("a", of_four), ("empty", of_none)] {
            for bucket in ["logs", "linked"] {
                let line = format!("GET /{bucket}/{object}");
                let (status, said) = asked.ask(&line, &[("range", range)], "", "");
                match wanted {
                    Some(bytes) => {
                        assert!(matches!(status, 200 | 206) && said == bytes, "{line} {range}: {status} {said}")
                    }
                    None => {
                        assert_eq!(status, 416, "{line} {range}: {said}");
                        let words =
                            "<Code>InvalidRange</Code><Message>The requested range is not satisfiable</Message>";
                        assert!(said.contains(words), "{line} {range}: {said}");
                    }
                }
                let (status, _) = asked.ask(&format!("HEAD /{bucket}/{object}"), &[("range", range)], "", "");
                assert_eq!(status == 416, wanted.is_none(), "HEAD {bucket} {object} {range}: {status}");
            }
        }
    }
}
