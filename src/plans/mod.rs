//! Plans: what an app may use and until when. The catalogue is a table, so that its limits are
//! data.

pub mod store;
pub mod validity;

crate::words! {
    /// A plan of the catalogue.
    pub enum PlanCode {
        /// 体验版.
        Trial = "trial",
        /// 专业版.
        Standard = "standard",
        /// 旗舰版.
        Pro = "pro",
        /// 旗舰版 Plus.
        ProPlus = "pro_plus",
        /// 企业版.
        Enterprise = "enterprise",
        /// Real-time calls alone, by minutes.
        Trtc = "trtc",
        /// The messaging trial of customers of real-time calls.
        TrtcTrial = "trtc_trial",
        /// Apps from before there were plans.
        ImLegacy = "im_legacy",
    }
}

impl PlanCode {
    /// Whether somebody pays for it. An app that goes by minutes, and every kind of trial, is nobody's
    /// subscription.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        match self {
            Self::Standard | Self::Pro | Self::ProPlus | Self::Enterprise | Self::ImLegacy => true,
            Self::Trial | Self::Trtc | Self::TrtcTrial => false,
        }
    }
}

/// The limits of a plan; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::plans)]
pub struct Limits {
    /// Users.
    pub users_max: Option<i64>,
    /// Friends of a user.
    pub friends_max: Option<i64>,
    /// Groups that a user may be in.
    pub groups_per_user_max: Option<i64>,
    /// Members of a group.
    pub group_members_max: Option<i64>,
    /// Groups.
    pub groups_max: Option<i64>,
    /// Live groups.
    pub live_groups_max: Option<i64>,
    /// Days of history that are included.
    pub history_days: Option<i64>,
}

impl Limits {
    /// Whether anything is limited.
    #[must_use]
    pub fn has_any(&self) -> bool {
        *self != Self::default()
    }
}
