//! Every path we own, as functions.

use crate::accounts::links::Purpose as LinkPurpose;
use crate::apps::StatusFilter;
use crate::credentials::Purpose;
use crate::help::Client;
use crate::ids::{AccountId, ApiKeyId, InvitationId, SdkAppId, SessionId};
use crate::stats::Tab;

/// The overview.
pub const OVERVIEW: &str = "/";
/// The sign-in page.
pub const SIGN_IN: &str = "/sign-in";
/// Signing out.
pub const SIGN_OUT: &str = "/sign-out";
/// The list of apps.
pub const APPS: &str = "/apps";
/// Creating an app.
pub const NEW_APP: &str = "/apps/new";
/// The minutes of the workspace.
pub const MINUTES: &str = "/minutes";
/// Their ledger as a file.
pub const MINUTES_LEDGER: &str = "/minutes/ledger.csv";
/// The workspaces of a person.
pub const WORKSPACES: &str = "/workspaces";
/// The profile.
pub const PROFILE: &str = "/profile";
/// The password's form on the profile.
pub const PASSWORD: &str = "/profile/password";

/// The address of a person: confirming and changing it.
pub const EMAIL: &str = "/profile/email";
/// Asking for a link to choose a new password.
pub const FORGOT: &str = "/forgot-password";
/// What is said to whoever asked for one.
pub const FORGOT_SENT: &str = "/forgot-password/sent";
/// The link that was mailed then.
pub const RESET: &str = "/reset-password";
/// The link that confirms an address.
pub const CONFIRM_EMAIL: &str = "/confirm-email";
/// The link that confirms another address.
pub const CHANGE_EMAIL: &str = "/change-email";
/// The link that freezes an account.
pub const FREEZE: &str = "/freeze";

/// The authenticator of a person.
pub const AUTHENTICATOR: &str = "/profile/authenticator";
/// The passkeys of a person.
pub const PASSKEYS: &str = "/profile/passkeys";
/// Signing in with a passkey.
pub const SIGN_IN_PASSKEY: &str = "/sign-in/passkey";
/// The telephone of a person.
pub const PHONE: &str = "/profile/phone";
/// The identity of a person at the provider.
pub const IDENTITY: &str = "/profile/identity";
/// Connecting one.
pub const CONNECT_IDENTITY: &str = "/profile/identity/connect";
/// Disconnecting it.
pub const DISCONNECT_IDENTITY: &str = "/profile/identity/disconnect";
/// Signing in through the provider.
pub const SSO: &str = "/sign-in/sso";
/// Where the provider sends people back to.
pub const SSO_CALLBACK: &str = "/sign-in/sso/callback";
/// The second factor of signing in.
pub const SECOND_FACTOR: &str = "/sign-in/code";
/// API keys.
pub const API_KEYS: &str = "/api-keys";
/// Creating an API key.
pub const NEW_API_KEY: &str = "/api-keys/new";
/// Putting away a key that was just made.
pub const PUT_API_KEY_AWAY: &str = "/api-keys/put-away";
/// That key as a text file.
pub const API_KEY_FILE: &str = "/api-keys/key.txt";
/// The sign-ins of a person.
pub const SESSIONS: &str = "/profile/sessions";
/// Ending all sign-ins of a person but this one.
pub const END_OTHER_SESSIONS: &str = "/profile/sessions/end-others";
/// What a person did.
pub const ACTIVITY: &str = "/profile/activity";
/// What links in the mail of challenges begin with.
pub const STEP_UP_LINK: &str = "/step-up/link/";
/// Signing in with a recovery code.
pub const SIGN_IN_RECOVERY: &str = "/sign-in/recovery";
/// The recovery codes of a person.
pub const RECOVERY_CODES: &str = "/profile/recovery-codes";
/// The audit log.
pub const AUDIT: &str = "/audit";
/// The audit log as a file.
pub const AUDIT_EXPORT: &str = "/audit/export.csv";

/// The statistics of the workspace.
pub const STATISTICS: &str = "/statistics";

/// The members of the workspace.
pub const MEMBERS: &str = "/members";
/// What each role may do.
pub const ROLES: &str = "/members/roles";
/// What came of inviting somebody: the link, where no mail goes out.
pub const INVITED: &str = "/members/invite/link";
/// Inviting somebody.
pub const INVITE: &str = "/members/invite";
/// Leaving the workspace.
pub const LEAVE: &str = "/members/leave";
/// The workspace's settings.
pub const WORKSPACE: &str = "/workspace";
/// How dangerous acts are confirmed there.
pub const POLICY: &str = "/workspace/policy";

/// How servers are connected, with programs to copy.
pub const HELP_CLIENTS: &str = "/docs/clients";
/// The demonstration's mail.
pub const OUTBOX: &str = "/outbox";

/// A link about an account, by what it is for and its token.
#[must_use]
pub fn link(purpose: LinkPurpose, token: &str) -> String {
    let page = match purpose {
        LinkPurpose::ConfirmEmail => CONFIRM_EMAIL,
        LinkPurpose::ChangeEmail => CHANGE_EMAIL,
        LinkPurpose::ResetPassword => RESET,
        LinkPurpose::Freeze => FREEZE,
    };
    format!("{page}?key={token}")
}

/// An app's own overview.
#[must_use]
pub fn app(id: SdkAppId) -> String {
    format!("/apps/{id}")
}

/// A report on an app, or on all of them.
#[must_use]
pub fn statistics(app: Option<SdkAppId>, tab: Tab) -> String {
    match app {
        Some(id) => format!("/apps/{id}{STATISTICS}/{}", tab.key()),
        None => format!("{STATISTICS}/{}", tab.key()),
    }
}

/// What goes on in an app, or in all of them.
#[must_use]
pub fn live(app: Option<SdkAppId>) -> String {
    app.map_or_else(|| "/live".to_owned(), |id| format!("/apps/{id}/live"))
}

/// How servers are connected, in a language, for whoever comes from an app.
#[must_use]
pub fn help_clients(client: Option<Client>, app: Option<SdkAppId>) -> String {
    let client = client.map(|client| format!("in={client}"));
    let given: Vec<_> = client.into_iter().chain(app.map(|app| format!("app={app}"))).collect();
    if given.is_empty() {
        return HELP_CLIENTS.to_owned();
    }
    format!("{HELP_CLIENTS}?{}", given.join("&"))
}

/// Editing an app.
#[must_use]
pub fn edit_app(id: SdkAppId) -> String {
    format!("/apps/{id}/edit")
}

/// A member.
#[must_use]
pub fn member(account: AccountId) -> String {
    format!("{MEMBERS}/{account}")
}

/// Removing a member.
#[must_use]
pub fn remove_member(account: AccountId) -> String {
    format!("{MEMBERS}/{account}/remove")
}

/// Making a member the owner.
#[must_use]
pub fn hand_over(account: AccountId) -> String {
    format!("{MEMBERS}/{account}/hand-over")
}

/// Sending an invitation again.
#[must_use]
pub fn resend_invitation(id: InvitationId) -> String {
    format!("{MEMBERS}/invitations/{id}/resend")
}

/// Taking an invitation back.
#[must_use]
pub fn cancel_invitation(id: InvitationId) -> String {
    format!("{MEMBERS}/invitations/{id}/cancel")
}

/// The page of an invitation for whoever is invited.
#[must_use]
pub fn invitation(token: &str) -> String {
    format!("/invitations/{token}")
}

/// An event of the audit log.
#[must_use]
pub fn audit_event(position: i64) -> String {
    format!("{AUDIT}/{position}")
}

/// Putting another API key in the place of one.
#[must_use]
pub fn roll_api_key(id: ApiKeyId) -> String {
    format!("{API_KEYS}/{id}/roll")
}

/// Revoking an API key.
#[must_use]
pub fn revoke_api_key(id: ApiKeyId) -> String {
    format!("{API_KEYS}/{id}/revoke")
}

/// Ending a sign-in.
#[must_use]
pub fn end_session(id: SessionId) -> String {
    format!("{SESSIONS}/{id}/end")
}

/// The apps in a state, those whose plans end first in front.
#[must_use]
pub fn apps_in_state(state: StatusFilter) -> String {
    format!("{APPS}?status={state}&sort=expires")
}

/// Temporary tokens of an app.
#[must_use]
pub fn tokens(id: SdkAppId) -> String {
    format!("/apps/{id}/tokens")
}

/// `UserSigs` of an app.
#[must_use]
pub fn usersig(id: SdkAppId) -> String {
    format!("/apps/{id}/tokens/usersig")
}

/// Checking tokens of an app.
#[must_use]
pub fn verify(id: SdkAppId) -> String {
    format!("/apps/{id}/tokens/verify")
}

/// The certificates of an app.
#[must_use]
pub fn certificates(id: SdkAppId) -> String {
    format!("/apps/{id}/certificates")
}

/// What is done with one of an app's certificates.
fn certificate(id: SdkAppId, purpose: Purpose, verb: &str) -> String {
    format!("/apps/{id}/certificates/{purpose}/{verb}")
}

/// Resetting a certificate.
#[must_use]
pub fn reset_certificate(id: SdkAppId, purpose: Purpose) -> String {
    certificate(id, purpose, "reset")
}

/// Showing a key.
#[must_use]
pub fn reveal_key(id: SdkAppId, purpose: Purpose) -> String {
    certificate(id, purpose, "reveal")
}

/// Hiding a key.
#[must_use]
pub fn hide_key(id: SdkAppId, purpose: Purpose) -> String {
    certificate(id, purpose, "hide")
}

/// A key as a text file, while it is shown.
#[must_use]
pub fn key_file(id: SdkAppId, purpose: Purpose) -> String {
    certificate(id, purpose, "key.txt")
}

/// Disabling an app.
#[must_use]
pub fn disable_app(id: SdkAppId) -> String {
    format!("/apps/{id}/disable")
}

/// Enabling an app.
#[must_use]
pub fn enable_app(id: SdkAppId) -> String {
    format!("/apps/{id}/enable")
}

/// Deleting an app.
#[must_use]
pub fn delete_app(id: SdkAppId) -> String {
    format!("/apps/{id}/delete")
}

/// Proving who one is.
#[must_use]
pub fn step_up(challenge: &str) -> String {
    format!("/step-up/{challenge}")
}

/// The link in the mail of a challenge.
#[must_use]
pub fn step_up_link(token: &str) -> String {
    format!("{STEP_UP_LINK}{token}")
}

/// Carrying on after one has.
#[must_use]
pub fn step_up_continue(challenge: &str) -> String {
    format!("/step-up/{challenge}/continue")
}

/// The sign-in page that leads back to a page.
#[must_use]
pub fn sign_in_to(path: Option<&str>) -> String {
    leading_back(SIGN_IN, path.unwrap_or_default())
}

/// The second factor of signing in, which leads back to a page.
#[must_use]
pub fn second_factor_to(path: &str) -> String {
    leading_back(SECOND_FACTOR, path)
}

/// Signing in through the provider, which leads back to a page.
#[must_use]
pub fn sso_to(path: &str) -> String {
    leading_back(SSO, path)
}

/// Accepting an invitation with an identity.
#[must_use]
pub fn accept_by_identity(token: &str) -> String {
    format!("/invitations/{token}/sso")
}

/// Signing in with a recovery code, which leads back to a page.
#[must_use]
pub fn recovery_to(path: &str) -> String {
    leading_back(SIGN_IN_RECOVERY, path)
}

/// Signing in with a passkey, which leads back to a page.
#[must_use]
pub fn passkey_to(path: &str) -> String {
    leading_back(SIGN_IN_PASSKEY, path)
}

fn leading_back(page: &str, path: &str) -> String {
    if path.is_empty() {
        return page.to_owned();
    }
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair("return_to", path).finish();
    format!("{page}?{query}")
}

/// A path of ours that somebody handed in, or the overview. Whatever a browser could read as
/// another site is not ours: `//host`, `/\host`, schemes, control characters.
#[must_use]
pub fn local(path: &str) -> &str {
    let is_local = path.len() <= 2_000
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && path.split(['?', '#']).next().is_some_and(|path| !path.contains("//"));
    if is_local { path } else { OVERVIEW }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_absolute_paths_are_followed() {
        for path in ["/", "/apps?q=a%20b&sort=name", "/apps/1400000001/tokens", "/apps#x"] {
            assert_eq!(local(path), path);
        }
        for path in [
            "",
            "apps",
            "//evil.test",
            "///evil.test",
            "/\\evil.test",
            "\\/evil.test",
            "https://evil.test",
            "javascript:alert(1)",
            "/\t/evil.test",
            "/\nx",
            " /apps",
            "/apps\r\nSet-Cookie: a=b",
            "/%0d%0a//",
            "/a//b",
            "http:/evil.test",
            "/\u{0}x",
            "/应用",
            "//evil.test/%2e%2e",
            "/apps//..//evil",
        ] {
            assert_eq!(local(path), OVERVIEW, "{path:?}");
        }
    }
}
