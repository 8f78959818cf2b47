//! batch 2.0.0 gives nicks, and takes them away.

diesel::table! {
    people (id) {
        id -> BigInt,
        nick -> Nullable<Text>,
    }
}
