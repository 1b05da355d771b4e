//! The named tensors among the objects of a pickle.

use std::borrow::Cow;

use super::machine::Machine;
use super::objects::{Object, Tensor, Value};
use super::problem::Problem;

/// Dictionaries that stand in each other deeper than this are nobody's network.
const DEEPEST: usize = 64;
/// Lists that stand in several lists are walked several times: their number is bounded.
const MOST_ENTRIES: usize = 1_000_000;
/// Bytes of all names together: one long key may stand over many tensors.
const LONGEST_NAMES: usize = 64 << 20;
/// The name of a tensor that is the whole file.
const ALONE: &str = "tensor";

/// The tensors of a pickle in their order. The names of dictionaries' keys and the indices of lists
/// are joined by `/`; what is no tensor (a step, a text) is left out.
pub(crate) fn named_tensors(bytes: &[u8]) -> Result<Vec<(String, Tensor)>, Problem> {
    let (machine, root) = Machine::run(bytes)?;
    let mut walk = Walk { machine: &machine, entries: 0, name_bytes: 0, path: Vec::new(), found: Vec::new() };
    walk.visit(root)?;
    Ok(walk.found)
}

struct Walk<'a> {
    machine: &'a Machine<'a>,
    entries: usize,
    name_bytes: usize,
    path: Vec<Cow<'a, str>>,
    found: Vec<(String, Tensor)>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, value: Value) -> Result<(), Problem> {
        self.entries += 1;
        if self.entries > MOST_ENTRIES {
            return Err(Problem::TooMany { most: MOST_ENTRIES });
        }
        if self.path.len() > DEEPEST {
            return Err(Problem::TooDeep { most: DEEPEST });
        }
        let machine = self.machine;
        match machine.object(value) {
            Some(Object::Tensor(tensor)) => {
                self.name_bytes += self.path.iter().map(|part| part.len()).sum::<usize>();
                if self.name_bytes > LONGEST_NAMES {
                    return Err(Problem::LongNames { most: LONGEST_NAMES });
                }
                let name = if self.path.is_empty() { ALONE.to_owned() } else { self.path.join("/") };
                self.found.push((name, tensor.clone()));
            }
            Some(Object::Dictionary(entries)) => {
                for &(key, value) in entries {
                    self.inside(self.key(key), value)?;
                }
            }
            Some(Object::List(items) | Object::Tuple(items)) => {
                for (index, &value) in items.iter().enumerate() {
                    self.inside(Some(index.to_string().into()), value)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn inside(&mut self, key: Option<Cow<'a, str>>, value: Value) -> Result<(), Problem> {
        let before = self.found.len();
        let unnamed = key.is_none();
        self.path.push(key.unwrap_or_default());
        self.visit(value)?;
        self.path.pop();
        // A key without a name matters only where a tensor would be called by it.
        if unnamed && self.found.len() > before { Err(Problem::Key { under: self.path.join("/") }) } else { Ok(()) }
    }

    fn key(&self, key: Value) -> Option<Cow<'a, str>> {
        let machine: &'a Machine<'a> = self.machine;
        match (key, machine.object(key)) {
            (Value::Integer(number), _) => Some(number.to_string().into()),
            (_, Some(Object::Text(text))) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }
}
