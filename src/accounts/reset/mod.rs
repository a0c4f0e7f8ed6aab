//! The forgotten password: a link by mail, with which its reader chooses another one. What is answered to whoever
//! asks for the link, and how long it takes, does not depend on whether the address has an account. Using the link
//! signs nobody in, and does not stand in for a second factor.

pub mod actions;
pub mod forms;
pub mod pages;
