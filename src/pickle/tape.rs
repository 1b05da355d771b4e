//! The bytes of a pickle, taken one after the other.

use super::problem::Problem;

/// Bytes and how many of them are taken.
#[derive(Debug)]
pub(super) struct Tape<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tape<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The number of bytes taken.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Problem> {
        let found = self.bytes[self.at..].get(..length);
        let found = found.ok_or_else(|| Problem::Short { at: self.bytes.len(), wanted: length - (self.bytes.len() - self.at) })?;
        self.at += length;
        Ok(found)
    }

    pub(super) fn skip(&mut self, length: usize) -> Result<(), Problem> {
        self.take(length).map(|_| ())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        Ok(self.take(N)?.try_into().expect("as many bytes as were asked for"))
    }

    pub(super) fn byte(&mut self) -> Result<u8, Problem> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// A number of four bytes.
    pub(super) fn number(&mut self) -> Result<u32, Problem> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// What stands before the next end of a line.
    pub(super) fn line(&mut self) -> Result<String, Problem> {
        let rest = &self.bytes[self.at..];
        let Some(length) = rest.iter().position(|&byte| byte == b'\n') else {
            return Err(Problem::Short { at: self.bytes.len(), wanted: 1 });
        };
        self.skip(length + 1)?;
        Ok(String::from_utf8_lossy(&rest[..length]).into_owned())
    }

    /// An integer of any length, little-endian, in two's complement; none beyond 64 bits.
    pub(super) fn integer(&mut self, length: usize) -> Result<Option<i64>, Problem> {
        let bytes = self.take(length)?;
        let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
        let mut whole = [if negative { 0xff } else { 0 }; 8];
        let Some(part) = whole.get_mut(..length) else { return Ok(None) };
        part.copy_from_slice(bytes);
        Ok(Some(i64::from_le_bytes(whole)))
    }
}
