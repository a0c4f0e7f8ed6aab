//! How our types are stored, written once for both backends.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Text};

use crate::clock::{Day, UtcTime};
use crate::ids::{
    AccountId, ApiKeyId, AppId, InvitationId, MembershipId, PackageId, SdkAppId, SessionId,
    WorkspaceId,
};

macro_rules! stored_as_number {
    ($($name:ident),*) => {$(
        impl<DB: Backend> ToSql<BigInt, DB> for $name
        where
            i64: ToSql<BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<BigInt, DB> for $name
        where
            i64: FromSql<BigInt, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                i64::from_sql(bytes).map(Self)
            }
        }
    )*};
}

stored_as_number!(
    UtcTime,
    AccountId,
    WorkspaceId,
    MembershipId,
    SdkAppId,
    SessionId,
    ApiKeyId,
    InvitationId,
    PackageId
);

/// Stores a type as text: how to write it, and how to read it back.
#[macro_export]
macro_rules! stored_as_text {
    ($name:ident, $write:expr, $read:expr) => {
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB>
            for $name
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                let write: fn(&$name) -> &str = $write;
                diesel::serialize::ToSql::<diesel::sql_types::Text, DB>::to_sql(write(self), out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB>
            for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                let read: fn(&str) -> Option<$name> = $read;
                read(&text).ok_or_else(|| {
                    format!("{} has no value {text:?}", stringify!($name)).into()
                })
            }
        }
    };
}

stored_as_text!(AppId, |id| &id.0, |text| Some(AppId(text.to_owned())));

impl<DB: Backend> FromSql<Text, DB> for Day
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(String::from_sql(bytes)?.parse()?))
    }
}
