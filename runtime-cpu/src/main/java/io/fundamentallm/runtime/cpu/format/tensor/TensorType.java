package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.model.Matrix;
import org.jspecify.annotations.Nullable;

/** The types of numbers that can be read as weights. */
public enum TensorType {
  /** 64-bit floats. */
  F64(1, 8, Matrix.Format.F32),
  /** 32-bit floats. */
  F32(1, 4, Matrix.Format.F32),
  /** IEEE 754 floats of 16 bits. */
  F16(1, 2, Matrix.Format.F32),
  /** The upper halves of 32-bit floats. */
  BF16(1, 2, Matrix.Format.F32),
  /** ggml: f16 d; 32 signed bytes. */
  Q8_0(32, 34, Matrix.Format.INT8),
  /** ggml: f16 d; 16 bytes of two numbers each. */
  Q4_0(32, 18, Matrix.Format.INT4),
  /** ggml: f16 d, m; 16 bytes of two numbers each. */
  Q4_1(32, 20, Matrix.Format.INT4),
  /** ggml: f16 d; 32 fifth bits; 16 bytes of two numbers each. */
  Q5_0(32, 22, Matrix.Format.INT8),
  /** ggml: f16 d, m; 32 fifth bits; 16 bytes of two numbers each. */
  Q5_1(32, 24, Matrix.Format.INT8),
  /** ggml: f16 d, dmin; 8 scales and minima of 6 bits; 128 bytes of two numbers each. */
  Q4_K(256, 144, Matrix.Format.INT4),
  /** ggml: as Q4_K, with 256 fifth bits before the last 128 bytes. */
  Q5_K(256, 176, Matrix.Format.INT8),
  /** ggml: 128 bytes of two numbers each; 256 upper pairs of bits; 16 scales of 8 bits; f16 d. */
  Q6_K(256, 210, Matrix.Format.INT8),
  /** ggml: 16 bytes of a scale and a minimum of 4 bits; 256 pairs of bits; f16 d, dmin. */
  Q2_K(256, 84, Matrix.Format.INT8),
  /** ggml: 256 third bits; 256 pairs of bits; 16 scales of 6 bits; f16 d. */
  Q3_K(256, 110, Matrix.Format.INT8),
  /** ggml: f16 d; 16 bytes of two places in a table of 16 numbers. */
  IQ4_NL(32, 18, Matrix.Format.INT8),
  /** ggml: f16 d; 8 scales of 6 bits; 128 bytes of two places in that table. */
  IQ4_XS(256, 136, Matrix.Format.INT8),
  /** OCP's microscaling format: a power of two; 16 bytes of two E2M1 floats of 4 bits. */
  MXFP4(32, 17, Matrix.Format.INT8);

  private final int blockElements;
  private final int blockBytes;
  private final Matrix.Format format;

  TensorType(int blockElements, int blockBytes, Matrix.Format format) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
    this.format = format;
  }

  /** The type with this name; null if there is none. */
  public static @Nullable TensorType of(String name) {
    for (TensorType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /** Numbers in a block. */
  public int blockElements() {
    return blockElements;
  }

  /** Bytes of a block. */
  public int blockBytes() {
    return blockBytes;
  }

  /** The smallest format that holds these numbers without loss, or nearly so. */
  Matrix.Format format() {
    return format;
  }

  /** Its blocks as the kernels hold them; null for floats. */
  @Nullable BlockFormat blocks() {
    return blockElements == 1 ? null : BlockFormat.valueOf(name());
  }

  /** Whether its blocks are blocks of {@link #format()}, number for number. */
  public boolean hasFormatBlocks() {
    return this == Q8_0 || this == Q5_0 || this == Q4_0 || this == Q4_1 || this == Q4_K;
  }
}
