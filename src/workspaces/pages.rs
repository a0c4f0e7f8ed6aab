//! `/workspaces`: where a person may work, and changing between them.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::actions;
use super::store::workspaces_of_account;
use crate::accounts::pages::role_name;
use crate::db::DbError;
use crate::error::AppError;
use crate::ids::WorkspaceId;
use crate::web::body::Form;
use crate::web::guard::SignedIn;
use crate::web::{Cx, Need, Routes, Shell, urls};

/// Mounts the page.
pub fn routes(routes: &mut Routes) {
    routes.page(urls::WORKSPACES, Need::SignedIn, show);
    routes.form(urls::WORKSPACES, Need::SignedIn, enter);
}

struct Place {
    id: WorkspaceId,
    name: String,
    role: &'static str,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "workspaces/workspaces.html")]
struct WorkspacesPage {
    shell: Shell,
    places: Vec<Place>,
    is_operator: bool,
}

/// `GET /workspaces`.
async fn show(cx: Cx, SignedIn(person): SignedIn) -> Result<HttpResponse, AppError> {
    let (t, account) = (cx.t(), person.account);
    let here = person.seat.as_ref().map(crate::sessions::Seat::workspace);
    let found = cx.services.db.read::<_, DbError>(move |conn| workspaces_of_account(conn, account));
    let places = found.await?.into_iter().map(|(id, name, role)| Place {
        is_current: here == Some(id),
        role: role_name(role, t),
        id,
        name,
    });
    let page = WorkspacesPage {
        shell: cx.plain_shell(t.workspaces()),
        places: places.collect(),
        is_operator: person.is_operator,
    };
    cx.page(&page)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnterInput {
    #[serde(default)]
    workspace: String,
}

/// `POST /workspaces`: moves this sign-in to another workspace of the person.
async fn enter(
    cx: Cx,
    SignedIn(person): SignedIn,
    Form(input): Form<EnterInput>,
) -> Result<HttpResponse, AppError> {
    let workspace: WorkspaceId = input.workspace.parse().map_err(|_| AppError::NotFound)?;
    if actions::enter(&cx.services, &person, workspace, cx.actor()).await? {
        Ok(cx.see_other(urls::OVERVIEW))
    } else {
        Err(AppError::NotFound)
    }
}
