//! Tiers of metered time, and what each takes from the packages. Source: the vendor's billing rules.

crate::words! {
    /// What time was metered for.
    pub enum Service {
        /// Audio and video in rooms.
        Rtc = "rtc",
        /// Cloud recording.
        Recording = "recording",
        /// Relayed streams.
        Relay = "relay",
        /// Mini programs.
        MiniProgram = "mini_program",
    }
}

crate::words! {
    /// How much video a user subscribed to, by the pixels of all streams together.
    pub enum Tier {
        /// No video.
        Audio = "audio",
        /// Up to 1280 × 720.
        Hd = "hd",
        /// Up to 1920 × 1080.
        FullHd = "full_hd",
        /// Up to 2560 × 1440.
        TwoK = "2k",
        /// More.
        TwoKPlus = "2k_plus",
    }
}

impl Tier {
    /// The tier of an aggregate resolution in pixels.
    #[must_use]
    pub const fn of(pixels: i64) -> Self {
        match pixels {
            ..=0 => Self::Audio,
            1..=921_600 => Self::Hd,
            921_601..=2_073_600 => Self::FullHd,
            2_073_601..=3_686_400 => Self::TwoK,
            _ => Self::TwoKPlus,
        }
    }
}

impl Service {
    /// Hundredths of a package minute that a minute takes.
    #[must_use]
    pub const fn ratio(self, tier: Tier) -> i64 {
        match (self, tier) {
            (Self::Rtc | Self::Relay, Tier::Audio) => 100,
            (Self::Rtc, Tier::Hd) => 400,
            (Self::Rtc, Tier::FullHd) => 900,
            (Self::Rtc, Tier::TwoK) => 1_600,
            (Self::Rtc, Tier::TwoKPlus) => 3_600,
            (Self::Relay, Tier::Hd) => 600,
            (Self::Relay, Tier::FullHd) => 1_350,
            (Self::Relay, Tier::TwoK) => 1_500,
            (Self::Relay, Tier::TwoKPlus) => 3_375,
            (Self::Recording, Tier::Audio) => 110,
            (Self::Recording, Tier::Hd) => 440,
            (Self::Recording, Tier::FullHd) => 990,
            (Self::Recording, Tier::TwoK) => 1_760,
            (Self::Recording, Tier::TwoKPlus) => 3_960,
            (Self::MiniProgram, Tier::Audio) => 130,
            // One tier of video.
            (Self::MiniProgram, _) => 390,
        }
    }
}

/// Whole minutes that seconds are metered as: one that has begun is one.
#[must_use]
pub const fn minutes(seconds: i64) -> i64 {
    seconds / 60 + (seconds % 60 > 0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_fall_into_tiers_at_their_edges() {
        for (pixels, tier) in [
            (0, Tier::Audio),
            (1, Tier::Hd),
            (921_600, Tier::Hd),
            (921_601, Tier::FullHd),
            (2_073_600, Tier::FullHd),
            (2_073_601, Tier::TwoK),
            (3_686_400, Tier::TwoK),
            (3_686_401, Tier::TwoKPlus),
            (1_000_000_000, Tier::TwoKPlus),
        ] {
            assert_eq!(Tier::of(pixels), tier, "{pixels}");
        }
    }

    #[test]
    fn the_examples_of_the_billing_rules_come_out() {
        let package = |service: Service, pixels, minutes| service.ratio(Tier::of(pixels)) * minutes;
        assert_eq!(package(Service::Rtc, 2 * 960 * 720, 50), 45_000);
        assert_eq!(package(Service::Rtc, 3 * 1_280 * 720, 20), 32_000);
        assert_eq!(package(Service::Recording, 3 * 360 * 640, 30), 13_200);
        assert_eq!(package(Service::Relay, 3 * 360 * 640, 30), 18_000);
    }

    #[test]
    fn a_minute_that_has_begun_is_a_minute() {
        for (seconds, expected) in [(0, 0), (1, 1), (59, 1), (60, 1), (61, 2), (3_600, 60)] {
            assert_eq!(minutes(seconds), expected, "{seconds}");
        }
    }
}
