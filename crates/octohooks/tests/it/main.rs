//! The built program, its arguments, its output, and real sockets.

mod listen;
mod listener;
