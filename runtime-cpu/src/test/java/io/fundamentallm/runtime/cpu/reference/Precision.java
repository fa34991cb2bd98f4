package io.fundamentallm.runtime.cpu.reference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

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
        out.putShort(half(value));
      }
    }

    @Override
    float read(ByteBuffer in, int index) {
      return fromHalf(in.getShort(2 * index));
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
  /** llama.cpp's blocks of 32: a scale in binary16, then 32 signed bytes. */
  Q8_0(8, 7, "float32") {
    @Override
    void write(ByteBuffer out, float[] values) {
      for (int from = 0; from < values.length; from += BLOCK) {
        float largest = 0;
        for (int i = from; i < from + BLOCK; i++) {
          largest = Math.max(largest, Math.abs(values[i]));
        }
        float scale = largest / 127;
        out.putShort(half(scale));
        for (int i = from; i < from + BLOCK; i++) {
          out.put((byte) Math.round(scale == 0 ? 0 : values[i] / scale));
        }
      }
    }

    @Override
    float read(ByteBuffer in, int index) {
      int at = index / BLOCK * (BLOCK + 2);
      return fromHalf(in.getShort(at)) * in.get(at + 2 + index % BLOCK);
    }
  };

  static final int BLOCK = 32;

  /** The number of this type in a GGUF file. */
  final int ggmlType;

  /** What {@code general.file_type} of a GGUF file says where most tensors are of this type. */
  final int ggufFileType;

  /** What {@code torch_dtype} of config.json says. */
  final String torchType;

  Precision(int ggmlType, int ggufFileType, String torchType) {
    this.ggmlType = ggmlType;
    this.ggufFileType = ggufFileType;
    this.torchType = torchType;
  }

  abstract void write(ByteBuffer out, float[] values);

  abstract float read(ByteBuffer in, int index);

  byte[] bytes(float[] values) {
    ByteBuffer out = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    write(out, values);
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  float[] rounded(float[] values) {
    ByteBuffer in = ByteBuffer.wrap(bytes(values)).order(ByteOrder.LITTLE_ENDIAN);
    float[] rounded = new float[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = read(in, i);
    }
    return rounded;
  }

  /** Rounds to the nearest binary16, ties to even; for finite values below 65,520. */
  static short half(float value) {
    double size = Math.abs(value);
    int bits;
    if (size < 0x1p-14) {
      bits = (int) Math.rint(size * 0x1p24);
    } else {
      int exponent = Math.getExponent(size);
      // a mantissa rounded up to 2048 carries into the exponent, as it should
      bits = ((exponent + 14) << 10) + (int) Math.rint(Math.scalb(size, 10 - exponent));
    }
    return (short) (value < 0 ? bits | 0x8000 : bits);
  }

  static float fromHalf(short half) {
    int exponent = half >> 10 & 31;
    int mantissa = half & 1023;
    float size =
        exponent == 0 ? Math.scalb(mantissa, -24) : Math.scalb(1024f + mantissa, exponent - 25);
    return half < 0 ? -size : size;
  }
}
