//! What platforms say of which releases run, read from the JSON that their own commands print.
//!
//! To add a platform: a file with a unit struct that implements `Platform`, and one line in the list below.

mod combine;
mod documents;
mod json;
mod template;

pub use combine::{Asked, PassedOver, Seen, Sight};
pub use template::ReleaseFrom;

use serde_json::Value;

use template::Template;

/// A platform that runs releases.
trait Platform {
    /// Commands whose output, one after the other, says all there is to know of an app called `web`.
    const COMMANDS: &'static str;

    /// Takes what is said of workloads out of the documents.
    fn read(documents: &[Value], found: &mut Found);
}

/// What a platform can do with a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It is remembered, and needs a rollout to serve again.
    History,
    /// It serves nobody now, and may serve again without a new rollout.
    Idle,
    /// It has no share of the traffic, and can be reached all the same, or will serve as soon as it is ready.
    Reachable,
    /// It serves.
    Serving,
}

impl Standing {
    /// Returns the word for it in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Idle => "idle",
            Self::Reachable => "reachable",
            Self::Serving => "serving",
        }
    }
}

/// One revision of a workload: a ReplicaSet, a Cloud Run revision, a task set, a job version.
#[derive(Clone, Debug)]
struct Revision {
    /// The workload's name.
    workload: String,
    /// What it is, for people.
    what: String,
    /// What it runs.
    template: Template,
    /// What the platform can do with it.
    standing: Standing,
    /// Its part of what the workload serves, in any unit.
    weight: u64,
    /// Ascending from old to new within a workload.
    order: i64,
}

/// Something in the input that cannot be used, and what would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The workload it is about, if it is about one.
    pub workload: Option<String>,
    /// What was found and what was expected; lower case, without a final period.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What was found in the input.
#[derive(Debug, Default)]
struct Found {
    revisions: Vec<Revision>,
    problems: Vec<Problem>,
    /// What cannot be seen in the input and is no reason not to use it: workload and sentence.
    notes: Vec<(String, String)>,
    /// Workloads that are there and have nothing that is live.
    empty: Vec<String>,
}

impl Found {
    fn problem(
        &mut self,
        workload: Option<&str>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let workload = workload.map(str::to_owned);
        let problem = Problem { workload, message: message.into(), help: help.into() };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// Lists the platforms.
macro_rules! platforms {
    ($($(#[$meta:meta])+ $module:ident::$name:ident: $word:literal,)+) => {
        $(mod $module;)+

        /// The name of a platform.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PlatformName { $($(#[$meta])+ $name,)+ }

        impl PlatformName {
            /// Every platform, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Returns the word for it on the command line.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// Returns commands whose output, one after the other, says all there is to know of an app called `web`.
            #[must_use]
            pub const fn commands(self) -> &'static str {
                match self { $(Self::$name => <$module::$name as Platform>::COMMANDS,)+ }
            }

            fn read(self, documents: &[Value], found: &mut Found) {
                match self { $(Self::$name => <$module::$name as Platform>::read(documents, found),)+ }
            }
        }
    };
}

platforms! {
    /// Kubernetes: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs, Pods, Argo Rollouts.
    kubernetes::Kubernetes: "kubernetes",
    /// Google Cloud Run, and Knative.
    cloud_run::CloudRun: "cloud-run",
    /// Amazon ECS.
    ecs::Ecs: "ecs",
    /// Nomad.
    nomad::Nomad: "nomad",
}

impl PlatformName {
    /// Returns the platform with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|platform| platform.word() == word)
    }
}

/// Reads what a platform's commands printed: any number of JSON documents one after the other.
///
/// # Errors
///
/// Returns everything that cannot be used.
pub fn read(platform: PlatformName, text: &str, asked: &Asked<'_>) -> Result<Sight, Vec<Problem>> {
    let documents = documents::parse(text, platform)?;
    let mut found = Found::default();
    platform.read(&documents, &mut found);
    combine::combine(found, platform, asked)
}
