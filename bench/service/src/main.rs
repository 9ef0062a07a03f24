//! What `bench/service/run.py` cannot do from outside.
//!
//! ```text
//! bench-service fill DIR SERIES     a data directory with so many series over four weeks; prints the minute in which they end
//! bench-service told SEEDS          when insights of made-up accounts are told, and how many early ones are taken back
//! ```

use std::path::Path;

use anyhow::{Context, Result, bail};

mod fill;
mod told;

const USAGE: &str = "usage: bench-service fill DIR SERIES | told SEEDS";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |word: &str| word.parse::<usize>().context(USAGE);
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fill", folder, series] => println!("{}", fill::fill(Path::new(folder), number(series)?)?.0),
        ["told", seeds] => print!("{}", told::told(number(seeds)? as u64)?),
        _ => bail!(USAGE),
    }
    Ok(())
}
