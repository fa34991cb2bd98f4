package io.fundamentallm.runtime.cpu.reference;

import io.fundamentallm.runtime.cpu.format.GgmlReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** How files hold numbers; written from the formats' definitions, a number at a time. */
enum Precision {
  /** IEEE 754 binary32. */
  F32(0, 0, "float32") {
    @Override
    void write(ByteBuffer out, float[] values) {
      for (float value : values) {
        out.putFloat(value);
      }
    }

    @Override
    float read(ByteBuffer in, int index) {
      return in.getFloat(4 * index);
    }
  },
  /** IEEE 754 binary16. */
  F16(1, 1, "float16") {
    @Override
    void write(ByteBuffer out, float[] values) {
      for (float value : values) {
        out.putShort(GgmlReference.half(value));
      }
    }

    @Override
    float read(ByteBuffer in, int index) {
      return GgmlReference.fromHalf(in.getShort(2 * index));
    }
  },
  /** The upper half of a binary32. */
  BF16(30, 32, "bfloat16") {
    @Override
    void write(ByteBuffer out, float[] values) {
      for (float value : values) {
        int bits = Float.floatToIntBits(value);
        out.putShort((short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16));
      }
    }

    @Override
    float read(ByteBuffer in, int index) {
      return Float.intBitsToFloat(in.getShort(2 * index) << 16);
    }
  },
  /** ggml's blocks, see {@link GgmlReference}. */
  Q4_0(GgmlReference.Type.Q4_0, 2),
  Q4_1(GgmlReference.Type.Q4_1, 3),
  Q5_0(GgmlReference.Type.Q5_0, 8),
  Q5_1(GgmlReference.Type.Q5_1, 9),
  Q8_0(GgmlReference.Type.Q8_0, 7),
  Q4_K(GgmlReference.Type.Q4_K, 14),
  Q5_K(GgmlReference.Type.Q5_K, 16),
  Q6_K(GgmlReference.Type.Q6_K, 18),
  Q2_K(GgmlReference.Type.Q2_K, 10),
  Q3_K(GgmlReference.Type.Q3_K, 12),
  IQ4_NL(GgmlReference.Type.IQ4_NL, 25),
  IQ4_XS(GgmlReference.Type.IQ4_XS, 30),
  MXFP4(GgmlReference.Type.MXFP4, 38);

  /** The number of this type in a GGUF file. */
  final int ggmlType;

  /** What {@code general.file_type} of a GGUF file says where most tensors are of this type. */
  final int ggufFileType;

  /** What {@code torch_dtype} of config.json says. */
  final String torchType;

  private final GgmlReference.@Nullable Type blocks;

  Precision(int ggmlType, int ggufFileType, String torchType) {
    this.ggmlType = ggmlType;
    this.ggufFileType = ggufFileType;
    this.torchType = torchType;
    this.blocks = null;
  }

  Precision(GgmlReference.Type blocks, int ggufFileType) {
    this.ggmlType = blocks.number;
    this.ggufFileType = ggufFileType;
    this.torchType = "float32";
    this.blocks = blocks;
  }

  void write(ByteBuffer out, float[] values) {
    throw new UnsupportedOperationException(name());
  }

  float read(ByteBuffer in, int index) {
    throw new UnsupportedOperationException(name());
  }

  /** Numbers that are stored together. */
  int block() {
    return blocks == null ? 1 : blocks.elements;
  }

  byte[] bytes(float[] values) {
    if (blocks != null) {
      return GgmlReference.quantize(blocks, values);
    }
    ByteBuffer out = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    write(out, values);
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  float[] rounded(float[] values) {
    ByteBuffer in = ByteBuffer.wrap(bytes(values)).order(ByteOrder.LITTLE_ENDIAN);
    float[] rounded = new float[values.length];
    if (blocks != null) {
      double[] exact = GgmlReference.dequantize(blocks, in.array());
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) exact[i];
      }
      return rounded;
    }
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = read(in, i);
    }
    return rounded;
  }
}
