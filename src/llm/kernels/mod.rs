//! The engine's arithmetic: packed weight matrices, quantized activations, attention, and the threads that run them.
//! The only place with `unsafe`; everything it exports is safe to call and checks shapes before it touches memory.
//! It knows nothing of model files, architectures or tokens.
#![allow(unsafe_code)]
// Kernels: indices mirror the formulas, and inlining decides whether a value lives in a register.
#![allow(clippy::inline_always, clippy::needless_range_loop, clippy::many_single_char_names)]
#![allow(clippy::wildcard_imports, clippy::excessive_precision)]
#![warn(clippy::undocumented_unsafe_blocks)]
#![allow(clippy::int_plus_one, clippy::too_many_arguments)]

mod activations;
mod attention;
mod backend;
mod elementwise;
mod encoder;
mod encoder_backend;
#[cfg(test)]
mod encoder_tests;
mod fixed;
mod format;
mod heads;
mod matmul;
mod matrix;
mod pack;
mod pool;
mod scalar;
mod simd;
mod table;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(test)]
mod tests;

pub use activations::Activations;
pub(crate) use attention::POSITION_STEP;
pub use backend::{Backend, InstructionSet};
pub use elementwise::Gate;
pub use encoder::LayerNorm;
pub use fixed::{FixedArena, FixedMatrix, FixedRows};
pub use format::Format;
pub use heads::{AttentionScratch, HeadShape, MOST_HEAD_WIDTH, RopeAngles, RopePairs, Segment};
pub use matrix::{Arena, Matrix, Source, Stripe};
pub use pool::Pool;
