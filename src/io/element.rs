//! Element types and their exact widening to `f64`.

use std::fmt;

use half::{bf16, f16};

/// The type of a tensor's elements in its file. All of them widen to `f64` without rounding, 64-bit
/// integers where they can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ElementType {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    BF16,
    F32,
    F64,
}

impl fmt::Display for ElementType {
    /// The name in lower case: `bf16`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::F16 => "f16",
            Self::BF16 => "bf16",
            Self::F32 => "f32",
            Self::F64 => "f64",
        })
    }
}

/// An element that has no `f64`: its number among those decoded, and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unrepresentable {
    pub(super) offset: usize,
    pub(super) value: i128,
}

impl ElementType {
    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::BF16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Appends the elements in `bytes` (whole ones only) to `values`; one that is not a legal
    /// element or has no `f64` ends it.
    pub(super) fn decode(self, bytes: &[u8], big_endian: bool, values: &mut Vec<f64>) -> Result<(), Unrepresentable> {
        macro_rules! each {
            ($element:ty, $widen:expr) => {{
                let (elements, _) = bytes.as_chunks::<{ size_of::<$element>() }>();
                if big_endian {
                    values.extend(elements.iter().map(|&bytes| $widen(<$element>::from_be_bytes(bytes))));
                } else {
                    values.extend(elements.iter().map(|&bytes| $widen(<$element>::from_le_bytes(bytes))));
                }
                Ok(())
            }};
        }
        macro_rules! each_checked {
            ($element:ty) => {{
                let (elements, _) = bytes.as_chunks::<{ size_of::<$element>() }>();
                for (offset, &bytes) in elements.iter().enumerate() {
                    let element = if big_endian { <$element>::from_be_bytes(bytes) } else { <$element>::from_le_bytes(bytes) };
                    let (widened, value) = (element as f64, i128::from(element));
                    // Back in 128 bits, not in 64: there the conversion would saturate and hide a
                    // rounding up to 2^63.
                    if widened as i128 != value {
                        return Err(Unrepresentable { offset, value });
                    }
                    values.push(widened);
                }
                Ok(())
            }};
        }
        match self {
            Self::Bool => {
                if let Some(offset) = bytes.iter().position(|&byte| byte > 1) {
                    return Err(Unrepresentable { offset, value: bytes[offset].into() });
                }
                each!(u8, f64::from)
            }
            Self::I8 => each!(i8, f64::from),
            Self::I16 => each!(i16, f64::from),
            Self::I32 => each!(i32, f64::from),
            Self::I64 => each_checked!(i64),
            Self::U8 => each!(u8, f64::from),
            Self::U16 => each!(u16, f64::from),
            Self::U32 => each!(u32, f64::from),
            Self::U64 => each_checked!(u64),
            Self::F16 => each!(f16, f16::to_f64),
            Self::BF16 => each!(bf16, bf16::to_f64),
            Self::F32 => each!(f32, f64::from),
            Self::F64 => each!(f64, f64::from),
        }
    }
}
