//! What is kept of definitions, and what differs between two.

use super::*;

fn note_all(statements: &[(Verb, ObjectKind, &str, &str)]) -> Vec<String> {
    let mut catalog = Catalog::empty(Dialect::Postgres);
    for (verb, kind, name, text) in statements {
        let other = Other {
            verb: *verb,
            kind: *kind,
            name: Some(ObjectName::from(*name)),
            on: None,
            text: (*text).to_owned(),
            touches: Vec::new(),
            domain: None,
        };
        note(&mut catalog, &other, None);
    }
    catalog.definitions.keys().map(|of| format!("{of} ({})", of.part)).collect()
}

#[test]
fn routines_of_one_name_are_told_apart_by_their_arguments() {
    use ObjectKind::Function;
    use Verb::{Create, Drop, Replace};
    let one = (
        Create,
        Function,
        "f",
        "CREATE FUNCTION f(a int, b timestamp with time zone = now()) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    );
    let other = (
        Create,
        Function,
        "f",
        "CREATE FUNCTION public.f(VARIADIC numeric(10, 2)[], OUT x text) LANGUAGE sql AS 'SELECT 1'",
    );
    assert_eq!(
        note_all(&[one, other]),
        ["function `f` (integer, timestamp with time zone)", "function `f` (numeric[])"]
    );
    let again = (
        Replace,
        Function,
        "f",
        "CREATE OR REPLACE FUNCTION f(integer, timestamptz) RETURNS int LANGUAGE sql AS 'SELECT 2'",
    );
    assert_eq!(note_all(&[one, other, again]).len(), 2);
    let gone = (Drop, Function, "f", "DROP FUNCTION g(text), f(int4, timestamptz)");
    assert_eq!(note_all(&[one, other, gone]), ["function `f` (numeric[])"]);
    let any = (Drop, Function, "f", "DROP FUNCTION f");
    assert_eq!(note_all(&[one, any]), Vec::<String>::new());
}

#[test]
fn a_body_is_compared_letter_by_letter_and_the_rest_by_its_meaning() {
    let written = "CREATE FUNCTION f(a int) RETURNS int AS 'SELECT ''x'';\n  SELECT 1;  ' LANGUAGE 'sql' STABLE RETURNS NULL ON NULL INPUT";
    let kept = "CREATE OR REPLACE FUNCTION public.f(a integer)\n RETURNS integer\n LANGUAGE sql\n STABLE STRICT\nAS $function$SELECT 'x';\n  SELECT 1;  $function$\n";
    assert_eq!(Routine::read(written).differences(&Routine::read(kept)), []);
    let changed = kept
        .replace("SELECT 1", "SELECT 2")
        .replace(" STABLE STRICT", " SECURITY DEFINER SET search_path TO 'a'");
    let told: Vec<String> = Routine::read(written)
        .differences(&Routine::read(&changed))
        .into_iter()
        .map(|(one, other)| format!("{one} / {other}"))
        .collect();
    assert_eq!(
        told,
        [
            "stable / volatile",
            "strict / called on null input",
            "security invoker / security definer",
            "without settings / with settings for `search_path`",
            "with `SELECT 1;` in line 2 of its body / with `SELECT 2;` in line 2 of its body"
        ]
    );
}

#[test]
fn policies_are_compared_by_what_they_say() {
    let written = "CREATE POLICY own ON notes FOR SELECT TO b, a USING (owner = current_setting('app.user')::int)";
    let kept = "CREATE POLICY own ON notes AS PERMISSIVE FOR SELECT TO a, b USING ((owner = (current_setting('app.user'::text))::integer))";
    let differ = |one: &str, other: &str| policy::differences(Dialect::Postgres, one, other);
    assert_eq!(differ(written, kept), []);
    assert_eq!(differ(written, &kept.replace("PERMISSIVE", "RESTRICTIVE")).len(), 1);
    assert_eq!(differ(written, &kept.replace("SELECT", "ALL")).len(), 1);
    assert_eq!(differ(written, &kept.replace("a, b", "public")).len(), 1);
    assert_eq!(differ(written, &kept.replace("owner =", "owner <>")).len(), 1);
    assert_eq!(
        differ(
            "CREATE POLICY p ON t USING (true)",
            "CREATE POLICY p ON t TO public USING (true) WITH CHECK (true)"
        )
        .len(),
        1
    );
}

#[test]
fn a_routine_with_other_arguments_is_another_one() {
    let all = |part: &str| -> Definitions {
        let text = format!("CREATE FUNCTION f({part}) RETURNS integer LANGUAGE sql AS 'SELECT 1'");
        let of = Defined { kind: "function", name: "f".into(), part: part.to_owned() };
        [(of, Some(Arc::from(text)))].into()
    };
    let n = |one: &str, other: &str| {
        differences(Dialect::Postgres, &all(one), &all(other), false).len()
    };
    assert_eq!(n("integer", "integer"), 0);
    assert_eq!(n("integer", "text"), 2);
    assert_eq!(n("users.id%type", "text"), 0, "nobody can tell here which type that is");
}
