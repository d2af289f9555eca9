//! The catalog's shape and the pure decisions around it.

use super::*;
