//! `/members` and below: who is in the workspace, what roles may do, and changing it.

mod change;
mod leave;
mod list;
mod remove;
mod roles;

use crate::apps::store::{app_names, app_tags_of};
use crate::db::DbError;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::ids::{AccountId, SdkAppId};
use crate::members::forms::GrantForm;
use crate::members::store;
use crate::web::field::Choice;
use crate::web::{Crumb, Cx, Member, Routes, urls};
use crate::workspaces::{Extent, ReachKind, Role};

/// Apps that can be chosen among; for more of them there are tags.
const APPS_OFFERED: i64 = 500;
/// Tags of apps that are read to be offered, and to say what a tag reaches.
const TAGS_READ: i64 = 2_000;

/// Mounts the pages.
pub fn routes(routes: &mut Routes) {
    list::routes(routes);
    roles::routes(routes);
    leave::routes(routes);
    change::routes(routes);
    remove::routes(routes);
}

/// The role of a member who manages others. Somebody who is limited to some apps could give others more than they
/// have.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn manager(member: &Member) -> Result<Role, AppError> {
    let seat = member.seat();
    if seat.scope.extent == Extent::All { Ok(seat.role) } else { Err(AppError::Forbidden) }
}

/// What somebody can be limited to.
pub struct Offered {
    /// Apps, with their names.
    pub apps: Vec<(SdkAppId, String)>,
    /// The tags that apps have, as `key=value`.
    pub tags: Vec<String>,
}

impl Offered {
    /// What a workspace has.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn to(cx: &Cx, member: &Member) -> Result<Self, DbError> {
        let scope = member.seat().scope.clone();
        let found = cx.services.db.read::<_, DbError>(move |conn| {
            Ok((
                app_names(conn, &scope, APPS_OFFERED)?,
                app_tags_of(conn, scope.workspace, TAGS_READ)?,
            ))
        });
        let (apps, tags) = found.await?;
        let mut tags: Vec<_> =
            tags.into_iter().map(|(key, value, _)| format!("{key}={value}")).collect();
        tags.dedup();
        Ok(Self { apps, tags })
    }

    /// The numbers of the apps.
    #[must_use]
    pub fn ids(&self) -> Vec<SdkAppId> {
        self.apps.iter().map(|(id, _)| *id).collect()
    }
}

/// An app that can be ticked.
pub struct AppPick {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is.
    pub is_chosen: bool,
}

/// The apps with those ticked that a form holds.
#[must_use]
pub fn picks(apps: &[(SdkAppId, String)], form: &GrantForm) -> Vec<AppPick> {
    let pick = |(id, name): &(SdkAppId, String)| {
        let id = id.to_string();
        AppPick { is_chosen: form.apps.has(&id), id, name: name.clone() }
    };
    apps.iter().map(pick).collect()
}

/// The roles that somebody of a role may give.
#[must_use]
pub fn roles(by: Role, t: Texts) -> Vec<Choice> {
    let given = Role::ALL.iter().filter(|role| by.may_manage(**role));
    given.map(|role| Choice::hinted(role.as_str(), role.name(t), role.words(t))).collect()
}

/// How much of a workspace can be given.
#[must_use]
pub fn reaches(t: Texts) -> Vec<Choice> {
    let all = ReachKind::ALL.iter();
    all.map(|kind| Choice::hinted(kind.as_str(), kind.name(t), kind.words(t))).collect()
}

/// The way to what is below the members.
fn trail(cx: &Cx) -> Vec<Crumb> {
    vec![Crumb { href: urls::MEMBERS.into(), words: cx.t().members().into() }]
}

/// The member of a page's path. Anybody else answers 404, whether they exist or not.
async fn find(cx: &Cx, by: &Member, account: &str) -> Result<store::Member, AppError> {
    let account: AccountId = account.parse().map_err(|_| AppError::NotFound)?;
    let workspace = by.seat().workspace();
    let found = cx
        .services
        .db
        .read::<_, DbError>(move |conn| store::member(conn, workspace, account))
        .await?;
    found.ok_or(AppError::NotFound)
}
