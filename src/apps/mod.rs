//! Apps: the isolated applications of a workspace. An app has an App ID for clients, a number
//! (SDKAppID) for servers, one or both services, a switch, a plan and certificates.

pub mod actions;
pub mod api;
mod app;
pub mod forms;
mod list;
mod name;
pub mod owned;
pub mod pages;
pub mod store;
pub mod switching;
mod tags;
mod wire;

pub use app::{
    App, AppType, DisabledBy, Platforms, Scenario, Service, Services, Status, Switch,
    status as app_status,
};
pub use list::{Filter, Order, PageSize, Sort, StatusFilter};
pub use name::{AppName, folded as folded_name};
pub use owned::{Owned, OwnedByKey, PICKER_MAX};
pub use tags::{Tag, Tags};

/// Mounts pages and API.
pub fn routes(routes: &mut crate::web::Routes) {
    pages::routes(routes);
    api::routes(routes);
}
