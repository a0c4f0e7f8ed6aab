//! Snapshots that are easy to review and the same on every run.

use std::fmt::Write as _;

use scraper::{ElementRef, Node};

/// Choices of a list that are shown; time zones are hundreds.
const CHOICES_MAX: usize = 4;

/// An element as an indented outline: tags with their attributes, texts on lines of their own.
pub fn outline(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    write_element(&mut out, element, 0);
    out
}

fn write_element(out: &mut String, element: ElementRef<'_>, depth: usize) {
    let pad = "  ".repeat(depth);
    // Writing to a String cannot fail.
    let _ = write!(out, "{pad}<{}", element.value().name());
    let mut attributes: Vec<_> = element.value().attrs().collect();
    attributes.sort_unstable();
    for (name, value) in attributes {
        let _ = match value {
            "" => write!(out, " {name}"),
            value => write!(out, " {name}=\"{value}\""),
        };
    }
    out.push_str(">\n");
    let mut choices = 0;
    for child in element.children() {
        if let Some(child) = ElementRef::wrap(child) {
            let is_choice = child.value().name() == "option";
            choices += usize::from(is_choice);
            if !is_choice || choices <= CHOICES_MAX || child.attr("selected").is_some() {
                write_element(out, child, depth + 1);
            }
        } else if let Node::Text(text) = child.value() {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if !text.is_empty() {
                let _ = writeln!(out, "{pad}  {text}");
            }
        }
    }
    if choices > CHOICES_MAX {
        let _ = writeln!(out, "{pad}  … {choices} in all");
    }
}

/// The text with every run of 16 hex digits or more, and every long random word, replaced: ids,
/// form tokens, keys of submissions, digests of files.
pub fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '%' | '…') {
            word.push(c);
            continue;
        }
        out.push_str(shown(&word));
        word.clear();
        out.push(c);
    }
    out.trim_end().to_owned()
}

fn shown(word: &str) -> &str {
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_mixed = word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_uppercase());
    let ends = word.split_once('…').map(|(head, tail)| (head.len(), tail.len()));
    match word.len() {
        _ if ends == Some((8, 4)) => "[8 hex]…[4 hex]",
        16 if is_hex => "[16 hex]",
        32 if is_hex => "[32 hex]",
        64 if is_hex => "[64 hex]",
        40.. if is_mixed => "[random]",
        _ => word,
    }
}
