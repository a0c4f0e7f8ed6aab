//! Postings of the ledger.

use std::time::Duration;

use jiff::civil::Date;

use super::Hundredths;
use crate::clock::days;
use crate::ids::{PackageId, SdkAppId};

/// How long after a package's end what is left of it expires. The last day that it pays for ends at most 25 hours after it
/// and is settled 24 hours later; a day more is for work that was held up.
pub const LAPSE_AFTER: Duration = days(3);

crate::words! {
    /// Why something was posted.
    pub enum PostingKind {
        /// What was left of a package when the ledger began.
        Opening = "opening",
        /// A package was added.
        Grant = "grant",
        /// A day of an app was settled.
        Usage = "usage",
        /// The figure of a day changed after that.
        Adjustment = "adjustment",
        /// What was left of a package after its end.
        Expiry = "expiry",
    }
}

/// The day of an app that a posting settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfDay {
    /// The app.
    pub app: SdkAppId,
    /// The day, in the app's statistics zone.
    pub day: Date,
    /// Counts the day's postings, from 1.
    pub part: i64,
    /// What has been posted of the day with this.
    pub settled: Hundredths,
}

/// Something that was added to minutes or taken from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Why.
    pub kind: PostingKind,
    /// How many minutes; fewer than none were taken.
    pub amount: Hundredths,
    /// The package; `None` for what no package covered.
    pub package: Option<PackageId>,
    /// The day of an app, for usage.
    pub of: Option<OfDay>,
}
