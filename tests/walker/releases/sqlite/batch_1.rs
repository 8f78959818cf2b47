//! batch 1.0.0 reads addresses.

diesel::table! {
    people (id) {
        id -> BigInt,
        email -> Nullable<Text>,
    }
}
