package io.fundamentallm.runtime.cpu.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What ggml writes for a row of floats, and what it reads back: the formulas of its {@code
 * quantize_row_*_ref} and {@code dequantize_row_*} (ggml-quants.c), in double where a result does
 * not depend on it. Of the runtime nothing is used.
 */
public final class GgmlReference {

  /** A type of blocks, by the number that it has in a file. */
  public enum Type {
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    IQ4_NL(20, 32, 18),
    IQ4_XS(23, 256, 136),
    MXFP4(39, 32, 17);

    /** Of ggml_type. */
    public final int number;

    /** Numbers in a block. */
    public final int elements;

    /** Bytes of a block. */
    public final int bytes;

    Type(int number, int elements, int bytes) {
      this.number = number;
      this.elements = elements;
      this.bytes = bytes;
    }
  }

  private GgmlReference() {}

  /** Whole blocks as a file holds them. */
  public static byte[] quantize(Type type, float[] values) {
    ByteBuffer out =
        ByteBuffer.allocate(values.length / type.elements * type.bytes)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < values.length; from += type.elements) {
      switch (type) {
        case Q4_0 -> symmetric(values, from, 8, out);
        case Q5_0 -> symmetric(values, from, 16, out);
        case Q4_1 -> ranged(values, from, 15, out);
        case Q5_1 -> ranged(values, from, 31, out);
        case Q8_0 -> bytes(values, from, out);
        case Q4_K -> pairs(values, from, 15, out);
        case Q5_K -> pairs(values, from, 31, out);
        case Q6_K -> sixteens(values, from, out);
        case Q2_K -> twos(values, from, out);
        case Q3_K -> threes(values, from, out);
        case IQ4_NL -> nonlinear(values, from, out);
        case IQ4_XS -> nonlinearByEights(values, from, out);
        case MXFP4 -> microscaling(values, from, out);
      }
    }
    return out.array();
  }

  /** The signed number that lies furthest from zero becomes the code of the most negative. */
  private static void symmetric(float[] x, int from, int max, ByteBuffer out) {
    float furthest = 0;
    for (int i = from; i < from + 32; i++) {
      furthest = Math.abs(x[i]) > Math.abs(furthest) ? x[i] : furthest;
    }
    float d = furthest / -max;
    float inverse = d == 0 ? 0 : 1 / d;
    int[] q = new int[32];
    for (int i = 0; i < 32; i++) {
      q[i] = Math.min(2 * max - 1, (int) (x[from + i] * inverse + max + 0.5f));
    }
    out.putShort(half(d));
    codes(q, max, out);
  }

  private static void ranged(float[] x, int from, int max, ByteBuffer out) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + 32; i++) {
      low = Math.min(low, x[i]);
      high = Math.max(high, x[i]);
    }
    float d = (high - low) / max;
    float inverse = d == 0 ? 0 : 1 / d;
    int[] q = new int[32];
    for (int i = 0; i < 32; i++) {
      q[i] = Math.min(max, (int) ((x[from + i] - low) * inverse + 0.5f));
    }
    out.putShort(half(d)).putShort(half(low));
    codes(q, max, out);
  }

  /** Fifth bits where there are any, then the halves of 16 bytes. */
  private static void codes(int[] q, int max, ByteBuffer out) {
    if (max > 15) {
      int fifths = 0;
      for (int i = 0; i < 32; i++) {
        fifths |= (q[i] >> 4) << i;
      }
      out.putInt(fifths);
    }
    for (int i = 0; i < 16; i++) {
      out.put((byte) (q[i] & 15 | (q[i + 16] & 15) << 4));
    }
  }

  private static void bytes(float[] x, int from, ByteBuffer out) {
    float largest = 0;
    for (int i = from; i < from + 32; i++) {
      largest = Math.max(largest, Math.abs(x[i]));
    }
    float d = largest / 127;
    float inverse = d == 0 ? 0 : 1 / d;
    out.putShort(half(d));
    for (int i = from; i < from + 32; i++) {
      out.put((byte) Math.rint(x[i] * inverse));
    }
  }

  /** Eight scales and minima of 6 bits, each for 32 numbers. */
  private static void pairs(float[] x, int from, int max, ByteBuffer out) {
    int[] q = new int[256];
    float[] scales = new float[8];
    float[] minima = new float[8];
    float largestScale = 0;
    float largestMinimum = 0;
    for (int j = 0; j < 8; j++) {
      leastSquares(x, from + 32 * j, max, q, 32 * j, scales, minima, j);
      largestScale = Math.max(largestScale, scales[j]);
      largestMinimum = Math.max(largestMinimum, minima[j]);
    }
    float inverseScale = largestScale > 0 ? 63 / largestScale : 0;
    float inverseMinimum = largestMinimum > 0 ? 63 / largestMinimum : 0;
    int[] ls = new int[8];
    int[] lm = new int[8];
    for (int j = 0; j < 8; j++) {
      ls[j] = Math.min(63, (int) Math.rint(inverseScale * scales[j]));
      lm[j] = Math.min(63, (int) Math.rint(inverseMinimum * minima[j]));
    }
    short d = half(largestScale / 63);
    short dmin = half(largestMinimum / 63);
    for (int j = 0; j < 8; j++) {
      float step = fromHalf(d) * ls[j];
      float minimum = fromHalf(dmin) * lm[j];
      for (int i = 0; step != 0 && i < 32; i++) {
        double code = Math.rint((x[from + 32 * j + i] + minimum) / step);
        q[32 * j + i] = (int) Math.max(0, Math.min(max, code));
      }
    }
    out.putShort(d).putShort(dmin);
    for (int i = 0; i < 4; i++) {
      out.put((byte) (ls[i] | (ls[i + 4] >> 4) << 6));
    }
    for (int i = 0; i < 4; i++) {
      out.put((byte) (lm[i] | (lm[i + 4] >> 4) << 6));
    }
    for (int i = 4; i < 8; i++) {
      out.put((byte) (ls[i] & 15 | (lm[i] & 15) << 4));
    }
    for (int i = 0; max == 31 && i < 32; i++) {
      int fifths = 0;
      for (int j = 0; j < 8; j++) {
        fifths |= (q[32 * j + i] >> 4) << j;
      }
      out.put((byte) fifths);
    }
    for (int j = 0; j < 8; j += 2) {
      for (int i = 0; i < 32; i++) {
        out.put((byte) (q[32 * j + i] & 15 | (q[32 * j + 32 + i] & 15) << 4));
      }
    }
  }

  /** Tries ranges of codes, fits scale and minimum to each: make_qkx2_quants. */
  private static void leastSquares(
      float[] x, int from, int max, int[] q, int to, float[] scales, float[] minima, int at) {
    double low = 0;
    double high = Double.NEGATIVE_INFINITY;
    double squares = 0;
    for (int i = from; i < from + 32; i++) {
      low = Math.min(low, x[i]);
      high = Math.max(high, x[i]);
      squares += (double) x[i] * x[i];
    }
    minima[at] = (float) -low;
    if (high == low) {
      scales[at] = 0;
      return;
    }
    double scale = (high - low) / max;
    double minimum = low;
    double best = Double.POSITIVE_INFINITY;
    double first = max == 15 ? -1 : -0.5;
    for (int attempt = -1; attempt <= (max == 15 ? 20 : 15); attempt++) {
      double inverse = (attempt < 0 ? max : first + 0.1 * attempt + max) / (high - low);
      int[] codes = new int[32];
      double[] sum = new double[6]; // of weights, and weighted: q, q², x, x·q
      for (int i = 0; i < 32; i++) {
        double value = x[from + i];
        codes[i] = (int) Math.max(0, Math.min(max, Math.rint(inverse * (value - low))));
        double weight = Math.sqrt(squares / 32) + Math.abs(value);
        sum[0] += weight;
        sum[1] += weight * codes[i];
        sum[2] += weight * codes[i] * codes[i];
        sum[3] += weight * value;
        sum[4] += weight * value * codes[i];
      }
      double determinant = sum[0] * sum[2] - sum[1] * sum[1];
      double slope = attempt < 0 ? scale : (sum[0] * sum[4] - sum[3] * sum[1]) / determinant;
      double start = attempt < 0 ? low : (sum[2] * sum[3] - sum[1] * sum[4]) / determinant;
      if (start > 0) {
        start = 0;
        slope = sum[4] / sum[2];
      }
      double error = 0;
      for (int i = 0; i < 32; i++) {
        double difference = slope * codes[i] + start - x[from + i];
        double weight = Math.sqrt(squares / 32) + Math.abs(x[from + i]);
        error += weight * difference * difference;
      }
      if ((attempt < 0 || determinant > 0) && error < best) {
        best = error;
        scale = slope;
        minimum = start;
        System.arraycopy(codes, 0, q, to, 32);
      }
    }
    scales[at] = (float) scale;
    minima[at] = (float) -minimum;
  }

  /** Sixteen signed scales of 8 bits, each for 16 numbers of 6 bits. */
  private static void sixteens(float[] x, int from, ByteBuffer out) {
    float[] scales = new float[16];
    float furthest = 0;
    for (int j = 0; j < 16; j++) {
      scales[j] = bestScale(x, from + 16 * j);
      furthest = Math.abs(scales[j]) > Math.abs(furthest) ? scales[j] : furthest;
    }
    int[] q = new int[256];
    byte[] held = new byte[16];
    short d = 0;
    if (Math.abs(furthest) >= 1e-15f) {
      float inverse = -128 / furthest;
      d = half(1 / inverse);
      for (int j = 0; j < 16; j++) {
        held[j] = (byte) Math.min(127, Math.rint(inverse * scales[j]));
        float step = fromHalf(d) * held[j];
        for (int i = 16 * j; i < 16 * j + 16; i++) {
          double code = step == 0 ? 0 : Math.rint(x[from + i] / step);
          q[i] = (int) Math.max(-32, Math.min(31, code)) + 32;
        }
      }
    }
    for (int half = 0; half < 256; half += 128) {
      for (int i = 0; i < 64; i++) {
        out.put((byte) (q[half + i] & 15 | (q[half + 64 + i] & 15) << 4));
      }
    }
    for (int half = 0; half < 256; half += 128) {
      for (int i = 0; i < 32; i++) {
        int upper = 0;
        for (int part = 0; part < 4; part++) {
          upper |= (q[half + 32 * part + i] >> 4) << 2 * part;
        }
        out.put((byte) upper);
      }
    }
    out.put(held).putShort(d);
  }

  /** The scale of 16 numbers whose squared error, weighted by their squares, is least. */
  private static float bestScale(float[] x, int from) {
    double furthest = 0;
    for (int i = from; i < from + 16; i++) {
      furthest = Math.abs(x[i]) > Math.abs(furthest) ? x[i] : furthest;
    }
    if (Math.abs(furthest) < 1e-15) {
      return 0;
    }
    double scale = 0;
    double best = Double.NEGATIVE_INFINITY;
    for (int attempt = -9; attempt <= 9; attempt++) {
      double inverse = -(32 + 0.1 * attempt) / furthest;
      double products = 0;
      double squares = 0;
      for (int i = from; i < from + 16; i++) {
        double code = Math.max(-32, Math.min(31, Math.rint(inverse * x[i])));
        double weight = (double) x[i] * x[i];
        products += weight * x[i] * code;
        squares += weight * code * code;
      }
      if (squares > 0 && products * products / squares > best) {
        best = products * products / squares;
        scale = products / squares;
      }
    }
    return (float) scale;
  }

  /** A scale and a minimum of 4 bits for each 16 numbers of 2 bits; the plain range of each. */
  private static void twos(float[] x, int from, ByteBuffer out) {
    double[] steps = new double[16];
    double[] lows = new double[16];
    double step = 0;
    double low = 0;
    for (int j = 0; j < 16; j++) {
      double high = 0;
      for (int i = from + 16 * j; i < from + 16 * j + 16; i++) {
        lows[j] = Math.min(lows[j], x[i]);
        high = Math.max(high, x[i]);
      }
      steps[j] = (high - lows[j]) / 3;
      step = Math.max(step, steps[j]);
      low = Math.max(low, -lows[j]);
    }
    short d = half((float) (step / 15));
    short dmin = half((float) (low / 15));
    int[] q = new int[256];
    for (int j = 0; j < 16; j++) {
      int scale = code(steps[j], fromHalf(d), 15);
      int minimum = code(-lows[j], fromHalf(dmin), 15);
      for (int i = 16 * j; i < 16 * j + 16; i++) {
        q[i] = code(x[from + i] + fromHalf(dmin) * minimum, fromHalf(d) * scale, 3);
      }
      out.put((byte) (scale | minimum << 4));
    }
    pairsOfBits(q, out);
    out.putShort(d).putShort(dmin);
  }

  private static int code(double value, double step, int most) {
    return step == 0 ? 0 : (int) Math.max(0, Math.min(most, Math.rint(value / step)));
  }

  private static void pairsOfBits(int[] q, ByteBuffer out) {
    for (int half = 0; half < 256; half += 128) {
      for (int i = half; i < half + 32; i++) {
        out.put((byte) (q[i] & 3 | (q[i + 32] & 3) << 2 | (q[i + 64] & 3) << 4 | q[i + 96] << 6));
      }
    }
  }

  /** A signed scale of 6 bits for each 16 numbers of 3 bits; the largest becomes code 0. */
  private static void threes(float[] x, int from, ByteBuffer out) {
    double[] steps = new double[16];
    double furthest = 0;
    for (int j = 0; j < 16; j++) {
      for (int i = from + 16 * j; i < from + 16 * j + 16; i++) {
        steps[j] = Math.abs(x[i]) > Math.abs(steps[j]) ? x[i] : steps[j];
      }
      steps[j] /= -4;
      furthest = Math.abs(steps[j]) > Math.abs(furthest) ? steps[j] : furthest;
    }
    short d = half((float) (furthest / -32));
    int[] q = new int[256];
    byte[] scales = new byte[12];
    byte[] mask = new byte[32];
    for (int j = 0; j < 16; j++) {
      int scale = code(steps[j] + 32.0 * fromHalf(d), fromHalf(d), 63);
      double step = fromHalf(d) * (scale - 32);
      for (int i = 16 * j; i < 16 * j + 16; i++) {
        q[i] = code(x[from + i] + 4 * step, step, 7);
        mask[i % 32] |= (byte) (q[i] >> 2 << i / 32);
      }
      scales[j % 8] |= (byte) ((scale & 15) << j / 8 * 4);
      scales[8 + j % 4] |= (byte) (scale >> 4 << j / 4 * 2);
    }
    out.put(mask);
    pairsOfBits(q, out);
    out.put(scales).putShort(d);
  }

  private static final int[] NONLINEAR = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static final double[] E2M1 = {
    0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6
  };

  private static int nearest(double[] table, double value) {
    int best = 0;
    for (int i = 1; i < table.length; i++) {
      best = Math.abs(table[i] - value) < Math.abs(table[best] - value) ? i : best;
    }
    return best;
  }

  private static double furthest(float[] x, int from) {
    double furthest = 0;
    for (int i = from; i < from + 32; i++) {
      furthest = Math.abs(x[i]) > Math.abs(furthest) ? x[i] : furthest;
    }
    return furthest;
  }

  private static void nonlinear(float[] x, int from, ByteBuffer out) {
    short d = half((float) (furthest(x, from) / -127));
    out.putShort(d);
    places(x, from, fromHalf(d), Arrays.stream(NONLINEAR).asDoubleStream().toArray(), out);
  }

  private static void places(float[] x, int from, double d, double[] table, ByteBuffer out) {
    int[] q = new int[32];
    for (int i = 0; i < 32; i++) {
      q[i] = d == 0 ? 8 : nearest(table, x[from + i] / d);
    }
    codes(q, 15, out);
  }

  private static void nonlinearByEights(float[] x, int from, ByteBuffer out) {
    double furthest = 0;
    for (int j = 0; j < 8; j++) {
      double one = furthest(x, from + 32 * j) / -127;
      furthest = Math.abs(one) > Math.abs(furthest) ? one : furthest;
    }
    short d = half((float) (furthest / -32));
    int[] scales = new int[8];
    int high = 0;
    for (int j = 0; j < 8; j++) {
      double step = furthest(x, from + 32 * j) / -127;
      scales[j] = code(step + 32.0 * fromHalf(d), fromHalf(d), 63);
      high |= scales[j] >> 4 << 2 * j;
    }
    out.putShort(d).putShort((short) high);
    for (int j = 0; j < 8; j += 2) {
      out.put((byte) (scales[j] & 15 | (scales[j + 1] & 15) << 4));
    }
    double[] table = Arrays.stream(NONLINEAR).asDoubleStream().toArray();
    for (int j = 0; j < 8; j++) {
      places(x, from + 32 * j, fromHalf(d) * (scales[j] - 32.0), table, out);
    }
  }

  /** OCP's rule: the power of two of the largest number, less that of 6. */
  private static void microscaling(float[] x, int from, ByteBuffer out) {
    double largest = Math.abs(furthest(x, from));
    int exponent = largest == 0 ? 0 : Math.max(0, Math.getExponent(largest) - 2 + 127);
    out.put((byte) exponent);
    places(x, from, Math.scalb(1.0, exponent - 127), E2M1, out);
  }

  /** The numbers that blocks stand for; exact but for the last bits of a double. */
  public static double[] dequantize(Type type, byte[] blocks) {
    ByteBuffer in = ByteBuffer.wrap(blocks).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[blocks.length / type.bytes * type.elements];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(type, in, i / type.elements * type.bytes, i % type.elements);
    }
    return values;
  }

  private static double value(Type type, ByteBuffer in, int at, int i) {
    int scaleAt =
        switch (type) {
          case Q6_K -> 208;
          case Q3_K -> 108;
          case Q2_K -> 80;
          default -> 0;
        };
    double d = fromHalf(in.getShort(at + scaleAt));
    return switch (type) {
      case Q4_0 -> d * (code(in, at + 2, i) - 8);
      case Q4_1 -> d * code(in, at + 4, i) + fromHalf(in.getShort(at + 2));
      case Q5_0 -> d * (code(in, at + 6, i) + 16 * bit(in.getInt(at + 2), i) - 16);
      case Q5_1 ->
          d * (code(in, at + 8, i) + 16 * bit(in.getInt(at + 4), i))
              + fromHalf(in.getShort(at + 2));
      case Q8_0 -> d * in.get(at + 2 + i);
      case Q4_K, Q5_K -> {
        int j = i / 32;
        int codes = at + (type == Type.Q4_K ? 16 : 48) + j / 2 * 32;
        int q = in.get(codes + i % 32) >> j % 2 * 4 & 15;
        q += type == Type.Q5_K ? 16 * bit(in.get(at + 16 + i % 32), j) : 0;
        int scale = in.get(at + 4 + (j < 4 ? j : j + 4));
        int minimum = in.get(at + 4 + j + 4);
        if (j < 4) {
          scale &= 63;
          minimum &= 63;
        } else {
          scale = scale & 15 | (in.get(at + 4 + j - 4) & 192) >> 2;
          minimum = minimum >> 4 & 15 | (in.get(at + 4 + j) & 192) >> 2;
        }
        yield d * scale * q - (double) fromHalf(in.getShort(at + 2)) * minimum;
      }
      case Q6_K -> {
        int half = i / 128;
        int part = i % 128 / 32;
        int low = in.get(at + 64 * half + part % 2 * 32 + i % 32) >> part / 2 * 4 & 15;
        int high = in.get(at + 128 + 32 * half + i % 32) >> 2 * part & 3;
        yield d * in.get(at + 192 + i / 16) * ((low | high << 4) - 32);
      }
      case Q2_K -> {
        int scales = in.get(at + i / 16);
        int q = in.get(at + 16 + i / 128 * 32 + i % 32) >> i % 128 / 32 * 2 & 3;
        yield d * (scales & 15) * q - (double) fromHalf(in.getShort(at + 82)) * (scales >> 4 & 15);
      }
      case Q3_K -> {
        int j = i / 16;
        int scale = in.get(at + 96 + j % 8) >> j / 8 * 4 & 15;
        scale |= (in.get(at + 104 + j % 4) >> j / 4 * 2 & 3) << 4;
        int q = in.get(at + 32 + i / 128 * 32 + i % 32) >> i % 128 / 32 * 2 & 3;
        yield d * (scale - 32) * (q - 4 + 4 * bit(in.get(at + i % 32), i / 32));
      }
      case IQ4_NL -> d * NONLINEAR[code(in, at + 2, i)];
      case IQ4_XS -> {
        int j = i / 32;
        int scale = in.get(at + 4 + j / 2) >> j % 2 * 4 & 15;
        scale |= (in.getShort(at + 2) >> 2 * j & 3) << 4;
        yield d * (scale - 32) * NONLINEAR[code(in, at + 8 + 16 * j, i % 32)];
      }
      case MXFP4 -> Math.scalb(E2M1[code(in, at + 1, i)], (in.get(at) & 0xFF) - 127);
    };
  }

  /** The first 16 codes are the lower halves of 16 bytes. */
  private static int code(ByteBuffer in, int at, int i) {
    return in.get(at + i % 16) >> i / 16 * 4 & 15;
  }

  private static int bit(int bits, int i) {
    return bits >> i & 1;
  }

  /** The nearest binary16, ties to even; infinite beyond its range. */
  public static short half(float value) {
    double size = Math.abs(value);
    int bits;
    if (size < 0x1p-14) {
      bits = (int) Math.rint(size * 0x1p24);
    } else {
      int exponent = Math.getExponent(size);
      // a mantissa rounded up to 2048 carries into the exponent, as it should
      bits = ((exponent + 14) << 10) + (int) Math.rint(Math.scalb(size, 10 - exponent));
    }
    return (short) (Math.min(0x7C00, bits) | (value < 0 ? 0x8000 : 0));
  }

  /** The float that a finite binary16 stands for. */
  public static float fromHalf(short half) {
    int exponent = half >> 10 & 31;
    int mantissa = half & 1023;
    float size =
        exponent == 0 ? Math.scalb(mantissa, -24) : Math.scalb(1024f + mantissa, exponent - 25);
    return half < 0 ? -size : size;
  }
}
