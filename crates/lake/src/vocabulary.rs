//! What statements may name, for whoever offers it to a writer: columns, with what is nested in them, and functions.

use arrow::datatypes::{DataType, Field};

use crate::schema::Kind;

/// A column, or a field within one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as Trino names it: `varchar`, `timestamp`, `map(varchar, varchar)`, `array(row)`, `row`.
    pub kind: String,
    /// What is nested in it, or in the items of its list.
    pub fields: Vec<Column>,
}

/// The columns of event data stores of this kind.
pub fn columns(kind: Kind) -> Vec<Column> {
    kind.schema().fields().iter().map(|field| column(field)).collect()
}

fn column(field: &Field) -> Column {
    let (kind, fields) = described(field.data_type());
    Column { name: field.name().clone(), kind, fields }
}

fn described(of: &DataType) -> (String, Vec<Column>) {
    match of {
        DataType::Struct(fields) => ("row".into(), fields.iter().map(|field| column(field)).collect()),
        DataType::List(item) => {
            let (kind, fields) = described(item.data_type());
            (format!("array({kind})"), fields)
        }
        DataType::Map(..) => ("map(varchar, varchar)".into(), Vec::new()),
        DataType::Timestamp(..) => ("timestamp".into(), Vec::new()),
        DataType::Boolean => ("boolean".into(), Vec::new()),
        DataType::Float64 => ("double".into(), Vec::new()),
        DataType::Int32 => ("integer".into(), Vec::new()),
        DataType::Int64 => ("bigint".into(), Vec::new()),
        _ => ("varchar".into(), Vec::new()),
    }
}

/// The functions that are offered, in order: of Trino's, those that AWS's guide and samples use, and what is common in SQL. Others of
/// DataFusion's are understood, too.
pub const FUNCTIONS: &[&str] = &[
    "abs",
    "all_match",
    "any_match",
    "any_value",
    "approx_distinct",
    "approx_most_frequent",
    "approx_percentile",
    "arbitrary",
    "array_agg",
    "array_distinct",
    "array_except",
    "array_first",
    "array_histogram",
    "array_intersect",
    "array_join",
    "array_last",
    "array_max",
    "array_min",
    "array_position",
    "array_remove",
    "array_sort",
    "array_union",
    "arrays_overlap",
    "at_timezone",
    "avg",
    "bit_count",
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "cardinality",
    "ceil",
    "checksum",
    "coalesce",
    "combinations",
    "concat",
    "concat_ws",
    "contains",
    "contains_sequence",
    "count",
    "count_if",
    "crc32",
    "current_date",
    "current_timestamp",
    "date",
    "date_add",
    "date_diff",
    "date_format",
    "date_parse",
    "date_trunc",
    "day_of_week",
    "dense_rank",
    "element_at",
    "entropy",
    "filter",
    "find_first",
    "first_value",
    "flatten",
    "floor",
    "format",
    "format_datetime",
    "format_number",
    "from_base",
    "from_iso8601_timestamp",
    "from_unixtime",
    "from_unixtime_nanos",
    "geometric_mean",
    "greatest",
    "hamming_distance",
    "histogram",
    "hmac_sha256",
    "human_readable_seconds",
    "if",
    "infinity",
    "insights",
    "ip_prefix",
    "ip_subnet_max",
    "ip_subnet_min",
    "ip_subnet_range",
    "is_finite",
    "is_infinite",
    "is_nan",
    "is_subnet_of",
    "json_array_get",
    "json_exists",
    "json_extract",
    "json_extract_scalar",
    "json_format",
    "json_get",
    "json_get_int",
    "json_get_str",
    "json_object_keys",
    "json_parse",
    "json_query",
    "json_value",
    "kurtosis",
    "lag",
    "last_value",
    "lead",
    "least",
    "length",
    "levenshtein_distance",
    "listagg",
    "lower",
    "luhn_check",
    "map_agg",
    "map_concat",
    "map_filter",
    "map_from_entries",
    "map_union",
    "map_zip_with",
    "max",
    "max_by",
    "md5",
    "min",
    "min_by",
    "multimap_agg",
    "multimap_from_entries",
    "nan",
    "ngrams",
    "none_match",
    "now",
    "nullif",
    "parse_data_size",
    "parse_duration",
    "random",
    "rank",
    "reduce",
    "regexp_extract",
    "regexp_extract_all",
    "regexp_like",
    "regexp_replace",
    "repeat",
    "replace",
    "reverse",
    "round",
    "row_number",
    "sequence",
    "set_agg",
    "set_union",
    "sha1",
    "sha256",
    "sha512",
    "sign",
    "skewness",
    "slice",
    "soundex",
    "split",
    "split_part",
    "split_to_map",
    "split_to_multimap",
    "starts_with",
    "stddev",
    "strpos",
    "strrpos",
    "substr",
    "sum",
    "to_base",
    "to_hex",
    "to_iso8601",
    "to_milliseconds",
    "to_unixtime",
    "to_utf8",
    "transform",
    "transform_keys",
    "transform_values",
    "trim",
    "trim_array",
    "try",
    "typeof",
    "upper",
    "url_decode",
    "url_extract_host",
    "url_extract_parameter",
    "width_bucket",
    "xxhash64",
    "zip_with",
];

#[cfg(test)]
mod tests {
    use dialect::knows_function;

    use super::*;
    use crate::query::{Limits, registered, session};

    #[test]
    fn every_function_that_is_offered_is_known() {
        let mut known = registered();
        let state = session(&Limits::default()).expect("there is memory").state();
        known.extend(state.higher_order_functions().keys().cloned());
        let unknown: Vec<_> =
            FUNCTIONS.iter().filter(|name| !knows_function(name) && !known.contains(**name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert!(FUNCTIONS.is_sorted());
    }

    #[test]
    fn columns_are_told_with_what_is_nested_in_them() {
        let columns = columns(Kind::Events);
        let find = |all: &[Column], name: &str| all.iter().find(|one| one.name == name).expect("it is there").clone();
        let identity = find(&columns, "userIdentity");
        assert_eq!(identity.kind, "row");
        let context = find(&identity.fields, "sessionContext");
        let issuer = find(&context.fields, "sessionIssuer");
        assert_eq!(find(&issuer.fields, "userName").kind, "varchar");
        assert_eq!(find(&columns, "eventTime").kind, "timestamp");
        assert_eq!(find(&columns, "requestParameters").kind, "map(varchar, varchar)");
        assert_eq!(find(&columns, "resources").kind, "array(row)");
    }
}
