//! The package's sources stand on floors: a file uses what is on its own floor and below, and no files use each other in
//! a circle. Each path, whatever its `cfg`, counts as a use of the file that defines what it names.
#![cfg(not(target_family = "wasm"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, ItemUse, Lit, Macro, Meta, MetaNameValue, UseTree, Visibility};

/// What is at the top of frontend/src, from the ground up. Only lib.rs, which shows it all, is above.
const FLOORS: [&[&str]; 6] =
    [&["core", "platform", "error", "message"], &["transport"], &["runtime"], &["source"], &["list"], &["js"]];

/// The file's folder in frontend/src, or the file itself where it is in none.
fn top(file: &Path) -> &str {
    file.iter().next().and_then(|top| top.to_str()).map_or("", |top| top.trim_end_matches(".rs"))
}

fn floor(file: &Path) -> Option<usize> {
    FLOORS.iter().position(|names| names.contains(&top(file)))
}

/// Whether core must not name this crate.
fn is_of_a_browser(name: &str) -> bool {
    matches!(name, "web_sys" | "js_sys") || name.starts_with("gloo_") || name.starts_with("wasm_bindgen")
}

/// Sources by their path in frontend/src.
type Tree = BTreeMap<PathBuf, String>;

/// What a name stands for: a module, or what an import says. Modules are told by their paths: `crate::a::b`.
enum Name {
    Module(String),
    Import(String),
}

/// What a path leads to: a module, or what this one defines.
enum Target {
    Module(String),
    Item(String),
}

#[derive(Default)]
struct Module {
    file: PathBuf,
    names: BTreeMap<String, Vec<Name>>,
    globs: Vec<String>,
    /// Every path that stands in it, and whether it is re-exported.
    paths: Vec<(String, bool)>,
}

/// Modules by their paths.
struct Modules<'a> {
    tree: &'a Tree,
    all: BTreeMap<String, Module>,
    /// The one that is being read, and the folder of the files of those in it.
    current: (String, PathBuf),
    faults: Vec<String>,
}

impl Modules<'_> {
    fn open(&mut self, module: String, file: PathBuf, folder: PathBuf) {
        let parsed = syn::parse_file(&self.tree[&file]).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.enter(module, file, folder, &parsed.items);
    }

    fn enter(&mut self, module: String, file: PathBuf, folder: PathBuf, items: &[Item]) {
        self.all.insert(module.clone(), Module { file, ..Module::default() });
        let outer = std::mem::replace(&mut self.current, (module, folder));
        for item in items {
            self.visit_item(item);
        }
        self.current = outer;
    }

    fn here(&mut self) -> &mut Module {
        self.all.get_mut(&self.current.0).expect("it was entered")
    }

    fn name(&mut self, name: &str, what: Name) {
        self.here().names.entry(name.to_owned()).or_default().push(what);
    }

    /// What a path names: nothing of this crate, or one thing for each `cfg`. `hops` ends imports that go round.
    fn resolve(&self, module: &str, path: &str, hops: usize) -> Vec<Target> {
        let (start, mut names) = begin(module, path);
        let first = match start {
            Some(start) => vec![Target::Module(start.to_owned())],
            None => self.look_up(module, names.remove(0), hops),
        };
        names.into_iter().fold(first, |mut found, name| {
            // A function may have a module's name.
            if found.iter().any(|target| matches!(target, Target::Module(_))) {
                found.retain(|target| matches!(target, Target::Module(_)));
            }
            let inside = |target| match target {
                Target::Module(module) => match self.look_up(&module, name, hops) {
                    none if none.is_empty() => vec![Target::Item(module)],
                    known => known,
                },
                item @ Target::Item(_) => vec![item],
            };
            found.into_iter().flat_map(inside).collect()
        })
    }

    /// The modules and imports of that name in a module.
    fn look_up(&self, module: &str, name: &str, hops: usize) -> Vec<Target> {
        let Some(hops) = hops.checked_sub(1) else { return Vec::new() };
        let scope = &self.all[module];
        let known = scope.names.get(name).into_iter().flatten();
        let mut found: Vec<_> = known
            .flat_map(|known| match known {
                Name::Module(path) => vec![Target::Module(path.clone())],
                Name::Import(path) => self.resolve(module, path, hops),
            })
            .collect();
        if found.is_empty() {
            let globbed = scope.globs.iter().flat_map(|glob| self.resolve(module, glob, hops));
            found.extend(globbed.flat_map(|target| match target {
                Target::Module(from) => self.look_up(&from, name, hops),
                Target::Item(_) => Vec::new(),
            }));
        }
        found
    }
}

/// Where a path begins and the names that are left: in `crate::x::y`, `super::a::B` is a and B, from `crate::x`.
fn begin<'a>(module: &'a str, path: &'a str) -> (Option<&'a str>, Vec<&'a str>) {
    let mut start = None;
    let mut names = path.split("::").peekable();
    while let Some(word) = names.next_if(|word| matches!(*word, "crate" | "self" | "super")) {
        start = Some(match (word, start.unwrap_or(module)) {
            ("self", here) => here,
            ("super", here) => here.rsplit_once("::").map_or("crate", |(parent, _)| parent),
            _ => "crate",
        });
    }
    (start, names.collect())
}

impl<'ast> Visit<'ast> for Modules<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        let module = format!("{}::{name}", self.current.0);
        let (file, folder) = (self.here().file.clone(), self.current.1.join(&name));
        self.name(&name, Name::Module(module.clone()));
        if let Some((_, items)) = &item.content {
            return self.enter(module, file, folder, items);
        }
        let mut places = vec![(folder.with_extension("rs"), folder.clone()), (folder.join("mod.rs"), folder)];
        for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("path")) {
            let Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit: Lit::Str(path), .. }), .. }) =
                &attribute.meta
            else {
                continue;
            };
            places = vec![(file.with_file_name(path.value()), file.with_file_name(""))];
        }
        match places.into_iter().find(|(file, _)| self.tree.contains_key(file)) {
            Some((file, folder)) => self.open(module, file, folder),
            None => self.faults.push(format!("{}: `mod {name};` has no file", file.display())),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut imports = Vec::new();
        flatten(&item.tree, if item.leading_colon.is_some() { "::" } else { "" }, &mut imports);
        let shown = !matches!(item.vis, Visibility::Inherited);
        for (path, name) in imports {
            self.here().paths.push((path.clone(), shown));
            match path.strip_suffix("::*") {
                None => self.name(&name, Name::Import(path)),
                Some(module) if !shown => self.here().globs.push(module.to_owned()),
                Some(_) => {
                    let file = self.here().file.display().to_string();
                    self.faults.push(format!("{file}: `{path}`: re-exports name what they show"));
                }
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let colons = if path.leading_colon.is_some() { "::" } else { "" };
        self.here().paths.push((colons.to_owned() + &names.join("::"), false));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        // Its tokens need not be Rust. A name alone among them is an import's, which counts where that is.
        let tokens = call.tokens.to_string().replace(" :: ", "::");
        let words = tokens.split(|sign: char| !(sign == ':' || sign == '_' || sign.is_alphanumeric()));
        let paths = words.filter(|word| word.contains("::")).map(|path| (path.trim_end_matches(':').to_owned(), false));
        self.here().paths.extend(paths);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        self.visit_path(attribute.path());
    }

    // `pub(crate)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// The paths of an import, each with the name that it gets.
fn flatten(tree: &UseTree, before: &str, found: &mut Vec<(String, String)>) {
    let module = before.trim_end_matches("::");
    let (name, renamed) = match tree {
        UseTree::Path(path) => return flatten(&path.tree, &format!("{before}{}::", path.ident), found),
        UseTree::Group(group) => return group.items.iter().for_each(|tree| flatten(tree, before, found)),
        UseTree::Glob(_) => ("*".to_owned(), None),
        UseTree::Name(name) => (name.ident.to_string(), None),
        UseTree::Rename(name) => (name.ident.to_string(), Some(name.rename.to_string())),
    };
    let path = if name == "self" { module.to_owned() } else { format!("{before}{name}") };
    let last = path.rsplit("::").next().unwrap_or_default().to_owned();
    found.push((path, renamed.unwrap_or(last)));
}

/// What in a tree of sources is against the rules.
fn faults(tree: &Tree) -> Vec<String> {
    let mut modules = Modules { tree, all: BTreeMap::new(), current: Default::default(), faults: Vec::new() };
    modules.open("crate".to_owned(), "lib.rs".into(), PathBuf::new());
    let Modules { all, faults, .. } = &modules;
    let mut faults = faults.clone();
    let lib = Path::new("lib.rs");
    for file in tree.keys().filter(|file| *file != lib) {
        if !all.values().any(|module| module.file == *file) {
            faults.push(format!("{}: no `mod` leads to it; remove it, or let one do so", file.display()));
        } else if floor(file).is_none() {
            faults.push(format!("{}: it is on no floor; move it into the folder of one", file.display()));
        }
    }
    let attributes = syn::parse_file(&tree[lib]).expect("it has been parsed").attrs;
    for list in attributes.iter().filter_map(|attribute| attribute.meta.require_list().ok()) {
        let may_allow = ["allow", "expect", "cfg_attr"].iter().any(|name| list.path.is_ident(name));
        if may_allow && list.tokens.to_string().contains("dead_code") {
            faults.push("lib.rs: it allows dead_code for the whole crate; remove what is dead".to_owned());
        }
    }

    let mut uses = BTreeMap::new();
    for (name, module) in all.iter().filter(|(_, module)| module.file != lib) {
        let file = module.file.display();
        for (path, reexported) in &module.paths {
            if let Some(word) = path.split("::").find(|name| top(&module.file) == "core" && is_of_a_browser(name)) {
                faults.push(format!("{file}: `{path}`: core is pure; move what needs {word} to platform"));
            }
            let (start, names) = begin(name, path);
            let first = names.first().and_then(|first| all["crate"].names.get(*first)).into_iter().flatten();
            if start == Some("crate") && !first.into_iter().any(|name| matches!(name, Name::Module(_))) {
                faults.push(format!("{file}: `{path}`: imports name the defining module, not the crate's root"));
                continue;
            }
            for target in modules.resolve(name, path, 9) {
                // A module by itself is nothing to use: what is named in it is.
                let Target::Item(to) = target else { continue };
                // To show what is below it uses no more of it than its `mod` does.
                let shows = *reexported && to.starts_with(&format!("{name}::"));
                if !shows && all[&to].file != module.file {
                    uses.entry((&*module.file, &*all[&to].file)).or_insert(path);
                }
            }
        }
    }
    for ((from, to), path) in &uses {
        let shown = format!("{} -> {} ({path})", from.display(), to.display());
        if floor(from).is_some_and(|from| floor(to) > Some(from)) {
            faults.push(format!("{shown}: a floor is not to use one above; change {}", from.display()));
        }
        let mut reached = vec![*to];
        let mut next = 0;
        while let Some(at) = reached.get(next).copied() {
            next += 1;
            let further = uses.keys().filter(|(file, _)| *file == at).map(|(_, to)| *to);
            let further: Vec<_> = further.filter(|to| !reached.contains(to)).collect();
            reached.extend(further);
        }
        if reached.contains(from) {
            faults.push(format!("{shown}: part of a circle; break it in one of its files"));
        }
    }
    faults.sort();
    faults.dedup();
    faults
}

/// The Rust files in a folder of the repository.
fn sources(folder: &str) -> Tree {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut folders, mut tree) = (vec![root.clone()], Tree::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("node_modules") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                tree.insert(path.strip_prefix(&root).unwrap().to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    tree
}

#[test]
fn no_file_looks_up_a_floor_or_goes_in_a_circle() {
    let faults = faults(&sources("frontend/src"));
    assert!(faults.is_empty(), "in frontend/src, its floors being {FLOORS:?}:\n{}", faults.join("\n"));
}

/// What everything else hangs on is kept shorter.
const SHORTER: [&str; 2] = ["frontend/src/core/connection.rs", "frontend/src/runtime/runtime.rs"];

#[test]
fn no_file_is_too_long() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let missing = SHORTER.iter().filter(|file| !root.join(file).exists());
    let mut faults: Vec<_> = missing.map(|file| format!("{file}: it is not there; name its new place here")).collect();
    for folder in ["frontend/src", "tests"] {
        for (file, text) in sources(folder) {
            let file = Path::new(folder).join(file);
            let most = if SHORTER.iter().any(|shorter| file == Path::new(shorter)) { 399 } else { 500 };
            let lines = text.lines().count();
            if lines > most {
                faults.push(format!("{}: {lines} lines, and {most} are the most; split it", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The faults of a tree with this text of lib.rs.
fn faults_of(lib: &str, files: &[(&str, &str)]) -> String {
    let mut tree: Tree = files.iter().map(|(file, text)| (file.into(), (*text).to_owned())).collect();
    tree.insert("lib.rs".into(), lib.to_owned());
    faults(&tree).join("\n")
}

#[test]
fn files_that_use_each_other_are_a_circle() {
    let of = |b| {
        let files =
            [("core/mod.rs", "mod a; mod b;"), ("core/a.rs", "use super::b::B; pub struct A;"), ("core/b.rs", b)];
        faults_of("mod core;", &files)
    };
    assert_eq!(of("pub struct B; fn b(a: usize) -> usize { a }"), "");
    for b in [
        "pub struct B(super::a::A);",
        "fn b() { crate::core::a::A::new() }",
        "use crate::core::{a::{self, A as Other}};",
        "fn b() { assert!(matches!(b, super::a::A)) }",
        "fn b() { use super::a; a::A }",
        "#[cfg(test)] mod tests { use crate::core::a::*; }",
        "mod c { pub(crate) use super::super::a::A; }",
    ] {
        let faults = of(b);
        assert!(faults.contains("core/a.rs -> core/b.rs (super::b::B): part of a circle"), "{b}: {faults}");
        assert!(faults.contains("core/b.rs -> core/a.rs ("), "{b}: {faults}");
    }
}

#[test]
fn a_circle_may_go_through_a_re_export_or_a_test() {
    let core = ("core/mod.rs", "mod a; mod b; pub use b::B;");
    let b = ("core/b.rs", "use super::a::A; pub struct B;");
    let faults = faults_of("mod core;", &[core, ("core/a.rs", "use crate::core::B; pub struct A;"), b]);
    assert!(faults.contains("core/a.rs -> core/b.rs (crate::core::B): part of a circle"), "{faults}");

    let tested = r#"use super::b::B; #[cfg(test)] #[path = "a_tests.rs"] mod tests;"#;
    let files = |tests| [core, ("core/a.rs", tested), ("core/a_tests.rs", tests), ("core/b.rs", "pub struct B;")];
    assert_eq!(faults_of("mod core;", &files("use super::*; fn test() -> B { B }")), "");
    let b = ("core/b.rs", "use super::a::tests::T; pub struct B;");
    let faults = faults_of("mod core;", &[core, ("core/a.rs", tested), ("core/a_tests.rs", "use super::B;"), b]);
    assert!(faults.contains("core/a_tests.rs -> core/b.rs (super::B): part of a circle"), "{faults}");
    assert!(faults.contains("core/b.rs -> core/a_tests.rs (super::a::tests::T)"), "{faults}");
}

#[test]
fn a_floor_uses_none_above_it_not_even_by_what_it_shows() {
    let lib = "mod error; mod list; mod source;";
    let of = |source| faults_of(lib, &[("error.rs", ""), ("list/mod.rs", "pub struct L;"), ("source.rs", source)]);
    assert_eq!(of("use crate::error::Error;"), "");
    for source in ["use crate::list::L;", "pub use super::list::L;", "#[cfg(never)] fn f(_: crate::list::L) {}"] {
        let faults = of(source);
        assert!(faults.starts_with("source.rs -> list/mod.rs (") && faults.contains("change source.rs"), "{faults}");
    }
}

#[test]
fn core_names_nothing_of_the_browsers() {
    for text in ["use js_sys::Date;", "#[wasm_bindgen] fn f() {}", "fn f() { vec![web_sys::window()] }"] {
        let faults = faults_of("mod core;", &[("core.rs", text)]);
        assert!(faults.starts_with("core.rs: `") && faults.contains("core is pure"), "{faults}");
        assert_eq!(faults_of("mod platform;", &[("platform.rs", text)]), "");
    }
}

#[test]
fn the_crates_root_is_for_its_users() {
    let lib = "mod error; mod list; pub use error::Error;";
    for list in ["use crate::Error;", "use super::{error, Error as E};", "fn f() -> crate::Error {}", "use crate::*;"] {
        let faults = faults_of(lib, &[("error.rs", ""), ("list.rs", list)]);
        assert!(faults.starts_with("list.rs: `") && faults.contains("not the crate's root"), "{list}: {faults}");
    }
}

#[test]
fn nothing_is_left_out() {
    assert!(faults_of("", &[("error.rs", "")]).contains("error.rs: no `mod` leads to it"));
    assert!(faults_of("mod error;", &[]).contains("lib.rs: `mod error;` has no file"));
    assert!(faults_of("mod other;", &[("other.rs", "")]).contains("other.rs: it is on no floor"));
    assert!(
        faults_of("mod list;", &[("list.rs", "pub use crate::list::*;")]).contains("re-exports name what they show")
    );
    for allowed in ["#![allow(dead_code)]", r#"#![cfg_attr(not(feature = "fetch"), allow(dead_code))]"#] {
        assert!(faults_of(allowed, &[]).contains("dead_code"));
    }
    assert_eq!(faults_of("#![warn(dead_code)]", &[]), "");
}
