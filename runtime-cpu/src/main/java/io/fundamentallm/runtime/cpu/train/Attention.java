package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.Kernels;

/**
 * Causal self-attention of all heads, between the two linear layers around it.
 *
 * <p>Heads are column slices of qkv [B·T][Q]: queries of all heads, then keys, then values. Several
 * heads may share keys and values (grouped queries, Ainslie et al. 2023). A block of query rows
 * sees the keys up to its last row only, so most of the masked half is never computed. Backward
 * computes the probabilities again from the kept log-sum-exp of each row (Dao et al. 2022) instead
 * of keeping [B][H][T][T] of them.
 */
final class Attention {

  /** Query rows of a block. */
  static final int BLOCK = 48;

  private final Compute compute;
  private final int channels; // H·D
  private final int wide; // Q
  private final int heads;
  private final int group; // heads that share keys and values
  private final int headSize;
  private final int contextLength;
  private final float scale;

  Attention(Compute compute, int heads, int keyValueHeads, int headSize, int contextLength) {
    this.compute = compute;
    this.heads = heads;
    this.headSize = headSize;
    channels = heads * headSize;
    wide = (heads + 2 * keyValueHeads) * headSize;
    group = heads / keyValueHeads;
    this.contextLength = contextLength;
    this.scale = (float) (1 / Math.sqrt(headSize));
  }

  /** Floats of scores that one thread needs: probabilities and their gradient, for a block. */
  static int scores(int contextLength) {
    return 2 * BLOCK * contextLength;
  }

  /**
   * @param batch B
   * @param steps T
   * @param qkv [B·T][Q]
   * @param out [B·T][H·D]
   * @param logSumExp [B][H][T]
   */
  void forward(int batch, int steps, float[] qkv, float[] out, float[] logSumExp) {
    compute.run(
        batch * heads,
        (i, slot) -> {
          float[] p = compute.scores(slot);
          float[] scratch = compute.scratch(slot);
          for (int from = 0; from < steps; from += BLOCK) {
            forwardBlock(i, steps, from, qkv, out, logSumExp, p, scratch);
          }
        });
  }

  private void forwardBlock(
      int sequence,
      int steps,
      int from,
      float[] qkv,
      float[] out,
      float[] logSumExp,
      float[] p,
      float[] scratch) {
    Kernels kernels = compute.kernels();
    int rows = Math.min(BLOCK, steps - from);
    int keys = from + rows;
    int start = sequence / heads * steps;
    int column = sequence % heads * headSize;
    int q = (start + from) * wide + column;
    int k = keys(start, sequence % heads);
    int v = k + channels / group;
    kernels.product(
        Form.A_BT, rows, keys, headSize, qkv, q, wide, qkv, k, wide, null, 0, 0, p, 0, keys,
        scratch);
    for (int r = 0; r < rows; r++) {
      logSumExp[sequence * steps + from + r] =
          kernels.softmax(from + r + 1, keys, scale, p, r * keys);
    }
    int o = (start + from) * channels + column;
    kernels.product(
        Form.A_B, rows, headSize, keys, p, 0, keys, qkv, v, wide, null, 0, 0, out, o, channels,
        scratch);
  }

  /**
   * @param out what forward wrote, [B·T][H·D]
   * @param dout gradient with respect to it, [B·T][H·D]
   * @param dqkv receives the gradient with respect to qkv, [B·T][Q]
   */
  void backward(
      int batch,
      int steps,
      float[] qkv,
      float[] out,
      float[] logSumExp,
      float[] dout,
      float[] dqkv) {
    compute.run(
        batch * heads / group,
        (i, slot) -> {
          float[] p = compute.scores(slot);
          float[] scratch = compute.scratch(slot);
          // From the last block on: it alone reaches every key, so of the first head it writes what
          // the others, and those of the heads that share the keys, add to.
          for (int head = i * group; head < (i + 1) * group; head++) {
            for (int from = (steps - 1) / BLOCK * BLOCK; from >= 0; from -= BLOCK) {
              backwardBlock(head, steps, from, qkv, out, logSumExp, dout, dqkv, p, scratch);
            }
          }
        });
  }

  private void backwardBlock(
      int sequence,
      int steps,
      int from,
      float[] qkv,
      float[] out,
      float[] logSumExp,
      float[] dout,
      float[] dqkv,
      float[] p,
      float[] scratch) {
    Kernels kernels = compute.kernels();
    int rows = Math.min(BLOCK, steps - from);
    int keys = from + rows;
    int start = sequence / heads * steps;
    int column = sequence % heads * headSize;
    int q = (start + from) * wide + column;
    int k = keys(start, sequence % heads);
    int v = k + channels / group;
    int o = (start + from) * channels + column;
    int dp = BLOCK * contextLength;
    kernels.product(
        Form.A_BT, rows, keys, headSize, qkv, q, wide, qkv, k, wide, null, 0, 0, p, 0, keys,
        scratch);
    kernels.product(
        Form.A_BT, rows, keys, headSize, dout, o, channels, qkv, v, wide, null, 0, 0, p, dp, keys,
        scratch);
    for (int r = 0; r < rows; r++) {
      int row = r * keys;
      int head = o + r * channels;
      kernels.softmaxAgain(
          from + r + 1, keys, scale, logSumExp[sequence * steps + from + r], p, row);
      // Σ p·dp over the keys is the same number as out·dout, which is the shorter sum.
      float delta = kernels.dot(headSize, out, head, dout, head);
      kernels.softmaxBackward(keys, scale, delta, p, row, p, dp + row);
    }
    kernels.product(
        Form.A_B, rows, headSize, keys, p, dp, keys, qkv, k, wide, null, 0, 0, dqkv, q, wide,
        scratch);
    float[] sums = keys == steps && sequence % group == 0 ? null : dqkv;
    kernels.product(
        Form.AT_B, keys, headSize, rows, p, dp, keys, qkv, q, wide, sums, k, wide, dqkv, k, wide,
        scratch);
    kernels.product(
        Form.AT_B, keys, headSize, rows, p, 0, keys, dout, o, channels, sums, v, wide, dqkv, v,
        wide, scratch);
  }

  /** Where the keys of a head begin, in the first row of a sequence. */
  private int keys(int start, int head) {
    return start * wide + channels + head / group * headSize;
  }
}
