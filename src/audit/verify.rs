//! Whether a chain is whole: every event in its place, as it was written, up to the end that is sealed.

use serde::Serialize;

use super::chain;
use super::store::{End, Row};
use crate::clock::UtcTime;
use crate::ids::WorkspaceId;
use crate::vault::Vault;

crate::words! {
    /// What is wrong.
    pub enum FaultKind {
        /// A column of the event is not what was written.
        Altered = "altered",
        /// Events from this position on are gone.
        Missing = "missing",
        /// The event does not belong here: moved, put in, or written without the key. What follows cannot be judged.
        Foreign = "reordered_or_inserted",
        /// The event is older than the one before it.
        TimeReversed = "time_reversed",
        /// The end of the chain was not sealed with our key, or says something else than the last event.
        EndWrong = "end_wrong",
        /// There are events, and nothing that says where they end.
        EndMissing = "end_missing",
    }
}

/// Something that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// At which event.
    pub position: i64,
    /// The last event of it, where it is about several.
    pub until: i64,
    /// What.
    pub kind: FaultKind,
}

/// What was found out about a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whose chain.
    pub workspace: WorkspaceId,
    /// What it is called.
    pub name: String,
    /// How many events there are.
    pub events: i64,
    /// The position of the last event.
    pub position: i64,
    /// Its hash, to be noted elsewhere.
    pub hash: String,
    /// What is wrong, the first in front; nothing for a whole chain.
    pub faults: Vec<Fault>,
}

/// An event whose hash is not what its predecessor's and its own columns make.
struct Suspect {
    position: i64,
    stored: String,
    computed: String,
}

/// A chain while it is checked, one event after the other.
pub struct Check<'v> {
    vault: &'v Vault,
    workspace: WorkspaceId,
    events: i64,
    position: i64,
    at: UtcTime,
    /// The hash of the event before; `None` after a gap.
    previous: Option<String>,
    suspect: Option<Suspect>,
    is_lost: bool,
    faults: Vec<Fault>,
}

impl<'v> Check<'v> {
    /// The check of a workspace's chain, before its first event.
    #[must_use]
    pub fn new(vault: &'v Vault, workspace: WorkspaceId) -> Self {
        Self {
            vault,
            workspace,
            events: 0,
            position: 0,
            at: UtcTime(i64::MIN),
            previous: Some(String::new()),
            suspect: None,
            is_lost: false,
            faults: Vec::new(),
        }
    }

    /// The position of the last event that was taken.
    #[must_use]
    pub const fn position(&self) -> i64 {
        self.position
    }

    /// Takes the next event.
    pub fn take(&mut self, row: &Row) {
        self.events += 1;
        let expected = self.position + 1;
        self.position = row.position;
        if self.is_lost {
            self.previous = Some(row.hash.clone());
            return;
        }
        if row.position != expected {
            self.settle(FaultKind::Altered);
            self.blame(expected, row.position - 1, FaultKind::Missing);
            self.previous = None;
        }
        match self.suspect.take() {
            Some(suspect) => {
                // Whoever altered a column left the hashes, or altered a hash and left the columns.
                let follows = |hash: &str| chain::link(self.vault, hash, row) == row.hash;
                let is_alone = follows(&suspect.stored) || follows(&suspect.computed);
                self.suspect = Some(suspect);
                self.settle(if is_alone { FaultKind::Altered } else { FaultKind::Foreign });
            }
            None => {
                if let Some(previous) = &self.previous {
                    let computed = chain::link(self.vault, previous, row);
                    if computed != row.hash {
                        let (position, stored) = (row.position, row.hash.clone());
                        self.suspect = Some(Suspect { position, stored, computed });
                    }
                }
            }
        }
        self.previous = Some(row.hash.clone());
        // A moment that somebody has altered says nothing about the events around it.
        if self.suspect.is_none() && !self.is_lost {
            if row.at < self.at {
                self.blame(row.position, row.position, FaultKind::TimeReversed);
            }
            self.at = row.at;
        }
    }

    /// The result, given what the chain says of its end.
    #[must_use]
    pub fn finish(mut self, end: Option<&End>, name: String) -> Report {
        match end {
            Some(end) => self.compare(end),
            None => {
                self.settle(FaultKind::Altered);
                self.blame(self.position, self.position, FaultKind::EndMissing);
            }
        }
        Report {
            workspace: self.workspace,
            name,
            events: self.events,
            position: self.position,
            hash: self.previous.unwrap_or_default(),
            faults: self.faults,
        }
    }

    fn compare(&mut self, end: &End) {
        let seal = chain::seal(self.vault, self.workspace, end.position, &end.hash);
        let is_sealed = seal == end.seal;
        let is_last = end.position == self.position;
        let mut is_told = false;
        if let Some(suspect) = &self.suspect {
            let is_alone = end.hash == suspect.stored || end.hash == suspect.computed;
            is_told = is_sealed && is_last;
            let is_foreign = is_told && !is_alone;
            self.settle(if is_foreign { FaultKind::Foreign } else { FaultKind::Altered });
        }
        if !is_sealed {
            self.blame(end.position, end.position, FaultKind::EndWrong);
        } else if end.position > self.position {
            self.blame(self.position + 1, end.position, FaultKind::Missing);
        } else if !is_last {
            self.blame(end.position + 1, self.position, FaultKind::Foreign);
        } else if !is_told && !self.is_lost && self.previous.as_deref() != Some(&*end.hash) {
            self.blame(end.position, end.position, FaultKind::EndWrong);
        }
    }

    /// Blames the event that is suspected, if one is.
    fn settle(&mut self, kind: FaultKind) {
        if let Some(suspect) = self.suspect.take() {
            self.blame(suspect.position, suspect.position, kind);
            self.is_lost = kind == FaultKind::Foreign;
        }
    }

    fn blame(&mut self, position: i64, until: i64, kind: FaultKind) {
        let known =
            self.faults.iter().any(|fault| fault.position == position && fault.kind == kind);
        // A log that somebody has rewritten is told by its first faults.
        if !known && self.faults.len() < 100 {
            self.faults.push(Fault { position, until, kind });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::MasterKey;

    const ALPHA: WorkspaceId = WorkspaceId(1);

    fn vault() -> Vault {
        let key = "c3dpdGNocm9vbSB0ZXN0czogYSBtYXN0ZXIga2V5ISE=";
        Vault::new(&MasterKey::parse(key).expect("a master key"))
    }

    fn row(vault: &Vault, previous: &str, position: i64) -> Row {
        let mut row = Row {
            workspace: ALPHA,
            position,
            at: UtcTime(1_000 + position / 2),
            actor_kind: "person".into(),
            actor_id: Some(7),
            actor_name: "Li".into(),
            actor_email: "li@example.com".into(),
            session: None,
            address: "10.0.0.1".into(),
            user_agent: String::new(),
            request_id: format!("{position:016x}"),
            act: "edit_app".into(),
            outcome: "done".into(),
            reason: String::new(),
            method: String::new(),
            target_kind: "app".into(),
            target_id: 1_400_000_001,
            target_name: "Blue".into(),
            sdk_app_id: None,
            changes: "[]".into(),
            hash: String::new(),
        };
        row.hash = chain::link(vault, previous, &row);
        row
    }

    fn whole(vault: &Vault, count: i64) -> (Vec<Row>, End) {
        let mut rows: Vec<Row> = Vec::new();
        for position in 1..=count {
            let previous = rows.last().map(|row| row.hash.clone()).unwrap_or_default();
            rows.push(row(vault, &previous, position));
        }
        let hash = rows.last().map(|row| row.hash.clone()).unwrap_or_default();
        let seal = chain::seal(vault, ALPHA, count, &hash);
        (rows, End { workspace: ALPHA, position: count, hash, seal })
    }

    fn faults(vault: &Vault, rows: &[Row], end: Option<&End>) -> Vec<(i64, i64, FaultKind)> {
        let mut check = Check::new(vault, ALPHA);
        for row in rows {
            check.take(row);
        }
        let report = check.finish(end, String::new());
        report.faults.iter().map(|fault| (fault.position, fault.until, fault.kind)).collect()
    }

    #[test]
    fn a_whole_chain_has_no_fault() {
        let vault = vault();
        for count in [1, 2, 9] {
            let (rows, end) = whole(&vault, count);
            assert_eq!(faults(&vault, &rows, Some(&end)), []);
        }
    }

    #[test]
    fn an_altered_event_is_named_wherever_it_is() {
        let vault = vault();
        for at in 0..5 {
            let (mut rows, end) = whole(&vault, 5);
            rows[at].target_name = "Blux".into();
            let position = rows[at].position;
            let expected = vec![(position, position, FaultKind::Altered)];
            assert_eq!(faults(&vault, &rows, Some(&end)), expected);
            let (mut rows, end) = whole(&vault, 5);
            rows[at].hash = "0".repeat(64);
            assert_eq!(faults(&vault, &rows, Some(&end)), expected);
        }
        let (mut rows, end) = whole(&vault, 5);
        rows[1].act = "x".into();
        rows[4].act = "x".into();
        let both = [2, 5].map(|it| (it, it, FaultKind::Altered));
        assert_eq!(faults(&vault, &rows, Some(&end)), both);
    }

    #[test]
    fn what_is_gone_moved_or_put_in_is_named() {
        let vault = vault();
        let (mut rows, end) = whole(&vault, 6);
        rows.drain(2..4);
        assert_eq!(faults(&vault, &rows, Some(&end)), [(3, 4, FaultKind::Missing)]);

        let (mut rows, end) = whole(&vault, 6);
        rows.truncate(4);
        assert_eq!(faults(&vault, &rows, Some(&end)), [(5, 6, FaultKind::Missing)]);
        assert_eq!(faults(&vault, &[], Some(&end)), [(1, 6, FaultKind::Missing)]);

        let (mut rows, end) = whole(&vault, 6);
        (rows[2].position, rows[3].position) = (4, 3);
        rows.swap(2, 3);
        assert_eq!(faults(&vault, &rows, Some(&end))[0], (3, 3, FaultKind::Foreign));

        let (mut rows, end) = whole(&vault, 6);
        rows.insert(3, rows[2].clone());
        (4..).zip(&mut rows[3..]).for_each(|(position, row)| row.position = position);
        assert_eq!(faults(&vault, &rows, Some(&end))[0], (4, 4, FaultKind::Foreign));
    }

    #[test]
    fn time_that_goes_back_is_named_though_somebody_with_the_key_wrote_it() {
        let vault = vault();
        let (mut rows, _) = whole(&vault, 4);
        rows[1].at = UtcTime(5_000);
        let mut previous = String::new();
        for row in &mut rows {
            row.hash = chain::link(&vault, &previous, row);
            previous.clone_from(&row.hash);
        }
        let seal = chain::seal(&vault, ALPHA, 4, &previous);
        let end = End { workspace: ALPHA, position: 4, hash: previous, seal };
        assert_eq!(faults(&vault, &rows, Some(&end)), [(3, 3, FaultKind::TimeReversed)]);
    }

    #[test]
    fn an_end_must_be_sealed_and_fit() {
        let vault = vault();
        let (mut rows, end) = whole(&vault, 6);
        assert_eq!(faults(&vault, &rows, None), [(6, 6, FaultKind::EndMissing)]);
        let cut = End { position: 5, hash: rows[4].hash.clone(), ..end.clone() };
        rows.truncate(5);
        assert_eq!(faults(&vault, &rows, Some(&cut)), [(5, 5, FaultKind::EndWrong)]);
        let (rows, _) = whole(&vault, 7);
        assert_eq!(faults(&vault, &rows, Some(&end)), [(7, 7, FaultKind::Foreign)]);
    }
}
