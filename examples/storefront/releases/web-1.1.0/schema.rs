// What web 1.1.0 reads and writes: it still reads the old columns, keeps the new ones up to date, and knows no saved carts.

diesel::table! {
    customers (id) {
        id -> BigInt,
        email -> Text,
        name -> Nullable<Text>,
        given_name -> Nullable<Text>,
        family_name -> Nullable<Text>,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        customer_id -> BigInt,
        total_cents -> Nullable<BigInt>,
        currency -> Text,
    }
}

diesel::table! {
    products (id) {
        id -> BigInt,
        title -> Text,
        price_cents -> BigInt,
        legacy_sku -> Nullable<Text>,
        sku -> Nullable<Text>,
    }
}
