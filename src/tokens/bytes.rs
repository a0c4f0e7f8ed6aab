//! The byte layouts inside tokens: counted strings and fixed-width integers.
//!
//! `AccessToken2` and 006 are little-endian, a `PrivateMapKey` big-endian. A reader hands out the
//! bytes from the front and never looks past the end.

/// Reads a byte layout from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `N` bytes, or `None` (and nothing read) when there are fewer.
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.rest.split_first_chunk::<N>()?;
        self.rest = tail;
        Some(*head)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(count)?;
        self.rest = tail;
        Some(head)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16_le(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn i16_le(&mut self) -> Option<i16> {
        self.array().map(i16::from_le_bytes)
    }

    pub(super) fn u32_le(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u32_be(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Bytes behind a little-endian 16-bit count.
    pub(super) fn counted_le(&mut self) -> Option<&'a [u8]> {
        let count = self.u16_le()?;
        self.take(count.into())
    }

    /// Bytes behind a big-endian 16-bit count.
    pub(super) fn counted_be(&mut self) -> Option<&'a [u8]> {
        let count = self.array().map(u16::from_be_bytes)?;
        self.take(count.into())
    }
}

/// Appends `bytes` behind their little-endian 16-bit count.
///
/// Only names (at most 64 bytes), 32-byte signatures and small maps are written, so the count
/// always fits; longer input would be cut rather than miscounted.
pub(super) fn put_counted_le(out: &mut Vec<u8>, bytes: &[u8]) {
    let count = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&count.to_le_bytes());
    out.extend(bytes.iter().take(count.into()));
}

/// Appends `bytes` behind their big-endian 16-bit count, under the same limit.
pub(super) fn put_counted_be(out: &mut Vec<u8>, bytes: &[u8]) {
    let count = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&count.to_be_bytes());
    out.extend(bytes.iter().take(count.into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_never_reads_past_the_end() {
        let mut reader = Reader::new(&[2, 0, b'h', b'i', 9]);
        assert_eq!(reader.counted_le(), Some(&b"hi"[..]));
        assert_eq!(reader.u16_le(), None);
        assert_eq!(reader.u8(), Some(9));
        assert!(reader.is_at_end());

        assert_eq!(Reader::new(&[3, 0, b'h', b'i']).counted_le(), None);
        assert_eq!(Reader::new(&[0, 2, b'h', b'i']).counted_be(), Some(&b"hi"[..]));
        assert_eq!(Reader::new(&[255, 255]).i16_le(), Some(-1));
    }

    #[test]
    fn counts_are_written_in_both_orders() {
        let mut out = Vec::new();
        put_counted_le(&mut out, b"ab");
        put_counted_be(&mut out, b"c");
        assert_eq!(out, [2, 0, b'a', b'b', 0, 1, b'c']);
    }
}
