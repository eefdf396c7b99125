//! A name for what a frame holds: its fields and the values of its rows, whatever file they came from.
//!
//! Arrow keeps the same values in many ways: with and without a bitmap of what is missing, with anything at all
//! where something is, as a slice of more. None of it is in the name.

use crate::{Frame, Hash, Hasher, Result};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};

impl Frame {
    /// The name of the frame's content: the same for the same fields and values in the same order.
    ///
    /// # Errors
    /// When a column is of a type whose values cannot be told.
    pub fn content(&self) -> Result<Hash> {
        let fields = serde_json::to_value(self.fields()).map_err(|e| crate::Error::Saved(e.to_string()))?;
        let mut hasher = Hasher::new("frame").json(&fields).number(self.rows() as u64);
        for column in self.columns() {
            hasher = hasher.text(&column.data_type().to_string());
            hasher = add(hasher, column)?;
        }
        Ok(hasher.finish())
    }
}

fn add(hasher: Hasher, column: &ArrayRef) -> Result<Hasher> {
    let there: Vec<u8> = match column.logical_null_count() {
        0 => Vec::new(),
        _ => (0..column.len()).map(|row| u8::from(column.is_valid(row))).collect(),
    };
    let hasher = hasher.bytes(&there);
    match column.data_type() {
        DataType::Utf8 => {
            let texts = column.as_string::<i32>();
            let lengths: Vec<u8> = texts.iter().flat_map(|t| (t.map_or(0, str::len) as u32).to_le_bytes()).collect();
            let mut all = Vec::with_capacity(texts.value_data().len());
            texts.iter().flatten().for_each(|text| all.extend_from_slice(text.as_bytes()));
            Ok(hasher.bytes(&lengths).bytes(&all))
        }
        DataType::FixedSizeList(_, width) => {
            let list = column.as_fixed_size_list();
            let values = list.len() * usize::try_from(*width).unwrap_or(0);
            match column.null_count() {
                0 => add(hasher, &list.values().slice(0, values)),
                _ => (0..list.len())
                    .filter(|&row| list.is_valid(row))
                    .try_fold(hasher, |h, row| add(h, &list.value(row))),
            }
        }
        t if t.primitive_width().is_some() => {
            let width = t.primitive_width().unwrap_or(0);
            let data = column.to_data();
            let start = data.offset() * width;
            let mut bytes = data.buffers()[0].as_slice()[start..start + data.len() * width].to_vec();
            for row in (0..column.len()).filter(|&row| column.is_null(row)) {
                bytes[row * width..(row + 1) * width].fill(0);
            }
            Ok(hasher.bytes(&bytes))
        }
        _ => {
            let format = FormatOptions::default();
            let format = ArrayFormatter::try_new(column.as_ref(), &format)?;
            let mut told = hasher;
            for row in (0..column.len()).filter(|&row| column.is_valid(row)) {
                told = told.text(&format.value(row).try_to_string()?);
            }
            Ok(told)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Field, Frame, Hash, Kind};
    use arrow::array::{Array, ArrayRef, BooleanArray, FixedSizeListArray, Float64Array, PrimitiveArray, StringArray};
    use arrow::buffer::NullBuffer;
    use arrow::datatypes::{Float64Type, Int32Type};
    use std::sync::Arc;

    fn name(column: ArrayRef) -> Hash {
        let rows = column.len();
        Frame::new(vec![Field::input("x", Kind::Number)], vec![column], rows).unwrap().content().unwrap()
    }

    #[test]
    fn the_same_values_have_the_same_name_however_they_are_kept() {
        let numbers = name(Arc::new(Float64Array::from(vec![Some(1.0), None, Some(2.5)])));
        let nulls = NullBuffer::from(vec![true, false, true]);
        let hidden = PrimitiveArray::<Float64Type>::new(vec![1.0, 9.0, 2.5].into(), Some(nulls.clone()));
        assert_eq!(name(Arc::new(hidden)), numbers);
        let longer = Float64Array::from(vec![Some(7.0), Some(1.0), None, Some(2.5), None]);
        assert_eq!(name(Arc::new(longer.slice(1, 3))), numbers);
        let all = PrimitiveArray::<Float64Type>::new(vec![1.0].into(), Some(NullBuffer::from(vec![true])));
        assert_eq!(name(Arc::new(all)), name(Arc::new(Float64Array::from(vec![1.0]))));

        let texts = name(Arc::new(StringArray::from(vec![Some("a"), None, Some("bc")])));
        let (offsets, values, _) = StringArray::from(vec!["a", "hidden", "bc"]).into_parts();
        assert_eq!(name(Arc::new(StringArray::new(offsets, values, Some(nulls)))), texts);

        let pairs = FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(
            [vec![9, 9], vec![1, 2], vec![3, 4]].map(|p| Some(p.into_iter().map(Some))),
            2,
        );
        let fewer = FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(
            [vec![1, 2], vec![3, 4]].map(|p| Some(p.into_iter().map(Some))),
            2,
        );
        assert_eq!(name(Arc::new(pairs.slice(1, 2))), name(Arc::new(fewer)));
    }

    #[test]
    fn any_other_value_order_or_type_has_another_name() {
        let mut names = vec![
            name(Arc::new(Float64Array::from(vec![Some(1.0), None]))),
            name(Arc::new(Float64Array::from(vec![None, Some(1.0)]))),
            name(Arc::new(Float64Array::from(vec![Some(1.0), Some(0.0)]))),
            name(Arc::new(Float64Array::from(vec![1.0]))),
            name(Arc::new(StringArray::from(vec!["ab", "c"]))),
            name(Arc::new(StringArray::from(vec!["a", "bc"]))),
            name(Arc::new(StringArray::from(vec![Some("abc"), None]))),
            name(Arc::new(StringArray::from(vec!["abc", ""]))),
            name(Arc::new(BooleanArray::from(vec![true, false]))),
            name(Arc::new(BooleanArray::from(vec![false, true]))),
        ];
        let one = Frame::new(
            vec![Field::input("y", Kind::Number)],
            vec![Arc::new(Float64Array::from(vec![1.0])) as ArrayRef],
            1,
        );
        names.push(one.unwrap().content().unwrap());
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
