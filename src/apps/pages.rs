//! The pages of apps: list, new app, an app's overview, editing.

mod act;
mod create;
mod edit;
mod list;
mod show;

pub use act::ActPage;

use crate::web::{Need, Routes, urls};
use crate::workspaces::Permission;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    let (read, write) = (Need::May(Permission::ReadApps), Need::May(Permission::WriteApps));
    routes.page(urls::APPS, read, list::show);
    routes.page(urls::NEW_APP, write, create::show);
    routes.form(urls::NEW_APP, write, create::create);
    routes.page("/apps/{sdk_app_id}", read, show::show);
    routes.page("/apps/{sdk_app_id}/edit", write, edit::show);
    routes.form("/apps/{sdk_app_id}/edit", write, edit::save);
}
