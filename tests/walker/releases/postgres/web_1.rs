//! web 1.0.0 knows people by one name.

diesel::table! {
    people (id) {
        id -> BigInt,
        name -> Text,
        email -> Nullable<Text>,
    }
}
