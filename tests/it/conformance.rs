//! The vendors' own packages judge our tokens, and we judge theirs. `tests/conformance/prepare`
//! installs the packages.

use crate::support::is_required;

#[path = "../conformance/judges.rs"]
mod judges;

/// Of each kind.
const CASES: usize = 25;

fn are_judges_here() -> bool {
    let here = judges::are_judges_prepared();
    assert!(here || !is_required("conformance"), "run tests/conformance/prepare");
    if !here {
        eprintln!("SKIPPED: the official packages; run tests/conformance/prepare");
    }
    here
}

#[test]
fn what_the_official_packages_mint_is_verified_here() {
    if are_judges_here() {
        let judged = judges::mint_there_verify_here(CASES, judges::any_seed());
        assert_eq!(judged, Ok(CASES * 7));
    }
}

#[test]
fn what_is_minted_here_is_accepted_by_the_official_packages() {
    if are_judges_here() {
        let judged = judges::mint_here_check_there(CASES, judges::any_seed());
        assert_eq!(judged, Ok(CASES * 5));
    }
}
