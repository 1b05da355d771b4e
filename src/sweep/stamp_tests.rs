//! Tests of `stamp.rs`.

use super::*;

#[test]
fn a_file_that_is_changed_or_replaced_has_another_stamp() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "one").unwrap();
    let first = Stamp::of(&file).unwrap();
    assert_eq!(Stamp::of(&file).unwrap().difference(&first), None);
    std::fs::write(&file, "four").unwrap();
    assert_eq!(Stamp::of(&file).unwrap().difference(&first).unwrap(), "it had 3 bytes and has 4");
    // As long as the first, and as old as it says.
    let modified = std::fs::metadata(&file).unwrap().modified().unwrap();
    let (kept, other) = (Stamp::of(&file).unwrap(), directory.path().join("other"));
    std::fs::write(&other, "five").unwrap();
    File::options().write(true).open(&other).unwrap().set_modified(modified).unwrap();
    std::fs::rename(&other, &file).unwrap();
    let replaced = Stamp::of(&file).unwrap();
    assert_eq!(replaced.of_copies(), kept.of_copies());
    if cfg!(unix) {
        assert_eq!(replaced.difference(&kept).unwrap(), "another file has its name");
        assert_ne!(replaced.of_this_file(), kept.of_this_file());
    }
}

#[test]
fn a_digest_sees_the_whole_of_a_short_file_and_blocks_of_a_long_one() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    let digest_of = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        digest(&file).unwrap()
    };
    let mut bytes = vec![7; 3_000_000];
    let whole = digest_of(&bytes);
    bytes[2_345_678] = 8;
    assert_ne!(digest_of(&bytes), whole);
    let mut bytes = vec![7; (8 << 20) + 1];
    let long = digest_of(&bytes);
    for at in [0, 1 << 19, (8 << 20) - 5] {
        bytes[at] = 8;
        assert_ne!(digest_of(&bytes), long, "{at}");
        bytes[at] = 7;
    }
    assert_eq!(digest_of(&bytes), long);
}
