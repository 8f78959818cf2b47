//! Where a database is: a server's URL or a file, told without its password.

use super::DatabaseError;

/// A database's address.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A PostgreSQL server's URL as the driver takes it.
    Postgres(String),
    /// A SQLite file's path or `file:` URI.
    Sqlite(String),
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Postgres(url) => f.debug_tuple("Postgres").field(&without_password(url)).finish(),
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
        }
    }
}

/// What a connection must not wait for longer than this many seconds, unless the URL says so.
const CONNECT_TIMEOUT_S: u32 = 10;

/// Parameters of a PostgreSQL URL that are secret.
const SECRET_PARAMETERS: [&str; 2] = ["password", "sslpassword"];

/// `sslmode`s that cannot be had without TLS.
const TLS_MODES: [&str; 3] = ["require", "verify-ca", "verify-full"];

impl Address {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite:PATH` or a path.
    ///
    /// # Errors
    ///
    /// Refuses other schemes, and texts that are settings of a server rather than a path.
    pub fn parse(text: &str) -> Result<Self, DatabaseError> {
        let text = text.trim();
        let refuse = |target: &str, reason: &str| {
            Err(DatabaseError::Connect { target: target.to_owned(), reason: reason.to_owned() })
        };
        if text.is_empty() {
            return refuse("the database", "its address is empty");
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return postgres(text);
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() {
                refuse("sqlite:", "no path follows")
            } else {
                Ok(Self::Sqlite(path.to_owned()))
            };
        }
        if let Some((scheme, _)) = text.split_once("://") {
            let reason = "planner knows `postgres://…` and `sqlite:PATH`";
            return refuse(&format!("`{scheme}://…`"), reason);
        }
        let is_setting = |word: &str| {
            ["host=", "hostaddr=", "dbname=", "user=", "password=", "port=", "service="]
                .iter()
                .any(|key| word.starts_with(key))
        };
        if text.split_whitespace().any(is_setting) {
            return refuse("the database", "its address is not written as `postgres://…`");
        }
        Ok(Self::Sqlite(text.to_owned()))
    }

    /// Returns a server's URL with another database in it.
    #[must_use]
    pub fn with_database(url: &str, database: &str) -> String {
        let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
        let host_at = rest.rfind('@').map_or(0, |at| at + 1);
        let (user, place) = rest.split_at(host_at);
        let (place, query) = match place.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (place, None),
        };
        let host = place.split('/').next().unwrap_or_default();
        // A database named among the parameters would win over the path.
        let kept = query.into_iter().flat_map(|query| query.split('&'));
        let kept: Vec<&str> = kept.filter(|pair| !pair.starts_with("dbname=")).collect();
        let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
        format!("{scheme}://{user}{host}/{database}{query}")
    }

    /// Returns the address for people, without a password.
    #[must_use]
    pub fn target(&self) -> String {
        match self {
            Self::Postgres(url) => without_password(url),
            Self::Sqlite(path) => format!("sqlite:{path}"),
        }
    }

    /// Removes from a driver's message whatever may be the password or a part of it.
    #[must_use]
    pub fn redact(&self, message: &str) -> String {
        let Self::Postgres(url) = self else { return message.to_owned() };
        let mut redacted = message.to_owned();
        for secret in secrets(url) {
            redacted = redacted.replace(&secret, "***");
        }
        redacted
    }
}

fn postgres(text: &str) -> Result<Address, DatabaseError> {
    let target = without_password(text);
    let parameter = |name: &str| {
        parameters(text).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    if text.bytes().any(|byte| byte == 0 || byte.is_ascii_whitespace()) {
        let reason = "its URL contains white space; write it as %20".to_owned();
        return Err(DatabaseError::Connect { target, reason });
    }
    if let Some(mode) = parameter("sslmode").filter(|mode| TLS_MODES.contains(mode))
        && !cfg!(feature = "tls")
    {
        let reason = format!(
            "this planner was built without TLS, which `sslmode={mode}` asks for; build it with `--features tls`"
        );
        return Err(DatabaseError::Connect { target, reason });
    }
    let mut url = text.to_owned();
    let mut add = |name: &str, value: &str| {
        if parameter(name).is_none() {
            let separator = if url.contains('?') { '&' } else { '?' };
            url.push(separator);
            url.push_str(name);
            url.push('=');
            url.push_str(value);
        }
    };
    add("connect_timeout", &CONNECT_TIMEOUT_S.to_string());
    add("fallback_application_name", "planner");
    Ok(Address::Postgres(url))
}

/// Returns what stands between `://` and the last `@` before the query, if there is an `@`. A password that
/// was not percent-encoded may itself contain `@`, `/` or `?`, so the last `@` of the whole URL counts.
fn user_info(url: &str) -> Option<(&str, &str)> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.rsplit_once('@')
}

fn parameters(url: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split_once('='))
}

fn without_password(url: &str) -> String {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let (user, rest) = match user_info(url) {
        Some((info, rest)) => (info.split_once(':').map_or(info, |(user, _)| user), rest),
        None => ("", url.split_once("://").map_or(url, |(_, rest)| rest)),
    };
    let place = rest.split(['?', '#']).next().unwrap_or_default();
    if user.is_empty() {
        format!("{scheme}://{place}")
    } else {
        format!("{scheme}://{user}@{place}")
    }
}

/// Returns the passwords in a URL, as written and decoded, and the pieces a driver may take out of them when
/// they were not percent-encoded; longest first, so that a piece never spoils a longer one.
fn secrets(url: &str) -> Vec<String> {
    let of_user =
        user_info(url).and_then(|(info, _)| info.split_once(':')).map(|(_, secret)| secret);
    let of_query = parameters(url)
        .filter(|(key, _)| SECRET_PARAMETERS.iter().any(|secret| decode(key) == *secret))
        .map(|(_, value)| value);
    let mut secrets = Vec::new();
    for secret in of_user.into_iter().chain(of_query) {
        secrets.push(secret.to_owned());
        secrets.push(decode(secret));
        let pieces = secret.split([':', '/', '?', '#', '@', '&', '=', '%']);
        secrets.extend(pieces.filter(|piece| piece.len() > 2).map(str::to_owned));
    }
    secrets.retain(|secret| !secret.is_empty());
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.dedup();
    secrets
}

/// Decodes `%41`; what is no such escape stays.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (b'%', Some(byte)) = (first, byte) {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_takes_the_place_of_the_one_in_a_url() {
        let other = |url: &str| Address::with_database(url, "x");
        assert_eq!(other("postgres://ada:p@ss@db:5/shop?a=1"), "postgres://ada:p@ss@db:5/x?a=1");
        assert_eq!(other("postgres://db"), "postgres://db/x");
        assert_eq!(other("postgres://%2Ftmp/shop?dbname=y&b=2"), "postgres://%2Ftmp/x?b=2");
        assert_eq!(other("postgresql:///shop?host=/tmp"), "postgresql:///x?host=/tmp");
    }

    #[test]
    fn a_password_is_in_no_target() {
        for url in [
            "postgres://ada:s3cret@db/shop",
            "postgres://ada:s3cr%65t@db/shop?password=s3cret",
            "postgres://ada:p@s3cret@db/shop",
            "postgresql://ada:x/s3cret@db/shop",
            "postgres://ada@db/shop?sslpassword=s3cret&password=s3cret",
            "postgres://db/shop?password=s3cret",
            "postgres://ada:x?s3cret@db/shop",
        ] {
            let address = Address::parse(url).unwrap();
            assert!(!address.target().contains("s3c"), "{}", address.target());
            assert!(!format!("{address:?}").contains("s3c"), "{address:?}");
            let said = address.redact("bad token \"s3cret\" and s3cr%65t");
            assert!(!said.contains("s3cret"), "{url}: {said}");
        }
    }

    #[test]
    fn a_connection_never_waits_for_ever() {
        let url = |text: &str| match Address::parse(text).unwrap() {
            Address::Postgres(url) => url,
            Address::Sqlite(path) => panic!("{path}"),
        };
        assert!(url("postgres://db/shop").contains("?connect_timeout=10"));
        assert!(url("postgres://db/shop?a=b").contains("&connect_timeout=10"));
        assert!(!url("postgres://db/shop?connect_timeout=3").contains("=10"));
    }

    #[test]
    fn a_path_and_a_sqlite_url_are_files() {
        for text in ["sqlite:data/shop.db", "sqlite://data/shop.db", "data/shop.db"] {
            assert_eq!(Address::parse(text).unwrap(), Address::Sqlite("data/shop.db".to_owned()));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_showing_it() {
        for text in
            ["", "sqlite:", "mysql://a:s3cret@b/c", "host=db password=s3cret", "a: b://s3cret"]
        {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn tls_that_cannot_be_had_is_said_before_connecting() {
        let error = Address::parse("postgres://a:b@c/d?sslmode=require").unwrap_err().to_string();
        assert!(error.contains("without TLS"), "{error}");
    }
}
