//! An app that the one who asks may see: looked up within their scope before a handler runs, so
//! that no handler can forget to.

use std::pin::Pin;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::{App, store};
use crate::api_keys::ApiCaller;
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::i18n::Texts;
use crate::ids::{AppId, SdkAppId};
use crate::web::shell::Link;
use crate::web::{Crumb, Member, guard, urls};
use crate::workspaces::Scope;

/// An app of a page's path, within the member's scope. Anything else answers 404.
pub struct Owned {
    /// The app.
    pub app: App,
    /// Other apps of the scope by name, for the picker; a bounded number.
    pub neighbours: Vec<(SdkAppId, String)>,
    /// The member.
    pub member: Member,
}

/// Apps in the picker.
pub const PICKER_MAX: i64 = 50;

impl Owned {
    /// The app's number.
    #[must_use]
    pub const fn id(&self) -> SdkAppId {
        self.app.sdk_app_id
    }

    /// The way to a page below the app's.
    #[must_use]
    pub fn trail(&self, t: Texts) -> Vec<Crumb> {
        vec![
            Crumb { href: urls::APPS.into(), words: t.apps().into() },
            Crumb { href: urls::app(self.id()), words: self.app.name.clone() },
        ]
    }

    /// The apps of the scope as links to the same kind of page.
    #[must_use]
    pub fn picker(&self, href: impl Fn(SdkAppId) -> String) -> Vec<Link> {
        let links = self.neighbours.iter().map(|(id, name)| Link {
            href: href(*id),
            words: name.clone(),
            is_current: *id == self.id(),
        });
        links.collect()
    }
}

impl FromRequest for Owned {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, member) = (req.clone(), Member::from_request(req, payload));
        Box::pin(async move {
            let member = member.await?;
            let id = path_id(&req)?.parse().map_err(|_| AppError::NotFound)?;
            let db = guard::services(&req)?.db;
            let scope = member.seat().scope.clone();
            let found = db.read::<_, DbError>(move |conn| {
                let Some(app) = store::app_by_id(conn, &scope, id)? else { return Ok(None) };
                let neighbours = store::app_names(conn, &scope, PICKER_MAX)?;
                Ok(Some((app, neighbours)))
            });
            let (app, neighbours) = found.await?.ok_or(AppError::NotFound)?;
            Ok(Self { app, neighbours, member })
        })
    }
}

/// An app of an API path, by its number or App ID, within the key's scope. Anything else answers
/// 404.
pub struct OwnedByKey {
    /// The app.
    pub app: App,
    /// Who asks.
    pub caller: Rc<ApiCaller>,
}

impl FromRequest for OwnedByKey {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let caller = caller(&req)?;
            let db = guard::services(&req)?.db;
            let id = path_id(&req)?.to_owned();
            let scope = caller.scope.clone();
            let found = db.read::<_, DbError>(move |conn| find(conn, &scope, &id));
            let app = found.await?.ok_or(AppError::NotFound)?;
            Ok(Self { app, caller })
        })
    }
}

/// The program behind a request; the guard has recognised its key.
///
/// # Errors
/// [`AppError::NoKey`] on a route whose need is not a key.
pub fn caller(req: &HttpRequest) -> Result<Rc<ApiCaller>, AppError> {
    req.extensions().get::<Rc<ApiCaller>>().cloned().ok_or(AppError::NoKey)
}

fn path_id(req: &HttpRequest) -> Result<&str, AppError> {
    req.match_info().get("sdk_app_id").ok_or(AppError::NotFound)
}

fn find(conn: &mut crate::db::Conn, scope: &Scope, id: &str) -> Result<Option<App>, DbError> {
    let id =
        if AppId::looks_like(id) { store::id_by_app_id(conn, scope, id)? } else { id.parse().ok() };
    let Some(id) = id else { return Ok(None) };
    store::app_by_id(conn, scope, id)
}

/// Opens the database for whoever needs an app outside a request.
///
/// # Errors
/// The database's failure.
pub async fn app_anywhere(db: &Db, id: SdkAppId) -> Result<Option<(App, Scope)>, DbError> {
    db.read(move |conn| {
        let Some(workspace) = store::workspace_of(conn, id)? else { return Ok(None) };
        let scope = Scope::whole(workspace);
        let found = find(conn, &scope, &id.to_string())?;
        Ok(found.map(|app| (app, scope)))
    })
    .await
}
