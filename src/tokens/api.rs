//! The API's tokens: minting and checking by servers of the data plane.

use actix_web::HttpResponse;
use actix_web::http::Method;
use serde::{Deserialize, Serialize};

use super::actions::{self, Denial, Question};
use super::order::{self, AccessTokenOrder, Format, USERSIG_LIFETIME_S_MAX, UserSigOrder};
use super::{
    ACCESS_TOKEN_LIFETIME_S_MAX, Kind, Refusal, Role, Room, RoomPrivileges,
    USERSIG_LIFETIME_S_DEFAULT,
};
use crate::api_keys::ApiScope;
use crate::apps::OwnedByKey;
use crate::error::{self, AppError};
use crate::problem::Problem;
use crate::web::body::Json;
use crate::web::faults::Faults;
use crate::web::{Cx, Need, Routes};

/// Mounts the routes.
pub fn routes(routes: &mut Routes) {
    const MINT: Need = Need::Key(ApiScope::TokensWrite);
    const VERIFY: Need = Need::Key(ApiScope::TokensVerify);
    routes.api(Method::POST, "/v1/apps/{sdk_app_id}/tokens", MINT, mint);
    routes.api(Method::POST, "/v1/apps/{sdk_app_id}/tokens/verify", VERIFY, check);
}

/// What is to be minted. Which fields there are depends on the kind.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MintInput {
    /// `access_token` or `usersig`.
    kind: Option<String>,
    /// Of an access token: the channel.
    channel: Option<String>,
    /// Of an access token: `publisher` (the default) or `subscriber`.
    role: Option<String>,
    /// Whose token it is; an access token without one is for any user.
    user: Option<String>,
    /// Seconds; 86,400 at most and by default for an access token, 180 days for a `UserSig`.
    expires_in: Option<i64>,
    /// Of a `UserSig`: a room, which makes the token a `PrivateMapKey` for it. A number is a
    /// numeric room, a text a string room.
    room: Option<RoomInput>,
    /// Of a `UserSig` with a room: the sum of the rights in it, all (255) by default.
    privileges: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RoomInput {
    Number(i64),
    Text(String),
}

impl RoomInput {
    fn parse(&self) -> Result<Room, Problem> {
        match self {
            Self::Number(id) => {
                let id = u32::try_from(*id).map_err(|_| Problem::NotARoom)?;
                Room::numeric(id).map_err(order::room_problem)
            }
            Self::Text(name) => Room::text(name).map_err(order::room_problem),
        }
    }
}

enum Order {
    AccessToken(AccessTokenOrder),
    UserSig(UserSigOrder),
}

#[derive(Serialize)]
struct MintOutput {
    token: String,
    /// RFC 3339, UTC.
    expires_at: String,
}

/// `POST /v1/apps/{sdk_app_id}/tokens`.
async fn mint(
    cx: Cx,
    owned: OwnedByKey,
    Json(input): Json<MintInput>,
) -> Result<HttpResponse, AppError> {
    let (services, app) = (&cx.services, &owned.app);
    let order = parse(&input);
    let needs_rtc = match &order {
        Ok(Order::AccessToken(_)) => true,
        Ok(Order::UserSig(order)) => order.room.is_some(),
        Err(_) => false,
    };
    if let Some(denial) = Denial::of(app, needs_rtc) {
        return Err(conflict(denial));
    }
    let minted = match order.map_err(AppError::from)? {
        Order::AccessToken(order) => Some(actions::mint_access_token(services, app, &order).await?),
        Order::UserSig(order) => actions::mint_usersig(services, app, &[order]).await?.pop(),
    };
    let minted = minted.ok_or_else(|| anyhow::anyhow!("nothing was minted"))?;
    let expires_at = minted.expires_at.to_string();
    Ok(HttpResponse::Ok().json(MintOutput { token: minted.token, expires_at }))
}

fn conflict(denial: Denial) -> AppError {
    let (word, detail) = match denial {
        Denial::AppDisabled => ("app-disabled", "the app is disabled"),
        Denial::NoRtc => ("service-disabled", "the app does not have the service rtc"),
    };
    let refusal = error::Refusal { status: 409, word, detail: detail.into(), fields: vec![] };
    AppError::Refused(Box::new(refusal))
}

/// Refuses fields that another kind has.
fn absent(faults: &mut Faults, kind: &str, fields: &[(&'static str, bool)]) {
    for (field, is_there) in fields {
        if *is_there {
            faults.refuse(field, format!("the kind {kind} does not have this field"));
        }
    }
}

fn parse(input: &MintInput) -> Result<Order, Faults> {
    let mut faults = Faults::default();
    let order = match input.kind.as_deref() {
        Some("access_token") => access_token(input, &mut faults).map(Order::AccessToken),
        Some("usersig") => usersig(input, &mut faults).map(Order::UserSig),
        _ => {
            faults.refuse("kind", "kinds are access_token and usersig");
            None
        }
    };
    order.filter(|_| faults.is_empty()).ok_or(faults)
}

fn access_token(input: &MintInput, faults: &mut Faults) -> Option<AccessTokenOrder> {
    let other = [("room", input.room.is_some()), ("privileges", input.privileges.is_some())];
    absent(faults, "access_token", &other);
    let channel = faults.take("channel", given(input.channel.as_deref(), order::channel));
    let user = faults.take("user", input.user.as_deref().map(order::user).transpose());
    let role = match input.role.as_deref() {
        None => Ok(Role::Publisher),
        Some(word) => order::role(word).ok_or(Problem::UnknownChoice),
    };
    let role = faults.take("role", role);
    let seconds = input.expires_in.unwrap_or(ACCESS_TOKEN_LIFETIME_S_MAX.into());
    let lifetime = order::lifetime(seconds, ACCESS_TOKEN_LIFETIME_S_MAX);
    let lifetime_s = faults.take("expires_in", lifetime);
    Some(AccessTokenOrder {
        channel: channel?,
        user: user?,
        role: role?,
        format: Format::Token007,
        lifetime_s: lifetime_s?,
    })
}

fn usersig(input: &MintInput, faults: &mut Faults) -> Option<UserSigOrder> {
    let other = [("channel", input.channel.is_some()), ("role", input.role.is_some())];
    absent(faults, "usersig", &other);
    let user = faults.take("user", given(input.user.as_deref(), order::usersig_user));
    let seconds = input.expires_in.unwrap_or(USERSIG_LIFETIME_S_DEFAULT.into());
    let lifetime_s = faults.take("expires_in", order::lifetime(seconds, USERSIG_LIFETIME_S_MAX));
    let room = faults.take("room", input.room.as_ref().map(RoomInput::parse).transpose());
    let privileges = faults.take("privileges", privileges(input.privileges));
    if input.privileges.is_some() && input.room.is_none() {
        faults.refuse("privileges", "they belong to a room; give one, or leave them out");
    }
    let room = room?.zip(privileges);
    Some(UserSigOrder { user: user?, lifetime_s: lifetime_s?, room })
}

fn privileges(bits: Option<i64>) -> Result<RoomPrivileges, Problem> {
    let max = i64::from(RoomPrivileges::ALL.bits());
    u32::try_from(bits.unwrap_or(max))
        .ok()
        .filter(|bits| *bits > 0)
        .and_then(|bits| RoomPrivileges::parse(bits).ok())
        .ok_or(Problem::NotInRange { min: 1, max })
}

fn given<T>(
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, Problem>,
) -> Result<T, Problem> {
    text.map_or(Err(Problem::Missing), parse)
}

/// What is to be checked. Whatever is given beside the token must fit.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckInput {
    token: Option<String>,
    /// `access_token` (007), `access_token_006` or `usersig`; told from the token by default.
    kind: Option<String>,
    user: Option<String>,
    channel: Option<String>,
    /// The room of a `PrivateMapKey`: a number or a text.
    room: Option<RoomInput>,
}

impl CheckInput {
    fn parse(self) -> Result<Question, Faults> {
        let mut faults = Faults::default();
        let token = faults.take("token", self.token.ok_or(Problem::Missing));
        let kind = match self.kind.as_deref() {
            None => None,
            Some("access_token") => Some(Kind::AccessToken2),
            Some("access_token_006") => Some(Kind::AccessToken),
            Some("usersig") => Some(Kind::UserSig),
            Some(_) => {
                faults.refuse("kind", "kinds are access_token, access_token_006 and usersig");
                None
            }
        };
        let room = faults.take("room", self.room.as_ref().map(RoomInput::parse).transpose());
        match (token, room) {
            (Some(token), Some(room)) if faults.is_empty() => {
                Ok(Question { token, kind, user: self.user, channel: self.channel, room })
            }
            _ => Err(faults),
        }
    }
}

/// `POST /v1/apps/{sdk_app_id}/tokens/verify`. A refused token is an answer, not an error.
async fn check(
    cx: Cx,
    owned: OwnedByKey,
    Json(input): Json<CheckInput>,
) -> Result<HttpResponse, AppError> {
    let question = input.parse().map_err(AppError::from)?;
    let needs = |_| {
        let mut faults = Faults::default();
        for (field, is_there) in
            [("channel", question.channel.is_some()), ("user", question.user.is_some())]
        {
            if !is_there {
                faults.take::<()>(field, Err(Problem::NeedsChannelAndUser));
            }
        }
        AppError::from(faults)
    };
    let verdict = actions::check(&cx.services, &owned.app, &question).await?;
    let mut verdict = verdict.map_err(needs)?;
    if matches!(verdict.refusal, Some(Refusal::AppDisabled | Refusal::ServiceDisabled)) {
        // Nothing was asked of the keys, so nothing is said of the token.
        verdict.as_written = None;
        verdict.signed_with = None;
    }
    Ok(HttpResponse::Ok().json(verdict))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn minting(json: &str) -> Result<Order, Vec<&'static str>> {
        let input: MintInput = serde_json::from_str(json).expect("the right form");
        parse(&input).map_err(|fields| fields.fields().collect())
    }

    fn blamed(json: &str) -> Vec<&'static str> {
        minting(json).err().expect("refused")
    }

    #[test]
    fn an_access_token_needs_a_channel_and_lasts_a_day() {
        let order = minting(r#"{"kind":"access_token","channel":"c1"}"#);
        let Ok(Order::AccessToken(order)) = order else { panic!("refused") };
        assert_eq!((order.lifetime_s, order.role), (86_400, Role::Publisher));
        assert!(order.user.is_none());

        assert_eq!(blamed(r#"{"kind":"access_token"}"#), ["channel"]);
        let all_wrong = r#"{"kind":"access_token","channel":"*","user":"","role":"x",
            "expires_in":86401,"room":1,"privileges":1}"#;
        assert_eq!(
            blamed(all_wrong),
            ["room", "privileges", "channel", "user", "role", "expires_in"]
        );
    }

    #[test]
    fn a_usersig_with_a_room_is_for_that_sort_of_room() {
        let order = |room: &str| {
            let json = format!(r#"{{"kind":"usersig","user":"u1","room":{room}}}"#);
            match minting(&json) {
                Ok(Order::UserSig(order)) => order.room.expect("a room"),
                _ => panic!("refused"),
            }
        };
        assert_eq!(order("7"), (Room::numeric(7).unwrap(), RoomPrivileges::ALL));
        assert_eq!(order(r#""7""#).0, Room::text("7").unwrap());
        for room in ["0", "-1", "4294967296", r#""""#, r#""房间""#] {
            let json = format!(r#"{{"kind":"usersig","user":"u1","room":{room}}}"#);
            assert_eq!(blamed(&json), ["room"], "{room}");
        }
    }

    #[test]
    fn a_usersig_has_a_user_and_limits() {
        assert!(minting(r#"{"kind":"usersig","user":"u1","expires_in":315360000}"#).is_ok());
        assert_eq!(blamed(r#"{"kind":"usersig","user":"10086"}"#), ["user"]);
        assert_eq!(
            blamed(r#"{"kind":"usersig","user":"u1","expires_in":315360001}"#),
            ["expires_in"]
        );
        assert_eq!(blamed(r#"{"kind":"usersig","user":"u1","privileges":255}"#), ["privileges"]);
        for bits in ["0", "256", "-1"] {
            let json = format!(r#"{{"kind":"usersig","user":"u1","room":1,"privileges":{bits}}}"#);
            assert_eq!(blamed(&json), ["privileges"], "{bits}");
        }
    }

    #[test]
    fn kinds_that_do_not_exist_yet_are_refused_by_name() {
        for json in [r#"{"kind":"livekit"}"#, r#"{"kind":"turn"}"#, "{}"] {
            assert_eq!(blamed(json), ["kind"]);
        }
        let unknown = serde_json::from_str::<MintInput>(r#"{"kind":"usersig","id":1}"#);
        assert!(unknown.is_err());
    }

    #[test]
    fn a_question_needs_a_token_and_a_known_kind() {
        let asked = |json: &str| serde_json::from_str::<CheckInput>(json).unwrap().parse();
        let question = asked(r#"{"token":"x","kind":"usersig","room":"7"}"#).ok().unwrap();
        assert_eq!(question.kind, Some(Kind::UserSig));
        assert_eq!(question.room, Room::text("7").ok());
        let fields = asked(r#"{"kind":"jwt"}"#).err().unwrap();
        let fields: Vec<_> = fields.fields().collect();
        assert_eq!(fields, ["token", "kind"]);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,80}".prop_map(Value::from),
            prop::sample::select(vec!["access_token", "usersig", "publisher", "123", "a\u{0}b"])
                .prop_map(Value::from),
            prop::collection::vec(any::<i64>(), 0..3).prop_map(Value::from),
        ]
    }

    fn any_input(fields: &'static [&'static str]) -> impl Strategy<Value = Value> {
        prop::collection::btree_map(prop::sample::select(fields), any_value(), 0..8)
            .prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    #[test]
    fn what_is_whole_is_read() {
        let mint = json!({"kind": "usersig", "user": "u1", "room": 7, "privileges": 255});
        assert!(parse(&serde_json::from_value(mint).unwrap()).is_ok());
        let check = json!({"token": "007x", "channel": "c", "room": "lobby"});
        assert!(serde_json::from_value::<CheckInput>(check).unwrap().parse().is_ok());
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_is_read_or_refused(
            mint in any_input(&[
                "kind", "channel", "role", "user", "expires_in", "room", "privileges", "other",
            ]),
            check in any_input(&["token", "kind", "user", "channel", "room", "other"]),
        ) {
            if let Ok(input) = serde_json::from_value::<MintInput>(mint) {
                drop(parse(&input));
            }
            if let Ok(input) = serde_json::from_value::<CheckInput>(check) {
                let has_token = input.token.is_some();
                prop_assert!(has_token || input.parse().is_err());
            }
        }
    }
}
