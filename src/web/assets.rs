//! Static files: embedded, put together once, addressed by their content.
//!
//! The style sheets are many sources in a fixed order, served as few; the scripts are one, and so
//! are the icons. What is sent is stripped of comments, kept gzipped beside the plain form, and cached for ever, since
//! another content has another address.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::error::AppError;
use crate::secret::hex;

#[derive(RustEmbed)]
#[folder = "static/"]
#[exclude = "*.md"]
struct Sources;

/// A served style sheet: pairs of a cascade layer (empty for none) and its sources.
type Sheet = &'static [(&'static str, &'static [&'static str])];

const SHEETS: &[(&str, Sheet)] = &[
    (
        "app.css",
        &[
            ("", &["00-layers"]),
            ("reset", &["05-reset"]),
            ("base", &["10-tokens", "20-base"]),
            ("layout", &["30-layout"]),
            (
                "components",
                &[
                    "40-components/control",
                    "40-components/menu",
                    "40-components/card",
                    "40-components/note",
                    "40-components/state",
                    "40-components/tag",
                    "40-components/empty",
                    "40-components/field",
                    "40-components/facts",
                    "40-components/table",
                    "40-components/pager",
                    "40-components/meter",
                ],
            ),
            ("utilities", &["60-utilities", "70-media"]),
        ],
    ),
    (
        "lists.css",
        &[(
            "components",
            &[
                "40-components/tip",
                "40-components/tags",
                "40-components/cards",
                "40-components/secret",
            ],
        )],
    ),
    (
        "figures.css",
        &[(
            "components",
            &[
                "40-components/disclosure",
                "40-components/list",
                "40-components/kpi",
                "40-components/chart",
            ],
        )],
    ),
    (
        "report.css",
        &[(
            "components",
            &[
                "40-components/tabs",
                "40-components/seg",
                "40-components/kpi",
                "40-components/chart",
            ],
        )],
    ),
    (
        "help.css",
        &[(
            "components",
            &[
                "40-components/tabs",
                "40-components/secret",
                "40-components/code",
                "40-components/steps",
            ],
        )],
    ),
    (
        "focus.css",
        &[
            (
                "components",
                &[
                    "40-components/tabs",
                    "40-components/disclosure",
                    "40-components/list",
                    "40-components/choice",
                    "40-components/secret",
                    "40-components/qr",
                    "40-components/steps",
                ],
            ),
            ("pages", &["50-pages/focus", "50-pages/solo"]),
        ],
    ),
];

/// The modules of the script; the first is what the others share.
const SCRIPT: &[&str] =
    &["00-page", "theme", "copy", "menu", "once", "focus", "chart", "wait", "poll"];

/// Scripts that their pages load besides.
const OWN_SCRIPTS: &[&str] = &["passkey.js", "live.js"];

struct Asset {
    content_type: &'static str,
    plain: Vec<u8>,
    gzip: Vec<u8>,
    url: String,
    etag: String,
}

impl Asset {
    fn new(name: &str, text: String) -> Self {
        let content_type = match name.rsplit_once('.') {
            Some((_, "css")) => "text/css; charset=utf-8",
            Some((_, "js")) => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        let plain = text.into_bytes();
        let digest = hex(Sha256::digest(&plain).get(..8).unwrap_or_default());
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let gzip = gzip.write_all(&plain).and_then(|()| gzip.finish()).unwrap_or_default();
        Self {
            content_type,
            gzip,
            url: format!("/assets/{name}?v={digest}"),
            etag: format!("\"{digest}\""),
            plain,
        }
    }
}

static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let sheets = SHEETS.iter().map(|(name, parts)| (*name, sheet(parts)));
    let script = SCRIPT.iter().map(|module| bare_script(&source(&format!("js/{module}.js"))));
    let more = OWN_SCRIPTS.iter().map(|name| (*name, bare_script(&source(&format!("js/{name}")))));
    let script = std::iter::once(("app.js", script.collect())).chain(more);
    let pictures = [("sprite.svg", sprite()), ("favicon.svg", source("img/favicon.svg"))];
    let all = sheets.chain(script).chain(pictures);
    all.map(|(name, text)| (name, Asset::new(name, text))).collect()
});

/// All icons in one file. Each source is one symbol, which a page that repeats it in every row of
/// a table may also hold itself.
fn sprite() -> String {
    let icons = Sources::iter().filter(|path| path.starts_with("icons/"));
    let symbols: String = icons.map(|path| source(&path)).collect();
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\">\n{symbols}</svg>\n")
}

fn source(path: &str) -> String {
    Sources::get(path).map_or_else(
        || {
            tracing::error!(path, "a static source is missing");
            String::new()
        },
        |file| String::from_utf8_lossy(&file.data).into_owned(),
    )
}

fn sheet(parts: Sheet) -> String {
    let mut out = String::new();
    for (layer, sources) in parts {
        let text: String = sources.iter().map(|name| source(&format!("css/{name}.css"))).collect();
        let text = bare_style(&text);
        // Writing to a String cannot fail.
        let _ = if layer.is_empty() {
            write!(out, "{text}")
        } else {
            write!(out, "@layer {layer}{{{text}}}")
        };
    }
    out
}

/// A style sheet without comments and without white space that separates nothing. Quoted text
/// stays as it is.
fn bare_style(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut quote = None;
    let mut gap = false;
    while let Some(c) = chars.next() {
        if let Some(open) = quote {
            out.push(c);
            if c == '\\' {
                out.extend(chars.next());
            } else if c == open {
                quote = None;
            }
            continue;
        }
        if c == '/' && chars.peek() == Some(&'*') {
            let mut last = ' ';
            chars.next();
            for c in chars.by_ref() {
                if last == '*' && c == '/' {
                    break;
                }
                last = c;
            }
            gap = true;
            continue;
        }
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        // A blank before a colon, plus or parenthesis can mean something; around these never.
        let before = out.chars().next_back();
        let closes = matches!(c, '{' | '}' | ';' | ',' | '>');
        let opened = matches!(before, None | Some('{' | '}' | ';' | ',' | '>' | ':'));
        if gap && !closes && !opened {
            out.push(' ');
        }
        gap = false;
        if c == '}' && before == Some(';') {
            out.pop();
        }
        if matches!(c, '"' | '\'') {
            quote = Some(c);
        }
        out.push(c);
    }
    out
}

/// A script without lines that are comments and without indentation.
fn bare_script(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .fold(String::new(), |out, line| out + line + "\n")
}

/// The address of a served file, with the fingerprint of its content.
#[must_use]
pub fn url(name: &str) -> &'static str {
    ASSETS.get(name).map_or("", |asset| asset.url.as_str())
}

/// Sizes of the served files before compression, by name, for the limits that tests hold.
#[must_use]
pub fn sizes() -> BTreeMap<&'static str, usize> {
    ASSETS.iter().map(|(name, asset)| (*name, asset.plain.len())).collect()
}

/// `GET /assets/{name}`.
///
/// # Errors
/// [`AppError::NotFound`] for a name we do not serve.
pub async fn serve(req: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, AppError> {
    let asset = ASSETS.get(name.as_str()).ok_or(AppError::NotFound)?;
    let text = |name: header::HeaderName| {
        req.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let is_current = asset.url.rsplit("v=").next() == req.query_string().strip_prefix("v=");
    let cache = if is_current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let fresh = text(header::IF_NONE_MATCH).split(',').any(|tag| tag.trim() == asset.etag);
    let mut response = if fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, asset.etag.as_str()))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "accept-encoding"));
    if fresh {
        return Ok(response.finish());
    }
    response.content_type(asset.content_type);
    let takes_gzip = text(header::ACCEPT_ENCODING)
        .split(',')
        .any(|coding| coding.split(';').next().is_some_and(|name| name.trim() == "gzip"));
    if takes_gzip && !asset.gzip.is_empty() {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
        return Ok(response.body(asset.gzip.as_slice()));
    }
    Ok(response.body(asset.plain.as_slice()))
}

/// `GET /robots.txt`: nothing here is for search engines.
pub async fn robots() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(source("robots.txt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_keeps_its_meaning_without_comments_and_gaps() {
        assert_eq!(
            bare_style("/* x */ a > b , c d {\n  margin: -1px calc(1px + 2px);\n}\n.x :hover{}"),
            "a>b,c d{margin:-1px calc(1px + 2px)}.x :hover{}"
        );
        assert_eq!(
            bare_style("a::before { content: \"/ {  }\" / ''; }"),
            "a::before{content:\"/ {  }\" / ''}"
        );
    }

    #[test]
    fn every_source_is_there_and_served_once_fingerprinted() {
        for (name, asset) in ASSETS.iter() {
            assert!(asset.plain.len() > 50, "{name} is empty");
            assert!(asset.url.contains("?v="), "{name}");
        }
    }

    #[test]
    fn sheets_and_script_keep_to_their_budget() {
        let sizes = sizes();
        let shared = sizes["app.css"];
        for page in ["lists.css", "figures.css", "report.css", "help.css", "focus.css"] {
            assert!(shared + sizes[page] <= 15 * 1_024, "{page}: {} + {shared}", sizes[page]);
        }
        for page in OWN_SCRIPTS {
            let scripts = sizes["app.js"] + sizes[page];
            assert!(scripts <= 6 * 1_024, "{page}: {scripts}");
        }
    }
}
