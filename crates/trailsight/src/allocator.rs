//! The allocator, told to give back what is free.
//!
//! It keeps that for some seconds, should anybody need it. After work that takes a hundred megabytes for a second and comes twice a minute nobody
//! does: it would be held while the next work, on another thread, takes as much again.
#![expect(unsafe_code, reason = "a function of C: the `mimalloc` crate has no safe one for it")]

/// Gives back what is free of this thread's memory, and of that of threads that have ended. Where another allocator is used, nothing happens.
pub(crate) fn give_back() {
    // SAFETY: any thread may call it at any time; it takes no pointer, and frees nothing that is in use.
    unsafe { libmimalloc_sys::mi_collect(true) }
}
