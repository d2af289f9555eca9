//! A small pool of worker threads for loops inside one forward pass. It hands out task numbers from a shared
//! counter (a fast thread takes over what a slow one has not begun), spins only for some microseconds after a
//! region and then sleeps, and never waits for a worker that has not yet woken: on a busy box the calling
//! thread just does the work itself. It knows nothing of models.

use std::{
    cell::UnsafeCell,
    hint::spin_loop,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence},
    },
    thread::{self, JoinHandle, Thread},
};

/// Low bits of `state`: how many workers are inside the open region; then the open flag; above, the region's number.
const INSIDE: u64 = 0x7fff;
const OPEN: u64 = 0x8000;
const REGION: u64 = 0x1_0000;
/// Polls of the state before a worker sleeps: some tens of microseconds.
const SPIN_POLLS: u32 = 600;

/// A borrowed loop body with its lifetime erased; valid only while the region is open or a worker is inside.
type Body = *const (dyn Fn(usize) + Sync);

struct Shared {
    state: AtomicU64,
    next_task: AtomicUsize,
    tasks: AtomicUsize,
    body: UnsafeCell<Option<Body>>,
    panicked: AtomicBool,
    stop: AtomicBool,
    asleep: Vec<AtomicBool>,
}

// SAFETY: `body` is written only by the thread that holds the pool's lock while the region is closed and nobody is
// inside, and read only by workers that entered an open region through an acquiring exchange on `state`.
unsafe impl Sync for Shared {}
// SAFETY: the raw pointer in `body` is never followed outside an open region, whichever thread owns `Shared`.
unsafe impl Send for Shared {}

/// Threads that run the loops of a forward pass. The calling thread always takes part.
pub struct Pool {
    shared: Arc<Shared>,
    caller: Mutex<()>,
    handles: Vec<Thread>,
    joins: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool in which `threads` threads work, the caller included. Zero counts as one.
    pub fn new(threads: usize) -> Self {
        let workers = threads.max(1) - 1;
        let shared = Arc::new(Shared {
            state: AtomicU64::new(0),
            next_task: AtomicUsize::new(0),
            tasks: AtomicUsize::new(0),
            body: UnsafeCell::new(None),
            panicked: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            asleep: (0..workers).map(|_| AtomicBool::new(false)).collect(),
        });
        let mut joins = Vec::with_capacity(workers);
        for index in 0..workers {
            let shared = Arc::clone(&shared);
            let started =
                thread::Builder::new().name(format!("engine-{index}")).spawn(move || worker(&shared, index));
            // Fewer threads only mean a slower pass.
            let Ok(join) = started else { break };
            joins.push(join);
        }
        let handles = joins.iter().map(|join| join.thread().clone()).collect();
        Self { shared, caller: Mutex::new(()), handles, joins }
    }

    /// Threads that take part in a loop.
    pub fn threads(&self) -> usize {
        self.joins.len() + 1
    }

    /// Calls `body` once for each number below `tasks`, in parallel, and returns when all calls have ended.
    /// Must not be called from inside a body.
    pub fn run(&self, tasks: usize, body: &(dyn Fn(usize) + Sync)) {
        if tasks <= 1 || self.joins.is_empty() {
            (0..tasks).for_each(body);
            return;
        }
        let guard = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = &*self.shared;
        // SAFETY: only the lifetime changes. The region is closed and empty before this function returns or unwinds,
        // so no worker follows the pointer after `body` ends.
        let erased = unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), Body>(body) };
        // SAFETY: the region is closed, nobody is inside, and `guard` keeps other callers out.
        unsafe { *shared.body.get() = Some(erased) };
        shared.tasks.store(tasks, Ordering::Relaxed);
        shared.next_task.store(0, Ordering::Relaxed);
        let region = (shared.state.load(Ordering::Relaxed) & !(REGION - 1)).wrapping_add(REGION);
        shared.state.store(region | OPEN, Ordering::Release);
        fence(Ordering::SeqCst);
        for (asleep, handle) in shared.asleep.iter().zip(&self.handles) {
            if asleep.load(Ordering::Relaxed) {
                handle.unpark();
            }
        }
        let own = catch_unwind(AssertUnwindSafe(|| take_tasks(shared, body)));
        shared.state.fetch_and(!OPEN, Ordering::AcqRel);
        let mut polls = 0_u32;
        while shared.state.load(Ordering::Acquire) & INSIDE != 0 {
            polls += 1;
            if polls < 2_000 { spin_loop() } else { thread::yield_now() }
        }
        drop(guard);
        if let Err(panic) = own {
            shared.panicked.store(false, Ordering::Relaxed);
            std::panic::resume_unwind(panic);
        }
        assert!(!shared.panicked.swap(false, Ordering::Relaxed), "a worker of the engine's pool panicked");
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for handle in &self.handles {
            handle.unpark();
        }
        for join in self.joins.drain(..) {
            // A worker's panic was already reported by `run`.
            let _ = join.join();
        }
    }
}

fn take_tasks(shared: &Shared, body: &(dyn Fn(usize) + Sync)) {
    let tasks = shared.tasks.load(Ordering::Relaxed);
    loop {
        let task = shared.next_task.fetch_add(1, Ordering::Relaxed);
        if task >= tasks {
            return;
        }
        body(task);
    }
}

fn worker(shared: &Shared, index: usize) {
    let mut seen = 0;
    loop {
        let Some(region) = wait_for_region(shared, index, seen) else { return };
        seen = region;
        // SAFETY: this worker entered the open region, so the caller keeps the body alive until it leaves.
        let body = unsafe { (*shared.body.get()).map(|body| &*body) };
        if let Some(body) = body
            && catch_unwind(AssertUnwindSafe(|| take_tasks(shared, body))).is_err()
        {
            shared.panicked.store(true, Ordering::Relaxed);
        }
        shared.state.fetch_sub(1, Ordering::Release);
    }
}

/// Enters the next open region and returns its number; `None` when the pool ends.
fn wait_for_region(shared: &Shared, index: usize, seen: u64) -> Option<u64> {
    let mut polls = 0;
    loop {
        if shared.stop.load(Ordering::Relaxed) {
            return None;
        }
        let state = shared.state.load(Ordering::Relaxed);
        let region = state & !(REGION - 1);
        if state & OPEN != 0 && region != seen {
            if shared
                .state
                .compare_exchange_weak(state, state + 1, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
            {
                return Some(region);
            }
            continue;
        }
        polls += 1;
        if polls < SPIN_POLLS {
            spin_loop();
            continue;
        }
        shared.asleep[index].store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let state = shared.state.load(Ordering::Relaxed);
        let news = state & OPEN != 0 && state & !(REGION - 1) != seen;
        if !news && !shared.stop.load(Ordering::SeqCst) {
            thread::park();
        }
        shared.asleep[index].store(false, Ordering::Relaxed);
        polls = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_runs_once_however_many_threads_there_are() {
        for threads in [0, 1, 2, 5] {
            let pool = Pool::new(threads);
            for tasks in [0, 1, 2, 7, 1000] {
                let counts: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
                for _ in 0..50 {
                    pool.run(tasks, &|task| {
                        counts[task].fetch_add(1, Ordering::Relaxed);
                    });
                }
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 50));
            }
        }
    }

    #[test]
    fn a_panic_in_a_task_reaches_the_caller_and_the_pool_works_on() {
        let pool = Pool::new(3);
        let outcome =
            catch_unwind(AssertUnwindSafe(|| pool.run(64, &|task| assert!(task != 40, "stop here"))));
        assert!(outcome.is_err(), "the forward pass must not go on with half a result");
        let sum = AtomicUsize::new(0);
        pool.run(10, &|task| {
            sum.fetch_add(task, Ordering::Relaxed);
        });
        assert_eq!(sum.load(Ordering::Relaxed), 45);
    }
}
