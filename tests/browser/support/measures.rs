//! Figures about a page that has loaded: what it weighs, and whether it fits and stays in place.

use std::collections::BTreeMap;

use super::page::Page;
use super::pipe::locked;

/// A number of requests and the bytes they brought.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Share {
    pub requests: u32,
    pub bytes: u64,
}

/// What a page took over the wire, headers included and as compressed. What the browser had in its
/// cache does not count, nor does the icon of the tab, which it fetches when it likes.
#[derive(Clone, Debug, Default)]
pub struct Transfer {
    pub total: Share,
    /// By kind as the protocol has it: `Document`, `Stylesheet`, `Script`, `Image`, `Font`,
    /// `Fetch`, `Other`, …
    pub by_kind: BTreeMap<String, Share>,
    /// For messages: the address and bytes of each.
    pub files: Vec<(String, u64)>,
}

impl Transfer {
    pub fn of(&self, kind: &str) -> Share {
        self.by_kind.get(kind).copied().unwrap_or_default()
    }
}

impl Page {
    /// Requests and bytes of the document that is shown.
    pub async fn transfer(&self) -> Transfer {
        let icons = self.evaluate(ICONS).await;
        let is_icon =
            |url: &str| icons.as_array().is_some_and(|icons| icons.iter().any(|i| i == url));
        let mut transfer = Transfer::default();
        for request in locked(&self.record).current() {
            if request.kind == "Other" && is_icon(&request.url) {
                continue;
            }
            let of_kind = transfer.by_kind.entry(request.kind.clone()).or_default();
            for share in [&mut transfer.total, of_kind] {
                share.requests += 1;
                share.bytes += request.bytes;
            }
            transfer.files.push((request.url.clone(), request.bytes));
        }
        transfer
    }

    /// By how many pixels the page is wider than the window; 0 when nobody has to scroll sideways.
    pub async fn sideways_scroll(&self) -> u64 {
        let script = "Math.max(0, document.documentElement.scrollWidth - \
                      document.documentElement.clientWidth)";
        self.evaluate(script).await.as_u64().unwrap_or(0)
    }

    /// How many pixels are between the boxes of two elements; 0 when they touch or overlap.
    pub async fn gap(&self, one: &str, other: &str) -> f64 {
        let script = format!(
            "(([a, b]) => Math.hypot(
               Math.max(0, a.left - b.right, b.left - a.right),
               Math.max(0, a.top - b.bottom, b.top - a.bottom)
             ))([{one:?}, {other:?}].map(s => document.querySelector(s).getBoundingClientRect()))"
        );
        self.evaluate(&script).await.as_f64().unwrap_or(f64::INFINITY)
    }

    /// The sum of all layout shifts that no key or pointer caused: an upper bound of CLS, which
    /// takes the worst stretch of five seconds.
    pub async fn layout_shift(&self) -> f64 {
        let script = "(() => {
          const observer = new PerformanceObserver(() => {});
          observer.observe({ type: 'layout-shift', buffered: true });
          return observer.takeRecords()
            .filter(shift => !shift.hadRecentInput)
            .reduce((sum, shift) => sum + shift.value, 0);
        })()";
        self.evaluate(script).await.as_f64().unwrap_or(0.0)
    }
}

const ICONS: &str = "[...document.querySelectorAll('link[rel~=icon]')].map(link => link.href)
  .concat(location.origin + '/favicon.ico')";
