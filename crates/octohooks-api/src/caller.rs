//! What the person behind a request may do; said by the shell, in an extension of the request.

use std::str::FromStr;

/// The rights of a person. The default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caller {
    /// May look at hooks and deliveries.
    pub view: bool,
    /// May change hooks and see answers.
    pub manage: bool,
    /// Has entered their credentials recently.
    pub fresh: bool,
}

/// What a route needs of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The right to view.
    View,
    /// The right to manage.
    Manage,
    /// The right to manage, and fresh credentials: the route shows or changes what may be secret.
    ManageFresh,
}

/// Why a caller is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The right is missing.
    Forbidden,
    /// The credentials have to be entered again.
    Reauthenticate,
}

impl Caller {
    /// Whether the caller may use a route.
    ///
    /// # Errors
    /// Why not.
    pub const fn check(self, need: Need) -> Result<(), Refusal> {
        let (allowed, fresh) = match need {
            Need::View => (self.view || self.manage, true),
            Need::Manage => (self.manage, true),
            Need::ManageFresh => (self.manage, self.fresh),
        };
        match (allowed, fresh) {
            (false, _) => Err(Refusal::Forbidden),
            (true, false) => Err(Refusal::Reauthenticate),
            (true, true) => Ok(()),
        }
    }

    /// Whether this person may see answers and the texts of hooks: whatever a receiver sends back may hold a secret.
    pub const fn sees_answers(self) -> bool {
        self.manage && self.fresh
    }

    /// A caller with the named rights (`view`, `manage`, `fresh`); names that are unknown give nothing.
    pub fn with_rights<'name>(names: impl IntoIterator<Item = &'name str>) -> Self {
        let mut caller = Self::default();
        for right in names.into_iter().filter_map(|name| Right::from_str(name).ok()) {
            match right {
                Right::View => caller.view = true,
                Right::Manage => caller.manage = true,
                Right::Fresh => caller.fresh = true,
            }
        }
        caller
    }
}

enum Right {
    View,
    Manage,
    Fresh,
}

impl FromStr for Right {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "view" => Ok(Self::View),
            "manage" => Ok(Self::Manage),
            "fresh" => Ok(Self::Fresh),
            _ => Err(()),
        }
    }
}
