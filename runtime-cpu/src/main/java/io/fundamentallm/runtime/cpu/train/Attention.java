package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import java.util.Arrays;

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

  /** Query rows of a block: whole panels of keys, none of them half empty. */
  static final int BLOCK = 64;

  private final Compute compute;
  private final int layer;
  private final int channels; // H·D
  private final int wide; // Q
  private final int heads;
  private final int group; // heads that share keys and values
  private final int headSize;
  private final int contextLength;
  private final float scale;

  Attention(
      Compute compute, int layer, int heads, int keyValueHeads, int headSize, int contextLength) {
    this.compute = compute;
    this.layer = layer;
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
   * @param qkv [B·T][Q]
   * @param out [B·T][H·D]
   * @param logSumExp [B][H][T]
   */
  void forward(Pass pass, float[] qkv, float[] out, float[] logSumExp) {
    compute.each(
        pass.batch() * heads,
        (i, slot) -> {
          float[] p = compute.scores(slot);
          float[] scratch = compute.scratch(slot);
          for (int from = 0; from < pass.steps(); from += BLOCK) {
            forwardBlock(i, pass, from, qkv, out, logSumExp, p, scratch);
          }
        });
  }

  private void forwardBlock(
      int sequence,
      Pass pass,
      int from,
      float[] qkv,
      float[] out,
      float[] logSumExp,
      float[] p,
      float[] scratch) {
    Kernels kernels = compute.kernels();
    int steps = pass.steps();
    int rows = Math.min(BLOCK, steps - from);
    int start = sequence / heads * steps;
    int head = sequence % heads;
    int first = pass.begin(start + from);
    int keys = from + rows - first;
    int column = head * headSize;
    int q = (start + from) * wide + column;
    int k = keys(start + first, head);
    int v = k + channels / group;
    kernels.product(
        Form.A_BT, rows, keys, headSize, qkv, q, wide, qkv, k, wide, null, 0, 0, p, 0, keys,
        scratch);
    for (int r = 0; r < rows; r++) {
      int row = start + from + r;
      int begin = pass.begin(row);
      int seen = from + r + 1 - begin;
      int at = hide(pass, row, begin - first, p, r * keys);
      logSumExp[sequence * steps + from + r] =
          kernels.softmax(seen, keys - begin + first, scale, p, at);
      pass.dropout().probabilities(kernels, layer, head, row, begin, seen, p, at);
    }
    int o = (start + from) * channels + column;
    kernels.product(
        Form.A_B, rows, headSize, keys, p, 0, keys, qkv, v, wide, null, 0, 0, out, o, channels,
        scratch);
  }

  /**
   * @param out what forward wrote, [B·T][H·D]
   * @param dout gradient with respect to it, [B·T][H·D]
   * @param deltas receives Σ out·dout of each row and head, [B·T][H]
   * @param dqkv receives the gradient with respect to qkv, [B·T][Q]
   */
  void backward(
      Pass pass,
      float[] qkv,
      float[] out,
      float[] logSumExp,
      float[] dout,
      float[] deltas,
      float[] dqkv) {
    // Σ p·dp over the keys is the same number, but a longer sum. Row by row, memory is read in
    // order.
    compute.rows(
        pass.rows(),
        (from, rows, slot) -> {
          for (int i = from * heads; i < (from + rows) * heads; i++) {
            deltas[i] = compute.kernels().dot(headSize, out, i * headSize, dout, i * headSize);
          }
        });
    compute.each(
        pass.batch() * heads / group,
        (i, slot) -> {
          float[] p = compute.scores(slot);
          float[] scratch = compute.scratch(slot);
          if (pass.mask() != null) {
            clear(i * group, pass.steps(), dqkv);
          }
          // From the last block on: it alone reaches every key, so of the first head it writes what
          // the others, and those of the heads that share the keys, add to. Where documents keep it
          // from that, all add to zeros.
          for (int head = i * group; head < (i + 1) * group; head++) {
            for (int from = (pass.steps() - 1) / BLOCK * BLOCK; from >= 0; from -= BLOCK) {
              backwardBlock(head, pass, from, qkv, logSumExp, deltas, dout, dqkv, p, scratch);
            }
          }
        });
  }

  private void backwardBlock(
      int sequence,
      Pass pass,
      int from,
      float[] qkv,
      float[] logSumExp,
      float[] deltas,
      float[] dout,
      float[] dqkv,
      float[] p,
      float[] scratch) {
    Kernels kernels = compute.kernels();
    int steps = pass.steps();
    int rows = Math.min(BLOCK, steps - from);
    int start = sequence / heads * steps;
    int head = sequence % heads;
    int first = pass.begin(start + from);
    int keys = from + rows - first;
    int column = head * headSize;
    int q = (start + from) * wide + column;
    int k = keys(start + first, head);
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
      int row = start + from + r;
      int begin = pass.begin(row);
      int seen = from + r + 1 - begin;
      int at = hide(pass, row, begin - first, p, r * keys);
      float kept = logSumExp[sequence * steps + from + r];
      kernels.softmaxAgain(seen, keys - begin + first, scale, kept, p, at);
      pass.dropout().probabilities(kernels, layer, head, row, begin, seen, p, dp + at);
      kernels.softmaxBackward(
          keys, scale, deltas[row * heads + head], p, r * keys, p, dp + r * keys);
      pass.dropout().probabilities(kernels, layer, head, row, begin, seen, p, at);
    }
    kernels.product(
        Form.A_B, rows, headSize, keys, p, dp, keys, qkv, k, wide, null, 0, 0, dqkv, q, wide,
        scratch);
    boolean writes = pass.mask() == null && keys == steps && sequence % group == 0;
    float[] sums = writes ? null : dqkv;
    kernels.product(
        Form.AT_B, keys, headSize, rows, p, dp, keys, qkv, q, wide, sums, k, wide, dqkv, k, wide,
        scratch);
    kernels.product(
        Form.AT_B, keys, headSize, rows, p, 0, keys, dout, o, channels, sums, v, wide, dqkv, v,
        wide, scratch);
  }

  /**
   * Hides from a row what is not of its document, or padding.
   *
   * @param before keys before its document
   * @return where the scores of its document begin
   */
  private static int hide(Pass pass, int row, int before, float[] scores, int at) {
    if (pass.mask() != null) {
      Arrays.fill(scores, at, at + before, 0f);
      pass.mask().hidePadding(row, scores, at + before);
    }
    return at + before;
  }

  /** Sets the gradients of the keys and values of a head to zero. */
  private void clear(int sequence, int steps, float[] dqkv) {
    int start = sequence / heads * steps;
    for (int row = start; row < start + steps; row++) {
      int k = keys(row, sequence % heads);
      int v = k + channels / group;
      Arrays.fill(dqkv, k, k + headSize, 0f);
      Arrays.fill(dqkv, v, v + headSize, 0f);
    }
  }

  /** Where the keys of a head lie in a row. */
  private int keys(int row, int head) {
    return row * wide + channels + head / group * headSize;
  }
}
