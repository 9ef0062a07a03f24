//! Addresses of the internet: `ip_address` and `ip_as_prefix`, which casts to IPADDRESS and IPPREFIX become, and their kin that give NULL for what is
//! none; and whose address is within which network. Texts are taken for what they say.
//!
//! <https://trino.io/docs/current/functions/ipaddress.html>

use std::net::IpAddr;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryBuilder, ListBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, exec_err, plan_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, ScalarUDF};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::type_names::said;
use super::typed::{list_of, many, typed, whole};
use super::types::{BYTES, FLAG, TEXT, WHOLE};
use super::{text_at, texts_of};
use crate::addresses::{ADDRESS, Network, PREFIX, address, bytes_of, read};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        ip_address(),
        typed(
            "try_ip_address",
            |given| one("a cast to IPADDRESS", given, ADDRESS),
            |args, rows, _| addresses(rows, |row| Ok(address_at(&args[0], row).ok().flatten())),
        ),
        ip_as_prefix(),
        typed(
            "try_ip_as_prefix",
            |given| one("a cast to IPPREFIX", given, PREFIX),
            |args, rows, _| prefixes(rows, |row| Ok(prefix_at(&args[0], row).ok().flatten())),
        ),
        typed("ip_prefix", ip_prefix_types, ip_prefix),
        typed(
            "ip_subnet_min",
            |given| one("ip_subnet_min", given, ADDRESS),
            |args, rows, _| addresses(rows, |row| Ok(network_at(&args[0], row)?.map(Network::first))),
        ),
        typed(
            "ip_subnet_max",
            |given| one("ip_subnet_max", given, ADDRESS),
            |args, rows, _| addresses(rows, |row| Ok(network_at(&args[0], row)?.map(Network::last))),
        ),
        typed("ip_subnet_range", |given| one("ip_subnet_range", given, list_of(ADDRESS)), ip_subnet_range),
        typed("is_subnet_of", |given| two("is_subnet_of", given), |args, rows, _| is_subnet_of(args, rows)),
    ]
}

fn ip_address() -> ScalarUDF {
    typed(
        "ip_address",
        |given| one("a cast to IPADDRESS", given, ADDRESS),
        |args, rows, _| addresses(rows, |row| address_at(&args[0], row)),
    )
}

fn ip_as_prefix() -> ScalarUDF {
    typed(
        "ip_as_prefix",
        |given| one("a cast to IPPREFIX", given, PREFIX),
        |args, rows, _| prefixes(rows, |row| prefix_at(&args[0], row)),
    )
}

/// Those by which statements are planned.
pub(super) fn planner() -> Arc<dyn ExprPlanner> {
    Arc::new(Compared)
}

/// A text that an address or a prefix is held against is one.
#[derive(Debug)]
struct Compared;

impl ExprPlanner for Compared {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
        let RawBinaryExpr { op, left, right } = expr;
        if !matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq) {
            return Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }));
        }
        let read = |text: Expr, other: &Expr| {
            if !matches!(text, Expr::Literal(ScalarValue::Utf8(Some(_)), _)) {
                return text;
            }
            match other.get_type(schema) {
                Ok(ADDRESS) => ip_address().call(vec![text]),
                Ok(PREFIX) => ip_as_prefix().call(vec![text]),
                _ => text,
            }
        };
        let left = read(left, &right);
        let right = read(right, &left);
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }
}

/// What an argument is taken as: an address, a prefix, sixteen bytes or four, or a text that is one of them.
fn taken(name: &str, given: &DataType) -> Result<DataType> {
    match given {
        of if *of == ADDRESS || *of == PREFIX => Ok(of.clone()),
        of if of.is_string() || of.is_null() => Ok(TEXT),
        of if of.is_binary() => Ok(BYTES),
        of => plan_err!("{name} takes an ipaddress, an ipprefix or a varchar, and this is a {}", said(of)),
    }
}

fn one(name: &str, given: &[DataType], gives: DataType) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 1..=1)?;
    Ok((vec![taken(name, &given[0])?], gives))
}

pub(super) fn two(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 2..=2)?;
    Ok((vec![taken(name, &given[0])?, taken(name, &given[1])?], FLAG))
}

fn ip_prefix_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("ip_prefix", given, 2..=2)?;
    Ok((vec![taken("ip_prefix", &given[0])?, WHOLE], PREFIX))
}

/// The network of a row; an address is one of itself alone. Fails for a text that is neither.
pub(super) fn network_at(array: &ArrayRef, row: usize) -> Result<Option<Network>> {
    if array.is_null(row) {
        return Ok(None);
    }
    match array.data_type() {
        DataType::FixedSizeBinary(17) => Ok(Network::read(array.as_fixed_size_binary().value(row))),
        DataType::FixedSizeBinary(_) => Ok(read(array.as_fixed_size_binary().value(row)).map(Network::alone)),
        DataType::Binary => match array.as_binary::<i32>().value(row) {
            bytes if bytes.len() == 16 => Ok(read(bytes).map(Network::alone)),
            &[a, b, c, d] => Ok(Some(Network::alone(IpAddr::from([a, b, c, d])))),
            bytes => exec_err!("{} bytes are no IPADDRESS: it has 4 or 16", bytes.len()),
        },
        _ => {
            let text = texts_of(array).value(row);
            match network_of(text) {
                None if text.contains('/') => exec_err!("`{text}` is no IPPREFIX: it is written like 10.0.0.0/8"),
                None => exec_err!("`{text}` is no IPADDRESS"),
                network => Ok(network),
            }
        }
    }
}

/// The network that a text names; an address is one of itself alone.
fn network_of(text: &str) -> Option<Network> {
    if text.contains('/') { Network::parse(text) } else { address(text).map(Network::alone) }
}

/// The address of a row, or a prefix's first.
fn address_at(array: &ArrayRef, row: usize) -> Result<Option<IpAddr>> {
    if let Some(text) = text_in(array, row).filter(|text| text.contains('/')) {
        return exec_err!("`{text}` is no IPADDRESS");
    }
    Ok(network_at(array, row)?.map(Network::first))
}

/// The prefix of a row, or an address as one. A text has to name its bits.
fn prefix_at(array: &ArrayRef, row: usize) -> Result<Option<Network>> {
    if let Some(text) = text_in(array, row).filter(|text| !text.contains('/')) {
        return exec_err!("`{text}` is no IPPREFIX: it is written like 10.0.0.0/8");
    }
    network_at(array, row)
}

fn text_in(array: &ArrayRef, row: usize) -> Option<&str> {
    if array.data_type() == &TEXT { text_at(texts_of(array), row) } else { None }
}

fn addresses(rows: usize, mut each: impl FnMut(usize) -> Result<Option<IpAddr>>) -> Result<ArrayRef> {
    of_bytes(rows, |row| Ok(each(row)?.map(bytes_of)))
}

fn prefixes(rows: usize, mut each: impl FnMut(usize) -> Result<Option<Network>>) -> Result<ArrayRef> {
    of_bytes(rows, |row| Ok(each(row)?.map(Network::bytes)))
}

fn of_bytes<const N: usize>(rows: usize, mut each: impl FnMut(usize) -> Result<Option<[u8; N]>>) -> Result<ArrayRef> {
    let mut out = FixedSizeBinaryBuilder::with_capacity(rows, N as i32);
    for row in 0..rows {
        match each(row)? {
            Some(bytes) => out.append_value(bytes)?,
            None => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}

/// The prefix of an address, of so many bits.
fn ip_prefix(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    prefixes(rows, |row| {
        let Some((address, bits)) = address_at(&args[0], row)?.zip(whole(&args[1], row)) else { return Ok(None) };
        match u32::try_from(bits).ok().and_then(|bits| Network::of(address, bits)) {
            Some(network) => Ok(Some(network)),
            None => exec_err!("ip_prefix takes an address and how many of its bits: {address} has no {bits}"),
        }
    })
}

/// The first address, and the last.
fn ip_subnet_range(args: &[ArrayRef], rows: usize, gives: &DataType) -> Result<ArrayRef> {
    let DataType::List(item) = gives else { return exec_err!("ip_subnet_range gives a list") };
    let mut out = ListBuilder::new(FixedSizeBinaryBuilder::new(16)).with_field(Arc::clone(item));
    for row in 0..rows {
        let network = network_at(&args[0], row)?;
        if let Some(network) = network {
            out.values().append_value(bytes_of(network.first()))?;
            out.values().append_value(bytes_of(network.last()))?;
        }
        out.append(network.is_some());
    }
    Ok(Arc::new(out.finish()))
}

/// Whether an address, or a network, is within a network.
fn is_subnet_of(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let flags = (0..rows).map(|row| {
        let both = network_at(&args[0], row)?.zip(network_at(&args[1], row)?);
        Ok(both.map(|(network, other)| network.contains(other)))
    });
    Ok(Arc::new(flags.collect::<Result<BooleanArray>>()?))
}

/// Whether an address is of a network. A text that is none (a service is named where one calls for another) is of none.
pub(super) fn is_within(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let flags = (0..rows).map(|row| {
        if args[1].is_null(row) {
            return Ok(None);
        }
        let Some(network) = prefix_at(&args[0], row).or_else(|why| within_text(&args[0], row, why))? else {
            return Ok(None);
        };
        let other = match text_in(&args[1], row) {
            Some(text) => match network_of(text) {
                None => return Ok(Some(false)),
                other => other,
            },
            None => network_at(&args[1], row)?,
        };
        Ok(other.map(|other| network.contains(other)))
    });
    Ok(Arc::new(flags.collect::<Result<BooleanArray>>()?))
}

/// Who looks into a text means no network.
fn within_text(array: &ArrayRef, row: usize, why: DataFusionError) -> Result<Option<Network>> {
    match text_in(array, row) {
        Some(text) if !text.contains('/') => {
            exec_err!("`{text}` is no IPPREFIX: contains looks into arrays and networks; into texts LIKE and strpos do")
        }
        _ => Err(why),
    }
}
