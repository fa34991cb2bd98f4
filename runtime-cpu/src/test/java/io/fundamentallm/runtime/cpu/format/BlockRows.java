package io.fundamentallm.runtime.cpu.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Rows of a tensor of some type, as a file holds them and as the numbers that they stand for. Each
 * row is of one {@link Kind}, by turns.
 */
public final class BlockRows {
  /** The types that the runtime reads from GGUF files. */
  public static final List<String> TYPES =
      List.of(
          "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K",
          "Q2_K", "Q3_K", "IQ4_NL", "IQ4_XS", "MXFP4");

  /** What a row is made of. All but the last are written by ggml's rules. */
  public enum Kind {
    NORMAL,
    POSITIVE,
    NEGATIVE,
    ZEROS,
    ZEROS_WITH_SIGNS,
    ONE_VALUE,
    ONE_NEGATIVE_VALUE,
    TWO_VALUES,
    AN_OUTLIER,
    FAR_ABOVE_ZERO,
    FAR_BELOW_ZERO,
    EACH_SIXTEEN_OF_ANOTHER_SIZE,
    SCALES_THAT_ARE_DENORMAL,
    VALUES_THAT_ARE_DENORMAL,
    THE_LARGEST,
    ANY_BITS
  }

  private final String type;
  private final int columns;
  private final byte[] bytes;
  private final double[] values;

  private BlockRows(String type, int columns, byte[] bytes, double[] values) {
    this.type = type;
    this.columns = columns;
    this.bytes = bytes;
    this.values = values;
  }

  /** Rows of all kinds. */
  public static BlockRows random(String type, int rows, int columns, Random random) {
    boolean floats = type.matches("B?F[0-9]+");
    float[] all = new float[rows * columns];
    for (int row = 0; row < rows; row++) {
      float[] some = row(kinds(row), columns, random);
      System.arraycopy(some, 0, all, row * columns, columns);
    }
    byte[] bytes = floats ? floats(type, all) : blocks(type, all);
    if (!floats) {
      int rowBytes = bytes.length / rows;
      for (int row = 0; row < rows; row++) {
        if (kinds(row) == Kind.ANY_BITS) {
          System.arraycopy(anyBits(type, rowBytes, random), 0, bytes, row * rowBytes, rowBytes);
        }
      }
    }
    double[] values =
        floats
            ? read(type, bytes)
            : GgmlReference.dequantize(GgmlReference.Type.valueOf(type), bytes);
    return new BlockRows(type, columns, bytes, values);
  }

  private static Kind kinds(int row) {
    return Kind.values()[row % Kind.values().length];
  }

  private static float[] row(Kind kind, int columns, Random random) {
    float[] x = new float[columns];
    float one = (float) random.nextGaussian();
    for (int i = 0; i < columns; i++) {
      float normal = (float) random.nextGaussian();
      float part = random.nextFloat();
      x[i] =
          switch (kind) {
            case NORMAL, ANY_BITS -> normal;
            case POSITIVE -> 0.5f + part;
            case NEGATIVE -> -0.5f - part;
            case ZEROS -> 0f;
            case ZEROS_WITH_SIGNS -> normal < 0 ? -0f : 0f;
            case ONE_VALUE -> Math.abs(one);
            case ONE_NEGATIVE_VALUE -> -Math.abs(one);
            case TWO_VALUES -> normal < 0 ? -one : one;
            case AN_OUTLIER -> i % 32 == 5 ? 3000 * normal : normal;
            case FAR_ABOVE_ZERO -> 100 + part;
            case FAR_BELOW_ZERO -> -100 - part;
            case EACH_SIXTEEN_OF_ANOTHER_SIZE -> normal * (float) Math.pow(10, i / 16 % 7 - 3);
            case SCALES_THAT_ARE_DENORMAL -> 1e-4f * normal;
            case VALUES_THAT_ARE_DENORMAL -> 1e-6f * normal;
            case THE_LARGEST -> normal < 0 ? -65504 * part : 65504 * part;
          };
    }
    return x;
  }

  private static byte[] floats(String type, float[] values) {
    ByteBuffer out = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case "F32" -> out.putFloat(value);
        case "F16" -> out.putShort(GgmlReference.half(value));
        default -> out.putShort((short) (Float.floatToIntBits(value) >> 16));
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static double[] read(String type, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[type.equals("F32") ? bytes.length / 4 : bytes.length / 2];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case "F32" -> in.getFloat();
            case "F16" -> GgmlReference.fromHalf(in.getShort());
            default -> Float.intBitsToFloat(in.getShort() << 16);
          };
    }
    return values;
  }

  private static byte[] blocks(String type, float[] values) {
    return GgmlReference.quantize(GgmlReference.Type.valueOf(type), values);
  }

  /** Any bits but for floats of 16 bits that are infinite or no numbers. */
  private static byte[] anyBits(String type, int length, Random random) {
    GgmlReference.Type blocks = GgmlReference.Type.valueOf(type);
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    boolean pair = type.matches("Q[245]_(1|K)");
    for (int at = 0; at < length; at += blocks.bytes) {
      if (type.equals("MXFP4")) {
        bytes[at] = (byte) (100 + (bytes[at] & 31)); // products stay finite
        continue;
      }
      int d =
          switch (blocks) {
            case Q6_K -> at + 208;
            case Q3_K -> at + 108;
            case Q2_K -> at + 80;
            default -> at;
          };
      bytes[d + 1] = finite(bytes[d + 1]);
      bytes[d + 3 < length && pair ? d + 3 : d + 1] =
          finite(bytes[d + 3 < length && pair ? d + 3 : d + 1]);
    }
    return bytes;
  }

  private static byte finite(byte upper) {
    return (upper & 0x7C) == 0x7C ? (byte) (upper ^ 0x40) : upper;
  }

  /** Whether its blocks are of four bits. */
  public boolean hasFourBits() {
    return type.startsWith("Q4");
  }

  /** As a file holds them. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** How many there are. */
  public int rows() {
    return values.length / columns;
  }

  /** What a row is made of. */
  public Kind kind(int row) {
    return kinds(row);
  }

  /** The number that the file stands for. */
  public double value(int row, int column) {
    return values[row * columns + column];
  }
}
