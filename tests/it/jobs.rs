//! Jobs: due when they are due, and done by one node at a time.

use std::time::Duration;

use rstest::rstest;
use switchroom::clock::{days, hours, minutes};
use switchroom::jobs::{Job, Outcome, Runner, Stopper};
use switchroom::upkeep;

use crate::support::app::ALPHA;
use crate::support::db::{run, texts};
use crate::support::factors::{app_with_mail, events};
use crate::support::samples::BOTH;
use crate::support::{Backend, PASSWORD, Postgres, Sqlite, TestApp, app_on, at_once, wait};

fn runner(app: &TestApp) -> (Stopper, Runner) {
    let (stopper, stop) = Stopper::new();
    (stopper, Runner::new(app.services().clone(), stop))
}

fn run_if_due(app: &TestApp, job: &Job) -> Option<Outcome> {
    let (_stopper, runner) = runner(app);
    wait(runner.run_if_due(job)).expect("the database")
}

fn row(app: &TestApp) -> String {
    let query = "SELECT name || ' ' || COALESCE(last_outcome, '-') || \
         CASE WHEN lease_owner IS NULL THEN '' ELSE ' held' END AS text FROM jobs";
    app.db(|conn| texts(conn, query)).join(", ")
}

const QUICK: Job = Job {
    name: "quick",
    every: hours(1),
    longest: minutes(1),
    run: |_| Box::pin(async { Ok(()) }),
};

#[rstest]
fn a_job_is_done_at_once_and_then_when_its_time_has_come(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    assert_eq!(run_if_due(&app, &QUICK), Some(Outcome::Done));
    assert_eq!(row(&app), "quick done");
    assert_eq!(run_if_due(&app, &QUICK), None);
    app.clock().forward(Duration::from_secs(3_599));
    assert_eq!(run_if_due(&app, &QUICK), None);
    app.clock().forward(Duration::from_secs(1));
    assert_eq!(run_if_due(&app, &QUICK), Some(Outcome::Done));
}

#[rstest]
fn of_several_nodes_one_does_a_job(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    for _ in 0..5 {
        let done = at_once(8, |_| run_if_due(&app, &QUICK));
        assert_eq!(done.iter().flatten().count(), 1, "{done:?}");
        app.clock().forward(hours(1));
    }
}

#[rstest]
fn the_lease_of_a_node_that_died_ends_by_the_clock(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    assert_eq!(run_if_due(&app, &QUICK), Some(Outcome::Done));
    app.clock().forward(hours(2));
    let until = app.clock().now().plus(minutes(5)).0;
    let died = format!("UPDATE jobs SET lease_owner = 'dead', lease_until = {until}");
    app.db(|conn| run(conn, &died));

    assert_eq!(run_if_due(&app, &QUICK), None);
    app.clock().forward(minutes(5));
    assert_eq!(run_if_due(&app, &QUICK), Some(Outcome::Done));
    assert_eq!(row(&app), "quick done");
}

#[rstest]
fn a_job_that_fails_panics_or_never_ends_is_tried_again_after_a_minute(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };
    let failing = Job { run: |_| Box::pin(async { Err(anyhow::anyhow!("no")) }), ..QUICK };
    let panicking = Job { run: |_| Box::pin(async { panic!("a job that panics") }), ..QUICK };
    let endless = Job {
        longest: Duration::from_millis(50),
        run: |_| Box::pin(std::future::pending()),
        ..QUICK
    };
    for (job, outcome) in [
        (failing, Outcome::Failed),
        (panicking, Outcome::Failed),
        (endless, Outcome::TimedOut),
        (QUICK, Outcome::Done),
    ] {
        assert_eq!(run_if_due(&app, &job), Some(outcome));
        assert_eq!(row(&app), format!("quick {outcome}"));
        assert_eq!(run_if_due(&app, &job), None);
        app.clock().forward(minutes(1));
    }
    assert_eq!(run_if_due(&app, &QUICK), None, "the last one was done");
}

#[rstest]
fn a_node_that_stops_leaves_its_job_to_the_others_at_once(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let endless = Job { run: |_| Box::pin(std::future::pending()), ..QUICK };
    let (stopper, runner) = runner(&app);

    std::thread::scope(|scope| {
        let looking = scope.spawn(|| wait(runner.clone().look_after(endless)));
        // Held as soon as it has begun.
        while row(&app) != "quick - held" {
            std::thread::yield_now();
        }
        stopper.stop();
        looking.join().expect("it stops");
    });

    assert_eq!(row(&app), "quick stopped");
    assert_eq!(run_if_due(&app, &QUICK), Some(Outcome::Done));
}

#[rstest]
fn upkeep_is_a_job_that_the_numbers_count(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    assert_eq!(run_if_due(&app, &upkeep::JOB), Some(Outcome::Done));

    let answer = app.visitor().get("/metrics").expect(200);
    for name in
        ["job_runs_total{job=\"upkeep\",outcome=\"done\"}", "job_run_seconds{job=\"upkeep\""]
    {
        assert!(answer.text().contains(name), "no {name} in {}", answer.text());
    }
}

#[rstest]
fn upkeep_ends_what_nobody_proved_in_time_and_forgets_it_later(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_with_mail(on) else { return };
    let blue = app.has_app(ALPHA, "Blue", BOTH);
    let alice = app.owner();
    alice.post_with_token(&format!("/apps/{blue}/disable"), &[]).expect(303);
    app.has_authenticator("adam");
    app.visitor().sign_in("adam", PASSWORD).expect(303);
    assert_eq!(app.count("SELECT count(*) FROM challenges WHERE state = 'open'"), 2);

    app.clock().forward(minutes(10));
    assert_eq!(run_if_due(&app, &upkeep::JOB), Some(Outcome::Done));

    assert_eq!(app.count("SELECT count(*) FROM challenges WHERE state = 'expired'"), 2);
    assert_eq!(app.count("SELECT count(*) FROM challenges WHERE code_digest IS NOT NULL"), 0);
    let known = events(&app);
    let expired: Vec<_> = known.iter().filter(|event| event.contains(" expired")).collect();
    assert_eq!(expired, ["disable_app expired"]);
    app.clock().forward(days(8));
    assert_eq!(run_if_due(&app, &upkeep::JOB), Some(Outcome::Done));
    for table in ["challenges", "code_sends", "factor_attempts", "reveals"] {
        assert_eq!(app.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}
