//! A message in the words of a text message: one short line, without links.

use super::message::{Message, one_line};
use crate::clock::UtcTime;
use crate::i18n::Language;
use crate::secret::Secret;

/// Characters of the name of an act that are shown.
const ACT_CHARS: usize = 40;
/// Characters of the name of what it is done to.
const TARGET_CHARS: usize = 20;

/// A text message as it is read.
pub struct Line {
    /// The words.
    pub words: Secret,
    /// The code in them.
    pub code: Secret,
    /// Minutes that the code works still, rounded up; at least one.
    pub minutes: i64,
}

/// A message as a text message, at a moment; `None` for what goes by mail alone, which are notices: they tell of
/// what happened to the telephone, among others.
#[must_use]
pub fn line(message: &Message, language: Language, now: UtcTime) -> Option<Line> {
    let Message::StepUpCode { code, act, target, reference, expires_at, .. } = message else {
        return None;
    };
    let seconds = expires_at.since(now).as_secs();
    let minutes = i64::try_from(seconds.div_ceil(60)).unwrap_or(i64::MAX).max(1);
    let (act, target) = (short(act, ACT_CHARS), short(target, TARGET_CHARS));
    let words =
        language.texts().sms_code(code.expose(), &one_line(reference), &act, &target, minutes);
    Some(Line { words: Secret::new(words), code: code.clone(), minutes })
}

/// A name cut short. Telephones make links of whatever looks like an address, and names are anyone's.
fn short(name: &str, chars: usize) -> String {
    let name = one_line(name);
    let name = name.replace(['.', '/', ':', '@', '\\', '．', '。', '｡', '／', '：', '＠'], "·");
    match name.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(act: &str, target: &str, language: Language, seconds: i64) -> String {
        let message = Message::StepUpCode {
            code: Secret::new("731946".into()),
            act: act.into(),
            target: target.into(),
            address: "203.0.113.7".into(),
            reference: "K7".into(),
            expires_at: UtcTime::from_seconds(seconds),
            link: Secret::default(),
        };
        line(&message, language, UtcTime::from_seconds(0)).unwrap().words.expose().to_owned()
    }

    #[test]
    fn a_code_is_one_short_line_without_links() {
        insta::assert_snapshot!(
            said("重置证书", "课堂互动", Language::Chinese, 300),
            @"Switchroom 验证码 731946（编号 K7），用于重置证书：课堂互动，5 分钟内有效。我们不会向你索要验证码，请勿告诉任何人。"
        );
        insta::assert_snapshot!(
            said("Reset certificate", "Classroom", Language::English, 241),
            @"Switchroom code 731946 (ref. K7) for: Reset certificate, Classroom. Valid 5 min. We never ask for it: tell nobody."
        );
        let odd = said("a\r\nb", "evil.test/x https://e.test 中．国。cn", Language::English, 1);
        assert!(!odd.contains(['\n', '\r', '/', '。', '．']), "{odd}");
        assert!(!odd.contains("evil.test") && odd.contains("Valid 1 min"), "{odd}");
        let long = said(&"字".repeat(500), &"名".repeat(500), Language::Chinese, 300);
        assert!(long.chars().count() < 140, "{long}");
    }
}
