//! What each release does, with Diesel and by its own `schema.rs`: it reads all rows, adds some, and changes some.

use diesel::prelude::*;
use diesel::{PgConnection, SqliteConnection};
use planner::dialect::Dialect;

use super::model::{Dice, Model};

#[path = "releases/postgres/batch_1.rs"]
mod postgres_batch_1;
#[path = "releases/postgres/batch_2.rs"]
mod postgres_batch_2;
#[path = "releases/postgres/web_1.rs"]
mod postgres_web_1;
#[path = "releases/postgres/web_2.rs"]
mod postgres_web_2;
#[path = "releases/postgres/web_3.rs"]
mod postgres_web_3;
#[path = "releases/postgres/web_4.rs"]
mod postgres_web_4;
#[path = "releases/sqlite/batch_1.rs"]
mod sqlite_batch_1;
#[path = "releases/sqlite/batch_2.rs"]
mod sqlite_batch_2;
#[path = "releases/sqlite/web_1.rs"]
mod sqlite_web_1;
#[path = "releases/sqlite/web_2.rs"]
mod sqlite_web_2;
#[path = "releases/sqlite/web_3.rs"]
mod sqlite_web_3;
#[path = "releases/sqlite/web_4.rs"]
mod sqlite_web_4;

/// The database of the walks on either engine, as applications reach it.
#[derive(diesel::MultiConnection)]
pub enum App {
    /// PostgreSQL.
    Postgresql(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// A name that a release must give, or may leave out.
trait Given: Sized {
    fn from(text: Option<String>) -> Self;
    fn text(&self) -> String;
}

impl Given for String {
    fn from(text: Option<String>) -> Self {
        text.unwrap_or_default()
    }
    fn text(&self) -> String {
        self.clone()
    }
}

impl Given for Option<String> {
    fn from(text: Option<String>) -> Self {
        text
    }
    fn text(&self) -> String {
        self.clone().unwrap_or_default()
    }
}

/// A text, or none, as somebody would write it.
fn some_text(dice: &mut Dice, what: &str, id: i64) -> Option<String> {
    (!dice.one_in(4)).then(|| format!("{what} {id} {}", dice.below(1_000)))
}

/// What the releases do, by the tables that they have on one engine.
macro_rules! engine {
    ($engine:ident, $name:ty,
     $web_1:ident, $web_2:ident, $web_3:ident, $web_4:ident, $batch_1:ident, $batch_2:ident) => {
        mod $engine {
            use super::*;

            use super::{
                $batch_1 as batch_1, $batch_2 as batch_2, $web_1 as web_1, $web_2 as web_2,
                $web_3 as web_3, $web_4 as web_4,
            };

            type Name = $name;

            pub fn act(
                release: &str,
                app: &mut App,
                model: &mut Model,
                dice: &mut Dice,
            ) -> QueryResult<()> {
                match release {
                    "web_1" => web_1(app, model, dice),
                    "web_2" => web_2(app, model, dice),
                    "web_3" => web_3(app, model, dice),
                    "web_4" => web_4(app, model, dice),
                    "batch_1" => batch_1(app),
                    "batch_2" => batch_2(app, model, dice),
                    other => panic!("there is no release {other}"),
                }
            }

            fn web_1(app: &mut App, model: &mut Model, dice: &mut Dice) -> QueryResult<()> {
                use web_1::people::dsl::*;
                let _: Vec<(i64, Name, Option<String>)> = people.load(app)?;
                let new = model.new_id();
                let named: Name = Given::from(some_text(dice, "Ada", new));
                diesel::insert_into(people)
                    .values((id.eq(new), name.eq(&named), email.eq(some_text(dice, "mail", new))))
                    .execute(app)?;
                model.given.insert(new, named.text().to_lowercase());
                if let Some(old) = model.anybody(dice) {
                    let named: Name = Given::from(some_text(dice, "Bea", old));
                    diesel::update(people.filter(id.eq(old))).set(name.eq(&named)).execute(app)?;
                    model.given.insert(old, named.text().to_lowercase());
                }
                Ok(())
            }

            fn web_2(app: &mut App, model: &mut Model, dice: &mut Dice) -> QueryResult<()> {
                use web_2::{people, tags};
                let _: Vec<(i64, Name, Option<String>, Option<String>)> =
                    people::table.load(app)?;
                let _: Vec<(i64, i64, Option<String>)> = tags::table.load(app)?;
                let new = model.new_id();
                let named: Name = Given::from(Some(format!("Cleo {new}")));
                let lower = named.text().to_lowercase();
                diesel::insert_into(people::table)
                    .values((
                        people::id.eq(new),
                        people::name.eq(&named),
                        people::given.eq(Some(&lower)),
                    ))
                    .execute(app)?;
                model.given.insert(new, lower);
                let label = some_text(dice, "label", new);
                diesel::insert_into(tags::table)
                    .values((tags::id.eq(new), tags::person_id.eq(new), tags::label.eq(&label)))
                    .execute(app)?;
                model.titles.insert(new, label.unwrap_or_default());
                if let Some(old) = model.anybody(dice) {
                    let lower = format!("dora {old}");
                    diesel::update(people::table.filter(people::id.eq(old)))
                        .set(people::given.eq(Some(&lower)))
                        .execute(app)?;
                    model.given.insert(old, lower);
                }
                Ok(())
            }

            fn web_3(app: &mut App, model: &mut Model, dice: &mut Dice) -> QueryResult<()> {
                use web_3::{people, tags};
                let _: Vec<(i64, Name, Option<String>)> = people::table.load(app)?;
                let _: Vec<(i64, i64, Option<String>, Option<String>)> = tags::table.load(app)?;
                let new = model.new_id();
                let named: Name = Given::from(some_text(dice, "eve", new));
                diesel::insert_into(people::table)
                    .values((people::id.eq(new), people::given.eq(&named)))
                    .execute(app)?;
                model.given.insert(new, named.text());
                let text = some_text(dice, "title", new);
                diesel::insert_into(tags::table)
                    .values((
                        tags::id.eq(new),
                        tags::person_id.eq(new),
                        tags::label.eq(&text),
                        tags::title.eq(&text),
                    ))
                    .execute(app)?;
                model.titles.insert(new, text.unwrap_or_default());
                if let Some(old) = model.anybody(dice) {
                    let named: Name = Given::from(some_text(dice, "flo", old));
                    let nick = some_text(dice, "f", old);
                    diesel::update(people::table.filter(people::id.eq(old)))
                        .set((people::given.eq(&named), people::nick.eq(nick)))
                        .execute(app)?;
                    model.given.insert(old, named.text());
                }
                Ok(())
            }

            fn web_4(app: &mut App, model: &mut Model, dice: &mut Dice) -> QueryResult<()> {
                use web_4::{people, tags};
                let _: Vec<(i64, Name, String)> = people::table.load(app)?;
                let _: Vec<(i64, i64, Option<String>)> = tags::table.load(app)?;
                let new = model.new_id();
                let named: Name = Given::from(some_text(dice, "gil", new));
                diesel::insert_into(people::table)
                    .values((people::id.eq(new), people::given.eq(&named), people::nick.eq("g")))
                    .execute(app)?;
                model.given.insert(new, named.text());
                let text = some_text(dice, "title", new);
                diesel::insert_into(tags::table)
                    .values((tags::id.eq(new), tags::person_id.eq(new), tags::title.eq(&text)))
                    .execute(app)?;
                model.titles.insert(new, text.unwrap_or_default());
                Ok(())
            }

            fn batch_1(app: &mut App) -> QueryResult<()> {
                let _: Vec<(i64, Option<String>)> = batch_1::people::table.load(app)?;
                Ok(())
            }

            fn batch_2(app: &mut App, model: &mut Model, dice: &mut Dice) -> QueryResult<()> {
                use batch_2::people::dsl::*;
                let _: Vec<(i64, Option<String>)> = people.load(app)?;
                if let Some(old) = model.anybody(dice) {
                    let nicked = some_text(dice, "h", old);
                    diesel::update(people.filter(id.eq(old))).set(nick.eq(nicked)).execute(app)?;
                }
                Ok(())
            }
        }
    };
}

engine!(
    postgres,
    String,
    postgres_web_1,
    postgres_web_2,
    postgres_web_3,
    postgres_web_4,
    postgres_batch_1,
    postgres_batch_2
);
engine!(
    sqlite,
    Option<String>,
    sqlite_web_1,
    sqlite_web_2,
    sqlite_web_3,
    sqlite_web_4,
    sqlite_batch_1,
    sqlite_batch_2
);

/// Lets a release do all that it does.
pub fn act(release: &str, app: &mut App, model: &mut Model, dice: &mut Dice) -> Result<(), String> {
    let dialect = match app {
        App::Postgresql(_) => Dialect::Postgres,
        App::Sqlite(_) => Dialect::Sqlite,
    };
    let acted = match dialect {
        Dialect::Postgres => postgres::act(release, app, model, dice),
        Dialect::Sqlite => sqlite::act(release, app, model, dice),
    };
    acted.map_err(|error| format!("{release}: {error}"))
}
