//! Which file an input is: to notice one that is replaced while it is read, and to know it again
//! when an interrupted sweep is taken up.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::kept::LOCAL;

/// What the file system says of a file, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    /// Time of the last change of its content, in nanoseconds since 1970.
    modified: u128,
    /// Its number in the file system, and the time of the last change of anything about it. Unlike
    /// the time of its content, no program sets the latter back.
    node: Option<(u64, i128)>,
}

impl Stamp {
    pub(super) fn of(file: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(file)?;
        // A clock before 1970 is not worth an error: the size still tells most files apart.
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        Ok(Self { bytes: metadata.len(), modified, node: node(&metadata) })
    }

    /// What is different from an earlier stamp, in words; none where nothing is.
    pub(super) fn difference(&self, earlier: &Self) -> Option<String> {
        if self.bytes != earlier.bytes {
            return Some(format!("it had {} bytes and has {}", earlier.bytes, self.bytes));
        }
        match (self.node, earlier.node) {
            (Some((now, _)), Some((then, _))) if now != then => Some("another file has its name".to_string()),
            _ if self != earlier => Some("it was written to".to_string()),
            _ => None,
        }
    }

    /// What is the same on every machine that has a copy of the file with its time.
    pub(super) fn of_copies(&self) -> String {
        format!("{} bytes, changed at {} ns", self.bytes, self.modified)
    }

    /// What is the same on this machine alone.
    pub(super) fn of_this_file(&self) -> Option<String> {
        self.node.map(|(number, changed)| format!("{LOCAL} inode {number}, status changed at {changed} ns"))
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)]
fn node(metadata: &Metadata) -> Option<(u64, i128)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.ino(), i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec())))
}

#[cfg(not(unix))]
fn node(_metadata: &Metadata) -> Option<(u64, i128)> {
    None
}

/// A checksum of a file's content: of all of it up to 8 MiB; of a longer one, of its beginning
/// with the header, of its end, and of blocks between that stand equally far apart.
pub(super) fn digest(file: &Path) -> io::Result<String> {
    const WHOLE: u64 = 8 << 20;
    const HEADER: u64 = 1 << 20;
    const BLOCK: u64 = 64 << 10;
    const BLOCKS: u64 = 64;
    let mut handle = File::open(file)?;
    let length = handle.metadata()?.len();
    let mut sum = crc32fast::Hasher::new();
    let mut buffer = vec![0; HEADER as usize];
    let mut add = |from: u64, count: u64| -> io::Result<()> {
        handle.seek(SeekFrom::Start(from))?;
        let mut left = count;
        while left > 0 {
            let part = &mut buffer[..left.min(HEADER) as usize];
            // A file that has become shorter is noticed by its stamp.
            let read = handle.read(part)?;
            if read == 0 {
                break;
            }
            sum.update(&part[..read]);
            left -= read as u64;
        }
        Ok(())
    };
    if length <= WHOLE {
        add(0, length)?;
        return Ok(format!("checksum {:08x}", sum.finalize()));
    }
    add(0, HEADER)?;
    let last = u128::from(length - HEADER - BLOCK);
    let start = |block: u64| HEADER + (last * u128::from(block) / u128::from(BLOCKS - 1)) as u64;
    (0..BLOCKS).try_for_each(|block| add(start(block), BLOCK))?;
    Ok(format!("checksum of {BLOCKS} blocks {:08x}", sum.finalize()))
}

#[cfg(test)]
#[path = "stamp_tests.rs"]
mod tests;
