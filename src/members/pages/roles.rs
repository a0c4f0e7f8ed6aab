//! `/members/roles`: what each role may do, from the table that the guards read.

use actix_web::HttpResponse;
use askama::Template;

use super::trail;
use crate::error::AppError;
use crate::web::{Crumb, Cx, Member, Need, Routes, Section, Shell, urls};
use crate::workspaces::{Permission, PermissionGroup, Role};

/// Mounts the page.
pub(super) fn routes(routes: &mut Routes) {
    routes.page(urls::ROLES, Need::May(Permission::ReadMembers), show);
}

struct RoleHead {
    name: &'static str,
    words: &'static str,
}

struct Row {
    name: &'static str,
    /// Whether each role has it.
    cells: Vec<bool>,
}

struct Group {
    name: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "members/roles.html")]
struct RolesPage {
    shell: Shell,
    trail: Vec<Crumb>,
    roles: Vec<RoleHead>,
    groups: Vec<Group>,
    /// Columns of the table.
    columns: usize,
}

/// `GET /members/roles`.
async fn show(cx: Cx, member: Member) -> Result<HttpResponse, AppError> {
    let t = cx.t();
    let row = |permission: &Permission| Row {
        name: permission.name(t),
        cells: Role::ALL.iter().map(|role| role.may(*permission)).collect(),
    };
    let group = |group: &PermissionGroup| Group {
        name: group.name(t),
        rows: Permission::ALL.iter().filter(|it| it.group() == *group).map(row).collect(),
    };
    let head = |role: &Role| RoleHead { name: role.name(t), words: role.words(t) };
    cx.page(&RolesPage {
        shell: cx.shell(&member, Section::Members, t.roles_page()),
        trail: trail(&cx),
        roles: Role::ALL.iter().map(head).collect(),
        groups: PermissionGroup::ALL.iter().map(group).collect(),
        columns: Role::ALL.len() + 1,
    })
}
