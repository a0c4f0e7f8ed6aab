//! The journeys, a file for each part of the console.

mod accounts;
mod app_list;
mod apps;
mod errors;
mod every_page;
mod first_run;
mod passkeys;
mod people;
mod pictures;
mod preferences;
mod sign_in;
mod step_up;
mod tokens;
mod trends;
mod without_scripts;
