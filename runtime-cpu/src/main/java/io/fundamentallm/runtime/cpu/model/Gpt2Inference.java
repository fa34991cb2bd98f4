package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.Append;
import io.fundamentallm.Cancellation;
import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import java.util.Arrays;
import java.util.List;

/**
 * The forward pass of GPT-2 (Radford et al. 2019) over new tokens, with the keys and values of the
 * old ones in blocks. Each row's results are the same whatever rows are computed beside it.
 *
 * <p>Letters: R rows of the pass, C hidden size, V vocabulary. One pass at a time.
 */
final class Gpt2Inference {
  /** Rows computed together; bounds the activations. */
  private static final int MOST_ROWS = 256;

  /** Rows of logits computed together, at most, and the floats they may take: 64 MB. */
  private static final int MOST_LOGIT_ROWS = 16;

  private static final int MOST_LOGITS = 1 << 24;

  /** Rows and columns of one piece of a product; even a single row makes pieces for all threads. */
  private static final int PIECE_ROWS = 64;

  private static final int PIECE_COLUMNS = 128;

  private static final int GELU_ROWS = 16;
  private static final float[] NONE = {};

  private final Gpt2Config config;
  private final ParameterLayout layout;
  private final float[] parameters;
  private final Kernels kernels;
  private final Parallel parallel;
  private final CachedAttention attention;

  /** The token embedding as [C][V]: the last product then streams rows, as all others do. */
  private final float[] unembedding;

  private final float[] x; // [R][C] the residual stream
  private final float[] normed; // [R][C]
  private final float[] qkv; // [R][3C]
  private final float[] attended; // [R][C]
  private final float[] inner; // [R][4C]
  private final float[] activated; // [R][4C]
  private final float[] logits; // [rows of logits][V]
  private final float[][] logitRows; // where each of them goes
  private final float[] mean = new float[MOST_ROWS];
  private final float[] rstd = new float[MOST_ROWS];
  private final float[][] scratch; // [slot][Kernels.SCRATCH]
  private final Rows rows = new Rows(MOST_ROWS);

  Gpt2Inference(Gpt2Config config, float[] parameters, Kernels kernels, Parallel parallel) {
    this.config = config;
    this.layout = new ParameterLayout(config);
    this.parameters = parameters;
    this.kernels = kernels;
    this.parallel = parallel;
    int c = config.hiddenSize();
    x = new float[MOST_ROWS * c];
    normed = new float[MOST_ROWS * c];
    qkv = new float[MOST_ROWS * 3 * c];
    attended = new float[MOST_ROWS * c];
    inner = new float[MOST_ROWS * 4 * c];
    activated = new float[MOST_ROWS * 4 * c];
    int logitCount = Math.max(1, Math.min(MOST_LOGIT_ROWS, MOST_LOGITS / config.vocabularySize()));
    logits = new float[logitCount * config.vocabularySize()];
    logitRows = new float[logitCount][];
    scratch = new float[parallel.slots()][Kernels.SCRATCH];
    attention = new CachedAttention(config, kernels, parallel, scratch);
    unembedding = transposed(config.vocabularySize(), c);
  }

  private float[] transposed(int v, int c) {
    float[] result = new float[v * c];
    for (int i = 0; i < v; i++) {
      for (int j = 0; j < c; j++) {
        result[j * v + i] = parameters[layout.tokenEmbedding() + i * c + j];
      }
    }
    return result;
  }

  /** Computes a checked batch whose sessions have room reserved. */
  void forward(List<Append> batch, Cancellation cancellation) {
    rows.begin(batch);
    try {
      while (rows.next()) {
        embed();
        for (int layer = 0; layer < config.layers(); layer++) {
          cancellation.throwIfCancelled();
          layer(layer);
        }
        results();
      }
    } finally {
      rows.end();
    }
  }

  private void embed() {
    int c = config.hiddenSize();
    for (int r = 0; r < rows.count(); r++) {
      System.arraycopy(parameters, layout.tokenEmbedding() + rows.token(r) * c, x, r * c, c);
      kernels.add(c, parameters, layout.positionEmbedding() + rows.position(r) * c, x, r * c);
    }
  }

  private void layer(int layer) {
    int c = config.hiddenSize();
    ParameterLayout.Block at = layout.block(layer);
    norm(at.norm1Weight(), at.norm1Bias());
    product(normed, c, at.attentionWeight(), at.attentionBias(), qkv, 3 * c);
    attention.attend(layer, rows, qkv, attended);
    addProduct(attended, c, at.attentionOutWeight(), at.attentionOutBias());
    norm(at.norm2Weight(), at.norm2Bias());
    product(normed, c, at.mlpWeight(), at.mlpBias(), inner, 4 * c);
    gelu(4 * c);
    addProduct(activated, 4 * c, at.mlpOutWeight(), at.mlpOutBias());
  }

  private void gelu(int n) {
    int tiles = (rows.count() + GELU_ROWS - 1) / GELU_ROWS;
    parallel.run(
        tiles,
        (tile, slot) -> {
          int row = tile * GELU_ROWS;
          int count = Math.min(GELU_ROWS, rows.count() - row) * n;
          kernels.gelu(count, inner, row * n, activated, row * n);
        });
  }

  private void norm(int weight, int bias) {
    int c = config.hiddenSize();
    kernels.layerNorm(
        rows.count(),
        c,
        config.layerNormEpsilon(),
        x,
        0,
        c,
        parameters,
        weight,
        parameters,
        bias,
        normed,
        0,
        c,
        mean,
        rstd,
        0);
  }

  /** {@code out = in·W + bias}. */
  private void product(float[] in, int k, int weight, int bias, float[] out, int n) {
    pieces(
        rows.count(),
        n,
        (row, m, column, width, slot) ->
            kernels.product(
                Form.A_B,
                m,
                width,
                k,
                in,
                row * k,
                k,
                parameters,
                weight + column,
                n,
                parameters,
                bias + column,
                0,
                out,
                row * n + column,
                n,
                scratch[slot]));
  }

  /** {@code x += in·W + bias}. */
  private void addProduct(float[] in, int k, int weight, int bias) {
    int c = config.hiddenSize();
    pieces(
        rows.count(),
        c,
        (row, m, column, width, slot) -> {
          int at = row * c + column;
          kernels.product(
              Form.A_B,
              m,
              width,
              k,
              in,
              row * k,
              k,
              parameters,
              weight + column,
              c,
              x,
              at,
              c,
              x,
              at,
              c,
              scratch[slot]);
          for (int r = 0; r < m; r++) {
            kernels.add(width, parameters, bias + column, x, at + r * c);
          }
        });
  }

  /** The last norm, and what the appends asked for. */
  private void results() {
    norm(layout.finalNormWeight(), layout.finalNormBias());
    int c = config.hiddenSize();
    int waiting = 0;
    for (int piece = 0; piece < rows.pieces(); piece++) {
      Append append = rows.append(piece);
      for (int i = 0; i < rows.rowsOf(piece); i++) {
        int row = rows.firstRow(piece) + i;
        int beforeEnd = rows.beforeEnd(piece) - i;
        if (beforeEnd <= append.hidden().length) {
          float[] target = append.hidden()[append.hidden().length - beforeEnd];
          System.arraycopy(normed, row * c, target, 0, c);
        }
        if (beforeEnd <= append.logits().length) {
          // rows only move forward, so none is overwritten before it was moved
          System.arraycopy(normed, row * c, normed, waiting * c, c);
          logitRows[waiting++] = append.logits()[append.logits().length - beforeEnd];
          if (waiting == logitRows.length) {
            logits(waiting);
            waiting = 0;
          }
        }
      }
    }
    logits(waiting);
  }

  /** Logits of the first rows of {@code normed}, into the callers' arrays. */
  private void logits(int count) {
    int c = config.hiddenSize();
    int v = config.vocabularySize();
    pieces(
        count,
        v,
        (row, m, column, width, slot) ->
            kernels.product(
                Form.A_B,
                m,
                width,
                c,
                normed,
                row * c,
                c,
                unembedding,
                column,
                v,
                null,
                0,
                0,
                logits,
                row * v + column,
                v,
                scratch[slot]));
    for (int i = 0; i < count; i++) {
      System.arraycopy(logits, i * v, logitRows[i], 0, v);
    }
    Arrays.fill(logitRows, NONE); // the rows stay the caller's
  }

  private interface Piece {
    void run(int row, int m, int column, int width, int slot);
  }

  /** Cuts the m rows and n columns of a product into pieces for the threads. */
  private void pieces(int m, int n, Piece piece) {
    int down = (m + PIECE_ROWS - 1) / PIECE_ROWS;
    int across = (n + PIECE_COLUMNS - 1) / PIECE_COLUMNS;
    parallel.run(
        down * across,
        (index, slot) -> {
          int row = index / across * PIECE_ROWS;
          int column = index % across * PIECE_COLUMNS;
          piece.run(
              row,
              Math.min(PIECE_ROWS, m - row),
              column,
              Math.min(PIECE_COLUMNS, n - column),
              slot);
        });
  }
}
