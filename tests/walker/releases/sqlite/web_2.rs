//! web 2.0.0 writes both names, and tags.

diesel::table! {
    people (id) {
        id -> BigInt,
        name -> Nullable<Text>,
        given -> Nullable<Text>,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
        person_id -> BigInt,
        label -> Nullable<Text>,
    }
}
