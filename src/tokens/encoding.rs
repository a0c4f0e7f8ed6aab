//! The wrapping of tokens: base64 in two alphabets, and reading zlib.
//!
//! Reading is strict, because every spelling that is accepted is a spelling that somebody may use
//! to slip past a list of revoked tokens, and bounded, because a token comes from strangers: the
//! official npm package inflates a 100 MB bomb and calls it parsed.

use std::cell::RefCell;

use base64::{
    Engine as _,
    alphabet::{Alphabet, Symbol},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use flate2::{Decompress, FlushDecompress, Status};

use super::refusal::Flaw;

/// Longest token that is looked at, in bytes. Real ones have a few hundred.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Most that the inside of a token may inflate to, in bytes.
pub const INFLATED_BYTES_MAX: usize = 64 * 1024;

/// What is reserved for an inflated token at first; most fit.
const INFLATED_BYTES_USUAL: usize = 512;

/// Tencent's base64 (called `B64T` here): `*` for `+`, `-` for `/`, `_` for padding. It is not
/// base64url, where `-` and `_` mean other digits.
static B64T: GeneralPurpose = GeneralPurpose::new(&B64T_ALPHABET, STRICT);

const STRICT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(true)
    .with_decode_allow_trailing_bits(false)
    .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);

const B64T_ALPHABET: Alphabet = {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-";
    let Some(padding) = Symbol::new(b'_') else {
        panic!("an underscore is printable");
    };
    let Ok(alphabet) = Alphabet::new_with_padding(DIGITS, padding) else {
        panic!("64 different digits");
    };
    alphabet
};

/// Encodes with the standard alphabet, padded.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Appends the standard base64 of `bytes` to `out`.
pub(super) fn append_base64(out: &mut String, bytes: &[u8]) {
    STANDARD.encode_string(bytes, out);
}

/// Decodes the standard alphabet: exact characters, canonical padding, no stray bits.
pub(super) fn from_base64(text: &str) -> Result<Vec<u8>, Flaw> {
    STANDARD.decode(text).map_err(|_| Flaw::Base64)
}

/// Encodes in Tencent's alphabet.
pub(super) fn to_b64t(bytes: &[u8]) -> String {
    B64T.encode(bytes)
}

/// Decodes Tencent's alphabet, as strictly as [`from_base64`].
pub(super) fn from_b64t(text: &str) -> Result<Vec<u8>, Flaw> {
    B64T.decode(text).map_err(|_| Flaw::Base64)
}

/// Refuses a token that is empty or longer than [`TOKEN_BYTES_MAX`].
pub(super) const fn check_length(token: &str) -> Result<(), Flaw> {
    if token.is_empty() {
        return Err(Flaw::Empty);
    }
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Flaw::TooLong);
    }
    Ok(())
}

thread_local! {
    /// Kept for the next token: making it anew costs more than inflating one.
    static INFLATE: RefCell<Decompress> = RefCell::new(Decompress::new(true));
}

/// Inflates one zlib stream that must fill `bytes` exactly.
///
/// # Errors
/// `Compression` for a broken or unfinished stream, `Inflated` when more than
/// [`INFLATED_BYTES_MAX`] come out (no more than that is ever held), `AfterCompression` when
/// bytes follow the stream.
pub(super) fn inflate(bytes: &[u8]) -> Result<Vec<u8>, Flaw> {
    INFLATE.with_borrow_mut(|decompress| {
        decompress.reset(true);
        let mut out = Vec::with_capacity(INFLATED_BYTES_USUAL);
        loop {
            let read = usize::try_from(decompress.total_in()).map_err(|_| Flaw::Compression)?;
            let rest = bytes.get(read..).ok_or(Flaw::Compression)?;
            let written = out.len();
            let status = decompress
                .decompress_vec(rest, &mut out, FlushDecompress::None)
                .map_err(|_| Flaw::Compression)?;
            if out.len() > INFLATED_BYTES_MAX {
                return Err(Flaw::Inflated);
            }
            if status == Status::StreamEnd {
                let is_whole = usize::try_from(decompress.total_in()) == Ok(bytes.len());
                return if is_whole { Ok(out) } else { Err(Flaw::AfterCompression) };
            }
            if out.len() == out.capacity() {
                // One byte more than allowed is room enough to notice.
                let room = (INFLATED_BYTES_MAX + 1 - out.len()).min(out.len());
                out.reserve_exact(room);
            } else if out.len() == written {
                return Err(Flaw::Compression);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{super::deflate::deflate, *};

    /// A zlib stream of `count` zero bytes.
    fn bomb(count: usize) -> Vec<u8> {
        use std::io::Write as _;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        let zeros = vec![0_u8; 1 << 20];
        for _ in 0..count >> 20 {
            encoder.write_all(&zeros).unwrap();
        }
        encoder.write_all(&zeros[..count & ((1 << 20) - 1)]).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn tencents_alphabet_is_its_own() {
        let bytes = [0xfb, 0xef, 0xbe, 0xff, 0xff];
        assert_eq!(to_base64(&bytes), "++++//8=");
        assert_eq!(to_b64t(&bytes), "****--8_");
        assert_eq!(from_b64t("****--8_"), Ok(bytes.to_vec()));
        for other in ["++++//8=", "----__8=", "****--8=", "****--8", "****--9_", "****--8_ "] {
            assert_eq!(from_b64t(other), Err(Flaw::Base64), "{other}");
        }
    }

    #[test]
    fn base64_is_read_in_one_spelling_only() {
        assert_eq!(from_base64("AAE="), Ok(vec![0, 1]));
        for other in ["AAE", "AAE==", "AAF=", "AA E=", "AAE=\n", "A", "=AAE", "AA-_"] {
            assert_eq!(from_base64(other), Err(Flaw::Base64), "{other:?}");
        }
    }

    #[test]
    fn what_is_deflated_inflates_again() {
        for count in [0, 1, 31, 512, 513, 4096, INFLATED_BYTES_MAX] {
            let noise: Vec<u8> =
                (0..count).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
            let small = deflate(&noise);
            assert_eq!(inflate(&small), Ok(noise), "{count}");
        }
    }

    #[test]
    fn one_byte_too_many_is_too_much() {
        assert!(inflate(&bomb(INFLATED_BYTES_MAX)).is_ok());
        assert_eq!(inflate(&bomb(INFLATED_BYTES_MAX + 1)), Err(Flaw::Inflated));
    }

    #[test]
    fn a_bomb_is_refused_cheaply() {
        let bomb = bomb(100 << 20);
        assert_eq!(inflate(&bomb), Err(Flaw::Inflated));
        INFLATE.with_borrow(|decompress| {
            assert!(decompress.total_out() <= INFLATED_BYTES_MAX as u64 + 1);
        });
    }

    #[test]
    fn a_stream_must_be_whole_and_alone() {
        let whole = deflate(b"some text, some text, some text");
        assert_eq!(inflate(&[&whole[..], b"x"].concat()), Err(Flaw::AfterCompression));
        for cut in 0..whole.len() {
            assert_eq!(inflate(&whole[..cut]), Err(Flaw::Compression), "cut at {cut}");
        }
        let mut wrong_checksum = whole.clone();
        *wrong_checksum.last_mut().unwrap() ^= 1;
        assert_eq!(inflate(&wrong_checksum), Err(Flaw::Compression));
    }

    #[test]
    fn an_earlier_refusal_leaves_nothing_behind() {
        let whole = deflate(b"text");
        for bad in [&whole[..3], b"junk", &bomb(100_000)] {
            assert!(inflate(bad).is_err());
            assert_eq!(inflate(&whole), Ok(b"text".to_vec()));
        }
    }
}
