//! What goes on right now, and the stream that says when it has changed.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use switchroom::api_keys::ApiScope;
use switchroom::clock::minutes;
use switchroom::ids::SdkAppId;
use switchroom::jobs::Stopper;
use switchroom::services::Following;
use switchroom::workspaces::Role;
use tokio::sync::Semaphore;

use crate::support::app::{ALPHA, BETA};
use crate::support::db::run;
use crate::support::samples::BOTH;
use crate::support::{Actor, Backend, Postgres, Request, Sqlite, TestApp, app_on, at_once};

/// The console with streams that look often, and so many times.
fn app_that_looks(on: Backend, streams: usize, looks: u32) -> Option<TestApp> {
    let following = Following {
        streams: Arc::new(Semaphore::new(streams)),
        every: Duration::from_millis(1),
        looks,
        stopper: Arc::new(Stopper::new().0),
    };
    Some(app_on(on)?.adjusted(|services| services.following = following))
}

fn report(plane: &Actor<'_>, app: SdkAppId, key: &str, events: &[Value]) {
    let batch =
        Request::json("POST", &format!("/v1/apps/{app}/events"), &json!({"events": events}));
    plane.send(batch.header("idempotency-key", key)).expect(200);
}

/// Events at a moment some seconds ago.
struct Ago<'a>(&'a TestApp);

impl Ago<'_> {
    fn at(&self, seconds: u64) -> String {
        self.0.clock().now().minus(Duration::from_secs(seconds)).to_string()
    }

    fn sample(&self, seconds: u64, source: &str, count: i64) -> Value {
        json!({"type": "online.sampled", "at": self.at(seconds), "source": source, "count": count})
    }

    fn room(&self, what: &str, seconds: u64, room: &str, user: &str) -> Value {
        let stay = format!("{room}-{user}");
        json!({"type": what, "at": self.at(seconds), "room": room, "user": user, "stay": stay})
    }

    fn sent(&self, seconds: u64, count: i64) -> Value {
        let at = self.at(seconds);
        json!({"type": "message.sent", "at": at, "user": "ana", "scope": "c2c", "count": count})
    }
}

#[rstest]
fn the_page_shows_who_is_online_and_which_rooms_are_open(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let (blue, green) = (app.has_app(ALPHA, "Blue", BOTH), app.has_app(ALPHA, "Green", BOTH));
    let foreign = app.has_app(BETA, "Foreign", BOTH);
    let (plane, ago) = (app.key(&[ApiScope::EventsWrite]), Ago(&app));
    report(
        &plane,
        blue,
        "a",
        &[
            ago.sample(200, "n1", 70),
            ago.sample(70, "n1", 40),
            ago.sample(130, "n2", 2),
            // Too long ago to say anything about now.
            ago.sample(400, "n3", 900),
            ago.room("room.joined", 50, "demo", "ana"),
            ago.room("room.joined", 40, "demo", "bo"),
            ago.room("room.joined", 900, "standup", "cy"),
            ago.room("room.left", 29, "standup", "cy"),
            ago.room("room.joined", 900, "over", "di"),
            ago.room("room.left", 31, "over", "di"),
            ago.sent(60, 5),
            // Yesterday.
            ago.sent(86_400, 800),
        ],
    );
    report(&plane, green, "a", &[ago.sample(10, "n1", 8), ago.room("room.joined", 5, "one", "ed")]);
    let of_bob = app.key_of(BETA, None, &[ApiScope::EventsWrite]);
    report(&of_bob, foreign, "a", &[ago.sample(10, "n1", 5_000)]);

    let owner = app.owner();
    let page = owner.visit(&format!("/apps/{blue}/live")).expect(200);
    let figures = page.texts(".kpis strong");
    assert_eq!(figures, ["42", "2", "2", "5"]);
    assert_eq!(page.texts("tbody th"), ["demo", "standup"]);
    assert_eq!(page.texts("tbody td:nth-child(2)"), ["2", "0"]);

    let of_all = owner.visit("/live").expect(200);
    assert_eq!(of_all.texts(".kpis strong"), ["50", "3", "3", "5"]);
    assert_eq!(of_all.texts("tbody th"), ["demo", "one", "standup"]);
    assert_eq!(of_all.texts("tbody td:nth-child(2)"), ["Blue", "Green", "Blue"]);

    // Half a minute later the room that was left is gone, five minutes later all that nodes have said.
    app.clock().forward(Duration::from_secs(30));
    let page = owner.visit(&format!("/apps/{blue}/live")).expect(200);
    assert_eq!(page.texts("tbody th"), ["demo"]);
    app.clock().forward(minutes(5));
    let page = owner.visit(&format!("/apps/{blue}/live")).expect(200);
    assert_eq!(page.texts(".kpis strong"), ["0", "2", "1", "5"]);
    let tiles = page.attributes(".kpis a", "href");
    assert_eq!(tiles[0], format!("/apps/{blue}/statistics/overview?metric=MaxOnlineNum"));
    for path in ["live", "live/events"] {
        assert_eq!(app.bob().get(&format!("/apps/{blue}/{path}")).status, 404);
    }
}

#[rstest]
fn an_empty_page_says_what_fills_it(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let page = app.owner().visit("/live").expect(200);
    assert_eq!(page.texts(".kpis strong"), ["0", "0", "0", "0"]);
    assert!(page.texts("main")[0].contains("room.joined"));
}

#[rstest]
fn a_stream_tells_of_a_change_and_ends(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_that_looks(on, 2, 600) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (owner, plane, ago) = (app.owner(), app.key(&[ApiScope::EventsWrite]), Ago(&app));
    let path = format!("/apps/{blue}/live/events");

    let quiet = owner.get(&path).expect(200);
    assert_eq!(quiet.header("content-type").as_deref(), Some("text/event-stream"));
    assert_eq!(quiet.header("cache-control").as_deref(), Some("no-store"));
    assert!(quiet.text().starts_with("retry: 5000\n\n:\n\n"), "{}", quiet.text());
    assert!(!quiet.text().contains("data"));

    let told = at_once(2, |which| match which {
        0 => owner.get(&path).expect(200).text().to_owned(),
        _ => {
            report(&plane, blue, "a", &[ago.sample(1, "n1", 8)]);
            String::new()
        }
    });
    assert!(told[0].matches("data: changed\n\n").count() <= 1);
    // It may have begun after the change; then there was none.
    let page = owner.visit(&format!("/apps/{blue}/live")).expect(200);
    assert_eq!(page.attributes("[data-live]", "data-live"), [path]);
    assert_eq!(page.texts(".kpis strong")[0], "8");
}

#[rstest]
fn a_stream_ends_with_the_membership_and_with_the_process(#[values(Sqlite, Postgres)] on: Backend) {
    const LOOKS: u32 = 20_000;
    let Some(app) = app_that_looks(on, 2, LOOKS) else { return };
    app.has_app(ALPHA, "Blue", BOTH);
    let member = app.member(Role::Operations);
    let told = at_once(2, |which| match which {
        // Led to sign in where the session has ended before.
        0 => member.get("/live/events").text().to_owned(),
        _ => {
            app.db(|conn| run(conn, "UPDATE sessions SET ended_at = 1"));
            String::new()
        }
    });
    let looks = told[0].matches("\n\n").count();
    assert!(looks < usize::try_from(LOOKS).expect("small"), "{looks}");
    app.services().following.stopper.stop();
    assert_eq!(app.owner().get("/live/events").expect(200).text(), "");
}

#[rstest]
fn more_streams_than_there_may_be_are_asked_to_come_again(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_that_looks(on, 0, 1) else { return };
    let answer = app.owner().get("/live/events").expect(503);
    assert!(answer.header("retry-after").is_some());
}
