//! Which process holds a lease, so that the lease of one that is gone need not be waited for.
//!
//! A holder's name in the ledger ends in a mark: the running system, its space of process ids, the process, and
//! when that began. Only a process that looks at the same system and the same space can tell from it that the
//! holder is gone; to every other one the mark says nothing, and the lease's expiry decides. Systems other than Linux
//! leave no mark.

/// What stands between a holder's name and its mark, and behind it.
const BRACKETS: (&str, &str) = (" [", "]");

/// A process of some system.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    /// The system since it was started, and its space of process ids (a container has its own).
    space: String,
    id: i32,
    /// When it began, since ids are used again.
    began: u64,
}

impl Mark {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.rsplitn(3, ':');
        let began = words.next()?.parse().ok()?;
        let id = words.next()?.parse().ok()?;
        Some(Self { space: words.next()?.to_owned(), id, began })
    }

    fn text(&self) -> String {
        format!("{}:{}:{}", self.space, self.id, self.began)
    }
}

/// Returns a holder's name with the mark of this process.
pub(crate) fn marked(holder: &str) -> String {
    let (open, close) = BRACKETS;
    match own() {
        Some(mark) => format!("{holder}{open}{}{close}", mark.text()),
        None => holder.to_owned(),
    }
}

/// Returns a holder's name for people, without its mark.
pub(crate) fn unmarked(holder: &str) -> &str {
    split(holder).map_or(holder, |(name, _)| name)
}

/// Returns whether the process that holds a lease is certainly gone.
pub(crate) fn is_gone(holder: &str) -> bool {
    let Some((_, mark)) = split(holder) else { return false };
    own().is_some_and(|own| own.space == mark.space) && is_ended(&mark)
}

fn split(holder: &str) -> Option<(&str, Mark)> {
    let (open, close) = BRACKETS;
    let (name, mark) = holder.strip_suffix(close)?.rsplit_once(open)?;
    Some((name, Mark::parse(mark)?))
}

#[cfg(target_os = "linux")]
fn own() -> Option<Mark> {
    let id = i32::try_from(std::process::id()).ok()?;
    let boot = read("/proc/sys/kernel/random/boot_id")?;
    let ids = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let space = format!("{} {}", boot.trim(), ids.to_str()?);
    Some(Mark { space, id, began: Stat::of(id)?.began })
}

#[cfg(not(target_os = "linux"))]
const fn own() -> Option<Mark> {
    None
}

#[cfg(not(target_os = "linux"))]
const fn is_ended(_: &Mark) -> bool {
    false
}

/// Asks for the process by a signal that does nothing: unlike the files of `/proc`, which may be hidden from other
/// users, the answer that there is no such process is the truth.
#[cfg(target_os = "linux")]
fn is_ended(mark: &Mark) -> bool {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};

    let Some(id) = Pid::from_raw(mark.id) else { return false };
    match test_kill_process(id) {
        Err(Errno::SRCH) => true,
        // Somebody has this id: the holder, one that waits for its parent to take note of its end, or another.
        Ok(()) | Err(_) => {
            Stat::of(mark.id).is_some_and(|stat| stat.began != mark.began || stat.is_dead)
        }
    }
}

/// What the system says of a process.
#[cfg(target_os = "linux")]
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    /// Ended, all its threads with it, and not yet forgotten.
    is_dead: bool,
    /// In ticks since the system was started.
    began: u64,
}

#[cfg(target_os = "linux")]
impl Stat {
    fn of(id: i32) -> Option<Self> {
        Self::parse(&read(&format!("/proc/{id}/stat"))?)
    }

    /// Reads `proc_pid_stat(5)`: the fields behind the name, which itself may hold anything.
    fn parse(text: &str) -> Option<Self> {
        let (_, fields) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let is_zombie = ["Z", "X"].contains(fields.first()?);
        let n_threads: i64 = fields.get(17)?.parse().ok()?;
        Some(Self { is_dead: is_zombie && n_threads <= 1, began: fields.get(19)?.parse().ok()? })
    }
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the table of processes has the form of files")]
fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn of(mark: &Mark) -> String {
        format!("ada on ark, process 7 [{}]", mark.text())
    }

    #[test]
    fn a_name_comes_back_without_its_mark() {
        let name = "ada [admin] on ark, process 7";
        assert_ne!(marked(name), name);
        assert_eq!(unmarked(&marked(name)), name);
        assert_eq!(unmarked(name), name);
    }

    #[test]
    fn this_process_is_not_gone() {
        assert!(!is_gone(&marked("ada")));
    }

    #[test]
    fn a_process_that_ended_is_gone_and_so_is_one_whose_id_was_given_to_another() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let id = i32::try_from(child.id()).unwrap();
        let mark = Mark { id, began: Stat::of(id).unwrap().began, ..own().unwrap() };
        assert!(!is_gone(&of(&mark)));
        assert!(is_gone(&of(&Mark { began: mark.began + 1, ..mark.clone() })));
        child.kill().unwrap();
        // Nobody has asked how it ended, so that its id stays taken.
        while !is_gone(&of(&mark)) {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(is_gone(&of(&mark)));
    }

    #[test]
    fn of_another_system_nothing_is_known() {
        let own = own().unwrap();
        let elsewhere = Mark { space: "another boot pid:[1]".to_owned(), id: i32::MAX, ..own };
        assert!(!is_gone(&of(&elsewhere)));
        for text in ["ada", "ada [1:2]", "ada []", ""] {
            assert!(!is_gone(text));
        }
    }

    #[test]
    fn a_name_with_spaces_and_brackets_does_not_shift_the_fields() {
        let fields = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 18 4711 20";
        let parsed = Stat::parse(&format!("12 (a ) b) Z {fields}"));
        assert_eq!(parsed, Some(Stat { is_dead: true, began: 4711 }));
        let parsed = Stat::parse(&format!("12 (a) S {fields}"));
        assert_eq!(parsed, Some(Stat { is_dead: false, began: 4711 }));
    }
}
