package io.fundamentallm.runtime.gpu.graph;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a graph holds logits, keys and values. */
public enum Precision {
  F32(OnnxJavaType.FLOAT),
  /** IEEE binary16. */
  F16(OnnxJavaType.FLOAT16),
  /** The upper half of binary32. */
  BF16(OnnxJavaType.BFLOAT16);

  private final OnnxJavaType type;

  Precision(OnnxJavaType type) {
    this.type = type;
  }

  /** The precision of tensors of a type, if there is one. */
  static Optional<Precision> of(OnnxJavaType type) {
    return Arrays.stream(values()).filter(precision -> precision.type == type).findFirst();
  }

  public OnnxJavaType type() {
    return type;
  }

  /** Bytes of a number. */
  public int bytes() {
    return type.size;
  }

  /**
   * Reads numbers.
   *
   * @param from the index of the first
   */
  public void read(ByteBuffer numbers, int from, float[] into) {
    switch (this) {
      case F32 -> numbers.asFloatBuffer().get(from, into);
      case F16 -> {
        for (int i = 0; i < into.length; i++) {
          into[i] = Fp16Conversions.fp16ToFloat(numbers.getShort(Short.BYTES * (from + i)));
        }
      }
      case BF16 -> {
        for (int i = 0; i < into.length; i++) {
          into[i] = Fp16Conversions.bf16ToFloat(numbers.getShort(Short.BYTES * (from + i)));
        }
      }
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
