package io.fundamentallm.runtime.gpu;

import static io.fundamentallm.runtime.gpu.OnnxFile.BFLOAT16;
import static io.fundamentallm.runtime.gpu.OnnxFile.BOOL;
import static io.fundamentallm.runtime.gpu.OnnxFile.FLOAT;
import static io.fundamentallm.runtime.gpu.OnnxFile.FLOAT16;
import static io.fundamentallm.runtime.gpu.OnnxFile.INT64;
import static io.fundamentallm.runtime.gpu.OnnxFile.integer;
import static io.fundamentallm.runtime.gpu.OnnxFile.integers;

import io.fundamentallm.runtime.gpu.TinyDecoder.Block;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.runtime.gpu.TinyDecoder.Linear;
import io.fundamentallm.runtime.gpu.TinyDecoder.Norm;

/**
 * The ONNX graph of a {@link TinyDecoder}, in plain operators. T new tokens after L of the past.
 */
final class TinyDecoderGraph {
  private final OnnxFile file = new OnnxFile();
  private final TinyDecoder decoder;
  private final boolean tokensFirst;
  private final boolean cache;
  private final int type;
  private final int headSize;

  TinyDecoderGraph(TinyDecoder decoder, Form form) {
    this.decoder = decoder;
    this.tokensFirst = form == Form.TOKENS_FIRST;
    this.headSize = decoder.channels() / decoder.heads();
    this.cache = form != Form.WITHOUT_CACHE;
    this.type =
        switch (form) {
          case F16 -> FLOAT16;
          case BF16 -> BFLOAT16;
          default -> FLOAT;
        };
    boolean merged = form == Form.MERGED;
    boolean maskAndPositions = form == Form.MASK_AND_POSITIONS || merged || !cache;
    inputsAndOutputs(maskAndPositions);
    String past =
        cache ? dimension("past_key_values.0.key", tokensFirst ? 1 : 2) : file.longScalar(0);
    String total = file.node("Add", past, dimension("input_ids", 1));
    String queries = file.node("Range", past, total, file.longScalar(1)); // [T]
    String positions = maskAndPositions ? "position_ids" : unsqueeze(queries, 0);
    String table = matrix(decoder.tokenEmbedding(), decoder.vocabulary(), decoder.channels());
    String x =
        file.node(
            "Add",
            file.node("Gather", table, "input_ids"),
            file.node(
                "Gather",
                matrix(decoder.positionEmbedding(), decoder.context(), decoder.channels()),
                positions));
    String visible = visible(queries, total, maskAndPositions);
    for (int i = 0; i < decoder.blocks().length; i++) {
      x = block(x, i, visible);
    }
    if (merged) {
      // not a number where the flag is wrong
      file.input("use_cache_branch", BOOL, "one");
      String is = file.node("Greater", past, file.longScalar(0));
      String right = file.node("Equal", is, "use_cache_branch");
      x = file.node("Where", right, x, file.scalar(Float.NaN));
    }
    String head = file.node("Transpose", integers("perm", 1, 0), table);
    file.rename(cast(file.node("MatMul", norm(x, decoder.lastNorm()), head), type), "logits");
  }

  byte[] toBytes() {
    return file.toBytes();
  }

  private void inputsAndOutputs(boolean maskAndPositions) {
    file.input("input_ids", INT64, "B", "T");
    if (maskAndPositions) {
      file.input("attention_mask", INT64, "B", "L + T");
      file.input("position_ids", INT64, "B", "T");
    }
    file.output("logits", type, "B", "T", decoder.vocabulary());
    for (int i = 0; cache && i < decoder.blocks().length; i++) {
      for (String kind : new String[] {"key", "value"}) {
        file.input("past_key_values." + i + "." + kind, type, cacheShape("L"));
        file.output("present." + i + "." + kind, type, cacheShape("L + T"));
      }
    }
  }

  private Object[] cacheShape(String tokens) {
    return tokensFirst
        ? new Object[] {"B", tokens, decoder.heads(), headSize}
        : new Object[] {"B", decoder.heads(), tokens, headSize};
  }

  /** [B or 1, 1, T, L + T]: which keys each query sees. */
  private String visible(String queries, String total, boolean masked) {
    String keys = file.node("Range", file.longScalar(0), total, file.longScalar(1));
    String causal = file.node("LessOrEqual", unsqueeze(keys, 0), unsqueeze(queries, 1));
    if (masked) {
      String mask = file.node("Cast", integer("to", BOOL), "attention_mask");
      causal = file.node("And", causal, unsqueeze(mask, 1));
      return unsqueeze(causal, 1);
    }
    return causal; // broadcasts
  }

  private String block(String x, int index, String visible) {
    Block block = decoder.blocks()[index];
    String attended = attention(norm(x, block.norm1()), block, index, visible);
    String middle = file.node("Add", x, attended);
    String up = linear(norm(middle, block.norm2()), block.up(), decoder.channels());
    return file.node("Add", middle, linear(gelu(up), block.down(), 4 * decoder.channels()));
  }

  private String attention(String x, Block block, int index, String visible) {
    int c = decoder.channels();
    String split = file.longs(0, 0, decoder.heads(), headSize);
    String query = headsFirst(file.node("Reshape", linear(x, block.query(), c), split));
    String key = cached(file.node("Reshape", linear(x, block.key(), c), split), index, "key");
    String value = cached(file.node("Reshape", linear(x, block.value(), c), split), index, "value");
    String scores =
        file.node(
            "Mul",
            file.node("MatMul", query, file.node("Transpose", integers("perm", 0, 1, 3, 2), key)),
            file.scalar((float) (1 / Math.sqrt(headSize))));
    String hidden = file.node("Where", visible, scores, file.scalar(-1e9f));
    String mixed = file.node("MatMul", file.node("Softmax", integer("axis", -1), hidden), value);
    String joined = file.node("Reshape", headsFirst(mixed), file.longs(0, 0, c));
    return linear(joined, block.out(), c);
  }

  /** [B, T, H, C/H] behind the past, as [B, H, L + T, C/H]; also the output. */
  private String cached(String fresh, int layer, String kind) {
    if (!cache) {
      return headsFirst(fresh);
    }
    String past = "past_key_values." + layer + "." + kind;
    String behind = cast(tokensFirst ? fresh : headsFirst(fresh), type);
    String present = file.node("Concat", integer("axis", tokensFirst ? 1 : 2), past, behind);
    file.rename(present, "present." + layer + "." + kind);
    String floats = cast(present, FLOAT);
    return tokensFirst ? headsFirst(floats) : floats;
  }

  private String cast(String x, int to) {
    return type == FLOAT ? x : file.node("Cast", integer("to", to), x);
  }

  /** Swaps the axes of tokens and heads; its own inverse. */
  private String headsFirst(String x) {
    return file.node("Transpose", integers("perm", 0, 2, 1, 3), x);
  }

  /** Hendrycks and Gimpel's approximation by tanh, as in GPT-2. */
  private String gelu(String x) {
    String cube = file.node("Mul", file.node("Mul", x, x), x);
    String inner = file.node("Add", x, file.node("Mul", cube, file.scalar(0.044715f)));
    String scaled = file.node("Mul", inner, file.scalar((float) Math.sqrt(2 / Math.PI)));
    String gate = file.node("Add", file.node("Tanh", scaled), file.scalar(1));
    return file.node("Mul", file.node("Mul", x, gate), file.scalar(0.5f));
  }

  private String norm(String x, Norm norm) {
    return file.node(
        "LayerNormalization",
        x,
        file.floats(norm.scale(), norm.scale().length),
        file.floats(norm.bias(), norm.bias().length));
  }

  private String linear(String x, Linear linear, int in) {
    int out = linear.bias().length;
    String product = file.node("MatMul", x, matrix(linear.weight(), in, out));
    return file.node("Add", product, file.floats(linear.bias(), out));
  }

  private String matrix(float[] values, int rows, int columns) {
    return file.floats(values, rows, columns);
  }

  private String dimension(String input, int axis) {
    return file.node("Gather", file.node("Shape", input), file.longScalar(axis));
  }

  private String unsqueeze(String x, int axis) {
    return file.node("Unsqueeze", x, file.longs(axis));
  }
}
