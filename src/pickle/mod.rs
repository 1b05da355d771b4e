//! The tensors of a PyTorch file, from its pickle, of which nothing is run.
//!
//! A pickle is a program. What `torch.save` writes of tensors in dictionaries and lists uses a few
//! of its instructions and names a few functions: those are known here by what they mean, and
//! whatever else a file asks for is refused by name.

mod machine;
pub(crate) mod objects;
pub(crate) mod problem;
mod tape;
pub(crate) mod tensors;
