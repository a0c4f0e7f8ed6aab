//! What can be wrong with a value that a person or a program sent: a value itself, shown beside
//! its field. The wordings are in [`crate::i18n`].

use crate::accounts::Inactive;

/// One thing that the sender can mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was given.
    Missing,
    /// Fewer characters than `min`.
    TooShort {
        /// The fewest characters.
        min: usize,
    },
    /// More characters than `max`.
    TooLong {
        /// The most characters.
        max: usize,
    },
    /// More bytes of UTF-8 than `max`.
    TooManyBytes {
        /// The most bytes.
        max: usize,
    },
    /// Control characters, NUL among them.
    ControlCharacters,
    /// The recovery code was used before.
    UsedRecoveryCode,
    /// Not the shape of a recovery code.
    NotARecoveryCode,
    /// Not two digits.
    NotANumberFromScreen,
    /// Not the two digits of the first screen.
    WrongNumber {
        /// Tries that are left.
        left: i64,
    },
    /// Not the shape of an e-mail address.
    NotAnEmail,
    /// Not one of the choices.
    UnknownChoice,
    /// Not a whole number within the bounds.
    NotInRange {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// Another app of the workspace has this name.
    NameTaken,
    /// Another account has this address.
    EmailTaken,
    /// An address with letters that look like others.
    LookalikeEmail,
    /// The address that the person has already.
    OwnEmail,
    /// No other mail can be asked for for so many minutes.
    MailsFull {
        /// Minutes.
        minutes: i64,
    },
    /// Letters, digits, hyphen and underscore only.
    NotAUserId,
    /// A UserID of digits only.
    AllDigits,
    /// A character that channel names cannot have.
    NotAChannelName,
    /// A room that is neither a number from 1 to 4294967295 nor printable ASCII.
    NotARoom,
    /// No service was chosen.
    NoService,
    /// The workspace has as many apps with RTC as it may.
    RtcQuota {
        /// The most.
        max: i64,
    },
    /// The workspace has as many apps with IM as it may.
    ImQuota {
        /// The most.
        max: i64,
    },
    /// No minutes are left, which an app with RTC needs.
    NoMinutes,
    /// More tags than an app may have.
    TooManyTags {
        /// The most.
        max: usize,
    },
    /// A tag that is not `key=value`.
    NotATag,
    /// One tag key twice.
    TagTwice,
    /// The same form was sent before, and made something else.
    SentBefore,
    /// Somebody else saved in between.
    ChangedMeanwhile,
    /// The password given is not the current one.
    WrongPassword,
    /// A new password that is guessed soon, or the old one.
    GuessablePassword,
    /// A new password made of its owner's name or address.
    PersonalPassword,
    /// The two passwords differ.
    PasswordsDiffer,
    /// E-mail and password do not belong together.
    WrongCredentials,
    /// Nobody can sign in to the account.
    Inactive(Inactive),
    /// The password is the one that the account has.
    SamePassword,
    /// None of the choices was made.
    NothingChosen,
    /// Not one of the account's recovery codes.
    WrongRecoveryCode {
        /// Tries that are left.
        left: i64,
    },
    /// What was typed is not the name of what is to be deleted.
    OtherName,
    /// An app that is enabled, which must be disabled before it is deleted.
    NotDisabled,
    /// An app of a paid plan, which members do not delete.
    PaidFor,
    /// An app that somebody else than a member has disabled.
    NotYoursToEnable,
    /// Something about a telephone number.
    Phone(PhoneProblem),
    /// Not six digits.
    NotACode,
    /// Not the right code.
    WrongCode {
        /// Tries that are left.
        left: i64,
    },
    /// Not a code of the authenticator that is being set up.
    NotItsCode,
    /// A code that was right and has been used.
    UsedCode,
    /// A code that was sent too long ago.
    ExpiredCode,
    /// No code was sent that could be right.
    NoCodeSent,
    /// No code is looked at for so many minutes.
    CodesOnHold {
        /// Minutes.
        minutes: i64,
    },
    /// No code is looked at until somebody else lifts it.
    CodesStopped,
    /// No other code can be sent for so many seconds.
    SendPause {
        /// Seconds.
        seconds: i64,
    },
    /// No other code can be sent for so many minutes.
    SendsFull {
        /// Minutes.
        minutes: i64,
    },
    /// Something about a passkey.
    Passkey(PasskeyProblem),
    /// Something about members, invitations or settings.
    Team(TeamProblem),
    /// A key or certificate of the wrong shape.
    NotAKey,
    /// An App ID of the wrong shape.
    NotAnAppId,
    /// A token of this kind is for a channel and a user, which are missing.
    NeedsChannelAndUser,
    /// Not a day of the calendar.
    NotADay,
    /// Days that cannot be shown, or not be counted so.
    Days(DaysProblem),
    /// No permission was chosen for an API key.
    NoScope,
    /// The workspace has as many API keys that work as it may.
    TooManyKeys {
        /// The most.
        max: i64,
    },
    /// The same, and the old key is to work on beside the new one.
    NoRoomToOverlap {
        /// The most.
        max: i64,
    },
    /// A day that is over, or too far ahead.
    DayNotAhead,
}

/// One thing about a telephone number that the sender can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneProblem {
    /// Not a telephone number.
    NotOne,
    /// One without its country.
    NoCountryCode,
    /// One that gets no text messages.
    NotAMobile,
    /// The one that counts already.
    Same,
    /// One of a country that text messages do not go to.
    CountryNotServed,
    /// As many text messages were sent today as may be.
    NoMoreSms,
}

/// One thing about members, invitations or a workspace's settings that the sender can mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TeamProblem {
    /// Not exactly one tag.
    NotOneTag,
    /// No app was chosen where some must be.
    NoAppChosen,
    /// More apps than one member may be limited to.
    TooManyApps {
        /// The most.
        max: usize,
    },
    /// A member or a role beyond what one's own role manages.
    NotYoursToManage,
    /// The workspace would have no owner.
    LastOwner,
    /// Somebody who is a member already.
    AlreadyMember,
    /// Somebody who has an open invitation.
    AlreadyInvited,
    /// The workspace has as many members as it may.
    TooManyMembers {
        /// The most.
        max: i64,
    },
    /// The workspace has as many open invitations as it may.
    TooManyInvitations {
        /// The most.
        max: i64,
    },
    /// The invitation was sent a moment ago.
    InvitationPause {
        /// Seconds until it can be sent again.
        seconds: i64,
    },
    /// The invitation, or invitations to this address, were sent as often as they may be.
    InvitationsFull,
    /// The box that says that one is sure was not ticked.
    NotSure,
    /// Whoever chooses the strictest policy could not meet it.
    OwnFactorTooYoung,
    /// What was sent is what there is.
    NothingToChange,
    /// Somebody else saved the same form in between.
    SavedMeanwhile,
}

/// One thing about days that the sender can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaysProblem {
    /// The last day comes before the first.
    Reversed,
    /// A day that has not begun.
    InFuture,
    /// More days than are shown at once.
    TooMany {
        /// The most.
        most: i64,
    },
    /// The zone of an app whose days are counted already.
    ZoneFixed,
}

/// One thing about a passkey that the sender can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyProblem {
    /// The browser answered nothing: it runs no script, or has no passkeys.
    NoAnswer,
    /// The answer is not right.
    NotAccepted,
    /// The page that asked was too old, or its passkey was used meanwhile.
    TooLate,
    /// Somebody has added it already.
    KnownAlready,
    /// The account has as many as it may.
    TooMany {
        /// The most.
        max: usize,
    },
}

impl From<PasskeyProblem> for Problem {
    fn from(problem: PasskeyProblem) -> Self {
        Self::Passkey(problem)
    }
}

impl From<TeamProblem> for Problem {
    fn from(problem: TeamProblem) -> Self {
        Self::Team(problem)
    }
}

/// Whether a character controls the text around it: the control characters, and those that turn its direction
/// (Unicode's bidirectional embeddings, overrides and isolates), by which one name looks like another.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text has control characters, which no single-line value of ours may have.
#[must_use]
pub fn has_control(text: &str) -> bool {
    text.chars().any(is_control)
}

/// The most characters of a person's or a workspace's name.
pub const NAME_CHARS_MAX: usize = 64;

/// A single line between `min` and `max` characters, trimmed.
///
/// # Errors
/// The first problem found.
pub fn line(text: &str, min: usize, max: usize) -> Result<String, Problem> {
    let text = text.trim();
    let length = text.chars().count();
    if text.is_empty() && min > 0 {
        Err(Problem::Missing)
    } else if has_control(text) {
        Err(Problem::ControlCharacters)
    } else if length < min {
        Err(Problem::TooShort { min })
    } else if length > max {
        Err(Problem::TooLong { max })
    } else {
        Ok(text.to_owned())
    }
}

/// Several lines of at most `max` characters; line breaks become `\n`.
///
/// # Errors
/// The first problem found.
pub fn lines(text: &str, max: usize) -> Result<String, Problem> {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().any(|c| is_control(c) && c != '\n' && c != '\t') {
        Err(Problem::ControlCharacters)
    } else if text.chars().count() > max {
        Err(Problem::TooLong { max })
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_turns_the_direction_of_its_text() {
        for turned in ["\u{202e}gnp", "a\u{2066}b", "a\u{202a}b\u{202c}"] {
            assert_eq!(line(turned, 1, 64), Err(Problem::ControlCharacters), "{turned:?}");
            assert_eq!(lines(turned, 64), Err(Problem::ControlCharacters), "{turned:?}");
        }
        // People write from right to left, and mark where that is not clear.
        for name in ["\u{5d3}\u{5df}", "\u{200f}\u{627}\u{628}", "a\u{200d}b"] {
            assert_eq!(line(name, 1, 64).as_deref(), Ok(name));
        }
    }
}
