//! `GET /profile/activity`: what a person did themselves, in all workspaces.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::list::EventRow;
use crate::audit::store::{Activity, Part, Place, activity};
use crate::clock::UtcTime;
use crate::error::AppError;
use crate::ids::WorkspaceId;
use crate::sessions::Person;
use crate::web::body::Query;
use crate::web::guard::SignedIn;
use crate::web::{Crumb, Cx, Pager, Section, Shell, urls};
use crate::workspaces::{Extent, Permission};

/// Events of a page.
const SIZE: i64 = 50;

/// Which page is asked for; what makes no sense is passed over.
#[derive(Default, Deserialize)]
pub(super) struct ActivityInput {
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
}

impl ActivityInput {
    fn part(&self) -> Part {
        match (place(&self.after), place(&self.before)) {
            (Some(place), _) => Part::Before(place),
            (None, Some(place)) => Part::After(place),
            (None, None) => Part::Newest,
        }
    }
}

/// Reads a place as addresses hold it: microseconds, workspace, position.
fn place(text: &str) -> Option<Place> {
    let mut parts = text.splitn(3, '-');
    let mut number = || parts.next()?.parse::<i64>().ok().filter(|number| *number >= 0);
    let (at, workspace, position) = (number()?, number()?, number()?);
    Some(Place { at: UtcTime(at), workspace: WorkspaceId(workspace), position })
}

fn address(part: Part) -> String {
    let (name, Place { at, workspace, position }) = match part {
        Part::Newest => return urls::ACTIVITY.to_owned(),
        Part::Before(place) => ("after", place),
        Part::After(place) => ("before", place),
    };
    format!("{}?{name}={}-{workspace}-{position}", urls::ACTIVITY, at.0)
}

#[derive(Template)]
#[template(path = "audit/activity.html")]
struct ActivityPage {
    shell: Shell,
    trail: Vec<Crumb>,
    lead: String,
    rows: Vec<OwnRow>,
    is_first_page: bool,
    pager: Pager,
}

/// An event in a row, with where it happened.
struct OwnRow {
    event: EventRow,
    workspace: String,
    /// Whether the person can look at all of it in the log of the workspace they are in.
    has_link: bool,
}

/// The workspace whose log the person can look at now, whole.
fn readable(person: &Person) -> Option<WorkspaceId> {
    let seat = person.seat.as_ref()?;
    let is_whole = seat.may(Permission::ReadAudit) && seat.scope.extent == Extent::All;
    is_whole.then(|| seat.workspace())
}

fn rows(cx: &Cx, person: &Person, found: &Activity) -> Vec<OwnRow> {
    let (t, zone, readable) = (cx.t(), cx.zone(), readable(person));
    let names: BTreeMap<_, _> = found.workspaces.iter().cloned().collect();
    let row = |row| {
        let event = EventRow::new(row, &BTreeMap::new(), &zone, t);
        let workspace = names.get(&row.workspace).cloned();
        OwnRow {
            event,
            workspace: workspace.unwrap_or_else(|| t.activity_no_workspace().to_owned()),
            has_link: readable == Some(row.workspace),
        }
    };
    found.rows.iter().map(row).collect()
}

/// `GET /profile/activity`.
pub(super) async fn show(
    cx: Cx,
    SignedIn(person): SignedIn,
    Query(input): Query<ActivityInput>,
) -> Result<HttpResponse, AppError> {
    let (t, account, part) = (cx.t(), person.account, input.part());
    let found = cx.services.db.read(move |conn| activity(conn, account, part, SIZE)).await?;
    let count = i64::try_from(found.rows.len()).unwrap_or(SIZE);
    let page = ActivityPage {
        shell: cx.member_shell(Section::Profile, t.activity()),
        trail: vec![Crumb { href: urls::PROFILE.into(), words: t.profile().into() }],
        lead: t.activity_lead(cx.zone().name()),
        rows: rows(&cx, &person, &found),
        is_first_page: part == Part::Newest,
        pager: Pager {
            count: t.audit_on_page(count),
            label: t.pages(),
            previous: found.newer.map(address),
            next: found.older.map(address),
            previous_word: t.audit_newer(),
            next_word: t.audit_older(),
        },
    };
    cx.page(&page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_it_is_read_and_nonsense_is_passed_over() {
        let written = Place { at: UtcTime(7_000_000), workspace: WorkspaceId(3), position: 12 };
        assert_eq!(address(Part::Before(written)), "/profile/activity?after=7000000-3-12");
        assert_eq!(place("7000000-3-12"), Some(written));
        for text in
            ["", "7", "7-3", "7-3-", "-7-3-1", "7-3-1-1", "a-b-c", "99999999999999999999-1-1"]
        {
            assert_eq!(place(text), None, "{text}");
        }
    }
}
