//! What the instructions of a pickle make.

use super::problem::Problem;

/// A value on the stack: a small one, or the number of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    None,
    Bool(bool),
    Integer(i64),
    /// A float, bytes, or an integer beyond 64 bits: never part of a tensor.
    Other,
    Object(usize),
}

/// An object. Others refer to it by its number, so that one that contains itself does no harm.
#[derive(Debug)]
pub(crate) enum Object {
    Text(String),
    Tuple(Vec<Value>),
    List(Vec<Value>),
    Dictionary(Vec<(Value, Value)>),
    Global(Global),
    Storage(Storage),
    Tensor(Tensor),
    /// A device or the like.
    Inert,
}

/// What a pickle may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Global {
    OrderedDict,
    Size,
    Device,
    /// `_rebuild_tensor`, `_v2` and `_v3`, which differ in their last arguments.
    Tensor,
    TypedTensor,
    Parameter,
    /// A type of storage, with that of its elements; none where it counts bytes.
    Storage(Option<&'static str>),
    Type(&'static str),
}

/// The bytes that tensors lie in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Storage {
    pub(crate) key: String,
    /// The type of the elements; none where they are bytes.
    pub(crate) element: Option<&'static str>,
    /// How many elements it has.
    pub(crate) length: u64,
}

/// A view of a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tensor {
    pub(crate) storage: Storage,
    /// The type of the elements, as PyTorch calls it.
    pub(crate) element: &'static str,
    /// Elements before the first.
    pub(crate) offset: u64,
    pub(crate) shape: Vec<usize>,
    /// Elements between neighbours along every axis.
    pub(crate) strides: Vec<usize>,
}

/// Types of elements, with the storages that are named after them.
const TYPES: &[(&str, &str)] = &[
    ("float64", "DoubleStorage"),
    ("float32", "FloatStorage"),
    ("float16", "HalfStorage"),
    ("bfloat16", "BFloat16Storage"),
    ("int64", "LongStorage"),
    ("int32", "IntStorage"),
    ("int16", "ShortStorage"),
    ("int8", "CharStorage"),
    ("uint8", "ByteStorage"),
    ("bool", "BoolStorage"),
    ("complex64", "ComplexFloatStorage"),
    ("complex128", "ComplexDoubleStorage"),
    ("complex32", ""),
    ("uint16", ""),
    ("uint32", ""),
    ("uint64", ""),
    ("float8_e4m3fn", ""),
    ("float8_e5m2", ""),
    ("float8_e4m3fnuz", ""),
    ("float8_e5m2fnuz", ""),
    ("float8_e8m0fnu", ""),
    ("float4_e2m1fn_x2", ""),
];

impl Global {
    /// What a name means, if it is part of a tensor.
    pub(super) fn find(module: &str, name: &str) -> Result<Self, Problem> {
        let found = match (module, name) {
            ("collections", "OrderedDict") => Some(Self::OrderedDict),
            ("torch", "Size") => Some(Self::Size),
            ("torch", "device") => Some(Self::Device),
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Some(Self::Tensor),
            ("torch._utils", "_rebuild_tensor_v3") => Some(Self::TypedTensor),
            ("torch._utils", "_rebuild_parameter") => Some(Self::Parameter),
            ("torch" | "torch.storage", "UntypedStorage") => Some(Self::Storage(None)),
            ("torch", name) => TYPES.iter().find_map(|&(element, storage)| match name {
                _ if name == element => Some(Self::Type(element)),
                _ if name == storage => Some(Self::Storage(Some(element))),
                _ => None,
            }),
            _ => None,
        };
        found.ok_or_else(|| Problem::Global { module: module.to_owned(), name: name.to_owned() })
    }
}
