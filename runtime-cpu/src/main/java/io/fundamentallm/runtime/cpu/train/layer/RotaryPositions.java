package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.RotaryTable;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;

/**
 * Rotary positions (Su et al. 2021): queries and keys are rotated by angles that grow with the
 * position, and their gradients are rotated back. Immutable.
 */
final class RotaryPositions {
  private final int headSize;
  private final int half; // pairs of a head that turn
  private final int turning; // heads of queries and keys, which follow one another
  private final int wide; // Q
  private final int trained; // the longest sequence of the usual table
  private final Table usual;
  private final Table beyond;

  /** Cosines and sines [T][half]. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Table(float[] cosines, float[] sines, float[] negativeSines) {
    static Table of(RotaryTable table) {
      float[] sines = table.sines();
      float[] negative = new float[sines.length];
      for (int i = 0; i < sines.length; i++) {
        negative[i] = -sines[i];
      }
      return new Table(table.cosines(), sines, negative);
    }
  }

  /** For sequences of the config's context length. */
  RotaryPositions(Rotary rotary, TrainableConfig config) {
    headSize = config.headSize();
    half = rotary.dimensions() / 2;
    turning = config.heads() + config.keyValueHeads();
    wide = config.queryKeyValueSize();
    RotaryTable table = new RotaryTable(rotary);
    table.extendTo(config.contextLength(), config.contextLength());
    usual = Table.of(table.of(false));
    trained =
        rotary.scaling() instanceof Rotary.LongRope longRope
            ? longRope.trainedContext()
            : Integer.MAX_VALUE;
    beyond = config.contextLength() > trained ? Table.of(table.of(true)) : usual;
  }

  /** Bytes of its tables. */
  static long bytes(Rotary rotary, int contextLength) {
    boolean two =
        rotary.scaling() instanceof Rotary.LongRope longRope
            && contextLength > longRope.trainedContext();
    return (two ? 6L : 3L) * Float.BYTES * contextLength * (rotary.dimensions() / 2);
  }

  /** Rotates rows of qkv [B·T][Q] in place. */
  void forward(AttentionKernels kernels, Pass pass, int from, int rows, Floats qkv) {
    Table table = table(pass);
    turn(kernels, pass, from, rows, table.cosines, table.sines, qkv);
  }

  /** Rotates rows of the gradient with respect to rotated qkv back, in place. */
  void backward(AttentionKernels kernels, Pass pass, int from, int rows, Floats dqkv) {
    Table table = table(pass);
    turn(kernels, pass, from, rows, table.cosines, table.negativeSines, dqkv);
  }

  /** As transformers decides: by the largest position of all that go through the model together. */
  private Table table(Pass pass) {
    return trained < pass.steps() && pass.longest() > trained ? beyond : usual;
  }

  private void turn(
      AttentionKernels kernels,
      Pass pass,
      int from,
      int rows,
      float[] cosines,
      float[] sines,
      Floats x) {
    for (int row = from; row < from + rows; row++) {
      int table = pass.position(row) * half;
      for (int head = 0; head < turning; head++) {
        kernels.rotate(half, cosines, sines, table, x.array(), x.at(row * wide + head * headSize));
      }
    }
  }
}
