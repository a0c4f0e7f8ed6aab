//! A private window: cookies, cache and downloads of its own, one variant for all of its pages.

use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::chromium;
use super::page::Page;
use super::pipe::Pipe;
use super::variant::Variant;

/// A browser that no other test sees. Closed, with its pages, when dropped.
pub struct Browser {
    pipe: Arc<Pipe>,
    context: String,
    variant: Variant,
    downloads: Arc<TempDir>,
}

impl Browser {
    /// `None` where there is no Chromium and none is required.
    pub async fn launch(variant: Variant) -> Option<Self> {
        let chromium = chromium::shared()?;
        let pipe = Arc::clone(&chromium.pipe);
        let answer = ask(&pipe, "Target.createBrowserContext", json!({})).await;
        let context = answer["browserContextId"].as_str().unwrap_or_default().to_owned();
        let downloads = tempfile::tempdir_in(&chromium.folder);
        let downloads = downloads.unwrap_or_else(|problem| panic!("a temporary folder: {problem}"));
        let params = json!({
            "browserContextId": context,
            "behavior": "allowAndName",
            "downloadPath": downloads.path(),
            "eventsEnabled": true,
        });
        ask(&pipe, "Browser.setDownloadBehavior", params).await;
        Some(Self { pipe, context, variant, downloads: Arc::new(downloads) })
    }

    pub fn variant(&self) -> Variant {
        self.variant
    }

    /// Opens an empty page; a second one shares the cookies of the first, as tabs do.
    pub async fn page(&self) -> Page {
        let params = json!({
            "url": "about:blank",
            "browserContextId": self.context,
            // Behind another tab a page would not be drawn.
            "newWindow": true,
        });
        let target = ask(&self.pipe, "Target.createTarget", params).await;
        let params = json!({ "targetId": target["targetId"], "flatten": true });
        let session = ask(&self.pipe, "Target.attachToTarget", params).await;
        let agent = ask(&self.pipe, "Browser.getVersion", json!({})).await;
        Page::open(
            Arc::clone(&self.pipe),
            session["sessionId"].as_str().unwrap_or_default(),
            agent["userAgent"].as_str().unwrap_or_default(),
            self.variant,
            Arc::clone(&self.downloads),
        )
        .await
    }

    /// Gives the browser a cookie, such as that of a session signed in without the form.
    pub async fn set_cookie(&self, url: &str, name: &str, value: &str) {
        let cookies = json!([{ "url": url, "name": name, "value": value }]);
        let params = json!({ "cookies": cookies, "browserContextId": self.context });
        ask(&self.pipe, "Storage.setCookies", params).await;
    }

    /// The names and values of all cookies.
    pub async fn cookies(&self) -> Vec<(String, String)> {
        let params = json!({ "browserContextId": self.context });
        let answer = ask(&self.pipe, "Storage.getCookies", params).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let cookies = answer["cookies"].as_array().into_iter().flatten();
        cookies.map(|cookie| (text(&cookie["name"]), text(&cookie["value"]))).collect()
    }

    pub async fn clear_cookies(&self) {
        let params = json!({ "browserContextId": self.context });
        ask(&self.pipe, "Storage.clearCookies", params).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let params = json!({ "browserContextId": self.context });
        self.pipe.tell(None, "Target.disposeBrowserContext", &params);
    }
}

async fn ask(pipe: &Pipe, method: &str, params: Value) -> Value {
    pipe.call(None, method, params).await.unwrap_or_else(|problem| panic!("{problem}"))
}
