package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.RotaryTable;

/**
 * Rotary positions (Su et al. 2021): queries and keys are rotated by angles that grow with the
 * position, and their gradients are rotated back. Immutable.
 */
final class RotaryPositions {
  private final int headSize;
  private final int turning; // heads of queries and keys, which follow one another
  private final int wide; // Q
  private final float[] cosines; // [T][D/2]
  private final float[] sines;
  private final float[] negativeSines;

  RotaryPositions(TrainableConfig config) {
    headSize = config.headSize();
    turning = config.heads() + config.keyValueHeads();
    wide = config.queryKeyValueSize();
    RotaryTable table =
        new RotaryTable(new Rotary(headSize, config.ropeTheta(), config.ropeScaling()));
    table.extendTo(config.contextLength(), config.contextLength());
    cosines = table.cosines();
    sines = table.sines();
    negativeSines = new float[sines.length];
    for (int i = 0; i < sines.length; i++) {
      negativeSines[i] = -sines[i];
    }
  }

  /** Rotates rows of qkv [B·T][Q] in place. */
  void forward(AttentionKernels kernels, Pass pass, int from, int rows, Floats qkv) {
    turn(kernels, pass, from, rows, sines, qkv);
  }

  /** Rotates rows of the gradient with respect to rotated qkv back, in place. */
  void backward(AttentionKernels kernels, Pass pass, int from, int rows, Floats dqkv) {
    turn(kernels, pass, from, rows, negativeSines, dqkv);
  }

  private void turn(
      AttentionKernels kernels, Pass pass, int from, int rows, float[] sinesOfTurn, Floats x) {
    int half = headSize / 2;
    for (int row = from; row < from + rows; row++) {
      int table = pass.position(row) * half;
      for (int head = 0; head < turning; head++) {
        kernels.rotate(
            half, cosines, sinesOfTurn, table, x.array(), x.at(row * wide + head * headSize));
      }
    }
  }
}
