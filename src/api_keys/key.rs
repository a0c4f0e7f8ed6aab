//! A key: how it looks, how long it works, what has become of it.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;

use super::ApiScope;
use crate::clock::{UtcTime, Zone, days, hours};
use crate::ids::{AccountId, ApiKeyId, SdkAppId};
use crate::problem::Problem;
use crate::secret::{Secret, digest};

/// What every key begins with.
pub const PREFIX: &str = "swr_";
/// The characters of a key that may be shown in front.
const PREFIX_CHARS: usize = 8;
/// Keys of a workspace that work at once, but for those that the host makes.
pub const KEYS_MAX: i64 = 100;
/// The fewest and the most characters of a name.
pub const NAME_CHARS: (usize, usize) = (2, 32);
/// How many years ahead a key may end.
pub const YEARS_MAX: i64 = 5;
/// How long before its end a key is said to end soon.
const DUE: Duration = days(7);

crate::words! {
    /// When a new key ends.
    pub enum Lifetime {
        /// In 30 days.
        Month = "30",
        /// In 90 days.
        Quarter = "90",
        /// In 365 days.
        Year = "365",
        /// On a day that is given.
        Date = "date",
        /// Never.
        Never = "never",
    }
}

impl Lifetime {
    /// The last day of a key that is made today; `None` for one that does not end.
    ///
    /// # Errors
    /// What is wrong with the day that was given.
    pub fn last_day(self, given: &str, today: Date) -> Result<Option<Date>, Problem> {
        let count = match self {
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
            Self::Never => return Ok(None),
            Self::Date => return chosen(given, today).map(Some),
        };
        today.checked_add(i64::days(count)).map(Some).map_err(|_| Problem::NotADay)
    }
}

/// A day that somebody chose: after today, and not too far ahead.
fn chosen(given: &str, today: Date) -> Result<Date, Problem> {
    let given = given.trim();
    if given.is_empty() {
        return Err(Problem::Missing);
    }
    // Written as browsers send it, and in no other way.
    let day = given.parse::<Date>().ok().filter(|day| day.to_string() == given);
    let day = day.ok_or(Problem::NotADay)?;
    let last = today.checked_add(YEARS_MAX.years()).unwrap_or(Date::MAX);
    if day > today && day <= last { Ok(day) } else { Err(Problem::DayNotAhead) }
}

/// The moment at which a day is over in a zone. Whole days, so that the same form sent twice means the same.
#[must_use]
pub fn end_of(day: Date, zone: &Zone) -> Option<UtcTime> {
    zone.moment(day.tomorrow().ok()?.at(0, 0, 0, 0))
}

crate::words! {
    /// How long a key works on that another has taken the place of.
    pub enum Overlap {
        /// Not at all.
        None = "0",
        /// An hour.
        Hour = "1",
        /// A day.
        Day = "24",
    }
}

impl Overlap {
    /// As hours.
    #[must_use]
    pub const fn hours(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Hour => 1,
            Self::Day => 24,
        }
    }

    /// The one of so many hours.
    #[must_use]
    pub fn of_hours(count: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.hours() == count)
    }

    /// As a span.
    #[must_use]
    pub const fn span(self) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Hour => hours(1),
            Self::Day => hours(24),
        }
    }
}

/// A key that was just drawn, and what is kept of it.
pub struct Fresh {
    key: Secret,
    /// Its SHA-256.
    pub digest: String,
    /// Its first characters.
    pub prefix: String,
    /// Its last four characters.
    pub last_four: String,
}

impl Fresh {
    /// Makes a key of a random token.
    #[must_use]
    pub fn new(token: &str) -> Self {
        let key = Secret::new(format!("{PREFIX}{token}"));
        let text = key.expose();
        let tail = text.len().saturating_sub(4);
        let part = |part: Option<&str>| part.unwrap_or_default().to_owned();
        Self {
            digest: digest(text),
            prefix: part(text.get(..PREFIX_CHARS)),
            last_four: part(text.get(tail..)),
            key,
        }
    }

    /// The key itself, which is told once.
    #[must_use]
    pub const fn key(&self) -> &Secret {
        &self.key
    }
}

/// What a person wants of a new key.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// What it may do; at least one thing.
    pub scopes: Vec<ApiScope>,
    /// The one app it is limited to.
    pub app: Option<SdkAppId>,
    /// When it ends.
    pub expires_at: Option<UtcTime>,
}

/// How a key is rolled.
#[derive(Clone, Copy, Debug)]
pub struct Roll {
    /// How long the old one works on.
    pub overlap: Overlap,
    /// When the new one ends.
    pub expires_at: Option<UtcTime>,
}

/// Who made a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// The account.
    pub account: AccountId,
    /// Its name now.
    pub name: String,
}

/// A key as members see it.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// Its last four characters.
    pub last_four: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// The one app it is limited to.
    pub app: Option<SdkAppId>,
    /// That app's name; `None` for one that is deleted.
    pub app_name: Option<String>,
    /// Who made it; `None` for the host.
    pub made_by: Option<Maker>,
    /// When.
    pub created_at: UtcTime,
    /// The last use that was remembered.
    pub last_used_at: Option<UtcTime>,
    /// When it was revoked.
    pub revoked_at: Option<UtcTime>,
    /// When it ends.
    pub expires_at: Option<UtcTime>,
    /// The key that took its place.
    pub successor: Option<ApiKeyId>,
}

/// What has become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It works, for ever or until a moment that is not near.
    Active(Option<UtcTime>),
    /// It works until a moment that is near.
    Due(UtcTime),
    /// Another took its place; it works until a moment.
    Overlapping(UtcTime),
    /// Another took its place, and it has stopped working.
    Replaced(UtcTime),
    /// It has ended by itself.
    Expired(UtcTime),
    /// It was revoked.
    Revoked(UtcTime),
}

impl Key {
    /// What has become of it at a moment.
    #[must_use]
    pub fn standing(&self, now: UtcTime) -> Standing {
        match (self.revoked_at, self.expires_at, self.successor) {
            (Some(at), ..) => Standing::Revoked(at),
            (None, Some(at), Some(_)) if at <= now => Standing::Replaced(at),
            (None, Some(at), None) if at <= now => Standing::Expired(at),
            (None, Some(at), Some(_)) => Standing::Overlapping(at),
            (None, Some(at), None) if at <= now.plus(DUE) => Standing::Due(at),
            (None, at, _) => Standing::Active(at),
        }
    }

    /// Whether it works at a moment.
    #[must_use]
    pub fn works(&self, now: UtcTime) -> bool {
        let standing = self.standing(now);
        matches!(standing, Standing::Active(_) | Standing::Due(_) | Standing::Overlapping(_))
    }

    /// Whether another can take its place: it works, and none has yet.
    #[must_use]
    pub fn can_be_rolled(&self, now: UtcTime) -> bool {
        self.works(now) && self.successor.is_none()
    }

    /// Whether it can change something.
    #[must_use]
    pub fn writes(&self) -> bool {
        ApiScope::any_writes(&self.scopes)
    }

    /// Whether somebody made it themselves.
    #[must_use]
    pub fn is_made_by(&self, account: AccountId) -> bool {
        self.made_by.as_ref().is_some_and(|maker| maker.account == account)
    }

    /// When a key ends that takes its place now: after as many days as this one had.
    #[must_use]
    pub fn renewed(&self, now: UtcTime, zone: &Zone) -> Option<UtcTime> {
        let span = self.created_at.day(zone).until(self.expires_at?.day(zone)).ok()?;
        let day = now.day(zone).checked_add(span).ok()?;
        // At least until tomorrow.
        let first = now.day(zone).tomorrow().ok()?;
        zone.moment(day.max(first).at(0, 0, 0, 0))
    }

    /// First and last characters, as they are shown.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{}…{}", self.prefix, self.last_four)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 3, 2);

    fn key(created: i64, expires: Option<i64>) -> Key {
        Key {
            id: ApiKeyId(1),
            name: "ci".into(),
            prefix: "swr_abcd".into(),
            last_four: "wxyz".into(),
            scopes: vec![ApiScope::AppsRead],
            app: None,
            app_name: None,
            made_by: None,
            created_at: UtcTime::from_seconds(created),
            last_used_at: None,
            revoked_at: None,
            expires_at: expires.map(UtcTime::from_seconds),
            successor: None,
        }
    }

    #[test]
    fn a_lifetime_is_counted_in_whole_days() {
        let last = |lifetime: Lifetime, given| lifetime.last_day(given, TODAY);
        assert_eq!(last(Lifetime::Month, ""), Ok(Some(date(2026, 4, 1))));
        assert_eq!(last(Lifetime::Quarter, "x"), Ok(Some(date(2026, 5, 31))));
        assert_eq!(last(Lifetime::Year, ""), Ok(Some(date(2027, 3, 2))));
        assert_eq!(last(Lifetime::Never, "2026-03-04"), Ok(None));
        assert_eq!(last(Lifetime::Date, " 2026-03-03 "), Ok(Some(date(2026, 3, 3))));
        assert_eq!(last(Lifetime::Date, "2031-03-02"), Ok(Some(date(2031, 3, 2))));
        for (given, problem) in [
            ("", Problem::Missing),
            ("  ", Problem::Missing),
            ("2026-3-3", Problem::NotADay),
            ("2026-02-30", Problem::NotADay),
            ("2026-03-03T00:00", Problem::NotADay),
            ("2026-03-02", Problem::DayNotAhead),
            ("2020-01-01", Problem::DayNotAhead),
            ("2031-03-03", Problem::DayNotAhead),
            ("-009999-01-01", Problem::DayNotAhead),
        ] {
            assert_eq!(last(Lifetime::Date, given), Err(problem), "{given:?}");
        }
        assert_eq!(Lifetime::Year.last_day("", Date::MAX), Err(Problem::NotADay));
    }

    #[test]
    fn a_day_ends_at_midnight_of_its_zone() {
        let shanghai = Zone::named("Asia/Shanghai").expect("a zone");
        let end = end_of(TODAY, &shanghai).expect("a moment");
        assert_eq!(end.to_string(), "2026-03-02T16:00:00Z");
        assert_eq!(end_of(Date::MAX, &shanghai), None);
    }

    #[test]
    fn a_renewed_key_has_as_many_days_as_the_old_one_had() {
        let zone = Zone::utc();
        let at = |day: Date| end_of(day, &zone).expect("a moment").seconds();
        let old = key(at(TODAY) - 3_600, Some(at(date(2026, 4, 1))));
        let now = UtcTime::from_seconds(at(date(2026, 3, 20)) + 60);
        let end = old.renewed(now, &zone).expect("an end");
        // Made on 2 March, it ended with 1 April; made on 21 March, with 20 April.
        assert_eq!(end.to_string(), "2026-04-21T00:00:00Z");
        assert_eq!(key(0, None).renewed(now, &zone), None);
        let short = key(at(TODAY), Some(at(TODAY) + 60));
        assert_eq!(short.renewed(now, &zone).expect("an end").to_string(), "2026-03-22T00:00:00Z");
    }

    #[test]
    fn what_has_become_of_a_key_follows_from_its_moments() {
        let now = UtcTime::from_seconds(1_000_000);
        let at = UtcTime::from_seconds;
        let far = 1_000_000 + 8 * 86_400;
        let plain = |expires| key(0, expires).standing(now);
        assert_eq!(plain(None), Standing::Active(None));
        assert_eq!(plain(Some(far)), Standing::Active(Some(at(far))));
        assert_eq!(plain(Some(1_000_001)), Standing::Due(at(1_000_001)));
        assert_eq!(plain(Some(1_000_000)), Standing::Expired(at(1_000_000)));
        let rolled = |expires| Key { successor: Some(ApiKeyId(2)), ..key(0, Some(expires)) };
        assert_eq!(rolled(1_000_001).standing(now), Standing::Overlapping(at(1_000_001)));
        assert_eq!(rolled(999_999).standing(now), Standing::Replaced(at(999_999)));
        let revoked = Key { revoked_at: Some(at(5)), ..rolled(far) };
        assert_eq!(revoked.standing(now), Standing::Revoked(at(5)));
        assert!(rolled(far).works(now) && !rolled(far).can_be_rolled(now));
        assert!(key(0, None).can_be_rolled(now) && !revoked.works(now));
    }

    #[test]
    fn of_a_key_only_its_ends_are_kept() {
        let fresh = Fresh::new("abcdefghijklmnop");
        assert_eq!((&*fresh.prefix, &*fresh.last_four), ("swr_abcd", "mnop"));
        assert_eq!(fresh.key().expose(), "swr_abcdefghijklmnop");
        assert_eq!(fresh.digest, digest("swr_abcdefghijklmnop"));
    }
}
