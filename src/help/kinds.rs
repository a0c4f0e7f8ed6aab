//! The kinds of events as developers read about them. What is taken is decided by [`crate::events`]; a test sends what
//! this table says.

use crate::i18n::Texts;

/// A kind of event.
pub struct Kind {
    /// Its `type`.
    pub word: &'static str,
    /// Its fields beside `type` and `at`, those that may be left out with a question mark.
    pub fields: &'static [&'static str],
    /// When it is sent.
    pub when: fn(Texts) -> &'static str,
}

const fn kind(
    word: &'static str,
    fields: &'static [&'static str],
    when: fn(Texts) -> &'static str,
) -> Kind {
    Kind { word, fields, when }
}

/// All of them.
pub const KINDS: [Kind; 13] = [
    kind("user.registered", &["user"], Texts::help_user_registered),
    kind("user.login", &["user", "platform?"], Texts::help_user_login),
    kind("online.sampled", &["source", "count"], Texts::help_online_sampled),
    kind(
        "message.sent",
        &["user", "scope", "group?", "count?", "deliveries?", "apns?"],
        Texts::help_message_sent,
    ),
    kind("group.created", &["group"], Texts::help_group_created),
    kind("group.destroyed", &["group"], Texts::help_group_destroyed),
    kind("group.joined", &["group", "user"], Texts::help_group_joined),
    kind("group.quit", &["group", "user"], Texts::help_group_quit),
    kind("friend.added", &["user", "peer"], Texts::help_friend_added),
    kind("friend.removed", &["user", "peer"], Texts::help_friend_removed),
    kind("room.joined", &["room", "user", "stay"], Texts::help_room_joined),
    kind("room.left", &["room", "user", "stay"], Texts::help_room_left),
    kind("room.usage", &["room", "user", "seconds", "pixels", "service?"], Texts::help_room_usage),
];
