//! Wiring: which columns of a frame a step takes, and where those that it gives go.
//!
//! Names are resolved once, when a bundle loads or a source is made, so that a request of one row
//! pays for no look-up.

use crate::{Context, Error, Field, Frame, Model, Result, Signature, nearest};
use std::collections::HashMap;
use std::sync::Arc;

/// A step's place among the fields of a frame. What the step takes goes, what it gives is added, the
/// rest passes.
#[derive(Clone, Debug)]
pub struct Wiring {
    takes: Vec<usize>,
    taken: Arc<[Field]>,
    passes: Vec<usize>,
    fields: Arc<[Field]>,
}

impl Wiring {
    /// Resolves a signature against the fields of the frames to come.
    ///
    /// # Errors
    /// When a column that the step takes is missing, or one that it gives would come twice.
    pub fn new(signature: &Signature, input: &[Field]) -> Result<Self> {
        let places: HashMap<&str, usize> = input.iter().enumerate().map(|(i, f)| (f.name.as_str(), i)).collect();
        let takes = signature
            .takes
            .iter()
            .map(|name| {
                places.get(name.as_str()).copied().ok_or_else(|| {
                    let error = Error::column(name, "is needed here and is not in the data");
                    match nearest(name, input.iter().map(|f| f.name.as_str())) {
                        Some(near) => error.with_hint(format!("there is a `{near}`")),
                        None => error,
                    }
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let mut goes = vec![false; input.len()];
        takes.iter().for_each(|&i| goes[i] = true);
        let passes: Vec<usize> = (0..input.len()).filter(|&i| !goes[i]).collect();
        if let Some(twice) = signature.gives.iter().find(|f| places.get(f.name.as_str()).is_some_and(|&i| !goes[i])) {
            return Err(Error::column(&twice.name, "a step would give a column of a name that is taken"));
        }
        let mut given = std::collections::HashSet::with_capacity(signature.gives.len());
        if let Some(twice) = signature.gives.iter().find(|f| !given.insert(f.name.as_str())) {
            return Err(Error::column(&twice.name, "a step would give two columns of this name")
                .with_hint("rename the column in the table: [data] query = \"select ... as another from source\""));
        }
        Ok(Self {
            taken: takes.iter().map(|&i| input[i].clone()).collect(),
            fields: passes.iter().map(|&i| input[i].clone()).chain(signature.gives.iter().cloned()).collect(),
            takes,
            passes,
        })
    }

    /// The fields after the step.
    pub fn fields(&self) -> &Arc<[Field]> {
        &self.fields
    }

    /// Applies the step to a frame of the fields that the wiring was made for.
    ///
    /// # Errors
    /// As [`Model::apply`].
    pub fn apply(&self, model: &dyn Model, frame: &Frame, ctx: &Context) -> Result<Frame> {
        let given = model.apply(&self.taken(frame), ctx)?;
        let mut columns = Vec::with_capacity(self.fields.len());
        columns.extend(self.passes.iter().map(|&i| frame.columns()[i].clone()));
        columns.extend(given.columns().iter().cloned());
        if columns.len() != self.fields.len() || given.rows() != frame.rows() {
            return Err(Error::data(format!(
                "a step of format `{}` gave {} columns of {} rows where {} of {} were announced",
                model.format(),
                given.columns().len(),
                given.rows(),
                self.fields.len() - self.passes.len(),
                frame.rows()
            )));
        }
        Ok(Frame::trusted(self.fields.clone(), columns, frame.rows()))
    }

    /// The columns that the step takes, in its order.
    pub fn taken(&self, frame: &Frame) -> Frame {
        let columns = self.takes.iter().map(|&i| frame.columns()[i].clone()).collect();
        Frame::trusted(self.taken.clone(), columns, frame.rows())
    }
}

/// The fields after a step of that signature.
///
/// # Errors
/// As [`Wiring::new`].
pub fn follow(input: &[Field], signature: &Signature) -> Result<Arc<[Field]>> {
    Wiring::new(signature, input).map(|wiring| wiring.fields)
}
