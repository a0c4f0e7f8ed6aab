//! Guessing passwords: how often, by whom, and what it costs.

use rstest::rstest;
use switchroom::clock::minutes;

use crate::support::{Backend, PASSWORD, Postgres, Request, Sqlite, app_on, at_once};

#[rstest]
fn after_ten_wrong_passwords_the_right_one_is_refused_too_for_a_quarter_of_an_hour(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };

    for _ in 0..10 {
        app.visitor().sign_in("alice", "wrong password").expect(422);
    }
    let checks = app.password_checks(|| {
        let answer = app.visitor().sign_in("alice", PASSWORD).expect(429);
        assert_eq!(answer.header("retry-after").as_deref(), Some("900"));
    });
    assert_eq!(checks, 0);
    app.visitor().sign_in("bob", PASSWORD).expect(303);

    app.clock().forward(minutes(14));
    let answer = app.visitor().sign_in("alice", PASSWORD).expect(429);
    assert_eq!(answer.header("retry-after").as_deref(), Some("60"));
    app.clock().forward(minutes(1));
    app.visitor().sign_in("alice", PASSWORD).expect(303);
}

#[rstest]
fn an_unknown_address_is_throttled_as_a_known_one(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    for _ in 0..10 {
        app.visitor().sign_in("nobody", "wrong password").expect(422);
    }
    app.visitor().sign_in("nobody", "wrong password").expect(429);
}

#[rstest]
fn the_right_password_clears_the_count(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    for _ in 0..2 {
        for _ in 0..9 {
            app.visitor().sign_in("alice", "wrong password").expect(422);
        }
        app.visitor().sign_in("alice", PASSWORD).expect(303);
    }
}

#[rstest]
fn attempts_are_counted_across_a_restart(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    for _ in 0..10 {
        app.visitor().sign_in("alice", "wrong password").expect(422);
    }

    let app = app.restarted();

    app.visitor().sign_in("alice", PASSWORD).expect(429);
}

#[rstest]
fn twelve_spellings_of_one_address_share_a_counter(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let spellings = [
        "alice@example.com",
        "ALICE@EXAMPLE.COM",
        "Alice@Example.com",
        " alice@example.com",
        "alice@example.com ",
        "\u{3000}alice@example.com",
        "ａｌｉｃｅ@example.com",
        "alice＠example.com",
        "ALICE@ｅｘａｍｐｌｅ.ｃｏｍ",
        "alice@example.com.",
        "aLiCe@eXaMpLe.CoM.",
        "ⓐⓛⓘⓒⓔ@example.com",
    ];

    let statuses: Vec<_> = spellings
        .iter()
        .map(|email| app.visitor().sign_in_as(email, "wrong password").status)
        .collect();

    assert_eq!(statuses, [[422].repeat(10), vec![429, 429]].concat());
}

#[rstest]
fn one_network_address_gets_thirty_attempts_whatever_the_accounts(
    #[values(Sqlite, Postgres)] on: Backend,
) {
    let Some(app) = app_on(on) else { return };

    for number in 0..30 {
        let guess = app.visitor().at("192.0.2.7");
        guess.sign_in(&format!("person{number}"), "wrong password").expect(422);
    }
    app.visitor().at("192.0.2.7").sign_in("alice", PASSWORD).expect(429);
    app.visitor().at("192.0.2.8").sign_in("alice", PASSWORD).expect(303);
}

#[rstest]
fn addresses_of_one_ipv6_network_are_one(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };

    for number in 0..30 {
        let guess = app.visitor().at(&format!("2001:db8:1:2::{number:x}"));
        guess.sign_in(&format!("person{number}"), "wrong password").expect(422);
    }
    app.visitor().at("2001:db8:1:2:ffff::1").sign_in("alice", PASSWORD).expect(429);
    app.visitor().at("2001:db8:1:3::1").sign_in("alice", PASSWORD).expect(303);
}

#[rstest]
fn of_two_hundred_guesses_at_once_ten_are_looked_at(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let visitor = app.visitor();
    let form = visitor.visit("/sign-in").form("Sign in");
    let form = form.fill("email", "alice@example.com").fill("password", "wrong password");

    let mut statuses = Vec::new();
    let checks = app.password_checks(|| {
        statuses = at_once(200, |number| {
            let address = format!("198.51.100.{}", number % 250);
            let request = Request::form(&form.action, &form.fields());
            visitor.send(request.header("x-forwarded-for", address)).status
        });
    });

    assert_eq!(checks, 10);
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 10, "{statuses:?}");
    assert!(statuses.iter().all(|status| [422, 429].contains(status)), "{statuses:?}");
}

#[rstest]
fn those_who_sign_in_do_not_lock_out_their_network(#[values(Sqlite, Postgres)] on: Backend) {
    let Some(app) = app_on(on) else { return };
    let office = "203.0.113.9";

    for _ in 0..40 {
        app.visitor().at(office).sign_in("alice", PASSWORD).expect(303);
    }
    for name in ["carol", "dave", "erin"] {
        for _ in 0..10 {
            app.visitor().at(office).sign_in(name, "wrong password").expect(422);
        }
    }
    app.visitor().at(office).sign_in("alice", PASSWORD).expect(429);
}
