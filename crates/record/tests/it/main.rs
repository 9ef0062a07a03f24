//! Reading log files, from outside.

mod agreement;
mod damage;
mod files;
mod oracle;
mod scribble;
