//! Every service, by the cases in `tests/cases/services`: what is asked and answered, and what is sent for it, byte for byte.

mod answers;
mod cases;
mod pasted;
