//! Settings: flag over environment over file over default, all problems reported at once.
//!
//! Each setting has one row in [`table`]; a name that is not there stops the start, and so does
//! a value that does not parse. A setting may also be read from the file that its `_FILE` twin
//! names. [`layers`] finds the text of each setting, [`settings`] makes values of the texts.

mod layers;
mod networks;
mod settings;
mod table;

pub use layers::{FILE, Layers, Loaded, Problems};
pub use networks::Networks;
pub use settings::Settings;
