//! The wordings of members, invitations and a workspace's settings.

use super::Texts;
use crate::workspaces::{DangerPolicy, Permission, PermissionGroup, Reach, ReachKind, Role};

texts! {
    members = "成员", "Members";
    members_lead(count: i64) = "共 {count} 名成员。角色决定能做什么，应用范围决定对哪些应用。", one "{count} member. The role says what somebody may do, the reach with which apps.", "{count} members. The role says what somebody may do, the reach with which apps.";
    member_you = "你", "You";
    member_role = "角色", "Role";
    member_reach = "应用范围", "Reach";
    member_second_factor = "两步验证", "Second factor";
    member_last_seen = "最近访问", "Last seen";
    member_joined = "加入时间", "Joined";
    list_comma = "、", ", ";
    list_and_more(names: &str, more: i64) = "{names} 等，另有 {more} 个", "{names} and {more} more";
    member_never = "无记录", "Never";
    member_disabled = "账号已停用", "Account disabled";
    member_frozen = "账号已冻结", "Account frozen";
    member_manage = "管理", "Manage";
    member_of(name: &str) = "：{name}", ": {name}";
    member_title(name: &str) = "管理成员：{name}", "Manage {name}";
    member_edit = "角色与应用范围", "Role and reach";
    member_edit_words = "修改从对方的下一次请求起生效，并会邮件告知对方。", "A change counts from their next request, and they are told by mail.";
    member_save = "修改成员", "Change member";
    member_self = "你不能修改自己的角色。你可以退出项目；所有者还可以把所有权转让给其他成员。", "You cannot change your own role. You can leave the workspace, and an owner can hand it over to another member.";
    member_is_owner = "对方已经是所有者。", "They are an owner already.";
    member_above = "只有所有者才能管理所有者。", "Only an owner manages owners.";
    member_stale = "此成员已被他人修改。下面是你填写的内容，请核对后再次提交。", "Somebody else has changed this member. Below is what you entered: check it and send it again.";

    reach_all = "全部应用", "All apps";
    reach_all_words = "包括以后创建的应用", "Also apps that are created later";
    reach_apps = "指定应用", "Chosen apps";
    reach_apps_words = "只有下面勾选的应用", "Only the apps that are ticked below";
    reach_tag = "带有某个标签的应用", "Apps with a tag";
    reach_tag_words = "包括以后带上此标签的应用", "Also apps that get the tag later";
    reach_count(count: i64) = "{count} 个应用", one "{count} app", "{count} apps";
    reach_tagged(key: &str, value: &str) = "标签 {key}={value}", "Tag {key}={value}";
    reach_hint = "所有者和管理员始终可访问全部应用", "Owners and admins always reach all apps";
    reach_apps_label = "应用", "Apps";
    reach_apps_none = "项目中还没有应用。", "The workspace has no apps yet.";
    reach_tag_label = "标签", "Tag";
    reach_tag_none = "还没有应用带有此标签", "No app has this tag yet";
    reach_tag_hint = "写作 键=值，例如 team=education", "As key=value, such as team=education";

    to_invite_member = "邀请成员", "send the invitation";
    effect_invite_member(email: &str, role: &str, reach: &str) = "邀请 {email}。接受后，对方的角色是「{role}」，应用范围是「{reach}」。", "{email} is invited. Once they accept, their role is {role}, with {reach} in reach.";
    to_change_member = "修改成员", "change the member";
    to_remove_member = "移除成员", "remove the member";
    to_hand_over = "转让所有权", "hand over the workspace";
    effect_change_member(role: &str, reach: &str) = "对方的角色将是「{role}」，应用范围是「{reach}」，从下一次请求起生效。", "Their role will be {role}, with {reach} in reach, from their next request on.";
    effect_remove_member = "对方立即失去对此项目的访问，在此项目中的登录全部结束。对方创建的 API 密钥仍然有效，会列在成员页，请逐一确认是否吊销。", "They lose access to this workspace at once, and their sign-ins here end. API keys that they made keep working: the members page lists them, so that you can revoke them.";
    effect_hand_over(name: &str) = "{name} 成为所有者，可访问全部应用；你成为管理员，之后不能再管理所有者或收回所有权。", "{name} becomes the owner, with all apps in reach. You become an admin, and cannot manage owners or take the workspace back.";
    member_remove = "移除成员", "Remove member";
    member_remove_words = "对方立即失去对此项目的访问。", "They lose access to this workspace at once.";
    member_hand_over = "转让所有权", "Hand over ownership";
    member_hand_over_words = "对方成为所有者，你成为管理员。", "They become the owner, and you an admin.";
    member_danger = "所有权与移除", "Ownership and removal";

    leave = "退出项目", "Leave workspace";
    leave_words(workspace: &str) = "你将立即失去对「{workspace}」的访问。要再次加入，需要有人重新邀请你。", "You lose access to {workspace} at once. To come back, somebody must invite you again.";
    leave_sure = "我要退出此项目", "I want to leave this workspace";
    leave_confirm = "确认", "Confirm";
    leave_last_owner = "你是唯一能登录的所有者，不能退出项目。请先把所有权转让给其他成员。", "You are the only owner who can sign in, so you cannot leave. Hand the workspace over to another member first.";
    leave_to_members = "查看成员", "See members";

    roles_page = "角色与权限", "Roles and permissions";
    roles_lead = "每种角色能做什么。此表由系统实际使用的规则生成。", "What each role may do. This table is made from the rules that are enforced.";
    roles_scroll = "左右滑动可查看全部角色。", "Scroll sideways to see all roles.";
    roles_permission = "权限", "Permission";
    roles_yes = "允许", "Yes";
    roles_no = "不允许", "No";
    role_owner_words = "拥有全部权限，可管理所有者和转让所有权", "Everything, also managing owners and handing the workspace over";
    role_admin_words = "除所有权以外的全部权限", "Everything but ownership";
    role_engineer_words = "应用、证书、Token 和统计数据，不含用户分钟数", "Apps, certificates, tokens and statistics, but not minutes";
    role_operations_words = "查看应用和统计数据，不含用户分钟数", "Sees apps and statistics, but not minutes";
    role_finance_words = "查看应用、统计数据和用户分钟数，设置分钟数提醒", "Sees apps, statistics and minutes, and sets the alert for minutes";
    role_viewer_words = "查看应用、统计数据和用户分钟数，不含密钥", "Sees apps, statistics and minutes, but no secrets";
    group_apps = "应用", "Apps";
    group_data = "数据与记录", "Data and records";
    group_workspace = "项目与成员", "Workspace and members";
    may_read_apps = "查看应用及其设置", "See apps and their settings";
    may_write_apps = "创建、编辑、开启、停用和删除应用", "Create, edit, enable, disable and delete apps";
    may_manage_certificates = "查看、重置和显示证书与密钥", "See, reset and show certificates and keys";
    may_mint_tokens = "生成 Token", "Generate tokens";
    may_verify_tokens = "校验 Token", "Verify tokens";
    may_read_statistics = "查看统计数据", "See statistics";
    may_read_minutes = "查看用户分钟数及明细", "See minutes and their ledger";
    may_manage_minutes = "设置分钟数提醒", "Set the alert for minutes";
    may_read_audit = "查看和导出审计日志", "See and export the audit log";
    may_read_members = "查看成员", "See members";
    may_manage_members = "邀请、修改和移除成员", "Invite, change and remove members";
    may_manage_api_keys = "管理 API 密钥", "Manage API keys";
    may_manage_workspace = "修改项目设置和验证策略", "Change the workspace's settings and verification policy";
    may_hand_over = "转让所有权", "Hand over ownership";

    invitations = "未接受的邀请", "Open invitations";
    invitations_lead = "邀请链接 7 天内有效，只能使用一次。", "An invitation works for 7 days, once.";
    invitation_by = "邀请人", "Invited by";
    invitation_until = "有效期至", "Valid until";
    invitation_expired = "已过期", "Expired";
    invitation_waits = "等待接受", "Waiting";
    invitation_is_void = "已失效", "Does not work";
    invitation_void = "邀请人已无权邀请，此邀请已失效。重新发送即以你的名义邀请", "Whoever invited may not any more, so it does not work. Send it again to invite in your name";
    invitation_former = "已不是成员", "Not a member any more";
    invitation_resend = "重新发送", "Send again";
    invitation_relink = "生成新链接", "Make a new link";
    invitation_cancel = "取消邀请", "Cancel invitation";
    invite = "邀请成员", "Invite member";
    invite_lead = "对方会收到一封带有链接的邮件，7 天内有效。", "They get a mail with a link that works for 7 days.";
    invite_lead_by_hand = "此系统没有设置邮件服务器。提交后会显示邀请链接，请自行发给对方。", "This installation sends no mail. The link is shown once you send this, for you to hand over.";
    invite_submit = "发送邀请", "Send invitation";
    invite_submit_by_hand = "生成邀请链接", "Make an invitation link";
    invite_by_hand = "邀请链接已生成", "Invitation link";
    invite_by_hand_again = "此系统没有设置邮件服务器，请把链接发给对方。链接在 5 分钟内可以查看；拿到链接的人都可以使用它。", "This installation sends no mail: hand the link over yourself. It can be seen here for 5 minutes, and whoever has it can use it.";
    invite_by_hand_words(email: &str) = "此系统没有设置邮件服务器，请把链接发给 {email}。链接只显示这一次，离开此页后不再显示；拿到链接的人都可以使用它。", "This installation sends no mail: hand the link to {email}. It is shown this once and not again after you leave, and whoever has it can use it.";
    invite_link_copy = "复制邀请链接", "Copy the invitation link";
    invite_done = "返回成员", "Back to members";

    keys_left = "离开的成员留下的 API 密钥", "API keys that former members made";
    keys_left_lead = "这些密钥仍然有效。创建者可能还保存着它们，请确认是否吊销。", "They still work, and whoever made them may have kept them. Decide which to revoke.";
    keys_left_maker = "创建者", "Made by";
    keys_left_key = "密钥", "Key";
    keys_left_manage = "管理 API 密钥", "Manage API keys";

    invitation = "加入项目", "Join a workspace";
    invitation_lead(inviter: &str, workspace: &str) = "{inviter} 邀请你加入项目「{workspace}」。", "{inviter} invites you to the workspace {workspace}.";
    invitation_for = "受邀邮箱", "Invited address";
    invitation_workspace = "项目", "Workspace";
    invitation_accept = "接受邀请", "Accept invitation";
    invitation_member(workspace: &str) = "你已经是项目「{workspace}」的成员。", "You are a member of {workspace} already.";
    invitation_enter = "进入项目", "Enter workspace";
    invitation_other(email: &str) = "你当前以 {email} 登录，但这份邀请发给了另一个邮箱。请退出登录，然后再次打开邀请链接。", "You are signed in as {email}, but this invitation is for another address. Sign out, then open the link again.";
    invitation_known = "此邮箱已有账号。登录后会回到这里。", "This address has an account. Sign in, and you come back here.";
    invitation_sign_in = "登录以接受", "Sign in to accept";
    invitation_new = "为此邮箱创建账号，即可加入。", "Make an account for this address to join.";
    invitation_create = "创建账号并加入", "Make account and join";
    invitation_password = "密码", "Password";
    invitation_password_again = "再次输入密码", "Password again";
    invitation_gone = "此邀请已失效", "This invitation does not work";
    invitation_gone_words = "链接可能不完整、已使用、已取消，或已被新的邀请取代。如果你已经接受，请直接登录。", "The link may be incomplete, used, cancelled, or replaced by a newer one. If you have accepted it, sign in.";
    invitation_expired_words = "邀请已过期。请邀请你的人重新发送。", "It has expired. Ask whoever invited you to send it again.";
    invitation_void_words = "邀请你的人已无权邀请成员。请联系项目的其他所有者或管理员。", "Whoever invited you may not invite members any more. Ask another owner or admin of the workspace.";

    workspace_settings = "项目设置", "Workspace settings";
    workspace_general = "基本信息", "General";
    workspace_name = "项目名称", "Workspace name";
    workspace_zone_hint = "页面上的日期按此时区显示；已有应用的统计时区不变", "Pages show dates in this zone. The statistics of existing apps keep theirs";
    workspace_save = "保存项目设置", "Save settings";
    workspace_stale = "项目设置已被他人修改。下面是你填写的内容，请核对后再次提交。", "Somebody else has changed the settings. Below is what you entered: check it and send it again.";
    policy = "危险操作的验证方式", "Verifying dangerous actions";
    policy_lead = "停用和删除应用、重置证书、移除成员等会造成破坏或中断的操作，需要用什么方式验证身份。", "How people prove who they are before they destroy or interrupt something: disabling and deleting apps, resetting certificates, removing members.";
    policy_honest = "短信和邮件都弱于通行密钥和身份验证器：短信可能被补卡或转发截获，邮件取决于邮箱本身的安全。", "Text messages and e-mail are weaker than a passkey or an authenticator: a number can be taken over or forwarded, and a code by e-mail is as safe as the mailbox.";
    policy_standard = "标准", "Standard";
    policy_standard_words = "邮件、通行密钥或身份验证器；短信仅限还没有后两者的成员", "E-mail, passkey or authenticator; text messages only for people who have neither of the last two";
    policy_sms_allowed = "允许短信", "Text messages allowed";
    policy_sms_allowed_words = "任何方式都可以，最弱", "Any method: the weakest choice";
    policy_authenticator_required = "必须使用通行密钥或身份验证器", "Passkey or authenticator required";
    policy_authenticator_required_words = "最强。没有设置的成员要先设置，24 小时后才能执行这些操作", "The strongest. Members who have neither set one up first, and can do these things 24 hours later";
    policy_save = "修改验证策略", "Change policy";
    to_change_policy = "修改验证策略", "change the policy";
    effect_change_policy(policy: &str) = "此项目的危险操作改用「{policy}」策略，立即生效。", "Dangerous actions in this workspace follow the policy “{policy}” at once.";

    flash_member_invited = "邀请已发送", "Invitation sent";
    flash_invitation_cancelled = "邀请已取消", "Invitation cancelled";
    flash_invitation_accepted = "已加入项目", "You have joined the workspace";
    flash_already_member = "你已经是此项目的成员", "You are a member of this workspace already";
    flash_member_changed = "成员已修改", "Member changed";
    flash_member_removed = "成员已移除", "Member removed";
    flash_handed_over = "所有权已转让", "Ownership handed over";
    flash_workspace_left = "已退出项目", "You have left the workspace";
    flash_workspace_saved = "项目设置已保存", "Settings saved";
    flash_policy_changed = "验证策略已修改", "Policy changed";

    problem_one_tag = "请填写一个标签，写作 键=值", "Enter one tag, as key=value";
    problem_no_app = "请至少勾选一个应用", "Choose at least one app";
    problem_too_many_apps(max: usize) = "最多指定 {max} 个应用，更多应用请用标签", "Choose at most {max} apps. For more of them use a tag";
    problem_not_yours_to_manage = "你的角色不能授予或管理此角色", "Your role cannot give or manage this role";
    problem_last_owner = "项目至少要有一位能登录的所有者。请先把所有权转让给其他成员", "A workspace needs an owner who can sign in. Hand it over to another member first";
    problem_already_member = "此邮箱的用户已经是成员", "Somebody with this address is a member already";
    problem_already_invited = "此邮箱已有未接受的邀请，可以在成员页重新发送", "This address has an open invitation. You can send it again on the members page";
    problem_too_many_members(max: i64) = "项目最多有 {max} 名成员", "A workspace has at most {max} members";
    problem_too_many_invitations(max: i64) = "最多有 {max} 份未接受的邀请，请先取消不需要的", "There are {max} open invitations, the most there may be. Cancel some first";
    problem_invitation_pause(seconds: i64) = "{seconds} 秒后可重新发送", one "It can be sent again in {seconds} second", "It can be sent again in {seconds} seconds";
    problem_invitations_full = "邀请邮件发送次数过多。请明天再试，或取消后重新邀请", "Invitations were sent too often. Try again tomorrow, or cancel this one and invite anew";
    problem_not_sure = "请勾选以确认", "Tick the box to confirm";
    problem_own_factor_young = "你还没有设置满 24 小时的通行密钥或身份验证器，启用后自己也无法执行这些操作。请先设置，24 小时后再启用", "You have no passkey or authenticator that is 24 hours old, so you would shut yourself out. Set one up, and choose this after 24 hours";
    problem_nothing_to_change = "没有修改任何内容", "Nothing would change";
    problem_saved_meanwhile = "已被他人修改，请核对后再次提交", "Somebody else has changed it. Check it and send it again";

    mail_invitation_subject(inviter: &str, workspace: &str) = "{inviter} 邀请你加入「{workspace}」", "{inviter} invites you to {workspace}";
    mail_invitation_lead(inviter: &str) = "{inviter} 邀请你加入 Switchroom 中的项目：", "{inviter} invites you to a workspace in Switchroom:";
    mail_invitation_open = "打开链接查看并接受邀请。链接只能使用一次。", "Open the link to see and accept the invitation. It works once.";
    mail_invitation_not_you = "如果你不认识对方，请忽略这封邮件，什么都不会发生。", "If you do not know them, ignore this mail: nothing will happen.";
    mail_membership_lead(workspace: &str) = "你在 Switchroom 项目「{workspace}」中的身份发生了变化：", "Your place in the Switchroom workspace {workspace} has changed:";
    mail_membership_added(workspace: &str) = "你已加入「{workspace}」", "You have joined {workspace}";
    mail_membership_changed(workspace: &str) = "你在「{workspace}」中的角色或应用范围已修改", "Your role or reach in {workspace} was changed";
    mail_membership_removed(workspace: &str) = "你已被移出「{workspace}」", "You were removed from {workspace}";
    mail_membership_took_over(workspace: &str) = "你已成为「{workspace}」的所有者", "You own {workspace} now";
    mail_membership_handed_over(workspace: &str) = "你已转让「{workspace}」的所有权", "You have handed {workspace} over";
    mail_membership_left(workspace: &str) = "你已退出「{workspace}」", "You have left {workspace}";
    mail_joined(name: &str, workspace: &str) = "{name} 已加入「{workspace}」", "{name} has joined {workspace}";
    mail_joined_lead(workspace: &str) = "有人接受了邀请，加入了 Switchroom 项目「{workspace}」：", "Somebody has accepted an invitation to the Switchroom workspace {workspace}:";
    mail_joined_member = "成员", "Member";
    mail_joined_not_right = "如果这不对，请在成员页修改对方的角色或将其移除：", "If this is not right, change their role or remove them here:";
    mail_membership_by = "操作者", "By";
    mail_membership_not_you = "如有疑问，请联系项目的所有者或管理员。你可以在这里查看你所在的项目：", "If this is not right, ask an owner or admin of the workspace. Your workspaces:";
}

impl Role {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Owner => t.role_owner(),
            Self::Admin => t.role_admin(),
            Self::Engineer => t.role_engineer(),
            Self::Operations => t.role_operations(),
            Self::Finance => t.role_finance(),
            Self::Viewer => t.role_viewer(),
        }
    }

    /// What it is for.
    #[must_use]
    pub const fn words(self, t: Texts) -> &'static str {
        match self {
            Self::Owner => t.role_owner_words(),
            Self::Admin => t.role_admin_words(),
            Self::Engineer => t.role_engineer_words(),
            Self::Operations => t.role_operations_words(),
            Self::Finance => t.role_finance_words(),
            Self::Viewer => t.role_viewer_words(),
        }
    }
}

impl Permission {
    /// What it allows.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::ReadApps => t.may_read_apps(),
            Self::WriteApps => t.may_write_apps(),
            Self::ManageCertificates => t.may_manage_certificates(),
            Self::MintTokens => t.may_mint_tokens(),
            Self::VerifyTokens => t.may_verify_tokens(),
            Self::ReadStatistics => t.may_read_statistics(),
            Self::ReadMinutes => t.may_read_minutes(),
            Self::ManageMinutes => t.may_manage_minutes(),
            Self::ReadAudit => t.may_read_audit(),
            Self::ReadMembers => t.may_read_members(),
            Self::ManageMembers => t.may_manage_members(),
            Self::ManageApiKeys => t.may_manage_api_keys(),
            Self::ManageWorkspace => t.may_manage_workspace(),
            Self::HandOver => t.may_hand_over(),
        }
    }
}

impl PermissionGroup {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Apps => t.group_apps(),
            Self::Data => t.group_data(),
            Self::Workspace => t.group_workspace(),
        }
    }
}

impl ReachKind {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::All => t.reach_all(),
            Self::Apps => t.reach_apps(),
            Self::Tag => t.reach_tag(),
        }
    }

    /// What it covers.
    #[must_use]
    pub const fn words(self, t: Texts) -> &'static str {
        match self {
            Self::All => t.reach_all_words(),
            Self::Apps => t.reach_apps_words(),
            Self::Tag => t.reach_tag_words(),
        }
    }
}

impl Reach {
    /// The same inside a sentence.
    #[must_use]
    pub fn in_sentence(&self, t: Texts) -> String {
        t.inside(&self.name(t))
    }

    /// What it covers, in short.
    #[must_use]
    pub fn name(&self, t: Texts) -> String {
        match self {
            Self::All => t.reach_all().to_owned(),
            Self::Apps(apps) => t.reach_count(i64::try_from(apps.len()).unwrap_or(i64::MAX)),
            Self::Tag { key, value } => t.reach_tagged(key, value),
        }
    }
}

impl DangerPolicy {
    /// Its name.
    #[must_use]
    pub const fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Standard => t.policy_standard(),
            Self::SmsAllowed => t.policy_sms_allowed(),
            Self::AuthenticatorRequired => t.policy_authenticator_required(),
        }
    }

    /// What it asks for.
    #[must_use]
    pub const fn words(self, t: Texts) -> &'static str {
        match self {
            Self::Standard => t.policy_standard_words(),
            Self::SmsAllowed => t.policy_sms_allowed_words(),
            Self::AuthenticatorRequired => t.policy_authenticator_required_words(),
        }
    }
}
