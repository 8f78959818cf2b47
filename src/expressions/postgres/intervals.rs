//! Lengths of time as PostgreSQL holds them: `'12 months'` is stored as `'1 year'`.

/// Returns the one spelling of a length of time: its months, days and microseconds. Nothing if it is written in another way.
pub(super) fn spelling(text: &str) -> Option<String> {
    let (mut months, mut days, mut micros) = (0_i64, 0_i64, 0_i64);
    let mut words = text.split_whitespace();
    let mut n_parts = 0_u32;
    while let Some(word) = words.next() {
        n_parts += 1;
        if word.contains(':') {
            micros = micros.checked_add(clock(word)?)?;
            continue;
        }
        let number: i64 = word.parse().ok()?;
        let (field, unit) = match words.next()?.to_ascii_lowercase().trim_end_matches('s') {
            "year" | "yr" => (&mut months, 12),
            "month" | "mon" => (&mut months, 1),
            "week" => (&mut days, 7),
            "day" => (&mut days, 1),
            "hour" | "hr" => (&mut micros, 3_600_000_000),
            "minute" | "min" => (&mut micros, 60_000_000),
            "second" | "sec" => (&mut micros, 1_000_000),
            _ => return None,
        };
        *field = field.checked_add(number.checked_mul(unit)?)?;
    }
    (n_parts > 0).then(|| format!("{months} {days} {micros}"))
}

/// Reads `01:30:00` as microseconds.
fn clock(word: &str) -> Option<i64> {
    let (sign, word) = word.strip_prefix('-').map_or((1, word), |rest| (-1, rest));
    let mut parts = word.split(':').map(|part| part.parse::<i64>().ok().filter(|of| *of >= 0));
    let (hours, minutes, seconds) =
        (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    if parts.next().is_some() {
        return None;
    }
    let all =
        hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)?;
    all.checked_mul(sign * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::spelling;

    #[test]
    fn a_length_of_time_has_one_spelling() {
        for (one, other) in [
            ("12 months", "1 year"),
            ("36 hours", "36:00:00"),
            ("90 min", "01:30:00"),
            ("-1 day", "-1 days"),
            ("2 weeks 1 sec", "14 days 00:00:01"),
        ] {
            assert_eq!(spelling(one), spelling(other), "{one}");
            assert!(spelling(one).is_some(), "{one}");
        }
        assert_ne!(spelling("1 day"), spelling("24 hours"));
        assert_ne!(spelling("30 days"), spelling("1 month"));
        for other in
            ["", "P1Y", "1.5 hours", "1 day ago", "3", "1:2:3:4", "9223372036854775807 years"]
        {
            assert_eq!(spelling(other), None, "{other}");
        }
    }
}
