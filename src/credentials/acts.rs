//! What waits for a proof.

use serde::{Deserialize, Serialize};

use super::Purpose;
use crate::audit::{Act, Target};
use crate::ids::SdkAppId;
use crate::step_up::Sensitive;
use crate::workspaces::Permission;

/// 重置证书.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResetCertificate {
    /// The app.
    pub app: SdkAppId,
    /// Its name when this was asked for.
    pub name: String,
    /// Which certificate.
    pub purpose: Purpose,
    /// The one that signs, when this was asked for.
    pub certificate: String,
}

impl Sensitive for ResetCertificate {
    const ACT: Act = Act::ResetCertificate;
    const NEEDS: Option<Permission> = Some(Permission::ManageCertificates);

    fn target(&self) -> Target {
        Target::app(self.app, &*self.name)
    }
}

/// 显示密钥.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevealKey {
    /// The app.
    pub app: SdkAppId,
    /// Its name when this was asked for.
    pub name: String,
    /// Which certificate.
    pub purpose: Purpose,
    /// The one that signs, when this was asked for.
    pub certificate: String,
}

impl Sensitive for RevealKey {
    const ACT: Act = Act::RevealKey;
    const NEEDS: Option<Permission> = Some(Permission::ManageCertificates);

    fn target(&self) -> Target {
        Target::app(self.app, &*self.name)
    }
}
