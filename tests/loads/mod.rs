//! Both engines are asked whether the table of what loads into what is right, pair by pair.

mod postgres;
mod sqlite;

use planner::release::requirement::DeclaredType;

/// What an engine said of one value: nothing is wrong, or what is.
type Tried = Result<(), String>;

/// Compares what the table says with what the engine did with each value: if it says that a pair works every value must, if it
/// says that it does not some value must not.
fn judge(pair: &str, verdict: &Result<(), String>, tried: &[Tried], wrong: &mut Vec<String>) {
    assert!(!tried.is_empty(), "{pair}: nothing was tried");
    match verdict {
        Ok(()) => wrong.extend(
            tried.iter().filter_map(|tried| tried.as_ref().err()).map(|e| format!("{pair}: {e}")),
        ),
        Err(why) => {
            if tried.iter().all(Result::is_ok) {
                wrong.push(format!("{pair}: `{why}`, but it works"));
            }
        }
    }
}

/// A type by its name in `table!`, `Array<…>` included.
fn declared(name: &str) -> DeclaredType {
    match name.strip_prefix("Array<").and_then(|rest| rest.strip_suffix('>')) {
        Some(element) => DeclaredType { arrays: vec![false], ..DeclaredType::plain(element) },
        None => DeclaredType::plain(name),
    }
}

/// Fails with all that is wrong.
fn settle(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} pairs are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
