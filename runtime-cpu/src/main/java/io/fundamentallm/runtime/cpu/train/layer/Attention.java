package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.util.Arrays;

/**
 * Causal self-attention of all heads, between the two linear layers around it.
 *
 * <p>Heads are column slices of qkv [B·T][Q]: queries of all heads, then keys, then values. Several
 * heads may share keys and values (grouped queries, Ainslie et al. 2023). A block of query rows
 * sees only the keys up to its last row, so most of the masked half is never computed. The backward
 * pass recomputes the probabilities from the kept log-sum-exp of each row (Dao et al. 2022) instead
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
  private final int window; // 0 for none
  private final float scale;
  private final float cap; // 0 for none
  private final float factor; // on scores within the softmax

  /**
   * Attention of a layer.
   *
   * @param window positions that a token sees, itself included; 0 for all
   */
  Attention(
      Compute compute,
      int layer,
      TransformerConfig.Attention shape,
      int window,
      int contextLength) {
    this.compute = compute;
    this.layer = layer;
    this.window = window < contextLength ? window : 0;
    heads = shape.heads();
    headSize = shape.headSize();
    channels = heads * headSize;
    wide = (heads + 2 * shape.keyValueHeads()) * headSize;
    group = heads / shape.keyValueHeads();
    this.contextLength = contextLength;
    scale = shape.scale();
    cap = shape.softCap();
    factor = cap > 0 ? 1 : scale;
  }

  /**
   * Floats of scores that one thread needs, for a block: probabilities, their gradient, and the
   * slopes of a soft cap.
   */
  static int scores(TransformerConfig.Attention shape, int contextLength) {
    return (shape.softCap() > 0 ? 3 : 2) * BLOCK * contextLength;
  }

  /** The first position of its window that a row sees. */
  private int begin(Pass pass, int row) {
    int begin = pass.begin(row);
    return window == 0 ? begin : Math.max(begin, row % pass.steps() - window + 1);
  }

  /** Whether each row sees all rows before it. */
  private boolean seesAll(Pass pass) {
    return pass.mask() == null && window == 0;
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
          for (int from = 0; from < pass.steps(); from += BLOCK) {
            forwardBlock(i, pass, from, qkv, out, logSumExp, slot);
          }
        });
  }

  private void forwardBlock(
      int sequence, Pass pass, int from, Floats qkv, Floats out, float[] logSumExp, int slot) {
    AttentionKernels kernels = compute.kernels().attention();
    ElementwiseKernels elements = compute.kernels().elementwise();
    int steps = pass.steps();
    int rows = Math.min(BLOCK, steps - from);
    int start = sequence / heads * steps;
    int head = sequence % heads;
    int first = begin(pass, start + from);
    int keys = from + rows - first;
    int column = head * headSize;
    float[] x = qkv.array();
    int q = qkv.at((start + from) * wide + column);
    int k = qkv.at(keys(start + first, head));
    int v = k + channels / group;
    Floats scores = compute.scores(slot);
    float[] s = scores.array();
    int p = scores.at();
    Product product = compute.product(slot);
    compute(
        product
            .shape(Form.A_BT, rows, keys, headSize)
            .left(x, q, wide)
            .right(x, k, wide)
            .into(s, p, keys));
    for (int r = 0; r < rows; r++) {
      int row = start + from + r;
      int begin = begin(pass, row);
      int seen = from + r + 1 - begin;
      int at = hideBefore(pass, begin - first, s, p + r * keys);
      if (cap > 0) {
        elements.cap(seen, scale, cap, s, at);
      }
      hidePadding(pass, row, begin, s, at);
      logSumExp[sequence * steps + from + r] =
          kernels.softmax(seen, keys - begin + first, factor, s, at);
      long place = pass.dropout().ofHead(layer, head, row);
      pass.dropout().probabilities(elements, place, begin, seen, s, at);
    }
    int o = out.at((start + from) * channels + column);
    compute(
        product
            .shape(Form.A_B, rows, headSize, keys)
            .left(s, p, keys)
            .right(x, v, wide)
            .into(out.array(), o, channels));
  }

  private void compute(Product product) {
    compute.kernels().product().product(product);
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
    ProductKernels products = compute.kernels().product();
    // Σ p·dp over the keys is the same number, but a longer sum. Row by row, memory is read in
    // order.
    compute.rows(
        pass.rows(),
        (from, rows, slot) -> {
          for (int i = from * heads; i < (from + rows) * heads; i++) {
            int at = i * headSize;
            deltas[i] = products.dot(headSize, out.array(), out.at(at), dout.array(), dout.at(at));
          }
        });
    Tensors tensors = new Tensors(qkv, logSumExp, deltas, dout, dqkv);
    compute.each(
        pass.batch() * heads / group,
        (i, slot) -> {
          if (!seesAll(pass)) {
            clear(i * group, pass.steps(), dqkv);
          }
          // The last block comes first: it alone reaches every key, so for the first head it writes
          // what the others, and those of the heads that share the keys, add to. If documents or
          // windows prevent that, all add to zeros.
          for (int head = i * group; head < (i + 1) * group; head++) {
            for (int from = (pass.steps() - 1) / BLOCK * BLOCK; from >= 0; from -= BLOCK) {
              backwardBlock(tensors, head, pass, from, slot);
            }
          }
        });
  }

  /** What {@link #backward} reads and writes, by the same names. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Tensors(Floats qkv, float[] logSumExp, float[] deltas, Floats dout, Floats dqkv) {}

  private void backwardBlock(Tensors tensors, int sequence, Pass pass, int from, int slot) {
    AttentionKernels kernels = compute.kernels().attention();
    ElementwiseKernels elements = compute.kernels().elementwise();
    Floats qkv = tensors.qkv;
    Floats dout = tensors.dout;
    Floats dqkv = tensors.dqkv;
    int steps = pass.steps();
    int rows = Math.min(BLOCK, steps - from);
    int start = sequence / heads * steps;
    int head = sequence % heads;
    int first = begin(pass, start + from);
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
    Floats scores = compute.scores(slot);
    float[] s = scores.array();
    int p = scores.at();
    int dp = scores.at(BLOCK * contextLength);
    int slopes = scores.at(2 * BLOCK * contextLength);
    Product product = compute.product(slot);
    compute(
        product
            .shape(Form.A_BT, rows, keys, headSize)
            .left(x, q, wide)
            .right(x, k, wide)
            .into(s, p, keys));
    compute(
        product
            .shape(Form.A_BT, rows, keys, headSize)
            .left(dy, o, channels)
            .right(x, v, wide)
            .into(s, dp, keys));
    for (int r = 0; r < rows; r++) {
      int row = start + from + r;
      int begin = begin(pass, row);
      int seen = from + r + 1 - begin;
      int at = hideBefore(pass, begin - first, s, p + r * keys);
      if (cap > 0) {
        elements.cap(seen, scale, cap, s, at);
        elements.capSlope(seen, scale, cap, s, at, s, slopes);
      }
      hidePadding(pass, row, begin, s, at);
      float kept = tensors.logSumExp[sequence * steps + from + r];
      kernels.softmaxAgain(seen, keys - begin + first, factor, kept, s, at);
      long place = pass.dropout().ofHead(layer, head, row);
      pass.dropout().probabilities(elements, place, begin, seen, s, at - p + dp);
      kernels.softmaxBackward(
          keys, factor, tensors.deltas[row * heads + head], s, p + r * keys, s, dp + r * keys);
      if (cap > 0) {
        elements.multiply(seen, s, slopes, s, at - p + dp);
      }
      pass.dropout().probabilities(elements, place, begin, seen, s, at);
    }
    compute(
        product
            .shape(Form.A_B, rows, headSize, keys)
            .left(s, dp, keys)
            .right(x, k, wide)
            .into(dx, dq, wide));
    boolean writes = seesAll(pass) && keys == steps && sequence % group == 0;
    float[] sums = writes ? null : dx;
    compute(
        product
            .shape(Form.AT_B, keys, headSize, rows)
            .left(s, dp, keys)
            .right(x, q, wide)
            .start(sums, dk, wide)
            .into(dx, dk, wide));
    compute(
        product
            .shape(Form.AT_B, keys, headSize, rows)
            .left(s, p, keys)
            .right(dy, o, channels)
            .start(sums, dv, wide)
            .into(dx, dv, wide));
  }

  /**
   * Hides from a row what is outside its document or window.
   *
   * @param before keys before those that it sees
   * @return where the scores of those begin
   */
  private int hideBefore(Pass pass, int before, float[] scores, int at) {
    if (!seesAll(pass)) {
      Arrays.fill(scores, at, at + before, 0f);
    }
    return at + before;
  }

  private static void hidePadding(Pass pass, int row, int begin, float[] scores, int at) {
    if (pass.mask() != null) {
      pass.mask().hidePadding(row, begin, scores, at);
    }
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

  /** Where the keys of a head are in a row. */
  private int keys(int row, int head) {
    return row * wide + channels + head / group * headSize;
  }
}
