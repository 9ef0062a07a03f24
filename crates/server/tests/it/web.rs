//! The web as tests see it: what was asked is kept, and answered as told; and a real key, made from a seed.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer as _, Verifier};
use rsa::{PrivateKey, PublicKey};
use server::world::{Signer, Web, WebError, WebReply, WebRequest};
use sha1::Sha1;
use store::deliveries::{Delivery, DeliveryList, DeliveryState};

use crate::door::Door;

/// Web servers that keep what they are asked. What they were not told, they answer with 200.
#[derive(Clone, Default)]
pub(crate) struct FakeWeb(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    asked: Vec<WebRequest>,
    answers: VecDeque<Result<WebReply, WebError>>,
}

impl FakeWeb {
    /// The next answer that is not spoken for yet.
    pub(crate) fn will_answer(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        self.will(Ok(WebReply { status, headers, body: body.into() }));
    }

    /// None of it.
    pub(crate) fn will_be_silent(&self) {
        self.will(Err(WebError::Timeout(Duration::from_secs(15))));
    }

    fn will(&self, answer: Result<WebReply, WebError>) {
        self.0.lock().expect("nobody panics with it").answers.push_back(answer);
    }

    /// What was asked, and nothing of it is left.
    pub(crate) fn take(&self) -> Vec<WebRequest> {
        std::mem::take(&mut self.0.lock().expect("nobody panics with it").asked)
    }
}

impl Web for FakeWeb {
    fn send(&self, request: &WebRequest) -> Result<WebReply, WebError> {
        let mut state = self.0.lock().expect("nobody panics with it");
        state.asked.push(request.clone());
        state.answers.pop_front().unwrap_or_else(|| Ok(WebReply { status: 200, ..WebReply::default() }))
    }
}

/// The header of a request.
pub(crate) fn header<'r>(request: &'r WebRequest, name: &str) -> Option<&'r str> {
    let mut found = request.headers.iter().filter(|(other, _)| other == name);
    let value = found.next().map(|(_, value)| value.as_str());
    assert!(found.next().is_none(), "{name} is there twice");
    value
}

/// What a request says, as text.
pub(crate) fn body(request: &WebRequest) -> &str {
    std::str::from_utf8(&request.body).expect("it is text")
}

/// The deliveries of a kind, the oldest first.
pub(crate) fn deliveries(door: &Door, kind: &str) -> Vec<Delivery> {
    let mut all = door.store.read(|r| r.deliveries(&DeliveryList::default(), 1000)).expect("it can be read");
    all.retain(|delivery| delivery.kind == kind);
    all.reverse();
    all
}

/// What has become of them.
pub(crate) fn states(door: &Door, kind: &str) -> Vec<DeliveryState> {
    deliveries(door, kind).iter().map(|delivery| delivery.state).collect()
}

/// A real key. Its certificate is none: here nobody looks into it.
pub(crate) struct TestKey;

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::new(&mut Seeded(7), 2048).expect("there are primes"));

impl Signer for TestKey {
    fn rsa_sha1(&self, text: &[u8]) -> Vec<u8> {
        SigningKey::<Sha1>::new(KEY.clone()).sign(text).to_vec()
    }

    fn rsa_sha256(&self, text: &[u8]) -> Vec<u8> {
        SigningKey::<Sha256>::new(KEY.clone()).sign(text).to_vec()
    }

    fn certificate_pem(&self) -> &str {
        "-----BEGIN CERTIFICATE-----\nof a test\n-----END CERTIFICATE-----\n"
    }

    fn public_key_der(&self) -> &[u8] {
        &[]
    }
}

/// Whether a text was signed so, by version 1 or 2.
pub(crate) fn is_signed(version: &str, text: &[u8], signature: &[u8]) -> bool {
    let Ok(signature) = Signature::try_from(signature) else { return false };
    let key = PublicKey::from(&*KEY);
    match version {
        "1" => VerifyingKey::<Sha1>::new(key).verify(text, &signature).is_ok(),
        "2" => VerifyingKey::<Sha256>::new(key).verify(text, &signature).is_ok(),
        other => panic!("there is no version {other}"),
    }
}

/// Chance from a seed: the key is the same in every run. (SplitMix64.)
struct Seeded(u64);

impl TryRng for Seeded {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|bits| (bits >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(bits ^ (bits >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for part in bytes.chunks_mut(8) {
            let bits = self.try_next_u64()?.to_le_bytes();
            part.copy_from_slice(&bits[..part.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}
