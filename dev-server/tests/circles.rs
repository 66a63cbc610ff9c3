//! No files of the sources use each other in a circle.

// Clippy's allowance for tests does not reach the functions that tests share.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree};

/// A module's path from the crate's root, as in `["stream", "id"]`.
type Module = Vec<String>;

/// What a file says: which paths it uses, and what its imports call them.
#[derive(Default)]
struct File {
    paths: Vec<Vec<String>>,
    imports: BTreeMap<String, Vec<String>>,
}

impl File {
    fn parse(text: &str) -> Self {
        let mut file = Self::default();
        file.visit_file(&syn::parse_file(text).unwrap());
        file
    }

    fn import(&mut self, tree: &UseTree, mut before: Vec<String>) {
        let (name, renamed) = match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                return self.import(&path.tree, before);
            }
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.import(tree, before.clone())),
            UseTree::Glob(_) => {
                before.push("*".to_owned());
                return self.paths.push(before);
            }
            UseTree::Name(name) => (&name.ident, &name.ident),
            UseTree::Rename(name) => (&name.ident, &name.rename),
        };
        let mut called = renamed.to_string();
        if name == "self" {
            called.clone_from(before.last().unwrap());
        } else {
            before.push(name.to_string());
        }
        self.paths.push(before.clone());
        self.imports.insert(called, before);
    }
}

impl Visit<'_> for File {
    fn visit_item(&mut self, item: &Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        // A test may look at whatever uses what it tests.
        if !attributes.iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &ItemMod) {
        assert!(item.content.is_none(), "`mod {}` needs a file of its own", item.ident);
    }

    fn visit_item_use(&mut self, item: &ItemUse) {
        self.import(&item.tree, Vec::new());
    }

    fn visit_path(&mut self, path: &syn::Path) {
        self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &Macro) {
        let text = call.tokens.to_string().replace(" :: ", "::");
        let words = text.split(|sign: char| !(sign == ':' || sign == '_' || sign.is_alphanumeric()));
        self.paths.extend(words.map(|word| word.split("::").map(str::to_owned).collect()));
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
}

/// The file in which a path ends that `module` uses, through imports and re-exports; `hops` ends those that go round.
fn home(files: &BTreeMap<Module, File>, module: &[String], path: &[String], hops: usize) -> Option<Module> {
    let (mut at, mut rest) = (module.to_vec(), path);
    let mut begun = false;
    while let [first, after @ ..] = rest {
        match first.as_str() {
            "crate" => at.clear(),
            "super" => drop(at.pop()),
            "self" => {}
            _ => {
                let inner = [at.as_slice(), std::slice::from_ref(first)].concat();
                if files.contains_key(&inner) {
                    at = inner;
                } else if let Some(import) = files[&at].imports.get(first).filter(|_| hops > 0) {
                    let path = [import.as_slice(), after].concat();
                    // An import of something else's than this crate's.
                    return if path == rest { None } else { home(files, &at, &path, hops - 1) };
                } else {
                    return begun.then_some(at);
                }
            }
        }
        begun = true;
        rest = after;
    }
    // A module by itself is nothing to use: what is named in it is.
    None
}

/// The files that are part of a circle.
fn circles(sources: &[(Module, &str)]) -> Vec<String> {
    let files: BTreeMap<Module, File> =
        sources.iter().map(|(module, text)| (module.clone(), File::parse(text))).collect();
    let uses: BTreeMap<&Module, BTreeSet<Module>> = files
        .iter()
        .map(|(module, file)| {
            let homes = file.paths.iter().filter_map(|path| home(&files, module, path, 9));
            // The root is for the crate's users, and only shows what is below.
            (module, homes.filter(|home| home != module && !home.is_empty()).collect())
        })
        .collect();
    let in_circle = |module: &&&Module| {
        let (mut reached, mut next) = (Vec::from_iter(&uses[**module]), 0);
        while let Some(at) = reached.get(next).copied() {
            next += 1;
            reached.extend(uses[at].iter().filter(|to| !reached.contains(to)).collect::<Vec<_>>());
        }
        reached.contains(*module)
    };
    uses.keys().filter(in_circle).map(|module| module.join("/")).collect()
}

/// The sources below a folder, with the names of their modules.
fn sources(folder: &Path, module: &[String], found: &mut Vec<(Module, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let inner = [module, std::slice::from_ref(&name)].concat();
        if path.is_dir() {
            sources(&path, &inner, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests" {
            let module = if matches!(name.as_str(), "lib" | "mod") { module.to_vec() } else { inner };
            found.push((module, fs::read_to_string(path).unwrap()));
        }
    }
}

#[test]
fn no_files_of_the_sources_use_each_other_in_a_circle() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    sources(&src, &[], &mut all);
    // The program is a crate of its own.
    let (beside, library): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(module, _)| module.first().is_some_and(|first| first == "program"));
    let program: Vec<_> = beside
        .iter()
        .map(|(module, text)| (module[1..].iter().filter(|name| *name != "main").cloned().collect(), text.as_str()))
        .collect();
    let library: Vec<_> = library.iter().map(|(module, text)| (module.clone(), text.as_str())).collect();
    assert!(library.len() > 40 && program.len() > 6, "{} and {} files", library.len(), program.len());
    assert_eq!(circles(&library), Vec::<String>::new());
    assert_eq!(circles(&program), Vec::<String>::new());
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let of = |root: &str, a: &str, b: &str| {
        let module = |path: &[&str]| path.iter().map(|name| (*name).to_owned()).collect();
        circles(&[(module(&[]), "mod c;"), (module(&["c"]), root), (module(&["c", "a"]), a), (module(&["c", "b"]), b)])
    };
    let a = "use super::b::B; pub struct A;";
    for b in [
        "use super::a::A; pub struct B;",
        "pub struct B(crate::c::a::A);",
        "use crate::c::{a::{self, A as Other}}; pub struct B;",
        "use crate::c; pub struct B; fn b() { c::a::A }",
        "use super::C; pub struct B;",
        "pub struct B; fn b() { assert!(matches!(b, super::a::A)) }",
    ] {
        assert_eq!(of("mod a; mod b; pub use a::A as C;", a, b), ["c/a", "c/b"], "{b}");
    }
    for b in ["pub struct B;", "pub struct B; #[cfg(test)] mod tests { use super::super::a::A; }"] {
        assert!(of("mod a; mod b;", a, b).is_empty(), "{b}");
    }
}
