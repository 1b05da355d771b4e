//! similitude
