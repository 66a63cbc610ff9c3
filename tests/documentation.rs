//! Every type that the package exports has an example in its documentation, and links among the repository's documents lead somewhere.
#![cfg(not(target_family = "wasm"))]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, File, Ident, Item, Lit, Meta, UseTree, Visibility};

fn parsed(path: &Path) -> File {
    let text = fs::read_to_string(path).expect("it can be read");
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn used(tree: &UseTree, names: &mut HashSet<String>) {
    match tree {
        UseTree::Path(path) => used(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| used(tree, names)),
        UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(_) | UseTree::Glob(_) => panic!("lib.rs exports names as they are"),
    }
}

/// The names that lib.rs exports.
fn exported(root: &Path) -> HashSet<String> {
    let mut names = HashSet::new();
    for item in &parsed(&root.join("lib.rs")).items {
        if let Item::Use(item) = item
            && matches!(item.vis, Visibility::Public(_))
        {
            used(&item.tree, &mut names);
        }
    }
    names
}

fn has_example(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        matches!(&attribute.meta, Meta::NameValue(value) if value.path.is_ident("doc")
            && matches!(&value.value, Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value().contains("```")))
    })
}

fn public_type(item: &Item) -> Option<(&Ident, &[Attribute])> {
    let (visibility, name, attributes) = match item {
        Item::Struct(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Enum(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Trait(item) => (&item.vis, &item.ident, &item.attrs),
        _ => return None,
    };
    matches!(visibility, Visibility::Public(_)).then_some((name, attributes))
}

fn look(folder: &Path, wanted: &mut HashSet<String>, without: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("it can be listed") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            look(&path, wanted, without);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            for (name, attributes) in parsed(&path).items.iter().filter_map(public_type) {
                if wanted.remove(&name.to_string()) && !has_example(attributes) {
                    without.push(format!("{name} ({})", path.display()));
                }
            }
        }
    }
}

#[test]
fn every_public_type_has_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("frontend/src");
    let mut wanted = exported(&root);
    let mut without = Vec::new();
    assert!(wanted.len() > 25, "{wanted:?}");
    look(&root, &mut wanted, &mut without);
    assert!(wanted.is_empty(), "exported, and found in no file: {wanted:?}");
    assert!(without.is_empty(), "no example in the documentation of {}", without.join(", "));
}

/// The Markdown files of the repository's own folders, but for what was built or installed there.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("it can be listed") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !["target", "node_modules"].contains(&name) && !name.starts_with('.') {
                documents(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// Where the links of a document lead, but for those in its code.
fn links(text: &str) -> Vec<&str> {
    // Outside of the fences is every other part.
    let prose = text.split("```").step_by(2);
    prose
        .flat_map(|prose| prose.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')').map(|(link, _)| link))
        .collect()
}

#[test]
fn links_among_documents_lead_somewhere() {
    let mut found = Vec::new();
    documents(Path::new(env!("CARGO_MANIFEST_DIR")), &mut found);
    assert!(found.len() > 15, "{found:?}");
    let mut broken = Vec::new();
    for document in found {
        let text = fs::read_to_string(&document).expect("it can be read");
        for link in links(&text) {
            let path = link.split('#').next().unwrap_or_default();
            let is_elsewhere = link.contains(':') || path.is_empty();
            if !is_elsewhere && !document.with_file_name(path).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
