//! Raw spans of every dialect to one canonical, priced span. Pure.
