// What worker 1.0.0 reads: it writes to customers by their names, and changes nothing.

diesel::table! {
    customers (id) {
        id -> BigInt,
        email -> Text,
        name -> Nullable<Text>,
    }
}
