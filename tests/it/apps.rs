//! Apps: made within the quota, once; edited without overwriting anybody.

use rstest::rstest;
use switchroom::credentials::Purpose;
use switchroom::credentials::store::certificates_of_app;
use switchroom::db::Conn;
use switchroom::ids::SdkAppId;
use switchroom::workspaces::Role;

use crate::support::app::{ALPHA, BETA};
use crate::support::db::{run, texts};
use crate::support::page::Form;
use crate::support::samples::{BOTH, RTC};
use crate::support::{Actor, Backend, Postgres, Sqlite, TestApp, app_on, at_once};

const CREATE: &str = "Create app";
const SAVE: &str = "Save app";

fn new_form<'a>(actor: &Actor<'a>, name: &str) -> Form<'a> {
    actor.visit("/apps/new").expect(200).form(CREATE).fill("name", name)
}

fn apps(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM apps")
}

/// Makes the workspace as full as is told, without making the apps.
fn taken(app: &TestApp, rtc: i64, im: i64) {
    let sql = format!("UPDATE workspaces SET rtc_apps = {rtc}, im_apps = {im} WHERE id = 1");
    app.db(|conn| run(conn, &sql));
}

#[rstest]
fn an_app_is_made_with_all_that_was_said_of_it_and_leads_on_to_a_token(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);
    assert_eq!(erin.visit("/apps").expect(200).count("main table"), 0);

    let form = new_form(&erin, " 课堂 Blue ").choose("scenario", "online_education");
    let form =
        form.choose("services", "rtc").choose("services", "im").choose("app_type", "education");
    let form = form.fill("description", "two\r\nlines").fill("tags", "team=a\r\nenv = prod");
    let page = form.submit().expect(200);

    assert_eq!(page.path(), "/apps");
    let flash = page.flash().expect("a message");
    assert!(flash.starts_with("App created: 课堂 Blue."), "{flash}");
    let [id] = ids(&page).try_into().expect("one app");
    assert!(page.links().contains(&format!("/apps/{id}/tokens")), "{:?}", page.links());
    let made = app.db(|conn| {
        texts(
            conn,
            "SELECT name || '|' || name_key || '|' || scenario || '|' || app_type || '|' || \
               description || '|' || account_type || '|' || statistics_zone || '|' || plan AS text \
             FROM apps",
        )
    });
    assert_eq!(
        made,
        ["课堂 Blue|课堂 blue|online_education|education|two\nlines|36862|Asia/Shanghai|trial"]
    );
    assert_eq!(id, 1_400_000_001);
    let tags =
        app.db(|conn| texts(conn, "SELECT key || '=' || value AS text FROM app_tags ORDER BY key"));
    assert_eq!(tags, ["env=prod", "team=a"]);
    assert_eq!(app.count("SELECT count(*) FROM certificates WHERE slot = 'primary'"), 2);
    assert_eq!(app.count("SELECT rtc_apps * 100 + im_apps FROM workspaces WHERE id = 1"), 101);
    assert_eq!(app.count("SELECT rtc_apps + im_apps FROM workspaces WHERE id = 2"), 0);
}

/// The numbers of the apps of a list, in its order.
fn ids(page: &crate::support::page::Page<'_>) -> Vec<i64> {
    let links = page.attributes("main tbody th a", "href");
    links.iter().map(|link| link.trim_start_matches("/apps/").parse().expect("a number")).collect()
}

#[rstest]
fn a_form_sent_twice_makes_one_app(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);
    let form = new_form(&erin, "Blue");

    let statuses = at_once(8, |_| erin.post(&form.action, &form.fields()).status);

    assert_eq!(statuses, [303].repeat(8));
    assert_eq!(apps(&app), 1);
    form.submit().expect(200);
    assert_eq!(apps(&app), 1);
    assert_eq!(app.count("SELECT rtc_apps FROM workspaces WHERE id = 1"), 1);
    let other = app.person("alice");
    let stolen = form.fill("name", "Green").forged("token", &other.token());
    stolen.sent_by(&other).expect(303);
    assert_eq!(apps(&app), 2, "the key of another person's form means nothing");
}

#[rstest]
fn a_name_is_taken_whatever_its_case_and_width(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);
    app.has_app(ALPHA, "Blue Ａ", BOTH);
    app.has_app(BETA, "Green", BOTH);
    let before = app.rows();

    for name in ["Blue Ａ", "blue a", "BLUE Ａ", "Ｂlue ａ", " blue A "] {
        let page = new_form(&erin, name).submit().expect(422);
        page.problem("name", "Another app in this workspace has this name. Choose a different one");
        assert_eq!(page.form(CREATE).value("name"), name);
    }
    app.expect_unchanged(&before, "a taken name");
    new_form(&erin, "Green").submit().expect(200);
}

#[rstest]
fn a_refused_form_keeps_what_was_typed(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);

    let form = new_form(&erin, "x").choose("scenario", "telemedicine").unchoose("services", "rtc");
    let form = form.fill("tags", "no tag").choose("app_type", "medical");
    let page = form.fill("description", &"d".repeat(301)).submit().expect(422);

    page.problem("name", "Use at least 2 characters")
        .problem("services", "Choose at least one service")
        .problem("tags", "Write one tag per line, as key=value")
        .problem("description", "Use at most 300 characters");
    let form = page.form(CREATE);
    assert_eq!(form.value("scenario"), "telemedicine");
    assert_eq!(form.value("app_type"), "medical");
    assert_eq!(form.chosen("services"), Vec::<String>::new());
    assert_eq!(form.value("tags"), "no tag");
    let form = form.fill("name", "Blue").choose("services", "im").fill("tags", "");
    form.fill("description", "").submit().expect(200);
    assert_eq!(apps(&app), 1);
}

#[rstest]
fn a_workspace_has_ten_rtc_apps_and_three_hundred_im_apps_disabled_ones_included(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);
    for number in 0..10 {
        app.has_app(ALPHA, &format!("Calls {number}"), RTC);
    }
    app.db(|conn| run(conn, "UPDATE apps SET switch = 'disabled', disabled_by = 'member'"));

    let page = erin.visit("/apps/new").expect(200);
    assert!(
        page.texts("main .note.warn").join("").contains("10 RTC apps"),
        "{:?}",
        page.texts("main")
    );
    let form = page.form(CREATE).fill("name", "Eleventh");
    assert_eq!(form.chosen("services"), ["im"], "what there is room for");
    let form = form.unchoose("services", "im").choose("services", "rtc");
    let page = form.submit().expect(422);
    let said = page.problem_of("services").expect("a problem");
    assert!(said.starts_with("This workspace has 10 RTC apps"), "{said}");
    assert_eq!(apps(&app), 10);

    taken(&app, 10, 299);
    let lead = erin.visit("/apps/new").texts("main .head p").join("");
    assert!(lead.ends_with("room for 0 more RTC apps and 1 more IM app."), "{lead}");
    form.unchoose("services", "rtc").choose("services", "im").submit().expect(200);
    let page = erin.visit("/apps/new").expect(200);
    assert_eq!(page.heading(), "Create app");
    assert!(page.forms().iter().all(|form| !form.has_open("name")), "nothing can be made");
    let fields = [
        ("submission", &*"ab".repeat(16)),
        ("name", "One more"),
        ("scenario", "other"),
        ("services", "im"),
    ];
    erin.post_with_token("/apps/new", &fields).expect(422);
    assert_eq!(apps(&app), 11);
}

#[rstest]
fn of_fifty_at_once_one_gets_the_last_place(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);
    let token = erin.token();

    for (round, (service, rtc, im)) in
        [("rtc", 9, 0), ("im", 0, 299), ("rtc", 9, 7)].into_iter().enumerate()
    {
        taken(&app, rtc, im);
        let before = apps(&app);
        let statuses = at_once(50, |number| {
            let fields = [
                ("token", token.clone()),
                ("submission", format!("{:032x}", round * 100 + number)),
                ("name", format!("Round {round} number {number}")),
                ("scenario", "other".to_owned()),
                ("services", service.to_owned()),
            ];
            let fields = fields.map(|(name, value)| (name.to_owned(), value));
            erin.post("/apps/new", &fields).status
        });

        let made = statuses.iter().filter(|status| **status == 303).count();
        assert_eq!(made, 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [303, 422].contains(status)), "{statuses:?}");
        assert_eq!(apps(&app), before + 1);
        let full = format!(
            "SELECT count(*) FROM workspaces WHERE id = 1 AND {service}_apps = {service}_apps_max"
        );
        assert_eq!(app.count(&full), 1);
    }
}

#[rstest]
fn an_rtc_app_needs_minutes_and_an_im_app_does_not(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);
    let form = new_form(&erin, "Blue");
    assert_eq!(form.chosen("services"), ["rtc"]);

    for gone in [
        "UPDATE minute_packages SET remaining = 0",
        "UPDATE minute_packages SET remaining = granted, expires_at = 1772438400000000",
        "UPDATE minute_packages SET starts_at = 1772438400000001, expires_at = 1872438400000000",
    ] {
        app.db(|conn| run(conn, gone));
        let page = form.submit().expect(422);
        page.problem("services", "No minutes are left, and an RTC app needs some");
        assert_eq!(new_form(&erin, "Green").chosen("services"), ["im"], "what can be made");
    }
    assert_eq!(apps(&app), 0);
    form.unchoose("services", "rtc").choose("services", "im").submit().expect(200);
}

fn edit_form<'a>(actor: &Actor<'a>, id: SdkAppId) -> Form<'a> {
    actor.visit(&format!("/apps/{id}/edit")).expect(200).form(SAVE)
}

#[rstest]
fn an_app_is_edited_and_its_services_stay(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let erin = app.member(Role::Engineer);

    let form = edit_form(&erin, blue);
    assert!(!form.has_open("services"), "services are not edited here");
    let form = form.fill("name", "Azure").choose("platforms", "ios").choose("platforms", "web");
    let page = form.choose("app_type", "game").fill("tags", "env=prod").submit().expect(200);

    assert_eq!(page.path(), format!("/apps/{blue}"));
    assert_eq!(page.flash().as_deref(), Some("App saved: Azure."));
    let form = edit_form(&erin, blue);
    assert_eq!(form.value("name"), "Azure");
    assert_eq!(form.chosen("platforms"), ["ios", "web"]);
    assert_eq!(form.value("app_type"), "game");
    assert_eq!(form.value("tags").trim(), "env=prod");
    let form = form.unchoose("platforms", "ios").choose("app_type", "").fill("tags", "");
    form.submit().expect(200);
    let form = edit_form(&erin, blue);
    assert_eq!(form.chosen("platforms"), ["web"]);
    assert_eq!(form.value("tags"), "");
    assert_eq!(app.count("SELECT count(*) FROM apps WHERE rtc AND im AND version = 3"), 1);
}

#[rstest]
fn who_saves_second_sees_both_values_and_overwrites_nothing_unseen(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (erin, alice) = (app.member(Role::Engineer), app.owner());
    let late = edit_form(&alice, blue).fill("name", "Navy").fill("description", "by alice");
    edit_form(&erin, blue).fill("name", "Azure").fill("tags", "by=erin").submit().expect(200);
    let before = app.rows();

    let page = late.submit().expect(422);

    page.problem("name", "Saved now: Azure").problem("tags", "Saved now: by=erin");
    let form = page.form(SAVE);
    assert_eq!(form.value("name"), "Navy");
    assert_eq!(form.value("description"), "by alice");
    app.expect_unchanged(&before, "a late edit");
    form.submit().expect(200);
    assert_eq!(edit_form(&erin, blue).value("name"), "Navy");
}

#[rstest]
fn tags_in_another_order_are_the_same_tags(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let (erin, alice) = (app.member(Role::Engineer), app.owner());
    let tagged = edit_form(&erin, blue).fill("tags", "env=prod\nteam=a");
    tagged.choose("platforms", "ios").choose("platforms", "web").submit().expect(200);
    let late = edit_form(&alice, blue).fill("tags", "team=a\r\n\r\n env = prod");
    edit_form(&erin, blue).fill("name", "Azure").submit().expect(200);

    let page = late.fill("name", "Navy").submit().expect(422);

    assert_eq!(page.blamed(), ["name"]);
}

#[rstest]
fn of_twenty_edits_of_one_version_one_is_saved(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let erin = app.member(Role::Engineer);
    let form = edit_form(&erin, blue);
    let forms: Vec<_> =
        (0..20).map(|number| form.clone().fill("name", &format!("Blue {number}"))).collect();

    let statuses =
        at_once(20, |number| erin.post(&forms[number].action, &forms[number].fields()).status);

    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [303, 422].contains(status)), "{statuses:?}");
    assert_eq!(app.count("SELECT version FROM apps"), 2);
}

/// Gives a member fewer apps in reach.
fn limit(app: &TestApp, name: &str, reach: &str) {
    let sql = format!(
        "UPDATE memberships SET {reach} WHERE account_id = \
         (SELECT id FROM accounts WHERE name = '{name}')"
    );
    app.db(|conn| run(conn, &sql));
}

#[rstest]
fn a_member_with_listed_apps_reaches_these_and_what_they_make(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let [blue, green] = ["Blue", "Green"].map(|name| app.has_app(ALPHA, name, BOTH));
    limit(&app, "erin", "reach = 'apps'");
    let lists = format!(
        "INSERT INTO membership_apps SELECT id, {blue} FROM memberships WHERE reach = 'apps'"
    );
    app.db(|conn| run(conn, &lists));
    let erin = app.member(Role::Engineer);

    assert_eq!(ids(&erin.visit("/apps").expect(200)), [blue.0]);
    erin.get(&format!("/apps/{green}")).expect(404);
    erin.get(&format!("/apps/{green}/edit")).expect(404);
    let page = erin.visit(&format!("/apps/{blue}")).expect(200);
    assert!(!page.response().text().contains("Green"), "the picker shows what is out of reach");
    new_form(&erin, "Mine").submit().expect(200);
    assert_eq!(ids(&erin.visit("/apps")), [1_400_000_003, blue.0]);
    let page = new_form(&erin, "green").submit().expect(422);
    assert_eq!(page.blamed(), ["name"], "names are unique in the whole workspace");
}

#[rstest]
fn a_member_with_a_tag_reaches_the_apps_that_carry_it_and_cannot_drop_it(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let [blue, green] = ["Blue", "Green"].map(|name| app.has_app(ALPHA, name, BOTH));
    limit(&app, "erin", "reach = 'tag', tag_key = 'team', tag_value = 'a'");
    app.db(|conn| {
        run(
            conn,
            &format!("INSERT INTO app_tags VALUES ({blue}, 'team', 'a'), ({green}, 'team', 'b')"),
        );
    });
    let erin = app.member(Role::Engineer);

    assert_eq!(ids(&erin.visit("/apps").expect(200)), [blue.0]);
    erin.get(&format!("/apps/{green}")).expect(404);
    edit_form(&erin, blue).fill("tags", "team=b").submit().expect(200);
    assert_eq!(ids(&erin.visit("/apps")), [blue.0]);
    new_form(&erin, "Mine").submit().expect(200);
    assert_eq!(ids(&erin.visit("/apps")), [1_400_000_003, blue.0]);

    let many = |count: usize| {
        let tags: Vec<_> = (0..count).map(|number| format!("k{number}=v")).collect();
        tags.join("\n")
    };
    let before = app.rows();
    let page = new_form(&erin, "Many").fill("tags", &many(20)).submit().expect(422);
    page.problem("tags", "Use at most 20 tags");
    let page = edit_form(&erin, blue).fill("tags", &many(20)).submit().expect(422);
    page.problem("tags", "Use at most 20 tags");
    app.expect_unchanged(&before, "a tag too many");
    edit_form(&erin, blue).fill("tags", &many(19)).submit().expect(200);
    edit_form(&app.owner(), blue).fill("name", "Azure").submit().expect(200);

    let other = edit_form(&app.owner(), green);
    let token = erin.token();
    other.forged("token", &token).sent_by(&erin).expect(404);
}

/// Both secrets of an app, opened.
pub fn secrets_of(app: &TestApp, id: SdkAppId) -> Vec<String> {
    let (vault, now) = (&app.services().vault, app.clock().now());
    let of = |conn: &mut Conn, purpose| {
        let found = certificates_of_app(conn, vault, id, purpose, now).expect("certificates");
        found[0].secret.expose().to_owned()
    };
    app.db(|conn| Purpose::ALL.iter().map(|purpose| of(conn, *purpose)).collect())
}

#[rstest]
fn nothing_of_a_secret_is_in_any_page_or_answer(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let secrets = secrets_of(&app, blue);
    assert!(secrets.iter().all(|secret| secret.len() >= 32), "two secrets");
    let owner = app.owner();
    let key = app.key(switchroom::api_keys::ApiScope::ALL);

    let mut answers = vec![];
    for entry in switchroom::web::routes().entries() {
        if entry.method == "GET" {
            let path = crate::support::samples::path(&entry, blue);
            answers.push((path.clone(), owner.get(&path)));
            answers.push((path.clone(), key.get(&path)));
        }
    }
    for (path, answer) in answers {
        let text = answer.text();
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{path} tells a secret");
        assert!(!text.contains(key.key()), "{path} tells an API key");
    }
    let rows = app.rows().join("\n");
    assert!(!secrets.iter().any(|secret| rows.contains(secret)), "a secret is stored as it is");
}

#[rstest]
fn a_form_sent_again_for_another_app_says_that_the_first_one_was_made(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);
    let form = new_form(&erin, "Blue");
    form.submit().expect(200);

    let page = form.fill("name", "Green").submit().expect(422);
    let words = "This form was sent before, and its app was created. Send it again to create \
                 another one";
    page.problem("name", words);
    assert_eq!(apps(&app), 1);
    page.form(CREATE).submit().expect(200);
    assert_eq!(apps(&app), 2);
}

#[rstest]
fn any_name_is_told_by_the_message_after_it(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let erin = app.member(Role::Engineer);

    for name in ["A; B=1", "x; Domain=evil.test", "\"quoted\", with comma", "课堂 互动"] {
        let answer = new_form(&erin, name).send().expect(303);
        let cookies: Vec<_> = answer.headers_named("set-cookie").collect();
        assert!(cookies.iter().all(|cookie| cookie.is_ascii()), "{cookies:?}");
        assert!(!cookies.concat().contains("Domain"), "{cookies:?}");
        let flash = erin.visit("/apps").flash().expect("a message");
        assert!(flash.contains(name), "{flash}");
    }
}

#[rstest]
fn a_form_of_one_workspace_makes_nothing_in_another(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let joins = "INSERT INTO memberships (workspace_id, account_id, role, created_at) \
                 SELECT 2, id, 'engineer', 1 FROM accounts WHERE name = 'erin'";
    app.db(|conn| run(conn, joins));
    let erin = app.person("erin");
    let form = new_form(&erin, "Blue");
    erin.post_with_token("/workspaces", &[("workspace", "2")]).expect(303);

    let page = form.submit().expect(422);
    assert_eq!(page.heading(), "You are in another workspace now");
    assert_eq!(apps(&app), 0);
    page.form("/apps/new").submit().expect(200);
    assert_eq!(app.count("SELECT workspace_id FROM apps"), 2, "the one that is shown now");
}
