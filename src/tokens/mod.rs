//! Access tokens: minting them, and saying exactly why one is refused.
//!
//! Three formats, byte for byte as the vendors' own libraries write them, so that their SDKs and
//! servers accept what is issued here and their tokens can be checked here:
//!
//! * `UserSig` v2 and `PrivateMapKey` for chat and TRTC: [`mint_usersig`];
//! * `AccessToken2`, `007…`, for RTC: [`mint_access_token2`];
//! * `AccessToken`, `006…`, its predecessor: [`mint_access_token`].
//!
//! Minting takes a request of names that are already parsed ([`UserId`], [`ChannelName`],
//! [`Room`]), with the time and the [`Salt`] in it, so it is a pure function. Verifying
//! ([`verify()`]) takes what the token must be for and every key that may have signed it, and
//! gives a [`Verdict`]. Decoding is strict and bounded, and keys are compared in constant time.
//!
//! Around these, [`order`] is what somebody asks to be minted, [`actions`] does it with an app's
//! keys, and pages and API are two ways to ask.
//!
//! A token's text identifies nothing: compression leaves it many spellings. Whoever wants to
//! recognise a token again compares its claims.

mod access_token;
mod access_token2;
pub mod actions;
mod api;
mod bytes;
mod claims;
mod deflate;
mod encoding;
mod forms;
mod keys;
mod mint;
mod names;
pub mod order;
mod pages;
mod refusal;
mod room_key;
mod rooms;
mod rtc;
mod services;
mod usersig;
mod usersig_object;
mod verify;

#[cfg(test)]
mod tests;

pub use access_token::{AccessTokenRequest, mint_access_token};
pub use access_token2::{AccessToken2Request, mint_access_token2};
pub use claims::{
    AccessToken2Claims, AccessTokenClaims, Claims, Grant, Kind, RoomKeyClaims, UserSigClaims,
};
pub use encoding::{INFLATED_BYTES_MAX, TOKEN_BYTES_MAX};
pub use keys::{Candidate, Purpose, Slot};
pub use mint::{ACCESS_TOKEN_LIFETIME_S_MAX, MintProblem, Salt, USERSIG_LIFETIME_S_DEFAULT};
pub use names::{CHANNEL_NAME_BYTES_MAX, ChannelName, NameProblem, USER_ID_BYTES_MAX, UserId};
pub use order::{AccessTokenOrder, Format, Minted, USERSIG_LIFETIME_S_MAX, UserSigOrder};
pub use refusal::{Field, Flaw, Lack, Refusal};
pub use room_key::RoomGrant;
pub use rooms::{ROOM_NAME_BYTES_MAX, Room, RoomName, RoomPrivileges};
pub use rtc::{Role, RtcPrivilege, RtcPrivileges};
pub use services::{Permission, Scope, Service};
pub use usersig::{UserSigRequest, mint_usersig};
pub use verify::{Expected, NeedsChannelAndUser, RoomBinding, Verdict, verify};

/// Mounts pages and API.
pub fn routes(routes: &mut crate::web::Routes) {
    pages::routes(routes);
    api::routes(routes);
}
