//! What the tests stand on.

pub mod actor;
pub mod app;
pub mod csv;
pub mod db;
pub mod factors;
pub mod gateway;
pub mod http;
pub mod letters;
pub mod normal;
pub mod page;
pub mod passkey;
pub mod provider;
pub mod samples;
pub mod smtp;

pub use actor::Actor;
pub use app::{PASSWORD, TestApp, app_on, demo_on, start};
pub use db::Backend::{self, Postgres, Sqlite};
pub use http::{Request, Response};

/// Runs a future to its end.
pub fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// Runs the same job on many threads at once and collects what each answers.
pub fn at_once<T: Send>(count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (job, start) = (&job, std::sync::Barrier::new(count));
    let start = &start;
    std::thread::scope(|scope| {
        let begin = |number| {
            scope.spawn(move || {
                start.wait();
                job(number)
            })
        };
        let running: Vec<_> = (0..count).map(begin).collect();
        running.into_iter().map(|one| one.join().expect("a job panicked")).collect()
    })
}

/// Whether `SWITCHROOM_TEST_REQUIRE`, a list with commas, has a word.
pub fn is_required(word: &str) -> bool {
    let list = std::env::var_os("SWITCHROOM_TEST_REQUIRE").unwrap_or_default();
    list.to_string_lossy().split(',').any(|part| part.trim() == word)
}
