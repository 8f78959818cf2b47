//! "Did you mean": the nearest known name to one that is unknown.

/// Returns `did you mean …?` with the nearest of the known names, or nothing if none is near.
///
/// Near is a Damerau–Levenshtein distance of at most a third of the longer name's length; the first of
/// equally near names in the given order wins.
pub fn did_you_mean<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let limit = (unknown.chars().count().max(name.chars().count()) / 3).max(1);
        let distance = strsim::damerau_levenshtein(unknown, name);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("tabel", ["column", "table"]).unwrap(), "did you mean `table`?");
        assert_eq!(did_you_mean("nope", ["given_name"]), None);
    }
}
