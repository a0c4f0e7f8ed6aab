//! `/api-keys`: the keys of a workspace, making, rolling and revoking them.
//!
//! A new key is part of the list's page only in the sign-in that made it, for some minutes; pages are never cached.

mod create;
mod list;
mod one;

use crate::audit::Act;
use crate::web::refusals::Watched;
use crate::web::{Need, Routes, urls};
use crate::workspaces::Permission;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    const MAY: Need = Need::May(Permission::ManageApiKeys);
    const ROLL: &str = "/api-keys/{api_key}/roll";
    const REVOKE: &str = "/api-keys/{api_key}/revoke";
    routes.page(urls::API_KEYS, MAY, list::show);
    routes.page(urls::API_KEY_FILE, MAY, list::file);
    routes.page(urls::PUT_API_KEY_AWAY, MAY, list::to_list);
    routes.form(urls::PUT_API_KEY_AWAY, MAY, list::put_away);
    routes.page(urls::NEW_API_KEY, MAY, create::show);
    routes.sensitive(urls::NEW_API_KEY, MAY, Watched::Act(Act::CreateApiKey), create::create);
    routes.page(ROLL, MAY, one::show_roll);
    routes.sensitive(ROLL, MAY, Watched::Act(Act::RollApiKey), one::roll);
    routes.page(REVOKE, MAY, one::show_revoke);
    routes.sensitive(REVOKE, MAY, Watched::Act(Act::RevokeApiKey), one::revoke);
}
