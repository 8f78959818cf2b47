//! Planner's own tables, the same on every engine.

diesel::table! {
    planner_cursors (version) {
        version -> Text,
        cursor -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    planner_entries (id) {
        id -> BigInt,
        at -> Timestamp,
        actor -> Text,
        kind -> Text,
        plan -> Nullable<Text>,
        phase -> Nullable<Text>,
        step -> Nullable<Text>,
        version -> Nullable<Text>,
        checksum -> Nullable<Text>,
        app -> Nullable<Text>,
        release -> Nullable<Text>,
        attempt -> Nullable<BigInt>,
        duration_ms -> Nullable<BigInt>,
        detail -> Text,
    }
}

diesel::table! {
    planner_heartbeats (app, release, instance) {
        app -> Text,
        release -> Text,
        instance -> Text,
        first_seen -> Timestamp,
        last_seen -> Timestamp,
    }
}

diesel::table! {
    planner_ledger (id) {
        id -> BigInt,
        format -> BigInt,
        next_id -> BigInt,
        lease_holder -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
    }
}
