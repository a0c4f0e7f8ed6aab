//! A small zlib writer for small texts.
//!
//! A general compressor clears some 300 KiB of tables for each stream, which costs several times
//! as much as everything else about a token of 200 bytes, even when its state is kept. This one
//! writes one block with the fixed codes of RFC 1951, 3.2.6, and remembers the latest place of
//! each three bytes in 4 KiB. Tokens come out as long as with zlib's default, to a few
//! characters. Any zlib reader reads them; ours is flate2's.

/// Remembered places, a power of two.
const PLACES: usize = 1024;
const MATCH_MIN: usize = 3;
const MATCH_MAX: usize = 258;
const DISTANCE_MAX: usize = 32_768;
const END_OF_BLOCK: u32 = 256;
const FIRST_LENGTH: u32 = 257;

/// Deflate with a 32 KiB window, and the usual note about the level, which readers ignore. The
/// pair makes tokens begin with the familiar `eJ`.
const ZLIB_HEADER: [u8; 2] = [0x78, 0x9c];

/// Compresses to one zlib stream.
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = BitWriter { out: Vec::with_capacity(bytes.len() + 64), bits: 0, count: 0 };
    out.out.extend_from_slice(&ZLIB_HEADER);
    let (last_block, fixed_codes) = (1, 1);
    out.put(last_block, 1);
    out.put(fixed_codes, 2);

    let mut places = Places { latest: [0; PLACES] };
    let mut at = 0;
    while let Some(&literal) = bytes.get(at) {
        let Some((length, distance)) = places.find(bytes, at) else {
            out.put_symbol(literal.into());
            at += 1;
            continue;
        };
        out.put_length(length);
        out.put_distance(distance);
        for skipped in at + 1..at + length {
            places.remember(bytes, skipped);
        }
        at += length;
    }
    out.put_symbol(END_OF_BLOCK);
    let mut out = out.finish();
    out.extend_from_slice(&adler32(bytes).to_be_bytes());
    out
}

/// Where each three bytes stood last, by their hash; places count from 1, 0 is nowhere.
struct Places {
    latest: [u32; PLACES],
}

impl Places {
    /// Notes that `at` is the latest place of the three bytes there, and gives the one before.
    fn remember(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let three = bytes.get(at..)?.first_chunk::<MATCH_MIN>()?;
        let [first, second, third] = three.map(u32::from);
        let hash = (first << 16 | second << 8 | third).wrapping_mul(0x9e37_79b1) >> 22;
        let place = self.latest.get_mut(hash as usize)?;
        let before = std::mem::replace(place, u32::try_from(at + 1).ok()?);
        (before as usize).checked_sub(1)
    }

    /// A match for what stands at `at`: its length, and how far back it is.
    fn find(&mut self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        let before = self.remember(bytes, at)?;
        let distance = at - before;
        let pairs = bytes.get(before..)?.iter().zip(bytes.get(at..)?);
        let length = pairs.take(MATCH_MAX).take_while(|(earlier, here)| earlier == here).count();
        (length >= MATCH_MIN && distance <= DISTANCE_MAX).then_some((length, distance))
    }
}

/// Bits in the order of RFC 1951: the first is the lowest of a byte.
struct BitWriter {
    out: Vec<u8>,
    bits: u64,
    count: u32,
}

impl BitWriter {
    /// Appends the lowest `count` (at most 16) bits of `value`.
    fn put(&mut self, value: u32, count: u32) {
        self.bits |= u64::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.bits.to_le_bytes()[0]);
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    /// Appends a Huffman code, whose highest bit comes first.
    fn put_code(&mut self, code: u32, count: u32) {
        self.put(code.reverse_bits() >> (32 - count), count);
    }

    /// Appends the fixed code of a literal, a length or the end.
    fn put_symbol(&mut self, symbol: u32) {
        match symbol {
            0..144 => self.put_code(0x30 + symbol, 8),
            144..256 => self.put_code(0x190 + symbol - 144, 9),
            256..280 => self.put_code(symbol - 256, 7),
            _ => self.put_code(0xc0 + symbol - 280, 8),
        }
    }

    /// Lengths come in groups of four for each number of extra bits; the longest has its own code.
    fn put_length(&mut self, length: usize) {
        if length == MATCH_MAX {
            return self.put_symbol(285);
        }
        let past = low_bits(length - MATCH_MIN);
        let extra = (past.max(1).ilog2()).saturating_sub(2);
        self.put_symbol(FIRST_LENGTH + 4 * extra + (past >> extra));
        self.put(past & ((1 << extra) - 1), extra);
    }

    /// Distances come in groups of two for each number of extra bits.
    fn put_distance(&mut self, distance: usize) {
        let past = low_bits(distance - 1);
        let extra = (past.max(1).ilog2()).saturating_sub(1);
        self.put_code(2 * extra + (past >> extra), 5);
        self.put(past & ((1 << extra) - 1), extra);
    }

    fn finish(mut self) -> Vec<u8> {
        self.put(0, (8 - self.count) % 8);
        self.out
    }
}

/// Lengths and distances are at most 32 768.
fn low_bits(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The checksum of RFC 1950.
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    /// So many bytes cannot overflow the sums.
    const STEP: usize = 5552;
    let (mut sum, mut sum_of_sums) = (1_u32, 0_u32);
    for chunk in bytes.chunks(STEP) {
        for &byte in chunk {
            sum += u32::from(byte);
            sum_of_sums += sum;
        }
        sum %= MODULUS;
        sum_of_sums %= MODULUS;
    }
    sum_of_sums << 16 | sum
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    fn inflate(zlib: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::read::ZlibDecoder::new(zlib).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn every_length_and_many_distances_are_written_right() {
        for length in 0..600 {
            let run = vec![b'a'; length];
            assert_eq!(inflate(&deflate(&run)), run, "{length}");
        }
        for gap in (0..33_000).step_by(499).chain(32_760..32_780) {
            let numbers = (0..gap).flat_map(|number: u32| number.to_be_bytes());
            let far = [&b"needle"[..], &numbers.collect::<Vec<_>>()[..gap as usize], b"needle"];
            let far = far.concat();
            assert_eq!(inflate(&deflate(&far)), far, "{gap}");
        }
    }

    #[test]
    fn the_checksum_is_adler32() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(&[]), 1);
    }

    #[test]
    fn all_literals_are_written_right() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(inflate(&deflate(&all)), all);
    }

    #[test]
    fn a_long_text_is_written_right() {
        let long: Vec<u8> =
            (0..50_000_u32).flat_map(|i| (i / 7).wrapping_mul(i).to_be_bytes()).collect();
        assert_eq!(inflate(&deflate(&long)), long);
    }

    proptest! {
        #[test]
        fn what_is_deflated_inflates_again(
            bytes in prop::collection::vec(any::<u8>(), 0..2000),
            few in prop::collection::vec(0..3_u8, 0..2000),
        ) {
            prop_assert_eq!(inflate(&deflate(&bytes)), bytes);
            prop_assert_eq!(inflate(&deflate(&few)), few);
        }
    }
}
