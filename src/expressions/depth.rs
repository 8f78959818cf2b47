//! How deep the tree of a text is at most, told from its words: reading a deeper one would overflow the stack.

/// Brackets and `CASE`s inside one another.
const NESTING_MAX: usize = 100;
/// Operators above one another in the tree: a chain of so many `OR`s is as deep as it is long.
const DEPTH_MAX: u32 = 1_000;

/// The levels at one place of the text.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    /// For every open bracket or `CASE` the levels inside it so far.
    open: Vec<u32>,
    /// The levels outside of all brackets.
    outside: u32,
    /// All of them.
    depth: u32,
}

impl Levels {
    /// Counts an operator.
    ///
    /// # Errors
    ///
    /// Says so when there are too many above one another.
    pub(crate) fn deeper(&mut self) -> Result<(), &'static str> {
        *self.open.last_mut().unwrap_or(&mut self.outside) += 1;
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err("it has too many operators to be read") } else { Ok(()) }
    }

    /// Opens a bracket.
    ///
    /// # Errors
    ///
    /// Says so when there are too many inside one another.
    pub(crate) fn open(&mut self) -> Result<(), &'static str> {
        self.deeper()?;
        self.open.push(0);
        if self.open.len() > NESTING_MAX { Err("it nests too deep to be read") } else { Ok(()) }
    }

    /// Closes a bracket; one too many is for the parser to tell.
    pub(crate) fn close(&mut self) {
        self.depth -= self.open.pop().unwrap_or(0);
    }

    /// Ends an element of a list: what follows stands beside it, not below.
    pub(crate) fn comma(&mut self) {
        let here = self.open.last_mut().unwrap_or(&mut self.outside);
        self.depth -= *here;
        *here = 0;
    }
}
