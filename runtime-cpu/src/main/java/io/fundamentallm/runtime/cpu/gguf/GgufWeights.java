package io.fundamentallm.runtime.cpu.gguf;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a GGUF file holds a model's matrices. Vectors, position tables and routers of experts are
 * always 32-bit floats, as llama.cpp wants them. Immutable.
 *
 * <p>The forms with blocks search for each block's scale. A matrix whose rows are no whole blocks
 * gets the type that llama.cpp's quantiser would give it instead.
 */
public final class GgufWeights {
  /** 32-bit floats: the model itself. */
  public static final GgufWeights F32 = new GgufWeights(FileType.F32, null);

  /** 16-bit floats (IEEE 754 binary16). Weights beyond 65,504 are refused. */
  public static final GgufWeights F16 = new GgufWeights(FileType.F16, null);

  /** The upper halves of 32-bit floats, as most models are published. */
  public static final GgufWeights BF16 = new GgufWeights(FileType.BF16, null);

  /** 8 bits, and a scale for each 32 weights of a row. */
  public static final GgufWeights Q8_0 = new GgufWeights(FileType.Q8_0, null);

  /** 4 bits, and a scale for each 32 weights of a row; the head has 6 bits. */
  public static final GgufWeights Q4_0 = new GgufWeights(FileType.Q4_0, null);

  /**
   * 4 bits with scales and minima in blocks of 256, and 6 bits where they matter most: the head,
   * and in some layers the values and the last matrix of the feed-forward layer. llama.cpp's
   * mixture of this name.
   */
  public static final GgufWeights Q4_K_M = new GgufWeights(FileType.Q4_K_M, null);

  /** 6 bits in blocks of 256. */
  public static final GgufWeights Q6_K = new GgufWeights(FileType.Q6_K, null);

  private final FileType fileType;
  private final Optional<Path> importance;

  private GgufWeights(FileType fileType, @Nullable Path importance) {
    this.fileType = fileType;
    this.importance = Optional.ofNullable(importance);
  }

  /**
   * The same form, with errors counted by how much the model's inputs make of each column.
   *
   * @param file an importance matrix as llama.cpp's {@code llama-imatrix} writes it, a GGUF file;
   *     matrices that it does not name are written without
   * @throws IllegalArgumentException for forms without blocks
   */
  public GgufWeights withImportance(Path file) {
    if (!fileType.quantized()) {
      throw new IllegalArgumentException(
          fileType + " has no blocks to which importance could matter");
    }
    return new GgufWeights(fileType, requireNonNull(file, "file"));
  }

  FileType fileType() {
    return fileType;
  }

  Optional<Path> importance() {
    return importance;
  }

  @Override
  public String toString() {
    return fileType.name();
  }
}
