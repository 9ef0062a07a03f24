//! One series: agreement with the reference and with its twin, and the laws.

mod agreement;
mod laws;
mod made_up;
mod product;
mod reference;
