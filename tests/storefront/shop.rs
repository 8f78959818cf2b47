//! What each release of the storefront's web application reads and writes, by its own `schema.rs`.

use diesel::prelude::*;
use diesel::{PgConnection, SqliteConnection};

#[path = "../../examples/storefront/releases/web-1.0.0/schema.rs"]
mod web_1_0_0;
#[path = "../../examples/storefront/releases/web-1.1.0/schema.rs"]
mod web_1_1_0;
#[path = "../../examples/storefront/releases/web-2.0.0/schema.rs"]
mod web_2_0_0;

/// The shop's database on either engine.
#[derive(diesel::MultiConnection)]
pub enum Shop {
    /// PostgreSQL.
    Postgresql(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// A release of the web application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Web {
    /// Knows only the old columns, and saved carts.
    V1_0,
    /// Reads the old columns and writes both.
    V1_1,
    /// Knows only the new columns.
    V2_0,
}

impl Web {
    /// Its version.
    pub fn version(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0.0",
            Self::V1_1 => "1.1.0",
            Self::V2_0 => "2.0.0",
        }
    }
}

/// The numbers that make every row of a test its own.
#[derive(Default)]
pub struct Counter(i64);

impl Counter {
    fn next(&mut self) -> i64 {
        self.0 += 1;
        self.0
    }
}

/// Lets a release do all that it does: insert, update and read back what it wrote. Panics if anything breaks.
pub fn work(shop: &mut Shop, release: Web, counter: &mut Counter) {
    let id = counter.next();
    match release {
        Web::V1_0 => work_1_0(shop, id).unwrap_or_else(|error| panic!("1.0.0 is broken: {error}")),
        Web::V1_1 => work_1_1(shop, id).unwrap_or_else(|error| panic!("1.1.0 is broken: {error}")),
        Web::V2_0 => work_2_0(shop, id).unwrap_or_else(|error| panic!("2.0.0 is broken: {error}")),
    }
}

fn work_1_0(shop: &mut Shop, id: i64) -> QueryResult<()> {
    use web_1_0_0::{customers, orders, products, saved_carts};
    let email = format!("c{id}@example.com");
    diesel::insert_into(customers::table)
        .values((
            customers::id.eq(id),
            customers::email.eq(&email),
            customers::name.eq(format!("Ada{id} Love")),
        ))
        .execute(shop)?;
    diesel::update(customers::table.filter(customers::id.eq(id)))
        .set(customers::name.eq(format!("Ada{id} Lovelace")))
        .execute(shop)?;
    let read: (i64, String, Option<String>) =
        customers::table.filter(customers::id.eq(id)).first(shop)?;
    assert_eq!(read, (id, email, Some(format!("Ada{id} Lovelace"))));
    diesel::insert_into(products::table)
        .values((
            products::id.eq(id),
            products::title.eq("tea"),
            products::price_cents.eq(250),
            products::legacy_sku.eq(format!("tea-{id}")),
        ))
        .execute(shop)?;
    diesel::insert_into(orders::table)
        .values((orders::id.eq(id), orders::customer_id.eq(id)))
        .execute(shop)?;
    let orders: Vec<(i64, i64, Option<i64>)> =
        orders::table.filter(orders::customer_id.eq(id)).load(shop)?;
    assert_eq!(orders.len(), 1);
    diesel::insert_into(saved_carts::table)
        .values((
            saved_carts::id.eq(id),
            saved_carts::customer_id.eq(id),
            saved_carts::content.eq("tea"),
        ))
        .execute(shop)?;
    assert_eq!(
        saved_carts::table.filter(saved_carts::id.eq(id)).count().get_result::<i64>(shop)?,
        1
    );
    Ok(())
}

fn work_1_1(shop: &mut Shop, id: i64) -> QueryResult<()> {
    use web_1_1_0::{customers, orders, products};
    diesel::insert_into(customers::table)
        .values((
            customers::id.eq(id),
            customers::email.eq(format!("c{id}@example.com")),
            customers::name.eq(format!("Grace{id} Hopper")),
        ))
        .execute(shop)?;
    // It reads the old column, and finds there what anyone wrote into the new ones.
    let name: Option<String> =
        customers::table.filter(customers::id.eq(id)).select(customers::name).first(shop)?;
    assert_eq!(name, Some(format!("Grace{id} Hopper")));
    let given: Option<String> =
        customers::table.filter(customers::id.eq(id)).select(customers::given_name).first(shop)?;
    assert_eq!(given, Some(format!("Grace{id}")));
    diesel::insert_into(products::table)
        .values((
            products::id.eq(id),
            products::title.eq("coffee"),
            products::price_cents.eq(350),
            products::legacy_sku.eq(format!("cof-{id}")),
            products::sku.eq(format!("COF-{id}")),
        ))
        .execute(shop)?;
    diesel::insert_into(orders::table)
        .values((
            orders::id.eq(id),
            orders::customer_id.eq(id),
            orders::total_cents.eq(700),
            orders::currency.eq("SEK"),
        ))
        .execute(shop)?;
    let skus: Vec<Option<String>> = products::table
        .filter(products::legacy_sku.is_not_null())
        .select(products::legacy_sku)
        .load(shop)?;
    assert!(!skus.is_empty());
    Ok(())
}

fn work_2_0(shop: &mut Shop, id: i64) -> QueryResult<()> {
    use web_2_0_0::{customers, orders, products};
    diesel::insert_into(customers::table)
        .values((
            customers::id.eq(id),
            customers::email.eq(format!("c{id}@example.com")),
            customers::given_name.eq(format!("Barbara{id}")),
            customers::family_name.eq("Liskov"),
        ))
        .execute(shop)?;
    diesel::update(customers::table.filter(customers::id.eq(id)))
        .set(customers::given_name.eq(format!("Barb{id}")))
        .execute(shop)?;
    let read: (i64, String, Option<String>, Option<String>) =
        customers::table.filter(customers::id.eq(id)).first(shop)?;
    assert_eq!((read.2, read.3), (Some(format!("Barb{id}")), Some("Liskov".to_owned())));
    let nameless: i64 =
        customers::table.filter(customers::given_name.is_null()).count().get_result(shop)?;
    assert_eq!(nameless, 0, "2.0.0 finds customers without a name");
    diesel::insert_into(products::table)
        .values((
            products::id.eq(id),
            products::title.eq("cocoa"),
            products::price_cents.eq(450),
            products::sku.eq(format!("COC-{id}")),
        ))
        .execute(shop)?;
    diesel::insert_into(orders::table)
        .values((
            orders::id.eq(id),
            orders::customer_id.eq(id),
            orders::total_cents.eq(900),
            orders::currency.eq("EUR"),
            orders::tracking_code.eq(format!("T{id}")),
        ))
        .execute(shop)?;
    Ok(())
}
