package io.fundamentallm.runtime.cpu.train.layer;

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
  void forward(Pass pass, Floats qkv, Floats out, float[] logSumExp) {
    compute.each(
        pass.batch() * heads,
        (i, slot) -> {
          Floats scores = compute.scores(slot);
          float[] scratch = compute.scratch(slot);
          for (int from = 0; from < pass.steps(); from += BLOCK) {
            forwardBlock(i, pass, from, qkv, out, logSumExp, scores, scratch);
          }
        });
  }

  private void forwardBlock(
      int sequence,
      Pass pass,
      int from,
      Floats qkv,
      Floats out,
      float[] logSumExp,
      Floats scores,
      float[] scratch) {
    Kernels kernels = compute.kernels();
    int steps = pass.steps();
    int rows = Math.min(BLOCK, steps - from);
    int start = sequence / heads * steps;
    int head = sequence % heads;
    int first = pass.begin(start + from);
    int keys = from + rows - first;
    int column = head * headSize;
    float[] x = qkv.array();
    int q = qkv.at((start + from) * wide + column);
    int k = qkv.at(keys(start + first, head));
    int v = k + channels / group;
    float[] s = scores.array();
    int p = scores.at();
    kernels.product(
        Form.A_BT, rows, keys, headSize, x, q, wide, x, k, wide, null, 0, 0, s, p, keys, scratch);
    for (int r = 0; r < rows; r++) {
      int row = start + from + r;
      int begin = pass.begin(row);
      int seen = from + r + 1 - begin;
      int at = hide(pass, row, begin - first, s, p + r * keys);
      logSumExp[sequence * steps + from + r] =
          kernels.softmax(seen, keys - begin + first, scale, s, at);
      pass.dropout().probabilities(kernels, layer, head, row, begin, seen, s, at);
    }
    int o = out.at((start + from) * channels + column);
    kernels.product(
        Form.A_B,
        rows,
        headSize,
        keys,
        s,
        p,
        keys,
        x,
        v,
        wide,
        null,
        0,
        0,
        out.array(),
        o,
        channels,
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
      Floats qkv,
      Floats out,
      float[] logSumExp,
      Floats dout,
      float[] deltas,
      Floats dqkv) {
    // Σ p·dp over the keys is the same number, but a longer sum. Row by row, memory is read in
    // order.
    compute.rows(
        pass.rows(),
        (from, rows, slot) -> {
          for (int i = from * heads; i < (from + rows) * heads; i++) {
            deltas[i] =
                compute
                    .kernels()
                    .dot(
                        headSize,
                        out.array(),
                        out.at(i * headSize),
                        dout.array(),
                        dout.at(i * headSize));
          }
        });
    compute.each(
        pass.batch() * heads / group,
        (i, slot) -> {
          Floats scores = compute.scores(slot);
          float[] scratch = compute.scratch(slot);
          if (pass.mask() != null) {
            clear(i * group, pass.steps(), dqkv);
          }
          // From the last block on: it alone reaches every key, so of the first head it writes what
          // the others, and those of the heads that share the keys, add to. Where documents keep it
          // from that, all add to zeros.
          for (int head = i * group; head < (i + 1) * group; head++) {
            for (int from = (pass.steps() - 1) / BLOCK * BLOCK; from >= 0; from -= BLOCK) {
              backwardBlock(head, pass, from, qkv, logSumExp, deltas, dout, dqkv, scores, scratch);
            }
          }
        });
  }

  private void backwardBlock(
      int sequence,
      Pass pass,
      int from,
      Floats qkv,
      float[] logSumExp,
      float[] deltas,
      Floats dout,
      Floats dqkv,
      Floats scores,
      float[] scratch) {
    Kernels kernels = compute.kernels();
    int steps = pass.steps();
    int rows = Math.min(BLOCK, steps - from);
    int start = sequence / heads * steps;
    int head = sequence % heads;
    int first = pass.begin(start + from);
    int keys = from + rows - first;
    int column = head * headSize;
    int query = (start + from) * wide + column;
    int key = keys(start + first, head);
    float[] x = qkv.array();
    int q = qkv.at(query);
    int k = qkv.at(key);
    int v = k + channels / group;
    float[] dx = dqkv.array();
    int dq = dqkv.at(query);
    int dk = dqkv.at(key);
    int dv = dk + channels / group;
    float[] dy = dout.array();
    int o = dout.at((start + from) * channels + column);
    float[] s = scores.array();
    int p = scores.at();
    int dp = scores.at(BLOCK * contextLength);
    kernels.product(
        Form.A_BT, rows, keys, headSize, x, q, wide, x, k, wide, null, 0, 0, s, p, keys, scratch);
    kernels.product(
        Form.A_BT, rows, keys, headSize, dy, o, channels, x, v, wide, null, 0, 0, s, dp, keys,
        scratch);
    for (int r = 0; r < rows; r++) {
      int row = start + from + r;
      int begin = pass.begin(row);
      int seen = from + r + 1 - begin;
      int at = hide(pass, row, begin - first, s, p + r * keys);
      float kept = logSumExp[sequence * steps + from + r];
      kernels.softmaxAgain(seen, keys - begin + first, scale, kept, s, at);
      pass.dropout().probabilities(kernels, layer, head, row, begin, seen, s, at - p + dp);
      kernels.softmaxBackward(
          keys, scale, deltas[row * heads + head], s, p + r * keys, s, dp + r * keys);
      pass.dropout().probabilities(kernels, layer, head, row, begin, seen, s, at);
    }
    kernels.product(
        Form.A_B, rows, headSize, keys, s, dp, keys, x, k, wide, null, 0, 0, dx, dq, wide, scratch);
    boolean writes = pass.mask() == null && keys == steps && sequence % group == 0;
    float[] sums = writes ? null : dx;
    kernels.product(
        Form.AT_B, keys, headSize, rows, s, dp, keys, x, q, wide, sums, dk, wide, dx, dk, wide,
        scratch);
    kernels.product(
        Form.AT_B, keys, headSize, rows, s, p, keys, dy, o, channels, sums, dv, wide, dx, dv, wide,
        scratch);
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
  private void clear(int sequence, int steps, Floats dqkv) {
    int start = sequence / heads * steps;
    for (int row = start; row < start + steps; row++) {
      int k = dqkv.at(keys(row, sequence % heads));
      int v = k + channels / group;
      Arrays.fill(dqkv.array(), k, k + headSize, 0f);
      Arrays.fill(dqkv.array(), v, v + headSize, 0f);
    }
  }

  /** Where the keys of a head lie in a row. */
  private int keys(int row, int head) {
    return row * wide + channels + head / group * headSize;
  }
}
