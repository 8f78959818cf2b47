// What web 1.0.0 reads and writes.

diesel::table! {
    customers (id) {
        id -> BigInt,
        email -> Text,
        name -> Nullable<Text>,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        customer_id -> BigInt,
        total_cents -> Nullable<BigInt>,
    }
}

diesel::table! {
    products (id) {
        id -> BigInt,
        title -> Text,
        price_cents -> BigInt,
        legacy_sku -> Nullable<Text>,
    }
}

diesel::table! {
    saved_carts (id) {
        id -> BigInt,
        customer_id -> BigInt,
        content -> Text,
    }
}
