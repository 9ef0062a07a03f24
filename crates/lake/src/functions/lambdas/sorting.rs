//! `array_sort(list, (x, y) -> -1, 0 or 1)`, which is `array_sort_by` here: DataFusion's has no lambda.
//!
//! Sorted runs are merged, two by two, of all lists at once: each item of the first run looks for its place in the second, and all of
//! them look in the middle at the same time. So a lambda is evaluated often for many pairs, and not for each of them.
//! <https://trino.io/docs/current/functions/array.html#array_sort>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::HigherOrderUDF;

use super::{Call, Counted, OfLambdas, item, list, signature};

pub(super) fn function() -> HigherOrderUDF {
    HigherOrderUDF::from(OfLambdas {
        name: "array_sort_by",
        takes: |values, _| Ok(vec![list("array_sort", &values[0])?]),
        parameters: |values, _| Ok(vec![Some(vec![item(&values[0]); 2])]),
        gives: |values, lambdas| match &lambdas[0] {
            of if of.is_integer() || of.is_null() => Ok(values[0].clone()),
            other => plan_err!("array_sort takes a lambda that gives -1, 0 or 1, and this one gives a {other}"),
        },
        batch: sort,
        signature: signature(1, 1),
    })
}

/// An item that looks for its place: the first one in the other run that comes after it.
struct Search {
    item: usize,
    from: usize,
    to: usize,
}

fn sort(call: &Call<'_>) -> Result<ArrayRef> {
    let lists = call.values[0].as_list::<i32>();
    // Places of items, list by list, and the row of each.
    let (mut order, mut rows, mut bounds) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..call.rows {
        let from = order.len();
        if lists.is_valid(row) {
            order.extend(lists.value_offsets()[row] as u32..lists.value_offsets()[row + 1] as u32);
        }
        rows.resize(order.len(), row as u32);
        bounds.push(from..order.len());
    }
    let longest = bounds.iter().map(ExactSizeIterator::len).max().unwrap_or_default();
    let levels = u64::from(usize::BITS - longest.saturating_sub(1).leading_zeros());
    let halvings = levels * (levels + 1);
    Counted::ahead(halvings / 2, order.len() as u64 * halvings / 4)?;
    let mut width = 1;
    while width < longest {
        let mut pairs = Vec::new();
        let mut searches = Vec::new();
        for list in bounds.iter().filter(|list| list.len() > width) {
            for from in list.clone().step_by(2 * width) {
                let (middle, to) = ((from + width).min(list.end), (from + 2 * width).min(list.end));
                if middle < to {
                    pairs.push((from, middle, to));
                    searches.extend((from..middle).map(|item| Search { item, from: middle, to }));
                }
            }
        }
        search(call, lists.values(), &order, &rows, &mut searches)?;
        merge(&mut order, &pairs, &searches);
        width *= 2;
    }
    let DataType::List(field) = call.gives else { return plan_err!("array_sort gives an array") };
    let items = take(lists.values(), &UInt32Array::from(order), None)?;
    let offsets = OffsetBuffer::from_lengths(bounds.iter().map(ExactSizeIterator::len));
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, items, lists.nulls().cloned())?))
}

/// Halves what is left to search, until nothing is.
fn search(call: &Call<'_>, items: &ArrayRef, order: &[u32], rows: &[u32], searches: &mut [Search]) -> Result<()> {
    loop {
        let mut open: Vec<&mut Search> = searches.iter_mut().filter(|search| search.from < search.to).collect();
        if open.is_empty() {
            return Ok(());
        }
        let middle = |search: &Search| search.from.midpoint(search.to);
        let at = |place: fn(&Search) -> usize| {
            let places = open.iter().map(|search| order[place(search)]);
            take(items, &UInt32Array::from_iter_values(places), None)
        };
        let pairs = [at(|search| search.item)?, at(|search| search.from.midpoint(search.to))?];
        let rows = UInt32Array::from_iter_values(open.iter().map(|search| rows[search.item]));
        let compared = call.evaluate(0, &pairs, &rows, &DataType::Int64)?;
        for (search, compared) in open.iter_mut().zip(compared.as_primitive::<Int64Type>()) {
            match compared {
                Some(-1 | 0) => search.to = middle(search),
                Some(1) => search.from = middle(search) + 1,
                _ => return exec_err!("array_sort takes a lambda that gives -1, 0 or 1, and nothing else"),
            }
        }
    }
}

/// Puts each pair of runs in order. Whatever a comparator says, all items stay.
fn merge(order: &mut [u32], pairs: &[(usize, usize, usize)], searches: &[Search]) {
    let mut searches = searches.iter();
    for (from, middle, to) in pairs.iter().copied() {
        let mut merged = Vec::with_capacity(to - from);
        let mut next = middle;
        for search in searches.by_ref().take(middle - from) {
            // A comparator that contradicts itself may send a later item before an earlier one.
            let place = search.from.max(next);
            merged.extend_from_slice(&order[next..place]);
            merged.push(order[search.item]);
            next = place;
        }
        merged.extend_from_slice(&order[next..to]);
        order[from..to].copy_from_slice(&merged);
    }
}
