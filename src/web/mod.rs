//! The web: routes, guards, what all pages share.
//!
//! [`routes`] reads as a table of contents. A request passes, from the outside in: the request id
//! and log, security headers, the error's dress, the origin check, the session, the guard of its
//! route (which for a form also reads the body and checks its token), the handler.

pub mod address;
pub mod assets;
pub mod body;
pub mod cx;
pub mod errors;
pub mod faults;
pub mod field;
pub mod flash;
pub mod guard;
pub mod headers;
pub mod observe;
pub mod origin;
pub mod preferences;
pub mod refusals;
pub mod routes;
pub mod shell;
pub mod stream;
pub mod urls;

pub use cx::Cx;
pub use field::Field;
pub use flash::Flash;
pub use guard::Member;
pub use routes::{Need, Routes};
pub use shell::{Crumb, Pager, Section, Shell};

/// Every route with what it needs.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::default();
    crate::operations::routes(&mut routes);
    preferences::routes(&mut routes);
    crate::setup::pages::routes(&mut routes);
    crate::sessions::pages::routes(&mut routes);
    crate::accounts::pages::routes(&mut routes);
    crate::accounts::address::pages::routes(&mut routes);
    crate::accounts::reset::pages::routes(&mut routes);
    crate::accounts::freezing::pages::routes(&mut routes);
    crate::workspaces::pages::routes(&mut routes);
    crate::workspaces::settings::pages::routes(&mut routes);
    crate::members::pages::routes(&mut routes);
    crate::invitations::pages::routes(&mut routes);
    crate::notify::pages::routes(&mut routes);
    crate::overview::pages::routes(&mut routes);
    crate::minutes::pages::routes(&mut routes);
    crate::apps::routes(&mut routes);
    crate::apps::switching::pages::routes(&mut routes);
    crate::credentials::pages::routes(&mut routes);
    crate::authenticators::pages::routes(&mut routes);
    crate::recovery::pages::routes(&mut routes);
    crate::passkeys::pages::routes(&mut routes);
    crate::phones::pages::routes(&mut routes);
    crate::identities::pages::routes(&mut routes);
    crate::step_up::pages::routes(&mut routes);
    crate::tokens::routes(&mut routes);
    crate::events::api::routes(&mut routes);
    crate::stats::api::routes(&mut routes);
    crate::stats::pages::routes(&mut routes);
    crate::api_keys::pages::routes(&mut routes);
    crate::audit::pages::routes(&mut routes);
    crate::help::pages::routes(&mut routes);
    routes
}
