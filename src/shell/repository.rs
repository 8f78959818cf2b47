//! Where the project is in its repository, for those who name files from there.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::Shell;

/// Variables that say where a CI has put the repository; asked only where git's folder is not there (an exported tree).
const WORKSPACES: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

impl Shell {
    /// Returns where the project's folder is below the top of its repository; empty if there is no repository.
    ///
    /// The folder of git is looked for rather than asked for: in a container git refuses to speak of folders that
    /// belong to somebody else.
    pub(super) fn below_repository(&self) -> Utf8PathBuf {
        let has_git = |folder: &&Utf8Path| folder.join(".git").exists();
        let workspaces = WORKSPACES
            .into_iter()
            .filter_map(|name| Utf8PathBuf::from(self.variable(name)?).canonicalize_utf8().ok());
        let top = self.root.ancestors().find(has_git).map(Utf8Path::to_owned);
        let mut tops = top.into_iter().chain(workspaces);
        let below = tops.find_map(|top| Some(self.root.strip_prefix(top).ok()?.to_owned()));
        below.unwrap_or_default()
    }
}

/// Returns a path of the project as a path of the repository, with `..` taken back where there is something to take back.
pub(super) fn joined(below: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    if path.is_absolute() {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    let whole = below.join(path);
    for part in whole.components() {
        match part {
            Utf8Component::CurDir | Utf8Component::RootDir | Utf8Component::Prefix(_) => {}
            Utf8Component::ParentDir if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            Utf8Component::ParentDir => parts.push(".."),
            Utf8Component::Normal(part) => parts.push(part),
        }
    }
    parts.join("/").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_from_the_top_of_the_repository() {
        let told = |below: &str, path: &str| joined(below.into(), path.into()).to_string();
        assert_eq!(told("", "plans/a.yaml"), "plans/a.yaml");
        assert_eq!(told("db/shop", "plans/a.yaml"), "db/shop/plans/a.yaml");
        assert_eq!(told("db/shop", "../web/src/schema.rs"), "db/web/src/schema.rs");
        assert_eq!(told("db", "../../web/./schema.rs"), "../web/schema.rs");
        assert_eq!(told("db", "/etc/schema.rs"), "/etc/schema.rs");
    }
}
