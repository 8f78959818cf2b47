//! What a revision runs, and how its release is named by it.

use std::collections::BTreeSet;

/// What a revision runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Template {
    /// Its containers, without those that only start others.
    pub containers: Vec<Container>,
    /// The container that counts, where the platform says so itself.
    pub default_container: Option<String>,
    /// Labels.
    pub labels: Vec<(String, String)>,
    /// Annotations, where the platform has them.
    pub annotations: Vec<(String, String)>,
}

/// A container, or a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Container {
    /// Its name.
    pub name: String,
    /// Its image, if it has one.
    pub image: Option<String>,
    /// Variables of its environment that are written out.
    pub env: Vec<(String, String)>,
    /// Its own labels.
    pub labels: Vec<(String, String)>,
}

/// Where the name of a release is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReleaseFrom {
    /// The tag of the image.
    #[default]
    ImageTag,
    /// A label, or a piece of meta data.
    Label(String),
    /// A variable of the environment.
    Env(String),
    /// An annotation, or a tag.
    Annotation(String),
}

impl ReleaseFrom {
    /// Reads `image-tag`, `label:KEY`, `env:NAME` or `annotation:KEY`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let named =
            |of: fn(String) -> Self, key: &str| (!key.is_empty()).then(|| of(key.to_owned()));
        match text.split_once(':') {
            None => (text == "image-tag").then_some(Self::ImageTag),
            Some(("label", key)) => named(Self::Label, key),
            Some(("env", key)) => named(Self::Env, key),
            Some(("annotation", key)) => named(Self::Annotation, key),
            Some(_) => None,
        }
    }
}

/// The longest name of a release, in bytes.
const NAME_MAX: usize = 200;

/// Why a release has no name: what is wrong, and what to do.
type Nameless = (String, String);

const OTHERWISE: &str =
    "say where its name stands with `--release-from label:KEY`, `env:NAME` or `annotation:KEY`";

impl Template {
    /// Returns the name of the release.
    pub fn release(
        &self,
        from: &ReleaseFrom,
        container: Option<&str>,
        workload: &str,
    ) -> Result<String, Nameless> {
        let name = match from {
            ReleaseFrom::ImageTag => tag(self.container(container, workload)?)?,
            ReleaseFrom::Label(key) => self.label(key, container)?,
            ReleaseFrom::Annotation(key) => one(
                values(&self.annotations, key),
                &format!("no annotation `{key}`"),
                "annotation",
            )?,
            ReleaseFrom::Env(key) => self.env(key, container)?,
        };
        let is_plain = |c: char| !c.is_whitespace() && !c.is_control();
        if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(is_plain) {
            let message =
                "its release's name is empty, too long, or has white space in it".to_owned();
            return Err((message, OTHERWISE.to_owned()));
        }
        Ok(name)
    }

    /// Returns the container that counts: the one that was asked for, that the platform names, or that is called as the
    /// workload; or else the only one.
    fn container(&self, asked: Option<&str>, workload: &str) -> Result<&Container, Nameless> {
        let called = |name: &str| self.containers.iter().find(|of| of.name == name);
        if let Some(asked) = asked {
            return called(asked).ok_or_else(|| {
                (
                    format!("it has no container `{asked}`"),
                    format!("its containers: {}", self.list()),
                )
            });
        }
        if let [only] = self.containers.as_slice() {
            return Ok(only);
        }
        let default = self.default_container.as_deref().and_then(called);
        default.or_else(|| called(workload)).ok_or_else(|| match self.containers.len() {
            0 => ("it has no containers".to_owned(), OTHERWISE.to_owned()),
            n => (
                format!("it has {n} containers: {}", self.list()),
                "say which one is the app with `--container NAME`".to_owned(),
            ),
        })
    }

    /// Returns the names of the containers, for people.
    fn list(&self) -> String {
        let names: Vec<String> =
            self.containers.iter().map(|of| format!("`{}`", of.name)).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }

    /// Returns the containers that were asked for: all, if none was named.
    fn asked(&self, container: Option<&str>) -> impl Iterator<Item = &Container> {
        self.containers.iter().filter(move |of| container.is_none_or(|name| of.name == name))
    }

    fn label(&self, key: &str, container: Option<&str>) -> Result<String, Nameless> {
        let own = self.asked(container).flat_map(|of| values(&of.labels, key));
        one(own.chain(values(&self.labels, key)), &format!("no label `{key}`"), "label")
    }

    fn env(&self, key: &str, container: Option<&str>) -> Result<String, Nameless> {
        let all = self.asked(container).flat_map(|of| values(&of.env, key));
        one(all, &format!("no variable `{key}` that is written out"), "variable")
    }
}

fn values<'a>(pairs: &'a [(String, String)], key: &'a str) -> impl Iterator<Item = &'a str> {
    pairs.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
}

/// Returns the one value that all agree on.
fn one<'a>(
    all: impl Iterator<Item = &'a str>,
    without: &str,
    what: &str,
) -> Result<String, Nameless> {
    let all: BTreeSet<&str> = all.collect();
    let mut each = all.iter();
    match (each.next(), each.next()) {
        (Some(only), None) => Ok((*only).to_owned()),
        (None, _) => Err((format!("it has {without}"), OTHERWISE.to_owned())),
        (Some(one), Some(other)) => Err((
            format!("its containers have different values of that {what}: `{one}` and `{other}`"),
            "say which one is the app with `--container NAME`".to_owned(),
        )),
    }
}

/// Returns the tag of a container's image, as long as it names a release.
fn tag(container: &Container) -> Result<String, Nameless> {
    let otherwise = |message: String| (message, OTHERWISE.to_owned());
    let Some(image) = &container.image else {
        return Err(otherwise(format!("`{}` has no image", container.name)));
    };
    let (path, _digest) = image.split_once('@').unwrap_or((image, ""));
    // A registry's port stands before the last part of the path.
    let tag = super::json::last_part(path).split_once(':').map(|(_, tag)| tag);
    match tag {
        Some("latest") => {
            Err(otherwise(format!("the tag of `{image}` is `latest`, which is no release")))
        }
        Some(tag) if !tag.is_empty() => Ok(tag.to_owned()),
        Some(_) | None => Err(otherwise(format!("the image `{image}` has no tag"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(images: &[(&str, &str)]) -> Template {
        let containers = images.iter().map(|(name, image)| Container {
            name: (*name).to_owned(),
            image: Some((*image).to_owned()),
            ..Container::default()
        });
        Template { containers: containers.collect(), ..Template::default() }
    }

    fn release(image: &str) -> Result<String, String> {
        let named = of(&[("app", image)]).release(&ReleaseFrom::ImageTag, None, "web");
        named.map_err(|(message, _)| message)
    }

    #[test]
    fn the_tag_of_an_image_is_found_behind_ports_and_before_digests() {
        for image in [
            "web:2.5.0",
            "shop/web:2.5.0",
            "registry.local:5000/shop/web:2.5.0",
            "europe-docker.pkg.dev/p/r/web:2.5.0@sha256:0a1b",
        ] {
            assert_eq!(release(image), Ok("2.5.0".to_owned()), "{image}");
        }
        for image in ["web", "registry.local:5000/web", "web@sha256:0a1b", "web:", "", "web:latest"]
        {
            assert!(release(image).is_err(), "{image}");
        }
    }

    #[test]
    fn the_container_that_counts_is_asked_named_or_the_only_one() {
        let two = of(&[("proxy", "envoy:1.30"), ("web", "web:2.5.0")]);
        let named = |template: &Template, container, workload| {
            template.release(&ReleaseFrom::ImageTag, container, workload)
        };
        assert_eq!(named(&two, None, "web"), Ok("2.5.0".to_owned()));
        assert_eq!(named(&two, Some("proxy"), "web"), Ok("1.30".to_owned()));
        let (message, help) = named(&two, None, "shop").unwrap_err();
        assert_eq!(message, "it has 2 containers: `proxy`, `web`");
        assert!(help.contains("--container"));
        let default = Template { default_container: Some("web".to_owned()), ..two };
        assert_eq!(named(&default, None, "shop"), Ok("2.5.0".to_owned()));
        assert!(named(&default, Some("none"), "shop").unwrap_err().1.contains("`proxy`, `web`"));
        assert!(named(&Template::default(), None, "web").is_err());
    }

    #[test]
    fn a_release_is_named_by_a_label_a_variable_or_an_annotation() {
        let pair = |key: &str, value: &str| vec![(key.to_owned(), value.to_owned())];
        let mut template = of(&[("web", "web@sha256:0"), ("proxy", "envoy")]);
        template.labels = pair("version", "2.5.0");
        template.annotations = pair("release", "2.6.0");
        template.containers[0].env = pair("RELEASE", "2.7.0");
        let named = |template: &Template, from: &str| {
            template.release(&ReleaseFrom::parse(from).unwrap(), None, "shop")
        };
        assert_eq!(named(&template, "label:version"), Ok("2.5.0".to_owned()));
        assert_eq!(named(&template, "annotation:release"), Ok("2.6.0".to_owned()));
        assert_eq!(named(&template, "env:RELEASE"), Ok("2.7.0".to_owned()));
        assert!(named(&template, "label:release").is_err());
        template.containers[1].env = pair("RELEASE", "1.30");
        assert!(named(&template, "env:RELEASE").unwrap_err().0.contains("`1.30` and `2.7.0`"));
        template.labels = pair("version", "two five");
        assert!(named(&template, "label:version").unwrap_err().0.contains("white space"));
    }

    #[test]
    fn where_a_name_stands_is_said_in_four_ways() {
        for bad in ["", "tag", "label:", "label", "env:", "image-tag:x", "branch:main"] {
            assert_eq!(ReleaseFrom::parse(bad), None, "{bad}");
        }
        let label = ReleaseFrom::Label("app.kubernetes.io/version".to_owned());
        assert_eq!(ReleaseFrom::parse("label:app.kubernetes.io/version"), Some(label));
    }
}
