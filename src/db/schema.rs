//! The tables, as diesel knows them. A test compares them with both migration trees.

#![allow(missing_docs, reason = "the columns are documented in the migrations")]

mod minutes;

pub use minutes::{minute_ledgers, minute_packages, minute_postings, unsettled_days};

diesel::table! {
    installation (id) {
        id -> BigInt,
        key_id -> Text,
        setup_digest -> Nullable<Text>,
        setup_expires_at -> Nullable<BigInt>,
        set_up_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        email -> Text,
        email_key -> Text,
        name -> Text,
        password_hash -> Nullable<Text>,
        language -> Text,
        time_zone -> Nullable<Text>,
        is_operator -> Bool,
        disabled_at -> Nullable<BigInt>,
        created_at -> BigInt,
        changed_at -> BigInt,
        version -> BigInt,
        email_verified_at -> Nullable<BigInt>,
        frozen_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    workspaces (id) {
        id -> BigInt,
        name -> Text,
        time_zone -> Text,
        rtc_apps -> BigInt,
        rtc_apps_max -> BigInt,
        im_apps -> BigInt,
        im_apps_max -> BigInt,
        created_at -> BigInt,
        danger_policy -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    memberships (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        account_id -> BigInt,
        role -> Text,
        reach -> Text,
        tag_key -> Nullable<Text>,
        tag_value -> Nullable<Text>,
        created_at -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    membership_apps (membership_id, sdk_app_id) {
        membership_id -> BigInt,
        sdk_app_id -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        key_digest -> Nullable<Text>,
        account_id -> BigInt,
        workspace_id -> Nullable<BigInt>,
        address -> Text,
        user_agent -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    throttles (bucket) {
        bucket -> Text,
        window_started_at -> BigInt,
        attempts -> BigInt,
    }
}

diesel::table! {
    plans (code) {
        code -> Text,
        rank -> BigInt,
        for_sale -> Bool,
        apps_max -> Nullable<BigInt>,
        users_max -> Nullable<BigInt>,
        friends_max -> Nullable<BigInt>,
        groups_per_user_max -> Nullable<BigInt>,
        group_members_max -> Nullable<BigInt>,
        groups_max -> Nullable<BigInt>,
        live_groups_max -> Nullable<BigInt>,
        history_days -> Nullable<BigInt>,
    }
}

diesel::table! {
    apps (sdk_app_id) {
        sdk_app_id -> BigInt,
        app_id -> Text,
        workspace_id -> BigInt,
        account_type -> BigInt,
        name -> Text,
        name_key -> Text,
        scenario -> Text,
        app_type -> Nullable<Text>,
        description -> Text,
        rtc -> Bool,
        im -> Bool,
        ios -> Bool,
        android -> Bool,
        windows -> Bool,
        web -> Bool,
        switch -> Text,
        disabled_by -> Nullable<Text>,
        plan -> Text,
        plan_ends_at -> Nullable<BigInt>,
        recording -> Bool,
        statistics_zone -> Text,
        created_at -> BigInt,
        changed_at -> BigInt,
        version -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    app_tags (sdk_app_id, key) {
        sdk_app_id -> BigInt,
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    certificates (id) {
        id -> Text,
        sdk_app_id -> BigInt,
        purpose -> Text,
        slot -> Text,
        sealed -> Binary,
        key_id -> Text,
        used_day -> Nullable<Text>,
        created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    submissions (account_id, key) {
        account_id -> BigInt,
        key -> Text,
        sdk_app_id -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    api_keys (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        sdk_app_id -> Nullable<BigInt>,
        name -> Text,
        prefix -> Text,
        last_four -> Text,
        digest -> Text,
        scopes -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        created_by -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        successor_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    daily_figures (sdk_app_id, metric, day) {
        sdk_app_id -> BigInt,
        metric -> Text,
        day -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    jobs (name) {
        name -> Text,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<BigInt>,
        next_run -> BigInt,
        last_run -> Nullable<BigInt>,
        last_outcome -> Nullable<Text>,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        key -> Text,
        kind -> Text,
        recipient -> Text,
        language -> Text,
        body -> Nullable<Binary>,
        state -> Text,
        attempts -> BigInt,
        next_try_at -> BigInt,
        expires_at -> BigInt,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<BigInt>,
        created_at -> BigInt,
        sent_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        channel -> Text,
    }
}

diesel::table! {
    audit_events (workspace_id, position) {
        workspace_id -> BigInt,
        position -> BigInt,
        at -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<BigInt>,
        actor_name -> Text,
        actor_email -> Text,
        session_id -> Nullable<BigInt>,
        address -> Text,
        user_agent -> Text,
        request_id -> Text,
        act -> Text,
        outcome -> Text,
        reason -> Text,
        method -> Text,
        target_kind -> Text,
        target_id -> BigInt,
        target_name -> Text,
        sdk_app_id -> Nullable<BigInt>,
        changes -> Text,
        hash -> Text,
    }
}

diesel::table! {
    audit_chains (workspace_id) {
        workspace_id -> BigInt,
        position -> BigInt,
        hash -> Text,
        seal -> Text,
    }
}

diesel::table! {
    authenticators (id) {
        id -> Text,
        account_id -> BigInt,
        state -> Text,
        session_id -> BigInt,
        sealed -> Binary,
        key_id -> Text,
        last_step -> BigInt,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    challenges (id) {
        id -> Text,
        account_id -> BigInt,
        session_id -> Nullable<BigInt>,
        browser_digest -> Nullable<Text>,
        workspace_id -> Nullable<BigInt>,
        act -> Text,
        target -> Text,
        target_name -> Text,
        body -> Text,
        digest -> Text,
        state -> Text,
        method -> Text,
        attempts -> BigInt,
        code_digest -> Nullable<Text>,
        code_channel -> Nullable<Text>,
        code_reference -> Nullable<Text>,
        code_sends -> BigInt,
        code_sent_at -> Nullable<BigInt>,
        code_expires_at -> Nullable<BigInt>,
        link_digest -> Nullable<Text>,
        link_number -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
        proof_expires_at -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    factor_budgets (account_id, purpose) {
        account_id -> BigInt,
        purpose -> Text,
        consecutive -> BigInt,
    }
}

diesel::table! {
    factor_attempts (id) {
        id -> Text,
        account_id -> BigInt,
        purpose -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    code_sends (id) {
        id -> Text,
        account_id -> BigInt,
        network -> Text,
        at -> BigInt,
        channel -> Text,
        destination -> Text,
    }
}

diesel::table! {
    reveals (session_id, sdk_app_id, purpose) {
        session_id -> BigInt,
        sdk_app_id -> BigInt,
        purpose -> Text,
        is_grant -> Bool,
        expires_at -> BigInt,
        hidden_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sms_days (day) {
        day -> Text,
        sent -> BigInt,
    }
}

diesel::table! {
    account_links (id) {
        id -> Text,
        digest -> Text,
        account_id -> BigInt,
        purpose -> Text,
        email -> Text,
        email_key -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    phones (id) {
        id -> Text,
        account_id -> BigInt,
        state -> Text,
        session_id -> BigInt,
        number -> Text,
        code_digest -> Nullable<Text>,
        code_reference -> Nullable<Text>,
        code_sends -> BigInt,
        code_expires_at -> Nullable<BigInt>,
        attempts -> BigInt,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    recovery_codes (id) {
        id -> Text,
        account_id -> BigInt,
        digest -> Text,
        created_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    disclosures (id) {
        id -> Text,
        session_id -> BigInt,
        subject -> Text,
        subject_id -> BigInt,
        sealed -> Binary,
        key_id -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    invitations (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        email -> Text,
        email_key -> Text,
        role -> Text,
        reach -> Text,
        tag_key -> Nullable<Text>,
        tag_value -> Nullable<Text>,
        state -> Text,
        link_digest -> Nullable<Text>,
        invited_by -> BigInt,
        sends -> BigInt,
        sent_at -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitation_apps (invitation_id, sdk_app_id) {
        invitation_id -> BigInt,
        sdk_app_id -> BigInt,
    }
}

diesel::table! {
    devices (account_id, digest) {
        account_id -> BigInt,
        digest -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Text,
        account_id -> BigInt,
        user_handle -> Text,
        host -> Text,
        credential_id -> Text,
        name -> Text,
        credential -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    identities (id) {
        id -> Text,
        account_id -> BigInt,
        issuer -> Text,
        subject -> Text,
        name -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    event_streams (sdk_app_id) {
        sdk_app_id -> BigInt,
        newest_at -> BigInt,
    }
}

diesel::table! {
    event_batches (sdk_app_id, key) {
        sdk_app_id -> BigInt,
        key -> Text,
        digest -> Text,
        accepted -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    event_names (day, sdk_app_id, name) {
        day -> Text,
        sdk_app_id -> BigInt,
        name -> Text,
        kinds -> BigInt,
    }
}

diesel::table! {
    registrations (sdk_app_id, user_name) {
        sdk_app_id -> BigInt,
        user_name -> Text,
        day -> Text,
    }
}

diesel::table! {
    online_samples (day, sdk_app_id, minute, source) {
        day -> Text,
        sdk_app_id -> BigInt,
        minute -> BigInt,
        source -> Text,
        online -> BigInt,
    }
}

diesel::table! {
    usage_seconds (day, sdk_app_id, service, tier, user_name) {
        day -> Text,
        sdk_app_id -> BigInt,
        service -> Text,
        tier -> Text,
        user_name -> Text,
        seconds -> BigInt,
    }
}

diesel::table! {
    room_stays (sdk_app_id, stay) {
        sdk_app_id -> BigInt,
        stay -> Text,
        user_name -> Nullable<Text>,
        room -> Nullable<Text>,
        joined_at -> Nullable<BigInt>,
        left_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    stale_peaks (sdk_app_id, day) {
        sdk_app_id -> BigInt,
        day -> Text,
    }
}

diesel::joinable!(memberships -> accounts (account_id));
diesel::joinable!(memberships -> workspaces (workspace_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(app_tags -> apps (sdk_app_id));
diesel::joinable!(certificates -> apps (sdk_app_id));
diesel::joinable!(apps -> plans (plan));
diesel::joinable!(unsettled_days -> apps (sdk_app_id));
diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    workspaces,
    memberships,
    membership_apps,
    sessions,
    plans,
    apps,
    app_tags,
    certificates,
    submissions,
    api_keys,
    minute_packages,
    daily_figures,
    authenticators,
    reveals,
    phones,
    passkeys,
    invitations,
    invitation_apps,
    event_streams,
    unsettled_days,
);
