//! What every statement of the scripts is read as, statement by statement.

use std::fmt::Write as _;

use planner::catalog::Catalog;
use planner::change::apply::apply;
use planner::dialect::Dialect;
use planner::readers::{How, Meaning, parse};

fn told(script: &str) -> String {
    let parsed = parse(Dialect::Postgres, script);
    let mut catalog = Catalog::empty(Dialect::Postgres);
    let mut told = String::new();
    for (at, place) in parsed.statements.iter().enumerate() {
        let statement = parsed.read(at, script, &catalog).unwrap();
        assert_eq!(statement.place, *place);
        writeln!(told, "{}", script[place.clone()].trim()).unwrap();
        for part in &statement.parts {
            assert!(place.start <= part.place.start && part.place.end <= place.end, "{part:?}");
            if let Meaning::Change(change) = &part.meaning {
                let _ = apply(change, &mut catalog);
                write!(told, "  => {change:?}").unwrap();
            } else {
                write!(told, "  => {:?}", part.meaning).unwrap();
            }
            if part.how != How::default() {
                write!(told, " [{:?}]", part.how).unwrap();
            }
            if part.place != *place {
                write!(told, "\n     at `{}`", script[part.place.clone()].replace('\n', " "))
                    .unwrap();
            }
            told.push('\n');
        }
        if let Some(alone) = statement.alone {
            writeln!(told, "  alone: {alone}").unwrap();
        }
        if let Some(control) = statement.transaction {
            writeln!(told, "  transaction: {control:?}").unwrap();
        }
    }
    for marker in &parsed.markers {
        writeln!(
            told,
            "marker {:?} {:?} `{}`",
            marker.accepts,
            marker.reason,
            &script[marker.place.clone()]
        )
        .unwrap();
    }
    told
}

#[test]
fn every_statement_is_read_as_it_should_be() {
    for name in super::SCRIPTS {
        insta::assert_snapshot!(name, told(&super::script(name)));
    }
}

#[test]
fn a_statement_that_is_not_read_is_opaque_and_none_is_left_out() {
    let script = super::script("odd");
    let parsed = parse(Dialect::Postgres, &script);
    let catalog = Catalog::empty(Dialect::Postgres);
    let of = |needle: &str| {
        let at = parsed.statements.iter().position(|place| script[place.clone()].contains(needle));
        parsed.read(at.unwrap_or_else(|| panic!("{needle}")), &script, &catalog).unwrap()
    };
    let is_opaque = |needle: &str| {
        of(needle).parts.iter().any(|part| matches!(part.meaning, Meaning::Opaque { .. }))
    };
    assert!(is_opaque("CREATE TABLE made AS"));
    assert!(is_opaque("DISABLE TRIGGER"));
    assert!(is_opaque("EXECUTE format"));
    assert!(matches!(of("\\set").parts[0].meaning, Meaning::Unreadable { .. }));
    assert!(matches!(of("CREATE TABEL").parts[0].meaning, Meaning::Unreadable { .. }));
}
