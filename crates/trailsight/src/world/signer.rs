//! The key that topics' messages and digests of log files are signed with, and the certificate that says so.
//!
//! Both are made at the first start and kept in one file, `signing.pem`: whoever has checked a signature once, or keeps the
//! certificate, finds the same after any restart. Made once and renamed into place, it is whole or not there.
//!
//! SNS signs with SHA-1 unless a topic asks for SHA-256, and CloudTrail with SHA-256; both by PKCS #1 v1.5, with RSA.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use getrandom::SysRng;
use jiff::{Timestamp, ToSpan};
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs1v15::{Signature, SigningKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::TryRng;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer as _};
use rsa::{PrivateKey, PublicKey};
use sha1::Sha1;
use x509_cert::Certificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::der::asn1::{GeneralizedTime, UtcTime};
use x509_cert::der::{DecodePem, EncodePem};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use super::whole_file;

/// In the data directory.
const FILE: &str = "signing.pem";
/// What SNS's own keys have.
const KEY_BITS: usize = 2048;
/// Where the certificate begins.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

/// Why there is nothing to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The file cannot be read or written.
    #[error("cannot read or write the signing key {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others may read it.
    #[error("the signing key {} can be read by others: make it yours with `chmod 600`", .0.display())]
    ReadByOthers(PathBuf),
    /// It is no key with its certificate.
    #[error(
        "the signing key {} is damaged ({what}): put it back from a backup, or move it away and have another made, which \
         nobody knows yet",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// None could be made.
    #[error("cannot make a signing key: {0}")]
    NotMade(String),
}

/// A key, its certificate, and its public half.
pub struct Signer {
    sha1: SigningKey<Sha1>,
    sha256: SigningKey<Sha256>,
    certificate_pem: String,
    public_key_der: Vec<u8>,
}

impl Signer {
    /// The key that is kept in a folder; it is made if there is none.
    pub fn open(folder: &Path, now: Timestamp) -> Result<Signer, SignerError> {
        let path = folder.join(FILE);
        let file = |error| SignerError::File { path: path.clone(), source: whole_file::advised(error) };
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                if std::fs::metadata(&path).map_err(file)?.permissions().mode() & 0o077 != 0 {
                    return Err(SignerError::ReadByOthers(path));
                }
                Signer::of_pem(&text).map_err(|what| SignerError::Damaged { path, what })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let (signer, text) = Signer::made(now)?;
                whole_file::put_new(folder, FILE, &text).map_err(file)?;
                tracing::info!(file = %path.display(), "made a key to sign with: keep it with your backups");
                Ok(signer)
            }
            Err(error) => Err(file(error)),
        }
    }

    fn made(now: Timestamp) -> Result<(Signer, String), SignerError> {
        let not_made = |what: &dyn std::fmt::Display| SignerError::NotMade(what.to_string());
        let key = PrivateKey::new(&mut SysRng, KEY_BITS).map_err(|error| not_made(&error))?;
        let certificate = certificate(&key, now).map_err(|error| not_made(&error))?;
        let certificate = certificate.to_pem(LineEnding::LF).map_err(|error| not_made(&error))?;
        let text = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| not_made(&error))?;
        let text = format!("{}{certificate}", text.as_str());
        Ok((Signer::of_pem(&text).map_err(SignerError::NotMade)?, text))
    }

    fn of_pem(text: &str) -> Result<Signer, String> {
        let (key, certificate_pem) =
            text.split_at(text.find(CERTIFICATE).ok_or_else(|| "there is no certificate in it".to_owned())?);
        let key = PrivateKey::from_pkcs8_pem(key.trim()).map_err(|error| format!("its key: {error}"))?;
        let public_key = PublicKey::from(&key);
        let certificate =
            Certificate::from_pem(certificate_pem.trim()).map_err(|error| format!("its certificate: {error}"))?;
        let certified = certificate.tbs_certificate().subject_public_key_info();
        if *certified != public_key_info(&public_key).map_err(|error| error.to_string())? {
            return Err("its certificate is that of another key".into());
        }
        let public_key_der = public_key.to_pkcs1_der().map_err(|error| error.to_string())?.as_bytes().to_vec();
        Ok(Signer {
            sha1: SigningKey::new(key.clone()),
            sha256: SigningKey::new(key),
            certificate_pem: format!("{}\n", certificate_pem.trim()),
            public_key_der,
        })
    }
}

impl server::world::Signer for Signer {
    fn rsa_sha1(&self, text: &[u8]) -> Vec<u8> {
        let signature: Signature = self.sha1.sign(text);
        signature.to_vec()
    }

    fn rsa_sha256(&self, text: &[u8]) -> Vec<u8> {
        let signature: Signature = self.sha256.sign(text);
        signature.to_vec()
    }

    fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    fn public_key_der(&self) -> &[u8] {
        &self.public_key_der
    }
}

fn public_key_info(key: &PublicKey) -> rsa::pkcs8::spki::Result<SubjectPublicKeyInfoOwned> {
    SubjectPublicKeyInfoOwned::try_from(key.to_public_key_der()?.as_bytes())
}

/// Signed by itself: it names the key, and vouches for nobody.
fn certificate(key: &PrivateKey, now: Timestamp) -> builder::Result<Certificate> {
    let mut serial = [0; 16];
    // What is negative or begins with zeros is no serial number.
    SysRng.try_fill_bytes(&mut serial).map_err(|_| x509_cert::der::Error::from(x509_cert::der::ErrorKind::Failed))?;
    serial[0] = serial[0] & 0x7f | 0x40;
    // Clocks of whoever checks may be a little behind; and nothing is gained by its end.
    let validity = Validity::new(time(now - 24.hours())?, time(now + (24 * 365 * 20).hours())?);
    let signer = SigningKey::<Sha256>::new(key.clone());
    let builder = CertificateBuilder::new(
        SelfSigned { name: "CN=Trailsight,O=Trailsight".parse()? },
        SerialNumber::new(&serial)?,
        validity,
        public_key_info(&PublicKey::from(key))?,
    )?;
    builder.build(&signer)
}

fn time(at: Timestamp) -> x509_cert::der::Result<Time> {
    let since_1970 = Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default());
    // RFC 5280: years from 2050 on are written with four digits.
    match UtcTime::from_unix_duration(since_1970) {
        Ok(time) => Ok(Time::UtcTime(time)),
        Err(_) => Ok(Time::GeneralTime(GeneralizedTime::from_unix_duration(since_1970)?)),
    }
}

/// What the certificate says: who it is, and that the key is for signatures.
struct SelfSigned {
    name: Name,
}

impl BuilderProfile for SelfSigned {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.name.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        certificate: &x509_cert::certificate::TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let name = certificate.subject();
        Ok(vec![
            BasicConstraints { ca: false, path_len_constraint: None }.to_extension(name, &[])?,
            KeyUsage(KeyUsages::DigitalSignature.into()).to_extension(name, &[])?,
            SubjectKeyIdentifier::try_from(key)?.to_extension(name, &[])?,
        ])
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use rsa::pkcs1::DecodeRsaPublicKey;
    use rsa::pkcs1v15::VerifyingKey;
    use rsa::signature::Verifier;
    use server::world::Signer as _;

    use super::*;

    fn now() -> Timestamp {
        "2026-02-12T14:30:00Z".parse().expect("it is a moment")
    }

    fn verifies(signer: &Signer, text: &[u8]) -> (bool, bool) {
        let key = || PublicKey::from_pkcs1_der(signer.public_key_der()).expect("it is a key");
        let signature = |bytes: Vec<u8>| Signature::try_from(&*bytes).expect("it is a signature");
        (
            VerifyingKey::<Sha1>::new(key()).verify(b"text", &signature(signer.rsa_sha1(text))).is_ok(),
            VerifyingKey::<Sha256>::new(key()).verify(b"text", &signature(signer.rsa_sha256(text))).is_ok(),
        )
    }

    /// One key for all laws: it takes a while to make.
    #[test]
    fn the_key_is_made_once_and_kept_by_its_owner_alone() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join(FILE);
        let made = Signer::open(folder.path(), now()).expect("it is made");
        assert_eq!(verifies(&made, b"text"), (true, true));
        assert_eq!(verifies(&made, b"test"), (false, false));
        assert_eq!(made.rsa_sha1(b"text").len(), KEY_BITS / 8);

        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 1, "nothing else is left");

        let again = Signer::open(folder.path(), now() + 24.hours()).expect("it is there");
        assert_eq!(again.certificate_pem(), made.certificate_pem());
        assert_eq!(again.public_key_der(), made.public_key_der());
        assert_eq!(again.rsa_sha256(b"text"), made.rsa_sha256(b"text"));

        let certificate = Certificate::from_pem(made.certificate_pem()).expect("it is a certificate");
        let certificate = certificate.tbs_certificate();
        assert_eq!(certificate.validity().not_before.to_string(), "2026-02-11T14:30:00Z");
        assert_eq!(certificate.subject(), certificate.issuer());

        // What nobody else may read is not used once they can; what is damaged is not replaced.
        let text = std::fs::read_to_string(&path).expect("it is there");
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("it is ours");
        assert!(matches!(Signer::open(folder.path(), now()), Err(SignerError::ReadByOthers(_))));
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
        let (_, other) = Signer::made(now()).expect("it is made");
        let (key, _) = text.split_once(CERTIFICATE).expect("both are there");
        let (_, certificate) = other.split_once(CERTIFICATE).expect("both are there");
        for damaged in ["", key, &text[..text.len() / 4], &format!("{key}{CERTIFICATE}{certificate}")] {
            std::fs::write(&path, damaged).expect("there is room");
            assert!(matches!(Signer::open(folder.path(), now()), Err(SignerError::Damaged { .. })));
            assert_eq!(std::fs::read_to_string(&path).expect("it is there"), damaged);
        }
    }
}
