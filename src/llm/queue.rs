//! A bounded queue between callers and the one thread that works for them. A full queue refuses at once; entries whose
//! caller has left make room. Beside it lies work for idle times, which is taken only when nobody waits.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Work that can notice that nobody waits for it any more.
pub(super) trait Abandonable {
    fn is_abandoned(&self) -> bool;
}

/// Why an entry was not taken; gives it back.
#[derive(Debug)]
pub(super) enum Refused<T> {
    Full(T),
    Closed(T),
}

/// The queue. Closing it wakes the worker for the last time.
#[derive(Debug)]
pub(super) struct BoundedQueue<T> {
    capacity: usize,
    inner: Mutex<Inner<T>>,
    arrived: Condvar,
}

#[derive(Debug)]
struct Inner<T> {
    waiting: VecDeque<T>,
    idle_work: VecDeque<T>,
    closed: bool,
}

impl<T: Abandonable> BoundedQueue<T> {
    pub fn new(capacity: usize) -> Self {
        let inner = Mutex::new(Inner { waiting: VecDeque::new(), idle_work: VecDeque::new(), closed: false });
        Self { capacity: capacity.max(1), inner, arrived: Condvar::new() }
    }

    /// Adds an entry or refuses it.
    pub fn push(&self, entry: T) -> Result<(), Refused<T>> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(Refused::Closed(entry));
        }
        if inner.waiting.len() >= self.capacity {
            inner.waiting.retain(|waiting| !waiting.is_abandoned());
        }
        if inner.waiting.len() >= self.capacity {
            return Err(Refused::Full(entry));
        }
        inner.waiting.push_back(entry);
        drop(inner);
        self.arrived.notify_one();
        Ok(())
    }

    /// Adds work for idle times; false when the queue is closed.
    pub fn push_idle_work(&self, entry: T) -> bool {
        let mut inner = self.lock();
        if inner.closed {
            return false;
        }
        inner.idle_work.push_back(entry);
        drop(inner);
        self.arrived.notify_one();
        true
    }

    /// The next entry that somebody still waits for, or `None` when there is none now.
    pub fn try_pop(&self) -> Option<T> {
        Self::next(&mut self.lock().waiting)
    }

    /// Waits for an entry, which is work for idle times if there is no other; `None` when the queue is closed.
    pub fn pop(&self) -> Option<T> {
        let mut inner = self.lock();
        loop {
            if inner.closed {
                return None;
            }
            if let Some(entry) = Self::next(&mut inner.waiting) {
                return Some(entry);
            }
            if let Some(entry) = Self::next(&mut inner.idle_work) {
                return Some(entry);
            }
            inner = self.arrived.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Refuses everything from now on and hands back what still waits.
    pub fn close(&self) -> Vec<T> {
        let mut inner = self.lock();
        inner.closed = true;
        let mut left: Vec<T> = inner.waiting.drain(..).collect();
        left.extend(inner.idle_work.drain(..));
        drop(inner);
        self.arrived.notify_all();
        left
    }

    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn next(entries: &mut VecDeque<T>) -> Option<T> {
        while let Some(entry) = entries.pop_front() {
            if !entry.is_abandoned() {
                return Some(entry);
            }
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        // Every change to the queue is complete before the lock is let go, so a panicked holder left it whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Entry(u8, bool);
    impl Abandonable for Entry {
        fn is_abandoned(&self) -> bool {
            self.1
        }
    }

    #[test]
    fn a_full_queue_refuses_until_somebody_leaves_or_is_served() {
        let queue = BoundedQueue::new(2);
        queue.push(Entry(1, true)).ok().unwrap();
        queue.push(Entry(2, false)).ok().unwrap();
        queue.push(Entry(3, false)).ok().unwrap();
        assert!(matches!(queue.push(Entry(4, false)), Err(Refused::Full(Entry(4, _)))));
        assert_eq!(queue.try_pop().unwrap().0, 2, "the abandoned entry made room");
        assert!(queue.push(Entry(5, false)).is_ok());
    }

    #[test]
    fn idle_work_is_taken_only_when_nobody_waits() {
        let queue = BoundedQueue::new(1);
        assert!(queue.push_idle_work(Entry(1, false)));
        queue.push(Entry(2, false)).ok().unwrap();
        assert_eq!(queue.try_pop().unwrap().0, 2, "it takes no place in the queue");
        assert!(queue.try_pop().is_none(), "an answer under way is not joined by idle work");
        assert_eq!(queue.pop().unwrap().0, 1);
        assert!(queue.push_idle_work(Entry(3, false)));
        assert_eq!(queue.close().len(), 1);
        assert!(!queue.push_idle_work(Entry(4, false)));
    }

    #[test]
    fn closing_hands_back_what_waits_and_wakes_the_worker() {
        let queue = BoundedQueue::<Entry>::new(4);
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| queue.pop().is_none());
            let left = queue.close();
            assert!(left.is_empty());
            assert!(worker.join().unwrap());
        });
        assert!(matches!(queue.push(Entry(1, false)), Err(Refused::Closed(_))));
    }
}
