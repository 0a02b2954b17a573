//! The engine as a shell meets it: real sockets on the loopback interface, real files, observations in, requests out.

// `cfg(test)` tells clippy that the helpers are tests as well.
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod dropping;
#[cfg(test)]
mod enrichment;
#[cfg(test)]
mod hooks_file;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod one_message;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod quiet;
#[cfg(test)]
mod refused_pictures;
#[cfg(test)]
mod resending;
#[cfg(test)]
mod restarts;
#[cfg(test)]
mod services;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tests_and_previews;
#[cfg(test)]
mod troubles;
