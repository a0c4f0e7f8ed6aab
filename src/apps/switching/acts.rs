//! What waits for a proof, and what does it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::actions;
use crate::audit::{Act, Target};
use crate::i18n::Texts;
use crate::ids::SdkAppId;
use crate::services::Services;
use crate::step_up::{Asker, Doing, Granted, Sensitive, Waiting};
use crate::web::{Flash, urls};
use crate::workspaces::Permission;

/// 停用应用.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DisableApp {
    /// The app.
    pub app: SdkAppId,
    /// Its name when this was asked for.
    pub name: String,
    /// Its version when this was asked for.
    pub version: i64,
}

impl Sensitive for DisableApp {
    const ACT: Act = Act::DisableApp;
    const NEEDS: Option<Permission> = Some(Permission::WriteApps);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::app(self.app, &*self.name)
    }
}

impl Waiting for DisableApp {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_disable_app()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_disable_app().into()
    }

    fn start(&self) -> String {
        urls::disable_app(self.app)
    }

    fn way_back(&self) -> String {
        urls::edit_app(self.app)
    }

    fn result(&self) -> String {
        urls::app(self.app)
    }

    fn flash(&self) -> Flash {
        Flash::AppDisabled { app: self.app, name: self.name.clone() }
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::disable(services, asker, *self, granted.proof()))
    }
}

/// 删除应用.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeleteApp {
    /// The app.
    pub app: SdkAppId,
    /// Its name, as the person typed it.
    pub name: String,
    /// Its version when this was asked for.
    pub version: i64,
}

impl Sensitive for DeleteApp {
    const ACT: Act = Act::DeleteApp;
    const NEEDS: Option<Permission> = Some(Permission::WriteApps);
    const IS_DANGEROUS: bool = true;

    fn target(&self) -> Target {
        Target::app(self.app, &*self.name)
    }
}

impl Waiting for DeleteApp {
    fn in_sentence(&self, t: Texts) -> &'static str {
        t.to_delete_app()
    }

    fn effect(&self, t: Texts) -> Cow<'static, str> {
        t.effect_delete_app().into()
    }

    fn start(&self) -> String {
        urls::delete_app(self.app)
    }

    fn way_back(&self) -> String {
        urls::edit_app(self.app)
    }

    fn result(&self) -> String {
        urls::APPS.to_owned()
    }

    fn flash(&self) -> Flash {
        Flash::AppDeleted { name: self.name.clone() }
    }

    fn perform<'a>(
        self: Box<Self>,
        services: &'a Services,
        asker: &'a Asker,
        granted: Granted,
    ) -> Doing<'a> {
        Box::pin(actions::delete(services, asker, *self, granted.proof()))
    }
}
