//! The places of the portal's navigation.

/// The places that the navigation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nav {
    /// The dashboard.
    Dashboard,
    /// Usage.
    Usage,
    /// What one owes, and why.
    Billing,
    /// What one brought to support.
    Tickets,
    /// What clients brought to support, for staff.
    Support,
    /// The profile.
    Profile,
    /// What protects the account.
    Security,
    /// What one was told: the bell leads there, and not the menu.
    Notifications,
}

impl Nav {
    /// Those of the menu, in its order.
    pub const ALL: [Self; 7] = [
        Self::Dashboard,
        Self::Usage,
        Self::Billing,
        Self::Tickets,
        Self::Support,
        Self::Profile,
        Self::Security,
    ];

    /// Where it leads.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Dashboard => "/",
            Self::Usage => "/usage",
            Self::Billing => "/billing",
            Self::Tickets => "/tickets",
            Self::Support => "/admin/tickets",
            Self::Profile => "/profile",
            Self::Security => "/security",
            Self::Notifications => "/notifications",
        }
    }

    /// What is drawn beside its name.
    #[must_use]
    pub fn icon(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Usage => "usage",
            Self::Billing => "billing",
            Self::Tickets | Self::Support => "support",
            Self::Profile => "profile",
            Self::Security => "security",
            Self::Notifications => "bell",
        }
    }

    /// The message that names it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Dashboard => "nav-dashboard",
            Self::Usage => "nav-usage",
            Self::Billing => "nav-billing",
            Self::Tickets => "nav-tickets",
            Self::Support => "nav-support",
            Self::Profile => "nav-profile",
            Self::Security => "nav-security",
            Self::Notifications => "nav-notifications",
        }
    }
}
