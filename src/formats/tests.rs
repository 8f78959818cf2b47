//! The formats for programs, on findings with everything that is hard to write.

use std::path::Path;

use serde_json::Value;

use super::{FormatName, Style, format};
use crate::diagnostic::fix::{Edit, NewFile};
use crate::diagnostic::{Code, Diagnostic, Fix, Severity, code};
use crate::source::{SourceId, Sources, Span};

const PLAN: &str =
    "title: Größe\nexpand:\n  - { größe: \"🐘\", was: nope }\n  - drop_column: |\n      `users`\n";
/// A name with what each of the formats gives a meaning to.
const HOSTILE: &str = "plans/ä 100%: a\nb,c`|<x>&\".yaml";

fn print(name: FormatName, sources: &Sources, found: &[Diagnostic]) -> String {
    format(name).diagnostics(sources, found, Style { colour: false, width: 100 })
}

fn span(sources: &Sources, source: SourceId, text: &str) -> Span {
    let start = sources.get(source).unwrap().text.find(text).unwrap();
    let end = u32::try_from(start + text.len()).unwrap();
    Span { source, start: u32::try_from(start).unwrap(), end }
}

fn of_weight(code: Code, severity: Severity) -> Code {
    Code { severity, ..code }
}

fn samples() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let plan = sources.add("plans/2026-01-01-000000_size.yaml", PLAN);
    let hostile = sources.add(HOSTILE, "a: \"```\u{1}|\"\nb: 2\n");
    sources.add("plans/2026-01-02-000000_fine.yaml", "title: Fine\n");
    let message = "there is no `nope`, 100% sure: <b>a</b>,\r\n[x](1) | `odd";
    let found = vec![
        Diagnostic::new(code::UNKNOWN_OBJECT, message)
            .label(span(&sources, plan, "nope"), "not `known`")
            .label(span(&sources, hostile, "b: 2"), "made [here](2)")
            .plan(&"size".into())
            .step(&"add".into())
            .help("did you mean `none`?")
            .fix(Some(Fix {
                title: "write it right".to_owned(),
                edits: vec![Edit { span: span(&sources, plan, "nope"), text: "none\n".to_owned() }],
                new_files: vec![NewFile { path: HOSTILE.into(), text: "a: \"b\"\n".to_owned() }],
                held_back: None,
            })),
        Diagnostic::new(of_weight(code::UNKNOWN_KEY, Severity::Warning), "is *not* a `key|`")
            .at(span(&sources, plan, "drop_column: |\n      `users`\n")),
        Diagnostic::new(of_weight(code::UNKNOWN_KEY, Severity::Note), "is let pass")
            .at(span(&sources, hostile, "\"```\u{1}|\""))
            .help("waived until 2027-01-01: one row")
            .waived("one row"),
        Diagnostic::new(code::UNREADABLE_FILE, "is no text: \u{0}\u{b}\u{fffe}").in_file(HOSTILE),
        Diagnostic::new(code::EMPTY_PLAN, "there is nothing").help("write a plan"),
    ];
    (sources, found)
}

fn pretty(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

#[test]
fn github_gets_one_command_a_finding() {
    let (sources, found) = samples();
    let printed = print(FormatName::Github, &sources, &found);
    assert_eq!(printed.lines().count(), found.len());
    assert!(printed.lines().all(|line| line.starts_with("::")), "{printed}");
    insta::assert_snapshot!(printed);
    assert_eq!(print(FormatName::Github, &sources, &[]), "");
}

#[test]
fn gitlab_gets_a_report_that_is_empty_where_nothing_is_found() {
    let (sources, found) = samples();
    insta::assert_snapshot!(pretty(&print(FormatName::Gitlab, &sources, &found)));
    assert_eq!(print(FormatName::Gitlab, &sources, &[]), "[]\n");
}

#[test]
fn junit_gets_a_case_for_each_file_that_was_looked_at() {
    let (sources, found) = samples();
    let printed = print(FormatName::Junit, &sources, &found);
    let is_allowed = |letter: char| letter >= ' ' || letter == '\n';
    assert!(printed.chars().all(|letter| is_allowed(letter) && letter != '\u{fffe}'), "{printed}");
    insta::assert_snapshot!(printed);
    let passed = print(FormatName::Junit, &sources, &[]);
    assert!(passed.contains("tests=\"4\" failures=\"0\""), "{passed}");
    assert_eq!(passed.matches("<testcase ").count(), 4);
    let passed = print(FormatName::Junit, &Sources::default(), &[]);
    assert!(passed.contains("<testcase name=\"project\" classname=\"planner\"/>"), "{passed}");
}

#[test]
fn markdown_gets_an_item_a_finding_that_nothing_in_it_breaks_out_of() {
    let (sources, found) = samples();
    insta::assert_snapshot!(print(FormatName::Markdown, &sources, &found));
    let nothing = print(FormatName::Markdown, &sources, &[]);
    assert_eq!(nothing, "### planner: 0 errors, 0 warnings\n");
}

#[test]
fn sarif_gets_rules_results_and_places() {
    let (sources, found) = samples();
    let mut log: Value = serde_json::from_str(&print(FormatName::Sarif, &sources, &found)).unwrap();
    let driver = &mut log["runs"][0]["tool"]["driver"];
    assert_eq!(driver["rules"].as_array().unwrap().len(), 4);
    for rule in driver["rules"].as_array_mut().unwrap() {
        let page = rule["help"]["markdown"].as_str().unwrap();
        assert!(page.contains("# Why it matters"), "{page}");
        rule["help"] = "its page".into();
    }
    for key in ["version", "semanticVersion"] {
        driver[key] = "its version".into();
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap());
}

#[test]
fn sarif_is_what_its_schema_and_its_types_say() {
    let (sources, found) = samples();
    for found in [found, Vec::new()] {
        let printed = print(FormatName::Sarif, &sources, &found);
        let read: serde_sarif::sarif::Sarif = serde_json::from_str(&printed).unwrap();
        assert_eq!(read.runs[0].results.as_ref().unwrap().len(), found.len());
        let log: Value = serde_json::from_str(&printed).unwrap();
        let schema =
            jsonschema::options().should_validate_formats(true).build(&sarif_schema()).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&log)
            .map(|error| format!("{} {error}", error.instance_path))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let mut broken = log;
        broken["runs"][0]["columnKind"] = "bytes".into();
        assert!(!schema.is_valid(&broken), "the schema tells nothing");
    }
}

/// The schema of the standard, as the package with its types brings it.
fn sarif_schema() -> Value {
    let cargo = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO"));
        command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    // The packages of other platforms need not be on this machine.
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--offline",
        "--locked",
        "--filter-platform",
        host,
    ]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let text = std::fs::read(manifest.parent().unwrap().join("src/schema.json")).unwrap();
    let mut schema: Value = serde_json::from_slice(&text).unwrap();
    // The pattern of languages has a bracket too many, and nothing here has a language.
    for object in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][object]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    schema
}

#[test]
fn a_fingerprint_stays_where_lines_move_and_is_no_others() {
    let of = |text: &str| {
        let mut sources = Sources::default();
        let source = sources.add("plans/a.yaml", text);
        let found = Diagnostic::new(code::UNKNOWN_KEY, "there is no key `x`");
        let first = span(&sources, source, "x: 1");
        let second = span(&sources, source, "x: 1 # 2");
        let again = Span { end: first.end, start: first.start, source };
        let second = Span { end: second.start + 4, ..second };
        let found = [found.clone().at(again), found.clone().at(second), found.in_file("b.yaml")];
        let report: Value =
            serde_json::from_str(&print(FormatName::Gitlab, &sources, &found)).unwrap();
        let issues = report.as_array().unwrap().clone();
        issues.into_iter().map(|issue| issue["fingerprint"].clone()).collect::<Vec<_>>()
    };
    let before = of("x: 1\nx: 1 # 2\n");
    assert_eq!(before, of("# one\n\n  x: 1\n\nx: 1 # 2\n"));
    assert_ne!(before[0], before[1]);
    assert_ne!(before[0], before[2]);
}
