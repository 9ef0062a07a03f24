//! A function of some values, row by row: what it takes, what it gives, and how a batch of it is made.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;

use super::rows::{arrays, by_rows};
use super::typed::many;
use super::types::MOMENT;
use crate::zones::{clocks, kept, moments};

pub(super) struct Plain {
    name: &'static str,
    /// What each argument is cast to.
    takes: &'static [DataType],
    /// So many of them may be left out, from the last on.
    optional: usize,
    gives: DataType,
    batch: fn(&[ArrayRef], usize) -> Result<ArrayRef>,
    /// Where the values begin and end of which it gives this one, if it grows with its only argument.
    stretch: Option<Stretch>,
    /// Whether moments of a zone are moments to it, and not what the clock there shows.
    is_of_moments: bool,
    signature: Signature,
}

/// From the first on, and below the second.
pub(super) type Stretch = fn(&ScalarValue) -> Option<(ScalarValue, ScalarValue)>;

impl Plain {
    pub(super) fn new(
        name: &'static str,
        takes: &'static [DataType],
        gives: DataType,
        batch: fn(&[ArrayRef], usize) -> Result<ArrayRef>,
    ) -> Plain {
        let signature = Signature::user_defined(Volatility::Immutable);
        Plain { name, takes, optional: 0, gives, batch, stretch: None, is_of_moments: false, signature }
    }

    /// It is held against values by its argument, by which files are pruned.
    pub(super) fn of_stretch(mut self, stretch: Stretch) -> Plain {
        self.stretch = Some(stretch);
        self
    }

    /// It tells when something is, and not what a clock shows then.
    pub(super) fn of_moments(mut self) -> Plain {
        self.is_of_moments = true;
        self
    }

    /// So many arguments may be left out.
    pub(super) fn optional(mut self, optional: usize) -> Plain {
        self.optional = optional;
        self
    }

    pub(super) fn into(self) -> ScalarUDF {
        ScalarUDF::from(self)
    }
}

known_by_name!(Plain);

impl ScalarUDFImpl for Plain {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        many(self.name, given, self.takes.len() - self.optional..=self.takes.len())?;
        let takes = |(takes, given): (&DataType, &DataType)| if *takes == MOMENT { kept(given) } else { takes.clone() };
        Ok(self.takes.iter().zip(given).map(takes).collect())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.gives.clone())
    }

    fn preimage(&self, args: &[Expr], value: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        let (Some(stretch), [of], Expr::Literal(value, _)) = (self.stretch, args, value) else {
            return Ok(PreimageResult::None);
        };
        match stretch(value) {
            Some((from, below)) if info.get_data_type(of)? == self.takes[0] => {
                let interval = Box::new(Interval::try_new(from, below)?);
                Ok(PreimageResult::Range { expr: of.clone(), interval })
            }
            _ => Ok(PreimageResult::None),
        }
    }

    fn output_ordering(&self, input: &[ExprProperties]) -> Result<SortProperties> {
        Ok(match (self.stretch, input) {
            (Some(_), [of]) => of.sort_properties,
            _ => SortProperties::Unordered,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        by_rows(&args, |rows| {
            let told = |array: &ArrayRef| if self.is_of_moments { Ok(moments(array)) } else { clocks(array) };
            let args = arrays(&args, rows)?.iter().map(told).collect::<Result<Vec<ArrayRef>>>()?;
            (self.batch)(&args, rows)
        })
    }
}
