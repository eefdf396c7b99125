//! Lines of the cache asked for before they are needed.
//!
//! Rows of a leaf lie scattered over the table, and the processor sees too few of them ahead to have as many of their
//! lines on the way as it could. A loop that knows which rows come next asks for them itself.

/// Asks for the line that holds an item, if there is such an item.
#[inline(always)]
pub(super) fn ask<T>(items: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: asking for a line reads nothing and cannot fail, wherever the address leads; every x86-64 can do it.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(items.as_ptr().wrapping_add(at).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (items, at);
}
