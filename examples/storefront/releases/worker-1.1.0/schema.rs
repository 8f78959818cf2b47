// What worker 1.1.0 reads: the split names.

diesel::table! {
    customers (id) {
        id -> BigInt,
        email -> Text,
        given_name -> Nullable<Text>,
        family_name -> Nullable<Text>,
    }
}
