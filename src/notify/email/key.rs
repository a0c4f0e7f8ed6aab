//! Mail about API keys.

use super::place::with_address;
use super::{Dress, Notice, Rendered, put_notice, told};
use crate::api_keys::ApiScope;
use crate::notify::KeyMade;
use crate::notify::message::{Message, one_line};
use crate::web::urls;

/// Mail about a key that can change something.
pub(super) fn made(
    message: &Message,
    (t, zone, base_url): Dress<'_>,
) -> Result<Rendered, askama::Error> {
    let Message::ApiKeyMade {
        made,
        is_own,
        workspace,
        name,
        scopes,
        by,
        by_email,
        at,
        address,
        browser,
    } = message
    else {
        return Err(askama::Error::Fmt);
    };
    let may = ApiScope::parse_list(scopes).map(|scopes| ApiScope::names(&scopes, t));
    let facts = [
        (t.api_key_name(), one_line(name)),
        // A scope that this version does not know is told by its word.
        (t.api_key_scopes(), may.unwrap_or_else(|_| one_line(scopes))),
        (t.mail_membership_by(), with_address(by, by_email)),
    ];
    let (if_you, if_not) = if *is_own {
        (t.mail_factor_you(), t.mail_api_key_not_you())
    } else {
        (t.mail_api_key_right(), t.mail_api_key_not_right())
    };
    put_notice(Notice {
        t,
        lead: &t.mail_api_key_lead(&one_line(workspace)),
        what: match made {
            KeyMade::Created => t.mail_api_key_created().to_owned(),
            KeyMade::Rolled => t.mail_api_key_rolled().to_owned(),
        },
        more: facts
            .into_iter()
            .map(|(what, words)| format!("{what}{}{words}", t.colon()))
            .collect(),
        at: told(*at, zone),
        address,
        browser,
        if_you,
        if_not,
        link: format!("{base_url}{}", urls::API_KEYS),
    })
}
