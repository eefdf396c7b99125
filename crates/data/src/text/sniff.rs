//! Which character parts the cells of a CSV file: the one that parts most of its first records into the
//! same number of cells as the header, and into more than one; of two such, the one that gives more.

use super::csv::{Cell, Scanner};

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Records looked at.
const RECORDS: usize = 50;

/// The delimiter of a text; a comma where nothing says otherwise, and where that is not the decimal sign.
pub(super) fn delimiter(bytes: &[u8], start: usize, decimal: Option<char>) -> u8 {
    let mut best = (if decimal == Some(',') { b';' } else { b',' }, 0.0, 1);
    for candidate in CANDIDATES.into_iter().filter(|c| decimal != Some(char::from(*c))) {
        let scanner = Scanner { bytes, delimiter: candidate };
        let (mut cells, mut at): (Vec<Cell>, usize) = (Vec::new(), start);
        let (mut header, mut records, mut alike) = (0, 0, 0);
        while at < bytes.len() && records < RECORDS {
            let record = scanner.record(at, &mut cells);
            at = record.next;
            if cells.is_empty() || record.fault.is_some() {
                continue;
            }
            if records == 0 {
                header = cells.len();
            }
            alike += usize::from(cells.len() == header);
            records += 1;
        }
        let share = alike as f64 / records.max(1) as f64;
        if header > 1 && (share, header) > (best.1, best.2) {
            best = (candidate, share, header);
        }
    }
    best.0
}
