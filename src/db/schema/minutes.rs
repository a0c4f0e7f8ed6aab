//! The tables of minutes.

diesel::table! {
    minute_packages (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        kind -> Text,
        granted -> BigInt,
        remaining -> BigInt,
        starts_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    unsettled_days (day, sdk_app_id) {
        day -> Text,
        sdk_app_id -> BigInt,
    }
}

diesel::table! {
    minute_ledgers (workspace_id) {
        workspace_id -> BigInt,
        position -> BigInt,
        alert_line -> Nullable<BigInt>,
        level -> Text,
    }
}

diesel::table! {
    minute_postings (workspace_id, position) {
        workspace_id -> BigInt,
        position -> BigInt,
        at -> BigInt,
        kind -> Text,
        amount -> BigInt,
        package_id -> Nullable<BigInt>,
        sdk_app_id -> Nullable<BigInt>,
        day -> Nullable<Text>,
        part -> Nullable<BigInt>,
        settled -> Nullable<BigInt>,
    }
}
