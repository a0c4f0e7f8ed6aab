//! `/docs/clients`: how servers are connected, with programs to copy.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Client, KINDS, Program};
use crate::api_keys::ApiScope;
use crate::error::AppError;
use crate::events::EVENTS_MAX;
use crate::i18n::{Texts, grouped};
use crate::ids::SdkAppId;
use crate::web::body::Query;
use crate::web::guard::SignedIn;
use crate::web::shell::Link;
use crate::web::{Cx, Need, Routes, Shell, urls};
use crate::workspaces::Permission;

/// Mounts the page.
pub fn routes(routes: &mut Routes) {
    routes.page(urls::HELP_CLIENTS, Need::SignedIn, clients);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientsQuery {
    /// The language that is shown.
    #[serde(rename = "in")]
    client: Option<Client>,
    /// The app that the reader came from.
    app: Option<SdkAppId>,
}

/// A kind of event in words.
struct EventRow {
    word: &'static str,
    fields: &'static [&'static str],
    when: &'static str,
}

#[derive(Template)]
#[template(path = "help/clients.html")]
struct ClientsPage {
    shell: Shell,
    /// What the key must be allowed.
    scopes: String,
    /// Whether the reader makes keys.
    may_create_keys: bool,
    /// What tells the programs whom to talk to, as a shell takes it.
    variables: String,
    tabs: Vec<Link>,
    report: Program,
    verify: Program,
    events: Vec<EventRow>,
    rules: Vec<(&'static str, String)>,
}

/// `GET /docs/clients?in=&app=`.
async fn clients(
    cx: Cx,
    who: SignedIn,
    Query(query): Query<ClientsQuery>,
) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let client = query.client.unwrap_or(Client::Curl);
    let seat = who.0.seat.as_ref();
    let tab = |of: &Client| Link {
        href: urls::help_clients(Some(*of), query.app),
        words: of.name().to_owned(),
        is_current: *of == client,
    };
    cx.page(&ClientsPage {
        shell: cx.plain_shell(t.help_clients()),
        scopes: scopes(t),
        may_create_keys: seat.is_some_and(|seat| seat.may(Permission::ManageApiKeys)),
        variables: variables(&cx.services.settings.base_url, query.app),
        tabs: Client::ALL.iter().map(tab).collect(),
        report: client.report(),
        verify: client.verify(),
        events: KINDS
            .iter()
            .map(|kind| EventRow { word: kind.word, fields: kind.fields, when: (kind.when)(t) })
            .collect(),
        rules: rules(t),
    })
}

/// The permissions by their names on the form and in the API.
fn scopes(t: Texts) -> String {
    let scopes = [ApiScope::EventsWrite, ApiScope::TokensVerify];
    let scopes = scopes.map(|scope| format!("{} ({})", scope.name(t), scope.as_str()));
    scopes.join(t.list_comma())
}

fn variables(base_url: &str, app: Option<SdkAppId>) -> String {
    let app = app.map_or_else(|| "1400000001".to_owned(), |app| app.to_string());
    format!(
        "export SWITCHROOM_URL={base_url}\nexport SWITCHROOM_APP={app}\n\
         export SWITCHROOM_API_KEY=swr_…\n"
    )
}

fn rules(t: Texts) -> Vec<(&'static str, String)> {
    let events = grouped(i64::try_from(EVENTS_MAX).unwrap_or(i64::MAX));
    vec![
        (t.help_idempotency(), t.help_idempotency_words().to_owned()),
        (t.help_retries(), t.help_retries_words().to_owned()),
        (t.help_refusals(), t.help_refusals_words().to_owned()),
        (t.help_size(), t.help_size_words(&events)),
        (t.help_format(), t.help_format_words().to_owned()),
    ]
}
