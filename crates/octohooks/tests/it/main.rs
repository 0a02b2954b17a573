//! The built program, its arguments, its output, and real sockets.

// `cfg(test)` tells clippy that the helpers are tests as well.
#[cfg(test)]
mod listen;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod render;
