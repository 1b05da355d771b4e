//! Why a pickle is not read.

/// Why a pickle is not read. Messages follow the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It names something that is no tensor.
    #[error("the pickle asks for {module}.{name}, which is no part of a tensor and is not run; {}", remedy(module))]
    Global {
        /// Its module.
        module: String,
        /// Its name there.
        name: String,
    },

    /// An instruction that tensors do not need.
    #[error("the pickle uses the instruction {code:#04x} at byte {at}, which tensors do not need; {}", remedy(""))]
    Instruction {
        /// The instruction.
        code: u8,
        /// The byte that it stands at.
        at: usize,
    },

    /// It ends early.
    #[error("the pickle ends at byte {at}, where {wanted} more bytes were to come")]
    Short {
        /// Its bytes.
        at: usize,
        /// The bytes that are missing.
        wanted: usize,
    },

    /// Instructions that do not fit together.
    #[error("the pickle is damaged at byte {at}: {detail}")]
    Malformed {
        /// The byte after the instruction.
        at: usize,
        /// What does not fit.
        detail: &'static str,
    },

    /// More than any file of tensors has.
    #[error("the pickle makes more than {most} objects")]
    TooMany {
        /// The most that is read.
        most: usize,
    },

    /// Names that would fill the memory.
    #[error("the names of the tensors have more than {most} bytes together")]
    LongNames {
        /// The most that is read.
        most: usize,
    },

    /// Dictionaries in dictionaries without end.
    #[error("dictionaries and lists stand in each other more than {most} deep")]
    TooDeep {
        /// The most that is read.
        most: usize,
    },

    /// A key that cannot stand in a tensor's name.
    #[error("a tensor stands in {under:?} under a key that is neither text nor an integer, and so has no name")]
    Key {
        /// The keys above it.
        under: String,
    },

    /// A tensor that is computed from what is stored.
    #[error("a tensor is stored with the instruction to change it ({what}) when it is loaded; store it with .resolve_conj().resolve_neg()")]
    Changed {
        /// The instruction.
        what: String,
    },
}

/// How the tensors are stored so that they are read.
fn remedy(module: &str) -> &'static str {
    if module.starts_with("numpy") {
        "store arrays with numpy.savez('x.npz', **arrays), or tensors with torch.save({name: torch.from_numpy(array)}, 'x.pt')"
    } else {
        "store the tensors alone: safetensors.torch.save_file({name: tensor.contiguous()}, 'x.safetensors')"
    }
}
