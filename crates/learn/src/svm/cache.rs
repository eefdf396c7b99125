//! Rows of kernels that were asked for last.

use super::kernel::Kernels;

/// As many rows of kernels as fit, those asked for longest ago making room.
pub(super) struct Cache<'a> {
    kernels: &'a Kernels,
    slots: Vec<Vec<f32>>,
    /// The slot of each row, or NONE.
    slot: Vec<usize>,
    /// The row of each slot.
    row: Vec<usize>,
    /// A ring of slots, in the order of use; the last place is its head.
    before: Vec<usize>,
    after: Vec<usize>,
    room: usize,
}

const NONE: usize = usize::MAX;

impl<'a> Cache<'a> {
    /// Room for as many rows as `bytes` hold, at least two.
    pub fn new(kernels: &'a Kernels, bytes: usize) -> Self {
        let n = kernels.rows().rows();
        let room = (bytes / (4 * n.max(1))).clamp(2, n.max(2));
        let ring = vec![room; room + 1];
        Self {
            kernels,
            slots: Vec::new(),
            slot: vec![NONE; n],
            row: Vec::new(),
            before: ring.clone(),
            after: ring,
            room,
        }
    }

    /// Makes a row of kernels be there, and tells its slot. The slot asked for before stays.
    pub fn want(&mut self, row: usize) -> usize {
        let mut slot = self.slot[row];
        if slot == NONE {
            let n = self.slot.len();
            if self.slots.len() < self.room {
                slot = self.slots.len();
                self.slots.push(vec![0.0; n]);
                self.row.push(row);
            } else {
                slot = self.before[self.room];
                self.unlink(slot);
                self.slot[self.row[slot]] = NONE;
                self.row[slot] = row;
            }
            self.slot[row] = slot;
            self.kernels.row(row, &mut self.slots[slot]);
        } else {
            self.unlink(slot);
        }
        // To the front.
        let (head, first) = (self.room, self.after[self.room]);
        (self.before[slot], self.after[slot]) = (head, first);
        self.after[head] = slot;
        self.before[first] = slot;
        slot
    }

    fn unlink(&mut self, slot: usize) {
        let (before, after) = (self.before[slot], self.after[slot]);
        self.after[before] = after;
        self.before[after] = before;
    }

    /// The kernels in a slot.
    pub fn kernels(&self, slot: usize) -> &[f32] {
        &self.slots[slot]
    }
}
