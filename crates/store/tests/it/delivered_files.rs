//! Files that we delivered, for their digests.

use record::digest::DigestedFile;
use record::names::{AccountId, Region};
use store::delivered_files::{DeliveredFile, FilePlace};

use crate::{at, both};

fn file(prefix: Option<&str>, account: &str, key: &str, delivered: i64) -> DeliveredFile {
    DeliveredFile {
        place: FilePlace { bucket: "logs".into(), prefix: prefix.map(str::to_owned) },
        account: AccountId::from(account),
        region: Region::from("us-east-1"),
        delivered_at: at(delivered),
        file: DigestedFile {
            bucket: "logs".into(),
            key: key.into(),
            hash: "00".into(),
            times: (key != "empty").then_some((1, 2)),
        },
    }
}

#[test]
fn files_are_listed_by_place_and_account_region_in_the_order_of_their_coming() {
    for store in both() {
        let newest = |before| store.read(|r| r.newest_delivered_file(at(before))).unwrap();
        assert_eq!(newest(100), 0);
        let files = [
            file(None, "111122223333", "a", 50),
            file(Some("p"), "111122223333", "b", 51),
            file(None, "444455556666", "c", 52),
            file(None, "111122223333", "empty", 10),
        ];
        let numbers: Vec<i64> = files.iter().map(|file| store.write(|w| w.add_delivered_file(file)).unwrap()).collect();
        let DeliveredFile { place, account, region, .. } = &files[0];
        let list = |after| store.read(|r| r.delivered_files(place, account, region, after)).unwrap();
        assert_eq!(list(0), [(numbers[0], files[0].clone()), (numbers[3], files[3].clone())]);
        assert_eq!(list(numbers[0]), [(numbers[3], files[3].clone())]);
        assert_eq!(
            store.read(|r| r.delivered_regions(place, 0)).unwrap(),
            [(account.clone(), region.clone(), at(10)), (AccountId::from("444455556666"), region.clone(), at(52))]
        );
        assert_eq!((newest(100), newest(50), newest(10)), (numbers[3], numbers[3], 0));
        assert_eq!(store.write(|w| w.expire_delivered_files(at(52))).unwrap(), 3);
        assert_eq!(list(0), []);
    }
}
