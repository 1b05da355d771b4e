//! The allocator, told to give memory back.

/// From here on large blocks of memory are the system's again as soon as they are freed.
///
/// The C library keeps what is freed for the thread that allocated it. Sweeps allocate and free the
/// same few blocks on several threads again and again: without this they were measured to keep up
/// to several times of what they use, and would not stay within the memory they were given.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
pub fn give_memory_back() {
    const LARGE: libc::c_int = 1 << 17;
    // SAFETY: mallopt may be called at any time and from any thread; it changes a parameter under
    // the allocator's own lock.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) };
}

/// Other systems' allocators give large blocks back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_memory_back() {}
