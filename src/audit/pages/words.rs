//! Events in words. A word that this version does not know, because a newer one wrote it, is shown as it is.

use crate::apps::{AppType, Scenario, Service};
use crate::audit::store::Row;
use crate::audit::{Act, ActorKind, Outcome, Reason, TargetKind};
use crate::i18n::{Language, Texts};
use crate::step_up::Method;

/// The name of an act.
pub(super) fn act(word: &str, t: Texts) -> &str {
    Act::parse(word).map_or(word, |act| act.name(t))
}

/// The name of an outcome.
pub(super) fn outcome(word: &str, t: Texts) -> &str {
    Outcome::parse(word).map_or(word, |outcome| outcome.name(t))
}

/// The shape that shows an outcome (see `components/state.html`).
pub(super) fn outcome_state(word: &str) -> &'static str {
    match Outcome::parse(word) {
        Some(Outcome::Done) => "on",
        Some(Outcome::Denied) => "over",
        Some(Outcome::Requested) => "due",
        Some(Outcome::Cancelled | Outcome::Expired) | None => "off",
    }
}

/// Why something was refused; nothing when it was not.
pub(super) fn reason(word: &str, t: Texts) -> &str {
    Reason::parse(word).map_or(word, |reason| reason.name(t))
}

/// How the person proved who they are; nothing when nobody asked.
pub(super) fn method(word: &str, t: Texts) -> &str {
    Method::parse(word).map_or(word, |method| method.name(t))
}

/// What kind of actor.
pub(super) fn actor_kind(word: &str, t: Texts) -> &str {
    ActorKind::parse(word).map_or(word, |kind| kind.name(t))
}

/// What kind of thing.
pub(super) fn target_kind(word: &str, t: Texts) -> &str {
    TargetKind::parse(word).map_or(word, |kind| kind.name(t))
}

/// The actor's name, and what stands below it.
pub(super) fn who(row: &Row, t: Texts) -> (String, String) {
    let kind = || actor_kind(&row.actor_kind, t).to_owned();
    match ActorKind::parse(&row.actor_kind) {
        Some(ActorKind::Person) if row.actor_name.is_empty() => {
            (t.audit_stranger().to_owned(), row.actor_email.clone())
        }
        Some(ActorKind::Person) => (row.actor_name.clone(), row.actor_email.clone()),
        Some(ActorKind::Key) | None => (row.actor_name.clone(), kind()),
        Some(ActorKind::Host | ActorKind::System) => (kind(), String::new()),
    }
}

/// What explains an outcome: why it was refused, or how the person proved who they are.
pub(super) fn note(row: &Row, t: Texts) -> String {
    match (reason(&row.reason, t), method(&row.method, t)) {
        ("", "") => String::new(),
        ("", method) => t.audit_by_method(method),
        (reason, _) => reason.to_owned(),
    }
}

/// The name of a field of something that changes; an unknown one as it is.
pub(super) fn field<'w>(word: &'w str, target_kind: &str, t: Texts) -> &'w str {
    match word {
        "name" if target_kind == TargetKind::Account.as_str() => t.name(),
        "address" => t.audit_address(),
        "alert_line" => t.field_alert_line(),
        "app" => t.field_app(),
        "certificate" => t.field_certificate(),
        "description" => t.description_short(),
        "email" => t.email(),
        "identity" => t.identity(),
        "key_id" => t.field_key_id(),
        "language" => t.language_label(),
        "minutes" => t.field_minutes(),
        "name" => t.audit_name(),
        "number" => t.audit_number(),
        "operator" => t.field_operator(),
        "overlap" => t.field_overlap(),
        "owner" => t.field_owner(),
        "phone" => t.phone(),
        "platforms" => t.platforms_short(),
        "prefix" => t.field_prefix(),
        "purpose" => t.field_purpose(),
        "scenario" => t.scenario(),
        "scopes" => t.field_scopes(),
        "session" => t.audit_session(),
        "successor" => t.field_successor(),
        "services" => t.services(),
        "status" => t.column_status(),
        "statistics_zone" => t.statistics_zone(),
        "tags" => t.tags(),
        "time_zone" => t.time_zone(),
        "type" => t.app_type_short(),
        "until" => t.field_until(),
        "workspace" => t.field_workspace(),
        other => other,
    }
}

/// What a field held, a known word by its label.
pub(super) fn value(field: &str, value: &str, t: Texts) -> String {
    let label = match (field, value) {
        ("alert_line", "tenth") => Some(t.alert_line_tenth()),
        ("alert_line", "0") => Some(t.off()),
        ("scenario", word) => Scenario::parse(word).map(|it| it.name(t)),
        ("type", word) => AppType::parse(word).map(|it| it.name(t)),
        ("language", word) => Language::parse(word).map(Language::own_name),
        ("status", "enabled") => Some(t.status_enabled()),
        ("status", "disabled") => Some(t.status_disabled()),
        ("purpose", "access_token") => Some(t.certificate_access_token()),
        ("purpose", "usersig") => Some(t.certificate_usersig()),
        ("services", words) => {
            let names: Option<Vec<_>> =
                words.split(' ').map(|word| Service::parse(word).map(|it| it.name(t))).collect();
            return names.map_or_else(|| words.to_owned(), |names| names.join(" · "));
        }
        _ => None,
    };
    label.unwrap_or(value).to_owned()
}
