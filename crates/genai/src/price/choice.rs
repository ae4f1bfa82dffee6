//! Whose number is the cost of a call where client and price row both give one.

/// Whose number counts as the cost of a call where both are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CostChoice {
    /// What the client reports: its price may be negotiated.
    #[default]
    Reported,
    /// What the price row gives: price tables of clients age.
    Computed,
}

impl CostChoice {
    /// Every choice with its name.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Reported, "reported"), (Self::Computed, "computed")];

    /// The choice of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(choice, _)| *choice)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        let named = Self::ALL.iter().find(|(choice, _)| *choice == self);
        named.map_or("reported", |(_, name)| name)
    }
}
