//! The wordings of the token pages, and why a token is refused.

use super::Texts;
use crate::tokens::actions::Denial;
use crate::tokens::{Flaw, Kind, Lack, Refusal, Slot};

texts! {
    token_tools = "Token 工具", "Token tools";
    token_temporary = "生成临时 Token", "Generate a temporary token";
    token_temporary_tab = "临时 Token", "Temporary token";
    token_usersig_tab = "UserSig", "UserSig";
    token_check_tab = "校验", "Verify";
    token_temporary_lead = "仅用于调试，24 小时后失效。上线时请在你的服务端签发 Token。", "For testing only. It expires after 24 hours. In production, issue tokens from your server.";
    token_channel = "频道名", "Channel name";
    token_channel_hint = "1–63 个字节，可用字母、数字、空格和 ! # $ % & ( ) + - : ; < = . > ? @ [ ] ^ _ { } | ~ ,", "1 to 63 letters, digits, spaces and ! # $ % & ( ) + - : ; < = . > ? @ [ ] ^ _ { } | ~ ,";
    token_user = "用户（选填）", "User (optional)";
    token_user_hint = "留空则任何用户都可以使用", "Without one, any user may use the token";
    token_role = "角色", "Role";
    token_publisher = "主播", "Publisher";
    token_publisher_hint = "加入频道，发布音频、视频和数据", "Joins the channel, publishes audio, video and data";
    token_subscriber = "观众", "Subscriber";
    token_subscriber_hint = "加入频道，只接收", "Joins the channel, receives only";
    token_more = "更多选项", "More options";
    token_format = "格式", "Format";
    token_format_007_hint = "AccessToken2，推荐", "AccessToken2, recommended";
    token_format_006_hint = "AccessToken，供旧版 SDK 使用", "AccessToken, for old SDKs";
    token_paste_lead = "要用另一套凭证签名时，填写下面两项。粘贴的证书只用于这一次签名，不会保存。", "Fill in both to sign with other credentials. A pasted certificate signs this once and is never stored.";
    token_app_id = "另一个 App ID（选填）", "Another App ID (optional)";
    token_certificate = "它的 App 证书", "Its App certificate";
    token_certificate_hint = "32 位十六进制数", "32 hex digits";
    token_generate = "生成 Token", "Generate token";
    token_generated = "临时 Token 已生成", "Token generated";
    token_shown_once = "离开此页后不再显示。", "It is not shown again once you leave this page.";
    token_valid_until = "有效期至", "Valid until";
    token_copy = "复制临时 Token", "Copy the token";

    usersig = "生成 UserSig", "Generate a UserSig";
    usersig_lead = "UserSig 是用户登录时的密码，默认 180 天有效。上线时请在你的服务端签发。", "A UserSig is what a user signs in with. It lasts 180 days unless you say otherwise. In production, issue it from your server.";
    usersig_secrecy = "密钥泄露会让他人冒充你的用户。粘贴的密钥只用于这一次签名，不会保存。", "Whoever has the key can act as your users. A pasted key signs this once and is never stored.";
    usersig_user_hint = "1–32 个字母、数字、下划线或连字符，不能全为数字", "1 to 32 letters, digits, underscores or hyphens, not digits only";
    usersig_days = "有效期（天）", "Valid for (days)";
    usersig_days_hint = "最多 3,650 天", "At most 3,650 days";
    usersig_room = "房间权限", "Room privileges";
    usersig_room_lead = "填写房间后，还会生成一个 PrivateMapKey，随 UserSig 一起交给客户端。在实时音视频平台开启高级权限控制后才会检查它。", "With a room you also get a PrivateMapKey, which the client sends along with the UserSig. It is checked only where room permission keys are switched on.";
    usersig_room_label = "房间（选填）", "Room (optional)";
    usersig_room_hint = "数字为数字房间号，其他可见 ASCII 字符为字符串房间号，最多 64 个字节", "Digits are a numeric room. Other visible ASCII characters, up to 64, are a string room";
    usersig_privileges = "权限", "Privileges";
    usersig_create_room = "创建房间", "Create the room";
    usersig_enter_room = "进入房间", "Enter the room";
    usersig_send_audio = "发送语音", "Send audio";
    usersig_receive_audio = "接收语音", "Receive audio";
    usersig_send_video = "发送视频", "Send video";
    usersig_receive_video = "接收视频", "Receive video";
    usersig_send_screen = "发送屏幕分享", "Send screen sharing";
    usersig_receive_screen = "接收屏幕分享", "Receive screen sharing";
    usersig_paste = "用另一个密钥签名", "Sign with another key";
    usersig_sdk_app_id = "另一个 SDKAppID", "Another SDKAppID";
    usersig_key = "它的密钥", "Its key";
    usersig_key_hint = "完整的密钥，通常为 64 位十六进制数", "The whole key, usually 64 hex digits";
    usersig_generate = "生成 UserSig", "Generate UserSig";
    usersig_generated = "UserSig 已生成", "UserSig generated";
    usersig_copy = "复制 UserSig", "Copy the UserSig";
    usersig_room_key(room: &str) = "房间 {room} 的 PrivateMapKey", "PrivateMapKey for room {room}";
    usersig_copy_room_key = "复制 PrivateMapKey", "Copy the PrivateMapKey";

    check_token = "校验 Token", "Verify a token";
    check_lead = "粘贴一个 Token，查看其中每个字段和它被拒绝的准确原因。", "Paste a token to see every field and the exact reason where it fails.";
    check_credential_hint = "007、006 开头的 Token，或 UserSig、PrivateMapKey", "A token that begins with 007 or 006, a UserSig or a PrivateMapKey";
    check_channel = "频道名（选填）", "Channel name (optional)";
    check_room = "房间（选填）", "Room (optional)";
    check_match_hint = "填写后同时检查是否匹配", "If given, the token must be for it";
    check_channel_hint = "填写后同时检查是否匹配；普通 UserSig 不限频道", "If given, the token must be for it. A plain UserSig is for every channel";
    check_room_hint = "要求 UserSig 带有此房间的权限", "If given, a UserSig must carry rights in this room";
    check_paste = "用另一个密钥校验", "Verify with another key";
    check_paste_lead = "粘贴的密钥只用于这一次校验，不会保存。", "A pasted key checks this once and is never stored.";
    check_app = "另一个 App ID 或 SDKAppID", "Another App ID or SDKAppID";
    check_app_hint = "Token 填 App ID，UserSig 填 SDKAppID", "An App ID for a token, an SDKAppID for a UserSig";
    check_key = "它的证书或密钥", "Its certificate or key";
    check_submit = "校验", "Verify";
    check_valid(span: &str) = "Token 有效，还有 {span}到期。", "The token is valid for another {span}.";
    check_claims = "内容", "Claims";
    check_as_written = "以下内容按 Token 所写显示，签名未通过验证，不可信。", "Shown as written in the token. No signature vouches for it.";
    check_any = "任意", "any";
    check_signed_primary = "主密钥", "the primary key";
    check_signed_secondary = "备用密钥", "the secondary key";
    check_signed_retired = "已重置的密钥", "a key that was reset";
    check_signed_pasted = "粘贴的密钥", "the pasted key";
    check_ago(span: &str) = "{span}前", "{span} ago";
    check_left(span: &str) = "还有 {span}", "{span} left";
    check_in(span: &str) = "{span}后", "in {span}";

    span_seconds(count: i64) = "{count} 秒", one "{count} second", "{count} seconds";
    span_minutes(count: i64) = "{count} 分钟", one "{count} minute", "{count} minutes";
    span_hours(count: i64) = "{count} 小时", one "{count} hour", "{count} hours";
    span_days(count: i64) = "{count} 天", one "{count} day", "{count} days";

    denial_disabled = "应用已停用，不能生成 Token，已有的 Token 也全部无效。", "This app is disabled. No tokens are issued, and none of those in use is accepted.";
    denial_disabled_link = "查看应用", "See app";
    denial_no_rtc = "此应用未开通实时音视频服务，不能生成频道 Token 或房间权限。登录即时通信请使用 UserSig；需要通话时，请使用带有实时音视频服务的应用。", "This app has no audio and video (RTC), so there are no channel tokens and room privileges. To sign in to messaging use a UserSig. For calls use an app with RTC.";
}

texts! {
    refusal_malformed(what: &str) = "Token 格式不正确：{what}。", "The token is malformed: {what}.";
    refusal_wrong_app = "Token 属于另一个应用。", "The token is for another app.";
    refusal_wrong_user = "Token 属于另一个用户。", "The token is for another user.";
    refusal_wrong_channel = "Token 属于另一个频道或房间。", "The token is for another channel or room.";
    refusal_expired(span: &str) = "已于 {span}前过期。", "Expired {span} ago.";
    refusal_not_yet_valid(span: &str) = "尚未生效：签发时间在 {span}之后，请检查签发服务器的时钟。", "Not valid yet: its issue time is {span} ahead. Check the clock of the server that issued it.";
    refusal_bad_signature = "签名不匹配：签名所用的密钥不同，或内容被改动过。", "The signature does not match: another key made it, or the content was altered.";
    refusal_retired_key = "由已重置的密钥签名。", "Signed with a key that was reset.";
    refusal_app_disabled = "应用已停用，它的 Token 全部无效。", "The app is disabled, and none of its tokens is accepted.";
    refusal_service_disabled = "应用未开通实时音视频服务。", "The app has no audio and video (RTC).";
    lack_rtc_service = "Token 不含实时音视频权限。", "The token grants nothing for audio and video (RTC).";
    lack_privilege(name: &str) = "Token 缺少权限 {name}。", "The token lacks the privilege {name}.";
    lack_lapsed(name: &str, span: &str) = "权限 {name} 已于 {span}前过期。", "The privilege {name} expired {span} ago.";
    lack_room_key = "这是普通 UserSig，不含房间权限（PrivateMapKey）。", "This is a plain UserSig without room privileges (PrivateMapKey).";
    lack_room(names: &str) = "Token 缺少房间权限 {names}。", "The token lacks the room privileges {names}.";

    flaw_empty = "没有内容", "it is empty";
    flaw_too_long = "超过 8 KiB", "it is longer than 8 KiB";
    flaw_prefix = "开头与格式不符", "it does not begin as its format does";
    flaw_base64 = "不是有效的 Base64 编码，可能没有复制完整", "it is not valid Base64, perhaps not copied whole";
    flaw_compression = "压缩数据已损坏或不完整", "its compressed data is broken or cut off";
    flaw_inflated = "解压后超过 64 KiB", "it inflates to more than 64 KiB";
    flaw_after_compression = "压缩数据之后有多余的字节", "bytes follow its compressed data";
    flaw_json = "内容不是 JSON 对象", "its content is not a JSON object";
    flaw_duplicate_key = "JSON 中有重复的键", "its JSON has a key twice";
    flaw_field_missing(field: &str) = "缺少字段 {field}", "the field {field} is missing";
    flaw_field_type(field: &str) = "字段 {field} 的类型不正确", "the field {field} has the wrong type";
    flaw_field_range(field: &str) = "字段 {field} 的值超出范围", "the field {field} is out of range";
    flaw_version = "TLS.ver 不是 2.0，不支持此版本的 UserSig", "TLS.ver is not 2.0, and no other version of UserSig is supported";
    flaw_user_buffer = "TLS.userbuf 不是有效的 PrivateMapKey", "TLS.userbuf is not a valid PrivateMapKey";
    flaw_app_id = "App ID 不是 32 位字符", "its App ID does not have 32 characters";
    flaw_signature_length = "签名不是 32 个字节", "its signature does not have 32 bytes";
    flaw_truncated = "内容在字段中间中断", "its content ends in the middle of a field";
    flaw_text = "文本字段不是 UTF-8", "a text field is not UTF-8";
    flaw_unknown_service(code: u16) = "未知的服务类型 {code}", "it has a service of the unknown type {code}";
    flaw_service_order = "服务没有按类型升序排列", "its services are not in ascending order";
    flaw_privilege_order = "权限没有按升序排列，或有重复", "its privileges are not in ascending order, or one is there twice";
    flaw_trailing_bytes = "最后一个字段之后有多余的字节", "bytes follow its last field";
}

impl Texts {
    /// A span of seconds in the largest unit that says enough, rounded; never zero.
    #[must_use]
    pub fn span(self, seconds: i64) -> String {
        let in_units = |unit: i64| seconds.saturating_add(unit / 2) / unit;
        match seconds {
            ..120 => self.span_seconds(seconds.max(1)),
            120..7_200 => self.span_minutes(in_units(60)),
            7_200..172_800 => self.span_hours(in_units(3_600)),
            _ => self.span_days(in_units(86_400)),
        }
    }
}

impl Refusal {
    /// The reason in words, seen at `now` (unix seconds).
    #[must_use]
    pub fn text(self, t: Texts, now: i64) -> String {
        match self {
            Self::Malformed(flaw) => t.refusal_malformed(&flaw.text(t)),
            Self::WrongApp => t.refusal_wrong_app().into(),
            Self::WrongUser => t.refusal_wrong_user().into(),
            Self::WrongChannel => t.refusal_wrong_channel().into(),
            Self::Expired { since } => t.refusal_expired(&t.span(now.saturating_sub(since))),
            Self::NotYetValid { from } => {
                t.refusal_not_yet_valid(&t.span(from.saturating_sub(now)))
            }
            Self::BadSignature => t.refusal_bad_signature().into(),
            Self::RetiredKey => t.refusal_retired_key().into(),
            Self::MissingPrivilege(lack) => lack.text(t, now),
            Self::AppDisabled => t.refusal_app_disabled().into(),
            Self::ServiceDisabled => t.refusal_service_disabled().into(),
        }
    }
}

impl Lack {
    /// What is missing, in words.
    #[must_use]
    pub fn text(self, t: Texts, now: i64) -> String {
        match self {
            Self::RtcService => t.lack_rtc_service().into(),
            Self::Rtc(privilege) => t.lack_privilege(privilege.name()),
            Self::RtcLapsed { privilege, since } => {
                t.lack_lapsed(privilege.name(), &t.span(now.saturating_sub(since)))
            }
            Self::RoomKey => t.lack_room_key().into(),
            Self::Room(privileges) => {
                t.lack_room(&privileges.names().collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Flaw {
    /// Where the token is malformed, in words that follow a colon.
    #[must_use]
    pub fn text(self, t: Texts) -> String {
        match self {
            Self::Empty => t.flaw_empty().into(),
            Self::TooLong => t.flaw_too_long().into(),
            Self::Prefix => t.flaw_prefix().into(),
            Self::Base64 => t.flaw_base64().into(),
            Self::Compression => t.flaw_compression().into(),
            Self::Inflated => t.flaw_inflated().into(),
            Self::AfterCompression => t.flaw_after_compression().into(),
            Self::Json => t.flaw_json().into(),
            Self::DuplicateKey => t.flaw_duplicate_key().into(),
            Self::FieldMissing(field) => t.flaw_field_missing(field.key()),
            Self::FieldType(field) => t.flaw_field_type(field.key()),
            Self::FieldRange(field) => t.flaw_field_range(field.key()),
            Self::Version => t.flaw_version().into(),
            Self::UserBuffer => t.flaw_user_buffer().into(),
            Self::AppId => t.flaw_app_id().into(),
            Self::SignatureLength => t.flaw_signature_length().into(),
            Self::Truncated => t.flaw_truncated().into(),
            Self::Text => t.flaw_text().into(),
            Self::UnknownService(code) => t.flaw_unknown_service(code),
            Self::ServiceOrder => t.flaw_service_order().into(),
            Self::PrivilegeOrder => t.flaw_privilege_order().into(),
            Self::TrailingBytes => t.flaw_trailing_bytes().into(),
        }
    }
}

impl Kind {
    /// Its own name, the same in both languages.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::UserSig => "UserSig",
            Self::AccessToken2 => "AccessToken2 (007)",
            Self::AccessToken => "AccessToken (006)",
        }
    }
}

impl Slot {
    /// Which key it is, in words.
    #[must_use]
    pub const fn text(self, t: Texts) -> &'static str {
        match self {
            Self::Primary => t.check_signed_primary(),
            Self::Secondary => t.check_signed_secondary(),
            Self::Retired => t.check_signed_retired(),
        }
    }
}

impl Denial {
    /// Why nothing is minted, and what to do.
    #[must_use]
    pub const fn text(self, t: Texts) -> &'static str {
        match self {
            Self::AppDisabled => t.denial_disabled(),
            Self::NoRtc => t.denial_no_rtc(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::i18n::Language;
    use crate::tokens::Refusal;

    #[test]
    fn spans_are_told_in_the_unit_that_says_enough() {
        let (zh, en) = (Language::Chinese.texts(), Language::English.texts());
        for (seconds, chinese, english) in [
            (0, "1 秒", "1 second"),
            (119, "119 秒", "119 seconds"),
            (720, "12 分钟", "12 minutes"),
            (7_200, "2 小时", "2 hours"),
            (86_399, "24 小时", "24 hours"),
            (15_552_000, "180 天", "180 days"),
        ] {
            assert_eq!((zh.span(seconds), en.span(seconds)), (chinese.into(), english.into()));
        }
    }

    #[test]
    fn a_refusal_says_since_when() {
        let refusal = Refusal::Expired { since: 1_000 };
        assert_eq!(refusal.text(Language::Chinese.texts(), 1_720), "已于 12 分钟前过期。");
        assert_eq!(refusal.text(Language::English.texts(), 1_720), "Expired 12 minutes ago.");
    }
}
