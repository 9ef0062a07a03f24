//! A real S3 server for the tests: moto, which `make test` installs (requirements.txt), on a port of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{Attribute, Attributes, ObjectStore, ObjectStoreExt, PutOptions, PutPayload};

/// A running server. It is killed when it is dropped.
pub(crate) struct Moto {
    server: Child,
    /// Where it answers: `http://127.0.0.1:…`.
    pub(crate) url: String,
    runtime: tokio::runtime::Runtime,
}

/// Python with moto.
fn python() -> PathBuf {
    let named = std::env::var_os("TRAILSIGHT_TEST_PYTHON").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let python = named.unwrap_or_else(|| home.join(".cache/trailsight/venv/bin/python"));
    assert!(
        python.exists(),
        "these tests need an S3 server: run `make test`, which installs moto, or set TRAILSIGHT_TEST_PYTHON to a Python \
         that has crates/trailsight/tests/requirements.txt (there is no {})",
        python.display()
    );
    python
}

impl Moto {
    /// The server that all tests share that run at the same time.
    pub(crate) fn shared() -> Arc<Moto> {
        static RUNNING: Mutex<Weak<Moto>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Moto::start());
            *running = Arc::downgrade(&server);
            server
        })
    }

    /// A server of one's own.
    pub(crate) fn start() -> Moto {
        let mut command = Command::new(python());
        command.args(["-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]);
        let mut server =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("python runs");
        // It says where it answers as soon as it listens; nothing needs to be waited for.
        let mut lines = BufReader::new(server.stderr.take().expect("stderr is piped")).lines();
        let mut said = String::new();
        let url = loop {
            let Some(Ok(line)) = lines.next() else {
                let _ = server.wait();
                panic!("moto does not start; run `make test`, which installs it. It said:\n{said}");
            };
            if let Some((_, url)) = line.split_once("Running on ") {
                break url.trim().to_owned();
            }
            said += &line;
            said.push('\n');
        };
        // It logs every request: somebody must read that.
        std::thread::spawn(move || lines.for_each(drop));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Moto { server, url, runtime: runtime.expect("a runtime starts") }
    }

    fn store(&self, bucket: &str) -> AmazonS3 {
        let builder = AmazonS3Builder::new().with_bucket_name(bucket).with_region("us-east-1").with_endpoint(&self.url);
        builder
            .with_allow_http(true)
            .with_access_key_id("any")
            .with_secret_access_key("any")
            .build()
            .expect("all is set")
    }

    /// Makes a bucket with these objects.
    pub(crate) fn make_bucket(&self, bucket: &str, objects: &[(String, Vec<u8>)]) {
        let made = self.request("PUT", &format!("/{bucket}"), "");
        assert!(made.starts_with("HTTP/1.1 200"), "{made}");
        let store = self.store(bucket);
        self.runtime.block_on(async {
            let puts = objects.iter().map(async |(key, body)| {
                store.put(&Path::parse(key).expect("a key"), PutPayload::from(body.clone())).await.map(drop)
            });
            futures::stream::iter(puts).buffer_unordered(8).try_collect::<()>().await.expect("objects can be put");
        });
    }

    /// Lets everyone read a bucket.
    pub(crate) fn make_public(&self, bucket: &str) {
        let everyone = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::"#;
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{everyone}{bucket}/*"}}]}}"#);
        let told = self.request("PUT", &format!("/{bucket}?policy"), &policy);
        assert!(told.starts_with("HTTP/1.1 2"), "{told}");
    }

    /// Puts an object that is archived: it is listed, and cannot be read.
    pub(crate) fn put_archived(&self, bucket: &str, key: &str, body: Vec<u8>) {
        let attributes = Attributes::from_iter([(Attribute::StorageClass, "GLACIER")]);
        let options = PutOptions { attributes, ..PutOptions::default() };
        let (store, key) = (self.store(bucket), Path::parse(key).expect("a key"));
        self.runtime.block_on(store.put_opts(&key, PutPayload::from(body), options)).expect("objects can be put");
    }

    /// Puts an empty object under a key that `object_store` has no name for.
    pub(crate) fn put_raw(&self, bucket: &str, key: &str) {
        let told = self.request("PUT", &format!("/{bucket}/{key}"), "");
        assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    }

    /// All objects of a bucket.
    pub(crate) fn objects(&self, bucket: &str) -> Vec<(String, Vec<u8>)> {
        let store = self.store(bucket);
        self.runtime.block_on(async {
            let mut objects = Vec::new();
            let mut listed = store.list(None);
            while let Some(object) = listed.try_next().await.expect("a bucket can be listed") {
                let body =
                    store.get(&object.location).await.expect("it is there").bytes().await.expect("it can be read");
                objects.push((object.location.to_string(), body.to_vec()));
            }
            objects.sort();
            objects
        })
    }

    /// From now on only keys that IAM made are let in.
    pub(crate) fn check_keys(&self) {
        let told = self.request("POST", "/moto-api/reset-auth", "0");
        assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    }

    /// One plain request, and the whole answer.
    fn request(&self, method: &str, path: &str, body: &str) -> String {
        use std::io::{Read, Write};
        let address = self.url.strip_prefix("http://").expect("plain http");
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        let length = body.len();
        // moto tells the service by the host's name or by the signature's scope.
        let scope =
            "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {scope}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
