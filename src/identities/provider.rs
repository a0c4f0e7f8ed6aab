//! The OpenID Connect provider: where it is, sending people there, and what it says of them when they come back.
//!
//! The protocol is the library's: discovery, the authorization code flow with PKCE, and ID tokens by OpenID Connect
//! Core 1.0, section 3.1.3.7. Nothing is asked of the provider before somebody wants to sign in through it.

mod claims;

use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims,
    CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError,
    HttpRequest, HttpResponse, IdTokenVerifier, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, SubjectIdentifier, TokenResponse as _,
};
use tokio::sync::Mutex;

use self::claims::{
    ALGORITHMS, Metadata, Names, auth_type, kind_of, names_in_token, system_time, word_of,
};
use super::{Registration, Who};
use crate::clock::{UtcTime, hours, minutes};
use crate::outgoing::{Limits, Outgoing};
use crate::random::Random;
use crate::secret::{Secret, same};

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long what the provider says of itself, and its keys, are kept.
const KEPT_FOR: Duration = hours(1);
/// How long they are kept when a signature's key is not among them.
const KEPT_WITHOUT_KEY_FOR: Duration = minutes(1);
/// How long a provider is left alone that gave no answer.
const LEFT_ALONE_FOR: Duration = Duration::from_secs(5);
/// By how much the provider's clock may be ahead of ours.
const AHEAD_MAX: Duration = minutes(1);

/// Why the provider was of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It gave no answer, or none that makes sense.
    Away,
    /// The code is none of its, was used before, or is too old.
    Code,
    /// What it says does not hold: it may be somebody else who says it.
    Untrusted,
}

/// A flow that was begun with the provider.
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    /// What comes back by the browser.
    pub state: String,
    /// What comes back in the ID token.
    pub nonce: String,
    /// What the code is exchanged with.
    pub verifier: Secret,
}

/// What a browser brought back.
pub struct Returned<'a> {
    /// The code.
    pub code: Secret,
    /// Who says so (RFC 9207); empty where nobody does.
    pub issuer: &'a str,
    /// What the flow was begun with.
    pub nonce: &'a str,
    /// Likewise.
    pub verifier: Secret,
}

/// No answer, in our own words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unanswered(String);

/// What the provider said of itself last.
#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, UtcTime)>,
    failed_at: Option<UtcTime>,
}

/// The provider.
pub struct Provider {
    registration: Registration,
    redirect: String,
    outgoing: Outgoing,
    /// How long one step may take in all, of however many requests.
    patience: Duration,
    known: Mutex<Known>,
}

impl Provider {
    /// Gets ready to ask the provider; `redirect` is where it sends people back to.
    ///
    /// # Errors
    /// A system without authorities for certificates.
    pub fn new(
        registration: Registration,
        redirect: String,
        limits: Limits,
    ) -> anyhow::Result<Self> {
        let outgoing = Outgoing::new(limits, registration.is_encrypted())?;
        let known = Mutex::default();
        Ok(Self { registration, redirect, outgoing, patience: limits.total, known })
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.registration.name
    }

    /// What it calls itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.registration.issuer
    }

    /// Begins to sign somebody in.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub async fn begin(&self, random: &Random, now: UtcTime) -> Result<Begun, Trouble> {
        let metadata = self.metadata(KEPT_FOR, now).await?;
        let [state, nonce, verifier] = [(); 3].map(|()| random.token());
        let pkce = PkceCodeVerifier::new(verifier.clone());
        let client =
            CoreClient::from_provider_metadata((*metadata).clone(), self.client_id(), None)
                .set_redirect_uri(self.redirect_url()?);
        let (sent_state, sent_nonce) = (state.clone(), nonce.clone());
        let (url, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(sent_state),
                || Nonce::new(sent_nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&pkce))
            .url();
        if self.registration.is_encrypted() && url.scheme() != "https" {
            return Err(self.untrusted("an authorization endpoint without encryption"));
        }
        Ok(Begun { url: url.into(), state, nonce, verifier: Secret::new(verifier) })
    }

    /// Exchanges the code that a browser brought back for who it is.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub async fn exchange(&self, returned: Returned<'_>, now: UtcTime) -> Result<Who, Trouble> {
        let metadata = self.metadata(KEPT_FOR, now).await?;
        // RFC 9207, section 2.4: the code may be another provider's.
        let says_issuer =
            metadata.additional_metadata().authorization_response_iss_parameter_supported;
        let is_ours = same(returned.issuer, self.issuer());
        if !is_ours && (says_issuer || !returned.issuer.is_empty()) {
            return Err(self.untrusted("an answer of another provider"));
        }
        let asked = self.ask_for_token(&metadata, returned.code, &returned.verifier);
        let answered = self.in_time(asked).await??;
        let token =
            answered.id_token().ok_or_else(|| self.away("an answer without an ID token"))?;
        let claims = match self.verify(&metadata, token, returned.nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                // It may have new keys.
                let metadata = self.metadata(KEPT_WITHOUT_KEY_FOR, now).await?;
                self.verify(&metadata, token, returned.nonce, now)
            }
            verified => verified,
        };
        // Not what was found: that repeats parts of the token.
        let claims = claims.map_err(|error| self.untrusted(kind_of(&error)))?;
        let mut names = names_in_token(claims);
        if names.iter().all(Option::is_none) {
            // Many tell the names elsewhere, which are for people to read; without them it goes on as well.
            let asked = self.ask_for_names(&metadata, &answered, claims.subject());
            names = self.in_time(asked).await.ok().flatten().unwrap_or_default();
        }
        let methods = claims.auth_method_refs();
        let has_second_factor =
            methods.is_some_and(|all| all.iter().any(|method| method.as_str() == "mfa"));
        Who::new(
            self.issuer(),
            claims.subject(),
            names.each_ref().map(Option::as_deref),
            has_second_factor,
        )
        .ok_or_else(|| self.untrusted("about nobody"))
    }

    fn redirect_url(&self) -> Result<RedirectUrl, Trouble> {
        RedirectUrl::new(self.redirect.clone()).map_err(|_| self.away("base_url is no URL"))
    }

    fn away(&self, reason: &str) -> Trouble {
        tracing::warn!(issuer = self.issuer(), reason, "the identity provider is of no use");
        Trouble::Away
    }

    fn untrusted(&self, reason: &str) -> Trouble {
        tracing::warn!(
            issuer = self.issuer(),
            reason,
            "what the identity provider says does not hold"
        );
        Trouble::Untrusted
    }

    async fn in_time<T>(&self, asked: impl Future<Output = T>) -> Result<T, Trouble> {
        let answered = tokio::time::timeout(self.patience, asked).await;
        answered.map_err(|_| self.away("no answer in time"))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let answer = self.outgoing.ask(request, ANSWER_BYTES_MAX).await.map_err(Unanswered)?;
        let mut response = HttpResponse::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    /// What the provider says of itself, with its keys, no older than `age`. Of parallel requests one asks, and one
    /// that fails fails for a while: whoever opens the page often would otherwise make us ask as often.
    async fn metadata(&self, age: Duration, now: UtcTime) -> Result<Arc<Metadata>, Trouble> {
        let mut known = self.known.lock().await;
        if let Some((metadata, since)) = &known.metadata
            && since.plus(age) > now
        {
            return Ok(Arc::clone(metadata));
        }
        if known.failed_at.is_some_and(|at| at.plus(LEFT_ALONE_FOR) > now) {
            return Err(Trouble::Away);
        }
        match self.discover().await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Known { metadata: Some((Arc::clone(&metadata), now)), failed_at: None };
                Ok(metadata)
            }
            Err(trouble) => {
                known.failed_at = Some(now);
                Err(trouble)
            }
        }
    }

    async fn discover(&self) -> Result<Metadata, Trouble> {
        let issuer = IssuerUrl::new(self.issuer().to_owned());
        let issuer = issuer.map_err(|_| self.away("the issuer is no URL"))?;
        let http = |request| self.ask(request);
        let found = self.in_time(Metadata::discover_async(issuer, &http)).await?;
        found.map_err(|error| match error {
            DiscoveryError::Request(Unanswered(why)) => self.away(&why),
            DiscoveryError::Response(status, ..) => {
                self.away(&format!("http {}: an answer of another kind", status.as_u16()))
            }
            DiscoveryError::Validation(_) => self.away("it calls itself otherwise"),
            _ => self.away("an answer of another kind"),
        })
    }

    async fn ask_for_token(
        &self,
        metadata: &Metadata,
        code: Secret,
        verifier: &Secret,
    ) -> Result<CoreTokenResponse, Trouble> {
        let secret = self.registration.secret();
        let secret = secret.map(|it| ClientSecret::new(it.expose().to_owned()));
        let client = CoreClient::from_provider_metadata(metadata.clone(), self.client_id(), secret)
            .set_redirect_uri(self.redirect_url()?)
            .set_auth_type(auth_type(metadata));
        let asked = client
            .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
            .map_err(|_| self.away("no token endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
        let http = |request| self.ask(request);
        asked.request_async(&http).await.map_err(|error| match error {
            RequestTokenError::Request(Unanswered(why)) => self.away(&why),
            RequestTokenError::ServerResponse(refused) => match refused.error() {
                CoreErrorResponseType::InvalidGrant => Trouble::Code,
                error => self.away(&format!("it refuses: {}", word_of(error))),
            },
            _ => self.away("an answer of another kind"),
        })
    }

    /// What the provider calls the subject of an ID token, where it tells that apart; `None` when it does not.
    async fn ask_for_names(
        &self,
        metadata: &Metadata,
        answered: &CoreTokenResponse,
        subject: &SubjectIdentifier,
    ) -> Option<Names> {
        let client = CoreClient::from_provider_metadata(metadata.clone(), self.client_id(), None);
        let access = answered.access_token().clone();
        let asked = client.user_info(access, Some(subject.clone())).ok()?;
        let http = |request| self.ask(request);
        let claims: CoreUserInfoClaims = asked.request_async(&http).await.ok()?;
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        let username = claims.preferred_username().map(|name| name.to_string());
        Some([name, username, claims.email().map(|email| email.to_string())])
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.registration.client_id.clone())
    }

    fn verify<'t>(
        &self,
        metadata: &Metadata,
        token: &'t CoreIdToken,
        nonce: &str,
        now: UtcTime,
    ) -> Result<&'t CoreIdTokenClaims, ClaimsVerificationError> {
        let client_id = self.client_id();
        // As for a public client: it knows no secret, so that none can be taken for a key.
        let verifier = IdTokenVerifier::new_public_client(
            client_id.clone(),
            metadata.issuer().clone(),
            metadata.jwks().clone(),
        )
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(|| system_time(now).into())
        .set_issue_time_verifier_fn(|issued| {
            let is_past = issued.timestamp() <= now.plus(AHEAD_MAX).seconds();
            if is_past { Ok(()) } else { Err("issued later than now".into()) }
        });
        let nonce = Nonce::new(nonce.to_owned());
        let claims: &CoreIdTokenClaims = token.claims(&verifier, &nonce)?;
        // It was given to another client, and reached us on the way of a third.
        if claims.authorized_party().is_some_and(|party| *party != client_id) {
            return Err(ClaimsVerificationError::InvalidAudience(String::new()));
        }
        Ok(claims)
    }
}
