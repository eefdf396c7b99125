//! What is kept is looked at before a run relies on it, so that damage is mended in the run that meets it.
//!
//! A plan knows what is gone or cut short; only reading tells whether the rest is what was kept. So a run
//! first reads what its stages are going to read, and what every run tells: from the last stage to the first,
//! since a stage that turns out to be done anew needs others in turn. Stages that nobody needs are left alone.
//! A stage is a pure function, so one that is done anew gives what it gave before, and what was made of it
//! stays good.

use crate::plan::{DAMAGED, State};
use crate::run::{Rows, Runner};
use crate::stage::Work;
use crate::stage::register::Registered;
use arkwright_core::Result;

impl Runner<'_> {
    /// Marks stages whose kept output is damaged as to be done anew, and says so.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub(crate) fn inspect(&mut self) -> Result<()> {
        let mut read = vec![false; self.plan.stages.len()];
        for place in (0..read.len()).rev() {
            let stage = &self.plan.stages[place];
            if stage.state == State::Cached
                && let Some(why) = self.unsound(&stage.work, read[place])?
            {
                self.ctx.warn(&format!("{}: {why}; it is made anew", stage.name));
                self.plan.stages[place].state = State::Run(why);
            }
            if self.plan.stages[place].state != State::Cached {
                self.reads(place).into_iter().for_each(|need| read[need] = true);
            }
        }
        Ok(())
    }

    /// The stages whose output a stage reads.
    fn reads(&self, place: usize) -> Vec<usize> {
        let stages = &self.plan.stages;
        let stage = &stages[place];
        let refits = self.system().header.evaluate.refit;
        match stage.work {
            // A fit on all rows goes the whole way again.
            Work::Refit => (0..place).collect(),
            Work::Register if refits => (0..place).collect(),
            // It takes the tables' notes, and no rows.
            Work::Register => {
                stage.needs.iter().copied().filter(|&need| !matches!(stages[need].work, Work::Read(_))).collect()
            }
            _ => stage.needs.clone(),
        }
    }

    /// What is wrong with a stage's kept output, if something is. What only its readers ask for is read where
    /// there are any.
    fn unsound(&self, work: &Work, is_read: bool) -> Result<Option<String>> {
        let answer = &self.system().answer().name;
        let is_sound = match work {
            Work::Read(data) => !is_read || self.table(data).is_ok(),
            Work::Split(data) => !is_read || self.split(data).is_ok(),
            Work::Fit(step) if is_read => match self.ctx.recall(&self.key(work)?) {
                Some(fitted) => {
                    self.know(step, Rows::Training, &fitted);
                    true
                }
                None => false,
            },
            Work::Fit(step) => step != answer || self.kept(work).is_ok(),
            Work::Refit => !is_read || self.kept(work).is_ok(),
            Work::Register => match self.notes::<Registered>(work) {
                Ok(registered) => return self.project.outdated(&registered, true),
                Err(_) => false,
            },
            Work::Audit(_) | Work::Judge | Work::Explain => self.kept(work).is_ok(),
        };
        Ok((!is_sound).then(|| DAMAGED.to_string()))
    }
}
