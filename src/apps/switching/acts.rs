//! What waits for a proof.

use serde::{Deserialize, Serialize};

use crate::audit::{Act, Target};
use crate::ids::SdkAppId;
use crate::step_up::Sensitive;
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

    fn target(&self) -> Target {
        Target::app(self.app, &*self.name)
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

    fn target(&self) -> Target {
        Target::app(self.app, &*self.name)
    }
}
