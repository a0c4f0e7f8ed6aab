//! The wordings of the audit log.

use super::Texts;
use crate::audit::{Act, ActorKind, Outcome, Reason, TargetKind};

texts! {
    nav_audit = "审计日志", "Audit log";
    nav_team = "团队", "Team";
    audit_lead(zone: &str) = "谁在何时、从哪里做了什么。时间按 {zone} 时区显示，记录不能修改或删除。", "Who did what, when and from where. Times follow {zone}. Nothing here can be changed or removed.";
    audit_lead_scoped(zone: &str) = "与你负责的应用有关的操作。时间按 {zone} 时区显示，记录不能修改或删除。", "Acts on the apps in your reach. Times follow {zone}. Nothing here can be changed or removed.";
    audit_filter = "筛选审计日志", "Filter the audit log";
    audit_export = "导出 CSV", "Export CSV";
    audit_all_people = "全部操作者", "Everybody";
    audit_members = "成员", "Members";
    audit_others = "其他操作者", "Others";
    audit_programs = "API 密钥", "API keys";
    audit_former(id: i64) = "账号 {id}", "Account {id}";
    audit_all_acts = "全部操作", "All acts";
    audit_all_apps = "全部应用", "All apps";
    audit_gone_app(id: i64) = "SDKAppID {id}", "SDKAppID {id}";
    audit_all_outcomes = "全部结果", "All outcomes";
    audit_from = "开始日期", "From";
    audit_to = "结束日期", "To";
    audit_time = "时间", "Time";
    audit_who = "操作者", "Who";
    audit_act = "操作", "Act";
    audit_target = "对象", "Object";
    audit_outcome = "结果", "Outcome";
    audit_address = "网络地址", "Address";
    audit_none = "还没有记录", "No events yet";
    audit_none_words = "登录、创建和编辑应用、查看密钥等操作都会记录在这里。", "Sign-ins, new and edited apps, revealed keys and more will show here.";
    audit_no_match = "没有符合条件的记录", "No events match";
    audit_no_match_words = "请换个条件，或清除筛选。", "Try something else, or clear the filter.";
    audit_no_match_yet = "还没有找到符合条件的记录", "No events match so far";
    audit_no_match_yet_words = "更早的记录还没有查找。", "Older events have not been looked at yet.";
    audit_on_page(count: i64) = "本页 {count} 条记录", one "{count} event on this page", "{count} events on this page";
    audit_looked_at(found: usize, looked: &str) = "查找了 {looked} 条，其中 {found} 条符合条件", "{found} of the {looked} events looked at match";
    audit_newer = "较新的记录", "Newer";
    audit_older = "较早的记录", "Older";
    audit_search_on = "继续查找", "Search on";

    audit_event = "操作详情", "Event";
    audit_who_section = "操作者", "Who";
    audit_proof_section = "记录", "Record";
    audit_changes_section = "变更内容", "Changes";
    audit_kind = "类型", "Kind";
    audit_session = "登录编号", "Sign-in";
    audit_user_agent = "浏览器或客户端", "Browser or client";
    audit_reason = "原因", "Reason";
    audit_method = "身份验证方式", "Identity proved by";
    audit_name = "名称", "Name";
    audit_number = "编号", "Number";
    audit_position = "序号", "Position";
    audit_hash = "校验值", "Hash";
    audit_copy_hash = "复制校验值", "Copy the hash";
    audit_copy_request_id = "复制请求编号", "Copy the request id";
    audit_hash_hint = "覆盖本条与上一条记录，平台管理员可用 switchroom audit verify 校验", "It covers this event and the one before. The operator checks all of them by switchroom audit verify";
    audit_field = "字段", "Field";
    audit_before = "变更前", "Before";
    audit_after = "变更后", "After";
    audit_nothing = "空", "Nothing";
    audit_by_method(method: &str) = "验证方式：{method}", "Proved by {method}";

    audit_kind_person = "人员", "Person";
    audit_kind_key = "API 密钥", "API key";
    audit_kind_host = "主机命令行", "Host";
    audit_kind_system = "系统", "System";
    audit_stranger = "未登录的访客", "Somebody not signed in";

    audit_target_installation = "平台", "Installation";
    audit_target_workspace = "项目", "Workspace";
    audit_target_account = "账号", "Account";
    audit_target_app = "应用", "App";
    audit_target_api_key = "API 密钥", "API key";


    audit_done = "成功", "Done";
    audit_denied = "拒绝", "Denied";
    audit_requested = "待验证", "To be verified";
    audit_cancelled = "已取消", "Cancelled";
    audit_expired = "已过期", "Expired";

    act_set_up = "初始化平台", "Set up the installation";
    act_sign_in = "登录", "Sign in";
    act_sign_out = "退出登录", "Sign out";
    act_end_session = "结束其他登录", "End a sign-in";
    act_end_other_sessions = "退出所有其他登录", "Sign out others";
    act_enter_workspace = "切换项目", "Enter a workspace";
    act_edit_profile = "修改个人资料", "Edit profile";
    act_change_password = "修改密码", "Change password";
    act_ask_password_reset = "申请重置密码", "Ask for a new password";
    act_reset_password = "重置密码", "Reset password";
    act_confirm_email = "确认邮箱", "Confirm e-mail address";
    act_change_email = "更换邮箱", "Change e-mail address";
    act_freeze_account = "冻结账号", "Freeze account";
    act_unfreeze_account = "解除冻结", "Unfreeze account";
    act_change_phone = "设置手机号", "Set phone number";
    act_remove_phone = "移除手机号", "Remove phone number";
    act_add_passkey = "添加通行密钥", "Add passkey";
    act_remove_passkey = "移除通行密钥", "Remove passkey";
    act_connect_identity = "关联单点登录", "Connect single sign-on";
    act_disconnect_identity = "解除单点登录关联", "Disconnect single sign-on";
    act_add_authenticator = "设置身份验证器", "Set up authenticator";
    act_replace_authenticator = "更换身份验证器", "Replace authenticator";
    act_remove_authenticator = "移除身份验证器", "Remove authenticator";
    act_renew_recovery_codes = "生成恢复码", "Make recovery codes";
    act_unlock_account = "解除验证锁定", "Unlock account";
    act_create_app = "创建应用", "Create app";
    act_edit_app = "编辑应用", "Edit app";
    act_enable_app = "开启应用", "Enable app";
    act_disable_app = "停用应用", "Disable app";
    act_delete_app = "删除应用", "Delete app";
    act_reset_certificate = "重置证书", "Reset certificate";
    act_reveal_key = "显示密钥", "Reveal key";
    act_hide_key = "隐藏密钥", "Hide key";
    act_create_operator = "创建平台管理员", "Create operator";
    act_create_workspace = "创建项目", "Create workspace";
    act_edit_workspace = "编辑项目", "Edit workspace";
    act_change_policy = "修改验证策略", "Change verification policy";
    act_invite_member = "邀请成员", "Invite member";
    act_cancel_invitation = "取消邀请", "Cancel invitation";
    act_accept_invitation = "接受邀请", "Accept invitation";
    act_change_member = "修改成员", "Change member";
    act_remove_member = "移除成员", "Remove member";
    act_leave_workspace = "退出项目", "Leave workspace";
    act_hand_over = "转让所有权", "Hand over ownership";
    act_create_api_key = "创建 API 密钥", "Create API key";
    act_roll_api_key = "轮换 API 密钥", "Roll API key";
    act_revoke_api_key = "吊销 API 密钥", "Revoke API key";
    act_grant_minutes = "增加分钟数", "Grant minutes";
    act_set_minutes_alert = "设置分钟数提醒", "Set the alert for minutes";
    act_load_demo = "载入示例数据", "Load sample data";

    reason_wrong_code = "验证码不正确", "Wrong code";
    reason_used_code = "验证码已使用过", "Code used before";
    reason_expired_code = "验证码已过期", "Code too old";
    reason_locked = "本次验证错误次数过多", "Too many wrong codes for this request";
    reason_on_hold = "账号近期错误次数过多", "Too many wrong codes lately";
    reason_hard_stop = "连续错误次数过多，需他人解除", "So many wrong codes that somebody else must lift the hold";
    reason_too_many_sends = "发送验证码过于频繁", "Too many codes sent";
    reason_not_verified = "未验证身份", "Identity not proved";
    reason_expired = "验证超时", "Proof came too late";
    reason_used = "验证已使用过", "Proof used before";
    reason_ended = "请求已取消或被替换", "Request called off or replaced";
    reason_other_session = "验证属于其他登录", "Proof of another sign-in";
    reason_other_account = "验证属于其他账号", "Proof of another person";
    reason_other_workspace = "验证属于其他项目", "Proof of another workspace";
    reason_other_act = "验证属于其他操作", "Proof for another act";
    reason_other_parameters = "操作内容与验证时不同", "Other particulars than verified";
    reason_target_changed = "对象在验证后有变化", "Object changed meanwhile";
    reason_not_possible = "当前状态不允许", "Not possible as things are";
    reason_forbidden = "没有权限", "No permission";
    reason_foreign_form = "表单来自其他登录或网站", "Form of another sign-in or site";
    reason_wrong_method = "请求方式不正确", "Wrong request method";
    reason_not_a_form = "请求不是表单", "Not a form";
    reason_unreadable = "表单无法读取", "Form could not be read";
    reason_api_key = "程序不能执行此操作", "Not for programs";
    reason_disowned = "收件人否认是本人操作", "Disowned by whoever got the mail";
    reason_wrong_passkey = "通行密钥无效", "The passkey did not do";
    reason_wrong_number = "两位数字不正确", "Wrong two digits";

    field_app = "应用", "App";
    field_certificate = "证书编号", "Certificate number";
    field_key_id = "主密钥编号", "Master key";
    field_minutes = "分钟数", "Minutes";
    field_alert_line = "提醒值（分钟）", "Alert line (minutes)";
    field_operator = "平台管理员", "Operator";
    field_owner = "所有者", "Owner";
    field_overlap = "旧密钥继续可用（小时）", "Overlap in hours";
    field_successor = "新密钥编号", "Number of the new key";
    field_prefix = "密钥前缀", "Key prefix";
    field_purpose = "用途", "Purpose";
    field_scopes = "权限范围", "Scopes";
    field_until = "有效期至", "Valid until";
    field_workspace = "项目", "Workspace";

    csv_name = "姓名或名称", "Name";
    csv_act_word = "操作代码", "Act word";
    csv_target_kind = "对象类型", "Object kind";
    csv_target_id = "对象编号", "Object number";
    csv_target_name = "对象名称", "Object name";
    csv_changes = "变更内容（JSON）", "Changes (JSON)";
}

impl Act {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::SetUp => t.act_set_up(),
            Self::SignIn => t.act_sign_in(),
            Self::SignOut => t.act_sign_out(),
            Self::EndSession => t.act_end_session(),
            Self::EndOtherSessions => t.act_end_other_sessions(),
            Self::EnterWorkspace => t.act_enter_workspace(),
            Self::EditProfile => t.act_edit_profile(),
            Self::ChangePassword => t.act_change_password(),
            Self::AskPasswordReset => t.act_ask_password_reset(),
            Self::ResetPassword => t.act_reset_password(),
            Self::ConfirmEmail => t.act_confirm_email(),
            Self::ChangeEmail => t.act_change_email(),
            Self::FreezeAccount => t.act_freeze_account(),
            Self::UnfreezeAccount => t.act_unfreeze_account(),
            Self::ChangePhone => t.act_change_phone(),
            Self::RemovePhone => t.act_remove_phone(),
            Self::AddPasskey => t.act_add_passkey(),
            Self::RemovePasskey => t.act_remove_passkey(),
            Self::ConnectIdentity => t.act_connect_identity(),
            Self::DisconnectIdentity => t.act_disconnect_identity(),
            Self::AddAuthenticator => t.act_add_authenticator(),
            Self::ReplaceAuthenticator => t.act_replace_authenticator(),
            Self::RemoveAuthenticator => t.act_remove_authenticator(),
            Self::RenewRecoveryCodes => t.act_renew_recovery_codes(),
            Self::UnlockAccount => t.act_unlock_account(),
            Self::CreateApp => t.act_create_app(),
            Self::EditApp => t.act_edit_app(),
            Self::EnableApp => t.act_enable_app(),
            Self::DisableApp => t.act_disable_app(),
            Self::DeleteApp => t.act_delete_app(),
            Self::ResetCertificate => t.act_reset_certificate(),
            Self::RevealKey => t.act_reveal_key(),
            Self::HideKey => t.act_hide_key(),
            Self::CreateOperator => t.act_create_operator(),
            Self::CreateWorkspace => t.act_create_workspace(),
            Self::EditWorkspace => t.act_edit_workspace(),
            Self::ChangePolicy => t.act_change_policy(),
            Self::InviteMember => t.act_invite_member(),
            Self::CancelInvitation => t.act_cancel_invitation(),
            Self::AcceptInvitation => t.act_accept_invitation(),
            Self::ChangeMember => t.act_change_member(),
            Self::RemoveMember => t.act_remove_member(),
            Self::LeaveWorkspace => t.act_leave_workspace(),
            Self::HandOver => t.act_hand_over(),
            Self::CreateApiKey => t.act_create_api_key(),
            Self::RollApiKey => t.act_roll_api_key(),
            Self::RevokeApiKey => t.act_revoke_api_key(),
            Self::GrantMinutes => t.act_grant_minutes(),
            Self::SetMinutesAlert => t.act_set_minutes_alert(),
            Self::LoadDemo => t.act_load_demo(),
        }
    }
}

impl Outcome {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Done => t.audit_done(),
            Self::Denied => t.audit_denied(),
            Self::Requested => t.audit_requested(),
            Self::Cancelled => t.audit_cancelled(),
            Self::Expired => t.audit_expired(),
        }
    }
}

impl Reason {
    /// What it says.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::WrongCode => t.reason_wrong_code(),
            Self::UsedCode => t.reason_used_code(),
            Self::ExpiredCode => t.reason_expired_code(),
            Self::Locked => t.reason_locked(),
            Self::OnHold => t.reason_on_hold(),
            Self::HardStop => t.reason_hard_stop(),
            Self::TooManySends => t.reason_too_many_sends(),
            Self::NotVerified => t.reason_not_verified(),
            Self::Expired => t.reason_expired(),
            Self::Used => t.reason_used(),
            Self::Ended => t.reason_ended(),
            Self::OtherSession => t.reason_other_session(),
            Self::OtherAccount => t.reason_other_account(),
            Self::OtherWorkspace => t.reason_other_workspace(),
            Self::OtherAct => t.reason_other_act(),
            Self::OtherParameters => t.reason_other_parameters(),
            Self::TargetChanged => t.reason_target_changed(),
            Self::NotPossible => t.reason_not_possible(),
            Self::Forbidden => t.reason_forbidden(),
            Self::ForeignForm => t.reason_foreign_form(),
            Self::WrongMethod => t.reason_wrong_method(),
            Self::NotAForm => t.reason_not_a_form(),
            Self::Unreadable => t.reason_unreadable(),
            Self::ApiKey => t.reason_api_key(),
            Self::Disowned => t.reason_disowned(),
            Self::WrongNumber => t.reason_wrong_number(),
            Self::WrongPasskey => t.reason_wrong_passkey(),
        }
    }
}

impl ActorKind {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Person => t.audit_kind_person(),
            Self::Key => t.audit_kind_key(),
            Self::Host => t.audit_kind_host(),
            Self::System => t.audit_kind_system(),
        }
    }
}

impl TargetKind {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Installation => t.audit_target_installation(),
            Self::Workspace => t.audit_target_workspace(),
            Self::Account => t.audit_target_account(),
            Self::App => t.audit_target_app(),
            Self::ApiKey => t.audit_target_api_key(),
        }
    }
}
