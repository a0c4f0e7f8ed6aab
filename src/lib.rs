//! Switchroom: a self-hosted, server-rendered console for real-time communication.

// A table of messages is one macro call that takes a step a message.
#![recursion_limit = "256"]

pub mod accounts;
pub mod api_keys;
pub mod apps;
pub mod audit;
pub mod authenticators;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod db;
pub mod demo;
pub mod devices;
pub mod disclosures;
pub mod error;
pub mod i18n;
pub mod ids;
pub mod invitations;
pub mod jobs;
pub mod members;
pub mod minutes;
pub mod notify;
pub mod operations;
pub mod overview;
pub mod phones;
pub mod plans;
pub mod private;
pub mod problem;
pub mod random;
pub mod recovery;
pub mod secret;
pub mod services;
pub mod sessions;
pub mod setup;
pub mod startup;
pub mod stats;
pub mod step_up;
pub mod submissions;
pub mod tokens;
pub mod upkeep;
pub mod vault;
pub mod web;
pub mod words;
pub mod workspaces;
