//! What a workspace has, counted from its apps in brief.

use std::collections::BTreeMap;

use crate::apps::store::Brief;
use crate::apps::{Status, app_status};
use crate::clock::UtcTime;
use crate::plans::PlanCode;

/// Apps by state and by plan, and those that need a look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// 开启.
    pub enabled: i64,
    /// 即将到期.
    pub due: i64,
    /// 到期.
    pub expired: i64,
    /// 停用.
    pub disabled: i64,
    /// Apps of each plan that has any.
    pub plans: BTreeMap<PlanCode, i64>,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(apps: &[Brief], now: UtcTime) -> Self {
        let mut summary = Self::default();
        for app in apps {
            match app_status(app.switch, app.plan_ends_at, now) {
                Status::Enabled => summary.enabled += 1,
                Status::Due { .. } => summary.due += 1,
                Status::Expired => summary.expired += 1,
                Status::Disabled => summary.disabled += 1,
            }
            *summary.plans.entry(app.plan).or_default() += 1;
        }
        summary
    }

    /// All apps.
    #[must_use]
    pub const fn all(&self) -> i64 {
        self.enabled + self.due + self.expired + self.disabled
    }
}
