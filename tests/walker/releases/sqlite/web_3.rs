//! web 3.0.0 knows only the new name, and writes a tag's label and title.

diesel::table! {
    people (id) {
        id -> BigInt,
        given -> Nullable<Text>,
        nick -> Nullable<Text>,
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
        person_id -> BigInt,
        label -> Nullable<Text>,
        title -> Nullable<Text>,
    }
}
