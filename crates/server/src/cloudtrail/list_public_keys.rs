//! `ListPublicKeys`: the keys that digests of a stretch of time were signed with.
//!
//! The keys are the service's and the same in every Region.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html>

use serde::{Deserialize, Serialize};
use wire::check::Shape;
use wire::{ApiError, Blob, Timestamp};

use crate::signing_key::signing_keys;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPublicKeys {
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublicKeys {
    public_key_list: Vec<PublicKey>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PublicKey {
    /// PKCS #1 in DER.
    value: Blob,
    validity_start_time: Timestamp,
    validity_end_time: Timestamp,
    fingerprint: String,
}

impl Operation for ListPublicKeys {
    const NAME: &'static str = "ListPublicKeys";
    const SHAPE: &'static Shape = &Shape::structure("ListPublicKeysRequest", &[]);
    type Output = PublicKeys;

    fn run(self, cx: &Context<'_>) -> Result<PublicKeys, Failure> {
        if self.next_token.is_some() {
            let message = "All keys are told at once: no token was given, so none can be used.";
            return Err(ApiError::new("InvalidTokenException", message).into());
        }
        // What is not said is now; an end in the future is no fault, for clients ask for what may still be signed.
        let start = self.start_time.map_or(cx.now, |at| at.0);
        let end = self.end_time.map_or(cx.now, |at| at.0);
        if start > end {
            let message = format!("The start time ({start:.0}) must not be after the end time ({end:.0}).");
            return Err(ApiError::new("InvalidTimeRangeException", message).into());
        }
        let mut keys = cx.store.read(signing_keys)?;
        keys.retain(|(_, key)| key.first_used_at.0 <= end && start <= key.good_until());
        let told = |(fingerprint, key): (String, crate::signing_key::SigningKey)| PublicKey {
            validity_start_time: key.first_used_at,
            validity_end_time: key.good_until().into(),
            value: Blob(key.public_key),
            fingerprint,
        };
        Ok(PublicKeys { public_key_list: keys.into_iter().map(told).collect() })
    }
}
