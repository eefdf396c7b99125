//! The promise of the room: a row gives the same bits alone, in a batch, in any part of one, and by the short
//! way of a request.

use crate::every::{EXPRESSIONS, row, sample, table};
use crate::rows::{applied, cells, fit};
use arkwright_core::{Cell, Context, Frame, Model, Row as Cells, Taken};
use arkwright_expr::Derive;
use arrow::array::{Array, AsArray};
use arrow::datatypes::Float64Type;
use proptest::prelude::*;

/// Checks that parts of a frame give what the whole gives: every row alone, and the rows from `cut` on.
pub(crate) fn alone(model: &dyn Model, whole: &Frame, cut: usize) -> Result<(), TestCaseError> {
    let together = applied(model, whole).unwrap();
    let wanted: Vec<Vec<String>> = together.columns().iter().map(cells).collect();
    let mut parts: Vec<(usize, Frame)> = (0..whole.rows()).map(|i| (i, whole.slice(i, 1))).collect();
    parts.extend((0..whole.rows()).map(|i| (i, whole.take(&[i as u32]).unwrap())));
    parts.push((cut, whole.slice(cut, whole.rows())));
    for (start, part) in parts {
        let given = applied(model, &part).unwrap();
        for ((field, column), wanted) in given.fields().iter().zip(given.columns()).zip(&wanted) {
            let rows = start..start + part.rows();
            prop_assert_eq!(&cells(column)[..], &wanted[rows.clone()], "{} of rows {:?}", &field.name, rows);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_row_alone_gives_the_bits_that_it_gives_among_others(
        rows in prop::collection::vec(row(), 1..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let cut = cut.index(rows.len());
        // Fitted on a row that holds everything, so that the types are those of the columns.
        let model = fit(&Derive::new(EXPRESSIONS), &sample()).unwrap();
        alone(model.as_ref(), &table(rows), cut)?;
    }
}

/// What the short way of a request gives for a row, as `cells` spells it; nothing where it gives way to frames.
fn short(model: &dyn Model, taken: &Frame, row: usize) -> Option<Vec<String>> {
    let rowwise = model.skills().row?;
    let mut cells = Cells::default();
    for column in taken.columns() {
        cells.cells.push(match column.as_primitive_opt::<Float64Type>() {
            _ if column.is_null(row) => Cell::Missing,
            Some(numbers) => Cell::Number(numbers.value(row)),
            None => Cell::Text(column.as_string::<i32>().value(row)),
        });
    }
    let places: Vec<usize> = (0..cells.cells.len()).collect();
    rowwise.add(&mut cells, Taken { base: 0, places: &places })?;
    let spelt = cells.cells[places.len()..].iter().map(|cell| match cell {
        Cell::Number(number) => format!("{:016x}", number.to_bits()),
        Cell::Text(text) => text.to_string(),
        _ => "missing".to_string(),
    });
    Some(spelt.collect())
}

#[test]
fn the_short_way_of_a_request_gives_the_bits_of_a_frame() {
    let table = sample();
    let mut taken = Vec::new();
    for (name, sql) in EXPRESSIONS.iter().filter(|(_, sql)| !sql.contains("ratio") && !sql.contains("span")) {
        let model = fit(&Derive::new([(*name, *sql)]), &table).unwrap();
        let inputs = table.select(&model.signature().takes).unwrap();
        let wanted = model.apply(&inputs, &Context::new(1)).unwrap();
        let wanted: Vec<Vec<String>> = wanted.columns().iter().map(cells).collect();
        for row in 0..table.rows() {
            if let Some(given) = short(model.as_ref(), &inputs, row) {
                let wanted: Vec<&String> = wanted.iter().map(|column| &column[row]).collect();
                assert_eq!(given.iter().collect::<Vec<_>>(), wanted, "{name}: {sql}, row {row}");
                taken.push(*name);
            }
        }
    }
    assert!(["sum", "like", "above"].iter().all(|name| taken.contains(name)), "{taken:?}");
}

#[test]
fn the_sample_holds_something_for_every_expression() {
    let out = applied(fit(&Derive::new(EXPRESSIONS), &sample()).unwrap().as_ref(), &sample()).unwrap();
    for (name, sql) in EXPRESSIONS {
        let cells = cells(out.column(name).unwrap());
        assert!(cells.iter().any(|c| c != "missing"), "{name}: {sql}");
        assert!(cells.iter().any(|c| c != &cells[0]), "{name}: {sql} is the same in every row");
    }
}

#[test]
fn many_rows_give_what_each_gives_alone() {
    // More rows than a batch, so that whatever is cut by the thousand is cut.
    let few = sample();
    let many: Vec<u32> = (0..20_000).map(|i| (i * 7 % 6) as u32).collect();
    let model = fit(&Derive::new(EXPRESSIONS), &few).unwrap();
    let wanted = applied(model.as_ref(), &few).unwrap();
    let given = applied(model.as_ref(), &few.take(&many).unwrap()).unwrap();
    for ((field, column), one) in given.fields().iter().zip(given.columns()).zip(wanted.columns()) {
        let one = cells(one);
        let all = cells(column);
        assert!(all.iter().zip(&many).all(|(cell, row)| *cell == one[*row as usize]), "{}", field.name);
    }
}
