//! A zip archive's directory: whether it is one, and how much it holds. Nothing is unpacked here.
//! <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

/// The directory stands at the end, and behind it this record and a comment of at most so many bytes.
const END_BYTES: usize = 22;
const LONGEST_COMMENT: usize = u16::MAX as usize;
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const ENTRY: &[u8] = b"PK\x01\x02";
/// A number of 32 bits that stands elsewhere, in 64.
const ELSEWHERE: u64 = u32::MAX as u64;
/// The part of an entry that has such numbers.
const NUMBERS_64: u16 = 1;

/// Bytes of all that an archive says it holds; none of what is no archive.
pub(crate) fn unpacked_bytes(archive: &[u8]) -> Option<u64> {
    let end_at = end_at(archive)?;
    let mut count = u64::from(u16_at(archive, end_at + 10)?);
    let mut at = u64::from(u32_at(archive, end_at + 16)?);
    if let Some(locator) = end_at.checked_sub(20).filter(|at| archive[*at..].starts_with(LOCATOR_64)) {
        let end = usize::try_from(u64_at(archive, locator + 8)?).ok()?;
        archive.get(end..)?.starts_with(END_64).then_some(())?;
        count = u64_at(archive, end + 32)?;
        at = u64_at(archive, end + 48)?;
    }
    let mut at = usize::try_from(at).ok()?;
    let mut bytes: u64 = 0;
    for _ in 0..count {
        archive.get(at..)?.starts_with(ENTRY).then_some(())?;
        let name = usize::from(u16_at(archive, at + 28)?);
        let extra = usize::from(u16_at(archive, at + 30)?);
        let comment = usize::from(u16_at(archive, at + 32)?);
        let mut size = u64::from(u32_at(archive, at + 24)?);
        if size == ELSEWHERE {
            size = size_64(archive.get(at + 46 + name..at + 46 + name + extra)?)?;
        }
        bytes = bytes.checked_add(size)?;
        at += 46 + name + extra + comment;
    }
    Some(bytes)
}

fn end_at(archive: &[u8]) -> Option<usize> {
    let last = archive.len().checked_sub(END_BYTES)?;
    let first = last.saturating_sub(LONGEST_COMMENT);
    (first..=last).rev().find(|at| archive[*at..].starts_with(END))
}

/// The size among an entry's numbers of 64 bits: it is the first of them.
fn size_64(mut extra: &[u8]) -> Option<u64> {
    loop {
        let (kind, length) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        if kind == NUMBERS_64 {
            return u64_at(extra, 4);
        }
        extra = extra.get(4 + length..)?;
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The directory of an archive, without what it is about.
    fn directory(sizes: &[u32], comment: &[u8]) -> Vec<u8> {
        let mut archive = Vec::new();
        for size in sizes {
            let mut entry = [0; 47];
            entry[..4].copy_from_slice(ENTRY);
            entry[24..28].copy_from_slice(&size.to_le_bytes());
            entry[28] = 1;
            archive.extend(entry);
        }
        let mut end = [0; END_BYTES];
        end[..4].copy_from_slice(END);
        end[10] = sizes.len() as u8;
        end[20] = comment.len() as u8;
        archive.extend(end);
        archive.extend(comment);
        archive
    }

    #[test]
    fn an_archive_says_how_much_it_holds() {
        assert_eq!(unpacked_bytes(&directory(&[], b"")), Some(0));
        assert_eq!(unpacked_bytes(&directory(&[3, 4_000_000_000], b"with a comment")), Some(4_000_000_003));
    }

    #[test]
    fn what_is_no_archive_is_told_wherever_it_ends() {
        let archive = directory(&[3, 4], b"");
        for end in 0..archive.len() {
            assert_eq!(unpacked_bytes(&archive[..end]), None, "{end}");
        }
        assert_eq!(unpacked_bytes(b"print('no archive at all, but long enough')"), None);
        let mut wrong = archive.clone();
        wrong[0] = b'X';
        assert_eq!(unpacked_bytes(&wrong), None);
    }

    #[test]
    fn sizes_of_more_than_32_bits_stand_behind_the_name() {
        let extra = [&[9, 0, 1, 0, 7][..], &NUMBERS_64.to_le_bytes(), &[8, 0], &(1_u64 << 40).to_le_bytes()].concat();
        assert_eq!(size_64(&extra), Some(1 << 40));
        assert_eq!(size_64(&extra[..8]), None);
    }
}
