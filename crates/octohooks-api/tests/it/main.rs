//! The API as a page or another program meets it: requests with a caller in, JSON out.

// `cfg(test)` tells clippy that the helpers are tests as well.
#[cfg(test)]
mod bundle;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod rehearse;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod services;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trust;
