//! web 4.0.0 expects a nick of everybody, and knows no label.

diesel::table! {
    people (id) {
        id -> BigInt,
        given -> Text,
        nick -> Text,
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
        person_id -> BigInt,
        title -> Nullable<Text>,
    }
}
