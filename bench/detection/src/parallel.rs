//! All cores, and the answers in the order of the questions.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `answer` says of each of these numbers, from 0.
pub(crate) fn each<T: Send>(count: usize, answer: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            let answer = answer(number);
            answers.lock().expect("nobody panicked while writing an answer down").push((number, answer));
        }
    };
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get()).min(count.max(1));
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    let mut answers = answers.into_inner().expect("nobody panicked while writing an answer down");
    answers.sort_by_key(|answer| answer.0);
    answers.into_iter().map(|answer| answer.1).collect()
}
