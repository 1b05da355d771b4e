//! Whether there is memory for what a measure needs, before it is asked for: an allocation that
//! fails ends the whole process.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use similitude::sweep::{Estimate, available_memory};
use similitude::{Measure, Precision};

use crate::arrays::Held;
use crate::errors::InputError;

/// So many bytes are asked for without a look at what is free.
const LITTLE: u64 = 1 << 28;

/// Refuses arrays whose comparison takes more memory than is free, beyond what the arrays take
/// themselves. Of matrices between examples nothing is asked: what is made of them is as large as
/// they are.
///
/// # Errors
/// `InputError` with the bytes that are needed and those that are free.
pub fn enough_for(measure: &Measure, arrays: &[Held]) -> PyResult<()> {
    let Some(shapes) = arrays.iter().map(Held::examples).collect::<Option<Vec<_>>>() else { return Ok(()) };
    let there = shapes.iter().map(|&(n, p)| (n as u64).saturating_mul(p as u64).saturating_mul(8)).fold(0, u64::saturating_add);
    let needed = Estimate::new(&shapes, std::slice::from_ref(measure), Precision::Double, 1).total().saturating_sub(there);
    let what = || {
        let sizes: Vec<String> = shapes.iter().take(2).map(|(n, p)| format!("{n} x {p}")).collect();
        let more = if shapes.len() > 2 { " and more" } else { "" };
        format!("{measure} of {}{more}", sizes.join(" and "))
    };
    enough(needed, what, "compare fewer examples (X[::10]), or fewer neurons")
}

/// Refuses what takes more memory than is free; where that is not known, nothing.
///
/// # Errors
/// As [`enough_for`].
pub fn enough(needed: u64, what: impl FnOnce() -> String, remedy: &str) -> PyResult<()> {
    if needed <= LITTLE {
        return Ok(());
    }
    match available_memory() {
        Some(free) if needed > free => Err(refused(needed, free, &what(), remedy)),
        _ => Ok(()),
    }
}

fn refused(needed: u64, free: u64, what: &str, remedy: &str) -> PyErr {
    let [asked, there] = [needed, free].map(|bytes| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30)));
    let refused = InputError::new_err(format!("{what}: about {asked} of memory are needed, and {there} are free; {remedy}"));
    Python::attach(|python| {
        let set = || -> PyResult<()> {
            let (numbers, raised) = (PyDict::new(python), refused.value(python));
            for (name, bytes) in [("needed", needed), ("free", free)] {
                numbers.set_item(name, bytes)?;
                raised.setattr(name, bytes)?;
            }
            raised.setattr("code", "memory")?;
            raised.setattr("numbers", numbers)
        };
        set().map_or_else(|other| other, |()| refused.clone_ref(python))
    })
}
