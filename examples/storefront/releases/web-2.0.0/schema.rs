// What web 2.0.0 reads and writes: only the new columns.

diesel::table! {
    customers (id) {
        id -> BigInt,
        email -> Text,
        given_name -> Nullable<Text>,
        family_name -> Nullable<Text>,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        customer_id -> BigInt,
        total_cents -> BigInt,
        currency -> Text,
        tracking_code -> Nullable<Text>,
    }
}

diesel::table! {
    products (id) {
        id -> BigInt,
        title -> Text,
        price_cents -> BigInt,
        sku -> Nullable<Text>,
    }
}
