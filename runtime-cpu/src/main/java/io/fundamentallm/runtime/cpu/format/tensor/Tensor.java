package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.kernels.product.HalfWeights;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A tensor in a file. Several threads may read it at once. */
public final class Tensor {
  private final MappedFile file;
  private final String name;
  private final String typeName;
  private final @Nullable TensorType type;
  private final long[] shape;
  private final long begin;
  private final long end;

  /**
   * A tensor whose place in the file was checked.
   *
   * @param typeName what the file calls the type, which need not be a {@link TensorType}
   * @param shape sizes of its dimensions, outermost first
   * @param begin its first byte
   * @param end the byte after its last
   */
  public Tensor(MappedFile file, String name, String typeName, long[] shape, long begin, long end) {
    this.file = file;
    this.name = name;
    this.typeName = typeName;
    this.type = TensorType.of(typeName);
    this.shape = shape.clone();
    this.begin = begin;
    this.end = end;
  }

  public String name() {
    return name;
  }

  public long elements() {
    long elements = 1;
    for (long size : shape) {
      elements *= size;
    }
    return elements;
  }

  /** Its bytes in the file. */
  public long bytes() {
    return end - begin;
  }

  /** The number of dimensions. */
  public int dimensions() {
    return shape.length;
  }

  public long size(int dimension) {
    return shape[dimension];
  }

  Matrix.Format format() {
    return type == null ? Matrix.Format.F32 : type.format();
  }

  HalfWeights.@Nullable Type halfFloats() {
    return type == TensorType.BF16
        ? HalfWeights.Type.BF16
        : type == TensorType.F16 ? HalfWeights.Type.F16 : null;
  }

  @Nullable BlockFormat blocks() {
    return type == null ? null : type.blocks();
  }

  boolean hasFormatBlocks() {
    return type != null && type.hasFormatBlocks();
  }

  /**
   * Checks that this holds weights of a shape.
   *
   * @return this
   */
  public Tensor require(long... expected) throws IOException {
    requireShape(expected);
    if (type == null) {
      throw problem(
          "has type " + typeName + ", expected one of " + Arrays.toString(TensorType.values()));
    }
    return this;
  }

  /**
   * Checks that this holds bytes of a shape, which only {@link #bytes} reads.
   *
   * @return this
   */
  public Tensor requireBytes(long... expected) throws IOException {
    requireShape(expected);
    if (!typeName.equals("U8")) {
      throw problem("has type " + typeName + ", expected U8");
    }
    return this;
  }

  private void requireShape(long... expected) throws IOException {
    if (!Arrays.equals(shape, expected)) {
      throw problem(
          "has shape "
              + Arrays.toString(shape)
              + ", expected "
              + Arrays.toString(expected)
              + " by the model's settings, as in config.json");
    }
  }

  /**
   * A part of it, along the outermost dimension.
   *
   * @param from the first
   * @param count how many
   * @throws IOException when it does not begin and end with whole blocks
   */
  public Tensor slice(long from, long count) throws IOException {
    TensorType known = known();
    long each = elements() / shape[0];
    if (from * each % known.blockElements() != 0 || count * each % known.blockElements() != 0) {
      throw problem("cannot be divided into " + count + " rows each: they are no whole blocks");
    }
    long[] part = shape.clone();
    part[0] = count;
    long start = begin + from * each / known.blockElements() * known.blockBytes();
    long size = count * each / known.blockElements() * known.blockBytes();
    return new Tensor(file, name, typeName, part, start, start + size);
  }

  /** Reads all numbers of a tensor whose shape was checked. */
  public float[] read() throws IOException {
    if (elements() > Integer.MAX_VALUE - 8) {
      throw problem("has " + elements() + " elements, too many for one array");
    }
    float[] all = new float[(int) elements()];
    read(0, all.length, all, 0);
    return all;
  }

  /**
   * Reads consecutive numbers as floats.
   *
   * @param first index of the first, at the beginning of a block
   * @param count how many; whole blocks
   */
  public void read(long first, int count, float[] into, int at) throws IOException {
    TensorType type = known();
    long position = begin + first / type.blockElements() * type.blockBytes();
    switch (type) {
      case F32 -> file.floats(position, into, at, count);
      case F16 -> {
        HalfPrecision.readF16(file, position, count, into, at);
        for (int i = 0; i < count; i++) {
          if (!Float.isFinite(into[at + i])) {
            throw problem("has a number that is not finite at byte " + (position + 2L * i));
          }
        }
      }
      case BF16 -> HalfPrecision.readBf16(file, position, count, into, at);
      default -> {
        // a few thousand numbers at a time
        int max = 4096 / type.blockElements();
        byte[] bytes = new byte[Math.min(max * type.blockBytes(), byteCount(type, count))];
        for (int done = 0; done < count; ) {
          int part = Math.min(max * type.blockElements(), count - done);
          file.bytes(position, bytes, byteCount(type, part));
          decode(type, bytes, part, into, at + done);
          position += byteCount(type, part);
          done += part;
        }
      }
    }
  }

  /** Fills an array with consecutive bytes of a tensor that has nothing else. */
  void bytes(long first, byte[] into) throws IOException {
    file.bytes(begin + first, into, into.length);
  }

  private static int byteCount(TensorType type, int count) {
    return Math.toIntExact((long) count / type.blockElements() * type.blockBytes());
  }

  private static void decode(TensorType type, byte[] bytes, int count, float[] into, int at) {
    if (type == TensorType.F64) {
      ByteBuffer doubles = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count; i++) {
        into[at + i] = (float) doubles.getDouble(i * Double.BYTES);
      }
    } else {
      for (int i = 0; i * type.blockElements() < count; i++) {
        GgufBlocks.decode(type, bytes, i * type.blockBytes(), into, at + i * type.blockElements());
      }
    }
  }

  /**
   * Reads consecutive numbers as quantised ones, scales and minima.
   *
   * @see GgufBlocks#split
   */
  void readBlocks(long first, int count, byte[] q, float[] scales, float[] minima)
      throws IOException {
    TensorType type = known();
    byte[] bytes = new byte[byteCount(type, count)];
    file.bytes(begin + first / type.blockElements() * type.blockBytes(), bytes, bytes.length);
    for (int i = 0; i * type.blockElements() < count; i++) {
      GgufBlocks.split(
          type, bytes, i * type.blockBytes(), q, i * type.blockElements(), scales, minima);
    }
  }

  /** Reads as many numbers as a row has, as blocks taken apart. */
  void readRow(long first, BlockRow into) throws IOException {
    TensorType type = known();
    byte[] bytes = new byte[byteCount(type, into.codes().length)];
    long position = begin + first / type.blockElements() * type.blockBytes();
    file.bytes(position, bytes, bytes.length);
    for (int at = 0; at < bytes.length; at += type.blockBytes()) {
      if (!BlockReader.read(bytes, at, into, at / type.blockBytes() * type.blockElements())) {
        throw problem("has a scale that is not finite in the block at byte " + (position + at));
      }
    }
  }

  private TensorType known() throws IOException {
    if (type == null) {
      throw problem("has type " + typeName + ", which cannot be read as weights");
    }
    return type;
  }

  /** Whether another tensor has the same bytes. */
  public boolean sameBytes(Tensor other) throws IOException {
    if (!typeName.equals(other.typeName)
        || !Arrays.equals(shape, other.shape)
        || end - begin != other.end - other.begin) {
      return false;
    }
    byte[] here = new byte[1 << 16];
    byte[] there = new byte[1 << 16];
    for (long done = 0; done < end - begin; done += here.length) {
      int part = (int) Math.min(here.length, end - begin - done);
      file.bytes(begin + done, here, part);
      other.file.bytes(other.begin + done, there, part);
      if (!Arrays.equals(here, 0, part, there, 0, part)) {
        return false;
      }
    }
    return true;
  }

  /** An error that names file, tensor and offset. */
  public IOException problem(String what) {
    return new IOException(
        file.path() + ": tensor \"" + Json.shown(name) + "\" at byte " + begin + " " + what);
  }
}
