//! Notices: a queue tells of new objects in a linked bucket, so that nobody has to list it to find them.
//!
//! A message is deleted when its objects are queued for counting. One that cannot be read is left to the queue's own redrive policy.
//! What a message says is read in `notice.rs`.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use url::Url;

use super::notice::objects;
use super::{Linked, LinkedBuckets};
use crate::world::aws::{AwsError, Endpoint};
use crate::world::buckets::OnPut;
use crate::world::queues::{Received, delete, receive};

/// How long a queue that does not answer is left alone: longer every time.
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// Listens to a bucket's queue; never ends.
pub(super) async fn listen_on(buckets: Arc<LinkedBuckets>, linked: Arc<Linked>, on_put: OnPut) {
    again(LONGEST_PAUSE, || listen(&buckets, &linked, &on_put)).await;
}

/// Does it again, after a pause, where it breaks down: nobody else would, and the bucket's files were seen no sooner than by listing it.
async fn again<W: Future<Output = ()>>(pause: Duration, mut work: impl FnMut() -> W) {
    while AssertUnwindSafe(work()).catch_unwind().await.is_err() {
        tracing::error!("listening to notices broke down, and is begun again");
        tokio::time::sleep(pause).await;
    }
}

async fn listen(buckets: &LinkedBuckets, linked: &Linked, on_put: &OnPut) {
    let (Some(queue_url), Some(credentials)) = (&linked.link.notices_queue_url, &linked.credentials) else { return };
    let Some(to) = endpoint(queue_url, linked.region()) else {
        tracing::error!(bucket = linked.name, queue_url, "the queue of notices is named by no URL");
        return;
    };
    tracing::info!(bucket = linked.name, queue_url, "listening to notices");
    let mut pause = PAUSE;
    loop {
        let work = async {
            let received = receive(&buckets.aws, credentials, &to, queue_url).await?;
            let mut done = Vec::new();
            for message in received {
                if take(buckets, &linked.name, &message, on_put) {
                    done.push(message);
                }
            }
            if !done.is_empty() {
                delete(&buckets.aws, credentials, &to, queue_url, &done).await?;
            }
            Ok::<_, AwsError>(())
        };
        match work.await {
            Ok(()) => pause = PAUSE,
            Err(error) => {
                tracing::warn!(bucket = linked.name, queue_url, %error, "the queue of notices does not answer");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Tells of the objects of a message; says whether it could be read.
fn take(buckets: &LinkedBuckets, name: &str, message: &Received, on_put: &OnPut) -> bool {
    let Some(objects) = objects(&message.body) else {
        let begin: String = message.body.chars().take(200).collect();
        tracing::warn!(
            bucket = name,
            message = begin.escape_debug().to_string(),
            "a notice cannot be read; it is left in its queue"
        );
        return false;
    };
    for (bucket, key) in objects {
        let here = buckets.here(&bucket, &key);
        if here.is_empty() {
            tracing::debug!(bucket, key, "a notice is about an object that is below no link");
        }
        for (name, key) in here {
            on_put(&name, &key);
        }
    }
    true
}

/// Whom to ask about a queue: whoever its URL names, in the Region that it names.
fn endpoint(queue_url: &str, region: &str) -> Option<Endpoint> {
    let url = Url::parse(queue_url).ok()?;
    let host = url.host_str()?;
    let named = host.strip_prefix("sqs.").and_then(|rest| rest.split_once(".amazonaws.com")).map(|(region, _)| region);
    let origin = url.origin().ascii_serialization();
    Some(Endpoint::of("sqs", named.unwrap_or(region), Some(&origin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn listening_that_breaks_down_is_begun_again() {
        let begun = std::cell::Cell::new(0);
        let work = async || {
            begun.set(begun.get() + 1);
            assert!(begun.get() > 2, "a fault of ours");
        };
        again(Duration::ZERO, work).await;
        assert_eq!(begun.get(), 3);
    }

    #[test]
    fn a_queue_is_asked_where_its_url_says() {
        let told = |url| endpoint(url, "us-east-1").map(|to| (to.url, to.region));
        let of = |url: &str, region: &str| Some((url.to_owned(), region.to_owned()));
        assert_eq!(
            told("https://sqs.eu-west-1.amazonaws.com/1/q"),
            of("https://sqs.eu-west-1.amazonaws.com", "eu-west-1")
        );
        assert_eq!(told("http://127.0.0.1:5000/1/q"), of("http://127.0.0.1:5000", "us-east-1"));
        assert_eq!(told("q"), None);
    }
}
