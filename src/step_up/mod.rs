mod method;

pub use method::Method;
