//! How a result is shown.

use std::io::Write;

use anyhow::Result;
use lake::arrow::array::RecordBatch;
use lake::arrow::datatypes::SchemaRef;
use lake::results;
use record::words::clean;

use crate::cli::QueryFormat;

/// Rows that are held to see how wide the columns of a table are; the rest is as wide as these.
const MEASURED_ROWS: usize = 1_000;
/// The widest column of a table.
const WIDEST: usize = 80;

/// Where rows are written as they come.
pub(super) struct Output<W: Write + Send> {
    kind: Kind<W>,
}

enum Kind<W: Write + Send> {
    Table(Table<W>),
    Csv(csv::Writer<W>),
    Lines(results::JsonLines<W>),
    Parquet(results::ParquetFile<W>),
}

impl<W: Write + Send> Output<W> {
    pub(super) fn new(format: QueryFormat, schema: SchemaRef, out: W) -> Result<Output<W>> {
        let names = || schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        let kind = match format {
            QueryFormat::Table => Kind::Table(Table { names: names(), rows: Vec::new(), widths: None, out }),
            QueryFormat::Csv => {
                let mut csv = csv::Writer::from_writer(out);
                csv.write_record(names())?;
                Kind::Csv(csv)
            }
            QueryFormat::Json => Kind::Lines(results::JsonLines::new(out)),
            QueryFormat::Parquet => Kind::Parquet(results::ParquetFile::new(out, schema)?),
        };
        Ok(Output { kind })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match &mut self.kind {
            Kind::Lines(lines) => lines.write(batch)?,
            Kind::Parquet(file) => file.write(batch)?,
            Kind::Csv(csv) => {
                for row in results::texts(batch) {
                    csv.write_record(row.iter().map(|text| text.as_deref().unwrap_or_default()))?;
                }
            }
            Kind::Table(table) => {
                for row in results::texts(batch) {
                    table.write(row)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<()> {
        match self.kind {
            Kind::Table(table) => table.finish(),
            Kind::Csv(mut csv) => Ok(csv.flush()?),
            Kind::Lines(lines) => Ok(lines.finish()?),
            Kind::Parquet(file) => Ok(file.finish()?),
        }
    }
}

/// Columns beside each other, for eyes.
struct Table<W> {
    names: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
    widths: Option<Vec<usize>>,
    out: W,
}

impl<W: Write> Table<W> {
    fn write(&mut self, row: Vec<Option<String>>) -> Result<()> {
        self.rows.push(row);
        if self.widths.is_some() || self.rows.len() >= MEASURED_ROWS {
            self.print()?;
        }
        Ok(())
    }

    /// What comes from outside is shown without what would move a cursor, or turn the direction of what follows.
    fn shown(text: Option<&str>) -> String {
        clean(text.unwrap_or(""))
    }

    fn print(&mut self) -> Result<()> {
        let rows: Vec<Vec<String>> = std::mem::take(&mut self.rows)
            .into_iter()
            .map(|row| row.iter().map(|text| Self::shown(text.as_deref())).collect())
            .collect();
        let widths = match &self.widths {
            Some(widths) => widths.clone(),
            None => {
                let of = |at: usize| rows.iter().map(|row| console::measure_text_width(&row[at])).max().unwrap_or(0);
                let widths: Vec<usize> = self
                    .names
                    .iter()
                    .enumerate()
                    .map(|(at, name)| of(at).max(console::measure_text_width(name)).min(WIDEST))
                    .collect();
                let names: Vec<String> = self.names.iter().map(|name| Self::shown(Some(name))).collect();
                self.line(&names, &widths)?;
                let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
                self.line(&rule, &widths)?;
                self.widths = Some(widths.clone());
                widths
            }
        };
        rows.iter().try_for_each(|row| self.line(row, &widths))
    }

    fn line(&mut self, row: &[String], widths: &[usize]) -> Result<()> {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(text, width)| {
                let cut = console::truncate_str(text, *width, "…");
                console::pad_str(&cut, *width, console::Alignment::Left, None).into_owned()
            })
            .collect();
        writeln!(self.out, "{}", cells.join("  ").trim_end())?;
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.print()?;
        self.out.flush()?;
        Ok(())
    }
}
