//! Pressing, filling and typing, with controls found by the names that assistive technology reads
//! out. A control that a person could not reach is not found, or not pressed.

use std::path::Path;

use serde_json::{Value, json};

use super::page::{Page, value_of};

const PRESSABLE: &str = "a[href], button, summary, input, select, label, [role], [tabindex]";
const FIELD: &str = "input, select, textarea";

impl Page {
    /// Presses the link, button or other control with this name, and waits if a page follows.
    pub async fn click_text(&self, name: &str) {
        let control = self.named(name, PRESSABLE).await;
        self.press_at(&control, name).await;
    }

    /// Presses what a selector finds; the first that is visible.
    pub async fn click(&self, selector: &str) {
        let control = self.selected(selector).await;
        self.press_at(&control, selector).await;
    }

    /// Presses a link that must lead to another page.
    pub async fn follow(&self, name: &str) {
        self.arrive_after(self.click_text(name)).await;
    }

    /// Presses a button that must send its form, and waits for the page that answers.
    pub async fn submit(&self, name: &str) {
        self.arrive_after(self.click_text(name)).await;
    }

    /// Puts a text into the field with this label or `name`, in place of what it holds.
    pub async fn fill(&self, field: &str, text: &str) {
        let control = self.field(field).await;
        if control.call(self, SET_IF_PICKER, json!([text])).await == true {
            return;
        }
        control.call(self, "function () { this.focus(); this.select(); }", json!([])).await;
        if text.is_empty() {
            self.press("Delete").await;
        } else {
            self.ask("Input.insertText", json!({ "text": text })).await;
        }
    }

    /// Chooses an option by what it says, or by its value.
    pub async fn choose(&self, field: &str, option: &str) {
        let control = self.field(field).await;
        let chosen = control.call(self, CHOOSE, json!([option])).await;
        assert!(chosen == true, "{}: `{field}` offers {chosen}, not `{option}`", self.place());
    }

    /// Ticks or clears a box; picks a radio button.
    pub async fn check(&self, label: &str, on: bool) {
        let control = self.field(label).await;
        if control.call(self, "function () { return this.checked; }", json!([])).await != on {
            self.press_at(&control, label).await;
        }
    }

    /// Puts a file into a file field.
    pub async fn attach(&self, field: &str, path: impl AsRef<Path>) {
        let control = self.field(field).await;
        let params = json!({ "objectId": control.0, "files": [path.as_ref()] });
        self.ask("DOM.setFileInputFiles", params).await;
    }

    /// What a field holds.
    pub async fn value(&self, field: &str) -> String {
        let value = self.field(field).await;
        let value = value.call(self, "function () { return this.value; }", json!([])).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Presses a key or `Shift+` one, and waits if a page follows: `Tab`, `Enter`, `Escape`,
    /// `Space`, `ArrowDown`, …, or a character.
    pub async fn press(&self, key: &str) {
        let (shift, key) = key.strip_prefix("Shift+").map_or((false, key), |key| (true, key));
        let (key, code, text) = match key {
            "Enter" => ("Enter", 13, "\r"),
            "Space" => (" ", 32, " "),
            "Tab" => ("Tab", 9, ""),
            "Escape" => ("Escape", 27, ""),
            "Backspace" => ("Backspace", 8, ""),
            "Delete" => ("Delete", 46, ""),
            "PageUp" => ("PageUp", 33, ""),
            "PageDown" => ("PageDown", 34, ""),
            "End" => ("End", 35, ""),
            "Home" => ("Home", 36, ""),
            "ArrowLeft" => ("ArrowLeft", 37, ""),
            "ArrowUp" => ("ArrowUp", 38, ""),
            "ArrowRight" => ("ArrowRight", 39, ""),
            "ArrowDown" => ("ArrowDown", 40, ""),
            one if one.chars().count() == 1 => (one, 0, one),
            other => panic!("no key is called `{other}`"),
        };
        for kind in [if text.is_empty() { "rawKeyDown" } else { "keyDown" }, "keyUp"] {
            let mut params = json!({
                "type": kind,
                "key": key,
                "code": if key == " " { "Space" } else { key },
                "windowsVirtualKeyCode": code,
                "modifiers": if shift { 8 } else { 0 },
            });
            if kind == "keyDown" {
                params["text"] = text.into();
            }
            self.ask("Input.dispatchKeyEvent", params).await;
        }
        self.settle().await;
    }

    /// Puts into the field with the focus what was last copied, as Ctrl+V does.
    pub async fn paste(&self) {
        let params = json!({ "type": "keyDown", "key": "v", "commands": ["paste"] });
        self.ask("Input.dispatchKeyEvent", params).await;
    }

    /// Role and name of what has the focus, such as `button 创建应用`; empty when nothing has.
    pub async fn focused(&self) -> String {
        let params = json!({ "expression": "document.activeElement" });
        let active = self.ask("Runtime.evaluate", params).await;
        let params = json!({ "objectId": active["result"]["objectId"], "fetchRelatives": false });
        let tree = self.ask("Accessibility.getPartialAXTree", params).await;
        let node = &tree["nodes"][0];
        match node["role"]["value"].as_str() {
            None | Some("RootWebArea" | "generic" | "none") => String::new(),
            Some(role) => format!("{role} {}", spoken(&node["name"])),
        }
    }

    /// Whether one can see where the focus is: marked, within the window and not covered.
    pub async fn focus_is_visible(&self) -> bool {
        self.evaluate(FOCUS_IS_VISIBLE).await == true
    }

    async fn field(&self, name: &str) -> Control {
        let by_name = format!("[name={}]", json!(name));
        if self.count(&by_name).await > 0 {
            return self.selected(&by_name).await;
        }
        self.named(name, FIELD).await
    }

    /// The one control of this name; where there are several, the one in `<main>`. Waits for it.
    async fn named(&self, name: &str, filter: &str) -> Control {
        let one = async || {
            let found = self.all_named(name, filter).await.ok()?;
            let number = found.len();
            let mut in_main = Vec::new();
            for control in found {
                if number == 1 || control.is(self, "main *").await {
                    in_main.push(control);
                }
            }
            match in_main.len() {
                1 => in_main.pop(),
                _ => None,
            }
        };
        self.until(&format!("exactly one control called `{name}`"), one).await
    }

    async fn all_named(&self, name: &str, filter: &str) -> Result<Vec<Control>, String> {
        let call = async |method, params| self.pipe.call(Some(&self.session), method, params).await;
        let document = call("Runtime.evaluate", json!({ "expression": "document" })).await?;
        let query = json!({ "objectId": document["result"]["objectId"], "accessibleName": name });
        let exact = call("Accessibility.queryAXTree", query).await?;
        let found = self.controls(&exact, name, filter).await;
        if !found.is_empty() {
            return Ok(found);
        }
        // Chromiums differ in whether white space at the end belongs to a name. To look at all
        // names is many times the work: a list of time zones alone has hundreds.
        let tree = call("Accessibility.getFullAXTree", json!({})).await?;
        Ok(self.controls(&tree, name, filter).await)
    }

    /// The controls among the nodes of a tree that have a name.
    async fn controls(&self, tree: &Value, name: &str, filter: &str) -> Vec<Control> {
        let mut found = Vec::new();
        for node in tree["nodes"].as_array().into_iter().flatten() {
            if node["ignored"] == true || spoken(&node["name"]) != name {
                continue;
            }
            // Boxes of text repeat the names of what holds them and are no nodes of the document.
            let id = json!({ "backendNodeId": node["backendDOMNodeId"] });
            let object = self.pipe.call(Some(&self.session), "DOM.resolveNode", id).await;
            let Ok(object) = object else { continue };
            let Some(object) = object["object"]["objectId"].as_str() else { continue };
            let control = Control(object.to_owned());
            if control.is(self, filter).await {
                found.push(control);
            }
        }
        found
    }

    async fn selected(&self, selector: &str) -> Control {
        let script = format!(
            "[...document.querySelectorAll({})].find(e => e.checkVisibility())",
            json!(selector)
        );
        let params = json!({ "expression": script });
        let found = async || {
            let call = self.pipe.call(Some(&self.session), "Runtime.evaluate", params.clone());
            let answer = call.await.ok()?;
            answer["result"]["objectId"].as_str().map(|object| Control(object.to_owned()))
        };
        self.until(&format!("a visible `{selector}`"), found).await
    }

    async fn press_at(&self, control: &Control, called: &str) {
        let what = format!("`{called}` to be enabled and not covered");
        let point = async || {
            let point = control.call(self, PLACE_TO_PRESS, json!([])).await;
            point.is_object().then_some(point)
        };
        let point = self.until(&what, point).await;
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let params = json!({
                "type": kind,
                "x": point["x"],
                "y": point["y"],
                "button": if kind == "mouseMoved" { "none" } else { "left" },
                "clickCount": u8::from(kind != "mouseMoved"),
            });
            self.ask("Input.dispatchMouseEvent", params).await;
        }
        self.settle().await;
    }
}

/// An element of the page, by the protocol's handle.
struct Control(String);

impl Control {
    /// Calls a function with the element as `this`; null when the page has gone meanwhile.
    async fn call(&self, page: &Page, function: &str, arguments: Value) -> Value {
        let arguments = arguments.as_array().into_iter().flatten();
        let arguments: Vec<Value> = arguments.map(|value| json!({ "value": value })).collect();
        let params = json!({
            "objectId": self.0,
            "functionDeclaration": function,
            "arguments": arguments,
            "returnByValue": true,
        });
        let answer = page.pipe.call(Some(&page.session), "Runtime.callFunctionOn", params).await;
        answer.and_then(value_of).unwrap_or_default()
    }

    async fn is(&self, page: &Page, selector: &str) -> bool {
        let function = "function (selector) { return Boolean(this.matches?.(selector)); }";
        self.call(page, function, json!([selector])).await == true
    }
}

/// A name as it is read out.
fn spoken(name: &Value) -> String {
    let words: Vec<&str> = name["value"].as_str().unwrap_or_default().split_whitespace().collect();
    words.join(" ")
}

/// The middle of the element, or of its label where a style hides the element itself; null while
/// something else lies there.
const PLACE_TO_PRESS: &str = "function () {
  if (this.disabled) return null;
  this.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  for (const target of [this, ...(this.labels ?? [])]) {
    for (const box of target.getClientRects()) {
      if (box.width < 2 || box.height < 2) continue;
      const x = box.x + box.width / 2, y = box.y + box.height / 2;
      const hit = document.elementFromPoint(x, y);
      if (hit && (target.contains(hit) || hit.closest('label')?.control === this)) return { x, y };
    }
  }
  return null;
}";

/// Fields that are picked, not typed into: keys in them mean something else in each language.
const SET_IF_PICKER: &str = "function (value) {
  const pickers = ['date', 'datetime-local', 'month', 'week', 'time', 'color', 'range'];
  if (!pickers.includes(this.type)) return false;
  this.focus();
  this.value = value;
  this.dispatchEvent(new Event('input', { bubbles: true }));
  this.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}";

const CHOOSE: &str = "function (wanted) {
  const options = [...(this.options ?? [])];
  const option = options.find(o => o.label.trim() === wanted) ?? options.find(o => o.value === wanted);
  if (!option) return options.map(o => o.label.trim());
  this.focus();
  option.selected = true;
  this.dispatchEvent(new Event('input', { bubbles: true }));
  this.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}";

const FOCUS_IS_VISIBLE: &str = "(() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const style = getComputedStyle(at);
  const marked = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== 'none';
  return marked && hit !== null && (at.contains(hit) || hit.contains(at));
})()";
