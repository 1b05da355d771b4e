//! The instructions of a pickle that tensors need, protocols 2 to 5.
//!
//! The instructions are those of CPython's `pickletools`.

use std::collections::HashMap;

use super::objects::{Global, Object, Storage, Tensor, Value};
use super::problem::Problem;
use super::tape::Tape;

/// A network of a hundred thousand tensors makes fewer objects.
const MOST_OBJECTS: usize = 4_000_000;
/// As many axes as PyTorch makes. What a file may refer to again and again must be short.
const MOST_AXES: usize = 64;
/// Bytes of a storage's name, which is a number.
const LONGEST_KEY: usize = 64;
/// Bits that change a tensor; there are two.
const MOST_BITS: usize = 16;

/// A pickle being read: its objects, its stack, and the objects that it refers to again.
#[derive(Debug)]
pub(crate) struct Machine<'a> {
    tape: Tape<'a>,
    objects: Vec<Object>,
    stack: Vec<Value>,
    /// Where the stack stood at every mark.
    marks: Vec<usize>,
    memo: HashMap<u32, Value>,
}

impl<'a> Machine<'a> {
    /// Follows the instructions to the end; the value that they leave.
    pub(super) fn run(bytes: &'a [u8]) -> Result<(Self, Value), Problem> {
        let mut machine = Self { tape: Tape::new(bytes), objects: Vec::new(), stack: Vec::new(), marks: Vec::new(), memo: HashMap::new() };
        loop {
            let code = machine.tape.byte()?;
            if code == b'.' {
                let root = machine.pop()?;
                return Ok((machine, root));
            }
            machine.step(code)?;
            if machine.objects.len().max(machine.stack.len()).max(machine.marks.len()).max(machine.memo.len()) > MOST_OBJECTS {
                return Err(Problem::TooMany { most: MOST_OBJECTS });
            }
        }
    }

    /// The object that a value stands for.
    pub(super) fn object(&self, value: Value) -> Option<&Object> {
        match value {
            Value::Object(number) => self.objects.get(number),
            _ => None,
        }
    }

    fn step(&mut self, code: u8) -> Result<(), Problem> {
        match code {
            // PROTO, FRAME: nothing depends on them.
            0x80 => self.tape.skip(1),
            0x95 => self.tape.skip(8),
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'J' => {
                let number = i32::from_le_bytes(self.tape.array()?);
                self.push(Value::Integer(number.into()))
            }
            b'K' => {
                let number = self.tape.byte()?;
                self.push(Value::Integer(number.into()))
            }
            b'M' => {
                let number = u16::from_le_bytes(self.tape.array()?);
                self.push(Value::Integer(number.into()))
            }
            // LONG1.
            0x8a => {
                let length = usize::from(self.tape.byte()?);
                let number = self.tape.integer(length)?;
                self.push(number.map_or(Value::Other, Value::Integer))
            }
            // BINFLOAT, and bytes with a short and with a long length.
            b'G' => self.opaque(8),
            b'C' => {
                let length = usize::from(self.tape.byte()?);
                self.opaque(length)
            }
            b'B' => {
                let length = self.tape.number()? as usize;
                self.opaque(length)
            }
            // BINUNICODE, SHORT_BINUNICODE.
            b'X' => {
                let length = self.tape.number()? as usize;
                self.text(length)
            }
            0x8c => {
                let length = usize::from(self.tape.byte()?);
                self.text(length)
            }
            b')' => self.create(Object::Tuple(Vec::new())),
            0x85..=0x87 => {
                let items = self.pop_several(usize::from(code - 0x84))?;
                self.create(Object::Tuple(items))
            }
            b't' => {
                let items = self.pop_to_mark()?;
                self.create(Object::Tuple(items))
            }
            b']' => self.create(Object::List(Vec::new())),
            b'}' => self.create(Object::Dictionary(Vec::new())),
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'a' => {
                let items = self.pop_several(1)?;
                self.append(items)
            }
            b'e' => {
                let items = self.pop_to_mark()?;
                self.append(items)
            }
            b's' => {
                let items = self.pop_several(2)?;
                self.set(&items)
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                self.set(&items)
            }
            // BINPUT, LONG_BINPUT, MEMOIZE; BINGET, LONG_BINGET.
            b'q' => {
                let key = self.tape.byte()?.into();
                self.remember(key)
            }
            b'r' => {
                let key = self.tape.number()?;
                self.remember(key)
            }
            0x94 => self.remember(self.memo.len() as u32),
            b'h' => {
                let key = self.tape.byte()?.into();
                self.recall(key)
            }
            b'j' => {
                let key = self.tape.number()?;
                self.recall(key)
            }
            b'c' => {
                let (module, name) = (self.tape.line()?, self.tape.line()?);
                let global = Global::find(&module, &name)?;
                self.create(Object::Global(global))
            }
            0x93 => {
                let names = self.pop_several(2)?;
                let global = Global::find(self.string(names[0])?, self.string(names[1])?)?;
                self.create(Object::Global(global))
            }
            b'Q' => {
                let id = self.pop()?;
                let storage = self.storage(id)?;
                self.create(Object::Storage(storage))
            }
            b'R' => self.call(),
            // BUILD: the attributes of a dictionary of PyTorch, which hold no tensors.
            b'b' => {
                let _attributes = self.pop()?;
                match self.stack.last().and_then(|&top| self.object(top)) {
                    Some(Object::Dictionary(_)) => Ok(()),
                    _ => Err(self.malformed("attributes of something else than a dictionary")),
                }
            }
            code => Err(Problem::Instruction { code, at: self.tape.at() - 1 }),
        }
    }

    /// What a function that is known would make of its arguments.
    fn call(&mut self) -> Result<(), Problem> {
        let called = self.pop_several(2)?;
        let Some(Object::Tuple(arguments)) = self.object(called[1]) else {
            return Err(self.malformed("a call without a tuple of arguments"));
        };
        let Some(&Object::Global(global)) = self.object(called[0]) else {
            return Err(self.malformed("a call of something that is no function"));
        };
        let made = match (global, &arguments[..]) {
            (Global::OrderedDict, []) => Object::Dictionary(Vec::new()),
            (Global::Size, &[lengths]) => Object::Tuple(self.axes(lengths)?.to_vec()),
            (Global::Device, _) => Object::Inert,
            (Global::Tensor, &[storage, offset, shape, strides, ref rest @ ..]) => {
                self.require_unchanged(rest.get(2))?;
                Object::Tensor(self.tensor(storage, offset, shape, strides, None)?)
            }
            (Global::TypedTensor, &[storage, offset, shape, strides, _, _, element, ref rest @ ..]) => {
                self.require_unchanged(rest.first())?;
                let Some(&Object::Global(Global::Type(element))) = self.object(element) else {
                    return Err(self.malformed("a tensor without the type of its elements"));
                };
                Object::Tensor(self.tensor(storage, offset, shape, strides, Some(element))?)
            }
            (Global::Parameter, &[tensor, ..]) => match self.object(tensor) {
                Some(Object::Tensor(tensor)) => Object::Tensor(tensor.clone()),
                _ => return Err(self.malformed("a parameter without a tensor")),
            },
            _ => return Err(self.malformed("a call with other arguments than the function has")),
        };
        self.create(made)
    }

    fn tensor(
        &self,
        storage: Value,
        offset: Value,
        shape: Value,
        strides: Value,
        element: Option<&'static str>,
    ) -> Result<Tensor, Problem> {
        let Some(Object::Storage(storage)) = self.object(storage) else { return Err(self.malformed("a tensor without a storage")) };
        let lengths =
            |value| -> Result<Vec<usize>, Problem> { self.axes(value)?.iter().map(|&item| Ok(self.natural(item)? as usize)).collect() };
        let (shape, strides) = (lengths(shape)?, lengths(strides)?);
        if shape.len() != strides.len() {
            return Err(self.malformed("a tensor with another number of strides than axes"));
        }
        let element = element.or(storage.element).ok_or_else(|| self.malformed("a tensor without the type of its elements"))?;
        Ok(Tensor { storage: storage.clone(), element, offset: self.natural(offset)?, shape, strides })
    }

    /// Asks that a tensor is what is stored: the last argument names bits that change it.
    fn require_unchanged(&self, bits: Option<&Value>) -> Result<(), Problem> {
        match bits.map(|&bits| (bits, self.object(bits))) {
            None | Some((Value::None, _)) => Ok(()),
            Some((_, Some(Object::Dictionary(entries)))) if entries.len() <= MOST_BITS => {
                match entries.iter().find(|(_, value)| *value != Value::Bool(false)) {
                    None => Ok(()),
                    Some(&(key, _)) => Err(Problem::Changed { what: self.string(key)?.to_owned() }),
                }
            }
            Some(_) => Err(self.malformed("bits of a tensor that are no short dictionary")),
        }
    }

    /// The storage of a persistent id: `("storage", type, key, device, length)`.
    fn storage(&self, id: Value) -> Result<Storage, Problem> {
        let &[kind, storage, key, _, length, ..] = self.items(id)? else {
            return Err(self.malformed("a persistent id that is no storage"));
        };
        match self.object(storage) {
            Some(&Object::Global(Global::Storage(element))) if self.string(kind)? == "storage" => {
                let key = self.string(key)?;
                if key.len() > LONGEST_KEY {
                    return Err(self.malformed("a storage with a long name"));
                }
                Ok(Storage { key: key.to_owned(), element, length: self.natural(length)? })
            }
            _ => Err(self.malformed("a persistent id that is no storage")),
        }
    }

    fn append(&mut self, items: Vec<Value>) -> Result<(), Problem> {
        match self.top()? {
            Object::List(list) => list.extend(items),
            _ => return Err(self.malformed("items of something else than a list")),
        }
        Ok(())
    }

    fn set(&mut self, items: &[Value]) -> Result<(), Problem> {
        let (pairs, rest) = items.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(self.malformed("a key without a value"));
        }
        match self.top()? {
            Object::Dictionary(entries) => entries.extend(pairs.iter().map(|&[key, value]| (key, value))),
            _ => return Err(self.malformed("entries of something else than a dictionary")),
        }
        Ok(())
    }

    fn top(&mut self) -> Result<&mut Object, Problem> {
        let empty = Problem::Malformed { at: self.tape.at(), detail: "no object on the stack" };
        match self.stack.last() {
            Some(&Value::Object(number)) => self.objects.get_mut(number).ok_or(empty),
            _ => Err(empty),
        }
    }

    fn create(&mut self, object: Object) -> Result<(), Problem> {
        self.objects.push(object);
        self.push(Value::Object(self.objects.len() - 1))
    }

    fn push(&mut self, value: Value) -> Result<(), Problem> {
        self.stack.push(value);
        Ok(())
    }

    /// The last value above the last mark.
    fn pop(&mut self) -> Result<Value, Problem> {
        self.pop_several(1).map(|values| values[0])
    }

    fn pop_several(&mut self, count: usize) -> Result<Vec<Value>, Problem> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(start) if start >= floor => Ok(self.stack.split_off(start)),
            _ => Err(self.malformed("an empty stack")),
        }
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value>, Problem> {
        let start = self.marks.pop().ok_or_else(|| self.malformed("no mark on the stack"))?;
        Ok(self.stack.split_off(start))
    }

    fn remember(&mut self, key: u32) -> Result<(), Problem> {
        let top = *self.stack.last().ok_or_else(|| self.malformed("an empty stack"))?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<(), Problem> {
        let value = *self.memo.get(&key).ok_or_else(|| self.malformed("a reference to nothing"))?;
        self.push(value)
    }

    fn items(&self, value: Value) -> Result<&[Value], Problem> {
        match self.object(value) {
            Some(Object::Tuple(items) | Object::List(items)) => Ok(items),
            _ => Err(self.malformed("something else than a tuple")),
        }
    }

    /// The lengths of axes, or their strides.
    fn axes(&self, value: Value) -> Result<&[Value], Problem> {
        let items = self.items(value)?;
        if items.len() <= MOST_AXES { Ok(items) } else { Err(self.malformed("a tensor with more than 64 axes")) }
    }

    fn string(&self, value: Value) -> Result<&str, Problem> {
        match self.object(value) {
            Some(Object::Text(text)) => Ok(text),
            _ => Err(self.malformed("something else than a text")),
        }
    }

    fn natural(&self, value: Value) -> Result<u64, Problem> {
        match value {
            Value::Integer(number) if number >= 0 => Ok(number as u64),
            _ => Err(self.malformed("a length that is no natural number of up to 63 bits")),
        }
    }

    fn text(&mut self, length: usize) -> Result<(), Problem> {
        let bytes = self.tape.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.malformed("a text that is not UTF-8"))?;
        self.create(Object::Text(text.to_owned()))
    }

    fn opaque(&mut self, length: usize) -> Result<(), Problem> {
        self.tape.skip(length)?;
        self.push(Value::Other)
    }

    fn malformed(&self, detail: &'static str) -> Problem {
        Problem::Malformed { at: self.tape.at(), detail }
    }
}
