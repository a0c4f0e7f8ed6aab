//! What the provider says of itself and of people, and what is wrong with it, in our own words.

use std::time::{Duration, SystemTime};

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGrantType, CoreIdTokenClaims, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, ClaimsVerificationError, ProviderMetadata,
};
use serde::{Deserialize, Serialize};

use crate::clock::UtcTime;

/// What signs ID tokens: what only the provider has the key of. Not `none`, and nothing that is made with the secret
/// which both sides know.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What the provider says beyond the library's part.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct More {
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

/// All that the provider says of itself, with its keys.
pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Name, user name and address.
pub(super) type Names = [Option<String>; 3];

pub(super) fn names_in_token(claims: &CoreIdTokenClaims) -> Names {
    let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
    let username = claims.preferred_username().map(|name| name.to_string());
    [name, username, claims.email().map(|email| email.to_string())]
}

/// How the console proves itself at the token endpoint: as is said when nothing is, unless the provider does not
/// take that.
pub(super) fn auth_type(metadata: &Metadata) -> AuthType {
    let Some(methods) = metadata.token_endpoint_auth_methods_supported() else {
        return AuthType::BasicAuth;
    };
    let takes = |method: &CoreClientAuthMethod| methods.contains(method);
    let in_body = takes(&CoreClientAuthMethod::ClientSecretPost)
        && !takes(&CoreClientAuthMethod::ClientSecretBasic);
    if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }
}

pub(super) fn system_time(now: UtcTime) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(now.0).unwrap_or_default())
}

pub(super) const fn kind_of(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "a time that is over or has not come",
        ClaimsVerificationError::InvalidAudience(_) => "for another audience",
        ClaimsVerificationError::InvalidIssuer(_) => "of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "of another sign-in",
        ClaimsVerificationError::InvalidSubject(_) => "about nobody",
        ClaimsVerificationError::SignatureVerification(_) => "a wrong signature",
        _ => "an ID token of another kind",
    }
}

/// The word of an error, where it is one of the standard's: others are the provider's own text.
pub(super) fn word_of(error: &CoreErrorResponseType) -> &str {
    match error {
        CoreErrorResponseType::Extension(_) => "an error of its own",
        known => known.as_ref(),
    }
}
