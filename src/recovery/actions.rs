//! Making recovery codes.

use super::{CODES, RecoveryCode, RenewRecoveryCodes, store};
use crate::audit::Changes;
use crate::db::DbError;
use crate::disclosures::Subject;
use crate::disclosures::store::{Disclosure, disclosure, disclosure_keep, disclosure_put_away};
use crate::error::AppError;
use crate::notify::FactorChange;
use crate::secret::Secret;
use crate::services::Services;
use crate::sessions::Person;
use crate::step_up::actions::{Unperformed, factor_changed, perform};
use crate::step_up::{Asker, Proof};

/// Makes codes in the place of those there are; the sign-in that asked may look at them for a while.
///
/// # Errors
/// A failure of ours.
pub async fn renew(
    services: &Services,
    asker: &Asker,
    act: RenewRecoveryCodes,
    proof: Proof<RenewRecoveryCodes>,
) -> Result<Result<(), Unperformed>, AppError> {
    let (tools, by, now) = (services.clone(), asker.clone(), services.clock.now());
    let done = perform(services, asker, act, proof, move |conn, spent, _| {
        let account = spent.act().account;
        let codes: Vec<_> = (0..CODES).map(|_| RecoveryCode::random(&tools.random)).collect();
        let digest =
            |code: &RecoveryCode| (tools.random.hex::<16>(), code.digest(&tools.vault, account));
        let digests: Vec<_> = codes.iter().map(digest).collect();
        store::recovery_codes_renew(conn, spent, &digests, now)?;
        if let Some(session) = by.holder.session() {
            let lines: Vec<_> = codes.iter().map(RecoveryCode::grouped).collect();
            let secret = Secret::new(lines.join("\n"));
            let keys = (&*tools.vault, &tools.random);
            disclosure_keep(
                conn,
                keys,
                session,
                (Subject::RecoveryCodes, account.0),
                &secret,
                now,
            )?;
        }
        factor_changed(conn, &tools, &by, FactorChange::RecoveryCodesRenewed, now)?;
        Ok(((), Changes::default().with("codes", CODES.to_string())))
    });
    let done = done.await?;
    services.mail.ring();
    Ok(done)
}

/// What a person has: codes that are left, and new ones that this sign-in may look at.
pub struct Standing {
    /// How many work.
    pub left: i64,
    /// Those that were just made, a line each.
    pub fresh: Option<Disclosure>,
}

/// What a person has.
///
/// # Errors
/// The database's failure.
pub async fn standing(services: &Services, person: &Person) -> Result<Standing, DbError> {
    let (tools, now) = (services.clone(), services.clock.now());
    let (account, session) = (person.account, person.session);
    let found = services.db.read::<_, DbError>(move |conn| {
        Ok(Standing {
            left: store::recovery_codes_left(conn, account)?,
            fresh: disclosure(conn, &tools.vault, session, Subject::RecoveryCodes, now)?,
        })
    });
    found.await
}

/// Puts the new codes away.
///
/// # Errors
/// The database's failure.
pub async fn put_away(services: &Services, person: &Person) -> Result<(), DbError> {
    let session = person.session;
    let gone = services.db.write::<_, DbError>(move |conn| {
        disclosure_put_away(conn, session, Subject::RecoveryCodes).map(drop)
    });
    gone.await
}
