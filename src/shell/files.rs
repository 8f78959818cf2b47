//! Files: reading with limits, writing whole or not at all.

use std::fs;
use std::io::{self, Write as _};

use camino::{Utf8Path, Utf8PathBuf};

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::exit::Failure;
use crate::yaml::node::FILE_BYTES_MAX;

/// Reads a plan or a file like it, of at most [`FILE_BYTES_MAX`] bytes; what is wrong with it is reported under its name.
pub fn read_limited(root: &Utf8Path, relative: &Utf8Path, sink: &mut Sink) -> Option<String> {
    let limit = Limit { bytes: FILE_BYTES_MAX, help: "split it into several plans" };
    read_within(&root.join(relative), relative, limit, sink)
}

/// How large a file may be.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The most bytes.
    pub bytes: u64,
    /// What to do about a larger one.
    pub help: &'static str,
}

/// Reads a text file; what is wrong with it is reported under the name `shown`.
pub fn read_within(
    path: &Utf8Path,
    shown: &Utf8Path,
    limit: Limit,
    sink: &mut Sink,
) -> Option<String> {
    let mut report = |code, message: String, help: &str| {
        sink.report(Diagnostic::new(code, message).in_file(shown).help(help));
    };
    if let Some(kind) = no_file(path) {
        report(code::UNREADABLE_FILE, format!("is a {kind}, not a file"), &instead(kind));
        return None;
    }
    let bytes = match read_at_most(path, limit.bytes) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let message = format!("has more than {} bytes", limit.bytes);
            report(code::OVERSIZED_FILE, message, limit.help);
            return None;
        }
        Err(error) => {
            let message = format!("cannot be read: {error}");
            report(code::UNREADABLE_FILE, message, "check the path and its permissions");
            return None;
        }
    };
    match text(bytes) {
        Ok(text) => Some(text),
        Err(message) => {
            report(code::UNREADABLE_FILE, message, "save the file as UTF-8");
            None
        }
    }
}

/// Returns a file's bytes as text, without a byte order mark.
///
/// # Errors
///
/// Says where they are no text.
pub fn text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("is UTF-16, not UTF-8".to_owned());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(format!("is not UTF-8: byte {at} is not part of a character"))
        }
    }
}

/// Returns the paths of the files below a folder whose names end so, sorted, each relative to the folder. Folders that are
/// hidden, or only linked to, are left out.
///
/// # Errors
///
/// Fails if a folder cannot be listed.
pub fn below(folder: &Utf8Path, extension: &str) -> Result<Vec<Utf8PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut open = vec![Utf8PathBuf::new()];
    while let Some(relative) = open.pop() {
        for name in list(&folder.join(&relative))? {
            let path = relative.join(&name);
            let full = folder.join(&path);
            let is_link = full.is_symlink();
            if full.is_dir() {
                if !is_link && !name.starts_with('.') {
                    open.push(path);
                }
            } else if path.extension() == Some(extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Returns what is at a path, if it is there and nothing to read a text from.
///
/// It is asked before the file is opened: to open a named pipe is to wait for somebody who writes into it, for ever perhaps, and to open a device may set it going. What was
/// handed to this process as an open descriptor (`--schema <(git show …)`) may be a pipe, since its other end is open too.
fn no_file(path: &Utf8Path) -> Option<&'static str> {
    // What cannot be asked cannot be read, which is told then.
    let kind = fs::metadata(path).ok()?.file_type();
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some("folder");
    }
    let kind = special(kind);
    let is_handed =
        ["/dev/fd", "/dev/stdin", "/proc/self/fd"].iter().any(|of| path.starts_with(of));
    (!is_handed || kind == "device").then_some(kind)
}

#[cfg(unix)]
fn special(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match () {
        () if kind.is_fifo() => "named pipe",
        () if kind.is_socket() => "socket",
        () => "device",
    }
}

#[cfg(not(unix))]
const fn special(_kind: fs::FileType) -> &'static str {
    "device"
}

/// Says what to do about what is no file.
fn instead(kind: &str) -> String {
    match kind {
        "folder" => "move or rename the folder".to_owned(),
        kind => format!("put a file in the place of the {kind}"),
    }
}

/// Fails if what is at a path is nothing to read a text from.
fn is_file(path: &Utf8Path) -> Result<(), Failure> {
    no_file(path).map_or(Ok(()), |kind| {
        let failure = Failure::usage(format!("cannot read `{path}`: it is a {kind}, not a file"));
        Err(failure.help(instead(kind)))
    })
}

/// Reads a file; `None` if it is longer than the limit, which is noticed without reading it all.
fn read_at_most(path: &Utf8Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    use std::io::Read as _;
    let file = fs::File::open(path)?;
    let expected = file.metadata()?.len();
    if expected > limit {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default() + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// Returns the names in a folder, sorted; none if there is no such folder.
///
/// # Errors
///
/// Fails if the folder is there but cannot be listed.
pub fn list(folder: &Utf8Path) -> Result<Vec<String>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::usage(format!("cannot list `{folder}`: {error}"))),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry =
            entry.map_err(|error| Failure::usage(format!("cannot list `{folder}`: {error}")))?;
        match entry.file_name().into_string() {
            Ok(name) => names.push(name),
            Err(name) => {
                let name = name.to_string_lossy().into_owned();
                return Err(Failure::usage(format!("the name of `{folder}/{name}` is not UTF-8"))
                    .help("rename the file"));
            }
        }
    }
    names.sort();
    Ok(names)
}

/// Reads a text file of any size; `None` if it is not there.
///
/// # Errors
///
/// Fails if it is there but cannot be read, or is not UTF-8.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads files")]
pub fn read(path: &Utf8Path) -> Result<Option<String>, Failure> {
    is_file(path)?;
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            let failure = Failure::usage(format!("cannot read `{path}`: it is not UTF-8"));
            Err(failure.help("save the file as UTF-8"))
        }
        Err(error) => {
            let failure = Failure::usage(format!("cannot read `{path}`: {error}"));
            Err(failure.help("check the path and its permissions"))
        }
    }
}

/// Returns whether a file has exactly this text; `None` if it is not there.
///
/// # Errors
///
/// Fails if it is there but cannot be read.
pub fn has_text(path: &Utf8Path, text: &str) -> Result<Option<bool>, Failure> {
    use std::io::Read as _;
    is_file(path)?;
    // One byte more than there should be, so that a longer file is noticed, and is not read on.
    let most = text.len() as u64 + 1;
    let mut found = Vec::with_capacity(text.len() + 1);
    let read = fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut found));
    match read {
        Ok(_) => Ok(Some(found == text.as_bytes())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::usage(format!("cannot read `{path}`: {error}"))),
    }
}

/// Writes a file whole: beside its place first, then moved there, so that a killed process leaves the old or
/// the new text. It is not forced to the disk: what planner writes, it can write again. Missing folders are created.
///
/// # Errors
///
/// Fails if the folder or the file cannot be written.
pub fn write(path: &Utf8Path, text: &str) -> Result<(), Failure> {
    let beside = write_beside(path, text)?;
    fs::rename(&beside, path).map_err(|error| {
        // The file beside is of no use without the rename; that it may not go away either is no news.
        let _ = fs::remove_file(&beside);
        not_written(path, &error)
    })
}

/// Writes a text beside its place, from where a rename puts it there; makes the folder first. Returns where it is.
pub(super) fn write_beside(path: &Utf8Path, text: &str) -> Result<Utf8PathBuf, Failure> {
    let folder = path.parent().map_or_else(|| Utf8PathBuf::from("."), Utf8Path::to_owned);
    fs::create_dir_all(&folder).map_err(|error| not_written(path, &error))?;
    let beside =
        folder.join(format!(".{}.{}.new", path.file_name().unwrap_or("file"), std::process::id()));
    let written = fs::File::create(&beside).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map(|()| beside.clone()).map_err(|error| {
        let _ = fs::remove_file(&beside);
        not_written(path, &error)
    })
}

/// Says that a file cannot be written.
pub(super) fn not_written(path: &Utf8Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot write `{path}`: {error}"))
        .help("check the folder's permissions and the room on the disk")
}

/// Removes a folder and what is in it.
///
/// # Errors
///
/// Fails if it cannot be removed.
pub fn remove_folder(path: &Utf8Path) -> Result<(), Failure> {
    fs::remove_dir_all(path)
        .map_err(|error| Failure::usage(format!("cannot remove `{path}`: {error}")))
}
