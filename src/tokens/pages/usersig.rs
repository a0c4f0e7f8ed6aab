//! `/apps/{sdk_app_id}/tokens/usersig`: what a user signs in with, and rights in a room.

use actix_web::HttpResponse;
use askama::Template;

use super::super::actions::{Denial, mint_usersig};
use super::super::forms::{UserSigForm, UserSigInput};
use super::super::{MintProblem, Minted, RoomPrivileges};
use super::{Frame, Tool, When, problems, shell};
use crate::apps::Owned;
use crate::error::AppError;
use crate::i18n::Texts;
use crate::web::body::Form;
use crate::web::field::Choice;
use crate::web::{Cx, Shell, urls};

#[derive(Template)]
#[template(path = "tokens/usersig.html")]
struct UserSigPage {
    shell: Shell,
    frame: Frame,
    form: UserSigForm,
    privileges: Vec<Choice>,
    /// Why nothing is minted now, in words.
    denial: Option<&'static str>,
    /// Whether something was refused for it just now.
    is_denied: bool,
    app_href: String,
    result: Option<Shown>,
}

/// What was minted.
struct Shown {
    plain: String,
    /// The title and text of the `PrivateMapKey` beside it.
    room_key: Option<(String, String)>,
    when: When,
}

impl UserSigPage {
    fn new(cx: &Cx, owned: &Owned, form: UserSigForm) -> Self {
        let names = RoomPrivileges::NAMED.into_iter();
        Self {
            shell: shell(cx, owned, Tool::UserSig),
            frame: Frame::new(cx, owned, Tool::UserSig),
            form,
            privileges: names.map(|(name, bit)| Choice::new(name, words(bit, cx.t()))).collect(),
            denial: Denial::of(&owned.app, false).map(|denial| denial.text(cx.t())),
            is_denied: false,
            app_href: urls::app(owned.id()),
            result: None,
        }
    }

    fn problems(&self) -> i64 {
        problems(&self.form.fields())
    }
}

/// A room privilege in words.
const fn words(privilege: RoomPrivileges, t: Texts) -> &'static str {
    match privilege {
        RoomPrivileges::CREATE_ROOM => t.usersig_create_room(),
        RoomPrivileges::ENTER_ROOM => t.usersig_enter_room(),
        RoomPrivileges::SEND_AUDIO => t.usersig_send_audio(),
        RoomPrivileges::RECEIVE_AUDIO => t.usersig_receive_audio(),
        RoomPrivileges::SEND_VIDEO => t.usersig_send_video(),
        RoomPrivileges::RECEIVE_VIDEO => t.usersig_receive_video(),
        RoomPrivileges::SEND_SCREEN => t.usersig_send_screen(),
        _ => t.usersig_receive_screen(),
    }
}

/// `GET`: the form.
pub(super) async fn show(cx: Cx, owned: Owned) -> Result<HttpResponse, AppError> {
    cx.page(&UserSigPage::new(&cx, &owned, UserSigForm::default()))
}

/// `POST`: the form with the `UserSig` under it, and the `PrivateMapKey` that accompanies it.
pub(super) async fn mint(
    cx: Cx,
    owned: Owned,
    Form(input): Form<UserSigInput>,
) -> Result<HttpResponse, AppError> {
    let form = input.form();
    let usersig = match input.parse(cx.t()) {
        Ok(usersig) => usersig,
        Err(form) => return cx.refuse(&UserSigPage::new(&cx, &owned, *form)),
    };
    if let Some(denial) = Denial::of(&owned.app, usersig.order.room.is_some()) {
        let page = UserSigPage::new(&cx, &owned, form);
        return cx.refuse(&UserSigPage {
            denial: Some(denial.text(cx.t())),
            is_denied: true,
            ..page
        });
    }
    let room = usersig.order.room.as_ref().map(|(room, _)| room.to_string());
    let mut orders = vec![usersig.order.plain()];
    if room.is_some() {
        orders.push(usersig.order);
    }
    let minted = match usersig.pasted {
        Some((sdk_app_id, key)) => orders
            .iter()
            .map(|order| order.mint(sdk_app_id, &key, cx.now()))
            .collect::<Result<Vec<_>, MintProblem>>()
            .map_err(|problem| AppError::Internal(problem.into()))?,
        None => mint_usersig(&cx.services, &owned.app, &orders).await?,
    };
    let result = shown(&cx, minted, room);
    cx.page(&UserSigPage { result, ..UserSigPage::new(&cx, &owned, form) })
}

fn shown(cx: &Cx, minted: Vec<Minted>, room: Option<String>) -> Option<Shown> {
    let mut minted = minted.into_iter();
    let plain = minted.next()?;
    let room_key = minted.next().zip(room);
    Some(Shown {
        when: When::new(cx, plain.expires_at),
        plain: plain.token,
        room_key: room_key.map(|(key, room)| (cx.t().usersig_room_key(&room), key.token)),
    })
}
