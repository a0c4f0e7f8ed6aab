//! axe-core on a page: WCAG 2.0 to 2.2, A and AA, and its best practice.
//!
//! The script comes from npm into `tests/browser/axe`, where `./test` installs what the lock file
//! names, and runs in a world of its own beside the page's scripts.

use std::fmt;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::page::{Page, value_of};

/// A rule that the page breaks, and where.
#[derive(Clone, Debug)]
pub struct Violation {
    pub rule: String,
    pub impact: String,
    pub help: String,
    /// For each place its selector and what is wrong with it.
    pub places: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.rule, self.impact, self.help)?;
        self.places.iter().try_for_each(|place| write!(f, "\n  {place}"))
    }
}

impl Page {
    /// What axe-core finds wrong with the page as it stands.
    pub async fn axe(&self) -> Vec<Violation> {
        // A world of one's own still wants timers, which stand still where scripts are off. The
        // page's scripts were not run when it loaded, and are not run now.
        self.scripts_off(false).await;
        let params = json!({ "frameId": self.frame, "worldName": "axe" });
        let world = self.ask("Page.createIsolatedWorld", params).await;
        let world = &world["executionContextId"];
        self.run_in(world, source()).await;
        let found = self.run_in(world, RUN).await;
        self.scripts_off(!self.variant.javascript).await;
        found.as_array().into_iter().flatten().map(violation).collect()
    }

    /// Fails with every violation spelled out.
    pub async fn expect_accessible(&self) {
        let found = self.axe().await;
        let list: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(list.is_empty(), "{}: axe finds\n{}", self.place(), list.join("\n"));
    }

    async fn scripts_off(&self, off: bool) {
        self.ask("Emulation.setScriptExecutionDisabled", json!({ "value": off })).await;
    }

    async fn run_in(&self, world: &Value, script: &str) -> Value {
        let params = json!({
            "expression": script,
            "contextId": world,
            "returnByValue": true,
            "awaitPromise": true,
        });
        let answer = self.ask("Runtime.evaluate", params).await;
        value_of(answer).unwrap_or_else(|problem| panic!("{}: axe: {problem}", self.place()))
    }
}

const RUN: &str = "axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}).then(found => found.violations)";

fn violation(found: &Value) -> Violation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes = found["nodes"].as_array().into_iter().flatten();
    Violation {
        rule: text(&found["id"]),
        impact: text(&found["impact"]),
        help: text(&found["help"]),
        places: nodes
            .map(|node| {
                format!("{} {}", node["target"], text(&node["failureSummary"]).replace('\n', " "))
            })
            .collect(),
    }
}

fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/axe");
        let path = format!("{folder}/node_modules/axe-core/axe.min.js");
        std::fs::read_to_string(&path).unwrap_or_else(|problem| {
            panic!("{path}: {problem}. Install it with `npm ci --prefix tests/browser/axe`.")
        })
    })
}
