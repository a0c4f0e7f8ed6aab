//! Codes by the clock (RFC 6238): SHA-1, six digits, steps of 30 seconds, as all authenticator apps do them.

use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Totp};

use crate::clock::UtcTime;
use crate::random::Random;
use crate::secret::Secret;
use crate::step_up::Code;

/// Bytes of a seed: as many as its hash has, as RFC 4226 §4 recommends.
const SEED_BYTES: usize = 20;
/// Who issues the codes, as the apps show it.
const ISSUER: &str = "Switchroom";
/// Steps before and after now that are accepted (RFC 6238 §5.2 recommends one): phones' clocks are off, and
/// people type while a step ends.
const SKEW: u16 = 1;

/// A new seed, in base32.
#[must_use]
pub fn seed(random: &Random) -> Secret {
    let bytes: [u8; SEED_BYTES] = random.bytes();
    Secret::new(totp_rs::Secret::from(bytes).to_base32())
}

/// `None` for what is no seed of ours.
fn generator(seed: &Secret, account: &str) -> Option<Totp> {
    let secret = totp_rs::Secret::try_from_base32(seed.expose()).ok()?;
    Builder::new()
        .with_secret(secret)
        .with_skew(SKEW)
        .with_issuer(Some(ISSUER))
        // The separator of the two in the address.
        .with_account_name(account.replace(':', " "))
        .build()
        .ok()
}

/// The step that a code belongs to, if it is one of the present ones.
#[must_use]
pub fn step_of(seed: &Secret, code: &Code, now: UtcTime) -> Option<i64> {
    let time = u64::try_from(now.seconds()).ok()?;
    let step = generator(seed, "")?.check(code.digits().expose(), time)?;
    i64::try_from(step).ok()
}

/// The code of a moment, for tests and for whoever checks an implementation.
#[must_use]
pub fn code_at(seed: &Secret, at: UtcTime) -> Option<String> {
    let time = u64::try_from(at.seconds()).ok()?;
    Some(generator(seed, "")?.generate(time).to_string())
}

/// The address that authenticator apps read from a QR code.
#[must_use]
pub fn address(seed: &Secret, account: &str) -> Option<Secret> {
    generator(seed, account)?.to_url().ok().map(Secret::new)
}

/// A text key in groups of four, as it is typed into an app.
#[must_use]
pub fn grouped(seed: &Secret) -> Secret {
    let digits: Vec<char> = seed.expose().chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    Secret::new(groups.join(" "))
}

/// A QR code as the path of an SVG, with the quiet zone of four modules that the standard asks for.
pub struct Qr {
    /// Modules along a side, quiet zone included.
    pub side: i32,
    /// The dark modules: runs along each row.
    pub path: Secret,
}

impl Qr {
    const QUIET: i32 = 4;

    /// The code of a text; `None` when it does not fit into one.
    #[must_use]
    pub fn of(text: &Secret) -> Option<Self> {
        use std::fmt::Write as _;
        let code = QrCode::encode_text(text.expose(), QrCodeEcc::Medium).ok()?;
        let size = code.size();
        let mut path = String::new();
        for y in 0..size {
            let mut x = 0;
            while x < size {
                let run = (x..size).take_while(|at| code.get_module(*at, y)).count();
                let run = i32::try_from(run).unwrap_or_default();
                if run > 0 {
                    let _ =
                        write!(path, "M{} {}h{run}v1h-{run}z", x + Self::QUIET, y + Self::QUIET);
                }
                x += run.max(1);
            }
        }
        Some(Self { side: size + 2 * Self::QUIET, path: Secret::new(path) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238, appendix B: `12345678901234567890`.
    fn rfc() -> Secret {
        Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into())
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // Its vectors have eight digits; six are their ends.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = UtcTime::from_seconds(seconds);
            assert_eq!(code_at(&rfc(), at).as_deref(), Some(code), "{seconds}");
            let code = Code::parse(code).unwrap();
            assert_eq!(step_of(&rfc(), &code, at), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_the_two_beside_it() {
        let at = UtcTime::from_seconds(1_111_111_110);
        let code = Code::parse(&code_at(&rfc(), at).unwrap()).unwrap();
        for (seconds, is_good) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
            let now = UtcTime::from_seconds(at.seconds() + seconds);
            assert_eq!(step_of(&rfc(), &code, now).is_some(), is_good, "{seconds}");
        }
        assert_eq!(step_of(&rfc(), &code, UtcTime(-1)), None);
        assert_eq!(step_of(&Secret::new("not base32!".into()), &code, at), None);
    }

    #[test]
    fn a_seed_is_160_bits_and_its_address_names_who_and_where() {
        let seed = seed(&Random::seeded(1));
        assert_eq!(seed.expose().len(), 32);
        assert_eq!(grouped(&seed).expose().len(), 39);
        let address = address(&seed, "li:chen@example.com").unwrap();
        assert!(address.expose().starts_with("otpauth://totp/Switchroom:li%20chen%40example.com?"));
        assert!(address.expose().contains(&format!("secret={}", seed.expose())));
        assert!(address.expose().contains("issuer=Switchroom"));
    }

    #[test]
    fn a_qr_code_is_drawn_from_its_dark_modules() {
        let qr = Qr::of(&Secret::new("otpauth://totp/x?secret=A".into())).unwrap();
        let code = QrCode::encode_text("otpauth://totp/x?secret=A", QrCodeEcc::Medium).unwrap();
        assert_eq!(qr.side, code.size() + 8);
        let dark = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|(x, y)| code.get_module(*x, *y))
            .count();
        let drawn: usize = qr
            .path
            .expose()
            .split('M')
            .skip(1)
            .map(|run| run.split(['h', 'v']).nth(1).unwrap().parse::<usize>().unwrap())
            .sum();
        assert_eq!(drawn, dark);
        assert!(Qr::of(&Secret::new("x".repeat(5_000))).is_none());
    }
}
