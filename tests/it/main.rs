//! The console as a whole: its real composition on a real port, seen through its own pages.
//!
//! [`support::app`] starts it on either database, [`support::actor`] are the people and programs
//! that use it, [`support::page`] reads what they see. What wants both databases takes a
//! [`support::Backend`] by value; time is wound, never slept.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics has told what it is there for"
)]

#[path = "../support/postgres.rs"]
mod postgres;
mod support;

mod accounts;
mod activity;
mod addresses;
mod api;
mod api_keys;
mod app_list;
mod apps;
mod audit;
mod authenticators;
mod bad_input;
mod bodies;
mod clients;
mod codes;
mod command_line;
mod conformance;
mod coverage;
mod database;
mod devices;
mod events;
mod forgotten;
mod freezing;
mod identities;
mod invitations;
mod jobs;
mod links;
mod live;
mod mail;
mod mail_links;
mod members;
mod minutes;
mod my_sessions;
mod operations;
mod overview;
mod passkeys;
mod phones;
mod proofs;
mod recovery;
mod schema;
mod sessions;
mod setup;
mod sms;
mod sms_codes;
mod statistics;
mod switching;
mod throttle;
mod tidy;
mod tokens;
mod workspace;
