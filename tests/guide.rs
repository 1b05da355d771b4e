//! The guide says what is so: its commands are run, its Rust is compiled, and what the pages show
//! is what they print. `SIMILITUDE_GUIDE=write cargo test --release --test guide` writes it anew.
//! (Python's blocks are run by `python/tests/test_guide.py`.)
#![cfg(all(feature = "cli", unix))]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

#[path = "guide/examples.rs"]
mod examples;

/// One test at a time writes pages.
static PAGES: Mutex<()> = Mutex::new(());

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages, by name.
fn pages() -> Vec<(String, String)> {
    let entries = fs::read_dir(book().join("src")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_string(), read(&path)))
        .collect();
    pages.sort();
    pages
}

/// A block of a page: its language, its text, where that stands, and the comment above it.
struct Block<'a> {
    language: &'a str,
    text: &'a str,
    from: usize,
    above: &'a str,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let (mut at, mut open): (usize, Option<(&str, usize, &str)>) = (0, None);
    let mut above = "";
    for line in page.split_inclusive('\n') {
        match (line.strip_prefix("```"), open) {
            (Some(language), None) => open = Some((language.trim(), at + line.len(), above)),
            (Some(_), Some((language, from, above))) => {
                found.push(Block { language, text: &page[from..at], from, above });
                open = None;
            }
            (None, None) if !line.trim().is_empty() => above = line.trim(),
            _ => {}
        }
        at += line.len();
        if line.starts_with("```") {
            above = "";
        }
    }
    assert!(open.is_none(), "a block that does not end");
    found
}

/// What stands between numbers, and the numbers as they are written. Runs of blanks are one.
fn parts(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut words, mut numbers) = (vec![String::new()], Vec::new());
    let text = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n");
    let mut letters = text.trim().chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        if letter.is_ascii_digit() && !before.is_alphanumeric() {
            let mut number = String::from(letter);
            while let Some(&next) = letters.peek() {
                let exponent = next == '-' && number.ends_with('e');
                if !(next.is_ascii_digit() || next == '.' || next == 'e' || exponent) {
                    break;
                }
                number.push(next);
                letters.next();
            }
            numbers.push(number);
            words.push(String::new());
            before = '0';
        } else {
            words.last_mut().unwrap().push(letter);
            before = letter;
        }
    }
    (words, numbers)
}

/// Whether two texts are the same but for the last digits of their numbers, which another processor
/// may round in another way. A number such as 2e-12 is a bound, of one digit.
fn agree(shown: &str, printed: &str) -> bool {
    let ((words, shown), (printed_words, printed)) = (parts(shown), parts(printed));
    words == printed_words
        && shown.len() == printed.len()
        && shown.iter().zip(&printed).all(|(shown, printed)| match (shown.parse::<f64>(), printed.parse::<f64>()) {
            (Ok(a), Ok(b)) if shown.len() <= 6 && shown.contains("e-") => a <= 4.0 * b && b <= 4.0 * a,
            (Ok(a), Ok(b)) => (a - b).abs() <= 1e-8 * a.abs().max(b.abs()),
            _ => shown == printed,
        })
}

/// A block that a page shows, and what it should be.
struct Settled<'a> {
    from: usize,
    shown: &'a str,
    is: String,
    /// Code is the same to the letter.
    code: bool,
}

impl Settled<'_> {
    fn holds(&self) -> bool {
        if self.code { self.shown == self.is } else { agree(self.shown, &self.is) }
    }
}

/// Compares what a page shows with what it should, or writes it there.
fn settle(name: &str, page: &str, found: Vec<Settled<'_>>) {
    if env::var("SIMILITUDE_GUIDE").as_deref() != Ok("write") {
        if let Some(Settled { shown, is, .. }) = found.iter().find(|settled| !settled.holds()) {
            panic!("{name} shows\n{shown}\nand it is\n{is}\nSIMILITUDE_GUIDE=write cargo test --release --test guide writes it anew");
        }
        return;
    }
    let (mut written, mut at) = (String::new(), 0);
    for settled in found {
        written += &page[at..settled.from];
        written += if settled.holds() { settled.shown } else { &settled.is };
        at = settled.from + settled.shown.len();
    }
    written += &page[at..];
    fs::write(book().join("src").join(name), written).unwrap();
}

/// Runs a block of the shell: the program is on its path, and the repository's data are beside it.
fn run(place: &Path, script: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_similitude")).parent().unwrap();
    let path = format!("{}:{}", program.display(), env::var("PATH").unwrap_or_default());
    let output = Command::new("sh").args(["-e", "-c", script]).current_dir(place).env("PATH", path).env("COLUMNS", "100").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // 3: a measure has no value on these data, which some pages show.
    let fine = output.status.success() || output.status.code() == Some(3);
    assert!(fine, "{script}\n{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn what_the_shell_prints() {
    let _alone = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut ran = 0;
    for (name, page) in pages() {
        let place = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("data"), place.path().join("data")).unwrap();
        let blocks = blocks(&page);
        let mut found = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            if block.language != "sh" || block.above == "<!-- not run -->" {
                continue;
            }
            let printed = run(place.path(), block.text);
            ran += 1;
            if let Some(next) = blocks.get(number + 1).filter(|next| next.language == "text") {
                found.push(Settled { from: next.from, shown: next.text, is: printed, code: false });
            }
        }
        settle(&name, &page, found);
    }
    assert!(ran >= 12, "{ran} blocks");
}

#[test]
fn what_rust_prints() {
    let _alone = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let source = include_str!("guide/examples.rs");
    let mut seen = BTreeSet::new();
    for (name, page) in pages() {
        let blocks = blocks(&page);
        let mut found = Vec::new();
        for (number, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "rust") {
            let example = block.above.strip_prefix("<!-- example: ").and_then(|rest| rest.strip_suffix(" -->"));
            let example = example.unwrap_or_else(|| panic!("{name}: Rust without the name of its example above it"));
            let (_, run) = examples::ALL.iter().find(|(known, _)| *known == example).unwrap_or_else(|| panic!("{name}: {example}"));
            seen.insert(example.to_string());
            found.push(Settled { from: block.from, shown: block.text, is: body(source, example), code: true });
            let next = blocks.get(number + 1).filter(|next| next.language == "text").expect("what it prints");
            examples::PRINTED.with_borrow_mut(String::clear);
            run().unwrap();
            found.push(Settled { from: next.from, shown: next.text, is: examples::PRINTED.take(), code: false });
        }
        settle(&name, &page, found);
    }
    assert_eq!(seen, examples::ALL.iter().map(|(name, _)| name.to_string()).collect(), "every example stands on a page");
}

/// The statements of a function of the examples, without their indentation.
fn body(source: &str, name: &str) -> String {
    let start = source.find(&format!("fn {name}() -> Result")).unwrap_or_else(|| panic!("{name}"));
    let lines = source[start..].lines().skip(1).take_while(|line| *line != "}" && line.trim() != "Ok(())");
    lines.map(|line| line.strip_prefix("    ").unwrap_or(line).to_string() + "\n").collect()
}

#[test]
fn every_page_is_in_the_contents_and_every_link_leads_somewhere() {
    let names: BTreeSet<String> = pages().into_iter().map(|(name, _)| name).collect();
    let mut listed = BTreeSet::from(["SUMMARY.md".to_string()]);
    for (name, page) in pages() {
        let code: Vec<(usize, usize)> = blocks(&page).iter().map(|block| (block.from, block.from + block.text.len())).collect();
        for (at, _) in page.match_indices("](") {
            if code.iter().any(|(from, to)| (*from..*to).contains(&at)) {
                continue;
            }
            let target = page[at + 2..].split(')').next().unwrap();
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { &name } else { file };
            assert!(names.contains(file), "{name}: a link to {target}, which is no page");
            let anchors = headings(&read(&book().join("src").join(file)));
            assert!(heading.is_empty() || anchors.contains(heading), "{name}: a link to {target}; there are {anchors:?}");
            if name == "SUMMARY.md" {
                assert!(listed.insert(file.to_string()), "{file} is listed twice");
            }
        }
    }
    assert_eq!(listed, names);
    assert!(read(&book().join("book.toml")).contains("src = \"src\""));
    assert!(read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).contains("docs/guide/src/SUMMARY.md"));
}

#[test]
fn mdbook_builds_it_where_it_is_installed() {
    let place = tempfile::tempdir().unwrap();
    match Command::new("mdbook").arg("build").arg(book()).arg("--dest-dir").arg(place.path()).output() {
        Err(_) => println!("NOT CHECKED: the book, which needs mdbook (cargo install mdbook)"),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && !said.contains("WARN"), "{said}");
            assert!(place.path().join("pitfalls.html").is_file());
        }
    }
}

/// The anchors of headings, as mdBook makes them.
fn headings(page: &str) -> BTreeSet<String> {
    let anchor = |heading: &str| -> String {
        let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
        kept.map(|letter| if letter == ' ' { '-' } else { letter.to_ascii_lowercase() }).collect()
    };
    page.lines().filter_map(|line| line.strip_prefix('#')).map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

#[test]
fn a_difference_is_seen() {
    assert!(agree("a  0.5576132566117589 2e-12\n", "a 0.55761325661175 3e-12"));
    for (shown, printed) in [
        ("0.5576132", "0.5576133"),
        ("2e-12", "2e-11"),
        ("p = 0.001", "p = 0.002"),
        ("conv1 0.5", "conv2 0.5"),
        ("1 2", "1"),
        ("degenerate", "0.5"),
        ("-0.5", "0.5"),
    ] {
        assert!(!agree(shown, printed), "{shown} {printed}");
    }
}
