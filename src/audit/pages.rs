//! The pages of the audit log: the list, an event, the export; and what somebody did themselves.

mod activity;
mod event;
mod export;
mod list;
mod words;

use crate::web::{Need, Routes, urls};
use crate::workspaces::Permission;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    let read = Need::May(Permission::ReadAudit);
    routes.page(urls::AUDIT, read, list::show);
    routes.page(urls::AUDIT_EXPORT, read, export::download);
    routes.page("/audit/{position}", read, event::show);
    routes.page(urls::ACTIVITY, Need::SignedIn, activity::show);
}
