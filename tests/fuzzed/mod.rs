//! The bodies of the fuzz targets, over seeds, over what fuzzing found, and over seeds with something changed.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// A target: its name, its body, where its seeds are, and how their names end.
type Target = (&'static str, fn(&[u8]), &'static [&'static str], &'static str);

const TARGETS: [Target; 8] = [
    ("plans", bodies::plans, &["examples", "plans", "tests/compiled/cases"], ".yaml"),
    ("config", bodies::config, &["examples"], "planner.yaml"),
    ("requires", bodies::requires, &["examples", "fuzz/seeds"], "requires.yaml"),
    (
        "postgres",
        bodies::postgres,
        &["tests/readers/postgres/scripts", "migrations/postgres", "fuzz/seeds"],
        ".sql",
    ),
    (
        "sqlite",
        bodies::sqlite,
        &["tests/readers/sqlite/scripts", "migrations/sqlite", "fuzz/seeds"],
        ".sql",
    ),
    ("baseline", bodies::baseline, &["fuzz/seeds"], "baseline.sql"),
    ("schema_rs", bodies::schema_rs, &["examples/storefront/releases"], "schema.rs"),
    ("metadata", bodies::metadata, &["migrations/sqlite", "fuzz/seeds"], "metadata.toml"),
];
/// Seeds larger than this are left to the fuzzer.
const SEED_BYTES_MAX: usize = 6_000;
/// How many changed seeds each target gets here.
const N_CHANGED: usize = 60;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_str().is_some_and(|path| path.ends_with(end)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn seeds((name, _, folders, end): &Target) -> Vec<Vec<u8>> {
    let folders = folders.iter().map(|folder| root().join(folder));
    let found: Vec<PathBuf> = folders.flat_map(|folder| files(&folder, end)).collect();
    assert!(!found.is_empty(), "{name} has no seeds");
    let texts = found.iter().map(|path| fs::read(path).unwrap());
    texts.filter(|text| text.len() <= SEED_BYTES_MAX).collect()
}

#[test]
fn every_target_has_its_file_and_its_entry() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for (name, ..) in TARGETS {
        let text = fs::read_to_string(root().join(format!("fuzz/targets/{name}.rs"))).unwrap();
        assert!(text.contains(&format!("bodies::{name}(data)")), "{name}");
        assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name}");
    }
    assert_eq!(files(&root().join("fuzz/targets"), ".rs").len(), TARGETS.len());
}

#[test]
fn what_fuzzing_found_does_no_harm_any_more() {
    for (name, body, ..) in TARGETS {
        for path in files(&root().join("fuzz/found").join(name), "") {
            println!("{}", path.display());
            body(&fs::read(path).unwrap());
        }
    }
}

#[test]
fn no_seed_and_no_changed_seed_makes_planner_panic() {
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    for target in &TARGETS {
        let (name, body, ..) = target;
        let seeds = seeds(target);
        for seed in &seeds {
            body(seed);
        }
        for _ in 0..N_CHANGED {
            let text = changed(&seeds, &mut random);
            let shown = text.clone();
            let ran = std::panic::catch_unwind(|| body(&text));
            assert!(ran.is_ok(), "{name}: {:?}", String::from_utf8_lossy(&shown));
        }
    }
}

/// A seed with a piece left out, doubled, taken from another seed, or made of odd bytes.
fn changed(seeds: &[Vec<u8>], random: &mut TestRng) -> Vec<u8> {
    const ODD: [&[u8]; 14] = [
        b"\0",
        b"'",
        b"\"",
        b"$$",
        b"/*",
        b"--",
        b"(",
        b")",
        b";",
        b"{",
        b"[",
        b"\xff\xfe",
        "\u{feff}ß\u{2028}".as_bytes(),
        b"99999999999999999999",
    ];
    let mut text = seeds[below(random, seeds.len())].clone();
    for _ in 0..=below(random, 4) {
        let other = &seeds[below(random, seeds.len())];
        let piece = |text: &[u8], random: &mut TestRng| {
            let start = below(random, text.len() + 1);
            start..(start + below(random, 40)).min(text.len())
        };
        let at = piece(&text, random);
        let new = match below(random, 4) {
            0 => Vec::new(),
            1 => text[at.clone()].repeat(2),
            2 => other[piece(other, random)].to_vec(),
            _ => ODD[below(random, ODD.len())].to_vec(),
        };
        text.splice(at, new);
    }
    text
}

fn below(random: &mut TestRng, n: usize) -> usize {
    random.next_u64() as usize % n.max(1)
}
