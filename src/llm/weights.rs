//! Reading of GGUF files: metadata, vectors, and matrices packed in parallel straight from the file into one arena.
//! It knows no architecture. The file is read piece by piece and closed: no copy of it stays in memory.

use super::kernels::{Arena, Format, Matrix, Source, Stripe};
use candle_core::{
    Device,
    quantized::{GgmlDType, QStorage, QTensor, gguf_file},
};
use std::{
    borrow::Cow,
    collections::HashMap,
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// Why a model file was refused.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read the model file {path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a model file this program can read (GGUF): {reason}")]
    NotGguf { path: PathBuf, reason: String },
    #[error("the model's architecture `{0}` is not supported; supported are {supported}", supported = super::transformer::ARCHITECTURES.join(", "))]
    Architecture(String),
    #[error("the model file says nothing usable about `{0}`; it may be damaged, or made for another program")]
    Metadata(String),
    #[error("the model file has no weights called `{0}`; it may be damaged or cut short")]
    Missing(String),
    #[error("the weights `{name}` do not fit the model: {reason}")]
    Shape { name: String, reason: String },
    #[error("not enough memory for the model's {bytes} bytes of weights: {source}")]
    Memory { bytes: usize, source: std::io::Error },
}

/// Bytes a loading thread reads at once, about.
const READ_BYTES: usize = 1 << 20;

/// An opened model file.
pub(crate) struct ModelFile {
    path: PathBuf,
    content: gguf_file::Content,
    bytes: u64,
}

impl ModelFile {
    pub(crate) fn open(path: &Path) -> Result<Self, LoadError> {
        let io = |source| LoadError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        let content = gguf_file::Content::read(&mut BufReader::with_capacity(1 << 20, file))
            .map_err(|error| LoadError::NotGguf { path: path.to_owned(), reason: error.to_string() })?;
        Ok(Self { path: path.to_owned(), content, bytes })
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn metadata(&self, key: &str) -> Option<&gguf_file::Value> {
        self.content.metadata.get(key)
    }

    /// A whole number that must be there and must be positive.
    pub(crate) fn count(&self, key: &str) -> Result<usize, LoadError> {
        self.optional_count(key).filter(|count| *count > 0).ok_or_else(|| LoadError::Metadata(key.to_owned()))
    }

    pub(crate) fn optional_count(&self, key: &str) -> Option<usize> {
        let count = match self.metadata(key)? {
            gguf_file::Value::I32(value) => u64::try_from(*value).ok()?,
            value => value.to_u64().ok()?,
        };
        // Anything larger is nonsense, and would overflow sums of sizes.
        usize::try_from(count).ok().filter(|count| *count < 1 << 31)
    }

    pub(crate) fn optional_float(&self, key: &str) -> Option<f32> {
        self.metadata(key)?.to_f32().ok().filter(|value| value.is_finite())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    fn info(&self, name: &str) -> Result<&gguf_file::TensorInfo, LoadError> {
        self.content.tensor_infos.get(name).ok_or_else(|| LoadError::Missing(name.to_owned()))
    }

    /// Outputs and inputs of a matrix.
    pub(crate) fn matrix_shape(&self, name: &str) -> Result<(usize, usize), LoadError> {
        self.info(name)?.shape.dims2().map_err(|_| LoadError::Shape {
            name: name.to_owned(),
            reason: "a matrix was expected".to_owned(),
        })
    }

    /// A vector of exactly `len` values.
    pub(crate) fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, LoadError> {
        let shape = |reason: String| LoadError::Shape { name: name.to_owned(), reason };
        let info = self.info(name)?;
        if info.shape.elem_count() != len {
            return Err(shape(format!("{len} values were expected, there are {}", info.shape.elem_count())));
        }
        let mut file = self.reopen()?;
        let read = || -> candle_core::Result<Vec<f32>> {
            info.read(&mut file, self.content.tensor_data_offset, &Device::Cpu)?
                .dequantize(&Device::Cpu)?
                .flatten_all()?
                .to_vec1()
        };
        let mut read = read;
        read().map_err(|error| shape(error.to_string()))
    }

    fn reopen(&self) -> Result<File, LoadError> {
        File::open(&self.path).map_err(|source| LoadError::Io { path: self.path.clone(), source })
    }

    fn plan(&self, name: &str, columns: usize, width: usize) -> Result<Plan, LoadError> {
        let shape = |reason: String| LoadError::Shape { name: name.to_owned(), reason };
        let found = self.matrix_shape(name)?;
        if found != (columns, width) {
            return Err(shape(format!("{columns} x {width} was expected, it is {} x {}", found.0, found.1)));
        }
        let info = self.info(name)?;
        let dtype = info.ggml_dtype;
        let source = source_of(dtype);
        if !width.is_multiple_of(32) || !width.is_multiple_of(dtype.block_size()) {
            return Err(shape(format!("rows of {width} values are not whole blocks")));
        }
        let row_bytes = width / dtype.block_size() * dtype.type_size();
        let start = self.content.tensor_data_offset.saturating_add(info.offset);
        let end = start.saturating_add((row_bytes * columns) as u64);
        if end > self.bytes {
            return Err(shape("the file ends before they do".to_owned()));
        }
        Ok(Plan { dtype, source, columns, width, row_bytes, start, offset: 0 })
    }

    /// Loads the named matrices (outputs, inputs), packed, with `threads` threads.
    pub(crate) fn matrices(
        &self,
        wanted: &[(String, usize, usize)],
        threads: usize,
    ) -> Result<HashMap<String, Matrix>, LoadError> {
        let mut plans = Vec::with_capacity(wanted.len());
        let mut total = 0;
        for (name, columns, width) in wanted {
            let mut plan = self.plan(name, *columns, *width)?;
            plan.offset = total;
            total += Matrix::bytes_for(plan.source.format(), *columns, *width);
            plans.push(plan);
        }
        let mut arena = Arena::new(total).map_err(|source| LoadError::Memory { bytes: total, source })?;
        self.fill(&plans, arena.bytes_mut(), threads)?;
        let arena = Arc::new(arena);
        let named = wanted.iter().zip(&plans).map(|((name, ..), plan)| {
            let format = plan.source.format();
            (name.clone(), Matrix::new(Arc::clone(&arena), plan.offset, format, plan.columns, plan.width))
        });
        Ok(named.collect())
    }

    fn fill(&self, plans: &[Plan], mut memory: &mut [u8], threads: usize) -> Result<(), LoadError> {
        let mut pieces = Vec::new();
        for plan in plans {
            let stripe_bytes = Matrix::stripe_bytes(plan.source.format(), plan.width);
            let stripes = (READ_BYTES / (plan.row_bytes * Stripe::ROWS)).max(1);
            for first in (0..plan.columns).step_by(stripes * Stripe::ROWS) {
                let rows = (plan.columns - first).min(stripes * Stripe::ROWS);
                let (tiles, rest) = memory.split_at_mut(rows.div_ceil(Stripe::ROWS) * stripe_bytes);
                memory = rest;
                pieces.push(Piece { plan: *plan, first, rows, tiles });
            }
        }
        let pieces = Mutex::new(pieces.into_iter());
        let failure = Mutex::new(None);
        thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                scope.spawn(|| {
                    if let Err(error) = self.fill_pieces(&pieces) {
                        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    }
                });
            }
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn fill_pieces<'a>(&self, pieces: &Mutex<impl Iterator<Item = Piece<'a>>>) -> Result<(), LoadError> {
        let io = |source| LoadError::Io { path: self.path.clone(), source };
        let mut file = self.reopen()?;
        let mut bytes = Vec::new();
        loop {
            let Some(piece) = pieces.lock().unwrap_or_else(PoisonError::into_inner).next() else {
                return Ok(());
            };
            let plan = piece.plan;
            bytes.resize(piece.rows * plan.row_bytes, 0);
            file.seek(SeekFrom::Start(plan.start + (piece.first * plan.row_bytes) as u64)).map_err(io)?;
            file.read_exact(&mut bytes).map_err(io)?;
            let stripe_bytes = Matrix::stripe_bytes(plan.source.format(), plan.width);
            let stripes =
                bytes.chunks(Stripe::ROWS * plan.row_bytes).zip(piece.tiles.chunks_mut(stripe_bytes));
            for (rows, tiles) in stripes {
                match plan.source {
                    Source::Blocks(format) => Stripe::pack_blocks(format, rows, plan.row_bytes, tiles),
                    Source::Floats => {
                        let values = floats(plan.dtype, rows, plan.width).map_err(|error| {
                            LoadError::NotGguf { path: self.path.clone(), reason: error.to_string() }
                        })?;
                        Stripe::pack_floats(&values, plan.width, tiles);
                    }
                }
            }
        }
    }
}

/// Rows of any of the file's types as `f32`.
fn floats(dtype: GgmlDType, rows: &[u8], width: usize) -> candle_core::Result<Vec<f32>> {
    let count = rows.len() / dtype.type_size() * dtype.block_size();
    let storage = QStorage::from_data(Cow::Borrowed(rows), &Device::Cpu, dtype)?;
    let tensor = QTensor::new(storage, (count / width, width))?;
    tensor.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1()
}

fn source_of(dtype: GgmlDType) -> Source {
    match dtype {
        GgmlDType::Q4_0 => Source::Blocks(Format::FourBit),
        GgmlDType::Q4_1 => Source::Blocks(Format::FourBitMin),
        GgmlDType::Q8_0 => Source::Blocks(Format::EightBit),
        GgmlDType::Q4K => Source::Blocks(Format::FourBitSuper),
        GgmlDType::Q5K => Source::Blocks(Format::FiveBitSuper),
        GgmlDType::Q6K => Source::Blocks(Format::SixBitSuper),
        _ => Source::Floats,
    }
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    dtype: GgmlDType,
    source: Source,
    columns: usize,
    width: usize,
    row_bytes: usize,
    /// Where the rows begin in the file.
    start: u64,
    /// Where the tiles begin in the arena.
    offset: usize,
}

/// Some rows of a matrix, and the tiles they go to.
struct Piece<'a> {
    plan: Plan,
    first: usize,
    rows: usize,
    tiles: &'a mut [u8],
}
