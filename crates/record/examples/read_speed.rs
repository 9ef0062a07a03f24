//! How fast log files are read, on one core: inflating alone, the walk alone, both together; large files and small ones.
//!
//!   cargo run --release -p record --example read_speed [FOLDER]
//!
//! Records are made up here: 1.5 KB, nested requestParameters and responseElements, role sessions. Of a FOLDER of real log
//! files (`.json.gz`) the same is told. Rates are inflated bytes a second of processor time (on Linux; else of time passed),
//! the best of several runs.

#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use libdeflater::Decompressor;
use record::api_call::Record;
use record::log_file::{Limits, Reader};
use record::scan::Walk;

fn main() {
    println!("walk: {}", Walk::best().name());
    for (name, file_count, records_a_file) in [
        ("large files, 20,000 records", 4, 20_000),
        ("files of 600 records", 60, 600),
        ("small files, 5 records", 4000, 5),
    ] {
        let texts: Vec<Vec<u8>> = (0..file_count).map(|file| log_file(file, records_a_file)).collect();
        measure(name, &texts);
    }
    if let Some(folder) = std::env::args().nth(1) {
        let mut files = Vec::new();
        find(Path::new(&folder), &mut files);
        let texts: Vec<Vec<u8>> =
            files.iter().map(|file| inflated(&std::fs::read(file).expect("a readable file"))).collect();
        measure(&folder, &texts);
    }
}

fn measure(name: &str, texts: &[Vec<u8>]) {
    let gzipped: Vec<Vec<u8>> = texts.iter().map(|text| gzip(text)).collect();
    let bytes: usize = texts.iter().map(Vec::len).sum();
    let packed: usize = gzipped.iter().map(Vec::len).sum();
    let records = read_all(&mut Reader::new(Limits::default()), texts);
    println!(
        "\n{name}: {} files, {records} records of {} bytes, {} MB, packed {:.1} : 1",
        texts.len(),
        bytes / records.max(1),
        bytes / 1_000_000,
        bytes as f64 / packed as f64
    );
    let rate = |what: &str, run: &mut dyn FnMut()| {
        // The clock of processor time is coarse: so many runs at once that it does not matter.
        let begun = Instant::now();
        run();
        let at_once = (0.1 / begun.elapsed().as_secs_f64()).ceil().clamp(1.0, 1000.0) as usize;
        let mut best = f64::MAX;
        for _ in 0..7 {
            let start = seconds(begun);
            for _ in 0..at_once {
                run();
            }
            best = best.min((seconds(begun) - start) / at_once as f64);
        }
        println!("  {what:34} {:7.0} MB/s {:9.0} records/s", bytes as f64 / best / 1e6, records as f64 / best);
    };

    let mut decompressor = Decompressor::new();
    let mut room = vec![0; texts.iter().map(Vec::len).max().unwrap_or(0)];
    rate("libdeflate alone", &mut || {
        for file in &gzipped {
            decompressor.gzip_decompress(file, &mut room).expect("what was packed here");
        }
    });
    for walk in [Walk::best(), Walk::portable()] {
        let mut reader = Reader::with_walk(Limits::default(), walk);
        rate(&format!("walk alone, {}", walk.name()), &mut || {
            assert_eq!(read_all(&mut reader, texts), records);
        });
        rate(&format!("inflate and walk, {}", walk.name()), &mut || {
            assert_eq!(read_all(&mut reader, &gzipped), records);
        });
    }
}

/// Processor time of this thread, so that others on the machine disturb less; else time passed.
fn seconds(begun: Instant) -> f64 {
    let on_linux = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    on_linux
        .and_then(|stat| stat.split(' ').next()?.parse::<f64>().ok())
        .map_or(begun.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// Reads all files, touching what a counter would touch.
fn read_all(reader: &mut Reader, files: &[Vec<u8>]) -> usize {
    let mut records = 0;
    let mut touched = 0u64;
    for file in files {
        reader
            .read(file, None, |record| {
                if let Ok(Record::Call(call)) = record {
                    records += 1;
                    touched = touched
                        .wrapping_add(call.event_time as u64 + call.event_id.0 as u64)
                        .wrapping_add((call.name.len() + call.identity.who().map_or(0, str::len)) as u64);
                }
            })
            .expect("a sound file");
    }
    std::hint::black_box(touched);
    records
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(text).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

fn inflated(file: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(file).read_to_end(&mut text).expect("a sound gzip file");
    text
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            find(&entry.path(), files);
        } else if entry.path().to_string_lossy().ends_with(".json.gz") {
            files.push(entry.path());
        }
    }
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.roll(), self.roll());
        format!(
            "{:08x}-{:04x}-4{:03x}-9{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 48 & 0xfff,
            b & 0xffff_ffff_ffff
        )
    }
}

fn log_file(seed: u64, records: usize) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut text = String::from("{\"Records\":[");
    for i in 0..records {
        if i > 0 {
            text.push(',');
        }
        record(&mut dice, &mut text);
    }
    text.push_str("]}");
    text.into_bytes()
}

fn record(dice: &mut Dice, text: &mut String) {
    use std::fmt::Write;
    let account = 100_000_000_000 + dice.below(3);
    let role = ["DeployPipeline", "EksNodeGroupRole", "AWSReservedSSO_PowerUser_1a2b3c4d", "BackupRole"]
        [dice.below(4) as usize];
    let role_id = format!("AROAEXAMPLE{:010X}", 0x1234_5678_u64 + role.len() as u64);
    let session = format!("i-0{:016x}", dice.roll());
    let (source, name, read_only) = [
        ("ec2", "RunInstances", false),
        ("s3", "PutObject", false),
        ("dynamodb", "DescribeTable", true),
        ("kms", "Decrypt", true),
        ("sts", "AssumeRole", false),
    ][dice.below(5) as usize];
    let agent = [
        "aws-sdk-go/1.44.298 (go1.20.5; linux; amd64) S3Manager",
        "Boto3/1.26.90 Python/3.9.16 Linux/5.10 exec-env/EC2 Botocore/1.29.90",
    ][dice.below(2) as usize];
    let second = dice.below(60);
    let minute = dice.below(60);
    let _ = write!(
        text,
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"AssumedRole","principalId":"{role_id}:{session}","arn":"arn:aws:sts::{account}:assumed-role/{role}/{session}","accountId":"{account}","accessKeyId":"ASIAEXAMPLE{:09X}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{role_id}","arn":"arn:aws:iam::{account}:role/{role}","accountId":"{account}","userName":"{role}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"2026-02-12T14:02:11Z","mfaAuthenticated":"false"}}}}}},"eventTime":"2026-02-12T14:{minute:02}:{second:02}Z","eventSource":"{source}.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"10.{}.{}.17","userAgent":"{agent}","#,
        dice.below(0xfff_ffff),
        dice.below(250),
        dice.below(250)
    );
    if dice.below(8) == 0 {
        text.push_str(r#""errorCode":"AccessDenied","errorMessage":"User is not authorized to perform: ec2:RunInstances on resource: \"*\" because no identity-based policy allows it","#);
    }
    if dice.below(3) > 0 {
        let _ = write!(
            text,
            r#""requestParameters":{{"instancesSet":{{"items":[{{"imageId":"ami-{:017x}","minCount":1,"maxCount":1}}]}},"instanceType":"m5.large","tagSpecificationSet":{{"items":[{{"resourceType":"instance","tags":[{{"key":"Name","value":"worker \"blue\""}},{{"key":"team","value":"payments"}}]}}]}},"clientToken":"{}"}},"responseElements":{{"requestId":"{}","reservationId":"r-{:017x}","instancesSet":{{"items":[{{"instanceId":"i-{:017x}","currentState":{{"code":0,"name":"pending"}}}}]}}}},"#,
            dice.roll() >> 8,
            dice.uuid(),
            dice.uuid(),
            dice.roll() >> 8,
            dice.roll() >> 8
        );
    } else {
        let _ =
            write!(text, r#""requestParameters":{{"tableName":"table-{}"}},"responseElements":null,"#, dice.below(99));
    }
    let _ = write!(text, r#""requestID":"{}","eventID":"{}","readOnly":{read_only},"#, dice.uuid(), dice.uuid());
    if dice.below(3) == 0 {
        let _ = write!(
            text,
            r#""resources":[{{"accountId":"{account}","type":"AWS::KMS::Key","ARN":"arn:aws:kms:us-east-1:{account}:key/{}"}}],"#,
            dice.uuid()
        );
    }
    let _ = write!(
        text,
        r#""eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{account}","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":"{source}.us-east-1.amazonaws.com"}}}}"#
    );
}
